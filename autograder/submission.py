"""A submission as code cells, in order. Files are read here as data; nothing of them is ever run on this side."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import stat
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import LANGUAGES, CourseError, find_lecture, lecture_names, read_lecture
from autograder.lesson import setup_code
from autograder.report import Text

MAX_BYTES = 20 << 20
MAX_CELLS = 2_000
MAX_CODE = 1 << 20  # characters of all code cells: what is parsed here must not exhaust the grader
MAX_TRANSFORM = 400_000  # lines with magics times characters: IPython reads a cell anew for each of them
_SETUP = {setup_code(lang).strip() for lang in LANGUAGES}  # imports that only a notebook needs: treated as a demo's
# A magic or shell line, a question about a name, and what a magic's result is given to.
_IPYTHON = re.compile(r"^([ \t]*)(?:[%!?].*|(\w+[ \t]*=[ \t]*)[%!].*|[\w.%]+\?\??[ \t]*)$", re.MULTILINE)
_PYTHON_MAGICS = ("time", "timeit", "capture", "prun")  # cell magics whose body is Python that a student means to run


class Unreadable(ValueError):
    """A file that is no submission: what was found and what to do, in both languages."""

    def __init__(self, path: Path, en: str, zh: str):
        super().__init__(f"{path}: {en}")
        self.text = Text(en=f"{path.name}: {en}", zh=f"{path.name}：{zh}")


@dataclass(frozen=True)
class CodeCell:
    """A code cell by its number in the notebook (counting every cell, from 1)."""

    number: int
    source: str
    demo: bool = False


@dataclass(frozen=True)
class Submission:
    """``cells`` are Python as the student wrote it, IPython's own syntax turned into calls that do nothing in grading."""

    path: Path
    cells: tuple[CodeCell, ...]
    digest: str
    notes: tuple[Text, ...] = ()

    def defined(self) -> set[str]:
        """Names that the cells bind at their top level."""
        return {name for cell in self.cells for name in _bound(_parse(cell.source))}


def read(path: Path) -> Submission:
    """A notebook or a Python file. Raises ``Unreadable``."""
    data = read_bytes(path)
    digest = hashlib.sha256(data).hexdigest()
    text = data.decode("utf-8-sig", "replace").replace("\x00", "")
    if not text.strip():
        raise Unreadable(
            path, "the file is empty; submit the notebook with your answers", "文件是空的；请提交写好答案的笔记本"
        )
    if path.suffix == ".py":
        cells = _percent_cells(text)
    else:
        cells = _notebook_cells(path, text)
    if not any(source.strip() for _, source in cells):
        raise Unreadable(
            path,
            "it has no code cells; submit the notebook that you worked in",
            "里面没有代码单元；请提交你作答的那个笔记本",
        )
    length = sum(len(source) for _, source in cells)
    if length > MAX_CODE:
        raise Unreadable(
            path, f"its cells hold {length >> 10} kB of code; at most {MAX_CODE >> 10} kB are read. Load data from a file",
            f"单元里有 {length >> 10} kB 的代码，最多读取 {MAX_CODE >> 10} kB。数据请从文件读入",
        )  # fmt: skip
    python = tuple(_python(number, source) for number, source in cells[:MAX_CELLS])
    return Submission(path, python, digest)


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of bounded size; links, pipes and devices are refused."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise Unreadable(path, "there is no such file", "没有这个文件") from None
    except OSError as error:
        raise Unreadable(path, f"it cannot be opened ({error.strerror})", f"打不开（{error.strerror}）") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Unreadable(path, "it is not a regular file", "不是普通文件")
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > MAX_BYTES:
            raise Unreadable(
                path,
                f"{status.st_size >> 20} MB; at most {MAX_BYTES >> 20} MB are read. Clear the outputs and save it again",
                f"有 {status.st_size >> 20} MB，最多读取 {MAX_BYTES >> 20} MB。请清除输出后重新保存",
            )
        return file.read(MAX_BYTES + 1)


def _notebook_cells(path: Path, text: str) -> list[tuple[int, str]]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(
            path, f"it is no notebook: not JSON{where}; submit the .ipynb file as Jupyter saves it",
            f"不是笔记本：不是 JSON{where}；请提交 Jupyter 保存的 .ipynb 文件",
        ) from None  # fmt: skip
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        # nbformat 3 and older keep their cells in worksheets, and a code cell's source in "input".
        cells = [c for sheet in notebook["worksheets"] if isinstance(sheet, dict) for c in sheet.get("cells") or []]
    if not isinstance(cells, list):
        raise Unreadable(
            path, "it is JSON, but no notebook (it has no cells); submit the .ipynb file as Jupyter saves it",
            "是 JSON，但不是笔记本（没有单元）；请提交 Jupyter 保存的 .ipynb 文件",
        )  # fmt: skip
    found = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            if isinstance(source, list):
                source = "".join(line for line in source if isinstance(line, str))
            if isinstance(source, str):
                found.append((number, source.encode("utf-8", "replace").decode()))
    return found


def _percent_cells(text: str) -> list[tuple[int, str]]:
    """The cells of a .py: its ``# %%`` parts, markdown ones left out; a plain module is one cell."""
    parts = re.split(r"^# ?%%(?!\w)(.*)$", text, flags=re.MULTILINE)  # "# %%demo" is a cell's magic, as a comment
    cells = [(1, parts[0])] if parts[0].strip() else []
    for number, (header, body) in enumerate(zip(parts[1::2], parts[2::2], strict=True), len(cells) + 1):
        if "[markdown]" not in header and "[raw]" not in header:
            # A demo's magic is a comment in a .py that jupytext or Jupyter wrote.
            cells.append((number, re.sub(r"^# (%%?\w)", r"\1", body.lstrip("\n"), count=1)))
    return cells


def _python(number: int, source: str) -> CodeCell:
    demo = source.strip() in _SETUP
    if magic := re.match(r"\s*%%(\w+)[^\n]*\n?", source):
        demo = magic[1] == "demo"
        source = source[magic.end() :] if demo or magic[1] in _PYTHON_MAGICS else ""
        source = "\n" + source  # line numbers stay those of the cell
    lines = len(_IPYTHON.findall(source))
    if lines and _parse(source) is None:
        source = _without_ipython(source) if lines * len(source) < MAX_TRANSFORM else _without_lines(source)
    return CodeCell(number, source, demo)


def _without_lines(source: str) -> str:
    """A cell with more magics than anybody writes: each such line does nothing, whatever it stands in."""
    return _IPYTHON.sub(lambda line: f"{line[1]}{line[2] or ''}None", source)


def _without_ipython(source: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except Exception:
        return source  # a syntax error, which running the cell will tell


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bound(tree: ast.Module | None, statements: Iterable[ast.stmt] | None = None) -> set[str]:
    names: set[str] = set()
    for node in statements or (tree.body if tree else ()):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(a.asname or a.name).partition(".")[0] for a in node.names}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {n.id for t in targets for n in _walk(t) if isinstance(n, ast.Name)}
    return names


def _walk(node: ast.AST) -> Iterable[ast.AST]:
    # ast.walk is iterative: a deeply nested expression cannot exhaust the stack here.
    return ast.walk(node)


def _loaded(tree: ast.Module | ast.stmt | None) -> set[str]:
    return {n.id for n in _walk(tree) if isinstance(n, ast.Name)} if tree else set()


def cells_to_run(submission: Submission, exercises: Sequence[str]) -> list[dict[str, object]]:
    """The cells for grading. Of a demo only imports and definitions are run, and only those that other cells use."""
    trees = {cell.number: _parse(cell.source) for cell in submission.cells}
    needed = set(exercises)
    for cell in submission.cells:
        if not cell.demo:
            needed |= _loaded(trees[cell.number])
    demos = [(c, node) for c in submission.cells if c.demo for node in getattr(trees[c.number], "body", ())]
    kept: set[int] = set()
    while True:
        fresh = [
            (c, node) for c, node in demos
            if id(node) not in kept and isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))
            and _bound(None, [node]) & needed
        ]  # fmt: skip
        if not fresh:
            break
        for _, node in fresh:
            kept.add(id(node))
            needed |= _loaded(node)
    run: list[dict[str, object]] = []
    for cell in submission.cells:
        source = cell.source
        if cell.demo:
            lines = source.splitlines()
            nodes = [node for c, node in demos if c is cell and id(node) in kept]
            source = "\n".join("\n".join(lines[_first(n) - 1 : n.end_lineno]) for n in nodes)
        if source.strip():
            run.append({"number": cell.number, "source": source})
    return run


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(int(d.lineno) for d in decorators)])


def uses(submission: Submission, exercises: Sequence[str]) -> dict[str, set[str]]:
    """For each exercise that the submission defines, the other exercises that its code names (last definition counts)."""
    found: dict[str, set[str]] = {}
    for cell in submission.cells:
        for node in getattr(_parse(cell.source), "body", ()):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in exercises:
                found[node.name] = _loaded(node) & set(exercises) - {node.name}
    return found


def redefined(submission: Submission, exercises: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Exercises defined more than once, with the numbers of the cells that define them."""
    where: dict[str, list[int]] = {}
    for cell in submission.cells:
        for node in getattr(_parse(cell.source), "body", ()):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in exercises:
                where.setdefault(node.name, []).append(cell.number)
    return [(name, cells) for name, cells in where.items() if len(cells) > 1]


def lecture_of(submission: Submission, expected: str | None = None) -> str:
    """The lecture that a submission answers: by its file's name or folder, else by the exercises that it defines.

    Raises ``Unreadable`` for another lecture's notebook where ``expected`` is given, and for none of the course.
    """
    names, defined = lecture_names(), submission.defined()
    counts = {n: len(defined & {e.name for e in read_lecture(n).exercises}) for n in names}
    best = max(counts, key=lambda n: counts[n], default=None)
    if expected is None:
        parts = (submission.path.stem, submission.path.parent.name)
        expected = next((part for part in parts if part in names), None)
    if expected is not None:
        if best and counts.get(expected, 0) == 0 and counts[best] > 0:
            raise Unreadable(
                submission.path, f"this is the notebook of {best}, not of {expected}; submit the right one",
                f"这是 {best} 的笔记本，不是 {expected} 的；请提交正确的那个",
            )  # fmt: skip
        return expected
    if best is not None and counts[best] > 0:
        return best
    try:
        return find_lecture(submission.path.stem)  # "lecture07", "7": a guess, which the functions would have overruled
    except CourseError:
        raise Unreadable(
            submission.path, "it defines no function of this course: no lecture's notebook?",
            "里面没有本课程的任何函数：这是某一讲的笔记本吗？",
        ) from None  # fmt: skip
