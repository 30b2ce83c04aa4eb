"""Submissions of the sample lecture, made of its reference, and readers of their reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import nbformat
import pytest

from autograder.build import filled, notebook_bytes
from autograder.course import read_lecture
from autograder.report import ExerciseResult, Report
from autograder.sandbox import Level, Limits, Unavailable, choose

SAMPLE = "lecture07_classification"
# CPU seconds: plenty for a softmax, and short enough to wait for where a submission hangs.
SHORT = Limits(cell_seconds=1, item_seconds=1, exercise_seconds=2)

Cell = tuple[int, str]


def submission(sources: Mapping[str, str] | None = None, cells: Sequence[Cell] = (), lang: str = "en") -> bytes:
    """A student's notebook: the reference, with other ``sources`` for some exercises, and further ``cells``.

    A further cell is (the place before which it stands, source).
    """
    node = filled(read_lecture(SAMPLE), lang, sources)
    for number, (place, source) in enumerate(cells):
        node.cells.insert(place, nbformat.v4.new_code_cell(source, id=f"own-{number}"))
    return notebook_bytes(node)


def level_or_skip(name: str) -> Level:
    """An isolation level whose self-test passes here; else the test is skipped with the reason."""
    try:
        return choose(name)
    except Unavailable as error:
        pytest.skip(str(error))


def result(report: Report, exercise: str) -> ExerciseResult:
    return next(e for e in report.exercises if e.name == exercise)


def verdicts(report: Report) -> dict[tuple[str, str, str, str], str]:
    """The verdict of each probe, by exercise, id, device and dtype."""
    return {(e.name, p.id, p.device, p.dtype): p.verdict for e in report.exercises for p in e.probes}
