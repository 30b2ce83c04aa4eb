"""Writing a recorded call as code that can be pasted into a cell, and values as a student reads them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.observation import Array, Call, Opaque, Plain, Raised

LITERAL_ELEMENTS = 400  # an argument larger than this is described, not written out
EARLIER_CALLS = 6  # of an object, shown before the one that fails
LINE = 100  # characters; a longer assignment is broken into rows
SHOWN_ELEMENTS = 40  # of a result; of a larger one the part around the worst element is shown


def code(calls: Sequence[Call], parameters: Any) -> list[str]:
    """Lines that make the last of ``calls``; ``parameters(function)`` gives the names of a function's parameters.

    Earlier calls are only written where the last one is a gradient, which needs the result that it starts from.
    """
    if not calls:
        return []
    call = calls[-1]
    if call.function == "gradients":
        source = next((c for c in reversed(calls[:-1]) if c.function != "gradients"), None)
        inputs = call.kwargs.get("inputs")
        if source is None or not isinstance(inputs, list):
            return []
        lines = _call(source, parameters)
        lines[-1] = f"out = {lines[-1]}"
        return [
            *lines,
            "weight = torch.linspace(0.3, 1.7, out.numel(), dtype=out.dtype).reshape(out.shape)",
            f"torch.autograd.grad((out * weight).sum(), [{', '.join(map(str, inputs))}])",
        ]
    return [*_made_before(calls, parameters), *_call(call, parameters)]


def _made_before(calls: Sequence[Call], parameters: Any) -> list[str]:
    """For a call of an object (``layer(z)``): the lines that made it, and its calls so far, which its state depends on."""
    name = calls[-1].function.partition("(")[0]
    if "(" not in calls[-1].function:
        return []
    made = next((i for i in range(len(calls) - 2, -1, -1) if isinstance(calls[i].result, Opaque)), None)
    if made is None:
        return []
    maker = _call(calls[made], parameters)
    maker[-1] = f"{name} = {maker[-1]}"
    earlier = [c for c in calls[made + 1 : -1] if c.function.partition("(")[0] == name][-EARLIER_CALLS:]
    return [*maker, *(line for c in earlier for line in _call(c, parameters))]


def _call(call: Call, parameters: Any) -> list[str]:
    text = re.fullmatch(r"(\w[\w.]*)\((.*)\)", call.function)
    names = [n.strip() for n in text[2].split(",")] if text else parameters(call.function)
    lines: list[str] = []
    shown: list[str] = []
    for i, value in enumerate(call.args):
        name = names[i] if i < len(names) and names[i].isidentifier() else f"arg{i + 1}"
        shown.append(_argument(name, value, lines))
    shown += [f"{name}={_argument(name, value, lines)}" for name, value in call.kwargs.items()]
    function = text[1] if text else call.function
    return [*lines, f"{function}({', '.join(shown)})"]


def _argument(name: str, value: Plain, lines: list[str]) -> str:
    if isinstance(value, Array) or (isinstance(value, (list, tuple)) and _holds_array(value)):
        lines.extend(_wrapped(f"{name} = {literal(value)}"))
        return name
    if isinstance(value, Opaque) and value.code and value.code != name:
        lines.append(f"{name} = {value.code}")
        return name
    return literal(value)


def _wrapped(assignment: str) -> list[str]:
    """A long literal with the rows of its matrices below each other; it is still code."""
    if len(assignment) <= LINE or "], [" not in assignment:
        return [assignment]
    first, *rest = assignment.replace("], [", "],\n[").split("\n")
    margin = " " * (first.rindex("[", 0, len(first) - 1) if "[" in first else 4)
    return [first, *(margin + row for row in rest)]


def _holds_array(value: Sequence[Any]) -> bool:
    return any(isinstance(v, Array) or (isinstance(v, (list, tuple)) and _holds_array(v)) for v in value)


def literal(value: Plain) -> str:
    """A value as Python code."""
    if isinstance(value, Array):
        if value.values.size > LITERAL_ELEMENTS:
            return f"...  # {_summary(value)}"
        if value.kind == "ndarray":
            empty = f"np.empty({value.shape}, dtype={value.dtype!r})"
            return f"np.array({_nested(value.values)}, dtype={value.dtype!r})" if value.values.size else empty
        if value.values.size == 0:
            return f"torch.empty({value.shape}, dtype=torch.{value.dtype})"
        dtype = "" if value.dtype in ("float32", "int64", "bool") else f", dtype=torch.{value.dtype}"
        grad = ", requires_grad=True" if value.grad else ""
        return f"torch.tensor({_nested(value.values)}{dtype}{grad})"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(literal(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Opaque):
        return value.code or f"...  # a {value.type}"
    return repr(value)


def _nested(values: np.ndarray) -> str:
    if values.ndim == 0:
        return _number(values[()])
    return "[" + ", ".join(_nested(v) for v in values) + "]"


def _number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (complex, np.complexfloating)):
        finite = math.isfinite(value.real) and math.isfinite(value.imag)
        return str(value) if finite else f"complex({_number(value.real)}, {_number(value.imag)})"
    if isinstance(value, (float, np.floating)) and not math.isfinite(value):
        return f'float("{value}")'
    return str(value)


def _summary(value: Array) -> str:
    return f"{value.dtype} tensor of shape {value.shape}"


def show(value: Plain, other: Plain = None, index: Sequence[int] | None = None) -> str:
    """A value for reading, with the digits that tell it from ``other``; of a large array the part around ``index``."""
    if isinstance(value, Array):
        digits = _digits(value, other)
        values, prefix = value.values, ""
        while values.size > SHOWN_ELEMENTS and values.ndim > 1:
            at = index[value.values.ndim - values.ndim] if index else 0
            prefix += f"[{at}]"
            values = values[at]
        if values.size > SHOWN_ELEMENTS:
            start = max(0, (index[-1] if index else 0) - 3)
            prefix += f"[{start}:{start + 8}]"
            values = values[start : start + 8]
        name = "array" if value.kind == "ndarray" else "tensor"
        text = f"{name}({_rounded(values, digits)})"
        return f"{text}   # {prefix} of shape {value.shape}" if prefix else text
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return repr(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(show(v) for v in value[:12]) + (", …" if len(value) > 12 else "")
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {show(v)}" for k, v in list(value.items())[:12]) + "}"
    if isinstance(value, Opaque):
        return f"a {value.type}"
    if isinstance(value, Raised):
        return f"{value.type}: {value.message}" if value.message else value.type
    return str(value)[:200]


def _digits(value: Array, other: Plain) -> int:
    if not isinstance(other, Array) or other.shape != value.shape or value.values.dtype.kind not in "fc":
        return 5
    with np.errstate(all="ignore"):
        gap = np.abs(value.values - other.values) / np.maximum(np.abs(other.values), 1e-300)
    if not (np.isfinite(value.values).all() and np.isfinite(other.values).all()):
        return 5  # what tells them apart is no digit
    gap = gap[np.isfinite(gap) & (gap > 0)]
    worst = float(gap.max()) if gap.size else 1.0
    return int(min(12, max(5, 2 - math.floor(math.log10(max(worst, 1e-12))))))


def _rounded(values: np.ndarray, digits: int) -> str:
    if values.ndim:
        return "[" + ", ".join(_rounded(v, digits) for v in values) + "]"
    value = values[()]
    if isinstance(value, (np.floating, np.complexfloating)):
        text = f"{value:.{digits}g}"
        return text if any(c in text for c in ".enia") else f"{text}."
    return str(value)
