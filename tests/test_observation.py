"""Observations: what crosses from a sandbox comes back as it was, and no bytes do anything but that."""

import ast
import json
import math
import struct
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import autograder
from autograder.observation import (
    DTYPES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_NODES,
    MAX_TEXT,
    Array,
    Call,
    Malformed,
    Observation,
    Opaque,
    Raised,
    decode,
    encode,
    observe,
)
from autograder.report import Text

QUICK = settings(max_examples=80, deadline=None, derandomize=True, database=None)

# -- plain data ------------------------------------------------------------------------------------

TEXTS = st.text(max_size=20)
STORED = {name: np.dtype("float32" if name == "bfloat16" else name) for name in sorted(DTYPES)}


@st.composite
def an_array(draw):
    dtype = draw(st.sampled_from(sorted(STORED)))
    values = draw(arrays.arrays(STORED[dtype], arrays.array_shapes(min_dims=0, min_side=0, max_side=3)))
    kind = draw(st.sampled_from(["tensor", "ndarray"]))
    device = draw(st.sampled_from(["cpu", "cuda"]))
    scale = draw(st.floats(0, 10, allow_subnormal=False))
    return Array(values, dtype, device, kind, scale, draw(st.booleans()))


LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | TEXTS | an_array()
    | st.builds(Opaque, TEXTS, TEXTS) | st.builds(Raised, st.lists(TEXTS, min_size=1, max_size=3).map(tuple), TEXTS, TEXTS)
)  # fmt: skip
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=4,
)
CALLS = st.builds(
    Call, TEXTS, PLAIN, st.lists(PLAIN, max_size=1).map(tuple), st.dictionaries(TEXTS, PLAIN, max_size=1),
    st.lists(TEXTS, max_size=2).map(tuple),
)  # fmt: skip
OBSERVATIONS = st.builds(Observation, PLAIN, st.lists(CALLS, max_size=1))


def same(a, b):
    """Equal in type, structure and every bit, NaN included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Array):
        attributes = [(x.shape, x.dtype, x.device, x.kind, x.scale, x.grad, x.values.dtype) for x in (a, b)]
        return attributes[0] == attributes[1] and a.values.tobytes() == b.values.tobytes()
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (Call, Observation)):
        return same(vars(a), vars(b))
    return a == b


@QUICK
@given(OBSERVATIONS)
def test_round_trip(observation):
    """Whatever plain data an observation holds, it comes back the same, to the bit and in order."""
    assert same(decode(encode({"observation": observation, "n": 1})), {"observation": observation, "n": 1})


@pytest.mark.parametrize("dtype", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3), (2, 1, 2)])
def test_tensor_round_trip(dtype, shape):
    """A tensor of any declared dtype and shape is seen with its values, shape, dtype and device."""
    numbers = torch.arange(math.prod(shape)).reshape(shape).to(getattr(torch, dtype))
    seen = decode(encode({"v": observe(numbers)}))["v"]
    assert (seen.shape, seen.dtype, seen.device, seen.kind) == (shape, dtype, "cpu", "tensor")
    stored = numbers.float() if dtype == "bfloat16" else numbers
    assert np.array_equal(seen.values, stored.numpy())


@pytest.mark.parametrize(
    "value",
    [
        torch.arange(12.0).reshape(3, 4).T,
        torch.arange(12.0).reshape(3, 4)[:, ::2],
        torch.arange(3.0).expand(2, 3),
        torch.tensor([1 + 2j, 3 - 1j]).conj(),
        torch.tensor([1 + 2j, 3 - 1j]).conj().imag,
        torch.tensor([[0.0, 1.0], [2.0, 0.0]]).to_sparse(),
        torch.nn.Parameter(torch.ones(2)),
        torch.ones(2, requires_grad=True) * 2,
    ],
    ids=["transposed", "strided", "expanded", "conjugated", "negated", "sparse", "parameter", "with a graph"],
)
def test_views_are_seen_with_their_values(value):
    """A view, a sparse tensor or one with a graph is seen with the values that it shows."""
    seen = decode(encode({"v": observe(value)}))["v"]
    dense = value.detach().to_dense() if value.is_sparse else value.detach()
    assert seen.values.tolist() == dense.tolist()


@pytest.mark.parametrize("values", [np.arange(6.0)[::-2], np.arange(6.0).reshape(2, 3).T, np.arange(3, dtype=">f8")])
def test_numpy_arrays_are_seen_with_their_values(values):
    """A NumPy array in any order of memory or bytes comes back with its values, and is told from a tensor."""
    seen = decode(encode({"v": observe(values)}))["v"]
    assert seen.values.tolist() == values.tolist()
    assert (seen.dtype, seen.kind) == ("float64", "ndarray")


def test_observing_copies():
    """What is done to a tensor after it was seen does not change what was seen."""
    tensor, array = torch.zeros(2), np.zeros(2)
    seen = observe([tensor, array])
    tensor += 1
    array += 1
    assert [s.values.tolist() for s in seen] == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (b"bytes", "bytes"),
        (range(3), [0, 1, 2]),
        ({1: "one"}, {"1": "one"}),
        (torch.Size([2, 3]), (2, 3)),
        (10**400, math.inf),
        (-(10**400), -math.inf),
        ("x" * 10**6, "x" * MAX_TEXT),
        (1j, Opaque("complex")),
        (len, Opaque("builtin_function_or_method")),
        (np.array(["a"]), Opaque("ndarray of str32")),
        (torch.zeros(2, dtype=torch.uint16), Opaque("tensor of uint16")),
    ],
)
def test_other_values_become_plain(value, seen):
    """Numbers of NumPy, ranges, sizes and huge numbers become plain data; what is no data is named by its type."""
    assert same(observe(value), seen)
    assert same(decode(encode({"v": observe(value)})), {"v": seen})


def test_opaque_object_tells_how_it_is_written():
    """A function with an attribute ``code`` is shown by it, and a generator by its seed."""

    def double(t):
        return 2 * t

    double.code = "lambda t: 2 * t"
    assert observe(double) == Opaque("function", "lambda t: 2 * t")
    assert observe(torch.Generator().manual_seed(5)) == Opaque("Generator", "torch.Generator().manual_seed(5)")


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def itself():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        nested(MAX_DEPTH + 1),
        itself(),
        [0] * (MAX_NODES + 1),
        torch.zeros(MAX_BYTES // 8 + 1, dtype=torch.uint8).expand(9, -1),
        np.zeros(MAX_BYTES // 16 + 1),
        torch.zeros([1] * (MAX_DIMENSIONS + 1)),
        np.zeros([1] * (MAX_DIMENSIONS + 1)),
    ],
    ids=["deep", "itself", "long", "large tensor", "large array", "tensor of many dimensions", "array of many dimensions"],
)
def test_beyond_the_limits_is_refused(value):
    """What is deeper, longer or larger than the declared limits is refused where it is seen, before it is sent."""
    with pytest.raises(Malformed):
        observe(value)


@QUICK
@given(PLAIN)
def test_observed_data_is_within_the_limits(value):
    """What ``observe`` lets pass, ``decode`` reads: the two have the same limits."""
    try:
        seen = observe(value)
    except Malformed:
        return
    assert same(decode(encode({"v": seen})), {"v": seen})


# -- any bytes -------------------------------------------------------------------------------------


def frame(tree, arrays_by_name=None):
    """A message as a forger would write it."""
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return struct.pack("<Q", len(text)) + text + safetensors.numpy.save(arrays_by_name or {})


def read(data):
    """What ``decode`` says to any bytes: a dict or ``Malformed``; another exception fails the test."""
    try:
        message = decode(data)
    except Malformed:
        return None
    assert isinstance(message, dict)
    return message


@QUICK
@given(st.binary(max_size=200))
def test_random_bytes(data):
    """Random bytes are a message or ``Malformed``, never another exception."""
    read(data)


@QUICK
@given(OBSERVATIONS, st.data())
def test_damaged_messages(observation, data):
    """A message with bytes changed, cut out or put in is a message or ``Malformed``."""
    message = bytearray(encode({"observation": observation}))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(message)))
        length = data.draw(st.integers(0, 8))
        message[start : start + length] = data.draw(st.binary(max_size=8))
    read(bytes(message))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("a0"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
KINDS = ["int", "float", "tuple", "dict", "array", "opaque", "raised", "call", "observation", "new"]
FIELDS = ["v", "a", "shape", "dtype", "device", "kind", "scale", "grad", "type", "code", "types", "message", "line"]
FIELDS += ["function", "result", "args", "kwargs", "mutated", "value", "calls"]
FORGED = st.recursive(
    JUNK,
    lambda inner: st.builds(
        lambda kind, fields: {**fields, "k": kind},
        st.sampled_from(KINDS),
        st.dictionaries(st.sampled_from(FIELDS), inner | st.lists(inner, max_size=3) | st.sampled_from([*DTYPES, "a0", "nan"])),
    ),
    max_leaves=10,
)


@QUICK
@given(FORGED)
def test_forged_trees(tree):
    """Any JSON, with nodes that lie about every field, is a message or ``Malformed``."""
    read(frame({"k": "dict", "v": [["value", tree]]}, {"a0": np.arange(6.0)}))


def an_array_node(**changes):
    return {"k": "dict", "v": [["v", {"k": "array", "a": "a0", "shape": [2, 3], "dtype": "float64", **changes}]]}


@pytest.mark.parametrize(
    "lie",
    [
        {"shape": [7]},
        {"shape": [10**30]},
        {"shape": [2**62, 4]},
        {"shape": [-2, -3]},
        {"shape": [True, 6]},
        {"shape": [2.0, 3]},
        {"shape": [1] * 7 + [2, 3]},
        {"shape": "23"},
        {"shape": None},
        {"dtype": "float32"},
        {"dtype": "complex64", "shape": [5]},
        {"dtype": "object"},
        {"dtype": "O"},
        {"dtype": "uint16"},
        {"dtype": ["float64"]},
        {"dtype": None},
        {"a": "nothing"},
        {"a": None},
        {"a": ["a0"]},
        {"kind": "pickle"},
        {"device": 3},
        {"scale": "much"},
        {"scale": [1]},
        {"k": "matrix"},
        {"k": None},
        {"k": ["array"]},
    ],
    ids=str,
)
def test_lying_array(lie):
    """An array whose node lies about its shape, dtype, name or kind is refused."""
    arrays_by_name = {"a0": np.arange(6, dtype="int64" if lie.get("dtype") == "float32" else "float64")}
    assert read(frame(an_array_node(), arrays_by_name | {"a0": np.arange(6.0)})) is not None
    assert read(frame(an_array_node(**lie), arrays_by_name)) is None


def node(value):
    return {"k": "dict", "v": [["v", value]]}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 8,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 1) + b"{}",
        frame([]),
        frame(1),
        frame({}),
        frame({"k": "dict"}),
        frame({"k": "dict", "v": [["only a key"]]}),
        frame({"k": "dict", "v": [[["a"], 1]]}),
        frame(b'{"k": "dict", "v": [["v", NaN]]}'),
        frame(b'{"k": "dict", "v": [["v", -Infinity]]}'),
        frame('{"k": "dict", "v": [["v", "ä"]]}'.encode()),
        frame(b'{"k": "dict", "v": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        frame(b'{"k":"dict","v":' * 50_000 + b"1" + b"}" * 50_000),
        frame(node(nested(100))),
        frame(node([0] * 100_000)),
        frame(node(10**400)),
        frame(node({"k": "int", "v": "9" * 30})),
        frame(node({"k": "int", "v": "9" * 100_000})),
        frame(node({"k": "int", "v": "12 000"})),
        frame(node({"k": "float", "v": "1e5"})),
        frame(node({"k": "observation", "value": 1, "calls": [1]})),
        frame(node({"k": "raised", "types": "Error", "message": 1, "line": ""})),
        b"\0" * (MAX_BYTES + 1),
    ],
    ids=range(25),
)
def test_bad_messages(data):
    """Lying lengths, nesting without end, huge counts and numbers, constants and text that JSON has not: all refused."""
    assert read(data) is None


@pytest.mark.parametrize("header", [{"dtype": "F64", "shape": [0, 2**62], "data_offsets": [0, 0]},
                                    {"dtype": "F64", "shape": [2**62, 4], "data_offsets": [0, 0]},
                                    {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
                                    {"dtype": "F64", "shape": [1], "data_offsets": [8, 0]}], ids=str)  # fmt: skip
def test_lying_safetensors(header):
    """A table of arrays that lies about sizes is refused."""
    table = json.dumps({"a0": header}).encode()
    text = json.dumps(node(1)).encode()
    data = struct.pack("<Q", len(text)) + text + struct.pack("<Q", len(table)) + table + b"\0" * 4
    assert read(data) is None


@QUICK
@given(st.text(st.characters(min_codepoint=0xD700, max_codepoint=0xDFFF), max_size=4))
def test_lone_surrogates_can_be_reported(text):
    """Half of a surrogate pair, wherever a submission puts one, comes back as text that a report can be written with."""
    forged = node({"k": "tuple", "v": [text, node(text), {"k": "raised", "types": [text], "message": text, "line": text},
                                       {"k": "opaque", "type": text, "code": text}]})  # fmt: skip
    honest = {"v": [text, {text: text}, Raised((text,), text, text), Opaque(text, text)]}
    for message in (decode(frame(forged)), decode(encode(honest))):
        shown = str(message)
        assert Text(en=shown, zh="").model_dump_json()


def test_never_pickle():
    """No module that meets a submission's bytes imports what can run them: pickle and its like, or a loader that uses it."""
    root = Path(autograder.__file__).parent
    names = ["observation", "frames", "judge", "public", "notebook", "submission", "sandbox/run", "sandbox/worker"]
    dangerous = {"pickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"}
    for name in names:
        tree = ast.parse((root / f"{name}.py").read_text(encoding="utf-8"))
        for item in ast.walk(tree):
            if isinstance(item, ast.Import):
                assert not dangerous & {a.name.partition(".")[0] for a in item.names}, name
            elif isinstance(item, ast.ImportFrom):
                assert (item.module or "").partition(".")[0] not in dangerous, name
            elif isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name):
                assert (item.value.id, item.attr) not in {("torch", "load"), ("np", "load")}, name
