"""The rows of one lecture in nbgrader's gradebook: what is written of a report, and what a marker entered stays."""

from __future__ import annotations

import json
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from nbformat import NotebookNode

from autograder.render import clean, name, number
from autograder.report import ExerciseResult, Report

COURSE = "dl"
CHECK = "check_"  # the grade cell of an exercise is called so, and then as the exercise
Key = tuple[str, str]  # student, lecture

STATUS = {
    "pass": ("Passed.", "通过。"),
    "fail": ("Not right yet.", "还不对。"),
    "not_started": ("Not started.", "尚未开始。"),
    "not_graded": (
        "Not graded, through no fault of the student's. Please grade it by hand.",
        "未评分，不是学生的问题。请人工评分。",
    ),
}
BONUS = ("Bonus: {got} of {of} points, kept as extra credit.", "附加分 {got} / {of}，记在 extra credit 里。")
BY_HAND = (
    "Bonus: the extra credit was changed by hand and stays.",
    "附加分：人工改过的 extra credit 保持不变。",
)
_RECORDED = re.compile(r"\s*Bonus: (?:([0-9.e+-]+) of|the extra credit was changed)")


class GradebookError(ValueError):
    """The gradebook cannot be written or read; the message says what was found and what to do."""


def nbgrader_api() -> Any:
    try:
        import nbgrader.api
    except ImportError as error:
        raise GradebookError(f"the gradebook needs nbgrader ({error}): pip install 'dl-autograder[instructor]'") from error
    return nbgrader.api


def latest_reports(reports: Iterable[Report], notebooks: Mapping[str, NotebookNode]) -> dict[Key, Report]:
    """The reports by student and lecture, once all are seen to have usable names and fit their notebooks."""
    latest = {(r.student, r.lecture): r for r in reports}
    for (student, lecture), report in latest.items():
        for text in (student, lecture):
            plain = text.isprintable() and text == text.strip() and not set(text) & set('/\\,"*?[]')
            if not (plain and 0 < len(text) <= 128 and text[0] not in ".=+-@"):
                raise GradebookError(
                    f"{name(report.submission)!r} has the student {name(student)!r} and the "
                    f"lecture {name(lecture)!r}; folders and CSV need names without commas, quotes, "
                    "wildcards or slashes, not starting with . = + - or @: rename the submission's folder"
                )
        if lecture not in notebooks:
            raise GradebookError(f"there is no release notebook of {lecture}: run `autograder build`")
        cells = {meta_of(c).get("grade_id") for c in notebooks[lecture].cells}
        unknown = [e.name for e in report.exercises if not {e.name, CHECK + e.name} <= cells]
        if unknown:
            raise GradebookError(
                f"the notebook of {lecture} has no cells of {', '.join(map(name, unknown))}, which {student} "
                "was graded for; run `autograder build`, and grade again"
            )
        graded = [meta_of(c) for c in notebooks[lecture].cells if meta_of(c).get("grade")]
        points = {meta["grade_id"]: float(meta["points"]) for meta in graded}
        for e in report.exercises:
            of = points[CHECK + e.name]
            if not (e.bonus or e.status == "not_graded" or math.isclose(e.max_score, of)):
                raise GradebookError(
                    f"{e.name} was graded with {number(e.max_score)} points for {student}, and has "
                    f"{number(of)} in the notebook of {lecture}; run `autograder build`, and grade again"
                )
    return latest


def meta_of(cell: NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader") or {}


def _set(row: Any, **values: Any) -> bool:
    changed = {key: value for key, value in values.items() if getattr(row, key) != value}
    for key, value in changed.items():
        setattr(row, key, value)
    return bool(changed)


class Book:
    """One lecture's rows in the gradebook, loaded at once: a class is a few queries."""

    def __init__(self, session: Any, api: Any, lecture: str, node: NotebookNode, reports: Mapping[str, Report]):
        self.session, self.api, self.reports = session, api, reports
        self.bonus = {CHECK + e.name for r in reports.values() for e in r.exercises if e.bonus}
        self.assignment = self._one(api.Assignment, {"name": lecture}, {"course_id": COURSE})
        owner = {"name": lecture, "assignment_id": self.assignment.id}
        self.notebook = self._one(api.Notebook, owner, {})
        _set(self.notebook, kernelspec=json.dumps(node.metadata.get("kernelspec", {})))
        self._sync_cells(node)

    def _all(self, kind: Any, *where: Any) -> list[Any]:
        from sqlalchemy import select

        return list(self.session.scalars(select(kind).where(*where)))

    def _one(self, kind: Any, key: dict[str, Any], rest: dict[str, Any]) -> Any:
        found = self._all(kind, *(getattr(kind, column) == value for column, value in key.items()))
        return found[0] if found else self._new(kind, **key, **rest)

    def _new(self, kind: Any, **values: Any) -> Any:
        row = kind(**values)
        if hasattr(kind, "id") and not row.id:
            row.id = self.api.new_uuid()
        self.session.add(row)
        return row

    def _sync_cells(self, node: NotebookNode) -> None:
        """The cells as released. One that is no longer there keeps a marker's grades, without points."""
        grade: dict[str, dict[str, Any]] = {}
        solution: dict[str, dict[str, Any]] = {}
        source: dict[str, dict[str, Any]] = {}
        for cell in node.cells:
            meta = meta_of(cell)
            if meta.get("grade"):
                points = 0.0 if meta["grade_id"] in self.bonus else float(meta["points"])
                grade[meta["grade_id"]] = {"max_score": points, "cell_type": cell.cell_type}
            if meta.get("solution"):
                solution[meta["grade_id"]] = {}
            if meta.get("grade") or meta.get("solution") or meta.get("locked"):
                locked = not meta.get("solution") and bool(meta.get("grade") or meta.get("locked"))
                source[meta["grade_id"]] = {
                    "cell_type": cell.cell_type,
                    "locked": locked,
                    "source": cell.source,
                    "checksum": meta.get("checksum"),
                }
        self.grade_cells, self.removed = self._match(self.api.GradeCell, grade)
        self.solution_cells, _ = self._match(self.api.SolutionCell, solution)
        _, old = self._match(self.api.SourceCell, source)
        for cell in old:
            self.session.delete(cell)
        for cell in self.removed:
            _set(cell, max_score=0.0)

    def _match(self, kind: Any, wanted: Mapping[str, dict[str, Any]]) -> tuple[dict[str, Any], list[Any]]:
        found = {cell.name: cell for cell in self._all(kind, kind.notebook_id == self.notebook.id)}
        for key, values in wanted.items():
            if key in found:
                _set(found[key], **values)
            else:
                found[key] = self._new(kind, name=key, notebook_id=self.notebook.id, **values)
        removed = [found.pop(key) for key in found.keys() - wanted.keys()]
        return found, removed

    def write(self, timestamps: Mapping[str, datetime]) -> int:
        """Write every report; how many submissions are other than before."""
        api = self.api
        for student in self.reports.keys() - {s.id for s in self._all(api.Student)}:
            self._new(api.Student, id=student)
        handed_in = self._all(api.SubmittedAssignment, api.SubmittedAssignment.assignment_id == self.assignment.id)
        submissions = {s.student_id: s for s in handed_in}
        changed = self.reports.keys() - submissions.keys()
        for student in changed:
            submissions[student] = self._new(api.SubmittedAssignment, student_id=student, assignment_id=self.assignment.id)
        of_notebook = api.SubmittedNotebook.notebook_id == self.notebook.id
        books = {b.assignment_id: b for b in self._all(api.SubmittedNotebook, of_notebook)}
        for submission in submissions.values():
            if submission.id not in books:
                ids = {"assignment_id": submission.id, "notebook_id": self.notebook.id}
                books[submission.id] = self._new(api.SubmittedNotebook, **ids)
        self.session.flush()
        grades, comments = (self._rows(kind, books.values()) for kind in (api.Grade, api.Comment))
        for student, report in self.reports.items():
            submission = submissions[student]
            time = timestamps.get(student)
            touched = [time is not None and _set(submission, timestamp=time)]
            for cell in self.removed:  # formgrader does not show it: no person can be asked to grade it
                if grade := grades.get((books[submission.id].id, cell.id)):
                    touched.append(_set(grade, auto_score=None, needs_manual_grade=False))
            for i, exercise in enumerate(report.exercises):
                grade = grades[books[submission.id].id, self.grade_cells[CHECK + exercise.name].id]
                comment = comments[books[submission.id].id, self.solution_cells[exercise.name].id]
                of_whole = (report.notes, report.notes_zh) if i == 0 else ((), ())
                touched.append(self._grade(exercise, grade, comment, of_whole))
            changed |= {student} if any(touched) else set()
        return len(changed)

    def _rows(self, kind: Any, books: Iterable[Any]) -> dict[tuple[str, str], Any]:
        """The Grade or Comment rows by notebook and cell; those that a new cell is without are made."""
        cells = self.grade_cells if kind is self.api.Grade else self.solution_cells
        joined = kind.notebook.has(self.api.SubmittedNotebook.notebook_id == self.notebook.id)
        rows = {(row.notebook_id, row.cell_id): row for row in self._all(kind, joined)}
        for book in books:
            for cell in cells.values():
                if (book.id, cell.id) not in rows:
                    rows[book.id, cell.id] = self._new(kind, notebook_id=book.id, cell_id=cell.id)
        return rows

    def _grade(self, e: ExerciseResult, grade: Any, comment: Any, of_whole: tuple[Sequence[str], Sequence[str]]) -> bool:
        lines = [] if e.status == "fail" and e.summary.en else [STATUS[e.status]]
        by_hand = grade.manual_score is not None
        values: dict[str, Any] = {}
        if e.bonus:
            values, said = _extra_credit(e, grade.extra_credit, comment.auto_comment or "")
            lines = [*said, *lines]
        text = _comment(e, lines, of_whole)
        if e.status == "not_graded":
            # Our own fault costs no points: an earlier score stays, none is made up, a person is asked.
            if not by_hand and text != comment.auto_comment:
                values["needs_manual_grade"] = True
        else:
            values["auto_score"] = 0.0 if e.bonus else e.score
            if not by_hand or grade.auto_score != values["auto_score"]:
                values["needs_manual_grade"] = by_hand  # who graded by hand looks at what is another score now
        changed = _set(grade, **values)
        return _set(comment, auto_comment=text) or changed


def _extra_credit(e: ExerciseResult, credit: float | None, before: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """A bonus is extra credit, unless a marker changed that: the comment remembers what was recorded last."""
    recorded = _RECORDED.match(before)
    last = float(recorded[1]) if recorded and recorded[1] else 0.0
    if (recorded and not recorded[1]) or credit != (last or None):
        return {}, [BY_HAND]
    if e.status == "not_graded" and not last:
        return {}, []
    got = last if e.status == "not_graded" else round(e.score, 2)
    figures = {"got": number(got), "of": number(e.max_score)}
    return {"extra_credit": got or None}, [(BONUS[0].format_map(figures), BONUS[1].format_map(figures))]


def _comment(e: ExerciseResult, lines: Sequence[tuple[str, str]], of_whole: tuple[Sequence[str], Sequence[str]]) -> str:
    """What a marker and the student read, English then Chinese, as one indented block.

    nbgrader renders comments as Markdown with HTML and formulas; an indented block is shown as it stands.
    """
    texts: list[str] = []
    for i, lang in enumerate(("en", "zh")):
        texts += [line[i] for line in lines]
        texts += [e.summary[lang], *(note[lang] for note in e.notes), *(of_whole[i] or of_whole[0])]
    block = "\n\n".join(clean(text).strip("\n") for text in dict.fromkeys(texts) if text.strip())
    return textwrap.indent(block, "    ")
