"""Many submissions: found, graded side by side, written down one by one, so that a stopped run goes on where it was.

Work is idempotent by content: (submission bytes, graders, reference, engine, seed, environment) names a result, and a report
with that name is not made again.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from autograder import messages
from autograder.course import CourseError, find_lecture, require_root
from autograder.exam import DEFAULT_SEED, exam
from autograder.grading import grade_submission
from autograder.progress import write_atomically
from autograder.report import ExerciseResult, Report, Status, Text
from autograder.sandbox import DEFAULT_LIMITS, Level, Limits
from autograder.submission import Unreadable, lecture_of, read, read_bytes


@dataclass(frozen=True)
class Entry:
    """One student's submission of one lecture."""

    student: str
    lecture: str
    path: Path


class NothingFound(ValueError):
    """A path without submissions; the message shows the layout that is looked for."""


def find_entries(root: Path) -> list[Entry]:
    """The submissions of ``submitted/<student>/<lecture>/``. Of several files the lecture's notebook counts, else the first.

    Raises ``NothingFound``.
    """
    entries: dict[tuple[str, str], Entry] = {}
    for student in sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")):
        for folder in sorted(p for p in student.iterdir() if p.is_dir() and not p.is_symlink()):
            try:
                lecture = find_lecture(folder.name)
            except CourseError:
                continue
            files = sorted(
                (
                    p
                    for p in folder.iterdir()
                    if not p.name.startswith(".") and p.name != "timestamp.txt" and not p.is_dir()
                ),
                key=lambda p: (p.stem != lecture, p.suffix != ".ipynb", p.suffix != ".py", p.name),
            )
            if files:
                entry = Entry(_student(student.name), lecture, files[0])
                # Of two folders that mean one lecture ("7" beside its full name) the one with the full name counts.
                if folder.name == lecture or (entry.student, lecture) not in entries:
                    entries[entry.student, lecture] = entry
    if not entries:
        raise NothingFound(f"{root}: no submission found; expected {root}/<student>/<lecture>/<lecture>.ipynb")
    return list(entries.values())


def _student(name: str) -> str:
    """A folder's name as a student's: text that JSON can hold, short enough to be part of a file's name."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    if len(text.encode()) <= 200:
        return text
    return f"{text[:40]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def grade_class(
    entries: Sequence[Entry],
    level: Level,
    folder: Path,
    *,
    workers: int = 1,
    seed: int = DEFAULT_SEED,
    device: str = "cpu",
    limits: Limits = DEFAULT_LIMITS,
    done: Callable[[Report, bool], None] = lambda report, cached: None,
) -> list[Report]:
    """Grade ``entries`` with ``workers`` side by side; reports lie under ``folder`` as they come.

    ``done(report, cached)`` is told of each. One submission's fault, or ours, is one submission's report.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reports: list[Report] = []
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        jobs = {}
        try:
            for entry in entries:
                key = content_key(entry, seed, device, level.name)
                place = folder / entry.lecture / f"{entry.student}.json"
                if (old := load_report(place)) and old.key == key:
                    reports.append(old)
                    done(old, True)
                else:
                    jobs[pool.submit(_grade_one, entry, level, seed, device, limits, key)] = place
            for job in as_completed(jobs):
                report = job.result()
                jobs[job].parent.mkdir(parents=True, exist_ok=True)
                write_atomically(jobs[job], report_bytes(report))
                reports.append(report)
                done(report, False)
        except BaseException:
            # Interrupted: what is finished is written; what has not begun is not begun.
            for job in jobs:
                job.cancel()
            raise
    return sorted(reports, key=lambda r: (r.lecture, r.student))


def report_bytes(report: Report) -> bytes:
    return report.model_dump_json(by_alias=True, indent=1).encode() + b"\n"


def load_report(path: Path) -> Report | None:
    """A report written earlier, or None where there is none that can be read."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def _grade_one(entry: Entry, level: Level, seed: int, device: str, limits: Limits, key: str) -> Report:
    answers = exam(entry.lecture, seed, device)
    try:
        submission = read(entry.path)
        lecture_of(submission, entry.lecture)
        report = grade_submission(submission, answers, level, limits, student=entry.student)
    except Unreadable as error:
        report = _without_verdict(entry, level, seed, device, "unreadable", error.text)
    except Exception as error:  # ours: loudly not graded, and the class goes on
        fault = messages.label("engine_fault", error=f"{type(error).__name__}: {error}"[:300])
        report = _without_verdict(entry, level, seed, device, "not_graded", fault)
    if any(p.verdict == "not_graded" for e in report.exercises for p in e.probes) or any(
        e.status == "not_graded" for e in report.exercises
    ):
        key = ""  # a fault of ours, or a device that is missing today: tried again next time
    return report.model_copy(update={"key": key, "submission": entry.path.name})


def _without_verdict(entry: Entry, level: Level, seed: int, device: str, kind: str, reason: Text) -> Report:
    """The report of a submission that could not be read (no points) or graded (no points lost)."""
    answers = exam(entry.lecture, seed, device)
    text = messages.label(kind, reason=reason)
    lost = kind == "unreadable"
    results = []
    for name in answers.exercises():
        points, bonus = answers.points(name)
        status: Status = "fail" if lost else "not_graded"
        most = points if lost else 0
        results.append(ExerciseResult(name=name, score=0, max_score=most, bonus=bonus, status=status, summary=text))
    return Report(
        submission=entry.path.name, student=entry.student, lecture=entry.lecture, title=answers.title, seed=seed,
        isolation=level.name, score=0, max_score=sum(r.max_score for r in results if not r.bonus),
        exercises=tuple(results), notes=(text.en,), notes_zh=(text.zh,),
    )  # fmt: skip


def content_key(entry: Entry, seed: int, device: str, isolation: str) -> str:
    """The name of a result: everything that it depends on."""
    try:
        submission = read_bytes(entry.path)
    except Unreadable as error:
        submission = str(error).encode()
    parts = [submission, *_course_parts(entry.lecture), f"{seed} {device} {isolation} {environment()}".encode()]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:32]


@functools.cache
def _course_parts(lecture: str) -> tuple[bytes, ...]:
    root = require_root()
    own = [
        root / "solutions" / f"{lecture}.py",
        root / "autograder" / "graders" / f"test_{lecture}.py",
        root / "autograder" / "variants" / f"{lecture}.py",
    ]
    return tuple(p.read_bytes() for p in [*own, *_engine_files(root)])


def _engine_files(root: Path) -> Iterator[Path]:
    """The engine's modules; other lectures' graders are not among them, so that a change there regrades nothing here."""
    package = root / "autograder"
    for path in sorted(package.rglob("*.py")):
        if path.parent.name not in ("graders", "variants", "render"):
            yield path


@functools.cache
def environment() -> str:
    import numpy
    import torch

    return f"python {platform.python_version()} torch {torch.__version__} numpy {numpy.__version__}"
