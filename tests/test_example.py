"""Examples that a student can paste into a cell: run, they give back what the probe's call was."""

import math

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.example import LITERAL_ELEMENTS, SHOWN_ELEMENTS, code, literal, show
from autograder.observation import Array, Opaque, Raised, observe
from autograder.probe import gradients, run_probe

QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None)
DTYPES = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "complex128",
]


@st.composite
def an_argument(draw):
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(arrays.array_shapes(min_dims=0, min_side=0, max_side=3))
    numbers = draw(arrays.arrays("float32" if dtype == "bfloat16" else dtype, shape))
    tensor = torch.from_numpy(numbers).to(getattr(torch, dtype))
    if tensor.is_floating_point() and tensor.numel():
        tensor.requires_grad_(draw(st.booleans()))
    return tensor


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=20) | an_argument(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)  # fmt: skip


def same(a, b):
    """Equal in type, structure, attributes and values; NaN is NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        attributes = [(x.shape, x.dtype, x.requires_grad) for x in (a, b)]
        return (
            attributes[0] == attributes[1]
            and torch.equal(a.isnan(), b.isnan())
            and torch.equal(torch.where(a.isnan(), 0, a), torch.where(b.isnan(), 0, b))
        )
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b


@QUICK
@given(PLAIN)
def test_a_literal_gives_the_value_back(value):
    """The literal of any argument, pasted, is that argument: values, dtype, shape and whether it asks for a gradient."""
    assert same(eval(literal(observe(value)), {"torch": torch}), value)


@pytest.mark.parametrize("value", [complex(math.nan, 1), complex(-math.inf, math.nan), complex(0.5, -2)], ids=str)
def test_a_complex_literal_gives_the_value_back(value):
    """Complex numbers that are not finite have no literal of their own, and are written all the same."""
    again = eval(literal(observe(torch.tensor([value]))), {"torch": torch})
    assert str(again) == str(torch.tensor([value]))


@pytest.mark.parametrize("value", [np.array([[1.5, 2], [3, math.nan]]), np.empty((0, 3), "float32"), np.array(4)], ids=str)
def test_a_numpy_array_is_written_as_one(value):
    """An argument that is a NumPy array does not become a tensor."""
    again = eval(literal(observe(value)), {"np": np})
    assert isinstance(again, np.ndarray)
    assert (again.dtype, again.shape) == (value.dtype, value.shape)
    assert np.array_equal(again, value, equal_nan=True)


def test_a_large_array_is_described():
    """An array too large to read is described by dtype and shape, and stays valid code."""
    text = literal(observe(torch.zeros(LITERAL_ELEMENTS + 1)))
    assert eval(text) is Ellipsis
    assert "float32 tensor of shape (401,)" in text
    assert eval(literal(observe(torch.zeros(LITERAL_ELEMENTS))), {"torch": torch}).shape == (LITERAL_ELEMENTS,)


# -- calls -----------------------------------------------------------------------------------------


def weigh(y, w=None, scale=1.0, *, shift=0.0, dims=(0,)):
    return (y * scale + shift if w is None else y * w * scale + shift).sum(dims)


def record(probe, **namespace):
    return run_probe(probe, "test_example", {"weigh": weigh, **namespace}, seed=3, keep_arguments=True)


def parameters(function):
    return {"weigh": ["y", "w", "scale", "shift", "dims"]}.get(function, [])


def paste(lines, **names):
    """What a notebook would show: the value of the last line."""
    names |= {"torch": torch, "weigh": weigh}
    exec("\n".join(lines[:-1]), names)
    return eval(lines[-1], names)


CALLS = {
    "tensor": lambda impl, make: impl.weigh(make.normal(2, 3)),
    "two tensors": lambda impl, make: impl.weigh(make.normal(2, 3), make.uniform(3)),
    "by name": lambda impl, make: impl.weigh(make.normal(2, 3), w=make.uniform(3), scale=2.5, dims=(0, 1)),
    "numbers": lambda impl, make: impl.weigh(make.normal(4), None, make.number(1, 2), shift=-1),
    "list": lambda impl, make: impl.weigh(make.normal(2, 3), dims=[1]),
    "integers": lambda impl, make: impl.weigh(make.integers(0, 9, 2, 3)),
    "asks for a gradient": lambda impl, make: impl.weigh(make.normal(2, 3, grad=True)).detach(),
    "not finite": lambda impl, make: impl.weigh(make.tensor([math.inf, -math.inf, 1e-300])),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_can_be_pasted(name):
    """The lines of a recorded call, run with the function, give the call's result."""
    seen = record(CALLS[name])
    result = observe(paste(code(seen.calls, parameters)))
    assert np.array_equal(result.values, seen.value.values, equal_nan=True)
    assert result.dtype == seen.value.dtype


def test_arguments_have_the_parameters_names():
    """Arguments are named as the function's parameters, short ones written where they stand."""
    lines = code(record(CALLS["two tensors"]).calls, parameters)
    assert [line.split(" = ")[0] for line in lines] == ["y", "w", "weigh(y, w)"]
    assert code(record(CALLS["list"]).calls, parameters)[-1] == "weigh(y, dims=[1])"


def test_a_gradient_can_be_pasted():
    """The lines of a gradient, run with the function, give the probe's gradients: its non-uniform weight is in them."""

    def probe(impl, make):
        y, w = make.normal(2, 3, grad=True), make.uniform(3, grad=True)
        return gradients(impl.weigh(y, w, dims=1), y, w)

    seen = record(probe)
    again = paste(code(seen.calls, parameters))
    assert [g.tolist() for g in again] == [g.values.tolist() for g in seen.value]
    assert len({round(v, 6) for v in again[1].tolist()}) == 3


def test_a_method_call_is_written_as_the_probe_wrote_it():
    """``impl.call("layer(z)", layer, z)`` names the object and its argument as the probe does."""
    seen = record(lambda impl, make: impl.call("layer(z)", torch.nn.ReLU(), make.normal(2)))
    lines = code(seen.calls, parameters)
    assert lines[-1] == "layer(z)"
    assert paste(lines, layer=torch.nn.ReLU()).tolist() == seen.value.values.tolist()


def test_a_function_argument_is_written_by_its_code():
    """A function given as an argument is written by its attribute ``code``."""

    def square(t):
        return t**2

    square.code = "lambda t: t ** 2"
    seen = record(lambda impl, make: impl.apply(square, make.normal(3)), apply=lambda f, x: f(x))
    lines = code(seen.calls, lambda name: ["f", "x"])
    assert paste(lines, apply=lambda f, x: f(x)).tolist() == seen.value.values.tolist()


def test_no_calls_no_code():
    """A probe that calls nothing, or takes a gradient of nothing recorded, has no code to paste."""
    assert code([], parameters) == []
    seen = record(lambda impl, make: gradients(make.normal(2, grad=True) * 2))
    assert code(seen.calls, parameters) == []


# -- values for reading ----------------------------------------------------------------------------


def test_shown_digits_tell_two_values_apart():
    """Got and wanted are shown with as many digits as their difference needs."""
    got, want = (
        observe(torch.tensor([1.0000001, 2.0], dtype=torch.float64)),
        observe(torch.tensor([1.0, 2.0], dtype=torch.float64)),
    )
    assert show(got, want) != show(want, got)
    assert show(want) == "tensor([1., 2.])"


def test_a_large_result_is_shown_around_its_worst_element():
    """Of a large array the row, and the part of it, that holds the given element."""
    values = torch.arange(1000.0).reshape(2, 500)
    text = show(observe(values), None, (1, 200))
    assert "700" in text
    assert "of shape (2, 500)" in text
    assert len(text) < 120
    assert "#" not in show(observe(torch.zeros(SHOWN_ELEMENTS)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"), (True, "True"), (3, "3"), ("a", "'a'"), (0.1, "0.1"), (math.nan, "nan"), ([1, 0.5], "[1, 0.5]"),
        ((1,), "(1)"), ({"a": 1}, "{'a': 1}"), (Opaque("Linear"), "a Linear"), (Raised(("ValueError",), "no"), "ValueError: no"),
        (Array(np.zeros(2), "float64", kind="ndarray"), "array([0., 0.])"), ([0] * 20, "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …]"),
    ],
)  # fmt: skip
def test_show(value, text):
    """Values read as Python writes them, long ones cut."""
    assert show(value) == text
