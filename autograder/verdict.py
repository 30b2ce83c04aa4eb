"""The verdict on one item: what is wrong with an observation, or nothing, or why it could not be graded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder import messages
from autograder.compare import Mismatch, compare, compare_values, mutated
from autograder.exam import Answers, Item
from autograder.observation import Array, Observation, Opaque, Plain, Raised
from autograder.operations import GROUPS
from autograder.report import Text


@dataclass(frozen=True)
class Outcome:
    """An item, what was seen and wanted, and the difference, if any. ``fault`` is why it could not be graded."""

    item: Item
    got: Observation | None = None
    want: Observation | None = None
    mismatch: Mismatch | None = None
    fault: Text | None = None

    @property
    def failed(self) -> bool:
        return self.mismatch is not None


def outcome(answers: Answers, item: Item, got: Observation | Text) -> Outcome:
    if isinstance(got, Text):
        return Outcome(item, fault=got)
    try:
        return Outcome(item, got, answers.expected(item), difference(answers, item, got))
    except Exception as error:  # a fault of ours, whatever it is, must not cost a point or stop a class
        if _judges_itself(answers, item):
            return Outcome(item, got, answers.expected(item), Mismatch("form", got=got.value))
        return Outcome(item, fault=messages.label("engine_fault", error=f"{type(error).__name__}: {error}"[:300]))


def _judges_itself(answers: Answers, item: Item) -> bool:
    """Whether the expected observation is found right: then what failed was the answer, and no fault of ours excuses it."""
    try:
        return difference(answers, item, answers.expected(item)) is None
    except Exception:
        return False


def difference(answers: Answers, item: Item, got: Observation) -> Mismatch | None:
    """What is wrong with an observation, or None. Raises only where the fault is ours."""
    want = answers.expected(item)
    if item.kind == "vectorised":
        if isinstance(got.value, Raised):
            return compare_values(got.value, None, item.dtype)
        counts = grows(got)
        return Mismatch("vectorised", details=dict(counts)) if counts else _well_formed(got, dict)
    if item.kind == "forbidden":
        if isinstance(got.value, Raised):
            return compare_values(got.value, None, item.dtype)
        return _forbidden(answers.forbidden(item.exercise), got)
    if item.judged and not isinstance(got.value, Raised) and not isinstance(want.value, Raised):
        return _judged(answers, item, got, want)
    return compare(got, want, item.dtype, item.factor)


def _well_formed(got: Observation, kind: type) -> Mismatch | None:
    return None if isinstance(got.value, kind) else Mismatch("form")


def _forbidden(groups: Sequence[str], got: Observation) -> Mismatch | None:
    if not isinstance(got.value, list):
        return Mismatch("form")
    names = {n for n in got.value if isinstance(n, str)}
    hit = [g for g in groups if names & (GROUPS[g].operators | GROUPS[g].functions)]
    if not hit:
        return None
    shown = sorted(n for g in hit for n in names & (GROUPS[g].operators | GROUPS[g].functions))
    return Mismatch("forbidden", details={"groups": hit, "names": list(dict.fromkeys(shown))[:4]})


def _judged(answers: Answers, item: Item, got: Observation, want: Observation) -> Mismatch | None:
    if missing := _not_comparable(got.value, want.value):
        return missing
    try:
        with np.errstate(all="ignore"):
            verdict = answers.judge(item, as_plain(got.value), as_plain(want.value))
    except Exception as error:
        if answers.judge(item, as_plain(want.value), as_plain(want.value)) is None:
            # The judge can judge; what it was given has not the form that was asked for.
            found = compare_values(got.value, want.value, item.dtype, item.factor)
            form = found if found and found.kind not in ("values", "number", "text") else Mismatch("form")
            return Mismatch(form.kind, form.path, form.got, form.want, {**form.details, "error": type(error).__name__})
        raise
    if verdict is None:
        return mutated(got, want)
    return Mismatch("judged", (), got.value, want.value, {"verdict": Text(en=verdict[0], zh=verdict[1])})


def _not_comparable(got: Plain, want: Plain) -> Mismatch | None:
    """What no judge should have to think of: parts that are absent, so that a loop over them finds no fault, and NaN, which is
    neither above a bound nor below it."""
    if isinstance(want, dict) and (not isinstance(got, dict) or got.keys() != want.keys()):
        return Mismatch("keys" if isinstance(got, dict) else "type", (), got, want)
    if isinstance(want, (list, tuple)) and not isinstance(got, (list, tuple, Array)):
        return Mismatch("none" if got is None else "type", (), got, want)
    if isinstance(want, (list, tuple)) and want and isinstance(got, (list, tuple)) and not got:
        return Mismatch("length", (), got, want)
    if next(_nans(want), None) is None and (found := next(_nans(got), None)):
        path, value, index = found
        return Mismatch("nan", path, value, None, {"index": index})
    return None


def _nans(value: Plain, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Plain, tuple[int, ...]]]:
    """Where a value has NaN: the path to the part, the part, the index in it."""
    if isinstance(value, float) and value != value:
        yield path, value, ()
    elif isinstance(value, Array) and value.values.dtype.kind in "fc" and np.isnan(value.values).any():
        yield path, value, tuple(int(i) for i in np.argwhere(np.isnan(value.values))[0])
    elif isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            yield from _nans(part, (*path, i))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _nans(part, (*path, key))


def as_plain(value: Plain) -> Any:
    """What a judge gets: arrays as NumPy (floating ones as float64), the rest as it is; exceptions as their class's name."""
    if isinstance(value, Array):
        return value.values.astype(np.float64) if value.values.dtype.kind == "f" else value.values
    if isinstance(value, (list, tuple)):
        return [as_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: as_plain(v) for k, v in value.items()}
    if isinstance(value, (Raised, Opaque)):
        return value.type
    return value


def grows(seen: Observation) -> dict[str, int] | None:
    """The two counts of a vectorised check, if the work grew with the batch."""
    counts = seen.value
    if not isinstance(counts, dict):
        return None
    small, large = counts.get("small"), counts.get("large")
    if not isinstance(small, int) or not isinstance(large, int):
        return None
    return {"small": small, "large": large} if large > 1.5 * small + 8 else None
