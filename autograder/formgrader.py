"""Submissions where nbgrader's formgrader and feedback look for them: the release notebook with the student's answers in it."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import stat
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.gradebook_rows import GradebookError, Key, latest_reports, meta_of, nbgrader_api
from autograder.render import clean
from autograder.report import Report

SUBMISSION_LIMIT = 20_000_000  # bytes
CELL_LIMIT, SOURCE_LIMIT, LINE_LIMIT = 500, 40_000, 2_000  # cells; characters and lines of one
UNREADABLE = (
    "What was submitted could not be read as a notebook. Below is the notebook as it was released.\n\n"
    "提交的文件无法作为 notebook 读取。下面是发下去时的 notebook。"
)


def read_timestamps(course_root: Path) -> dict[Key, datetime]:
    """When each submission below ``submitted/`` was handed in, where a readable timestamp.txt says so."""
    parse_utc = nbgrader_api().utils.parse_utc
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
    for student, lecture in latest_reports(reports, notebooks):
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
    solutions = {meta_of(c)["grade_id"]: i for i, c in enumerate(node.cells) if meta_of(c).get("solution")}
    known = {meta_of(c)["grade_id"]: i for i, c in enumerate(node.cells) if meta_of(c).get("grade_id")}
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
    return cell.source == released.source or (cell.is_code and released.cell_type == "code" and not meta_of(released))


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
