"""One language's side of a code cell: its docstrings, its comments, and its labels (``say``)."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from inspect import cleandoc

from autograder.course import CourseError
from autograder.probe import has_chinese

_WORD = re.compile(r"(?<![\w.])[A-Za-z]{2,}(?![\w(])")
_FOR_TOOLS = re.compile(r"#+ *(BEGIN|END) SOLUTION|# *(type: ignore|noqa|fmt:|ruff:|pragma)")
_DOCSTRING = re.compile(r"""(?P<prefix>\w*)(?P<quote>\"""|'''|"|')(?P<text>.*)(?P=quote)""", re.DOTALL)

Locate = Callable[[int], str]
"""A line of the cell, counted from 1 -> ``file:line`` of the lecture's source."""


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


def localise(source: str, lang: str, locate: Locate = "line {}".format) -> str:
    """The code ``source`` as the notebook of ``lang`` has it.

    Docstring paragraphs and full-line comments of the other language go, ``say(en, zh)`` becomes the
    language's argument, and the import of ``say`` is dropped. Raises ``CourseError`` at ``locate(line)``
    where the code cannot be read so.
    """
    _check_says(_parse(source, locate), locate)
    text = _replace_says(source, lang, locate)
    for step in (_without_say_import, _docstring_edits):
        text = _apply(text, step(text, ast.parse(text), lang))
    return _tidy(_without_comments(text, lang))


def _parse(source: str, locate: Locate) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        where = locate(error.lineno or 1)
        raise CourseError(f"{where}: this cell is not plain Python: {error.msg}") from None


# -- say -------------------------------------------------------------------------------------------


def _is_say(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"


def _check_says(tree: ast.Module, locate: Locate) -> None:
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_say(node):
            called.add(id(node.func))
            if len(node.args) != 2 or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
                where = locate(node.lineno)
                raise CourseError(
                    f"{where}: say takes two arguments, English then Chinese; it has {_count(node)}"
                )
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "say" and id(node) not in called:
            where = locate(node.lineno)
            raise CourseError(
                f"{where}: write say(en, zh) where the label is; the build cannot follow the name"
            )


def _count(call: ast.Call) -> str:
    parts = [f"{len(call.args)} positional"] + ([f"{len(call.keywords)} by name"] if call.keywords else [])
    return " and ".join(parts)


def _replace_says(text: str, lang: str, locate: Locate) -> str:
    # One at a time, the outermost first, reading the text anew: what the kept argument nests comes next.
    while True:
        tree = ast.parse(text)
        parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        call = next((n for n in ast.walk(tree) if isinstance(n, ast.Call) and _is_say(n)), None)
        if call is None:
            return text
        start, end = _span(text, call)
        enclosed = isinstance(parents[id(call)], (ast.Call, ast.keyword, ast.List, ast.Set, ast.Dict))
        argument = _argument(text[start:end], lang, start - text.rfind("\n", 0, start) - 1, enclosed)
        if argument is None:
            where = locate(call.lineno)
            raise CourseError(
                f"{where}: say cannot be read inside this f-string; give its result a name first"
            )
        text = text[:start] + argument + text[end:]


def _argument(call: str, lang: str, column: int, enclosed: bool) -> str | None:
    """The source of the language's argument of ``say(…)``, fit to stand at ``column`` in the call's place."""
    try:
        node = ast.parse(call, mode="eval").body
    except SyntaxError:
        return None
    if not (isinstance(node, ast.Call) and _is_say(node)):
        return None
    argument = node.args[0 if lang == "en" else 1]
    start, end = _span(call, argument)
    text = call[start:end]
    literal = isinstance(argument, (ast.Constant, ast.JoinedStr))
    simple = literal or isinstance(argument, (ast.Name, ast.Call, ast.Attribute, ast.Subscript))
    wrap = not (simple and "\n" not in text) and not (literal and enclosed)
    if "\n" in text and literal and '"""' not in text and "'''" not in text:
        # Pieces of one string on lines of their own stay below each other.
        first, *others = text.split("\n")
        text = "\n".join([first, *(" " * (column + wrap) + line.lstrip() for line in others)])
    return f"({text})" if wrap else text


def _without_say_import(text: str, tree: ast.Module, lang: str) -> list[_Edit]:
    edits = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "autograder":
            others = [a.name + (f" as {a.asname}" if a.asname else "") for a in node.names if a.name != "say"]
            if len(others) == len(node.names):
                continue
            start, end = _span(text, node)
            line_end = text.find("\n", end)
            whole_line = not others and not text[end : line_end if line_end >= 0 else len(text)].strip()
            if whole_line:
                end = line_end + 1 if line_end >= 0 else len(text)
            edits.append(_Edit(start, end, f"from autograder import {', '.join(others)}" if others else ""))
    return edits


# -- docstrings ------------------------------------------------------------------------------------


def _docstring_edits(text: str, tree: ast.Module, lang: str) -> list[_Edit]:
    edits = []
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if ast.get_docstring(node):
            docstring = node.body[0]
            start, end = _span(text, docstring)
            edits.append(_Edit(start, end, _docstring(text[start:end], docstring.col_offset, lang)))
    return edits


def _docstring(literal: str, indent: int, lang: str) -> str:
    parts = _DOCSTRING.fullmatch(literal)
    if parts is None:  # pieces put together, in parentheses
        return literal
    paragraphs = re.split(r"\n\s*\n", cleandoc(parts["text"]))
    kept = [p.strip("\n") for p in paragraphs if has_chinese(p) == (lang == "zh")]
    if not kept or len(kept) == len(paragraphs):
        return literal  # one language alone: better than no docstring
    quote = parts["quote"]
    lines = "\n\n".join(kept).split("\n")
    if len(lines) > 1 or lines[0].endswith(('"', "'", "\\")):
        lines.append(quote)
    else:
        lines[0] += quote
    margin = " " * indent
    indented = [lines[0], *(margin + line if line else "" for line in lines[1:])]
    return parts["prefix"] + quote + "\n".join(indented)


# -- comments --------------------------------------------------------------------------------------


def _without_comments(text: str, lang: str) -> str:
    lines = text.split("\n")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [(t.start[0] - 1, t.start[1], t.string) for t in tokens if t.type == tokenize.COMMENT]
    whole = [c for c in comments if not lines[c[0]][: c[1]].strip()]
    translated = any(has_chinese(comment) for _, _, comment in whole)
    gone = set()
    for row, column, comment in comments:
        chinese = has_chinese(comment)
        if lang == "en":
            if chinese:
                lines[row] = lines[row][:column].rstrip()
                gone.update([row] if not lines[row] else [])
        elif translated and not chinese and _says_words(comment) and (row, column, comment) in whole:
            gone.add(row)
    return "\n".join(line for row, line in enumerate(lines) if row not in gone)


def _says_words(comment: str) -> bool:
    """Whether a comment is in a language: ``# (N, C_in)`` and ``# noqa`` are for everyone."""
    return bool(_WORD.search(comment)) and not _FOR_TOOLS.match(comment)


# -- text ------------------------------------------------------------------------------------------


def _span(text: str, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """A node's place in ``text``, in characters (``ast`` counts lines, and UTF-8 bytes within them)."""
    lines = text.split("\n")

    def offset(lineno: int, column: int) -> int:
        before = sum(len(line) + 1 for line in lines[: lineno - 1])
        return before + len(lines[lineno - 1].encode()[:column].decode(errors="ignore"))

    return (
        offset(node.lineno, node.col_offset),
        offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
    )


def _apply(text: str, edits: list[_Edit]) -> str:
    for edit in sorted(edits, key=lambda e: e.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _tidy(text: str) -> str:
    # At most two blank lines between statements; none at the ends.
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n").rstrip()
