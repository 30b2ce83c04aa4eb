"""A class: what is found, what is regraded, and what survives an interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from submissions import SAMPLE, result, submission

from autograder import classroom, messages
from autograder.classroom import Entry, NothingFound, find_entries, grade_class, load_report, report_bytes
from autograder.course import require_root
from autograder.exam import Exam
from autograder.grading import assemble, judge_exercise, key
from autograder.report import Report
from autograder.sandbox import Level, Limits
from autograder.submission import Submission

ACCURACY = "def accuracy(logits, labels):\n    return (logits.argmax(1) == labels).double().mean().item()\n"


def _hand_in(tree: Path, student: str, data: bytes | str, name: str = f"{SAMPLE}.ipynb", folder: str = SAMPLE) -> Path:
    place = tree / student / folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data.encode() if isinstance(data, str) else data)
    return place


class Counting:
    """In the place of grading: answers each submission with the reference's observations, and remembers whom it met."""

    def __init__(self, fails: Callable[[str], BaseException | None] = lambda student: None):
        self.met: list[str] = []
        self.fails = fails

    def __call__(
        self, submission: Submission, answers: Exam, level: Level, limits: Limits, student: str = "", **options: Any
    ) -> Report:
        self.met.append(student)
        if error := self.fails(student):
            raise error
        seen = {key(i): answers.expected(i) for i in answers.items("accuracy")}
        fields = {"submission": str(submission.path), "student": student, "isolation": level.name}
        return assemble(answers, [judge_exercise(answers, "accuracy", seen)], **fields)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(classroom, "grade_submission", counting)
    return counting


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for student in ("ada", "bo", "chen"):
        _hand_in(tmp_path / "submitted", student, submission())
    return tmp_path / "submitted"


# --- finding ----------------------------------------------------------------------------------------------------------


def test_a_tree_is_read_in_order(tree: Path) -> None:
    """One entry a student and lecture, in the students' order, with the lecture's own notebook before other files."""
    _hand_in(tree, "ada", "{}", "Untitled.ipynb")
    _hand_in(tree, "ada", "2026-11-26", "timestamp.txt")
    found = find_entries(tree)
    assert [(e.student, e.lecture, e.path.name) for e in found] == [(s, SAMPLE, f"{SAMPLE}.ipynb") for s in ("ada", "bo", "chen")]


@pytest.mark.parametrize("name", ["my homework (final) 2.ipynb", "作业.ipynb", "answer.py"])
def test_a_file_under_another_name_is_found(tmp_path: Path, name: str) -> None:
    """A student who renamed the file is graded all the same."""
    _hand_in(tmp_path, "ada", submission(), name)
    assert [e.path.name for e in find_entries(tmp_path)] == [name]


def test_hidden_and_foreign_folders_are_passed_over(tree: Path) -> None:
    """Hidden files and folders, loose files, empty folders and folders of no lecture are no submissions."""
    _hand_in(tree, ".git", submission())
    _hand_in(tree, "dora", submission(), f".{SAMPLE}.ipynb")
    _hand_in(tree, "emil", submission(), folder="notes of last year")
    _hand_in(tree, "fay", submission(), folder=f"{SAMPLE}/.ipynb_checkpoints")
    (tree / "README.txt").write_text("read me")
    (tree / "gus").mkdir()
    assert [e.student for e in find_entries(tree)] == ["ada", "bo", "chen"]


def test_two_folders_of_one_lecture_are_one_submission(tree: Path) -> None:
    """Where a student has a folder "7" beside the lecture's full name, the full name counts, once."""
    _hand_in(tree, "ada", "{}", folder="7")
    found = [e for e in find_entries(tree) if e.student == "ada"]
    assert [e.path.parent.name for e in found] == [SAMPLE]


def test_no_submission_is_told_with_the_layout(tmp_path: Path) -> None:
    """An empty tree is an error that shows the layout that is looked for."""
    with pytest.raises(NothingFound, match=r"<student>/<lecture>/<lecture>\.ipynb"):
        find_entries(tmp_path)


STRANGE = ["o'neil & söhne", "李雷", "new\nline", "%s{0}", "<img onerror=alert(1)>", "a" * 255, "-rf", "x" * 80 + "é" * 80]


def test_strange_names_are_graded_like_others(tmp_path: Path, counting: Counting, level_d: Level) -> None:
    """Names with quotes, Chinese, line breaks, markup, of 255 bytes, or of no valid text do not stop a class."""
    for student in STRANGE:
        _hand_in(tmp_path / "submitted", student, submission())
    _hand_in(tmp_path / "submitted", os.fsdecode(b"latin-\xe9"), submission())
    entries = find_entries(tmp_path / "submitted")
    reports = grade_class(entries, level_d, tmp_path / "reports")
    assert len(reports) == len(STRANGE) + 1
    assert {r.student for r in reports} >= set(STRANGE[:5])
    assert len({r.student for r in reports}) == len(reports)
    assert len(list((tmp_path / "reports" / SAMPLE).glob("*.json"))) == len(reports)
    again: list[bool] = []
    grade_class(entries, level_d, tmp_path / "reports", done=lambda report, cached: again.append(cached))
    assert again == [True] * len(reports)


# --- resuming -----------------------------------------------------------------------------------------------------------


def test_a_second_run_regrades_nothing(tree: Path, tmp_path: Path, counting: Counting, level_d: Level) -> None:
    """Run again, every report is the one written before."""
    first = grade_class(find_entries(tree), level_d, tmp_path / "reports")
    cached: list[bool] = []
    second = grade_class(find_entries(tree), level_d, tmp_path / "reports", done=lambda report, old: cached.append(old))
    assert (second, cached) == (first, [True] * 3)
    assert sorted(counting.met) == ["ada", "bo", "chen"]


@pytest.mark.parametrize(
    ("change", "regraded"),
    [
        (lambda tree, options: _hand_in(tree, "bo", submission(cells=[(2, "1")])), ["bo"]),
        (lambda tree, options: _hand_in(tree, "dora", submission()), ["dora"]),
        (lambda tree, options: options.update(seed=8), ["ada", "bo", "chen"]),
        (lambda tree, options: (tree.parent / "reports" / SAMPLE / "chen.json").write_text("{"), ["chen"]),
        (lambda tree, options: (tree.parent / "reports" / SAMPLE / "chen.json").unlink(), ["chen"]),
        (lambda tree, options: (tree / "ada" / SAMPLE / f"{SAMPLE}.ipynb").touch(), []),
    ],
    ids=["changed", "new", "another seed", "broken report", "lost report", "touched"],
)
def test_what_changed_alone_is_regraded(
    tree: Path, tmp_path: Path, counting: Counting, level_d: Level, change: Callable[..., Any], regraded: list[str]
) -> None:
    """A result is named by content: another submission, seed or environment makes another, another date does not."""
    options: dict[str, Any] = {}
    grade_class(find_entries(tree), level_d, tmp_path / "reports", **options)
    counting.met.clear()
    change(tree, options)
    grade_class(find_entries(tree), level_d, tmp_path / "reports", **options)
    assert sorted(counting.met) == regraded


def test_another_lectures_graders_change_no_key(
    tree: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A result depends on its own lecture's files and the engine, and on no other lecture's."""
    parts = classroom._course_parts(SAMPLE)
    root = require_root()
    other = [p.read_bytes() for p in (root / "autograder" / "graders").glob("test_lecture01*.py")]
    assert (root / "autograder" / "graders" / f"test_{SAMPLE}.py").read_bytes() in parts
    assert other
    assert not set(other) & set(parts)


@pytest.mark.parametrize("workers", [1, 3])
def test_side_by_side_or_one_by_one_is_the_same(
    tree: Path, tmp_path: Path, counting: Counting, level_d: Level, workers: int
) -> None:
    """Reports come back sorted by lecture and student, whoever was done first."""
    reports = grade_class(find_entries(tree), level_d, tmp_path / "reports", workers=workers)
    assert [r.student for r in reports] == ["ada", "bo", "chen"]


def test_our_fault_is_one_submissions_and_is_tried_again(
    tree: Path, tmp_path: Path, level_d: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that fails on one submission says so there, loses nobody a point, and tries it again in the next run."""
    faulty = Counting(lambda student: OSError("no more pipes") if student == "bo" else None)
    monkeypatch.setattr(classroom, "grade_submission", faulty)
    ada, bo, chen = grade_class(find_entries(tree), level_d, tmp_path / "reports")
    assert {e.status for e in bo.exercises} == {"not_graded"}
    assert (bo.score, bo.max_score) == (0, 0)
    assert "no more pipes" in bo.notes[0]
    assert ada.passed
    assert chen.passed
    faulty.fails = lambda student: None
    faulty.met.clear()
    reports = grade_class(find_entries(tree), level_d, tmp_path / "reports")
    assert (faulty.met, reports[1].passed) == (["bo"], True)


def test_an_interrupted_run_keeps_what_is_finished(tree: Path, tmp_path: Path, counting: Counting, level_d: Level) -> None:
    """Stopped after the first report, the next run grades the others and not that one."""

    def stop(report: Report, cached: bool) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_class(find_entries(tree), level_d, tmp_path / "reports", done=stop)
    written = {p.stem for p in (tmp_path / "reports" / SAMPLE).glob("*.json")}
    assert len(written) == 1
    counting.met.clear()
    reports = grade_class(find_entries(tree), level_d, tmp_path / "reports")
    assert set(counting.met) == {"ada", "bo", "chen"} - written
    assert len(reports) == 3


def test_a_killed_run_loses_nothing_and_repeats_nothing(tmp_path: Path, level_d: Level) -> None:
    """SIGKILL in the middle of a class: what was reported stays, and the next run grades the rest, each once."""
    tree, folder = tmp_path / "submitted", tmp_path / "reports"
    for student in ("ada", "bo"):
        _hand_in(tree, student, ACCURACY, f"{SAMPLE}.py")
    command = [sys.executable, "-m", "autograder.cli", "grade", str(tree), "--isolation", "D", "--workers", "1"]
    command += ["--report", str(folder)]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 300
        while not list(folder.glob(f"{SAMPLE}/*.json")) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)
    finally:
        running.kill()
        running.wait()
    before = {p.stem: p.read_bytes() for p in folder.glob(f"{SAMPLE}/*.json")}
    assert before
    graded: list[str] = []
    reports = grade_class(
        find_entries(tree), level_d, folder, done=lambda report, cached: None if cached else graded.append(report.student)
    )
    assert sorted([*before, *graded]) == ["ada", "bo"]
    assert {s: (folder / SAMPLE / f"{s}.json").read_bytes() for s in before} == before
    assert [result(r, "accuracy").status for r in reports] == ["pass", "pass"]


# --- refused submissions --------------------------------------------------------------------------------------------------


def test_a_link_is_refused_and_its_target_not_read(tree: Path, tmp_path: Path, counting: Counting, level_d: Level) -> None:
    """A submission that is a symbolic link, to the solutions or anywhere, earns nothing, and says why; others are graded."""
    link = tree / "mallory" / SAMPLE / f"{SAMPLE}.ipynb"
    link.parent.mkdir(parents=True)
    link.symlink_to(require_root() / "solutions" / f"{SAMPLE}.py")
    reports = {r.student: r for r in grade_class(find_entries(tree), level_d, tmp_path / "reports")}
    assert reports["mallory"].score == 0
    assert {e.status for e in reports["mallory"].exercises} == {"fail"}
    assert "cannot be opened" in reports["mallory"].notes[0]
    assert "无法读取" in reports["mallory"].notes_zh[0]
    assert "mallory" not in counting.met
    assert reports["ada"].passed


def test_a_linked_folder_is_no_submission(tree: Path) -> None:
    """A lecture's folder that is a link to another student's is not looked into."""
    (tree / "mallory").mkdir()
    (tree / "mallory" / SAMPLE).symlink_to(tree / "ada" / SAMPLE, target_is_directory=True)
    assert "mallory" not in [e.student for e in find_entries(tree)]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_an_unreadable_file_is_a_report(tmp_path: Path, level_d: Level, data: bytes) -> None:
    """What cannot be read scores 0 of 100 and says so in both languages; it is no error of the run."""
    entry = Entry("jun", SAMPLE, _hand_in(tmp_path / "submitted", "jun", data))
    (report,) = grade_class([entry], level_d, tmp_path / "reports")
    assert (report.score, report.max_score) == (0, 100)
    assert report.notes[0].startswith("the submission cannot be read")
    assert report.notes_zh[0].startswith("提交的文件无法读取")


def test_a_report_survives_its_file(tree: Path, tmp_path: Path, counting: Counting, level_d: Level) -> None:
    """What is written can be read, and is the same."""
    reports = grade_class(find_entries(tree), level_d, tmp_path / "reports")
    for report in reports:
        path = tmp_path / "reports" / SAMPLE / f"{report.student}.json"
        assert load_report(path) == report
        assert path.read_bytes() == report_bytes(report)
    assert not list((tmp_path / "reports").rglob("*.part"))


def test_labels_of_a_class_have_both_languages() -> None:
    """The two ways to have no verdict are said in English and in Chinese."""
    for kind in ("unreadable", "not_graded"):
        text = messages.label(kind, reason="x")
        assert text.en != text.zh
