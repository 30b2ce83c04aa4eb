"""Observations: what a probe returned, as plain data that can cross from a sandbox.

An observation is a tree of plain nodes whose arrays live in a side table; it is carried as strict JSON plus safetensors,
within the limits declared here, and never as anything that could run. This module needs NumPy only; it meets torch's
tensors by their methods, so that the judging side can read observations without importing torch.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import safetensors.numpy

MAX_BYTES = 16 << 20  # of one encoded message
MAX_NODES = 20_000
MAX_DEPTH = 12
MAX_DIMENSIONS = 8
MAX_TEXT = 2_000
DTYPES = frozenset(
    "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 complex128".split()
)  # fmt: skip


class Malformed(ValueError):
    """Bytes that are no observation, or one beyond the declared limits."""


@dataclass(frozen=True)
class Array:
    """A tensor (or NumPy array) as it was seen: values, and the attributes that a value comparison would not show."""

    values: np.ndarray  # bfloat16 as float32
    dtype: str
    device: str = "cpu"
    kind: str = "tensor"  # or "ndarray"
    scale: float = 0.0  # of an expected value: the error that the computation itself has in this dtype
    grad: bool = False  # an argument that asked for a gradient

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.values.shape)


@dataclass(frozen=True)
class Opaque:
    """An object that is no data: a module, a function. ``code`` is how to write it in a cell, where that is known."""

    type: str
    code: str = ""


@dataclass(frozen=True)
class Raised:
    """An exception in place of a value; ``types`` runs from its class to its bases."""

    types: tuple[str, ...]
    message: str = ""
    line: str = ""  # where in the submission, as "cell 3, line 2: …"

    @property
    def type(self) -> str:
        return self.types[0] if self.types else "Exception"


@dataclass
class Call:
    """One call of a function under test: what came back, and which arguments it changed.

    ``args`` and ``kwargs`` are the arguments as they were before the call.
    """

    function: str
    result: Plain = None
    args: tuple[Plain, ...] = ()
    kwargs: dict[str, Plain] = field(default_factory=dict)
    mutated: tuple[str, ...] = ()


@dataclass
class Observation:
    """All that one run of one probe showed."""

    value: Plain = None
    calls: list[Call] = field(default_factory=list)


Plain = None | bool | int | float | str | list[Any] | tuple[Any, ...] | dict[str, Any] | Array | Opaque | Raised


def observe(value: Any, depth: int = 0) -> Plain:
    """``value`` as plain data: tensors are copied to the host, containers are walked, anything else is opaque.

    Raises ``Malformed`` beyond the declared depth or size.
    """
    if depth > MAX_DEPTH:
        raise Malformed(f"nested deeper than {MAX_DEPTH} levels")
    if value is None or type(value) in (bool, int, float):
        return _bounded(value)
    if isinstance(value, (str, bytes)):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        return text[:MAX_TEXT]
    if hasattr(value, "detach") and hasattr(value, "dtype"):
        return _tensor(value)
    if isinstance(value, np.ndarray):
        return _ndarray(value)
    if isinstance(value, np.generic):
        return _bounded(value.item())
    if isinstance(value, dict):
        return {str(key)[:MAX_TEXT]: observe(item, depth + 1) for key, item in list(value.items())[:MAX_NODES]}
    if isinstance(value, (list, tuple)):
        if len(value) > MAX_NODES:
            raise Malformed(f"{len(value)} items in a list; at most {MAX_NODES} are looked at")
        items = [observe(item, depth + 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, (range, set, frozenset)):
        return [observe(item, depth + 1) for item in list(value)[:MAX_NODES]]
    if isinstance(value, (Array, Opaque, Raised)):
        return value
    code = f"torch.Generator().manual_seed({value.initial_seed()})" if hasattr(value, "initial_seed") else ""
    return Opaque(type(value).__name__[:MAX_TEXT], str(getattr(value, "code", code))[:MAX_TEXT])


def _bounded(value: Any) -> Plain:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**63:
        return float("inf") if value > 0 else float("-inf")
    return value if isinstance(value, (bool, int, float, type(None))) else Opaque(type(value).__name__)


def _tensor(value: Any) -> Plain:
    dtype = str(value.dtype).removeprefix("torch.")
    if dtype not in DTYPES:
        return Opaque(f"tensor of {dtype}")
    if len(value.shape) > MAX_DIMENSIONS:
        raise Malformed(f"a tensor of {len(value.shape)} dimensions; at most {MAX_DIMENSIONS} are looked at")
    device = value.device.type
    host = value.detach().cpu().resolve_conj().resolve_neg()
    if str(host.layout) != "torch.strided":
        host = host.to_dense()
    if value.is_complex():
        values = host.numpy()
    elif dtype in ("bfloat16",):
        values = host.float().numpy()
    else:
        values = host.numpy()
    if values.nbytes > MAX_BYTES // 2:
        raise Malformed(f"a tensor of shape {tuple(value.shape)} is larger than a probe looks at")
    return Array(np.array(values, copy=True), dtype, device, grad=bool(value.requires_grad and value.is_leaf))


def _ndarray(value: np.ndarray) -> Plain:
    if value.dtype == object or value.dtype.name not in DTYPES:
        return Opaque(f"ndarray of {value.dtype.name}")
    if value.ndim > MAX_DIMENSIONS:
        raise Malformed(f"an array of {value.ndim} dimensions; at most {MAX_DIMENSIONS} are looked at")
    if value.nbytes > MAX_BYTES // 2:
        raise Malformed(f"an array of shape {value.shape} is larger than a probe looks at")
    return Array(np.array(value, copy=True), value.dtype.name, kind="ndarray")


# --- bytes -------------------------------------------------------------------------------------------------------


def encode(payload: dict[str, Any]) -> bytes:
    """A message: ``payload`` may hold plain data and Observations anywhere; strict JSON and safetensors in one frame."""
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(_node(payload, arrays), allow_nan=False, ensure_ascii=True).encode()
    blob = safetensors.numpy.save(arrays)
    return struct.pack("<Q", len(text)) + text + blob


def decode(data: bytes) -> dict[str, Any]:
    """The inverse of ``encode``. Raises ``Malformed`` for anything else, whatever the bytes."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"a message of {len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        (length,) = struct.unpack_from("<Q", data)
        tree = json.loads(data[8 : 8 + length].decode("ascii"), parse_constant=_no_constant)
        arrays = safetensors.numpy.load(data[8 + length :])
        payload = _Reader(arrays).read(tree)
    except Malformed:
        raise
    except (Exception, RecursionError) as error:
        raise Malformed(f"no observation: {type(error).__name__}") from None
    if not isinstance(payload, dict):
        raise Malformed("no observation: not an object")
    return payload


def _no_constant(name: str) -> float:
    raise Malformed(f"no observation: {name} in JSON")


def _node(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
    if isinstance(value, int):
        return {"k": "int", "v": str(value)} if abs(value) >= 2**53 else value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"k": "float", "v": repr(value)}
    if isinstance(value, list):
        return [_node(item, arrays) for item in value]
    if isinstance(value, tuple):
        return {"k": "tuple", "v": [_node(item, arrays) for item in value]}
    if isinstance(value, dict):
        return {"k": "dict", "v": [[str(key), _node(item, arrays)] for key, item in value.items()]}
    if isinstance(value, Array):
        name = f"a{len(arrays)}"
        values = np.ascontiguousarray(value.values)
        # ascontiguousarray makes a 0-dimensional array 1-dimensional; safetensors knows no complex numbers.
        arrays[name] = values.view(values.real.dtype) if np.iscomplexobj(values) else values
        node: dict[str, Any] = {"k": "array", "a": name, "shape": list(value.shape), "dtype": value.dtype}
        if value.device != "cpu":
            node["device"] = value.device
        if value.kind != "tensor":
            node["kind"] = value.kind
        if value.scale:
            node["scale"] = value.scale
        if value.grad:
            node["grad"] = True
        return node
    if isinstance(value, Opaque):
        return {"k": "opaque", "type": value.type, "code": value.code}
    if isinstance(value, Raised):
        return {"k": "raised", "types": list(value.types), "message": value.message, "line": value.line}
    if isinstance(value, Call):
        return {
            "k": "call",
            "function": value.function,
            "result": _node(value.result, arrays),
            "args": [_node(item, arrays) for item in value.args],
            "kwargs": _node(value.kwargs, arrays),
            "mutated": list(value.mutated),
        }
    if isinstance(value, Observation):
        return {
            "k": "observation",
            "value": _node(value.value, arrays),
            "calls": [_node(c, arrays) for c in value.calls],
        }
    raise TypeError(f"{type(value).__name__} is no plain data")


class _Reader:
    """Builds plain data from a decoded tree, counting nodes and checking every field."""

    def __init__(self, arrays: dict[str, np.ndarray]):
        self.arrays = arrays
        self.nodes = 0

    def read(self, node: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES * 4 or depth > MAX_DEPTH * 3:
            raise Malformed("no observation: too many or too deeply nested nodes")
        if node is None or isinstance(node, (bool, float)):
            return node
        if isinstance(node, int):
            return _integer(node)
        if isinstance(node, str):
            return _unicode(node)
        if isinstance(node, list):
            return [self.read(item, depth + 1) for item in node]
        kind = node["k"]
        if kind == "int":
            return _integer(int(_text(node["v"])))
        if kind == "float":
            return {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}[node["v"]]
        if kind == "tuple":
            return tuple(self.read(item, depth + 1) for item in node["v"])
        if kind == "dict":
            return {_text(key): self.read(item, depth + 1) for key, item in node["v"]}
        if kind == "array":
            return self._array(node)
        if kind == "opaque":
            return Opaque(_text(node["type"]), _text(node["code"]))
        if kind == "raised":
            return Raised(tuple(_text(t) for t in node["types"][:20]), _text(node["message"]), _text(node["line"]))
        if kind == "call":
            return Call(
                _text(node["function"]),
                self.read(node["result"], depth + 1),
                tuple(self.read(item, depth + 1) for item in node["args"]),
                self.read(node["kwargs"], depth + 1),
                tuple(_text(name) for name in node["mutated"][:20]),
            )
        if kind == "observation":
            calls = [self.read(call, depth + 1) for call in node["calls"]]
            if not all(isinstance(call, Call) for call in calls):
                raise Malformed("no observation: a call is no call")
            return Observation(self.read(node["value"], depth + 1), calls)
        raise Malformed(f"no observation: unknown node {str(kind)[:40]!r}")

    def _array(self, node: dict[str, Any]) -> Array:
        dtype, shape = node["dtype"], node["shape"]
        if dtype not in DTYPES:
            raise Malformed(f"no observation: dtype {str(dtype)[:40]!r}")
        if len(shape) > MAX_DIMENSIONS or not all(type(n) is int and n >= 0 for n in shape):
            raise Malformed("no observation: shape")
        values = self.arrays[node["a"]]
        if dtype.startswith("complex"):
            values = values.reshape(-1).view(dtype)
        stored = "float32" if dtype == "bfloat16" else dtype
        if values.dtype.name not in (stored, "float64"):
            raise Malformed("no observation: an array's dtype is not the one it names")
        kind = node.get("kind", "tensor")
        if kind not in ("tensor", "ndarray"):
            raise Malformed("no observation: kind of array")
        scale = float(node.get("scale", 0.0))
        device = _text(node.get("device", "cpu"))
        return Array(values.reshape(shape), dtype, device, kind, scale, bool(node.get("grad", False)))


def _integer(value: int) -> int:
    if abs(value) > 2**63:
        raise Malformed("no observation: an integer of more than 64 bits")
    return value


def _unicode(text: str) -> str:
    """JSON can spell half a surrogate pair, which no report could be written with."""
    return text.encode("utf-8", "replace").decode()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed("no observation: text expected")
    return _unicode(value[:MAX_TEXT])
