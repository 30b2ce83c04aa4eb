"""Notebooks: what students get, that it holds no solution, and that stock nbgrader accepts it."""

import json
from pathlib import Path

import nbformat
import pytest

from autograder.build import (
    build,
    demo_sources,
    filled,
    lecture_files,
    notebook,
    notebook_bytes,
    stub_source,
)
from autograder.course import CourseError, Lecture, parse_lecture
from autograder.languages import localise
from autograder.lesson import setup_code
from autograder.probe import has_chinese

NAME = "lecture99_sample"
SOURCE = '''\
# %% [markdown] lang="en"
# # Lecture 99 · Sample
# What the lecture says.

# %% [markdown] lang="zh"
# # 第 99 讲 · 样例
# 这一讲的内容。

# %%
import torch
from torch import Tensor


def given(x: Tensor) -> Tensor:
    """Twice ``x``.

    ``x`` 的两倍。
    """
    # Doubling, in place of a sum.
    # 乘以二，代替相加。
    return 2 * x  # (N, C)


# %% [markdown] lang="en"
# ## Softmax

# %% [markdown] lang="zh"
# ## Softmax 函数

# %% exercise="softmax" points=60 difficulty=1 minutes=10 vectorised=true forbidden=["softmax"]
def softmax(y: Tensor, dim: int = -1) -> Tensor:
    """Probabilities along ``dim``: exp(y_i) / Σ_j exp(y_j).

    ``y``: any shape.

    沿 ``dim`` 方向的概率。

    ``y``：任意形状。
    """
    ### BEGIN SOLUTION
    secret_shifted = (y - y.amax(dim, keepdim=True)).exp()
    return secret_shifted / secret_shifted.sum(dim, keepdim=True)
    ### END SOLUTION


# %% [markdown] hint="softmax" lang="en"
# 1. secret_hint one.
# 2. Two.
# 3. Three.

# %% [markdown] hint="softmax" lang="zh"
# 1. 一。
# 2. 二。
# 3. 三。

# %% exercise="Counter" points=40 difficulty=3 minutes=20
class Counter:
    """Counts.

    计数。
    """

    def __init__(self, start: int) -> None:
        ### BEGIN SOLUTION
        self.secret_count = start
        ### END SOLUTION

    def step(self, by: int = 1) -> int:
        """One step; the count after it.

        走一步；返回之后的计数。
        """
        ### BEGIN SOLUTION
        # secret_remark
        self.secret_count += by
        return self.secret_count
        ### END SOLUTION


# %% exercise="cube" points=5 difficulty=2 minutes=5 bonus=true
def cube(x: float) -> float:
    """``x`` to the third.

    ``x`` 的三次方。
    """
    ### BEGIN SOLUTION
    return x * x * x * secret_one
    ### END SOLUTION


# %%
from autograder import say

# %% demo=true
# How the gap grows.
# 差距如何变大。
row = softmax(torch.zeros(1, 3))
print(say(f"sum {row.sum():.1f}", f"和 {row.sum():.1f}"), say(
    "of a "
    "row",
    "一行",
))
'''


@pytest.fixture
def lecture(tmp_path: Path) -> Lecture:
    return write(tmp_path, SOURCE)


def write(root: Path, source: str, name: str = NAME) -> Lecture:
    path = root / "solutions" / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return parse_lecture(path)


def cell(node: nbformat.NotebookNode, cell_id: str) -> nbformat.NotebookNode:
    return next(c for c in node.cells if c.id == cell_id)


def text(node: nbformat.NotebookNode) -> str:
    return "\n".join(c.source for c in node.cells)


# -- the notebook ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_solution_in_notebook(lecture, lang):
    """No line of a solution, no hint and no marker is anywhere in the file, metadata included."""
    raw = notebook_bytes(notebook(lecture, lang)).decode()
    assert "secret" not in raw
    assert "SOLUTION" not in raw


def test_cells_in_order(lecture):
    """Title, how to work, set-up, given code; then each exercise as line, stub and check; the demo last."""
    assert [c.id for c in notebook(lecture, "en").cells] == [
        "text-01", "introduction", "setup", "code-01", "text-02",
        "about-softmax", "softmax", "check-softmax",
        "about-Counter", "Counter", "check-Counter",
        "about-cube", "cube", "check-cube",
        "demo-01",
    ]  # fmt: skip


@pytest.mark.parametrize(("lang", "comment"), [("en", "# YOUR CODE HERE"), ("zh", "# 在这里写你的代码")])
def test_stub_says_where_to_write(lecture, lang, comment):
    """A stub keeps signature and docstring; each gap has the comment and ``raise NotImplementedError()``."""
    stub = stub_source(lecture, "Counter", lang)
    assert stub.count(f"        {comment}\n        raise NotImplementedError()") == 2
    assert "def step(self, by: int = 1) -> int:" in stub
    compile(stub, "stub", "exec")


def test_each_language_has_its_own_text(lecture):
    """The English notebook has no Chinese character; the Chinese one has no English prose of the author."""
    assert not has_chinese(text(notebook(lecture, "en")))
    zh = text(notebook(lecture, "zh"))
    assert "What the lecture says" not in zh
    assert "any shape" not in zh
    assert "Doubling" not in zh
    assert "任意形状" in zh
    assert "乘以二" in zh


def test_exercise_line(lecture):
    """Above each exercise: name, points, difficulty, minutes, and the rules that its check enforces."""
    en, zh = notebook(lecture, "en"), notebook(lecture, "zh")
    assert (
        cell(en, "about-softmax").source
        == "**Exercise** · `softmax` · 60 points · ●○○ · 10 min · vectorised · without the library's softmax"
    )
    assert cell(zh, "about-cube").source == "**选做练习** · `cube` · 附加 5 分 · ●●○ · 5 分钟"


def test_demo_cells_are_guarded(lecture):
    """A demo starts with the magic that waits for unfinished functions, in the notebook's language."""
    assert demo_sources(lecture, "en") == [
        "%%demo\n# How the gap grows.\nrow = softmax(torch.zeros(1, 3))\n"
        'print(f"sum {row.sum():.1f}", "of a "\n                              "row")'
    ]
    assert demo_sources(lecture, "zh") == [
        '%%demo\n# 差距如何变大。\nrow = softmax(torch.zeros(1, 3))\nprint(f"和 {row.sum():.1f}", "一行")'
    ]


def test_only_exercises_and_checks_are_nbgraders(lecture):
    """Students may edit text, given code and demos; only exercise and check cells are nbgrader's."""
    node = notebook(lecture, "en")
    for c in node.cells:
        assert ("nbgrader" in c.metadata) == (c.metadata.autograder.kind in ("exercise", "check"))
        assert c.metadata.get("editable", True) == (c.metadata.autograder.kind != "check")


def test_setup_cell_runs(lecture):
    """The Chinese set-up cell names fonts with Chinese characters, and is plain Python."""
    assert cell(notebook(lecture, "zh"), "setup").source == setup_code("zh")
    assert "Noto Sans CJK SC" in setup_code("zh")
    compile(setup_code("zh"), "setup", "exec")


def test_notebook_is_reproducible(lecture, tmp_path):
    """The same source gives the same bytes, in sorted keys, with one newline at the end."""
    again = parse_lecture(lecture.path)
    first, second = (notebook_bytes(notebook(item, "zh")) for item in (lecture, again))
    assert first == second
    assert first.endswith(b"}\n")
    data = json.loads(first)
    assert list(data) == sorted(data)
    assert (data["nbformat"], data["nbformat_minor"]) == (4, 5)


# -- nbgrader --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nbgrader_accepts_the_file(lecture, lang, tmp_path):
    """Stock nbgrader reads the file, finds its metadata valid, and every checksum as it was released."""
    from nbgrader.nbgraderformat import MetadataValidator, read
    from nbgrader.validator import Validator

    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook_bytes(notebook(lecture, lang)))
    node = read(str(path), as_version=4)
    MetadataValidator().validate_nb(node)
    nbformat.validate(node)
    assert Validator()._get_changed_cells(node) == []
    assert Validator()._get_type_changed_cells(node) == []


def test_maximum_is_100_without_the_bonus(lecture):
    """nbgrader adds up the test cells' points: 100, to which a bonus exercise adds nothing."""
    points = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points
        for c in notebook(lecture, "en").cells
        if c.metadata.get("nbgrader", {}).get("grade")
    }
    assert points == {"check_softmax": 60, "check_Counter": 40, "check_cube": 0}
    assert cell(notebook(lecture, "en"), "check-cube").metadata.autograder.points == 5


def test_nbgrader_config_names_the_release_folder():
    """The repository's nbgrader_config.py makes stock nbgrader find the notebooks that ``build`` writes."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    root = Path(__file__).parent.parent
    config = PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
    course = CourseDirectory(config=config)
    folder = course.format_path(course.release_directory, ".", NAME)
    assert Path(folder) == root / "assignments" / "en" / NAME
    assert course.course_id == "dl"


# -- a student's notebook --------------------------------------------------------------------------


def test_filled_has_the_reference(lecture):
    """By default every exercise is solved as the reference solves it, without markers."""
    node = filled(lecture, "en")
    assert "secret_shifted / secret_shifted.sum" in cell(node, "softmax").source
    assert "SOLUTION" not in text(node)
    compile(cell(node, "Counter").source, "filled", "exec")


def test_filled_takes_solutions(lecture):
    """A given source replaces its exercise's cell, to the letter; the others keep the reference's."""
    node = filled(lecture, "en", {"softmax": "def softmax(y): return y", "cube": ""})
    assert cell(node, "softmax").source == "def softmax(y): return y"
    assert cell(node, "cube").source == ""
    assert "secret_count" in cell(node, "Counter").source
    with pytest.raises(CourseError, match="nosuch"):
        filled(lecture, "en", {"nosuch": ""})


# -- errors ----------------------------------------------------------------------------------------


def test_points_must_add_up(tmp_path):
    """A lecture whose graded points are not 100 is refused, with file and line."""
    lecture = write(tmp_path, SOURCE.replace("points=60", "points=50"))
    with pytest.raises(CourseError, match=rf"{NAME}\.py:\d+: the points .* add up to 90, not 100"):
        notebook(lecture, "en")


@pytest.mark.parametrize("call", ['say("one")', 'say("a", "b", "c")', 'say("a", zh="b")', "map(say, [1])"])
def test_say_takes_two(tmp_path, call):
    """``say`` with other than two arguments is refused at its own line of the source."""
    lecture = write(tmp_path, SOURCE + f"value = {call}\n")
    line = lecture.path.read_text(encoding="utf-8").splitlines().index(f"value = {call}") + 1
    with pytest.raises(CourseError, match=rf"{NAME}\.py:{line}: .*say"):
        notebook(lecture, "en")


def test_unclosed_solution_is_refused_quietly(tmp_path, capfd):
    """A missing END SOLUTION is a CourseError that names the file, and nothing of the solution is printed."""
    broken = SOURCE.replace("        ### END SOLUTION\n\n    def step", "\n    def step", 1)
    with pytest.raises(CourseError, match=f"{NAME}.py: nbgrader refuses the en notebook"):
        notebook(write(tmp_path, broken), "en")
    assert "secret" not in "".join(capfd.readouterr())


# -- languages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "en", "zh"),
    [
        ('x = say("a", "甲")', 'x = "a"', 'x = "甲"'),
        ('x = say("a" + b, "甲").strip()', 'x = ("a" + b).strip()', 'x = "甲".strip()'),
        ('f(say(f"{say(1, 2)}", f"二{say(1, 2)}"))', 'f(f"{1}")', 'f(f"二{2}")'),
        ("x = f'中{say(1, 2)}文'", "x = f'中{1}文'", "x = f'中{2}文'"),
        ('x = say("a"\n        "b", "甲")', 'x = ("a"\n     "b")', 'x = "甲"'),
        ("from autograder import check, say", "from autograder import check", "from autograder import check"),
        ("from autograder import say\nx = 1", "x = 1", "x = 1"),
        ("# word\n# 词\n# (N, C)\nx = 1", "# word\n# (N, C)\nx = 1", "# 词\n# (N, C)\nx = 1"),
        ("# only English\nx = 1", "# only English\nx = 1", "# only English\nx = 1"),
        ("x = 1  # 词", "x = 1", "x = 1  # 词"),
        ("# 词\nx = '# word'", "x = '# word'", "# 词\nx = '# word'"),
        ('def f():\n    "only English"', 'def f():\n    "only English"', 'def f():\n    "only English"'),
    ],
)  # fmt: skip
def test_localise(source, en, zh):
    """Labels, imports and comments become those of the language; strings, and what has no language, stay."""
    assert localise(source, "en") == en
    assert localise(source, "zh") == zh


def test_docstring_keeps_quotes_and_indentation():
    """Paragraphs are taken whole: prefix, quotes, inner indentation and backslashes stay as written."""
    source = '''\
class A:
    def f(self):
        r"""Say "\\alpha"

            indented

        说 "\\alpha"

            缩进
        """
        return 1'''
    assert localise(source, "en") == source.replace('\n        说 "\\alpha"\n\n            缩进\n', "")
    assert localise(source, "zh").splitlines()[2:6] == [
        '        r"""说 "\\alpha"',
        "",
        "            缩进",
        '        """',
    ]


# -- writing ---------------------------------------------------------------------------------------


def extra(lecture: Lecture, lang: str) -> dict[str, bytes]:
    return {"checks.bin": f"{lecture.name} {lang}".encode()}


def test_build_writes_what_changed(lecture, tmp_path):
    """A build writes all files once; a second has nothing to do; an edited file alone is written again."""
    files = build([lecture], tmp_path, extra=extra)
    assert [f.relative_to(tmp_path).as_posix() for f in files] == [
        f"assignments/{lang}/{NAME}/{name}"
        for lang in ("en", "zh")
        for name in ("checks.bin", f"{NAME}.ipynb")
    ]
    assert build([lecture], tmp_path, extra=extra) == []
    files[1].write_bytes(b"edited")
    assert build([lecture], tmp_path, extra=extra) == [files[1]]
    assert files[1].read_bytes() == lecture_files(lecture, "en")[f"{NAME}.ipynb"]


def test_check_touches_nothing(lecture, tmp_path):
    """``check`` returns missing, stale and left-over files, and writes and removes none."""
    missing = build([lecture], tmp_path, check=True)
    assert len(missing) == 2
    assert not (tmp_path / "assignments").exists()
    build([lecture], tmp_path)
    missing[0].write_bytes(b"stale")
    scratch = missing[1].with_name("scratch.csv")
    scratch.write_bytes(b"")
    assert build([lecture], tmp_path, check=True) == [missing[0], scratch]
    assert missing[0].read_bytes() == b"stale"


def test_build_removes_a_former_lecture(lecture, tmp_path):
    """A lecture without a source loses its generated files; a file that no build names so is kept."""
    former = write(tmp_path, SOURCE, "lecture98_former")
    build([lecture, former], tmp_path, extra=extra)
    assert build([lecture], tmp_path, check=True, extra=extra) == []  # not built now, but it has a source
    former.path.unlink()
    mine = tmp_path / "assignments" / "zh" / "lecture98_former" / "mine.txt"
    mine.write_bytes(b"")
    assert len(build([lecture], tmp_path, check=True, extra=extra)) == 5
    assert len(build([lecture], tmp_path, extra=extra)) == 4
    assert mine.exists()
    assert not (tmp_path / "assignments" / "en" / "lecture98_former").exists()


def test_build_is_whole_or_not_at_all(lecture, tmp_path):
    """One lecture that cannot be built leaves every file as it was."""
    bad = write(tmp_path, SOURCE.replace("points=60", "points=1"), "lecture97_bad")
    with pytest.raises(CourseError):
        build([lecture, bad], tmp_path)
    assert not (tmp_path / "assignments").exists()
