# make demo and make test do everything on a fresh machine with Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo

.PHONY: demo test lint bench build clean

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

demo: $(VENV)/.ready  ## build lecture 7, make a sample class, grade it, show the table
	$(BIN)/autograder build lecture07_classification
	$(BIN)/python tests/demo.py $(DEMO)

test: $(VENV)/.ready  ## all tests; WORKERS=1 to run them one after the other
	$(BIN)/python -m pytest -n $(or $(WORKERS),auto) --dist worksteal

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.ready  ## speed, as ratios within one run
	$(BIN)/python -m pytest tests/benchmarks --override-ini testpaths=tests/benchmarks -s

build: $(VENV)/.ready  ## all notebooks from solutions/
	$(BIN)/autograder build

clean:
	rm -rf build $(VENV)
