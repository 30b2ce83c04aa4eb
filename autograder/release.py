"""A student's bundle: freshly built notebooks, public checks, the engine; no solutions, no hidden graders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from autograder.build import ASSIGNMENTS, Extra, lecture_files
from autograder.course import LANGUAGES, CourseError, Lecture

MARKER = ".autograder-release"
"""Lies in a bundle; lists what the release wrote, as ``sha256  path`` lines."""

_PACKAGE = Path(__file__).resolve().parent
_AUTHORS = {"graders", "variants", "tests"}  # folders of the package that stay with the authors
_SECTIONS = ("build-system", "project", "project.scripts", "tool.setuptools.packages.find")

_README = """\
# Deep learning, exercise by exercise

Lectures: {lectures}

1. Python 3.10 or newer. In this folder: `pip install ".[student]"`
2. Open a notebook: `jupyter lab {first}`
3. Fill in each `# YOUR CODE HERE`, run the cell, then run the `check(…)` cell below it.
   In a terminal, `autograder check {first}` checks the whole notebook.
4. Stuck? `autograder hint {exercise}` gives one hint at a time.

Hand in the notebook under its own name. Your instructor grades it with hidden tests, which try more cases
than the checks here.

---

# 深度学习，一题一题来

1. Python 3.10 或更新版本。在本文件夹中运行：`pip install ".[student]"`
2. 打开笔记本：`jupyter lab {first_zh}`
3. 在每个 `# 在这里写你的代码` 处写代码，运行单元格，再运行它下面的 `check(…)`。
   在终端运行 `autograder check {first_zh}` 可以检查整个笔记本。
4. 卡住了？`autograder hint {exercise}` 每次给一条提示。

提交笔记本时不要改文件名。老师用隐藏测试评分，测的情形比这里的检查更多。
"""


def release(
    lecture: Lecture, to: Path, languages: Sequence[str] = LANGUAGES, extra: Extra | None = None
) -> list[Path]:
    """Write what a student needs for ``lecture`` into the folder ``to``; returns the files, sorted.

    Notebooks and what ``extra`` adds (public checks) are built anew, never copied. ``to`` may hold earlier
    releases: other lectures stay, this one and the engine are renewed. Raises ``CourseError`` where that
    would overwrite anything that a release did not write, or that was changed since.
    """
    written = _written_before(to)
    kept = {p: digest for p, digest in written.items() if _lecture_of(p) not in (None, lecture.name)}
    files = _lesson_files(lecture, languages, extra) | _engine_files()
    files["README.md"] = _readme(lecture, languages, [*kept, *files]).encode()
    renewed = {path: digest for path, digest in written.items() if path not in kept}
    _refuse_to_lose(to, files, renewed)
    for path in renewed.keys() - files.keys():
        (to / path).unlink(missing_ok=True)
    for path, content in files.items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_bytes(content)
    digests = kept | {path: _digest(content) for path, content in files.items()}
    listing = "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
    (to / MARKER).write_text(listing, encoding="utf-8", newline="\n")
    return sorted(to / path for path in [*files, MARKER])


def _lesson_files(lecture: Lecture, languages: Sequence[str], extra: Extra | None) -> dict[str, bytes]:
    return {
        f"{ASSIGNMENTS}/{lang}/{lecture.name}/{name}": content
        for lang in languages
        for name, content in lecture_files(lecture, lang, extra).items()
    }


def _lecture_of(path: str) -> str | None:
    """The lecture that a path of the bundle belongs to: ``assignments/<lang>/<lecture>/…``."""
    top, *inner = path.split("/")
    return inner[1] if top == ASSIGNMENTS and len(inner) > 2 else None


def _readme(lecture: Lecture, languages: Sequence[str], paths: Sequence[str]) -> str:
    lectures = sorted({name for path in paths if (name := _lecture_of(path))})
    notebooks = [f"{ASSIGNMENTS}/{lang}/{lecture.name}/{lecture.name}.ipynb" for lang in languages]
    return _README.format(
        lectures=", ".join(f"`{name}`" for name in lectures),
        first=notebooks[0],
        first_zh=notebooks[languages.index("zh")] if "zh" in languages else notebooks[0],
        exercise=lecture.exercises[0].name,
    )


# -- the engine ------------------------------------------------------------------------------------


def _engine_files() -> dict[str, bytes]:
    """The package without what only authors may see, and a ``pyproject.toml`` that installs it."""
    files = {}
    for path in sorted(_PACKAGE.rglob("*")):
        inner = path.relative_to(_PACKAGE)
        private = inner.parts[0] in _AUTHORS or any(p.startswith((".", "__pycache__")) for p in inner.parts)
        if path.is_file() and not private and path.suffix != ".pyc":
            files[f"{_PACKAGE.name}/{inner.as_posix()}"] = path.read_bytes()
    project = _PACKAGE.parent / "pyproject.toml"
    if not project.is_file():
        raise CourseError(f"{project} is missing: run release in the course's repository")
    files["pyproject.toml"] = _pyproject(project.read_text(encoding="utf-8")).encode()
    license_file = _PACKAGE.parent / "LICENSE"
    if license_file.is_file():
        files["LICENSE"] = license_file.read_bytes()
    return files


def _pyproject(text: str) -> str:
    """A bundle's ``pyproject.toml`` from the course's: the same dependencies, no authors' tools and data."""
    sections = dict(re.findall(r"^\[([^\[\]\n]+)\]\n(.*?)(?=^\[|\Z)", text, flags=re.MULTILINE | re.DOTALL))
    extras = re.findall(r"^student\s*=.*\n", sections["project.optional-dependencies"], flags=re.MULTILINE)
    kept = {name: sections[name] for name in _SECTIONS}
    kept["project.optional-dependencies"] = "".join(extras)
    data = re.sub(r'"(graders|variants)/[^"]*",\s*', "", sections["tool.setuptools.package-data"])
    kept["tool.setuptools.package-data"] = data
    return "\n".join(f"[{name}]\n{body.strip()}\n" for name, body in kept.items())


# -- nothing of anyone's is lost -------------------------------------------------------------------


def _written_before(to: Path) -> dict[str, str]:
    """Path -> digest, of what earlier releases wrote into ``to``."""
    if to.exists() and not to.is_dir():
        raise CourseError(f"{to} is a file; name a folder for the release")
    if not to.exists() or not any(to.iterdir()):
        return {}
    marker = to / MARKER
    if not marker.is_file():
        raise CourseError(f"{to} is not empty and no earlier release (it has no {MARKER}); name a new folder")
    lines = marker.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, _, path in (line.partition("  ") for line in lines) if path}


def _refuse_to_lose(to: Path, files: dict[str, bytes], written: dict[str, str]) -> None:
    for path in sorted(files.keys() | written.keys()):
        there = to / path
        known = {written.get(path), _digest(files.get(path, b""))}
        if there.is_file() and _digest(there.read_bytes()) not in known:
            raise CourseError(f"{there} was changed since its release; move it away or name a new folder")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
