"""The hidden graders under pytest: ``pytest autograder/graders/test_lecture07_classification.py --submission NOTEBOOK``.

One item a probe, device and dtype. The submission runs in a sandbox, as under ``autograder grade``, and the verdicts are the
same: an item only tells the one that grading came to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.exam import DEFAULT_SEED, exam
from autograder.grading import grade
from autograder.probe import Probe
from autograder.report import ProbeResult, Report
from autograder.sandbox import choose
from autograder.submission import Unreadable


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autograder")
    group.addoption("--submission", type=Path, help="the notebook or .py to grade")
    group.addoption("--device", default="cpu", help="cpu or cuda")
    group.addoption("--seed", type=int, default=DEFAULT_SEED, help="of the hidden inputs")
    group.addoption("--isolation", default="auto", help="auto, C or D")
    group.addoption("--lang", default="en", help="of the messages: en or zh")


def pytest_pycollect_makeitem(collector: pytest.Module, name: str, obj: object) -> list[pytest.Item] | None:
    """A module's probes become items when its first probe is met; the checks without a probe of their own come with them."""
    if not isinstance(obj, Probe):
        return None
    lecture = Path(collector.path).stem.removeprefix("test_")
    questions = exam(lecture, collector.config.getoption("--seed"), collector.config.getoption("--device"))
    items = [i for e in questions.exercises() for i in questions.items(e)]
    last = [i.id for i in items if i.kind == "probe"][-1]
    own = [i for i in items if i.id == obj.id or (obj.id == last and i.kind != "probe")]
    return [
        ProbeItem.from_parent(collector, name=f"{i.id}[{i.device}-{i.dtype}]", lecture=lecture, exercise=i.exercise)
        for i in own
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Here and not while collecting, where an error is shown as a traceback.
    probes = any(isinstance(i, ProbeItem) for i in items)
    if probes and config.getoption("--submission") is None and not config.option.collectonly:
        raise pytest.UsageError("give the notebook to grade: --submission NOTEBOOK")


class ProbeFailure(AssertionError):
    """A probe that failed; its text is the report's message."""


class ProbeItem(pytest.Item):
    """One probe on one device in one dtype."""

    def __init__(self, *, lecture: str, exercise: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.lecture, self.exercise = lecture, exercise

    def runtest(self) -> None:
        result = _result(self)
        lang = self.config.getoption("--lang")
        if result.verdict == "not_graded":
            pytest.skip(result.message[lang])
        if result.verdict == "fail":
            raise ProbeFailure(f"{result.title[lang]}\n\n{result.message[lang]}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        if isinstance(excinfo.value, ProbeFailure):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


def _result(item: ProbeItem) -> ProbeResult:
    report = _report(item)
    exercise = next(e for e in report.exercises if e.name == item.exercise)
    return next(p for p in exercise.probes if f"{p.id}[{p.device}-{p.dtype}]" == item.name)


_REPORTS = pytest.StashKey[dict[str, Report]]()


def _report(item: ProbeItem) -> Report:
    """The submission is graded once a session, for the exercises that were selected."""
    config = item.config
    reports = config.stash.setdefault(_REPORTS, {})
    if item.lecture not in reports:
        selected = [i for i in item.session.items if isinstance(i, ProbeItem) and i.lecture == item.lecture]
        try:
            reports[item.lecture] = grade(
                config.getoption("--submission"), choose(config.getoption("--isolation")), lecture=item.lecture,
                seed=config.getoption("--seed"), device=config.getoption("--device"),
                only=sorted({i.exercise for i in selected}),
            )  # fmt: skip
        except Unreadable as error:
            pytest.exit(str(error), returncode=2)
    return reports[item.lecture]


def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None] | None:
    for report in terminalreporter.config.stash.get(_REPORTS, {}).values():
        terminalreporter.write_line(
            f"{report.lecture}: {report.score:g} of {report.max_score:g} points, isolation {report.isolation}"
        )
        for note in report.notes:
            terminalreporter.write_line(f"note: {note}")
    return None
