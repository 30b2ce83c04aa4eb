"""Lectures -> the notebooks that students get, one a language, through nbgrader's own preprocessors.

What stock nbgrader sees of a notebook: each exercise is a solution cell ``<exercise>``, each check under it a
test cell ``check_<exercise>``. All else is plain: students may write in it, and a mended text changes no
gradebook.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import LANGUAGES, TOTAL_POINTS, Cell, CourseError, Exercise, Lecture
from autograder.generate import through_nbgrader
from autograder.languages import localise
from autograder.lesson import STUB, check_code, exercise_line, introduction, setup_code

ASSIGNMENTS = "assignments"
DEMO_MAGIC = "%%demo"

v4: Any = nbformat.v4  # has no types

Extra = Callable[[Lecture, str], Mapping[str, bytes]]
"""(lecture, language) -> the files that lie beside its notebook, by name."""

NOTEBOOK_METADATA: dict[str, Any] = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    # Without versions, which would differ from one author's machine to the next.
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


def notebook(lecture: Lecture, lang: str) -> NotebookNode:
    """The release notebook of ``lecture`` in ``lang``: stubs, check cells, metadata; no solution.

    Raises ``CourseError``, with file and line, for a source that makes no sound notebook.
    """
    _check_points(lecture)
    try:
        return through_nbgrader(_draft(lecture, lang), f"{STUB[lang]}\nraise NotImplementedError()")
    except ValueError as error:
        raise CourseError(f"{lecture.path.name}: nbgrader refuses the {lang} notebook: {error}") from None


def _draft(lecture: Lecture, lang: str) -> NotebookNode:
    """The notebook with the solutions still in it."""
    cells: list[NotebookNode] = []
    counts: dict[str, int] = {}
    for cell in lecture.cells:
        if cell.lang not in (None, lang):
            continue
        counts[cell.kind] = counts.get(cell.kind, 0) + 1
        cells += _cells(lecture, cell, lang, counts[cell.kind])
        if cell.kind == "markdown" and counts == {"markdown": 1}:  # the title
            cells += [
                _markdown("introduction", introduction(lecture, lang)),
                _code("setup", setup_code(lang), {"kind": "code"}),
            ]
    metadata = {**NOTEBOOK_METADATA, "autograder": {"lecture": lecture.name, "lang": lang}}
    draft: NotebookNode = v4.new_notebook(cells=[c for c in cells if c.source], metadata=metadata)
    return draft


def filled(lecture: Lecture, lang: str, solutions: Mapping[str, str] | None = None) -> NotebookNode:
    """The notebook as a student hands it in; ``solutions``: sources of exercise cells, by exercise.

    An exercise that ``solutions`` lacks has the reference's source; give ``stub_source`` for one untouched.
    """
    given = {name: source for name, source in (solutions or {}).items() if lecture.exercise(name)}
    references = {c.exercise: c for c in lecture.cells if c.kind == "exercise"}
    result = notebook(lecture, lang)
    for node in _of_kind(result, "exercise"):
        name = node.metadata["autograder"]["exercise"]
        if name in given:
            node.source = given[name]
        else:
            node.source = _without_markers(_localised(lecture, references[name], lang))
    return result


def demo_sources(lecture: Lecture, lang: str) -> list[str]:
    """The released demo cells' sources, as in the notebook; grading skips a cell that is one of them."""
    return [str(node.source) for node in _of_kind(_draft(lecture, lang), "demo")]


def stub_source(lecture: Lecture, exercise: str, lang: str) -> str:
    """The source of the exercise's cell as released: not started yet."""
    nodes = _of_kind(notebook(lecture, lang), "exercise")
    return next(str(node.source) for node in nodes if node.id == lecture.exercise(exercise).name)


def notebook_bytes(node: NotebookNode) -> bytes:
    """A notebook as a file; equal notebooks give equal bytes."""
    return (str(v4.writes(node)).rstrip("\n") + "\n").encode()


def lecture_files(lecture: Lecture, lang: str, extra: Extra | None = None) -> dict[str, bytes]:
    """The files of ``assignments/<lang>/<lecture>``, by name: the notebook and what ``extra`` adds."""
    files = {f"{lecture.name}.ipynb": notebook_bytes(notebook(lecture, lang))}
    return {**files, **(extra(lecture, lang) if extra else {})}


def build(
    lectures: list[Lecture],
    root: Path,
    check: bool = False,
    extra: Extra | None = None,
    same: Callable[[bytes, bytes], bool] = operator.eq,
) -> list[Path]:
    """Bring ``root/assignments`` up to date with ``lectures``; returns the files written or removed, sorted.

    With ``check`` nothing is touched, and the stale, missing and left-over files are returned. Left over is
    what lies in the folder of one of ``lectures``, or of a lecture without a source, and is not generated. Of
    those, only files named as a build names them are removed: a scratch file is reported, never deleted.
    ``same`` says whether a file on disk is still what would be built.
    """
    wanted = {
        root / ASSIGNMENTS / lang / lecture.name / name: content
        for lecture in lectures
        for lang in LANGUAGES
        for name, content in lecture_files(lecture, lang, extra).items()
    }
    stale = [path for path, content in wanted.items() if not path.is_file() or not same(path.read_bytes(), content)]
    left_over = _left_over(root, {lecture.name for lecture in lectures}, wanted)
    if check:
        return sorted([*stale, *left_over])
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(wanted[path])
        part.replace(path)
    patterns = {_pattern(path) for path in wanted}
    removed = [path for path in left_over if _pattern(path) in patterns]
    for path in removed:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    return sorted([*stale, *removed])


def _left_over(root: Path, built: set[str], wanted: Mapping[Path, bytes]) -> list[Path]:
    found = []
    for lang in LANGUAGES:
        for folder in (root / ASSIGNMENTS / lang).glob("*/"):
            if folder.name in built or not (root / "solutions" / f"{folder.name}.py").is_file():
                found += [
                    p for p in folder.rglob("*") if p.is_file() and p not in wanted and not _hidden(p, root)
                ]
    return found


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts)


def _pattern(path: Path) -> str:
    return path.name.replace(path.parent.name, "<lecture>")


# -- cells -----------------------------------------------------------------------------------------


def _cells(lecture: Lecture, cell: Cell, lang: str, number: int) -> list[NotebookNode]:
    """The notebook's cells for one cell of the source, the ``number``-th of its kind in this language."""
    if cell.kind == "markdown":
        return [_markdown(f"text-{number:02d}", cell.source)]
    source = _localised(lecture, cell, lang)
    if cell.exercise:
        return _exercise_cells(lecture.exercise(cell.exercise), source, lang)
    if cell.kind == "demo":
        source = f"{DEMO_MAGIC}\n{source}" if source else ""
    return [_code(f"{cell.kind}-{number:02d}", source, {"kind": cell.kind})]


def _exercise_cells(exercise: Exercise, source: str, lang: str) -> list[NotebookNode]:
    points = int(exercise.points) if exercise.points == int(exercise.points) else exercise.points
    about = {"exercise": exercise.name, "points": points, "bonus": exercise.bonus}
    # nbgrader adds the points of every test cell to the maximum; it has no optional ones. A bonus check has 0
    # there: whoever skips it can still reach the maximum, and what it earns is recorded as extra credit.
    maximum = 0 if exercise.bonus else points
    return [
        _markdown(f"about-{exercise.name}"[:64], exercise_line(exercise, lang), exercise=exercise.name),
        _code(
            exercise.name[:64],
            source,
            {"kind": "exercise", **about},
            _nbgrader(exercise.name, grade=False, solution=True, locked=False),
        ),
        _code(
            f"check-{exercise.name}"[:64],
            check_code(exercise),
            {"kind": "check", **about},
            _nbgrader(f"check_{exercise.name}", grade=True, solution=False, locked=True, points=maximum),
        ),
    ]


def _nbgrader(grade_id: str, **values: Any) -> dict[str, Any]:
    return {"grade_id": grade_id, "schema_version": 3, "task": False, **values}


def _markdown(cell_id: str, source: str, **about: str) -> NotebookNode:
    metadata = {"autograder": {"kind": "text", **about}}
    cell: NotebookNode = v4.new_markdown_cell(source, id=cell_id, metadata=metadata)
    return cell


def _code(
    cell_id: str, source: str, about: dict[str, Any], nbgrader: dict[str, Any] | None = None
) -> NotebookNode:
    metadata = {"autograder": about, **({"nbgrader": nbgrader} if nbgrader else {})}
    cell: NotebookNode = v4.new_code_cell(source, id=cell_id, metadata=metadata)
    return cell


def _of_kind(node: NotebookNode, kind: str) -> list[NotebookNode]:
    return [cell for cell in node.cells if cell.metadata["autograder"]["kind"] == kind]


def _localised(lecture: Lecture, cell: Cell, lang: str) -> str:
    return localise(cell.source, lang, lambda line: f"{lecture.path.name}:{cell.line + line}")


def _without_markers(source: str) -> str:
    return re.sub(r"^[ \t]*#+ *(BEGIN|END) SOLUTION[^\n]*\n?", "", source, flags=re.MULTILINE).rstrip()


def _check_points(lecture: Lecture) -> None:
    total = sum(e.points for e in lecture.exercises if not e.bonus)
    if abs(total - TOTAL_POINTS) > 1e-9:
        line = next((c.line for c in lecture.cells if c.kind == "exercise"), 1)
        where = f"{lecture.path.name}:{line}"
        raise CourseError(
            f"{where}: the points of the graded exercises add up to {total:g}, not {TOTAL_POINTS}"
        )
