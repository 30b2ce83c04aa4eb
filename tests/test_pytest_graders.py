"""The hidden graders under pytest: one item a probe, device and dtype, with the verdicts of ``autograder grade``."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_class import variant_source
from submissions import SAMPLE, submission

from autograder.course import require_root
from autograder.exam import Exam
from autograder.report import Report
from autograder.sandbox import Level

WRONG = {"accuracy": variant_source(SAMPLE, "accuracy", "wrong_axis")}
GRADER = f"autograder/graders/test_{SAMPLE}.py"


def _pytest(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", GRADER, *map(str, arguments)]
    return subprocess.run(command, cwd=require_root(), capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("submission") / f"{SAMPLE}.ipynb"
    path.write_bytes(submission(WRONG))
    return path


@pytest.fixture(scope="module")
def run(notebook: Path) -> subprocess.CompletedProcess[str]:
    return _pytest("--submission", notebook, "--isolation", "D", "-v", "-k", "accuracy or squared_error")


def test_items_have_the_verdicts_of_grade(
    run: subprocess.CompletedProcess[str], notebook: Path, graded: Callable[..., Report], level_d: Level
) -> None:
    """Each probe of the chosen exercises, on its device and in its dtype, passes or fails as in the report."""
    report = graded(level_d, notebook.read_bytes(), only=["accuracy", "squared_error"])
    wanted = {
        f"{p.id}[{p.device}-{p.dtype}]": {"pass": "PASSED", "fail": "FAILED"}[p.verdict]
        for e in report.exercises
        for p in e.probes
    }
    shown = dict(re.findall(r"::(test_\S+) (PASSED|FAILED|SKIPPED|ERROR)", run.stdout))
    assert shown == wanted
    assert set(wanted.values()) == {"PASSED", "FAILED"}
    assert run.returncode == 1


def test_a_failure_reads_like_the_report(run: subprocess.CompletedProcess[str]) -> None:
    """A failed item shows the example, got and should be, and the hint; no traceback of the grader's own."""
    assert "accuracy(logits, labels)" in run.stdout
    assert "should be:" in run.stdout
    assert "hint:" in run.stdout
    assert "Traceback" not in run.stdout
    assert "_result(self)" not in run.stdout


def test_the_summary_has_the_score(run: subprocess.CompletedProcess[str]) -> None:
    """At the end stand the points of the chosen exercises and the isolation they were graded in."""
    assert re.search(rf"{SAMPLE}: [\d.]+ of 12 points, isolation D", run.stdout)


def test_without_a_submission_it_is_a_usage_error() -> None:
    """Run with no notebook, pytest ends with its usage exit code and says what to give."""
    done = _pytest("-k", "accuracy")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--submission NOTEBOOK" in done.stdout + done.stderr


def test_collecting_runs_no_submission(exam7: Exam, tmp_path: Path) -> None:
    """The items can be listed with no file there yet: one for each question of the exam, and none twice."""
    done = _pytest("--submission", tmp_path / "nowhere.ipynb", "--collect-only", "-q")
    listed = re.findall(r"::(test_\S+)", done.stdout)
    wanted = [f"{i.id}[{i.device}-{i.dtype}]" for e in exam7.exercises() for i in exam7.items(e)]
    assert sorted(listed) == sorted(wanted)


def test_a_file_that_is_no_notebook_ends_the_run(tmp_path: Path) -> None:
    """What cannot be read is told once, with exit code 2, and not as a failure of each probe."""
    path = tmp_path / f"{SAMPLE}.ipynb"
    path.write_text("Dear professor")
    done = _pytest("--submission", path, "--isolation", "D", "-k", "accuracy")
    assert done.returncode == 2
    assert "not JSON" in done.stdout + done.stderr
