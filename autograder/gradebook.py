"""Reports into nbgrader's gradebook: scores, comments and cells in its own schema, in one transaction."""

from __future__ import annotations

import contextlib
import csv
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.gradebook_rows import COURSE, Book, GradebookError, Key, latest_reports, nbgrader_api
from autograder.render import name
from autograder.report import Report

LOCK_SECONDS = 5.0  # how long another writer of a SQLite file is waited for


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
    latest = latest_reports(reports, notebooks)
    with _session(url, wait) as (session, api):
        changed = 0
        for lecture in sorted({lecture for _, lecture in latest}):
            chosen = {student: r for (student, of), r in latest.items() if of == lecture}
            times = {s: api.utils.parse_utc(t) for (s, of), t in (timestamps or {}).items() if of == lecture}
            changed += Book(session, api, lecture, notebooks[lecture], chosen).write(times)
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
            .where(api.Grade.auto_score.is_(None), api.Grade.manual_score.is_(None), api.Grade.needs_manual_grade)
        )
        return sorted({(student, lecture) for student, lecture in session.execute(query)})


def export_csv(url: str, path: Path, wait: float = LOCK_SECONDS) -> list[Key]:
    """Write all grades by nbgrader's CsvExportPlugin; ``ungraded``, which are 0 in the file."""
    waiting = ungraded(url, wait)
    temporary = path.with_name(f".{path.name}.new")
    from nbgrader.plugins import CsvExportPlugin

    try:
        with _explained(url), nbgrader_api().Gradebook(url, COURSE) as gradebook:
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


# --- the database ---


@contextlib.contextmanager
def _explained(url: str) -> Iterator[None]:
    """Errors of the database as a ``GradebookError`` that says what to do."""
    from sqlalchemy import exc, make_url

    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError as error:
        raise GradebookError(f"{name(url)} is no database URL; write one like sqlite:///gradebook.db") from error
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
    api = nbgrader_api()
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.orm import Session

    with _explained(url):
        sqlite = make_url(url).get_backend_name() == "sqlite"
        engine = create_engine(url, connect_args={"timeout": wait} if sqlite else {})
        if sqlite:  # Python's driver begins no transaction before CREATE TABLE, so we begin them
            event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
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
            f"{shown} is the gradebook of course {of}, not of {COURSE!r}; give the URL of this course's, or of a new file"
        )
    if COURSE not in found and create:
        connection.execute(api.Course.__table__.insert(), {"id": COURSE})
