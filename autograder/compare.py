"""Comparing two observations: structure, then attributes, then finiteness, then values. NumPy only; no torch, no student code.

The wording of what is found is ``messages.py``'s; here it is data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.observation import Array, Call, Observation, Opaque, Plain, Raised

# (relative, of the largest expected element, absolute), by dtype.
# float64 judges the formula: two right ways to compute differ by some hundred units of 1e-16 (1e-13), a wrong one by far more.
# float32 judges dtype, overflow and stability: its unit is 6e-8, and a sum of squares of some dozen terms, or a difference of
# nearly equal ones, loses three or four digits; what is wrong by less shows in float64.
TOLERANCES: dict[str, tuple[float, float, float]] = {
    "float64": (1e-7, 1e-9, 1e-11),
    "float32": (1e-3, 1e-4, 1e-5),
    "float16": (2e-2, 5e-3, 1e-3),
    "bfloat16": (1e-1, 2e-2, 1e-2),
    "complex64": (1e-3, 1e-4, 1e-5),
    "complex128": (1e-7, 1e-9, 1e-11),
}
OWN_ERROR = 20.0  # times the reference's own error in this dtype


@dataclass(frozen=True)
class Mismatch:
    """The first difference of two observations: its kind (a key of the messages), where, and the two parts."""

    kind: str
    path: tuple[str | int, ...] = ()
    got: Plain = None
    want: Plain = None
    details: dict[str, Any] = field(default_factory=dict)


def compare(got: Observation, want: Observation, dtype: str, factor: float = 1.0) -> Mismatch | None:
    """What differs in value, else what ``got`` changed of its arguments, else None. ``dtype`` is the probe's."""
    return compare_values(got.value, want.value, dtype, factor) or mutated(got, want)


def mutated(got: Observation, want: Observation) -> Mismatch | None:
    """A call that changed its arguments, where the reference's does not."""
    for i, call in enumerate(got.calls):
        allowed = want.calls[i].mutated if i < len(want.calls) else ()
        changed = [name for name in call.mutated if name not in allowed]
        if changed:
            return Mismatch("mutated", details={"names": changed, "call": i, "function": call.function})
    return None


def compare_values(
    got: Plain, want: Plain, dtype: str, factor: float = 1.0, path: tuple[str | int, ...] = ()
) -> Mismatch | None:
    """The first difference between two plain values, or None."""
    if isinstance(want, Raised) or isinstance(got, Raised):
        return _compare_raised(got, want, path)
    if isinstance(want, Array):
        return _compare_arrays(got, want, dtype, factor, path)
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return Mismatch("type", path, got, want)
        if list(got) != list(want) and set(got) != set(want):
            return Mismatch("keys", path, got, want)
        return _first(compare_values(got[k], want[k], dtype, factor, (*path, k)) for k in want)
    if isinstance(want, (list, tuple)):
        if not isinstance(got, (list, tuple)):
            return Mismatch("none" if got is None and not path else "type", path, got, want)
        if len(got) != len(want):
            return Mismatch("length", path, got, want)
        pairs = enumerate(zip(got, want, strict=True))
        return _first(compare_values(g, w, dtype, factor, (*path, i)) for i, (g, w) in pairs)
    if isinstance(want, Opaque):
        same = isinstance(got, Opaque) and got.type == want.type
        return None if same else Mismatch("type", path, got, want)
    if want is None or isinstance(want, (str, bool)):
        if isinstance(want, bool):
            got = _scalar(got)
        if type(got) is not type(want):
            return Mismatch("none" if got is None and not path else "type", path, got, want)
        return None if got == want else Mismatch("text", path, got, want)
    return _compare_numbers(got, want, dtype, factor, path)


def _first(found: Any) -> Mismatch | None:
    return next((m for m in found if m is not None), None)


def _compare_raised(got: Plain, want: Plain, path: tuple[str | int, ...]) -> Mismatch | None:
    if (
        isinstance(got, Raised)
        and got.type == "NotImplementedError"
        and not (isinstance(want, Raised) and want.type == got.type)
    ):
        return Mismatch("not_started", path, got, want)
    if isinstance(got, Raised) and isinstance(want, Raised):
        return None if want.type in got.types else Mismatch("wrong_exception", path, got, want)
    if isinstance(want, Raised):
        return Mismatch("no_exception", path, got, want)
    assert isinstance(got, Raised)
    kinds = {
        "Missing": "missing",
        "NotCallable": "not_callable",
        "NoGradient": "no_gradient",
        "TimeLimit": "time",
        "MemoryError": "memory",
        "RecursionError": "recursion",
        "Died": "died",
        "Malformed": "malformed",
    }
    return Mismatch(kinds.get(got.type, "raised"), path, got, want)


def _scalar(value: Plain) -> Plain:
    """A 0-dimensional array as the number it holds: harmless where a number is wanted."""
    return value.values.item() if isinstance(value, Array) and value.values.ndim == 0 else value


def _compare_numbers(
    got: Plain, want: Plain, dtype: str, factor: float, path: tuple[str | int, ...]
) -> Mismatch | None:
    plain = _scalar(got)
    if plain is None:
        return Mismatch("none", path, got, want)
    if isinstance(plain, bool) or not isinstance(plain, int if isinstance(want, int) else (int, float)):
        return Mismatch("type", path, got, want)
    if isinstance(want, int):
        close = plain == want
    else:
        close = bool(_close(np.asarray(_float(plain)), np.asarray(want, np.float64), dtype, factor, 0.0))
    return None if close else Mismatch("number", path, plain, want)


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:  # an int beyond the largest float
        return float("inf") if value > 0 else float("-inf")


def _compare_arrays(got: Plain, want: Array, dtype: str, factor: float, path: tuple[str | int, ...]) -> Mismatch | None:
    if got is None and not path:
        return Mismatch("none", path, got, want)
    if not isinstance(got, Array):
        return Mismatch("no_tensor", path, got, want)
    if got.kind != want.kind:
        return Mismatch("numpy", path, got, want)
    if got.shape != want.shape:
        return Mismatch("shape", path, got, want)
    if got.dtype != want.dtype:
        return Mismatch("dtype", path, got, want)
    if got.device != want.device:
        return Mismatch("device", path, got, want)
    values, expected = got.values, want.values
    nan, infinite = np.isnan(values) & ~np.isnan(expected), np.isinf(values) & ~np.isinf(expected)
    if nan.any() or infinite.any():
        index = _where(nan if nan.any() else infinite)
        return Mismatch("nan" if nan.any() else "inf", path, got, want, {"index": index})
    close = _close(values, expected, got.dtype if got.dtype in TOLERANCES else dtype, factor, want.scale)
    if got.dtype not in TOLERANCES:
        close = values == expected
    if close.all():
        return None
    with np.errstate(all="ignore"):
        difference = np.abs(values.astype(np.complex128) - expected)
    difference = np.where(close, -1.0, np.where(np.isnan(difference), np.inf, difference))
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(difference)), difference.shape))
    details = {"index": index, "count": int((~close).sum()), "total": int(close.size)}
    return Mismatch("values", path, got, want, details)


def _where(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _close(got: np.ndarray, want: np.ndarray, dtype: str, factor: float, own: float) -> np.ndarray:
    relative, of_largest, absolute = TOLERANCES.get(dtype, TOLERANCES["float64"])
    kind = np.complex128 if np.iscomplexobj(want) else np.float64
    got, want = got.astype(kind), want.astype(kind)
    finite = np.abs(want[np.isfinite(want)])
    largest = float(finite.max()) if finite.size else 0.0
    with np.errstate(all="ignore"):
        allowed = factor * (relative * np.abs(want) + of_largest * largest + absolute) + OWN_ERROR * own
        close = np.abs(got - want) <= allowed
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    return np.asarray(np.where(np.isfinite(want), close, same) | same)


def alike(a: Observation, b: Observation, dtype: str) -> bool:
    """Whether two implementations showed the same: the test by which a variant explains a submission."""
    if isinstance(a.value, Raised) or isinstance(b.value, Raised):
        return isinstance(a.value, Raised) and isinstance(b.value, Raised) and a.value.type == b.value.type
    return compare_values(a.value, b.value, dtype) is None and _mutations(a) == _mutations(b)


def _mutations(observation: Observation) -> list[tuple[str, ...]]:
    return [call.mutated for call in observation.calls if call.mutated]


def with_oracle(native: Plain, oracle: Plain) -> Plain:
    """The expected value: attributes as the reference has them natively, values as it has them in float64.

    Each array's ``scale`` is the largest difference of the two: the error that this computation has in this dtype.
    """
    if isinstance(native, Array) and isinstance(oracle, Array) and native.shape == oracle.shape:
        if native.dtype not in TOLERANCES or native.dtype.startswith("complex") or native.dtype == oracle.dtype:
            return native
        wide = native.values.astype(np.float64)
        both = np.isfinite(wide) & np.isfinite(oracle.values)
        error = float(np.abs(wide[both] - oracle.values[both]).max()) if both.any() else 0.0
        # Where one is not finite the dtype's own range is at work: the native value is what can be had.
        return Array(np.where(both, oracle.values, wide), native.dtype, native.device, native.kind, error)
    if isinstance(native, dict) and isinstance(oracle, dict) and native.keys() == oracle.keys():
        return {k: with_oracle(native[k], oracle[k]) for k in native}
    same_length = isinstance(native, (list, tuple)) and isinstance(oracle, (list, tuple))
    if same_length and len(native) == len(oracle):  # type: ignore[arg-type]
        items = [with_oracle(n, o) for n, o in zip(native, oracle, strict=True)]  # type: ignore[arg-type]
        return tuple(items) if isinstance(native, tuple) else items
    return native


def expected(native: Observation, oracle: Observation) -> Observation:
    """``with_oracle`` on the value and on each call's result."""
    if len(native.calls) != len(oracle.calls):
        return native
    calls = [
        Call(n.function, with_oracle(n.result, o.result), n.args, n.kwargs, n.mutated)
        for n, o in zip(native.calls, oracle.calls, strict=True)
    ]
    return Observation(with_oracle(native.value, oracle.value), calls)
