"""Probes: inputs that are the same everywhere, calls that are recorded, and a run that leaves nothing behind."""

import contextlib
import hashlib
import math
import random

import numpy as np
import pytest
import torch

from autograder.observation import Array, Opaque, Raised
from autograder.probe import (
    MAX_CALLS,
    MAX_RECORDED,
    Make,
    TimeLimit,
    attempt,
    gradients,
    judge,
    probe,
    run_probe,
    seed_of,
    split_languages,
)

# -- make ------------------------------------------------------------------------------------------


def sample(make):
    """One of everything, in order."""
    return [
        make.normal(2, 3),
        make.normal(4, scale=10, shift=-1),
        make.uniform(3, low=-2, high=2),
        make.integers(-3, 9, 5),
        make.bools(6, p=0.3),
        make.permutation(7),
        make.number(0, 1),
        make.integer(0, 1000),
        torch.randint(0, 1000, (3,), generator=make.generator()),
        torch.randint(0, 1000, (3,), generator=make.generator(1)),
        make.normal(make.batch(2), 2),
    ]


def fingerprint(values):
    plain = [v.tolist() if isinstance(v, torch.Tensor) else v for v in values]
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("seed", "stream"), [(0, "8f71fafce320966a"), (12345, "e1b68b0ae8b786be"), (2**31 - 1, "39f144b4ebade7ff")]
)
def test_the_stream_is_frozen(seed, stream):
    """A seed gives these inputs on every machine and in every version: stored answers depend on it."""
    assert fingerprint(sample(Make(seed))) == stream


def test_the_stream_is_numpys():
    """Seed 0 gives the numbers that NumPy's documentation is full of, at four decimals."""
    assert Make(0).normal(2, 3).tolist() == [[1.7641, 0.4002, 0.9787], [2.2409, 1.8676, -0.9773]]
    assert Make(0).uniform(3).tolist() == [0.5488, 0.7152, 0.6028]


def test_the_seed_of_a_probe_is_frozen():
    """A probe's seed comes from its name and the run's: known values, and others for another name or run."""
    assert seed_of("", 0) == 0  # CRC-32 of nothing
    assert seed_of("123456789", 0) == 0xCBF43926 % 2**31  # the check value of CRC-32
    assert seed_of("123456789", 2) == (0xCBF43926 + 2 * 1_000_003) % 2**31


def test_the_same_inputs_in_every_dtype():
    """A float32 probe gets the float64 probe's inputs, rounded; whole numbers and truth values are the same."""
    wide, narrow = sample(Make(3)), sample(Make(3, "float32"))
    for a, b in zip(wide, narrow, strict=True):
        if isinstance(a, torch.Tensor) and a.is_floating_point():
            assert b.dtype == torch.float32
            assert torch.equal(a.float(), b)
        else:
            assert a.dtype == b.dtype and torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


def test_the_oracle_sees_the_rounded_numbers():
    """The float64 oracle of a float32 probe computes with the very numbers that the float32 run had."""
    oracle, narrow, exact = (
        Make(3, d, rounded=r).tensor([0.1, 1e-3]) for d, r in (("float64", "float32"), ("float32", None), ("float64", None))
    )
    assert oracle.dtype == torch.float64
    assert torch.equal(oracle, narrow.double())
    assert not torch.equal(oracle, exact)


@pytest.mark.parametrize("scale", [1.0, 0.01, 100.0])
def test_inputs_are_short(scale):
    """Inputs have four decimals of their spread, so that an example shows them in full."""
    values = Make(5).normal(50, scale=scale) / scale * 1e4
    assert torch.allclose(values, values.round(), atol=1e-6)


@pytest.mark.parametrize("low_high", [(-3.0, 3.0), (10.0, 11.0)])
def test_ranges(low_high):
    """Uniform values and numbers lie between the bounds, integers below the upper one, permutations have every index."""
    low, high = low_high
    make = Make(11)
    assert all(low <= v <= high for v in [*make.uniform(100, low=low, high=high).tolist(), make.number(low, high)])
    assert set(make.integers(2, 5, 100).tolist()) == {2, 3, 4}
    assert sorted(make.permutation(9).tolist()) == list(range(9))
    assert make.integer(4, 5) == 4
    assert make.long([1, 2]).dtype == torch.int64
    assert make.bools(3).dtype == torch.bool
    assert (make.bools(50, p=0.0).any().item(), make.bools(50, p=1.0).all().item()) == (False, True)


def test_batch_grows_by_the_scale():
    """``make.batch`` gives its number, times the scale of the vectorised check, and remembers that it was asked."""
    make, larger = Make(1), Make(1, scale=8)
    assert not make.batched
    assert (make.batch(3), larger.batch(3)) == (3, 24)
    assert make.batched


def test_generators_are_independent():
    """Generators of other offsets, and of other seeds, give other numbers; the same one gives the same."""
    draw = [torch.rand(4, generator=Make(s).generator(o)).tolist() for s, o in ((1, 0), (1, 1), (2, 0), (1, 0))]
    assert draw[0] == draw[3]
    assert draw[0] != draw[1] != draw[2]


# -- recording -------------------------------------------------------------------------------------


def run(body, keep=True, seed=7, **namespace):
    return run_probe(body, "test_sample", namespace, seed=seed, keep_arguments=keep)


def test_calls_are_recorded():
    """Each call has the function's name, its arguments as they were before, and its result."""
    seen = run(lambda impl, make: impl.add(torch.ones(2), b=2) + impl.add(1, 2), add=lambda a, b: a + b)
    first, second = seen.calls
    assert (first.function, second.args, second.result) == ("add", (1, 2), 3)
    assert (first.args[0].values.tolist(), first.kwargs, first.result.values.tolist()) == ([1, 1], {"b": 2}, [3, 3])
    assert seen.value.values.tolist() == [6, 6]


def test_arguments_are_kept_only_where_wanted():
    """A submission's run records no arguments: the trusted side has them from the reference's."""
    seen = run(lambda impl, make: impl.add(1, 2), keep=False, add=lambda a, b: a + b)
    assert (seen.calls[0].args, seen.calls[0].kwargs, seen.calls[0].result) == ((), {}, 3)


def test_a_call_with_a_text_of_its_own():
    """``impl.call`` records an object's call as the probe writes it."""
    seen = run(lambda impl, make: impl.call("layer(z)", torch.nn.ReLU(), make.tensor([-1, 2])))
    assert (seen.calls[0].function, seen.calls[0].result.values.tolist()) == ("layer(z)", [0, 2])


def test_recording_is_bounded():
    """Later calls are made and not recorded; of large results the call is recorded without its result."""
    seen = run(lambda impl, make: [impl.one() for _ in range(MAX_CALLS + 5)], one=lambda: 1)
    assert (len(seen.calls), len(seen.value)) == (MAX_CALLS, MAX_CALLS + 5)
    assert run(lambda impl, make: impl.big().sum(), big=lambda: torch.zeros(MAX_RECORDED + 1)).calls[0].result is None


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        (torch.tensor([1.0, 2.0]), lambda x: x.mul_(2)),
        (torch.tensor([1.0, 2.0]), lambda x: x.unsqueeze_(0)),
        (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), lambda x: x[:, 0].fill_(0)),
        (torch.tensor([1.0, 2.0], requires_grad=True), lambda x: x.data.add_(1)),
        (torch.tensor([1.0, math.nan]), lambda x: x.nan_to_num_()),
        (torch.tensor([1, 2]), lambda x: x.neg_()),
        (np.array([1.0, 2.0]), lambda x: x.fill(0)),
        ([1, 2], lambda x: x.append(3)),
        ([torch.tensor([1.0])], lambda x: x[0].zero_()),
        ({"w": torch.tensor([1.0])}, lambda x: x["w"].zero_()),
        ({"w": 1}, lambda x: x.update(b=2)),
    ],
)
def test_a_changed_argument_is_seen(argument, change):
    """Whatever is changed in place, in tensors, arrays, lists and dicts, is named by its parameter."""

    def careless(first, second):
        change(second)
        return 1

    assert run(lambda impl, make: impl.f(0, argument), f=careless).calls[0].mutated == ("second",)


@pytest.mark.parametrize(
    "argument",
    [
        torch.tensor([1.0, math.nan, math.inf]),
        torch.tensor([1.0, 2.0], requires_grad=True),
        torch.tensor([True, False]),
        [torch.ones(2), None, {"a": (1, "x")}],
        torch.nn.Linear(1, 1),
        torch.arange(6.0).reshape(2, 3).T,
        torch.empty(0),
    ],
)
def test_an_unchanged_argument_is_not(argument):
    """Using an argument, NaN and gradients included, is no change."""

    def careful(x):
        if isinstance(x, torch.Tensor) and x.requires_grad:
            x.sum().backward()
        return str(x)

    assert run(lambda impl, make: impl.f(argument), f=careful).calls[0].mutated == ()


def test_changed_arguments_by_name_and_beyond_the_signature():
    """Arguments given by name are named so; those of ``*args`` by their place."""

    def careless(*tensors, out):
        tensors[1].zero_()
        out.zero_()

    one = torch.ones(1)
    seen = run(lambda impl, make: impl.f(one, one.clone(), out=one.clone()), f=careless)
    assert seen.calls[0].mutated == ("argument 2", "out")


# -- what goes wrong -------------------------------------------------------------------------------


class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def fail(error):
    raise error


@pytest.mark.parametrize(
    ("error", "types"),
    [
        (ValueError("no"), ("ValueError", "Exception")),
        (NotImplementedError(), ("NotImplementedError", "RuntimeError", "Exception")),
        (SystemExit(0), ("SystemExit",)),
        (GeneratorExit(), ("GeneratorExit",)),
        (Odd(), ("Odd", "Exception")),
    ],
    ids=lambda x: type(x).__name__,
)
def test_what_is_raised_is_data(error, types):
    """Any exception of the implementation, SystemExit too, becomes the value and the call's result."""
    seen = run(lambda impl, make: impl.f(), f=lambda: fail(error))
    assert (seen.value.types, seen.calls[0].result.types) == (types, types)


def test_a_long_message_is_cut():
    """What an exception says is bounded."""
    assert len(run(lambda impl, make: impl.f(), f=lambda: fail(ValueError("x" * 10**6))).value.message) == 500


@pytest.mark.parametrize("error", [TimeLimit(), KeyboardInterrupt()], ids=lambda x: type(x).__name__)
def test_our_own_interrupts_go_through(error):
    """The time limit and an interrupt are not the implementation's to swallow or ours to record."""
    with pytest.raises(type(error)):
        run(lambda impl, make: impl.f(), f=lambda: fail(error))
    with pytest.raises(TimeLimit):
        attempt(fail, TimeLimit())


def test_the_line_of_a_cell_is_told():
    """An exception tells the last line of a submission's cell that it went through."""
    names = {}
    exec(compile("def f(x):\n    return 1 / x\n", "<cell 3>", "exec"), names)
    assert run(lambda impl, make: impl.f(0), **names).value.line.startswith("cell 3, line 2")


def test_missing_and_not_callable():
    """A name that is absent, or no function, is told as such, and the probe ends there."""
    missing, number = run(lambda impl, make: impl.f(1)), run(lambda impl, make: impl.f(1), f=3)
    assert (missing.value.type, missing.value.message) == ("Missing", "f")
    assert (number.value.type, "int" in number.value.message) == ("NotCallable", True)


def test_attempt_keeps_the_other_parts():
    """``attempt`` gives a part's result, or its exception as data, so that the other parts are seen."""
    seen = run(lambda impl, make: {"a": attempt(impl.f, 0), "b": attempt(impl.f, 2)}, f=lambda x: 1 / x)
    assert isinstance(seen.value["a"], Raised)
    assert (seen.value["a"].type, seen.value["b"]) == ("ZeroDivisionError", 0.5)


def test_too_much_is_malformed():
    """A result beyond the declared limits is a finding, and the run goes on."""
    seen = run(lambda impl, make: impl.f(), f=lambda: [0] * 10**6)
    assert seen.value.type == "Malformed"


# -- gradients -------------------------------------------------------------------------------------


def test_gradients_have_a_fixed_weight():
    """d(Σ w·x³)/dx is 3wx², with w from 0.3 to 1.7 in the order of the elements."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    (found,) = gradients(x**3, x)
    w = torch.tensor([[0.3, 0.3 + 1.4 / 3], [0.3 + 2.8 / 3, 1.7]], dtype=torch.float64)
    assert torch.allclose(found, 3 * w * x.detach() ** 2)


def test_gradients_tell_softmax_from_a_constant():
    """With a uniform weight softmax has no gradient at all; with ours it has."""
    y = torch.tensor([[1.0, 2.0, 4.0]], requires_grad=True)
    (found,) = gradients(torch.softmax(y, 1), y)
    assert found.abs().min() > 1e-3


def test_an_input_without_influence_has_zeros():
    """An input that the result does not depend on has zeros for a gradient."""
    x, z = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    assert [g.tolist() for g in gradients(2 * x, x, z)][1] == [0, 0, 0]


@pytest.mark.parametrize("output", [torch.ones(2), 1.0, None, torch.ones(2, requires_grad=True).detach()], ids=str)
def test_no_gradient(output):
    """A result that is cut off from its inputs, or is no tensor, is told as such."""
    seen = run(lambda impl, make: gradients(impl.f(make.normal(2, grad=True))), f=lambda x: output)
    assert seen.value.type == "NoGradient"


def test_gradients_are_recorded():
    """The gradients stand after the call that they are of, with the names of their inputs."""

    def probe_body(impl, make):
        w = make.normal(2, grad=True)
        return gradients(impl.f(make.normal(2), w), w)

    seen = run(probe_body, f=lambda x, weight: x * weight)
    assert [c.function for c in seen.calls] == ["f", "gradients"]
    assert seen.calls[1].kwargs == {"inputs": ["weight"]}


# -- what a run leaves behind ----------------------------------------------------------------------


def draw():
    return random.random(), np.random.random(), torch.rand(1).item()


def test_global_randomness_is_seeded_and_put_back():
    """A probe finds the global generators seeded by it, whatever was drawn before, and a notebook's run is not disturbed."""
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    undisturbed = draw()
    random.seed(1)
    np.random.seed(1)
    torch.manual_seed(1)
    first = run(lambda impl, make: impl.f(), f=draw).value
    assert draw() == undisturbed
    assert run(lambda impl, make: impl.f(), f=draw).value == first
    assert run(lambda impl, make: impl.f(), f=draw, seed=8).value != first


def test_randomness_is_put_back_after_a_failure():
    """Also where the implementation raises, and where the time limit goes through."""
    for error in (ValueError(), TimeLimit()):
        torch.manual_seed(1)
        before = torch.get_rng_state()
        with contextlib.suppress(TimeLimit):
            run(lambda impl, make: impl.f(), f=lambda error=error: fail((torch.rand(1), error)[1]))
        assert torch.equal(torch.get_rng_state(), before)


def test_a_run_keeps_no_link_to_the_namespace():
    """An observation is plain data: no tensor or function of the submission is in it."""
    seen = run(lambda impl, make: [impl.f(make.normal(2)), len], f=lambda x: x)
    assert isinstance(seen.value[0], Array)
    assert isinstance(seen.value[1], Opaque)


# -- declarations ----------------------------------------------------------------------------------


def test_a_probe_is_declared():
    """The decorator keeps name, both lines of the docstring, and what was asked for; a judge is left as it is."""

    @judge
    def always(got, want):
        return None

    @probe(weight=2, public=True, dtypes=("float64",), judge=always, tolerance=10, exercise="f")
    def test_f_case(impl, make):
        """the line

        这一行
        """

    assert (test_f_case.id, test_f_case.en, test_f_case.zh) == ("test_f_case", "the line", "这一行")
    assert (test_f_case.weight, test_f_case.public, test_f_case.dtypes, test_f_case.tolerance) == (2, True, ("float64",), 10)
    assert (test_f_case.judge, test_f_case.exercise) == (always, "f")


@pytest.mark.parametrize("text", [None, "only English", "只有中文"])
def test_a_probe_needs_both_languages(text):
    """A probe without an English and a Chinese line does not load."""

    def test_f(impl, make): ...

    test_f.__doc__ = text
    with pytest.raises(ValueError, match=r"test_f: .*docstring"):
        probe()(test_f)


def test_split_languages():
    """Paragraphs go to the language they are in, in order."""
    assert split_languages("One.\n\n一。\n\nTwo,\nlines.\n\n二。") == ("One.\n\nTwo,\nlines.", "一。\n\n二。")
    assert split_languages("") == ("", "")
