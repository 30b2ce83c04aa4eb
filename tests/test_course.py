"""A lecture's source: read as jupytext reads it, without running it, and told by file and line where it is wrong."""

import textwrap

import jupytext
import pytest

from autograder import course
from autograder.course import (
    CourseError,
    course_root,
    exercise_index,
    find_lecture,
    lecture_names,
    load_reference,
    parse_lecture,
    percent_cells,
    read_lecture,
)

SOURCES = sorted((course_root() / "solutions").glob("lecture*.py"))
GOOD = '''\
# %% [markdown] lang="en"
# # Lecture 99 · Sample
#
# Text.

# %% [markdown] lang="zh"
# # 第 99 讲 · 样例

# %%
import math

RUN = ["code"]

# %% exercise="twice" points=100 difficulty=1 minutes=5 vectorised=true forbidden=["softmax", "loss"]
def twice(x):
    """Twice."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% [markdown] hint="twice" lang="en"
# 1. One.
# 2. Two,
#    on two lines.
# 3. Three.

# %% [markdown] hint="twice" lang="zh"
# 1. 一。
# 2. 二。
# 3. 三。

# %% demo=true
RUN.append("demo")
raise SystemExit("a demo must not run")
'''


@pytest.fixture
def write(tmp_path):
    def to_file(source, name="lecture99_sample"):
        path = tmp_path / "solutions" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    return to_file


# -- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_cells_are_jupytexts(path):
    """Every source of the course is read cell by cell as jupytext reads it: kind, source and attributes."""
    ours = [("markdown" if markdown else "code", source, meta) for _, markdown, meta, source in percent_cells(path)]
    notebook = jupytext.read(path, fmt="py:percent")
    layout = ("lines_to_next_cell", "lines_to_end_of_cell_marker")  # blank lines, which jupytext would write again
    theirs = [(c.cell_type, c.source, {k: v for k, v in c.metadata.items() if k not in layout}) for c in notebook.cells]
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a == b


def test_lecture(write):
    """A lecture's title, cells, exercises and hints, with the lines they stand on."""
    lecture = parse_lecture(write(GOOD))
    assert (lecture.name, lecture.title) == ("lecture99_sample", {"en": "Lecture 99 · Sample", "zh": "第 99 讲 · 样例"})
    assert [(c.kind, c.line) for c in lecture.cells] == [
        ("markdown", 1),
        ("markdown", 6),
        ("code", 9),
        ("exercise", 14),
        ("demo", 32),
    ]
    twice = lecture.exercise("twice")
    assert (twice.points, twice.difficulty, twice.minutes, twice.vectorised, twice.bonus) == (100, 1, 5, True, False)
    assert twice.forbidden == ("softmax", "loss")
    assert twice.hints == {"en": ("One.", "Two,\n   on two lines.", "Three."), "zh": ("一。", "二。", "三。")}
    with pytest.raises(CourseError, match="no exercise 'thrice'; it has twice"):
        lecture.exercise("thrice")


def test_reading_runs_nothing(write):
    """Reading a source runs none of it; the reference is its untagged and exercise cells, demos left out."""
    lecture = parse_lecture(write(GOOD.replace("import math", "import math\nLOADED = True")))
    module = load_reference(lecture)
    assert (module.twice(3), module.RUN, module.LOADED) == (6, ["code"], True)


def test_the_reference_keeps_its_lines(write):
    """The reference's functions have the line numbers of the source, so that a traceback shows it."""
    path = write(GOOD)
    line = load_reference(parse_lecture(path)).twice.__code__.co_firstlineno
    assert path.read_text(encoding="utf-8").splitlines()[line - 1] == "def twice(x):"


# -- errors ----------------------------------------------------------------------------------------

CELL = '# %% exercise="twice" points=100 difficulty=1 minutes=5 vectorised=true forbidden=["softmax", "loss"]'


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('# %% [markdown] lang="en"', '# %% [markdown] lang="fr"', 1, 'lang="en" or lang="zh"'),
        ('# %% [markdown] lang="en"', "# %% [markdown]", 1, 'lang="en" or lang="zh"'),
        (CELL, CELL.replace("=100", ""), 14, "cannot read the cell's attributes"),
        (CELL, CELL.replace("=100", "=lots"), 14, "points=lots is no JSON value"),
        (CELL, CELL.replace("points=100", ""), 14, "exercise 'twice' needs points"),
        (CELL, CELL.replace("difficulty=1 minutes=5", ""), 14, "needs difficulty, minutes"),
        (CELL, CELL.replace('"softmax"', '"magic"'), 14, "unknown forbidden group 'magic'"),
        (CELL, CELL.replace('"twice"', '"thrice"'), 14, "defines no function or class of that name"),
        ("    ### BEGIN SOLUTION\n", "", 14, "### BEGIN SOLUTION"),
        ("    ### END SOLUTION\n", "", 14, "### END SOLUTION"),
        ("# 3. Three.\n", "", 21, "three steps, numbered 1. 2. 3.; found 2"),
        ("# 3. 三。\n", "# 3. 三。\n# 4. 四。\n", 27, "found 4"),
    ],
)
def test_errors_name_file_and_line(write, old, new, line, what):
    """A cell that is not as it must be is told with its file, its line, and what to write."""
    assert old in GOOD
    with pytest.raises(CourseError) as error:
        parse_lecture(write(GOOD.replace(old, new, 1)))
    assert str(error.value).startswith(f"lecture99_sample.py:{line}: ")
    assert what in str(error.value)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import math\n" + GOOD, "must start with a '# %%' line"),
        ("", "must start with a '# %%' line"),
        (GOOD.replace("# # Lecture", "# Lecture"), "must start with '# ' and the title"),
        (GOOD.replace("# # 第 99 讲 · 样例", "# # Lecture 99"), "that of lang=zh Chinese"),
        (GOOD.replace("Lecture 99 · Sample", "第 99 讲"), "must be English"),
    ],
)
def test_errors_of_the_whole_file(write, source, what):
    """A source without its first cell or its titles is told with its file."""
    with pytest.raises(CourseError) as error:
        parse_lecture(write(source))
    assert str(error.value).startswith("lecture99_sample.py: ")
    assert what in str(error.value)


# -- the course ------------------------------------------------------------------------------------


def test_an_exercise_name_is_unique():
    """Every exercise is in one lecture; the index has all of them."""
    assert exercise_index()["softmax"] == "lecture07_classification"
    assert len(exercise_index()) == sum(len(read_lecture(n).exercises) for n in lecture_names())


def test_a_name_in_two_lectures_is_refused(monkeypatch, write):
    """Two lectures with an exercise of one name are told with both."""
    lectures = {n: parse_lecture(write(GOOD, n)) for n in ("lecture98_a", "lecture99_b")}
    monkeypatch.setattr(course, "lecture_names", lambda: list(lectures))
    monkeypatch.setattr(course, "read_lecture", lectures.__getitem__)
    with pytest.raises(CourseError, match="'twice' is in lecture98_a and in lecture99_b"):
        exercise_index.__wrapped__()


@pytest.mark.parametrize(
    "text",
    ["lecture07_classification", "a/b/lecture07_classification.ipynb", "7", "07", "lecture07", "Lecture7", "l7", "classif"],
)
def test_find_lecture(text):
    """A lecture by its name, a path to it, its number, or a part that only it has."""
    assert find_lecture(text) == "lecture07_classification"


@pytest.mark.parametrize("text", ["", "lecture", "99", "no such thing"])
def test_find_no_lecture(text):
    """What names none or several is refused with the list."""
    with pytest.raises(CourseError, match=r"there are: .*lecture07_classification"):
        find_lecture(text)


def test_an_installation_without_solutions(monkeypatch, tmp_path):
    """A student's installation has no lectures to read, and what needs them says so."""
    monkeypatch.setattr(course, "__file__", str(tmp_path / "autograder" / "course.py"))
    assert course_root() is None
    assert lecture_names() == []
    with pytest.raises(CourseError, match="without solutions and hidden graders"):
        course.require_root()
