"""The gradebook: nbgrader's own programs read what is recorded, and nothing that a person entered is lost."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, v4

from autograder import gradebook, gradebook_rows
from autograder.formgrader import publish, read_timestamps
from autograder.gradebook import export_csv, record, ungraded
from autograder.gradebook_rows import GradebookError
from autograder.report import ExerciseResult, Report, Text

pytest.importorskip("nbgrader")

LECTURE = "lecture07"
HOSTILE = "<script>alert(1)</script><b onclick=x>$\\href{javascript:y}{z}$"
HINT = Text(
    en="    softmax(y)\n\ngot: 1\nshould be: 2\n\nhint: the sum", zh="    softmax(y)\n\n得到：1\n\n提示：求和"
)


def code(source: str, grade_id: str | None = None, **meta: Any) -> NotebookNode:
    nbgrader = {
        "grade": False,
        "solution": False,
        "locked": False,
        "schema_version": 3,
        "task": False,
        **meta,
    }
    metadata = {"nbgrader": nbgrader | {"grade_id": grade_id}} if grade_id else {}
    return v4.new_code_cell(source, metadata=metadata)


def notebook(*exercises: tuple[str, float]) -> NotebookNode:
    """A small release notebook: a text, a demo, and each exercise with its check."""
    cells = [
        v4.new_markdown_cell(
            "# Lecture",
            metadata={
                "nbgrader": {
                    "grade": False,
                    "solution": False,
                    "locked": True,
                    "schema_version": 3,
                    "task": False,
                    "grade_id": "text_01",
                }
            },
        )
    ]
    for exercise, points in exercises or (("softmax", 12), ("cross_entropy", 8), ("smooth", 0)):
        stub = f"def {exercise}(y):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
        cells.append(code(stub, exercise, solution=True))
        cells.append(code(f"check({exercise})", f"check_{exercise}", grade=True, locked=True, points=points))
    cells.append(v4.new_code_cell("%%demo\nplot()", id="demo"))
    return v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )


def result(name: str = "softmax", score: float = 6, of: float = 12, **more: Any) -> ExerciseResult:
    more.setdefault("status", "pass" if score == of else "fail")
    more.setdefault("summary", Text(en="", zh="") if more["status"] == "pass" else HINT)
    return ExerciseResult(name=name, score=score, max_score=of, **more)


CE = result("cross_entropy", 8, 8)
BONUS = result("smooth", 3, 5, bonus=True)


def report(*exercises: ExerciseResult, student: str = "s01", lecture: str = LECTURE, **more: Any) -> Report:
    chosen = exercises or (result(), CE, BONUS)
    return Report(
        submission=f"{student}.ipynb",
        student=student,
        lecture=lecture,
        seed=7,
        isolation="A",
        exercises=chosen,
        score=sum(e.score for e in chosen),
        max_score=sum(e.max_score for e in chosen if not e.bonus),
        **more,
    )


NOTEBOOKS = {LECTURE: notebook()}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    assert record([], f"sqlite:///{path}", {}) == 0
    return path


@pytest.fixture
def url(empty: Path, tmp_path: Path) -> str:
    """A new gradebook, copied from one that was made once."""
    return f"sqlite:///{shutil.copy(empty, tmp_path / 'gradebook.db')}"


@contextmanager
def opened(url: str) -> Iterator[Any]:
    from nbgrader.api import Gradebook

    with Gradebook(url, "dl") as book:
        yield book


def grade(book: Any, exercise: str = "softmax", student: str = "s01") -> Any:
    return book.find_grade(f"check_{exercise}", LECTURE, LECTURE, student)


def comment(book: Any, exercise: str = "softmax", student: str = "s01") -> Any:
    return book.find_comment(exercise, LECTURE, LECTURE, student)


def enter(url: str, exercise: str = "softmax", **values: Any) -> None:
    """What formgrader does when a marker enters a score."""
    with opened(url) as book:
        for key, value in values.items():
            setattr(grade(book, exercise), key, value)
        book.db.commit()


def dump(url: str) -> list[str]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return list(connection.iterdump())


# --- recording ---


def test_scores_and_comments_are_read_back_by_nbgrader(url: str) -> None:
    """nbgrader finds scores, points, extra credit, comments in both languages, cells with their sources."""
    assert record([report(), report(student="s02")], url, NOTEBOOKS) == 2
    with opened(url) as book:
        submission = book.find_submission(LECTURE, "s01")
        assert (submission.score, submission.max_score) == (6 + 8 + 3, 20)
        assert (grade(book).auto_score, grade(book).max_score, grade(book).needs_manual_grade) == (
            6,
            12,
            False,
        )
        smooth = grade(book, "smooth")
        assert (smooth.max_score, smooth.auto_score, smooth.extra_credit) == (0, 0, 3)
        said = comment(book).comment
        assert said.index("hint: the sum") < said.index("提示：求和")
        assert comment(book, "cross_entropy").comment == "    Passed.\n\n    通过。"
        source = book.find_source_cell("check_softmax", LECTURE, LECTURE)
        assert (source.locked, source.source) == (True, "check(softmax)")
        assert json.loads(book.find_notebook(LECTURE, LECTURE).kernelspec)["name"] == "python3"
        assert [a.course_id for a in book.assignments] == ["dl"]


def test_recording_twice_changes_nothing(url: str) -> None:
    """The second time no row is another, with ungraded ones and bonus among them."""
    ungraded_too = report(result(), result("cross_entropy", 0, 0, status="not_graded"), student="s02")
    reports = [report(), ungraded_too]
    times = {("s01", LECTURE): "2026-08-31 12:00:00 UTC"}
    assert record(reports, url, NOTEBOOKS, times) == 2
    before = dump(url)
    assert record(reports, url, NOTEBOOKS, times) == 0
    assert dump(url) == before


def test_what_a_marker_entered_stays(url: str) -> None:
    """Manual score, comment, extra credit survive a new grading; another automatic score asks for a look."""
    record([report()], url, NOTEBOOKS)
    enter(url, manual_score=10.0, extra_credit=1.5, needs_manual_grade=False)
    with opened(url) as book:
        comment(book).manual_comment = "Nice."
        book.find_student("s01").last_name = "Chen"
        book.db.commit()
    record([report()], url, NOTEBOOKS)
    with opened(url) as book:
        assert not grade(book).needs_manual_grade
    record([report(result(score=0), CE, BONUS)], url, NOTEBOOKS)
    with opened(url) as book:
        assert (grade(book).manual_score, grade(book).extra_credit, grade(book).auto_score) == (10, 1.5, 0)
        assert grade(book).score == 11.5
        assert grade(book).needs_manual_grade
        assert comment(book).comment == "Nice."
        assert book.find_student("s01").last_name == "Chen"


def test_a_bonus_follows_the_report(url: str) -> None:
    """Extra credit that we wrote is updated, up and down."""
    for score in (3, 5, 0, 5):
        record([report(result("smooth", score, 5, bonus=True))], url, NOTEBOOKS)
        with opened(url) as book:
            assert (grade(book, "smooth").extra_credit or 0) == score


@pytest.mark.parametrize("entered", [4.0, 0.0, None])
def test_extra_credit_of_a_marker_stays(url: str, entered: float | None) -> None:
    """What a marker made of a bonus is not overwritten, nor is that they took it away."""
    record([report()], url, NOTEBOOKS)
    enter(url, "smooth", extra_credit=entered)
    for score in (5, 3, 4):
        record([report(result("smooth", score, 5, bonus=True))], url, NOTEBOOKS)
    with opened(url) as book:
        assert grade(book, "smooth").extra_credit == entered
        assert "changed by hand" in comment(book, "smooth").comment


def test_what_was_not_graded_waits_for_a_person(url: str, tmp_path: Path) -> None:
    """No zero is made up: no automatic score, formgrader shows it as to be graded, the export names it."""
    no_gpu = result(score=0, of=0, status="not_graded", summary=Text(en="no GPU", zh="没有 GPU"))
    record([report(no_gpu, CE)], url, NOTEBOOKS)
    with opened(url) as book:
        assert (grade(book).auto_score, grade(book).needs_manual_grade) == (None, True)
        assert "Please grade it by hand" in comment(book).comment
        assert "no GPU" in comment(book).comment
    assert ungraded(url) == export_csv(url, tmp_path / "grades.csv") == [("s01", LECTURE)]
    enter(url, manual_score=9.0, needs_manual_grade=False)
    with opened(url) as book:
        book.find_grade("check_smooth", LECTURE, LECTURE, "s01").needs_manual_grade = False
        book.db.commit()
    assert ungraded(url) == []


def test_a_fault_of_ours_takes_no_earlier_score_away(url: str) -> None:
    """A score from before stays where a later run could not grade, flagged until the next good run."""
    bonus = result("smooth", 0, 0, bonus=True, status="not_graded")
    record([report()], url, NOTEBOOKS)
    record([report(result(score=0, of=0, status="not_graded"), CE, bonus)], url, NOTEBOOKS)
    with opened(url) as book:
        assert (grade(book).score, grade(book).needs_manual_grade) == (6, True)
        assert grade(book, "smooth").score == 3
    record([report()], url, NOTEBOOKS)
    with opened(url) as book:
        assert (grade(book).score, grade(book).needs_manual_grade) == (6, False)
        assert grade(book, "smooth").extra_credit == 3


def test_a_lecture_may_change_its_exercises(url: str) -> None:
    """Points follow; a new exercise has rows for all; a removed one keeps a marker's score only."""
    record([report(), report(student="s02")], url, NOTEBOOKS)
    enter(url, "cross_entropy", manual_score=7.0)
    changed = {LECTURE: notebook(("softmax", 10), ("one_hot", 10))}
    assert record([report(result(score=5, of=10), result("one_hot", 10, 10))], url, changed) == 1
    with opened(url) as book:
        assert book.find_assignment(LECTURE).max_score == 20
        assert (grade(book).auto_score, grade(book, "one_hot").auto_score) == (5, 10)
        assert (grade(book, "cross_entropy").auto_score, grade(book, "cross_entropy").manual_score) == (
            None,
            7,
        )
        assert (grade(book, "one_hot", "s02").auto_score, grade(book, "softmax", "s02").auto_score) == (
            None,
            6,
        )
        assert comment(book, "one_hot", "s02").comment is None
        assert {c.name for c in book.find_notebook(LECTURE, LECTURE).source_cells} == {
            "text_01",
            "softmax",
            "check_softmax",
            "one_hot",
            "check_one_hot",
        }


def test_notes_about_the_whole_submission_are_in_the_first_comment(url: str) -> None:
    """A marker sees that cell 5 raised, in both languages."""
    record(
        [report(notes=("cell 5 raised NameError",), notes_zh=("第 5 个单元格抛出 NameError",))],
        url,
        NOTEBOOKS,
    )
    with opened(url) as book:
        assert "cell 5 raised" in comment(book).comment
        assert "第 5 个单元格" in comment(book).comment
        assert "cell 5" not in comment(book, "cross_entropy").comment


def test_a_later_report_of_the_same_submission_counts(url: str) -> None:
    """Of two reports of one student and lecture the last is recorded."""
    assert record([report(result(score=1)), report(result(score=2))], url, NOTEBOOKS) == 1
    with opened(url) as book:
        assert grade(book).auto_score == 2


# --- what cannot be recorded ---


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (report(student=""), "rename the submission's folder"),
        (report(student="../s01"), "rename"),
        (report(student="a,b"), "without commas"),
        (report(student="=1+1"), "not starting with"),
        (report(student="s\ud800"), "rename"),
        (report(student="s\u202e"), "rename"),
        (report(lecture="lecture99"), "no release notebook of lecture99"),
        (report(result("unknown")), "no cells of unknown"),
        (report(result(score=6, of=10)), "graded with 10 points for s01, and has 12"),
    ],
)
def test_a_bad_report_stops_everything_before_anything_is_written(
    url: str, bad: Report, message: str
) -> None:
    """The message names what is wrong and what to do; not one row of the good reports is written."""
    before = dump(url)
    with pytest.raises(GradebookError, match=message):
        record([report(student="s00"), bad], url, NOTEBOOKS)
    assert dump(url) == before


def test_a_failure_in_the_middle_leaves_nothing_half_written(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction: stopped in the middle, an old gradebook is as before, a new one has no table."""
    calls: list[str] = []

    def fails(*_: Any) -> str:
        calls.append("")
        if len(calls) % 4 == 0:
            raise KeyboardInterrupt
        return "text"

    monkeypatch.setattr(gradebook_rows, "_comment", fails)
    before = dump(url)
    for place in (url, f"sqlite:///{tmp_path / 'new.db'}"):
        with pytest.raises(KeyboardInterrupt):
            record([report(), report(student="s02")], place, NOTEBOOKS)
    assert dump(url) == before
    assert dump(f"sqlite:///{tmp_path / 'new.db'}") == dump("sqlite:///:memory:")


def test_a_locked_gradebook_is_said_to_be_locked(url: str) -> None:
    """Another process writing is waited for shortly, then told."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match="another process holds it"):
            record([report()], url, NOTEBOOKS, wait=0.1)
    assert record([report()], url, NOTEBOOKS) == 1


def test_the_gradebook_of_another_course_is_refused(tmp_path: Path, empty: Path) -> None:
    """The course found is named; nbgrader's own empty default_course is no other course."""
    path = tmp_path / "gradebook.db"
    shutil.copy(empty, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO course VALUES ('default_course')")
    assert record([report()], f"sqlite:///{path}", NOTEBOOKS) == 1
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE course SET id = 'biology' WHERE id = 'dl'")
    with pytest.raises(GradebookError, match=r"of course 'biology'.*, not of 'dl'"):
        record([report()], f"sqlite:///{path}", NOTEBOOKS)


def test_what_is_no_gradebook_is_refused(tmp_path: Path) -> None:
    """Other files and databases, missing folders, URLs that are none: told apart, and left as they are."""
    text, other = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("my notes, which are long enough to be no SQLite header\n" * 30)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE places (url TEXT)")
    cases = {
        f"sqlite:///{text}": "not a database; it is another kind of file",
        f"sqlite:///{other}": "no gradebook of this nbgrader: it has tables places",
        f"sqlite:///{tmp_path}/missing/gradebook.db": "unable to open",
        f"sqlite:///file:{other}?mode=ro&uri=true": "readonly|no gradebook",
        "gradebook.db": "is no database URL; write one like sqlite:///gradebook.db",
        "oracle17://x": "URL",
        "postgresql+nosuch://user:secret@host/db": "URL",
    }
    before = text.read_bytes(), dump(f"sqlite:///{other}")
    for url, message in cases.items():
        with pytest.raises(GradebookError, match=message) as caught:
            record([report()], url, NOTEBOOKS)
        assert "secret" not in str(caught.value)
    assert (text.read_bytes(), dump(f"sqlite:///{other}")) == before


def test_a_gradebook_that_cannot_be_written_says_so(url: str, tmp_path: Path) -> None:
    """A read-only database is named with its remedy."""
    with pytest.raises(GradebookError, match="make the file and its folder writable"):
        record([report()], f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true", NOTEBOOKS)
    record([report()], url, NOTEBOOKS)
    with pytest.raises(GradebookError, match="choose another place"):
        export_csv(url, tmp_path / "missing" / "grades.csv")
    with pytest.raises(GradebookError, match="record grades first"):
        export_csv(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "grades.csv")
    assert not (tmp_path / "none.db").exists()


def test_without_nbgrader_the_module_imports_and_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student's installation has no nbgrader; only using the gradebook needs it."""
    for module in [m for m in sys.modules if m.split(".")[0] == "nbgrader"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    spec = importlib.util.spec_from_file_location("gradebook_of_a_student", gradebook.__file__)
    assert spec
    assert spec.loader
    fresh = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, fresh)
    spec.loader.exec_module(fresh)
    for use in (lambda: fresh.record([], "sqlite://", {}), lambda: fresh.export_csv("sqlite://", Path("x"))):
        with pytest.raises(fresh.GradebookError, match=r"pip install 'dl-autograder\[instructor\]'"):
            use()


def test_a_new_gradebook_is_as_nbgrader_makes_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same tables, same schema version as nbgrader's own way (its alembic call runs in this process)."""
    import alembic.command
    import alembic.config
    import nbgrader.api

    def check_output(command: list[str]) -> bytes:
        assert (command[0], command[1], command[3]) == ("alembic", "-c", "heads")
        said = io.StringIO()
        alembic.command.heads(alembic.config.Config(command[2], stdout=said))
        return said.getvalue().encode()

    monkeypatch.setattr(nbgrader.api.sp, "check_output", check_output)
    with opened(f"sqlite:///{tmp_path / 'theirs.db'}"):
        pass
    assert sorted(dump(url)) == sorted(dump(f"sqlite:///{tmp_path / 'theirs.db'}"))


# --- what formgrader, feedback and CSV show ---


def submitted(*cells: NotebookNode | dict[str, Any]) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


ANSWER = "def softmax(y):\n    return y.exp() / y.exp().sum()"


def published(root: Path, raw: bytes | Path, student: str = "s01") -> NotebookNode:
    publish([report(student=student)], root, {(student, LECTURE): raw}, NOTEBOOKS)
    node = nbformat.read(root / "autograded" / student / LECTURE / f"{LECTURE}.ipynb", 4)
    nbformat.validate(node)
    return node


def sources(node: NotebookNode) -> list[str]:
    return [cell.source for cell in node.cells]


def test_formgrader_feedback_and_csv_show_the_grades(url: str, tmp_path: Path) -> None:
    """nbgrader's own API, feedback converter and CSV read what was recorded and published, timestamps too."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.converters import GenerateFeedback
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    folder = tmp_path / "submitted" / "s01" / LECTURE
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-08-31 12:00:00 UTC")
    raw = submitted(code(ANSWER, "softmax", solution=True), v4.new_markdown_cell(HOSTILE))
    (folder / f"{LECTURE}.ipynb").write_bytes(raw)
    evil = result(summary=Text(en=f"{HOSTILE}\n\n    {HOSTILE}\n\nhint: {HOSTILE}", zh=HOSTILE))
    record([report(evil, CE, BONUS)], url, NOTEBOOKS, read_timestamps(tmp_path))
    handed_in = {("s01", LECTURE): folder / f"{LECTURE}.ipynb"}
    written = publish([report(evil, CE, BONUS)], tmp_path, handed_in, NOTEBOOKS)
    assert [p.name for p in written] == [f"{LECTURE}.ipynb", "timestamp.txt"]

    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.db_url = str(tmp_path), url
    config.CourseDirectory.course_id, config.CourseDirectory.assignment_id = "dl", LECTURE
    config.Exchange.root = str(tmp_path / "exchange")
    courses = CourseDirectory(config=config)
    api = NbGraderAPI(courses, config=config)
    assert api.get_autograded_students(LECTURE) == {"s01"}
    (shown,) = api.get_submissions(LECTURE)
    assert (shown["score"], shown["max_score"], shown["autograded"], shown["student"]) == (
        17,
        20,
        True,
        "s01",
    )
    (book,) = api.get_notebook_submissions(LECTURE, LECTURE)
    assert (book["score"], book["needs_manual_grade"], book["failed_tests"]) == (17, False, True)

    courses.student_id = "s01"
    GenerateFeedback(coursedir=courses, config=config).start()
    page = (tmp_path / "feedback" / "s01" / LECTURE / f"{LECTURE}.html").read_text()
    assert "Score: 17.0 / 20.0" in page
    assert "Bonus: 3 of 5 points" in page
    assert "<script>alert" not in page
    assert "onclick=x>" not in page.replace("&lt;b onclick=x&gt;", "")

    export_csv(url, tmp_path / "grades.csv")
    header, row = (tmp_path / "grades.csv").read_text().splitlines()
    told = dict(zip(header.split(","), row.split(","), strict=True))
    assert (told["student_id"], told["score"], told["max_score"], told["timestamp"]) == (
        "s01",
        "17.0",
        "20.0",
        "2026-08-31 12:00:00",
    )


def test_a_comma_that_would_shift_the_csv_is_refused(url: str, tmp_path: Path) -> None:
    """nbgrader quotes nothing: rather no file than one with shifted columns."""
    record([report()], url, NOTEBOOKS)
    with opened(url) as book:
        book.find_student("s01").last_name = "Chen, jun."
        book.db.commit()
    with pytest.raises(GradebookError, match="a comma too many"):
        export_csv(url, tmp_path / "grades.csv")
    assert not list(tmp_path.glob("*grades.csv*"))


def test_published_notebooks_are_the_release_with_the_students_solutions(tmp_path: Path) -> None:
    """Ids, points, locked cells are ours; solutions, demos and further code are the student's; no outputs."""
    answer = code(ANSWER, "softmax", solution=True, points=99)
    answer["outputs"] = [v4.new_output("stream", text=HOSTILE)]
    demo = v4.new_code_cell("%%demo\nplot(2)", id="demo")
    edited = code("check(softmax); cheat()", "check_softmax", grade=True, points=100)
    text = v4.new_markdown_cell("# <b>Me</b>\nand")
    node = published(tmp_path, submitted(answer, v4.new_code_cell("x = 1"), edited, demo, text))
    assert sources(node) == [
        "# Lecture",
        ANSWER,
        "x = 1",
        "check(softmax); cheat()",
        "check(softmax)",
        *(c.source for c in NOTEBOOKS[LECTURE].cells[3:7]),
        "%%demo\nplot(2)",
        "# # <b>Me</b>\n# and",
    ]
    assert all(cell.cell_type == "code" and not cell.outputs for cell in node.cells[1:])
    ours = [c.metadata.nbgrader for c in NOTEBOOKS[LECTURE].cells if "nbgrader" in c.metadata]
    assert [c.metadata.nbgrader for c in node.cells if "nbgrader" in c.metadata] == ours


def test_the_last_of_duplicated_cells_is_the_answer(tmp_path: Path) -> None:
    """As in a run from top to bottom; the others are shown as they are."""
    first, last = code("def softmax(y): return 1", "softmax"), code(ANSWER, "softmax")
    node = published(tmp_path, submitted(first, last))
    assert sources(node)[:2] == [first.source, "# Lecture"]
    assert (
        next(c for c in node.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "softmax").source
        == ANSWER
    )


def test_answers_are_found_where_metadata_was_lost(tmp_path: Path) -> None:
    """A notebook that another program stripped of metadata still shows its solutions in their places."""
    node = published(tmp_path, submitted(v4.new_code_cell(ANSWER)))
    assert sources(node)[1] == ANSWER
    assert len(node.cells) == len(NOTEBOOKS[LECTURE].cells)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000, b"[]", b'{"cells": 3}', b'{"cells": {}}', b"null", b"1e999"],
)
def test_what_is_no_notebook_is_published_as_the_release_with_a_note(tmp_path: Path, raw: bytes) -> None:
    """Whatever bytes were handed in, formgrader has something to show."""
    node = published(tmp_path, raw)
    assert node.cells[0].cell_type == "markdown"
    assert "could not be read as a notebook" in node.cells[0].source
    assert sources(node)[-len(NOTEBOOKS[LECTURE].cells) :] == sources(NOTEBOOKS[LECTURE])


def test_a_python_file_is_shown_as_text(tmp_path: Path) -> None:
    """A .py that was handed in stands under the note, in one cell."""
    assert sources(published(tmp_path, ANSWER.encode()))[1] == ANSWER


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 3},
        {"cell_type": "code", "source": [1, "x = 1", None]},
        {"cell_type": "code", "source": "x", "metadata": []},
        {"source": "x", "metadata": {"nbgrader": {"grade_id": [1]}}, "id": {}},
        {"cell_type": "code", "source": "a\ud800b\x00\u202e", "id": "x" * 500, "outputs": 7},
        {"cell_type": "raw", "source": "<b>"},
    ],
)
def test_broken_cells_break_nothing(tmp_path: Path, cell: dict[str, Any]) -> None:
    """Every malformed cell gives a valid notebook that can be written."""
    published(tmp_path, submitted(cell, cell))


def test_only_the_students_own_file_is_read(tmp_path: Path) -> None:
    """A link to somebody's solution, a folder and a pipe are no submission; an id cannot leave the tree."""
    secret, link, pipe = tmp_path / "secret.ipynb", tmp_path / "link.ipynb", tmp_path / "pipe.ipynb"
    secret.write_bytes(submitted(code(ANSWER, "softmax")))
    link.symlink_to(secret)
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path, tmp_path / "none.ipynb"):
        assert ANSWER not in sources(published(tmp_path, path))
    assert ANSWER in sources(published(tmp_path, secret))
    with pytest.raises(GradebookError, match="rename"):
        publish([report(student="../../x")], tmp_path, {}, NOTEBOOKS)


def test_publishing_twice_writes_nothing_and_replaces_what_changed(tmp_path: Path) -> None:
    """Files are read-only as nbgrader's own, made whole, and replaced only where other."""
    reports, raw = [report()], submitted(code(ANSWER, "softmax"))
    (path,) = publish(reports, tmp_path, {("s01", LECTURE): raw}, NOTEBOOKS)
    assert path.stat().st_mode & 0o777 == 0o444
    assert publish(reports, tmp_path, {("s01", LECTURE): raw}, NOTEBOOKS) == []
    assert publish(reports, tmp_path, {("s01", LECTURE): submitted()}, NOTEBOOKS) == [path]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_times_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    """timestamp.txt comes from the student's side: a good one is UTC, a broken one stops nobody."""
    for student, text in (
        ("s01", b"2026-08-31T12:00:00+08:00"),
        ("s02", b"soon"),
        ("s03", b"\xff"),
        ("s04", b""),
    ):
        (tmp_path / "submitted" / student / LECTURE).mkdir(parents=True)
        (tmp_path / "submitted" / student / LECTURE / "timestamp.txt").write_bytes(text)
    times = read_timestamps(tmp_path)
    assert {key: str(time) for key, time in times.items()} == {("s01", LECTURE): "2026-08-31 04:00:00"}
