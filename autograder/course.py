"""The course: its lectures as their sources in ``solutions/`` tell them.

A source is percent-format Python. Reading it runs nothing; ``reference`` runs its untagged and exercise cells alone.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.operations import GROUPS
from autograder.probe import has_chinese

LANGUAGES = ("en", "zh")
TOTAL_POINTS = 100


class CourseError(ValueError):
    """A lecture that cannot be read, found, or is not as it must be; the message says where and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell of a source: ``kind`` is markdown, code, exercise, or demo."""

    kind: str
    source: str
    line: int
    lang: str | None = None
    exercise: str | None = None


@dataclass(frozen=True)
class Exercise:
    """What a student completes, and how it counts."""

    name: str
    points: float
    difficulty: int
    minutes: int
    source: str
    bonus: bool = False
    vectorised: bool = False
    differentiable: bool = False
    forbidden: tuple[str, ...] = ()
    hints: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by language


@dataclass(frozen=True)
class Lecture:
    """One lecture: its text, its exercises, and where it was read."""

    name: str
    path: Path
    title: dict[str, str]
    cells: tuple[Cell, ...]
    exercises: tuple[Exercise, ...]

    def exercise(self, name: str) -> Exercise:
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise CourseError(f"{self.name} has no exercise {name!r}; it has {', '.join(e.name for e in self.exercises)}")

    @property
    def root(self) -> Path:
        return self.path.parent.parent


def course_root() -> Path | None:
    """The repository that this package runs from, or None where only the package is installed (a student's bundle)."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "solutions").is_dir() and (root / "autograder" / "graders").is_dir() else None


def require_root() -> Path:
    root = course_root()
    if root is None:
        raise CourseError(
            "this is a student's installation, without solutions and hidden graders; run the command in the course's repository"
        )
    return root


def lecture_names() -> list[str]:
    root = course_root()
    return [] if root is None else sorted(p.stem for p in (root / "solutions").glob("lecture*.py"))


def find_lecture(text: str) -> str:
    """A lecture's name from what a user types: its name, a path to it, its number, or an unambiguous part."""
    names = lecture_names()
    stem = Path(text).stem
    if stem in names:
        return stem
    if number := re.fullmatch(r"(?:lecture|l)?0*(\d+)", stem, re.IGNORECASE):
        names_of_number = [n for n in names if n.startswith(f"lecture{int(number[1]):02d}_")]
        if names_of_number:
            return names_of_number[0]
    matches = [n for n in names if stem and stem in n]
    if len(matches) == 1:
        return matches[0]
    raise CourseError(f"no lecture is called {text!r}; there are: {', '.join(names)}")


@functools.cache
def read_lecture(name: str) -> Lecture:
    """Read ``solutions/<name>.py``. Raises ``CourseError`` naming the line where it is not as a source must be."""
    return parse_lecture(require_root() / "solutions" / f"{name}.py")


def parse_lecture(path: Path) -> Lecture:
    """Read a source at any path."""
    cells: list[Cell] = []
    exercises: list[dict[str, Any]] = []
    hints: dict[str, dict[str, tuple[str, ...]]] = {}
    for line, markdown, meta, source in percent_cells(path):
        where = f"{path.name}:{line}"
        if markdown:
            lang = meta.get("lang")
            if lang not in LANGUAGES:
                raise CourseError(f'{where}: a markdown cell needs lang="en" or lang="zh"')
            if "hint" in meta:
                hints.setdefault(meta["hint"], {})[lang] = _ladder(source, where)
            else:
                cells.append(Cell("markdown", source, line, lang))
        elif "exercise" in meta:
            _check_exercise(meta, source, where)
            cells.append(Cell("exercise", source, line, exercise=meta["exercise"]))
            exercises.append({**meta, "source": source, "where": where})
        else:
            cells.append(Cell("demo" if meta.get("demo") else "code", source, line, meta.get("lang")))
    return Lecture(path.stem, path, _titles(cells, path), tuple(cells), tuple(_exercise(e, hints) for e in exercises))


def percent_cells(path: Path) -> Iterator[tuple[int, bool, dict[str, Any], str]]:
    """(line, whether Markdown, metadata, source) of each cell of a percent-format file.

    The same as jupytext reads (a test compares them), whose import alone takes longer than grading a notebook.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [i for i, text in enumerate(lines) if re.match(r"# %%(\s|$)", text)]
    if not starts or any(text.strip() for text in lines[: starts[0]]):
        raise CourseError(f"{path.name}: every cell must start with a '# %%' line, the first one too")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        header = lines[start].removeprefix("# %%").strip()
        markdown = header.startswith("[markdown]")
        body = [re.sub("^# ?", "", text) if markdown else text for text in lines[start + 1 : end]]
        meta = _metadata(header.removeprefix("[markdown]"), f"{path.name}:{start + 1}")
        yield start + 1, markdown, meta, "\n".join(body).strip("\n")


def _metadata(header: str, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pattern = r'\s*(\w+)=("[^"]*"|\[[^\]]*\]|[^\s"\[]+)'
    if re.fullmatch(rf"(?:{pattern})*\s*", header) is None:
        raise CourseError(f"{where}: cannot read the cell's attributes {header!r}; write name=value, values as in JSON")
    for name, value in re.findall(pattern, header):
        try:
            found[name] = json.loads(value)
        except ValueError:
            raise CourseError(f"{where}: {name}={value} is no JSON value") from None
    return found


def _ladder(source: str, where: str) -> tuple[str, ...]:
    steps = [s.strip() for s in re.split(r"^\d\.\s+", source, flags=re.MULTILINE) if s.strip()]
    if len(steps) != 3:
        raise CourseError(f"{where}: a hint ladder has three steps, numbered 1. 2. 3.; found {len(steps)}")
    return tuple(steps)


def _check_exercise(meta: dict[str, Any], source: str, where: str) -> None:
    name = meta["exercise"]
    if not re.search(rf"^(def|class) {re.escape(name)}\b", source, re.MULTILINE):
        raise CourseError(f"{where}: the cell of exercise {name!r} defines no function or class of that name")
    if "### BEGIN SOLUTION" not in source or "### END SOLUTION" not in source:
        raise CourseError(f"{where}: mark the solution of {name!r} with ### BEGIN SOLUTION and ### END SOLUTION")
    unknown = [g for g in meta.get("forbidden", []) if g not in GROUPS]
    if unknown:
        raise CourseError(f"{where}: unknown forbidden group {unknown[0]!r}; known: {', '.join(GROUPS)}")
    missing = [k for k in ("points", "difficulty", "minutes") if k not in meta]
    if missing:
        raise CourseError(f"{where}: exercise {name!r} needs {', '.join(missing)}")


def _exercise(meta: dict[str, Any], hints: dict[str, dict[str, tuple[str, ...]]]) -> Exercise:
    name = meta["exercise"]
    return Exercise(
        name=name,
        points=float(meta["points"]),
        difficulty=int(meta["difficulty"]),
        minutes=int(meta["minutes"]),
        source=meta["source"],
        bonus=bool(meta.get("bonus", False)),
        vectorised=bool(meta.get("vectorised", False)),
        differentiable=bool(meta.get("differentiable", False)),
        forbidden=tuple(meta.get("forbidden", ())),
        hints=hints.get(name, {}),
    )


def _titles(cells: list[Cell], path: Path) -> dict[str, str]:
    titles: dict[str, str] = {}
    for cell in cells:
        if cell.kind == "markdown" and cell.lang and cell.lang not in titles:
            if heading := re.match(r"# (.+)", cell.source):
                titles[cell.lang] = heading[1].strip()
    if set(titles) != set(LANGUAGES):
        raise CourseError(f"{path.name}: the first markdown cell of each language must start with '# ' and the title")
    if has_chinese(titles["en"]) or not has_chinese(titles["zh"]):
        raise CourseError(f"{path.name}: the title of lang=en must be English, that of lang=zh Chinese")
    return titles


@functools.cache
def reference(name: str) -> ModuleType:
    """The reference implementation of a lecture: a module of its untagged and exercise cells; demos are not run."""
    return load_reference(read_lecture(name))


def load_reference(lecture: Lecture) -> ModuleType:
    lines = lecture.path.read_text(encoding="utf-8").splitlines()
    keep = [""] * len(lines)
    for cell in lecture.cells:
        if cell.kind in ("code", "exercise"):
            # Kept on their own lines, so that a traceback and inspect show the source.
            end = cell.line
            while end < len(lines) and not lines[end].startswith("# %%"):
                end += 1
            keep[cell.line : end] = lines[cell.line : end]
    module = ModuleType(f"solutions.{lecture.name}")
    module.__file__ = str(lecture.path)
    sys.modules[module.__name__] = module
    exec(compile("\n".join(keep), str(lecture.path), "exec"), module.__dict__)
    return module


@functools.cache
def exercise_index() -> dict[str, str]:
    """Exercise name -> lecture name, over the course; names are unique."""
    index: dict[str, str] = {}
    for lecture in map(read_lecture, lecture_names()):
        for exercise in lecture.exercises:
            if exercise.name in index:
                raise CourseError(f"exercise {exercise.name!r} is in {index[exercise.name]} and in {lecture.name}")
            index[exercise.name] = lecture.name
    return index
