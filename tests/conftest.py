"""Fixtures that the tests share: a home of their own, the sample lecture and its exam, levels of isolation, a grader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: the machine may be busy, and the inputs are small

import pytest
from submissions import SAMPLE, SHORT, level_or_skip

from autograder.course import Lecture, read_lecture
from autograder.exam import Exam, exam
from autograder.grading import grade
from autograder.report import Report
from autograder.sandbox import Level


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test touches, or depends on, the progress and the language of whoever runs it."""
    home = tmp_path_factory.mktemp("autograder-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_HOME", str(home))
        patch.delenv("AUTOGRADER_LANG", raising=False)
        yield home


@pytest.fixture(scope="session")
def lecture7() -> Lecture:
    """The lecture that the tests make submissions of."""
    return read_lecture(SAMPLE)


@pytest.fixture(scope="session")
def exam7() -> Exam:
    """Its exam, as ``grade`` uses it; what it has computed stays for the next test."""
    return exam(SAMPLE)


@pytest.fixture(scope="session")
def level_d() -> Level:
    return level_or_skip("D")


@pytest.fixture(scope="session")
def level_c() -> Level:
    return level_or_skip("C")


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    """``graded(level, data, …)``: the report of a submission's bytes, within short limits."""

    def run(level: Level, data: bytes, suffix: str = ".ipynb", **options: Any) -> Report:
        path = tmp_path_factory.mktemp("submission") / f"{SAMPLE}{suffix}"
        path.write_bytes(data)
        return grade(path, level, **{"limits": SHORT, **options})

    return run
