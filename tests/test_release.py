"""A student's bundle: complete enough to work with, and without anything that gives an answer away."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.build import lecture_files
from autograder.course import CourseError, Lecture, parse_lecture
from autograder.release import MARKER, release

NAME = "lecture99_sample"
REPOSITORY = Path(__file__).parent.parent
SOURCE = '''\
# %% [markdown] lang="en"
# # Sample

# %% [markdown] lang="zh"
# # 样例

# %% exercise="half" points=100 difficulty=1 minutes=5
def half(x: float) -> float:
    """Half of ``x``.

    ``x`` 的一半。
    """
    ### BEGIN SOLUTION
    secret_divisor = 2
    return x / secret_divisor
    ### END SOLUTION
'''


def write(root: Path, name: str = NAME) -> Lecture:
    path = root / "solutions" / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SOURCE, encoding="utf-8")
    return parse_lecture(path)


@pytest.fixture
def lecture(tmp_path: Path) -> Lecture:
    return write(tmp_path)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return tmp_path / "bundle"


def extra(lecture: Lecture, lang: str) -> dict[str, bytes]:
    return {"checks.bin": f"checks {lang}".encode()}


def files_of(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_bundle_has_what_a_student_needs(lecture, bundle):
    """Notebooks and public checks of both languages as a build makes them, the engine, how to install it."""
    written = release(lecture, bundle, extra=extra)
    assert {p.relative_to(bundle).as_posix() for p in written} == files_of(bundle)
    for lang in ("en", "zh"):
        for name, content in lecture_files(lecture, lang, extra).items():
            assert (bundle / "assignments" / lang / NAME / name).read_bytes() == content
    assert {"README.md", "pyproject.toml", "autograder/course.py", "autograder/py.typed"} <= files_of(bundle)
    readme = (bundle / "README.md").read_text(encoding="utf-8")
    assert f"assignments/zh/{NAME}/{NAME}.ipynb" in readme
    assert 'pip install ".[student]"' in readme


def test_bundle_holds_no_answer(lecture, bundle):
    """No file has reference code; no grader or variant of the course is there, by name or by content."""
    release(lecture, bundle, extra=extra)
    private = [
        p.read_bytes()
        for folder in ("autograder/graders", "autograder/variants", "solutions")
        for p in (REPOSITORY / folder).rglob("*.py")
        if p.stat().st_size > 200
    ]
    for name in files_of(bundle):
        content = (bundle / name).read_bytes()
        assert b"secret_divisor" not in content, name
        assert not any(p in content for p in private), name
        assert not {"graders", "variants", "tests", "solutions"} & set(name.split("/")), name
        if not name.startswith("autograder/"):
            assert b"BEGIN SOLUTION" not in content, name


def test_one_language(lecture, bundle):
    """A release of one language holds that language alone, and its README opens that notebook."""
    release(lecture, bundle, languages=("zh",))
    assert not (bundle / "assignments" / "en").exists()
    assert "assignments/en" not in (bundle / "README.md").read_text(encoding="utf-8")


def test_pyproject_installs_without_authors_parts(lecture, bundle):
    """The bundle's pyproject has the course's dependencies and command, and no package data of graders."""
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    release(lecture, bundle)
    ours = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    theirs = tomllib.loads((bundle / "pyproject.toml").read_text(encoding="utf-8"))
    assert theirs["build-system"] == ours["build-system"]
    assert theirs["project"]["dependencies"] == ours["project"]["dependencies"]
    assert theirs["project"]["scripts"] == ours["project"]["scripts"]
    assert list(theirs["project"]["optional-dependencies"]) == ["student"]
    data = theirs["tool"]["setuptools"]["package-data"]["autograder"]
    assert data == [d for d in ours["tool"]["setuptools"]["package-data"]["autograder"] if "/*.py" not in d]


def test_bundle_installs(lecture, bundle, tmp_path):
    """``pip install .`` in the bundle gives a package that imports, and knows that it is a student's."""
    release(lecture, bundle)
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target"]
    done = subprocess.run([*pip, str(target), str(bundle)], capture_output=True, text=True, check=False)
    if "setuptools" in done.stderr and done.returncode:
        pytest.skip("no setuptools here to build with")
    assert done.returncode == 0, done.stderr
    code = "import autograder.course as c; print(c.__file__, c.course_root())"
    ran = subprocess.run([sys.executable, "-c", code], cwd=target, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(target / "autograder" / "course.py"), "None"]


def test_second_lecture_joins_the_first(lecture, bundle, tmp_path):
    """Another lecture released into the same folder leaves the first as it is; the README names both."""
    release(lecture, bundle, extra=extra)
    work = bundle / "assignments" / "en" / NAME / f"{NAME}.ipynb"
    work.write_bytes(b"a student's work")
    release(write(tmp_path, "lecture98_other"), bundle, extra=extra)
    assert work.read_bytes() == b"a student's work"
    readme = (bundle / "README.md").read_text(encoding="utf-8")
    assert f"`lecture98_other`, `{NAME}`" in readme


def test_released_again(lecture, bundle):
    """A release over an earlier one renews it: what it no longer has goes, what is not its own stays."""
    release(lecture, bundle, extra=extra)
    (bundle / "mine.txt").write_bytes(b"")
    release(lecture, bundle)
    assert "mine.txt" in files_of(bundle)
    assert not any(name.endswith("checks.bin") for name in files_of(bundle))
    before = {name: (bundle / name).read_bytes() for name in files_of(bundle)}
    release(lecture, bundle)
    assert {name: (bundle / name).read_bytes() for name in files_of(bundle)} == before


def test_changed_work_is_not_overwritten(lecture, bundle):
    """A notebook changed since its release stops the next one of its lecture before anything is written."""
    release(lecture, bundle)
    work = bundle / "assignments" / "en" / NAME / f"{NAME}.ipynb"
    work.write_bytes(b"a student's work")
    before = (bundle / MARKER).read_bytes()
    with pytest.raises(CourseError, match=r"ipynb was changed since its release; move it away"):
        release(lecture, bundle, extra=extra)
    assert work.read_bytes() == b"a student's work"
    assert (bundle / MARKER).read_bytes() == before
    assert not list(bundle.rglob("checks.bin"))


def test_foreign_folder_is_refused(lecture, tmp_path):
    """A folder with other things in it, and a file, are refused by name and left as they are."""
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "thesis.tex").write_bytes(b"")
    with pytest.raises(CourseError, match=r"thesis is not empty and no earlier release"):
        release(lecture, folder)
    with pytest.raises(CourseError, match="is a file"):
        release(lecture, folder / "thesis.tex")
    assert files_of(folder) == {"thesis.tex"}
