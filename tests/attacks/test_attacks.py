"""Attacks of every kind: no point is gained, other exercises are unaffected, and the report names what happened."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from submissions import SAMPLE, level_or_skip, result, submission

from attacks import hostile
from autograder.course import require_root
from autograder.exam import Exam, exam
from autograder.grading import judge_exercise, key
from autograder.observation import Array, Call, Observation, Opaque, Plain, Raised
from autograder.report import Report
from autograder.sandbox import Level
from autograder.verdict import outcome


@pytest.fixture(scope="module", params=["C", "D"])
def level(request: pytest.FixtureRequest) -> Level:
    return level_or_skip(request.param)


def _score_is_zero(report: Report, exercise: str) -> None:
    found = result(report, exercise)
    assert (found.status, found.score) == ("fail", 0), found.summary.en
    assert found.max_score > 0


# --- lying results ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lies(graded: Callable[..., Report], level_d: Level) -> Report:
    return graded(level_d, submission(hostile.LIES, [(2, hostile.PATCHES)]))


@pytest.mark.parametrize(
    ("exercise", "words"),
    [
        ("one_hot", "Agreeable"),
        ("softmax", "elements that differ"),
        ("log_softmax", "NumPy array"),
        ("cross_entropy", "should be a tensor"),
        ("cross_entropy_logits", "generator"),
        ("squared_error", "should be a tensor"),
        ("softmax_ce_grad", "shape is (1, 1)"),
        ("softmax_mse_grad", "changed its argument"),
        ("accuracy", "Always"),
    ],
)
def test_a_lying_result_gains_nothing_and_is_named(lies: Report, exercise: str, words: str) -> None:
    """Objects that compare equal to everything, with patched comparison functions beside them, score 0."""
    _score_is_zero(lies, exercise)
    assert words in result(lies, exercise).summary.en


def test_patches_stay_in_the_submissions_process(lies: Report) -> None:
    """What a submission replaces in NumPy, torch and the engine is replaced for itself alone."""
    assert lies.score == 0
    assert not np.allclose(0, 1)
    assert exam(SAMPLE).expected(exam(SAMPLE).items("softmax")[0]).value is not None


# --- fetching the answer ----------------------------------------------------------------------------------------------


def _thieves(port: int) -> bytes:
    parts = {"COURSE": str(require_root()), "PORT": str(port), "GRADER": str(os.getpid()), "LECTURE": SAMPLE}

    def aimed(source: str) -> str:
        for name, value in parts.items():
            source = source.replace(name, value)
        return source

    return submission({name: aimed(source) for name, source in hostile.THIEVES.items()})


@pytest.fixture(scope="module")
def thieves(graded: Callable[..., Report], level_c: Level) -> Report:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return graded(level_c, _thieves(server.getsockname()[1]))


@pytest.mark.parametrize("exercise", hostile.THIEVES)
def test_no_answer_can_be_fetched_from_inside(thieves: Report, exercise: str) -> None:
    """Frames, the heap, imports, files, the environment, the network and other processes hold nothing to take (level C)."""
    _score_is_zero(thieves, exercise)
    assert "RuntimeError: stolen: []" in result(thieves, exercise).summary.en


def test_a_plain_process_holds_no_answer_either(graded: Callable[..., Report], level_d: Level) -> None:
    """At level D too the process that runs a submission has no expected value in its frames or its heap."""
    report = graded(level_d, _thieves(9), only=["one_hot", "softmax"])
    for exercise in ("one_hot", "softmax"):
        assert "RuntimeError: stolen: []" in result(report, exercise).summary.en


# --- stopping the test ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def enders(graded: Callable[..., Report], level: Level) -> Report:
    return graded(level, submission(hostile.ENDERS))


@pytest.mark.parametrize(
    ("exercise", "words"),
    [
        ("one_hot", "The process ended in the middle of the call"),
        ("softmax", "SystemExit"),
        ("log_softmax", "elements that differ"),
        ("cross_entropy", "time limit"),
        ("cross_entropy_logits", "time limit"),
        ("squared_error", "RecursionError"),
        ("softmax_ce_grad", "SIGKILL"),
        ("softmax_mse_grad", "SkipTest"),
    ],
)
def test_ending_the_test_is_failing_it(enders: Report, exercise: str, words: str) -> None:
    """Exit, exit handlers, endless loops, signals, recursion and skips cost the exercise its points, and are named."""
    _score_is_zero(enders, exercise)
    assert words in result(enders, exercise).summary.en


def test_enders_cost_their_own_exercise_alone(enders: Report) -> None:
    """The honest exercise of the same submission has its points."""
    honest = result(enders, "accuracy")
    assert (honest.status, honest.score) == ("pass", honest.max_score)
    assert enders.score == honest.score


# --- cells ------------------------------------------------------------------------------------------------------------

CELLS = {
    "import os\nos._exit(0)": "ended the process (exit status 0)",
    "while True:\n    pass": "did not finish within its time limit",
    """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
""": "ended the process (time)",
    "import sys\nsys.exit('bye')": "raised SystemExit: bye",
    "1 / 0": "raised ZeroDivisionError",
    "this is no Python": "raised SyntaxError",
    "name = input('your name? ')": "raised EOFError",
    "import atexit, os\natexit.register(os._exit, 0)\nprint('x' * 3_000_000)": "",
    "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()": "",
}


@pytest.fixture(scope="module")
def broken_cells(graded: Callable[..., Report], level_c: Level) -> Report:
    return graded(level_c, submission(cells=[(2, source) for source in reversed(CELLS)]))


def test_broken_cells_cost_themselves_alone(broken_cells: Report) -> None:
    """Cells that exit, hang, raise or are no Python are left out; the functions beside them earn full marks."""
    assert (broken_cells.score, broken_cells.passed) == (100, True)


@pytest.mark.parametrize("number", range(len(CELLS)))
def test_each_broken_cell_is_named(broken_cells: Report, number: int) -> None:
    """A note says of each broken cell what it did, in both languages, and nothing of a sound one."""
    words = list(CELLS.values())[number]
    cell = number + 3  # counted from 1, after the two cells that come first
    notes = [n for n in broken_cells.notes if n.startswith(f"cell {cell} ")]
    assert len(notes) == (1 if words else 0)
    assert all(words in n for n in notes)
    assert sum(f"第 {cell} 个单元" in n for n in broken_cells.notes_zh) == len(notes)


# --- taking resources, leaving things behind ----------------------------------------------------------------------------


class Marked:
    """A level whose workers carry a mark in their environment, so that what survives of them can be found."""

    def __init__(self, inner: Level):
        self.inner, self.name, self.mark = inner, inner.name, uuid.uuid4().hex

    def uid(self) -> int:
        return self.inner.uid()

    def available(self) -> str:
        return self.inner.available()

    @contextlib.contextmanager
    def command(self) -> Iterator[tuple[list[str], dict[str, str]]]:
        with self.inner.command() as (command, environment):
            yield command, {**environment, "MARK": self.mark}

    def survivors(self) -> list[str]:
        """Processes with the mark; those that were killed this moment have some seconds to be gone."""
        deadline = time.monotonic() + 20
        while (found := self._alive()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def _alive(self) -> list[str]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in (process / "environ").read_bytes():
                    found.append((process / "stat").read_text()[:40])
        return found


@pytest.fixture(scope="module")
def greedy(graded: Callable[..., Report], level_c: Level) -> tuple[Report, list[str]]:
    marked = Marked(level_c)
    report = graded(marked, submission(hostile.GREEDY))
    return report, marked.survivors()


@pytest.mark.parametrize(
    ("exercise", "words"),
    [
        ("softmax", "more memory than a submission may use"),
        ("log_softmax", "memory"),
        ("cross_entropy", "refused before 100 processes"),
        ("cross_entropy_logits", "wrote little"),
        ("softmax_mse_grad", "larger than a probe looks at"),
        ("accuracy", "The process ended in the middle of the call"),
    ],
)
def test_greed_meets_a_limit_and_is_named(greedy: tuple[Report, list[str]], exercise: str, words: str) -> None:
    """Memory, processes, disk, results and the worker's own life are limited at level C; what was hit is told."""
    _score_is_zero(greedy[0], exercise)
    assert words in result(greedy[0], exercise).summary.en


@pytest.mark.parametrize("exercise", ["one_hot", "squared_error", "softmax_ce_grad"])
def test_noise_and_leftovers_cost_nothing(greedy: tuple[Report, list[str]], exercise: str) -> None:
    """A right function that prints megabytes, leaves threads running or a daemon behind is right all the same."""
    assert result(greedy[0], exercise).status == "pass"


def test_no_process_outlives_its_submission(greedy: tuple[Report, list[str]]) -> None:
    """Daemons, threads and a fork bomb's children are gone when the report is there."""
    assert greedy[1] == []


def test_a_daemon_of_a_plain_process_is_found_too(graded: Callable[..., Report], level_d: Level) -> None:
    """At level D too, what an exercise leaves behind in a session of its own is killed."""
    marked = Marked(level_d)
    report = graded(marked, submission(hostile.GREEDY), only=["softmax_ce_grad"])
    assert (result(report, "softmax_ce_grad").status, marked.survivors()) == ("pass", [])


# --- forging the result -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forgers(graded: Callable[..., Report], level: Level) -> Report:
    return graded(level, submission(hostile.FORGERS), only=[*hostile.FORGERS, "accuracy"])


@pytest.mark.parametrize("exercise", hostile.FORGERS)
def test_forged_messages_are_observations_at_most(forgers: Report, exercise: str) -> None:
    """Frames written to every descriptor, patched observing and pickles in the place of answers earn nothing."""
    _score_is_zero(forgers, exercise)


def test_an_exercise_cannot_answer_for_another(forgers: Report) -> None:
    """Forged answers for another exercise, and a forged end of the work, change nothing there."""
    honest = result(forgers, "accuracy")
    assert (honest.status, honest.score) == ("pass", honest.max_score)


# --- whatever comes back: the trusted side ------------------------------------------------------------------------------

NAN, INF = math.nan, math.inf
ODD: dict[str, Plain] = {
    "none": None, "bool": True, "int beyond float": 10**400, "nan": NAN, "inf": INF, "braces": "{got} {0} %s", "long": "x" * 2000,
    "empty list": [], "empty dict": {}, "empty tuple": (), "nested": [[[[[[{"a": [None]}]]]]]],
    "counts": {"small": 10**400, "large": -(10**400)}, "counts of nan": {"small": NAN, "large": NAN}, "names": ["_softmax"] * 3,
    "opaque": Opaque("x{}", "{got}"), "nameless exception": Raised(()), "braces raised": Raised(("{x}",), "{y}\n{z}", "{l}"),
    "missing": Raised(("Missing",)), "half started": Raised(("ValueError", "NotImplementedError")),
    "time": Raised(("TimeLimit",)),
    "no elements": Array(np.zeros((0,)), "float64"), "scalar": Array(np.array(0.0), "float64"),
    "broadcastable": Array(np.zeros((1, 1)), "float64"), "complex": Array(np.zeros((2, 4), complex), "complex128"),
    "bools": Array(np.ones((2, 4), bool), "bool"), "bytes": Array(np.ones((2, 3), np.uint8), "uint8"),
    "ndarray": Array(np.zeros((2, 3)), "float64", kind="ndarray"), "bfloat16": Array(np.zeros((2, 3), np.float32), "bfloat16"),
    "device": Array(np.zeros((2, 3)), "float64", "weird{}"), "not finite": Array(np.array([[NAN, INF, -INF]] * 2), "float64"),
    "large": Array(np.zeros((300, 300)), "float64"),
}  # fmt: skip


def _like(value: Plain, leaf: Plain) -> Plain:
    """The structure of ``value`` with ``leaf`` in the place of each of its parts."""
    if isinstance(value, dict):
        return {k: _like(v, leaf) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_like(v, leaf) for v in value)
    return leaf


def _odd_calls(value: Plain) -> list[Call]:
    calls = [Call("softmax", value), Call("", value, (value, value), {"a": value}, ("{x}",))]
    return [*calls, Call("gradients", value, (), {"inputs": value}), Call("gradients", value)]


@pytest.mark.parametrize("odd", ODD)
def test_no_observation_earns_a_point_or_stops_the_grader(exam7: Exam, odd: str) -> None:
    """Whatever a process sends, the exercise fails: not passed, not excused as our fault, no exception."""
    value = ODD[odd]
    for exercise in ("softmax", "cross_entropy_logits"):
        items = exam7.items(exercise)
        for seen in (
            {key(i): Observation(value) for i in items},
            {key(i): Observation(_like(exam7.expected(i).value, value), _odd_calls(value)) for i in items},
        ):
            found = judge_exercise(exam7, exercise, seen)
            assert (found.status, found.score) == ("fail", 0)
            assert not [p.id for p in found.probes if p.verdict == "not_graded"]
            assert found.summary.en
            assert found.summary.zh


GRADERS = sorted((require_root() / "autograder" / "graders").glob("test_lecture*.py"))
JUDGED = [p.stem.removeprefix("test_") for p in GRADERS if "judge=" in p.read_text()]


def _nan(value: Plain) -> Plain:
    if isinstance(value, dict):
        return {k: _nan(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_nan(v) for v in value)
    if isinstance(value, Array) and value.values.dtype.kind == "f":
        return dataclasses.replace(value, values=np.full_like(value.values, NAN))
    return NAN if isinstance(value, float) else value


def _empty(value: Plain) -> Plain:
    return type(value)() if isinstance(value, (dict, list, tuple)) else None


def _hollow(value: Plain) -> Plain:
    return {} if isinstance(value, (list, tuple)) else None


@pytest.mark.parametrize("lecture", JUDGED)
def test_no_judge_is_satisfied_by_nothing_or_nan(lecture: str) -> None:
    """A judge's loop over an empty answer and its comparisons with NaN find no fault; such answers fail before they reach it."""
    course: Mapping[str, Any] = {i.id: i for e in exam(lecture).exercises() for i in exam(lecture).items(e) if i.judged}
    assert course
    for item in course.values():
        want = exam(lecture).expected(item).value
        for junk in (_empty(want), _hollow(want), None, *([_nan(want)] if repr(_nan(want)) != repr(want) else [])):
            found = outcome(exam(lecture), item, Observation(junk))
            assert found.failed, (item.id, junk)
