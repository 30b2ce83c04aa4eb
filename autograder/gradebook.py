"""Reports into nbgrader's gradebook, and submissions where its formgrader looks for them.

Scores, comments and cells go into nbgrader's own schema in one transaction; what a marker entered stays.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import json
import logging
import math
import os
import re
import stat
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.render import clean, name, number
from autograder.report import ExerciseResult, Report

COURSE = "dl"
CHECK = "check_"  # the grade cell of an exercise is called so, and then as the exercise
LOCK_SECONDS = 5.0  # how long another writer of a SQLite file is waited for
SUBMISSION_LIMIT = 20_000_000  # bytes
CELL_LIMIT, SOURCE_LIMIT, LINE_LIMIT = 500, 40_000, 2_000  # cells; characters and lines of one
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
UNREADABLE = (
    "What was submitted could not be read as a notebook. Below is the notebook as it was released.\n\n"
    "提交的文件无法作为 notebook 读取。下面是发下去时的 notebook。"
)


class GradebookError(ValueError):
    """The gradebook cannot be written or read; the message says what was found and what to do."""


def record(
    reports: Iterable[Report],
    url: str,
    notebooks: Mapping[str, NotebookNode],
    timestamps: Mapping[Key, datetime | str] | None = None,
    wait: float = LOCK_SECONDS,
) -> int:
    """Write reports to the gradebook at an SQLAlchemy URL, made if new; how many submissions changed in it.

    ``notebooks`` has each lecture's release notebook. Everything is written or nothing. Of two reports of one
    student and lecture the later counts. A marker's scores, comments and extra credit stay.
    """
    latest = _latest(reports, notebooks)
    with _session(url, wait) as (session, api):
        changed = 0
        for lecture in sorted({lecture for _, lecture in latest}):
            chosen = {student: r for (student, of), r in latest.items() if of == lecture}
            times = {s: api.utils.parse_utc(t) for (s, of), t in (timestamps or {}).items() if of == lecture}
            changed += _Book(session, api, lecture, notebooks[lecture], chosen).write(times)
        return changed


def ungraded(url: str, wait: float = LOCK_SECONDS) -> list[Key]:
    """Who has exercises without any score: nbgrader counts those as 0 until a person grades them."""
    with _session(url, wait, create=False) as (session, api):
        from sqlalchemy import select

        query = (
            select(api.SubmittedAssignment.student_id, api.Assignment.name)
            .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
            .join(api.SubmittedNotebook, api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id)
            .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .where(
                api.Grade.auto_score.is_(None), api.Grade.manual_score.is_(None), api.Grade.needs_manual_grade
            )
        )
        return sorted({(student, lecture) for student, lecture in session.execute(query)})


def export_csv(url: str, path: Path, wait: float = LOCK_SECONDS) -> list[Key]:
    """Write all grades by nbgrader's CsvExportPlugin; ``ungraded``, which are 0 in the file."""
    waiting = ungraded(url, wait)
    temporary = path.with_name(f".{path.name}.new")
    from nbgrader.plugins import CsvExportPlugin

    try:
        with _explained(url), _nbgrader().Gradebook(url, COURSE) as gradebook:
            CsvExportPlugin(to=str(temporary), log=logging.getLogger(__name__)).export(gradebook)
        for row in csv.reader(temporary.read_text(encoding="utf-8").splitlines()):
            if len(row) != 11:
                raise GradebookError(
                    f"nbgrader's CSV quotes nothing; this row has a comma too many: {name(','.join(row))}; "
                    "take it out of the student's name, and export again"
                )
        os.replace(temporary, path)
    except OSError as error:
        raise GradebookError(f"cannot write {path}: {error.strerror}; choose another place") from error
    finally:
        if path.parent.is_dir():
            temporary.unlink(missing_ok=True)
    return waiting


def read_timestamps(course_root: Path) -> dict[Key, datetime]:
    """When each submission below ``submitted/`` was handed in, where a readable timestamp.txt says so."""
    parse_utc = _nbgrader().utils.parse_utc
    found: dict[Key, datetime] = {}
    for path in course_root.glob("submitted/*/*/timestamp.txt"):
        try:
            found[path.parent.parent.name, path.parent.name] = parse_utc(_read(path).decode()[:100].strip())
        except (OSError, ValueError, OverflowError):
            continue  # written by the student's side: an unreadable one is no time, and no reason to stop
    return found


def publish(
    reports: Iterable[Report],
    course_root: Path,
    submissions: Mapping[Key, bytes | Path],
    notebooks: Mapping[str, NotebookNode],
) -> list[Path]:
    """Put submissions into ``autograded/<student>/<lecture>/`` for formgrader and feedback; what changed.

    Cells, ids and points are the release notebook's, the solutions' source the student's. What else they
    wrote stands as plain code cells (text as comments), since nbgrader would show Markdown of theirs as HTML.
    """
    changed: list[Path] = []
    for student, lecture in _latest(reports, notebooks):
        folder = course_root / "autograded" / student / lecture
        cells, readable = _submitted(submissions.get((student, lecture), b""))
        node = _filled(notebooks[lecture], cells, readable)
        files = {f"{lecture}.ipynb": (nbformat.writes(node) + "\n").encode()}  # type: ignore[no-untyped-call]
        stamp = course_root / "submitted" / student / lecture / "timestamp.txt"
        with contextlib.suppress(OSError):  # nbgrader needs none where none was handed in
            files[stamp.name] = _read(stamp)[:100]
        try:
            changed += [path for n, data in files.items() if _write(path := folder / n, data)]
        except OSError as error:
            raise GradebookError(f"cannot write {folder}: {error.strerror}; choose another place") from error
    return changed


# --- the database ---


def _nbgrader() -> Any:
    try:
        import nbgrader.api
    except ImportError as error:
        raise GradebookError(
            f"the gradebook needs nbgrader ({error}): pip install 'dl-autograder[instructor]'"
        ) from error
    return nbgrader.api


@contextlib.contextmanager
def _explained(url: str) -> Iterator[None]:
    """Errors of the database as a ``GradebookError`` that says what to do."""
    from sqlalchemy import exc, make_url

    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError as error:
        raise GradebookError(
            f"{name(url)} is no database URL; write one like sqlite:///gradebook.db"
        ) from error
    remedies = {
        "locked": "another process holds it: stop that (another grading run, formgrader), and try again",
        "not a database": "it is another kind of file: give the URL of a new file, or of a gradebook.db",
        "unable to open": "make the folder, or choose one that can be written",
        "No module named": "install the driver of that database",
        "readonly": "make the file and its folder writable, or choose another",
        "no such column": "it is of another version of nbgrader: run `nbgrader db upgrade`",
    }
    try:
        yield
    except (exc.SQLAlchemyError, ImportError) as error:
        found = str(getattr(error, "orig", None) or error)
        remedy = next((r for key, r in remedies.items() if key in found), "see whether the URL is right")
        raise GradebookError(f"{shown}: {found}; {remedy}. Nothing was written.") from error


@contextlib.contextmanager
def _session(url: str, wait: float, create: bool = True) -> Iterator[tuple[Any, Any]]:
    """A session inside one transaction that is written at the end, or not at all."""
    api = _nbgrader()
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.orm import Session

    with _explained(url):
        sqlite = make_url(url).get_backend_name() == "sqlite"
        engine = create_engine(url, connect_args={"timeout": wait} if sqlite else {})
        if sqlite:  # Python's driver begins no transaction before CREATE TABLE, so we begin them
            event.listen(
                engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None)
            )
            begin = "BEGIN IMMEDIATE" if create else "BEGIN"
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
            if not create and not Path(engine.url.database or "").is_file():
                raise GradebookError(f"there is no gradebook {engine.url.database}; record grades first")
        try:
            with engine.begin() as connection, Session(connection) as session:
                _prepare(connection, api, create)
                yield session, api
                session.flush()
        finally:
            engine.dispose()


def _prepare(connection: Any, api: Any, create: bool) -> None:
    """Make the tables of a new gradebook; refuse what is not this course's gradebook."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR
    from sqlalchemy import inspect, select, text

    # In this process: Gradebook() would shell out to alembic, which takes seconds and must be on PATH.
    version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    tables = set(inspect(connection).get_table_names())
    shown = connection.engine.url.render_as_string(hide_password=True)
    if not tables and not create:
        raise GradebookError(f"{shown} is empty; record grades first")
    if not tables:
        api.Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    elif missing := set(api.Base.metadata.tables) - tables:
        raise GradebookError(
            f"{shown} is no gradebook of this nbgrader: it has tables {', '.join(sorted(tables)[:5])}, "
            f"and none called {', '.join(sorted(missing)[:3])}; give the URL of a new file, "
            "or run `nbgrader db upgrade`"
        )
    found = set(connection.scalars(select(api.Course.id)))
    owners = set(connection.scalars(select(api.Assignment.course_id)))
    others = owners | found - {"default_course"}  # which stock nbgrader adds, empty, to any gradebook
    if others - {COURSE}:
        of = ", ".join(map(repr, sorted(others - {COURSE})))
        raise GradebookError(
            f"{shown} is the gradebook of course {of}, not of {COURSE!r}; "
            "give the URL of this course's, or of a new file"
        )
    if COURSE not in found and create:
        connection.execute(api.Course.__table__.insert(), {"id": COURSE})


def _latest(reports: Iterable[Report], notebooks: Mapping[str, NotebookNode]) -> dict[Key, Report]:
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
        cells = {_meta(c).get("grade_id") for c in notebooks[lecture].cells}
        unknown = [e.name for e in report.exercises if not {e.name, CHECK + e.name} <= cells]
        if unknown:
            raise GradebookError(
                f"the notebook of {lecture} has no cells of {', '.join(map(name, unknown))}, which {student} "
                "was graded for; run `autograder build`, and grade again"
            )
        graded = [_meta(c) for c in notebooks[lecture].cells if _meta(c).get("grade")]
        points = {meta["grade_id"]: float(meta["points"]) for meta in graded}
        for e in report.exercises:
            of = points[CHECK + e.name]
            if not (e.bonus or e.status == "not_graded" or math.isclose(e.max_score, of)):
                raise GradebookError(
                    f"{e.name} was graded with {number(e.max_score)} points for {student}, and has "
                    f"{number(of)} in the notebook of {lecture}; run `autograder build`, and grade again"
                )
    return latest


def _meta(cell: NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader") or {}


def _set(row: Any, **values: Any) -> bool:
    changed = {key: value for key, value in values.items() if getattr(row, key) != value}
    for key, value in changed.items():
        setattr(row, key, value)
    return bool(changed)


class _Book:
    """One lecture's rows in the gradebook, loaded at once: a class is a few queries."""

    def __init__(
        self, session: Any, api: Any, lecture: str, node: NotebookNode, reports: Mapping[str, Report]
    ):
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
            meta = _meta(cell)
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
        handed_in = self._all(
            api.SubmittedAssignment, api.SubmittedAssignment.assignment_id == self.assignment.id
        )
        submissions = {s.student_id: s for s in handed_in}
        changed = self.reports.keys() - submissions.keys()
        for student in changed:
            submissions[student] = self._new(
                api.SubmittedAssignment, student_id=student, assignment_id=self.assignment.id
            )
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

    def _grade(
        self, e: ExerciseResult, grade: Any, comment: Any, of_whole: tuple[Sequence[str], Sequence[str]]
    ) -> bool:
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
                values["needs_manual_grade"] = (
                    by_hand  # who graded by hand looks at what is another score now
                )
        changed = _set(grade, **values)
        return _set(comment, auto_comment=text) or changed


def _extra_credit(
    e: ExerciseResult, credit: float | None, before: str
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
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


def _comment(
    e: ExerciseResult, lines: Sequence[tuple[str, str]], of_whole: tuple[Sequence[str], Sequence[str]]
) -> str:
    """What a marker and the student read, English then Chinese, as one indented block.

    nbgrader renders comments as Markdown with HTML and formulas; an indented block is shown as it stands.
    """
    texts: list[str] = []
    for i, lang in enumerate(("en", "zh")):
        texts += [line[i] for line in lines]
        texts += [e.summary[lang], *(note[lang] for note in e.notes), *(of_whole[i] or of_whole[0])]
    block = "\n\n".join(clean(text).strip("\n") for text in dict.fromkeys(texts) if text.strip())
    return textwrap.indent(block, "    ")


# --- the notebooks that formgrader shows ---


@dataclass(frozen=True)
class _Cell:
    is_code: bool
    source: str
    grade_id: str | None = None
    id: str | None = None


def _read(path: Path) -> bytes:
    """A regular file's bytes, links not followed, up to the limit. Raises OSError."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is no regular file")
        return file.read(SUBMISSION_LIMIT + 1)


def _write(path: Path, data: bytes) -> bool:
    """Put a file in place whole, read-only as nbgrader does; False where it is there already."""
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.write_bytes(data)
    temporary.chmod(0o444)
    os.replace(temporary, path)
    return True


def _submitted(submission: bytes | Path) -> tuple[list[_Cell], bool]:
    """The cells of what was handed in, whatever it is, and whether that is a notebook."""
    try:
        raw = _read(submission) if isinstance(submission, Path) else submission
        if len(raw) > SUBMISSION_LIMIT:
            return [], False
        data = json.loads(raw)
    except (ValueError, RecursionError):
        text = _shown(raw.decode(errors="replace"))
        return ([_Cell(True, text)] if text.strip() and b"\0" not in raw else []), False
    except OSError:
        return [], False
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        return [], False
    return [_cell(c) for c in cells[:CELL_LIMIT] if isinstance(c, dict)], True


def _shown(source: str) -> str:
    return clean(source, SOURCE_LIMIT, LINE_LIMIT)


def _cell(data: dict[str, Any]) -> _Cell:
    """A student's cell; nothing in it need be what it should be."""
    source, meta = data.get("source"), data.get("metadata")
    if isinstance(source, list):
        source = "".join(s for s in source if isinstance(s, str))
    nbgrader = meta.get("nbgrader") if isinstance(meta, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    text = _shown(source) if isinstance(source, str) else ""
    ids = (i if isinstance(i, str) else None for i in (grade_id, data.get("id")))
    return _Cell(data.get("cell_type") == "code", text, *ids)


def _filled(release: NotebookNode, cells: Sequence[_Cell], readable: bool) -> NotebookNode:
    """The release notebook with a student's solutions; their other cells after the one they came after."""
    node = copy.deepcopy(release)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    solutions = {_meta(c)["grade_id"]: i for i, c in enumerate(node.cells) if _meta(c).get("solution")}
    known = {_meta(c)["grade_id"]: i for i, c in enumerate(node.cells) if _meta(c).get("grade_id")}
    ids = {c["id"]: i for i, c in enumerate(node.cells) if "id" in c}
    answers = _answers(cells, solutions) if readable else {}
    others: dict[int, list[_Cell]] = {}
    place, taken = -1, set(solutions.values())
    for i, cell in enumerate(cells):
        at = answers.get(i)
        if at is None:
            at = known.get(cell.grade_id, ids.get(cell.id)) if readable else None
            if at is None or at in taken or not _stands_for(cell, node.cells[at]):
                others.setdefault(place, []).append(cell)
                continue
        node.cells[at].source = cell.source
        taken.add(at)
        place = at
    return _with_others(node, others, readable)


def _stands_for(cell: _Cell, released: NotebookNode) -> bool:
    """Whether a cell is a released one as it was, or one that students may edit, such as a demo."""
    return cell.source == released.source or (
        cell.is_code and released.cell_type == "code" and not _meta(released)
    )


def _answers(cells: Sequence[_Cell], solutions: Mapping[str, int]) -> dict[int, int]:
    """Which cell answers which exercise: the last with its id, else the last that defines its name."""
    code = [(i, cell) for i, cell in enumerate(cells) if cell.is_code]
    found = {cell.grade_id: i for i, cell in code if cell.grade_id in solutions}
    for exercise in solutions.keys() - found.keys():
        defines = re.compile(rf"^(?:def|class)\s+{re.escape(exercise)}\b", re.MULTILINE)
        free = [i for i, c in code if i not in found.values() and defines.search(c.source)]
        found |= {exercise: free[-1]} if free else {}
    return {i: solutions[exercise] for exercise, i in found.items() if exercise is not None}


def _with_others(node: NotebookNode, others: Mapping[int, Sequence[_Cell]], readable: bool) -> NotebookNode:
    cells = [] if readable else [nbformat.v4.new_markdown_cell(UNREADABLE)]  # type: ignore[no-untyped-call]
    for i, released in enumerate([None, *node.cells]):
        cells += [released] if released is not None else []
        for cell in others.get(i - 1, ()):
            # As code even where it was Markdown: nbgrader would show it as HTML, with what a student put in.
            text = cell.source if cell.is_code else textwrap.indent(cell.source, "# ", lambda line: True)
            cells.append(nbformat.v4.new_code_cell(text, metadata={"autograder": {"kind": "student"}}))  # type: ignore[no-untyped-call]
    for i, cell in enumerate(cells):
        if node.nbformat_minor < 5:
            cell.pop("id", None)
        elif cell not in node.cells:
            cell["id"] = f"submitted-{i}"
    node.cells = cells
    return node
