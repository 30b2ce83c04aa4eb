"""Comparing observations: what is told first, what passes, what does not, and that no answer can break it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from test_observation import OBSERVATIONS

from autograder.compare import OWN_ERROR, TOLERANCES, alike, compare, compare_values, expected, with_oracle
from autograder.observation import Array, Call, Observation, Opaque, Raised

NAN, INF = math.nan, math.inf


def array(values, dtype="float64", **attributes):
    return Array(np.asarray(values, "float32" if dtype == "bfloat16" else dtype), dtype, **attributes)


def kind(got, want, dtype="float64", factor=1.0):
    found = compare_values(got, want, dtype, factor)
    return found and found.kind


# -- order -----------------------------------------------------------------------------------------

WRONG = array([[NAN, 2], [3, 4]], "float32", device="cuda", kind="ndarray")
RIGHT = array([[1, 2], [3, 5]])


@pytest.mark.parametrize(
    ("got", "finding"),
    [
        (None, "none"),
        ([[1.0, 2.0], [3.0, 5.0]], "no_tensor"),
        (WRONG, "numpy"),
        (array([[NAN, 2, 3]], "float32", device="cuda"), "shape"),
        (array([[NAN, 2], [3, 4]], "float32", device="cuda"), "dtype"),
        (array([[NAN, 2], [3, 4]], device="cuda"), "device"),
        (array([[NAN, INF], [3, 4]]), "nan"),
        (array([[1, INF], [3, 4]]), "inf"),
        (array([[1, 2], [3, 4]]), "values"),
        (array([[1, 2], [3, 5]]), None),
    ],
)
def test_attributes_before_values(got, finding):
    """Of several faults the first is told: structure, kind, shape, dtype, device, finiteness, and values last."""
    assert kind(got, RIGHT) == finding


def test_structure_before_contents():
    """A missing key or item is told before a wrong value in another part."""
    assert kind({"a": 2.0}, {"a": 1.0, "b": 1.0}) == "keys"
    assert kind([2.0], [1.0, 1.0]) == "length"


def test_the_first_wrong_part_is_named():
    """A mismatch tells the path to the part that differs, and the two values there."""
    want = {"step 1": [1.0, array([1, 2])], "step 2": (1.0, 2.0)}
    got = {"step 1": [1.0, array([1, 3])], "step 2": (9.0, 9.0)}
    found = compare_values(got, want, "float64")
    assert (found.kind, found.path) == ("values", ("step 1", 1))
    assert (found.got.values[1], found.want.values[1]) == (3, 2)


def test_worst_element_is_told():
    """The details of wrong values: how many of how many, and where the largest difference is."""
    found = compare_values(array([[1, 2.5], [9, 4]]), array([[1, 2], [3, 4]]), "float64")
    assert found.details == {"index": (1, 0), "count": 2, "total": 4}


# -- what passes, and what does not ----------------------------------------------------------------


@pytest.mark.parametrize("got", [[[1]], [1, 1], 1, [[1, 1, 1]], [[1], [1]], [[[1, 1], [1, 1]]], np.empty((0, 2))])
def test_broadcastable_answers_fail(got):
    """A scalar, a row or a column that broadcasts to the right values, or an empty answer, has the wrong shape."""
    assert kind(array(got), array([[1, 1], [1, 1]])) == "shape"


@pytest.mark.parametrize(
    ("got", "want", "finding"),
    [
        ([1, 2], (1, 2), None),
        ((1, [2]), [1, (2,)], None),
        (array([1, 2], "int64"), [1, 2], "type"),
        ({"0": 1}, [1], "type"),
        ([1], {"0": 1}, "type"),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}, None),
        (None, [1], "none"),
        (None, None, None),
        (0, None, "type"),
        ("a", "a", None),
        ("b", "a", "text"),
        (1, "1", "type"),
        (Opaque("function"), Opaque("function"), None),
        (Opaque("Linear"), Opaque("function"), "type"),
        (1, Opaque("function"), "type"),
    ],
)
def test_structures(got, want, finding):
    """List and tuple are alike, so is the order of keys; other types are told apart; None is told as such."""
    assert kind(got, want) == finding


@pytest.mark.parametrize(
    ("got", "want", "finding"),
    [
        (1.0, 1.0, None),
        (1, 1.0, None),  # an int where a float is wanted
        (1.0, 1, "type"),  # a float where an index or a count is wanted
        (True, 1, "type"),
        (True, 1.0, "type"),
        (2, 1, "number"),
        (10**9 + 1, 10**9, "number"),  # whole numbers are exact
        (1.1, 1.0, "number"),
        ("1", 1.0, "type"),
        (None, 1.0, "none"),
        (array(1.0), 1.0, None),
        (array(1.0, "float32"), 1.0, None),
        (array(3, "int64"), 3, None),
        (array(3.0), 3, "type"),
        (array([1.0]), 1.0, "type"),
        (array(True, "bool"), True, None),
        (array(True, "bool"), 1.0, "type"),
        (1, True, "type"),
        (False, True, "text"),
        (1.0, array(1.0), "no_tensor"),
        (NAN, 1.0, "number"),
        (1.0, NAN, "number"),
        (NAN, NAN, None),
        (INF, INF, None),
        (-INF, INF, "number"),
        (1e300, INF, "number"),
        (INF, 1.0, "number"),
    ],
)
def test_numbers(got, want, finding):
    """A tensor without dimensions will do for a number, not the other way round; int, float and bool are told apart."""
    assert kind(got, want) == finding


@pytest.mark.parametrize(
    ("got", "want", "finding"),
    [
        ([NAN, 1], [NAN, 1], None),
        ([0, 1], [NAN, 1], "values"),
        ([NAN, 1], [0, 1], "nan"),
        ([INF, 1], [INF, 1], None),
        ([-INF, 1], [INF, 1], "values"),
        ([1e308, 1], [INF, 1], "values"),
        ([INF, 1], [0, 1], "inf"),
        ([NAN, 1], [INF, 1], "nan"),
    ],
)
def test_nan_and_infinity_only_where_wanted(got, want, finding):
    """NaN and the infinities pass where the reference has the same, and nowhere else."""
    assert kind(array(got), array(want)) == finding


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool"])
def test_whole_numbers_and_truth_values_are_exact(dtype):
    """No tolerance, whatever the probe's factor, where the values are whole numbers or truth values."""
    assert kind(array([1, 0], dtype), array([1, 0], dtype), factor=1e6) is None
    assert kind(array([1, 1], dtype), array([1, 0], dtype), factor=1e6) == "values"


def test_large_integers_are_exact():
    """Integers that float64 cannot tell apart are told apart."""
    assert kind(array([2**53 + 1], "int64"), array([2**53], "int64")) == "values"
    assert kind(2**53 + 1, 2**53) == "number"


# -- tolerances ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "complex64", "complex128"])
def test_tolerance_is_the_tables(dtype):
    """What differs by less than the table's relative tolerance passes, by ten times the whole of it fails."""
    relative, of_largest, absolute = TOLERANCES[dtype]
    stored = {"bfloat16": "float32"}.get(dtype, dtype)
    want = array([1.0], dtype)
    for size, finding in ((0.9 * relative, None), (10 * (relative + of_largest + absolute), "values")):
        got = Array(np.asarray([1.0 + size], stored), dtype)
        assert kind(got, want) == finding


def test_the_arrays_dtype_decides():
    """A float32 part of a float64 probe is compared at float32's tolerance."""
    assert kind(array([1 + 1e-4], "float32"), array([1], "float32"), dtype="float64") is None
    assert kind(array([1 + 1e-4]), array([1]), dtype="float32") == "values"


def test_a_numbers_tolerance_is_the_probes():
    """A Python number has no dtype of its own: the probe's decides."""
    assert kind(1 + 1e-4, 1.0, dtype="float32") is None
    assert kind(1 + 1e-4, 1.0, dtype="float64") == "number"


def test_small_elements_beside_a_large_one():
    """An element is allowed some of the largest element's error: what cancels is not asked for more than there is."""
    assert kind(array([1e6, 1e-4]), array([1e6, 0.0])) is None
    assert kind(array([1.0, 1e-4]), array([1.0, 0.0])) == "values"


def test_a_probes_factor_widens():
    """``tolerance=100`` of a probe allows a hundred times the table's."""
    assert kind(array([1 + 1e-6]), array([1])) == "values"
    assert kind(array([1 + 1e-6]), array([1]), factor=100) is None


def test_own_error_widens():
    """An error as large as the reference's own in this dtype passes; a much larger one does not."""
    want = with_oracle(array([0.5, 100.0], "float32"), array([0.4, 100.0]))
    assert want.scale == pytest.approx(0.1)
    assert want.values.tolist() == [0.4, 100.0]
    assert kind(array([0.6, 100], "float32"), want) is None
    assert kind(array([0.4 + 2 * OWN_ERROR * want.scale, 100], "float32"), want) == "values"


def test_oracle_keeps_what_float64_has_not():
    """Attributes are those of the native run; where its dtype overflows, the native value is wanted."""
    native = array([INF, 1.0], "float32", device="cuda")
    want = with_oracle(native, array([1e60, 1.0]))
    assert (want.dtype, want.device, want.values.tolist()) == ("float32", "cuda", [INF, 1.0])
    assert kind(array([INF, 1.0], "float32", device="cuda"), want) is None


@pytest.mark.parametrize(
    ("native", "oracle"),
    [
        (array([1, 2], "int64"), array([1, 3], "int64")),
        (array([1.0], "float32"), array([1.0, 2.0])),
        (array([1.0], "float64"), array([2.0])),
        (Raised(("ValueError",)), array([1.0])),
        ([array([1.0], "float32")], [array([1.0]), array([1.0])]),
        ({"a": 1.0}, {"b": 2.0}),
        ("float32", "float64"),
    ],
)
def test_oracle_of_another_form(native, oracle):
    """Where the two runs do not correspond, or the values are exact, what the dtype itself gives is expected."""
    assert with_oracle(native, oracle) is native or with_oracle(native, oracle) == native


def test_oracle_in_parts_and_calls():
    """Each part of a compound value and each call's result has its own error."""
    native = Observation((array([0.5], "float32"), {"x": array([2.0], "float32")}), [Call("f", array([0.5], "float32"))])
    oracle = Observation((array([0.25]), {"x": array([2.0])}), [Call("f", array([0.25]))])
    want = expected(native, oracle)
    assert isinstance(want.value, tuple)
    assert (want.value[0].scale, want.value[1]["x"].scale, want.calls[0].result.scale) == (0.25, 0.0, 0.25)


# -- exceptions, and changed arguments -------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "want", "finding"),
    [
        (Raised(("ValueError", "Exception")), Raised(("ValueError", "Exception")), None),
        (Raised(("MyError", "ValueError", "Exception")), Raised(("ValueError", "Exception")), None),
        (Raised(("TypeError", "Exception")), Raised(("ValueError", "Exception")), "wrong_exception"),
        (1.0, Raised(("ValueError", "Exception")), "no_exception"),
        (Raised(("ValueError", "Exception")), 1.0, "raised"),
        (Raised(()), 1.0, "raised"),
        (Raised(("NotImplementedError", "RuntimeError", "Exception")), 1.0, "not_started"),
        (Raised(("Missing", "NameError", "Exception")), 1.0, "missing"),
        (Raised(("NotCallable", "TypeError", "Exception")), 1.0, "not_callable"),
        (Raised(("NoGradient", "RuntimeError", "Exception")), 1.0, "no_gradient"),
        (Raised(("TimeLimit",)), 1.0, "time"),
        (Raised(("MemoryError", "Exception")), 1.0, "memory"),
        (Raised(("RecursionError", "RuntimeError", "Exception")), 1.0, "recursion"),
        (Raised(("Died", "Exception")), 1.0, "died"),
    ],
)
def test_exceptions(got, want, finding):
    """The wanted class or a subclass passes; what was raised where a value was due is told by its kind."""
    assert kind(got, want) == finding
    assert kind({"a": got}, {"a": want}) == finding


def test_changed_argument_is_a_finding():
    """Right values with a changed argument fail; the finding names the call and the argument."""
    got = Observation(1.0, [Call("f", 1.0), Call("g", 1.0, mutated=("y", "dim"))])
    want = Observation(1.0, [Call("f", 1.0), Call("g", 1.0, mutated=("dim",))])
    found = compare(got, want, "float64")
    assert (found.kind, found.details) == ("mutated", {"names": ["y"], "call": 1, "function": "g"})


def test_arguments_that_the_reference_changes_may_be_changed():
    """An exercise that works in place is no finding, nor is one that leaves the argument alone."""
    want = Observation(1.0, [Call("f", 1.0, mutated=("w",))])
    for changed in ((), ("w",)):
        assert compare(Observation(1.0, [Call("f", 1.0, mutated=changed)]), want, "float64") is None


def test_wrong_value_before_changed_argument():
    """Where both are wrong, the value is told."""
    got = Observation(2.0, [Call("f", 2.0, mutated=("y",))])
    assert compare(got, Observation(1.0, [Call("f", 1.0)]), "float64").kind == "number"


def test_alike():
    """Two observations are alike in value, in exception and in what they changed."""
    value = array([1.0, 2.0])
    plain, changed = Observation(value, [Call("f", value)]), Observation(value, [Call("f", value, mutated=("y",))])
    failed, other = Observation(Raised(("ValueError",), "a")), Observation(Raised(("TypeError",), "a"))
    assert alike(plain, Observation(array([1.0, 2.0])), "float64")
    assert alike(failed, Observation(Raised(("ValueError",), "b")), "float64")
    assert not any(alike(plain, x, "float64") for x in (changed, failed, Observation(array([1.0, 2.1]))))
    assert not alike(failed, other, "float64")


# -- no answer breaks it ---------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(OBSERVATIONS, OBSERVATIONS)
def test_any_two_observations(got, want):
    """Comparing any answer with any expectation ends with a finding or none, never with an exception; itself it matches."""
    compare(got, want, "float64")
    assert compare(want, want, "float32") is None


@pytest.mark.parametrize(
    "value", [2**63, -(2**63), 10**400, array([NAN], "float16"), array([1 + 1j], "complex64"), array([], "bool")]
)
@pytest.mark.parametrize("want", [1.0, 1, True, array([1.0]), array([1], "int64"), array([2j], "complex128"), "a", None, {}])
def test_odd_values(value, want):
    """Huge numbers, other dtypes and empty arrays are findings like any other."""
    assert compare_values(value, want, "float64") is not None
