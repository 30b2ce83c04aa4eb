"""Grading: one submission has one verdict, however it is handed in; a fault of ours costs nothing; each mistake is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
import torch
from sample_class import variant_source
from submissions import SAMPLE, SHORT, level_or_skip, result, submission, verdicts

from autograder.build import stub_source
from autograder.classroom import Entry, find_entries, grade_class
from autograder.course import Lecture
from autograder.exam import Exam, Item, exam
from autograder.grading import grade, judge_exercise, key
from autograder.observation import Observation, Raised
from autograder.report import Report
from autograder.sandbox import Level

Graded = Callable[..., Report]
MIXED = {
    "softmax": variant_source(SAMPLE, "softmax", "no_shift"),
    "squared_error": "def squared_error(y_prime, y_hat):\n    raise KeyError('y')\n",
    "accuracy": "def accuracy(logits, labels):\n    raise NotImplementedError()\n",
}
SOME = ["softmax", "squared_error", "accuracy", "one_hot"]


def _told(report: Report) -> list[Any]:
    """What a report says of each exercise, without how it was handed in (cell numbers)."""
    return [
        (e.name, e.score, e.max_score, e.status, e.variant, [(p.verdict, p.points, p.variant) for p in e.probes])
        for e in report.exercises
        if e.name in SOME
    ]


@pytest.fixture(scope="module")
def mixed(graded: Graded, level_d: Level) -> Report:
    return graded(level_d, submission(MIXED), only=SOME)


def _as_percent(data: bytes) -> bytes:
    return str(jupytext.writes(nbformat.reads(data.decode(), 4), fmt="py:percent")).encode()


def _as_module(data: bytes) -> bytes:
    cells = nbformat.reads(data.decode(), 4).cells
    kept = [c.source for c in cells if c.cell_type == "code" and not c.source.startswith("%%demo")]
    return "\n\n\n".join(kept).encode()


@pytest.mark.parametrize(
    ("form", "suffix", "isolation"),
    [
        (bytes, ".ipynb", "D"),
        (bytes, ".ipynb", "C"),
        (_as_percent, ".py", "D"),
        (_as_module, ".py", "D"),
    ],
    ids=["again", "bubblewrap", "percent", "module"],
)
def test_a_submission_has_one_verdict(
    graded: Graded, mixed: Report, form: Callable[[bytes], bytes], suffix: str, isolation: str
) -> None:
    """Graded again, in a sandbox, as a percent script or as a plain module: the same verdicts, points and named mistakes."""
    other = graded(level_or_skip(isolation), form(submission(MIXED)), suffix=suffix, only=SOME)
    assert _told(other) == _told(mixed)
    assert verdicts(other) == verdicts(mixed)


def test_a_class_has_the_same_verdict(mixed: Report, level_d: Level, tmp_path: Path) -> None:
    """In a class tree the submission scores what it scores alone."""
    place = tmp_path / "submitted" / "ada" / SAMPLE / f"{SAMPLE}.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(submission(MIXED))
    (report,) = grade_class(find_entries(tmp_path / "submitted"), level_d, tmp_path / "reports", limits=SHORT)
    assert _told(report) == _told(mixed)
    assert report.student == "ada"


def test_the_mixed_submission_shows_each_outcome(mixed: Report) -> None:
    """A named mistake, an exception, an untouched stub and a right function are four different things."""
    statuses = {e.name: (e.status, e.variant) for e in mixed.exercises}
    assert statuses["softmax"] == ("fail", "no_shift")
    assert statuses["squared_error"][0] == "fail"
    assert statuses["accuracy"] == ("not_started", None)
    assert statuses["one_hot"] == ("pass", None)
    assert result(mixed, "accuracy").score == 0
    assert "KeyError" in result(mixed, "squared_error").summary.en
    assert 0 < result(mixed, "softmax").score < result(mixed, "softmax").max_score


def test_points_add_up(mixed: Report) -> None:
    """An exercise's score is the sum of its probes' points, and a report's score that of its exercises."""
    for e in mixed.exercises:
        assert e.score == pytest.approx(sum(p.points for p in e.probes), abs=0.01)
        assert e.max_score == pytest.approx(sum(p.max_points for p in e.probes), abs=0.01)
    assert mixed.score == pytest.approx(sum(e.score for e in mixed.exercises))


def test_the_reference_has_full_marks(graded: Graded, level_d: Level) -> None:
    """The reference passes every probe: 100 of 100, and nothing is remarked."""
    report = graded(level_d, submission())
    assert (report.score, report.max_score, report.passed, report.notes) == (100, 100, True, ())
    assert set(verdicts(report).values()) == {"pass"}


def test_an_untouched_notebook_is_not_started(graded: Graded, lecture7: Lecture, level_d: Level) -> None:
    """The notebook as released scores 0, with each exercise not started yet, and no error is reported."""
    stubs = {e.name: stub_source(lecture7, e.name, "zh") for e in lecture7.exercises}
    report = graded(level_d, submission(stubs, lang="zh"))
    assert (report.score, report.max_score) == (0, 100)
    assert {e.status for e in report.exercises} == {"not_started"}
    assert {e.variant for e in report.exercises} == {None}
    assert not report.passed
    assert report.notes == ()


# --- our own faults -----------------------------------------------------------------------------------------------------


def _right(answers: Exam, exercise: str) -> dict[Any, Observation]:
    return {key(i): answers.expected(i) for i in answers.items(exercise)}


def _broken_reference(patch: pytest.MonkeyPatch, answers: Exam, broken: Callable[[Item], bool]) -> None:
    whole = answers.expected

    def expected(item: Item) -> Observation:
        if broken(item):
            raise ZeroDivisionError("in the reference")
        return whole(item)

    patch.setattr(answers, "expected", expected)


def test_a_fault_in_the_reference_costs_nothing(exam7: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the reference itself raises, an exercise is not graded: no points, of no points, and the fault is told."""
    seen = _right(exam7, "softmax")
    _broken_reference(monkeypatch, exam7, lambda item: True)
    found = judge_exercise(exam7, "softmax", seen)
    assert (found.status, found.score, found.max_score) == ("not_graded", 0, 0)
    assert {p.verdict for p in found.probes} == {"not_graded"}
    assert "ZeroDivisionError: in the reference" in found.summary.en
    assert "不会扣分" in found.summary.zh


def test_a_fault_in_one_probe_leaves_the_others_their_points(exam7: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    """One probe that we cannot judge gives its share to the others: who has all of them right has all the points."""
    seen = _right(exam7, "softmax")
    broken = exam7.items("softmax")[0]
    _broken_reference(monkeypatch, exam7, lambda item: item == broken)
    found = judge_exercise(exam7, "softmax", seen)
    assert (found.status, found.score, found.max_score) == ("pass", 15, 15)
    assert [p.verdict for p in found.probes].count("not_graded") == 1


def test_a_judge_that_raises_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that fails on the reference's own answer is our fault; its probe is not graded."""
    answers = exam("lecture01_regression")
    exercise, item = next((e, i) for e in answers.exercises() for i in answers.items(e) if i.judged)
    seen = _right(answers, exercise)

    def judge(*args: Any) -> None:
        raise RuntimeError("no judge today")

    monkeypatch.setattr(answers, "judge", judge)
    found = judge_exercise(answers, exercise, seen)
    probe = next(p for p in found.probes if p.id == item.id)
    assert (probe.verdict, found.status, found.score) == ("not_graded", "pass", found.max_score)


def test_an_answer_that_breaks_the_judge_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that takes the reference's answer and stumbles over another one is right about that one."""
    answers = exam("lecture01_regression")
    exercise, item = next((e, i) for e in answers.exercises() for i in answers.items(e) if i.judged)
    seen = {**_right(answers, exercise), key(item): Observation(Raised(("ValueError",), "no"))}
    found = judge_exercise(answers, exercise, seen)
    assert next(p for p in found.probes if key(item) == (p.id, p.device, p.dtype)).verdict == "fail"


def test_a_sandbox_that_does_not_start_costs_nothing(graded: Graded) -> None:
    """Where the worker never becomes ready no submission's line was run: nothing is graded, and nothing lost."""
    import contextlib
    import sys

    class Broken:
        name = "D"

        def uid(self) -> int:
            return 0

        @contextlib.contextmanager
        def command(self) -> Any:
            yield [sys.executable, "-c", "raise SystemExit('out of order')"], {}

        def available(self) -> str:
            return ""

    report = graded(Broken(), submission())
    assert {e.status for e in report.exercises} == {"not_graded"}
    assert (report.score, report.max_score) == (0, 0)
    assert "out of order" in report.exercises[0].summary.en


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_missing_device_costs_nothing(graded: Graded, level_d: Level) -> None:
    """Without a CUDA device, grading on one is not graded: no points of no points, and a note says why in both languages."""
    report = graded(level_d, submission(), device="cuda")
    assert (report.score, report.max_score) == (0, 0)
    assert set(verdicts(report).values()) == {"not_graded"}
    assert "no cuda device" in report.notes[0]
    assert "没有 cuda 设备" in report.notes_zh[0]


# --- wrong kinds of results -----------------------------------------------------------------------------------------------

WRONG_KINDS = {
    "one_hot": "def one_hot(labels, C):\n    torch.eye(C)[labels]\n",
    "softmax": "def softmax(y, dim=-1):\n    return y * float('nan')\n",
    "log_softmax": "def log_softmax(y, dim=-1):\n    return y.log_softmax(dim).tolist()\n",
    "cross_entropy": "def cross_entropy(y_prime, y_hat):\n    return -(y_hat * y_prime.log()).sum(1).detach().numpy()\n",
    "cross_entropy_logits": (
        "def cross_entropy_logits(logits, labels):\n"
        "    return torch.nn.functional.cross_entropy(logits, labels).half()\n"
    ),
    "squared_error": "def squared_error(y_prime):\n    return y_prime\n",
    "softmax_ce_grad": "# I have deleted it\n",
    "softmax_mse_grad": "def softmax_mse_gradient(logits, y_hat):\n    return logits\n",
    "accuracy": "accuracy = 0.5\n",
}
SAYS = {
    "one_hot": ("It returned None: is a return statement missing?", "它返回了 None：是不是漏了 return？"),
    "softmax": ("NaN at (0, 0), where a number should be.", "在 (0, 0) 处是 NaN，这里应该是一个数。"),
    "log_softmax": ("It is a list, and should be a tensor of shape", "应该是形状为"),
    "cross_entropy": ("It is a NumPy array, and should be a torch tensor.", "它是 NumPy 数组，应该是 torch 张量。"),
    "cross_entropy_logits": ("Its dtype is float16, and should be float64.", "dtype 是 float16，应该是 float64。"),
    "squared_error": ("squared_error() takes 1 positional argument but 2 were given", "运行时抛出了 TypeError"),
    "softmax_ce_grad": ("softmax_ce_grad is not defined in this submission", "提交里没有定义 softmax_ce_grad"),
    "softmax_mse_grad": ("softmax_mse_grad is not defined in this submission", "提交里没有定义 softmax_mse_grad"),
    "accuracy": ("accuracy is a float, not a function", "不能调用"),
}


@pytest.fixture(scope="module")
def wrong_kinds(graded: Graded, level_d: Level) -> Report:
    return graded(level_d, submission(WRONG_KINDS))


@pytest.mark.parametrize("exercise", WRONG_KINDS)
def test_a_wrong_kind_of_result_is_told_as_what_it_is(wrong_kinds: Report, exercise: str) -> None:
    """None, NaN, a list, an array, another dtype, other arguments, a missing or renamed function: each has its own words."""
    found = result(wrong_kinds, exercise)
    assert (found.status, found.score) == ("fail", 0)
    messages = [p.message for p in found.probes if p.message.en]
    en, zh = SAYS[exercise]
    assert any(en in m.en for m in messages), messages[0].en
    assert any(zh in m.zh for m in messages), messages[0].zh


def test_a_report_is_data(mixed: Report) -> None:
    """A report goes through JSON unchanged."""
    assert Report.model_validate(json.loads(mixed.model_dump_json(by_alias=True))) == mixed


def test_only_the_asked_exercises_are_graded(mixed: Report) -> None:
    """``only`` restricts what is run and what is reported, in the lecture's order."""
    assert [e.name for e in mixed.exercises] == ["one_hot", "softmax", "squared_error", "accuracy"]


def test_another_lectures_notebook_is_told_as_such(level_d: Level, tmp_path: Path) -> None:
    """A notebook handed in for another lecture is not graded as a failure of each function; the report says which it is."""
    place = tmp_path / "lecture01_regression.ipynb"
    place.write_bytes(submission())
    with pytest.raises(ValueError, match=f"this is the notebook of {SAMPLE}, not of lecture01_regression"):
        grade(place, level_d)
    entry = Entry("ada", "lecture01_regression", place)
    (report,) = grade_class([entry], level_d, tmp_path / "reports", limits=SHORT)
    assert report.score == 0
    assert f"this is the notebook of {SAMPLE}" in report.notes[0]
