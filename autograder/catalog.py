"""What a student can choose from: lectures, exercises, hints. From the repository, or from the notebooks' folders of a bundle."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import LANGUAGES, CourseError, course_root, lecture_names, read_lecture
from autograder.public import SUFFIX, PublicChecks, find_checks, load_checks


@dataclass(frozen=True)
class Offer:
    """An exercise as a student sees it in a list."""

    name: str
    points: float
    difficulty: int
    minutes: int
    bonus: bool
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class LectureOffer:
    name: str
    title: Mapping[str, str]
    exercises: tuple[Offer, ...]

    def exercise(self, name: str) -> Offer | None:
        return next((e for e in self.exercises if e.name == name), None)


@functools.cache
def offers() -> tuple[LectureOffer, ...]:
    """All lectures at hand, in order."""
    if course_root() is not None:
        return tuple(_from_source(name) for name in lecture_names())
    found: dict[str, LectureOffer] = {}
    for folder in _assignment_folders():
        for path in sorted(folder.glob(f"*/*/*{SUFFIX}")):
            found.setdefault(path.stem, _from_checks(load_checks(path)))
    near = find_checks(Path.cwd())
    if near is not None:
        found.setdefault(near.stem, _from_checks(load_checks(near)))
    return tuple(found[name] for name in sorted(found))


def _from_source(name: str) -> LectureOffer:
    lecture = read_lecture(name)
    exercises = (
        Offer(e.name, e.points, e.difficulty, e.minutes, e.bonus, {k: tuple(v) for k, v in e.hints.items()})
        for e in lecture.exercises
    )
    return LectureOffer(name, lecture.title, tuple(exercises))


def _from_checks(checks: PublicChecks) -> LectureOffer:
    exercises = (
        Offer(name, *checks.offer(name), {lang: tuple(checks.hints(name, lang)) for lang in LANGUAGES})
        for name in checks.exercises()
    )
    return LectureOffer(checks.lecture, checks.title.model_dump(), tuple(exercises))


def find_offer(exercise: str) -> tuple[LectureOffer, Offer]:
    """Raises ``CourseError`` with names that are near."""
    import difflib

    for lecture in offers():
        if found := lecture.exercise(exercise):
            return lecture, found
    names = [e.name for lecture in offers() for e in lecture.exercises]
    near = difflib.get_close_matches(exercise, names, 3)
    advice = f"; did you mean {', '.join(near)}?" if near else "; `autograder list` shows them"
    raise CourseError(f"no exercise is called {exercise!r}{advice}")


def find_lecture_offer(text: str) -> str:
    """A lecture's name from its name, number, or an unambiguous part of it."""
    names = [lecture.name for lecture in offers()]
    digits = text.lower().removeprefix("lecture").removeprefix("l").strip()
    matches = [n for n in names if n == text]
    if not matches and digits.isdigit():
        matches = [n for n in names if n.startswith(f"lecture{int(digits):02d}_")]
    matches = matches or [n for n in names if text and text in n]
    if len(matches) != 1:
        raise CourseError(f"no lecture is called {text!r}; there are: {', '.join(names) or 'none here'}")
    return matches[0]


def _assignment_folders() -> list[Path]:
    root = course_root()
    if root is not None:
        return [root / "assignments"]
    here = Path.cwd()
    return [p / "assignments" for p in (here, *here.parents) if (p / "assignments").is_dir()]


def assignment_folder(lecture: str, lang: str) -> Path:
    """Where the lecture's notebook and checks lie, to be copied. Raises ``CourseError``."""
    for folder in _assignment_folders():
        if (folder / lang / lecture / f"{lecture}.ipynb").is_file():
            return folder / lang / lecture
    raise CourseError(
        f"no notebook of {lecture} in {lang!r} here; run this in the folder that holds assignments/ (or `autograder build` first)"
    )
