"""From a mismatch to what a student reads: named mistakes, relations, accepted deviations, and the smallest example."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from test_observation import OBSERVATIONS

from autograder.compare import Mismatch, compare_values
from autograder.diagnosis import accepted_as, message, name_mistake, relation
from autograder.exam import Item, Known
from autograder.grading import judge_exercise, key
from autograder.observation import Array, Observation, Raised
from autograder.observing import load_probes, observe_item
from autograder.probe import has_chinese
from autograder.report import Text
from autograder.verdict import outcome

# -- relations -------------------------------------------------------------------------------------

RNG = np.random.RandomState(0)
WANT = RNG.standard_normal((3, 4))
SQUARE = RNG.standard_normal((3, 3))
POSITIVE = RNG.uniform(0.5, 2, (3, 4))


def found(got, want):
    """The English hint on how two arrays (or numbers) relate, if any."""
    text = relation(Mismatch("values", (), as_plain(got), as_plain(want)))
    if text is not None:
        assert has_chinese(text.zh)
    return text and text.en


def as_plain(value):
    return Array(np.asarray(value), "float64") if isinstance(value, np.ndarray) else value


RELATED = {
    "negated": (-WANT, WANT, "the sign is reversed"),
    "negated number": (-3.5, 3.5, "the sign is reversed"),
    "doubled": (2 * WANT, WANT, "2 times what it should be"),
    "scaled by minus a half": (WANT / -2, WANT, "-1/2 times"),
    "scaled": (2.7 * WANT, WANT, "2.7 times"),
    "a mean for a sum": (WANT / 3, WANT, "1/3 times what it should be, and 3 is the size of a dimension"),
    "a sum for a mean": (4 * WANT, WANT, "4 times what it should be, and 4 is the size of a dimension"),
    "a number N times": (5 * 1.25, 1.25, "5 times"),
    "a number by N": (1.25 / 7, 1.25, "1/7 times"),
    "transposed": (WANT.T, WANT, "transposed"),
    "transposed square": (SQUARE.T, SQUARE, "transposed"),
    "transposed in a batch": (np.swapaxes(WANT[None] * [[[1]], [[2]]], 1, 2), WANT[None] * [[[1]], [[2]]], "transposed"),
    "shifted": (WANT + 0.75, WANT, "off by the same 0.75"),
    "reversed rows": (WANT[::-1], WANT, "reverse order along dimension 0"),
    "reversed columns": (WANT[:, ::-1], WANT, "reverse order along dimension 1"),
    "rolled": (np.roll(WANT, 1, 1), WANT, "moved by 1 along dimension 1"),
    "rolled rows": (np.roll(WANT, 2, 0), WANT, "moved by 2 along dimension 0"),
    "permuted": (WANT[:, [1, 0, 2, 3]], WANT, "in another order"),
    "signs": (np.abs(WANT), WANT, "only signs are wrong"),
    "squared": (WANT**2, WANT, "square of what"),
    "rooted": (np.sqrt(POSITIVE), POSITIVE, "square root"),
    "reciprocal": (1 / POSITIVE, POSITIVE, "reciprocal"),
    "logarithm": (np.log(POSITIVE), POSITIVE, "logarithm"),
    "exponential": (np.exp(WANT), WANT, "exponential"),
    "wrong axis": (RNG.standard_normal((4, 3)), WANT, "over the wrong axis"),
    "a dimension too many": (WANT[:, :, None], WANT, "a dimension of size 1 too many or too few"),
    "a dimension too few": (WANT[0], WANT[:1], "a dimension of size 1 too many or too few"),
    "not reduced": (RNG.standard_normal((3, 4)), RNG.standard_normal(3), "the last mean or sum is missing"),
    "not reduced to a number": (RNG.standard_normal(5), np.array(0.5), "the last mean or sum is missing"),
}


@pytest.mark.parametrize("name", RELATED)
def test_relations_are_found(name):
    """A result that relates to the right one in a telling way is told so, in both languages."""
    got, want, text = RELATED[name]
    assert text in (found(got, want) or "")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("shape", [(3, 4), (3, 3), (5,), (2, 3, 4), (2,)])
def test_a_random_result_has_no_relation(seed, shape):
    """A result that has nothing to do with the right one is not explained."""
    random = np.random.RandomState(1000 + seed)
    assert found(random.standard_normal(shape), random.standard_normal(shape)) is None


@pytest.mark.parametrize("want", [WANT, SQUARE, POSITIVE, WANT[0], np.array(2.0), 3.0])
def test_a_right_result_has_no_relation(want):
    """A result that is right, or right up to rounding, has no relation but to be right."""
    assert found(want, want) is None
    assert found(want * (1 + 1e-9), want) is None


def test_a_result_that_is_nearly_right():
    """Values that are wrong by very little are not said to be moved or in another order; a small shift is seen."""
    noise = 1e-5 * np.random.RandomState(5).standard_normal(WANT.shape)
    assert found(WANT + noise, WANT) is None
    assert "off by the same 2e-05" in found(WANT + 2e-5, WANT)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.zeros((3, 4)), WANT),
        (WANT, np.zeros((3, 4))),
        (np.full((3, 4), math.nan), WANT),
        (np.full((3, 4), math.inf), WANT),
        (WANT, np.full((3, 4), math.nan)),
        (np.empty((0, 4)), WANT),
        (WANT, np.empty((0, 4))),
        (np.zeros((3, 4), bool), np.ones((3, 4), bool)),
        (1.3, 1.0),
        (0.0, 1.0),
        (1.0, 0.0),
        ("a", WANT),
        (None, 1.0),
        ([1.0], [2.0]),
        (True, 1.0),
        (RNG.standard_normal((2, 5)), WANT),
    ],
)
def test_no_relation_where_there_is_none_to_find(got, want):
    """Zeros, NaN, empty arrays, single numbers without a telling factor and other types are not explained."""
    assert found(got, want) is None


@pytest.mark.parametrize("dtype", ["complex64", "int64", "uint8", "bool", "float16"])
def test_other_dtypes(dtype):
    """Values of any dtype can be looked at."""
    want = Array(np.array([[1, 0, 1], [0, 1, 1]]).astype(dtype), dtype)
    got = Array(np.array([[0, 1, 1], [1, 1, 1]]).astype(dtype), dtype)
    assert relation(Mismatch("values", (), got, want)) is None


# -- a small exam ----------------------------------------------------------------------------------

PROBES = load_probes('''
from autograder.probe import gradients, probe

@probe()
def test_f_values(impl, make):
    """values

    数值
    """
    return impl.f(make.normal(2, 3))

@probe()
def test_f_negative(impl, make):
    """negative numbers

    负数
    """
    return impl.f(make.uniform(3, low=-2, high=-1))

@probe()
def test_f_twice(impl, make):
    """called twice

    调用两次
    """
    return {"first": impl.f(make.tensor([1.0, 2.0])), "second": impl.f(make.tensor([3.0, -4.0, 5.0]))}

@probe()
def test_f_gradient(impl, make):
    """the gradient

    梯度
    """
    y = make.normal(3, grad=True)
    return gradients(impl.f(y), y)
''')


def right(y):
    return y.abs() * 3


def no_factor(y):
    return y.abs()


def no_sign(y):
    return y * 3


def in_place(y):
    return y.detach().abs_().mul_(3) if y.requires_grad else y.abs_().mul_(3)


def one_more(y):
    return y.abs() * 3 + 1


def as_float32(y):
    return (y.abs() * 3).float()


VARIANTS = {
    "no_factor": ("wrong", no_factor),
    "no_sign": ("wrong", no_sign),
    "in_place": ("wrong", in_place),
    "one_more": ("accepted", one_more),
}


class Small:
    """The answers of one exercise, f, with its known variants; as little as judging needs."""

    lecture, title, seed = "lecture99_small", Text(en="Small", zh="小"), 7

    def exercises(self):
        return ["f"]

    def points(self, exercise):
        return 10.0, False

    def forbidden(self, exercise):
        return ("softmax",)

    def items(self, exercise, public_only=False):
        titles = {p: Text(en=probe.en, zh=probe.zh) for p, probe in PROBES.items()}
        items = [Item(p, "f", "probe", (p,), "cpu", "float64", titles[p]) for p in PROBES]
        check = {
            k: Item(f"test_f_{k}", "f", k, ("test_f_values",), "cpu", "float64", Text(en=k, zh="检查"))
            for k in ("forbidden", "vectorised")
        }
        return [*items, *check.values()]

    def source(self, exercise, public_only=False):
        raise NotImplementedError

    def observe(self, item, function):
        return observe_item(
            item.as_data(), PROBES, {"f": function}, self.seed, **({"keep_arguments": True} if item.kind == "probe" else {})
        )

    def expected(self, item):
        return self.observe(item, right)

    def parameters(self, function):
        return ["y"]

    def known(self, exercise):
        return [Known(k, kind, Text(en=f"it is {k}", zh=f"这是 {k}")) for k, (kind, _) in VARIANTS.items()]

    def shown_by(self, variant, item):
        return self.observe(item, VARIANTS[variant][1])

    def judge(self, item, got, want):
        raise NotImplementedError


ANSWERS = Small()


def grade(function):
    """The exercise's result for an implementation."""
    return judge_exercise(ANSWERS, "f", {key(i): ANSWERS.observe(i, function) for i in ANSWERS.items("f")})


def outcomes(function):
    return [outcome(ANSWERS, i, ANSWERS.observe(i, function)) for i in ANSWERS.items("f")]


def test_a_named_mistake_wins_over_a_relation():
    """A third of the right values is a relation; where a known mistake does just that, its text is the hint."""
    result = grade(no_factor)
    assert (result.status, result.variant) == ("fail", "no_factor")
    assert "hint: it is no_factor" in result.summary.en
    assert "提示：这是 no_factor" in result.summary.zh
    assert "times what it should be" not in result.summary.en


def test_a_relation_where_no_mistake_is_known():
    """Values that no variant shows are explained by their relation to the right ones."""
    result = grade(lambda y: y.abs() * 6)
    assert (result.status, result.variant) == ("fail", None)
    assert "hint: every element is 2 times what it should be" in result.summary.en
    assert "提示：每个元素都是正确值的 2 倍" in result.summary.zh


def test_a_mistake_is_named_where_it_shows():
    """Right where the mistake does not show, alike where it does: the mistake is named, on the probes that fail."""
    result = grade(no_sign)
    assert result.variant == "no_sign"
    assert {p.id: p.variant for p in result.probes if p.verdict == "fail"}["test_f_negative"] == "no_sign"
    assert all(p.variant is None for p in result.probes if p.verdict == "pass")


def test_a_mistake_beside_another():
    """Where two mistakes show on different probes, each probe names its own, and none is said of the whole."""

    def both(y):
        return no_factor(y) if y.dim() > 1 else no_sign(y)

    named, by_item = name_mistake(ANSWERS, "f", outcomes(both))
    assert named is None
    by_id = {item.id: known.id for item, known in by_item.items()}
    assert (by_id["test_f_values"], by_id["test_f_negative"]) == ("no_factor", "no_sign")


def test_a_right_result_names_nothing():
    """All passes: no mistake, no note, no message."""
    result = grade(lambda y: torch.where(y < 0, -3 * y, 3 * y))
    assert (result.status, result.score, result.variant, result.notes) == ("pass", 10, None, ())
    assert all(p.message.en == "" for p in result.probes)


def test_an_accepted_deviation():
    """What behaves as an accepted variant passes in full, with the variant's text as a note."""
    result = grade(lambda y: 1 + 3 * y.abs())
    assert (result.status, result.score) == ("pass", 10)
    assert [n.en for n in result.notes] == ["it is one_more"]
    assert result.summary.en == ""


def test_an_accepted_deviation_excuses_nothing_else():
    """A deviation that is accepted in one probe, with a mistake in another, fails."""

    def beside(y):
        return 3 * y.abs() + 1 if y.dim() > 1 else y.abs()

    assert accepted_as(ANSWERS, "f", outcomes(beside)) is None
    assert grade(beside).status == "fail"


def test_a_changed_argument_is_named():
    """Right values and a changed argument: the message names it, and the known mistake is found."""
    result = grade(in_place)
    assert result.variant == "in_place"
    assert "It changed its argument y" in next(p.message.en for p in result.probes if p.id == "test_f_values")


# -- the message -----------------------------------------------------------------------------------


def parts_of(function, probe):
    return next(p.message for p in grade(function).probes if p.id == probe).en.split("\n\n")


def test_a_message_has_its_parts():
    """The call, got and should be; what differs; the hint."""
    call, sentence, hint = parts_of(no_factor, "test_f_twice")
    lines = [line.strip() for line in call.split("\n")]
    assert lines[:2] == ["y = torch.tensor([1.0, 2.0], dtype=torch.float64)", "f(y)"]
    assert lines[2:] == ["# got:       tensor([1., 2.])", "# should be: tensor([3., 6.])"]
    assert sentence == "elements that differ: 2 of 2, most at (1,)."
    assert hint.startswith("hint: ")


def test_the_first_wrong_call_is_shown():
    """Of several calls the first that went wrong is shown, not one that was right."""
    call, *_ = parts_of(no_sign, "test_f_twice")
    assert "torch.tensor([3.0, -4.0, 5.0]" in call
    assert "[1.0, 2.0]" not in call


def test_an_exception_is_told_with_the_call():
    """What was raised is told under the call that raised it."""

    def broken(y):
        raise ValueError("bad {y}\nmore")

    call, sentence = parts_of(broken, "test_f_values")
    assert call.strip().endswith("f(y)")
    assert sentence == "It raised ValueError: bad {y}"


def test_a_lost_dtype_is_told():
    """An attribute that differs is told before values."""
    assert "Its dtype is float32, and should be float64." in parts_of(as_float32, "test_f_values")


def test_a_stub():
    """An untouched stub is not started: one sentence, no code."""

    def stub(y):
        raise NotImplementedError

    result = grade(stub)
    assert (result.status, result.score) == ("not_started", 0)
    assert result.summary.en == "f is not written yet."


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (None, "None"),
        (Raised(("Missing", "NameError")), "is not defined"),
        (Raised(("NotCallable", "TypeError"), "f is a int, not a function"), "f is a int, not a function"),
        (Raised(("TimeLimit",)), "time limit"),
        (Raised(("MemoryError",)), "memory"),
        (Raised(("RecursionError",)), "itself without end"),
        (Raised(("Died",), "signal SIGKILL"), "signal SIGKILL"),
        ([1.0], "a list"),
        ("a text", "a str"),
        (Array(np.zeros((2, 3)), "float64", kind="ndarray"), "NumPy array"),
        (Array(np.zeros((2, 1)), "float64"), "(2, 1)"),
        (Array(np.full((2, 3), math.nan), "float64"), "NaN"),
        (Array(np.full((2, 3), math.inf), "float64"), "Infinite"),
        (Array(np.zeros((2, 3)), "float64", device="cuda"), "on cuda"),
    ],
)
def test_every_kind_of_wrong_result_is_told(seen, text):
    """Each kind of wrong result has a message in both languages that says what it is."""
    item = ANSWERS.items("f")[0]
    found = outcome(ANSWERS, item, Observation(seen))
    told = message(ANSWERS, found, None)
    assert text in told.en
    assert has_chinese(told.zh)


EXPECTED = {i.id: ANSWERS.expected(i) for i in ANSWERS.items("f")}


class Quick(Small):
    """The same, computed once: for many answers to judge."""

    def expected(self, item):
        return EXPECTED[item.id]

    def shown_by(self, variant, item):
        return None


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(OBSERVATIONS)
def test_any_answer_is_judged(seen):
    """Whatever observation is forged, every item has a verdict and a report can be written; none is excused as our fault."""
    answers = Quick()
    result = judge_exercise(answers, "f", {key(i): seen for i in answers.items("f")})
    assert all(p.verdict in ("pass", "fail") for p in result.probes)
    assert result.model_dump_json()
    for item in answers.items("f"):
        wanted = EXPECTED[item.id].value
        if item.kind == "probe":
            assert outcome(answers, item, seen).failed == (compare_values(seen.value, wanted, "float64") is not None)


def test_huge_counts_are_no_fault_of_ours():
    """Counts that no arithmetic can hold are an answer of the wrong form, and no reason not to grade."""
    item = next(i for i in ANSWERS.items("f") if i.kind == "vectorised")
    found = outcome(ANSWERS, item, Observation({"small": 10**400, "large": 1}))
    assert (found.fault, found.mismatch.kind) == (None, "form")
