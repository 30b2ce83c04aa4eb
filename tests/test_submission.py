"""Reading what students hand in: every form that is meant as a notebook is read, and every other is told in a sentence."""

import json
import os
import tracemalloc

import nbformat
import pytest
from nbformat import v3

from autograder.course import LANGUAGES, lecture_names, read_lecture
from autograder.lesson import setup_code
from autograder.observing import alarms
from autograder.probe import has_chinese
from autograder.submission import (
    MAX_BYTES,
    MAX_CELLS,
    CodeCell,
    Submission,
    Unreadable,
    cells_to_run,
    lecture_of,
    read,
    redefined,
    uses,
)

SOFTMAX = "def softmax(y):\n    return y.exp()"


def notebook(*sources, **changes):
    """A notebook's text as Jupyter would save it: code cells, each of one source."""
    cells = [{"cell_type": "code", "source": s, "metadata": {}, "outputs": [], "execution_count": None} for s in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes})


@pytest.fixture
def save(tmp_path):
    def to_file(content, name="work.ipynb"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to_file


def sources(submission):
    return [c.source for c in submission.cells]


# -- what is read ----------------------------------------------------------------------------------


def test_code_cells_in_order(save):
    """Code cells are read in order, numbered as the notebook counts all its cells; others are left out."""
    data = json.loads(notebook("a = 1", "", SOFTMAX))
    data["cells"].insert(1, {"cell_type": "markdown", "source": "text"})
    data["cells"].insert(0, {"cell_type": "raw", "source": "raw"})
    found = read(save(json.dumps(data)))
    assert [(c.number, c.source) for c in found.cells] == [(2, "a = 1"), (4, ""), (5, SOFTMAX)]


def test_source_as_a_list_of_lines(save):
    """A cell's source may be a list of lines, as the format allows; what is no text in it is left out."""
    lines = SOFTMAX.splitlines(keepends=True)
    assert sources(read(save(notebook(lines, ["a = 1", None, 3, ["b"]])))) == [SOFTMAX, "a = 1"]


def test_older_format_is_read(save):
    """A notebook of format 3, with its cells in worksheets and their source in ``input``, is read."""
    cells = [v3.new_text_cell("markdown", source="text"), v3.new_code_cell(input="a = 1"), v3.new_code_cell(input=SOFTMAX)]
    old = v3.new_notebook(worksheets=[v3.new_worksheet(cells=cells)])
    found = read(save(nbformat.writes(old, version=3)))
    assert [(c.number, c.source) for c in found.cells] == [(2, "a = 1"), (3, SOFTMAX)]


def test_metadata_is_not_needed(save):
    """Cells without ids, metadata and outputs are read like any other."""
    assert sources(read(save(json.dumps({"cells": [{"cell_type": "code", "source": SOFTMAX}]})))) == [SOFTMAX]


def test_broken_cells_are_left_out(save):
    """What is no cell, or a cell whose source is no text, does not hide the others."""
    cells = [None, 3, {}, {"cell_type": "code"}, {"cell_type": "code", "source": None}, {"cell_type": "code", "source": 3}]
    assert SOFTMAX in sources(read(save(json.dumps({"cells": [*cells, {"cell_type": "code", "source": SOFTMAX}]}))))


def test_percent_format_is_read(save):
    """A .py in cells, as jupytext and Jupyter write it: code cells, without Markdown; a demo is known as one."""
    text = (
        "# %% [markdown]\n# text\n\n# %%\na = 1\n\n# %% [raw]\n# x\n\n# %% tags=['x']\n"
        + SOFTMAX
        + "\n\n# %%\n# %%demo\nsoftmax(a)\n"
    )
    found = read(save(text, "work.py"))
    assert [(c.number, c.source.strip(), c.demo) for c in found.cells] == [
        (2, "a = 1", False), (4, SOFTMAX, False), (5, "softmax(a)", True),
    ]  # fmt: skip


def test_a_plain_module_is_one_cell(save):
    """A .py without cells is read as one."""
    assert sources(read(save(f"import torch\n\n{SOFTMAX}\n", "work.py"))) == [f"import torch\n\n{SOFTMAX}\n"]


@pytest.mark.parametrize("name", ["work.ipynb", "work.py"])
@pytest.mark.parametrize(
    "encode", [lambda s: s.encode("utf-8-sig"), lambda s: s.replace("\n", "\r\n").encode()], ids=["mark", "crlf"]
)
def test_files_of_other_editors(save, name, encode):
    """A byte-order mark, and Windows' line ends, are no obstacle."""
    text = notebook(SOFTMAX) if name.endswith("ipynb") else SOFTMAX
    found = read(save(encode(text), name))
    assert found.defined() == {"softmax"}


def test_the_digest_is_of_the_bytes(save):
    """The same bytes give the same digest wherever they lie; one more space gives another."""
    a, b, c = save(notebook(SOFTMAX), "a.ipynb"), save(notebook(SOFTMAX), "b.ipynb"), save(notebook(SOFTMAX) + " ", "c.ipynb")
    assert read(a).digest == read(b).digest != read(c).digest


def test_lone_surrogates_are_replaced(save):
    """Half of a surrogate pair in a cell becomes a question mark, so that the source can be sent and shown."""
    found = read(save(notebook("x = '\ud800'", ["y = '", "\udfff'"])))
    assert sources(found) == ["x = '?'", "y = '?'"]


def test_invalid_utf8_is_replaced(save):
    """Bytes that are no UTF-8 spoil the characters they stand for, and not the submission."""
    text = notebook(f"# caf\xe9\n{SOFTMAX}").replace("\\u00e9", "\xe9")
    assert "softmax" in read(save(text.encode("latin-1"))).defined()
    assert "softmax" in read(save(f"# caf\xe9\n{SOFTMAX}".encode("latin-1"), "work.py")).defined()


# -- what is refused -------------------------------------------------------------------------------

NO_NOTEBOOK = {
    "an empty file": b"",
    "white space": b" \n\t\n",
    "NUL bytes": b"\0" * 100,
    "a letter": b"Dear professor, my notebook is in the attachment.",
    "half a notebook": notebook(SOFTMAX).encode()[:-20],
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a zip": b"PK\x03\x04" + b"\0" * 50,
    "a web page": b"<!DOCTYPE html><html></html>",
    "UTF-16": notebook(SOFTMAX).encode("utf-16"),
    "JSON, a list": b"[1, 2]",
    "JSON, a number": b"3",
    "JSON, a text": b'"cells"',
    "JSON, null": b"null",
    "JSON without cells": b'{"a": 1}',
    "cells that are no list": b'{"cells": {"a": 1}}',
    "worksheets that are no list": b'{"worksheets": 3}',
    "no cells": notebook().encode(),
    "no code cells": json.dumps({"cells": [{"cell_type": "markdown", "source": "text"}]}).encode(),
    "empty code cells": notebook("", " \n").encode(),
    "nested without end": b"[" * 100_000,
    "objects nested without end": b'{"cells":' * 100_000,
    "a number without end": b'{"cells": ' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("name", NO_NOTEBOOK)
def test_no_notebook(save, name):
    """What is no notebook is refused in one sentence, in both languages, with the file's name."""
    with pytest.raises(Unreadable) as refusal:
        read(save(NO_NOTEBOOK[name], "mine.ipynb"))
    text = refusal.value.text
    assert text.en.startswith("mine.ipynb: ")
    assert has_chinese(text.zh)
    assert not has_chinese(text.en)
    assert len(text.en) < 200


def test_an_empty_python_file(save):
    """An empty .py, or one of Markdown alone, is refused."""
    for content in ("", "# %% [markdown]\n# text\n"):
        with pytest.raises(Unreadable):
            read(save(content, "work.py"))


def test_a_huge_file_is_refused_unread(tmp_path):
    """200 MB are refused by their size; none of them is read."""
    path = tmp_path / "work.ipynb"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    tracemalloc.start()
    with pytest.raises(Unreadable, match="200 MB; at most 20 MB"):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MAX_BYTES / 10


def test_what_is_no_regular_file(tmp_path, save):
    """A link (even to a good notebook), a pipe, a directory, a device and an absent file are refused, without waiting."""
    (tmp_path / "link.ipynb").symlink_to(save(notebook(SOFTMAX)))
    (tmp_path / "dangling.ipynb").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("link", "dangling", "pipe", "folder", "absent"):
        with pytest.raises(Unreadable) as refusal:
            read(tmp_path / f"{name}.ipynb")
        assert has_chinese(refusal.value.text.zh)
    with pytest.raises(Unreadable, match="not a regular file"):
        read(type(tmp_path)("/dev/null"))


def test_an_unreadable_file(save, monkeypatch):
    """A file that may not be opened is told so."""

    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    path = save(notebook(SOFTMAX))
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unreadable, match="cannot be opened"):
        read(path)


def test_too_much_code_is_refused(save):
    """Megabytes of code, which would exhaust whoever parses them, are refused; megabytes of output are not."""
    with pytest.raises(Unreadable, match="2048 kB of code; at most 1024 kB"):
        read(save(notebook("x = 1234567890 #\n" * (1 << 16), "#" * ((2 << 20) - 17 * (1 << 16)))))
    data = json.loads(notebook(SOFTMAX))
    data["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (5 << 20)}]
    assert read(save(json.dumps(data))).defined() == {"softmax"}


@pytest.mark.parametrize(
    "source",
    [
        "\n" * (1 << 20),
        "?" * (1 << 20),
        "? " * (1 << 19),
        "= " * (1 << 19),
        " " * (1 << 20),
        "!ls\n" * (1 << 18),
        "x = !ls\n" * (1 << 17),
        "a?\n" * (1 << 17),
    ],
    ids=["lines", "questions", "questions apart", "equals", "spaces", "shell lines", "assignments", "questions on lines"],
)
def test_no_cell_takes_long(save, source):
    """Reading takes time in proportion to the size: a cell made to be slow is read in a second or two of CPU time."""
    with alarms(20, 120):
        read(save(notebook(source[: (1 << 20) - 100], SOFTMAX)))


def test_many_cells_are_bounded(save):
    """Of a notebook with more cells than anybody writes, the first are read."""
    assert len(read(save(notebook(*["a = 1"] * (MAX_CELLS + 5)))).cells) == MAX_CELLS


# -- what cannot be parsed -------------------------------------------------------------------------

NESTED = {
    "lambdas": "x = " + "lambda: " * 1500 + "1",
    "parentheses": "x = " + "(" * 1500 + ")" * 1500,
    "brackets": "x = " + "[" * 1500 + "]" * 1500,
    "signs": "x = " + "-" * 20_000 + "1",
    "sums": "x = " + "+".join(["1"] * 20_000),
    "attributes": "x = a" + ".b" * 20_000,
    "calls": "x = a" + "()" * 20_000,
    "branches": "if a:\n    pass\n" + "elif a:\n    pass\n" * 5_000,
    "blocks": "".join(" " * i + "if 1:\n" for i in range(300)),
    "f-strings": "x = " + "f'{" * 200,
}


def test_deeply_nested_code_does_not_end_the_process(save):
    """Code nested so deeply that Python's parser gives up is read like any other, with magics beside it too."""
    found = read(save(notebook(*NESTED.values(), f"!ls\n{NESTED['signs']}", SOFTMAX)))
    assert len(cells_to_run(found, ["softmax"])) == len(NESTED) + 2
    assert "softmax" in found.defined()
    assert redefined(found, ["softmax"]) == []
    assert uses(found, ["softmax"]) == {"softmax": set()}


@pytest.mark.parametrize(
    "broken", ["def softmax(y:", "return", "x = = 1", "\x00", "print 'hello'", "if x:\n", "'''", "x = '\\", "\tx\n  y"]
)
def test_a_syntax_error_is_for_the_sandbox_to_tell(save, broken):
    """A cell that is no Python is kept as it is; the others count."""
    found = read(save(notebook(broken, SOFTMAX)))
    assert found.defined() == {"softmax"}
    assert [c["source"] for c in cells_to_run(found, ["softmax"])] == [broken, SOFTMAX]


@pytest.mark.filterwarnings("error")
def test_dubious_code_does_not_warn(save):
    """What the compiler would warn about is no warning of ours."""
    read(save(notebook("x = '\\d'\nassert (x, 'y')\nx is 3", "%time\n'\\d' is 3")))


# -- IPython's own syntax --------------------------------------------------------------------------

MAGICS = {
    "%matplotlib inline": set(),
    "%matplotlib inline\nimport numpy as np\nx = 1": {"np", "x"},
    "!pip install torch": set(),
    "x = !ls": {"x"},
    "x = %pwd": {"x"},
    "a = 1\n!ls {a}\nb = 2": {"a", "b"},
    "if True:\n    !ls\n    %cd ..\nb = 2": {"b"},
    "softmax?": set(),
    "?softmax": set(),
    "softmax??": set(),
    "b = 2\nsoftmax?": {"b"},
    "torch.softmax?": set(),
    "%time?": set(),
    "b = 2\n" + "!ls\n" * 3000: {"b"},
    "if True:\n" + "    x = !ls\n" * 3000 + "    y?\nb = 2": {"b"},
    "%load_ext autoreload\n%autoreload 2\nb = 2": {"b"},
    "%%time\nb = 2": {"b"},
    "%%timeit -n 3\nb = 2": {"b"},
    "%%capture out\nb = 2": {"b"},
    "%%time\n!ls\nb = 2": {"b"},
    "%%bash\nb=2\nrm -rf /": set(),
    "%%writefile f.py\nb = 2": set(),
    "%%html\n<b>": set(),
    "%%javascript\nlet b = 2": set(),
    "%%nonsense": set(),
    "\n%%time\nb = 2": {"b"},
    "c = 7 % 3\nb = c != 2": {"b", "c"},
    "s = '''\n%time\n!ls\n'''": {"s"},
}


@pytest.mark.parametrize("source", MAGICS)
def test_magics_and_shell_lines(save, source):
    """A cell with magics or shell lines is Python afterwards; what it defines counts, other languages' cells are empty."""
    found = read(save(notebook(source, SOFTMAX)))
    assert found.defined() == MAGICS[source] | {"softmax"}
    for cell in found.cells:
        compile(cell.source, "cell", "exec")


def test_magics_do_nothing(save):
    """Run with a ``get_ipython`` that does nothing, a shell line gives nothing, and the rest of the cell runs."""
    done = []

    class Shell:
        def __getattr__(self, name):
            return lambda *args: done.append(name)

    names = {"get_ipython": Shell}
    exec(read(save(notebook("%matplotlib inline\nfiles = !ls\nb = 2\nb?"))).cells[0].source, names)
    assert (names["files"], names["b"]) == (None, 2)
    assert set(done) <= {"run_line_magic", "getoutput"}


def test_a_cell_magic_keeps_the_line_numbers(save):
    """The line that an error names is the line of the cell, under a cell magic too."""
    source = read(save(notebook("%%time\nx = 1\n1 / 0"))).cells[0].source
    with pytest.raises(ZeroDivisionError) as error:
        exec(compile(source, "<cell 1>", "exec"), {})
    assert error.traceback[-1].lineno + 1 == 3


# -- demos and the set-up --------------------------------------------------------------------------

DEMO = """\
%%demo
import matplotlib.pyplot as plt
from math import exp, log
table = {}

@staticmethod
def helper(t):
    return other(t)

def other(t):
    return plt.plot(t)

def unused(t):
    return t

class Softmax:
    pass

plt.plot(softmax(helper(3)))
while True:
    pass
"""


def test_of_a_demo_only_what_is_needed_is_run(save):
    """Of a demo, the imports and definitions that other cells use are run, and what those use; no statement is."""
    found = read(save(notebook(DEMO, "def softmax(y):\n    return helper(y)\n", "%%demo\nsoftmax(3)")))
    run = cells_to_run(found, ["softmax"])
    assert [c["number"] for c in run] == [1, 2]
    names = {}
    exec(run[0]["source"], names)
    assert set(names) - {"__builtins__"} == {"plt", "helper", "other"}
    assert isinstance(names["helper"], staticmethod)


def test_an_exercise_in_a_demo_counts(save):
    """A function that a student wrote into a demo cell is found there."""
    run = cells_to_run(read(save(notebook(f"%%demo\n{SOFTMAX}\n1 / 0"))), ["softmax"])
    assert run == [{"number": 1, "source": SOFTMAX}]


def test_an_unneeded_demo_is_left_out(save):
    """A demo that nothing needs is not run at all."""
    assert cells_to_run(read(save(notebook("a = 1", "%%demo\nimport os\nos._exit(0)"))), ["softmax"]) == [
        {"number": 1, "source": "a = 1"}
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_setup_cell_is_skipped(save, lang):
    """The set-up cell, which only a notebook needs, is not run: matplotlib is not imported in grading."""
    assert cells_to_run(read(save(notebook(setup_code(lang), SOFTMAX))), ["softmax"]) == [{"number": 2, "source": SOFTMAX}]


def test_a_setup_import_that_is_used_is_run(save):
    """What a student's cell takes from the set-up cell is there."""
    run = cells_to_run(read(save(notebook(setup_code("zh"), "level = logging.DEBUG"))), ["softmax"])
    assert run[0] == {"number": 1, "source": "import logging"}


# -- definitions -----------------------------------------------------------------------------------


def a_submission(*sources):
    return Submission(None, tuple(CodeCell(i, s) for i, s in enumerate(sources, 1)), "")


def test_defined_names():
    """Functions, classes, imports and assignments at the top level of a cell bind names."""
    found = a_submission(
        "import a.b, c as d\nfrom e import f as g", "async def h(): i = 1", "class J: k = 1", "l, (m, *n) = o", "p: int = 1"
    )
    assert found.defined() == {"a", "d", "g", "h", "J", "l", "m", "n", "p"}


def test_a_function_defined_twice():
    """An exercise defined more than once is told with the cells; other functions may be."""
    found = a_submission(SOFTMAX, "def helper(): ...", SOFTMAX, "def helper(): ...", "class Other: ...", SOFTMAX)
    assert redefined(found, ["softmax", "Other"]) == [("softmax", [1, 3, 6])]


def test_which_exercises_use_which():
    """The other exercises that the last definition of one names."""
    found = a_submission("def loss(y):\n    return 1", SOFTMAX, "def loss(y):\n    return softmax(loss(y)) + other(y)")
    assert uses(found, ["softmax", "loss", "unwritten"]) == {"softmax": set(), "loss": {"softmax"}}


# -- which lecture ---------------------------------------------------------------------------------

NAME, OTHER = lecture_names()[0], lecture_names()[1]


def stubs(lecture):
    return notebook(*(f"def {e.name}(x): ..." for e in read_lecture(lecture).exercises))


@pytest.mark.parametrize(
    "file", [f"{NAME}.ipynb", f"{NAME[:9]}.ipynb", "work.ipynb", "Untitled (1).ipynb", "final FINAL.ipynb", "2.ipynb"]
)
def test_the_lecture_by_name_or_by_functions(save, file):
    """A submission's lecture is told by the file's name, or where that says nothing, by the functions in it."""
    assert lecture_of(read(save(stubs(NAME), file))) == NAME


def test_the_lecture_by_its_folder(tmp_path):
    """In the tree that an instructor has, the folder tells the lecture; even where no function is left."""
    folder = tmp_path / "ada" / NAME
    folder.mkdir(parents=True)
    (folder / "work.ipynb").write_text(notebook("a = 1"))
    assert lecture_of(read(folder / "work.ipynb")) == NAME


def test_a_student_s_folder_is_no_lecture(tmp_path):
    """A student called 2 has not handed in lecture 2 for that."""
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "work.ipynb").write_text(stubs(NAME))
    assert lecture_of(read(tmp_path / "2" / "work.ipynb")) == NAME


def test_another_lectures_notebook(save):
    """The notebook of another lecture than the file's name, or than the one asked for, is refused with both names."""
    for path, expected in ((save(stubs(OTHER), f"{NAME}.ipynb"), None), (save(stubs(OTHER)), NAME)):
        with pytest.raises(Unreadable, match=f"{OTHER}.*{NAME}") as refusal:
            lecture_of(read(path), expected)
        assert has_chinese(refusal.value.text.zh)


def test_no_lecture_s_notebook(save):
    """A notebook without any function of the course is refused, unless its name says what it is."""
    with pytest.raises(Unreadable, match="no function of this course"):
        lecture_of(read(save(notebook("def f(): ..."))))
    for file in (f"{NAME}.ipynb", "lecture01.ipynb", "1.ipynb"):
        assert lecture_of(read(save(notebook("def f(): ..."), file))) == NAME
