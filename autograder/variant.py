"""Variants: other implementations of an exercise, which prove the graders and name the mistakes.

A variant is called ``exercise__id``: ``softmax__no_shift`` is softmax without the shift.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["right", "accepted", "wrong"]


@dataclass(frozen=True)
class Variant:
    """One implementation of one exercise. ``en`` and ``zh`` say what is wrong with it (or, accepted, what it is)."""

    exercise: str
    id: str
    kind: Kind
    implementation: Any
    en: str = ""
    zh: str = ""


def _variant(implementation: Any, kind: Kind, en: str = "", zh: str = "") -> Variant:
    exercise, separator, variant_id = implementation.__name__.partition("__")
    if not separator:
        raise ValueError(f"{implementation.__name__}: a variant is called exercise__id")
    return Variant(exercise, variant_id, kind, implementation, en, zh)


def right(implementation: Any) -> Variant:
    """A correct implementation in another style: it must pass everything."""
    return _variant(implementation, "right")


def accepted(en: str, zh: str) -> Callable[[Any], Variant]:
    """A harmless deviation: full marks, and a note that names it."""
    return lambda implementation: _variant(implementation, "accepted", en, zh)


def wrong(en: str, zh: str) -> Callable[[Any], Variant]:
    """A known mistake: it must fail, and be named. The texts name the bug and how to see it, not the answer."""
    return lambda implementation: _variant(implementation, "wrong", en, zh)


@dataclass(frozen=True)
class Equivalent:
    """A mutant of the reference that computes the same: ``change`` as ``verify --mutants`` lists it, and why."""

    exercise: str
    change: str
    reason: str


def equivalent(exercise: str, change: str, reason: str) -> Equivalent:
    """Declare at module level of a variants file, bound to any name or in a list."""
    return Equivalent(exercise, change, reason)
