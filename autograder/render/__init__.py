"""Renderers: pure functions of a report. Here is what they share: safe text, and messages in parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MESSAGE_LIMIT = 6_000  # characters of one message, and of any other text
LINE_LIMIT = 120  # lines of one message
NAME_LIMIT = 120  # characters of a name, a title, an id
SHORTENED = "\n…"

# Terminal sequences; what is not seen or turns the direction of text (Trojan Source); stacks of accents.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_ACCENTS = re.compile(f"({_MARK}{{3}}){_MARK}+")

_LABELLED = re.compile(r"(got|should be|得到|应该是)[:：]\s?(.*)", re.DOTALL)
_HINT = re.compile(r"((?:hint|提示)\s*[:：])\s*(.*)", re.DOTALL | re.IGNORECASE)


def clean(text: str, limit: int = MESSAGE_LIMIT, most_lines: int = LINE_LIMIT) -> str:
    """Text that is safe to show: no control, invisible or direction characters or surrogates; capped."""
    shortened = len(text) > limit
    text = _ANSI.sub("", text[:limit].replace("\r\n", "\n"))
    text = _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))
    lines = _ACCENTS.sub(r"\1", text).split("\n")
    if len(lines) > most_lines:
        lines, shortened = lines[:most_lines], True
    return "\n".join(lines) + (SHORTENED if shortened else "")


def name(text: str, limit: int = NAME_LIMIT) -> str:
    """A name, a title or an id on one line."""
    short = " ".join(clean(text).split())
    return short if len(short) <= limit else f"{short[: limit - 1]}…"


def number(value: float) -> str:
    """Points as people write them: 12, 7.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value == value else "?"


@dataclass(frozen=True)
class Part:
    """A part of a message: ``code``, ``text``, ``hint`` (its label apart), ``values`` (labelled rows)."""

    kind: str
    text: str = ""
    label: str = ""
    rows: tuple[tuple[str, str], ...] = ()


def parts(message: str) -> list[Part]:
    """The parts of a message: indented lines are code, the others paragraphs."""
    found: list[Part] = []
    for is_code, lines in _blocks(clean(message).expandtabs(4).split("\n")):
        if is_code:
            found.append(Part("code", "\n".join(line[4:] for line in lines)))
        else:
            found.append(_paragraph(lines))
    return found


def _blocks(lines: Iterable[str]) -> list[tuple[bool, list[str]]]:
    """Runs of code lines (with the blank lines inside them) and of paragraph lines."""
    blocks: list[tuple[bool, list[str]]] = []
    blanks = 0
    for line in lines:
        if not line.strip():
            blanks += 1
            continue
        is_code = line.startswith("    ") and (blanks > 0 or not blocks or not _labelled(blocks[-1]))
        if blocks and blocks[-1][0] == is_code and (is_code or not blanks):
            blocks[-1][1].extend([""] * blanks if is_code else [])
            blocks[-1][1].append(line)
        else:
            blocks.append((is_code, [line]))
        blanks = 0
    return blocks


def _labelled(block: tuple[bool, list[str]]) -> bool:
    """Whether the block is labelled values (got: …), which an indented line goes on with."""
    return not block[0] and _LABELLED.match(block[1][0]) is not None


def _paragraph(lines: list[str]) -> Part:
    if hint := _HINT.match("\n".join(lines)):
        return Part("hint", hint[2].strip(), hint[1])
    rows: list[tuple[str, str]] = []
    for line in lines:
        if labelled := _LABELLED.match(line):
            rows.append((labelled[1], labelled[2].strip()))
        elif rows and line.startswith(" "):
            rows[-1] = (rows[-1][0], f"{rows[-1][1]}\n{line.strip()}".lstrip("\n"))
        else:
            return Part("text", "\n".join(lines))
    return Part("values", rows=tuple(rows))
