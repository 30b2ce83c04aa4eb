"""What enters a sandbox: the wanted probes and what they use, and nothing that judges."""

import ast
import inspect

import pytest

from autograder.course import course_root, lecture_names
from autograder.exam import grader_module
from autograder.observing import load_probes
from autograder.probe import Probe, run_probe
from autograder.strip import judges_source, probes_source

SOURCE = '''
"""Hidden graders, secret_docstring."""

import math

import numpy as np
import torch
from torch import nn

from autograder.probe import attempt, gradients, judge, probe

SIZES = (2, 3)
secret_limit, OTHER = 0.25, 4
x = y = 1


class Model(nn.Module):
    """A small model."""

    eps = 0.1

    def forward(self, z):
        return z * width() + self.eps


Model.eps = 0.5


def width():
    return SIZES[0]


width.code = "lambda: 2"


@judge
def secret_close(got, want):
    return None if secret_distance(got, want) < secret_limit else ("too far", "太远")


@judge
def secret_distance(got, want):
    return abs(float(np.sum(got)) - float(np.sum(want)))


def secret_helper_of_a_judge(value):
    return value


@judge
class secret_Oracle:
    value = secret_helper_of_a_judge(3)


@probe(public=True, judge=secret_close, tolerance=12345)
def test_f_model(impl, make):
    """a model

    一个模型
    """
    return impl.call("model(z)", Model(), make.normal(*SIZES))


@probe(tolerance=100 * secret_limit, weight=2)
def test_f_hidden(impl, make):
    """secret_line

    秘密
    """
    secret_input = make.normal(5)
    return attempt(impl.f, secret_input, nested=lambda t: math.exp(t))


@probe(judge=lambda got, want: secret_close(got, want), dtypes=("float64",))
def test_f_lambda(impl, make):
    """a lambda decides

    由 lambda 判断
    """
    return impl.f(width())
'''


@pytest.mark.parametrize("wanted", [["test_f_model"], ["test_f_lambda"], ["test_f_model", "test_f_lambda"]])
def test_nothing_that_judges_remains(wanted):
    """No judge, tolerance, hidden probe, nor anything that only they use is in the cut source."""
    text = probes_source(SOURCE, wanted)
    assert "secret" not in text
    assert "tolerance" not in text
    assert "judge" not in text
    assert "12345" not in text
    assert list(load_probes(text)) == [w for w in ("test_f_model", "test_f_lambda") if w in wanted]


def test_what_remains_runs_as_before():
    """A cut probe has what it uses, values set on it afterwards included, and shows what the whole one shows."""
    whole, cut = load_probes(SOURCE), load_probes(probes_source(SOURCE, ["test_f_model"]))
    a, b = (run_probe(p["test_f_model"].run, "test_f_model", {}, seed=3).value for p in (whole, cut))
    assert a.values.tolist() == b.values.tolist()
    probe = cut["test_f_model"]
    assert (probe.public, probe.judge, probe.tolerance, probe.en) == (True, None, None, "a model")


def test_attributes_of_what_is_used_remain():
    """``f.code = …`` of a function that a wanted probe uses is kept, of another is not."""
    assert "width.code" in probes_source(SOURCE, ["test_f_lambda"])
    assert "width.code" not in probes_source(SOURCE, ["test_f_hidden"])


def test_only_what_is_used_remains():
    """Imports, constants and helpers that the wanted probes do not use are left out."""
    text = probes_source(SOURCE, ["test_f_lambda"])
    for name in ("Model", "math", "numpy", "gradients", "OTHER", "x = y"):
        assert name not in text, name
    assert "math" in probes_source(SOURCE, ["test_f_hidden"])


def test_the_judges_alone():
    """The same cut the other way round: the wanted judges and what they use, and no probe."""
    names = {}
    text = judges_source(SOURCE, ["secret_close"])
    exec(text, names)
    assert names["secret_close"](1.0, 1.1) is None
    assert names["secret_close"](1.0, 2.0) == ("too far", "太远")
    assert "test_f" not in text
    assert "Model" not in text


GRADERS = [n for n in lecture_names() if (course_root() / "autograder" / "graders" / f"test_{n}.py").exists()]


@pytest.mark.parametrize("lecture", GRADERS)
def test_the_course_s_graders(lecture):
    """Of each grader in the course: its cuts load, and neither judge nor tolerance nor an unwanted probe is in them."""
    module = grader_module(lecture)
    source = inspect.getsource(module)
    probes = {name: p for name, p in vars(module).items() if isinstance(p, Probe)}
    judges = {p.judge.__name__ for p in probes.values() if p.judge}
    public = {name for name, p in probes.items() if p.public}
    for wanted in (public, set(probes)):
        text = probes_source(source, wanted)
        tree = ast.parse(text)
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        defined = {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        keywords = {k.arg for n in ast.walk(tree) if isinstance(n, ast.Call) for k in n.keywords}
        assert not judges & (names | defined)
        assert not {"judge", "tolerance"} & keywords
        assert "judge" not in names
        assert not (set(probes) - wanted) & defined
        assert set(load_probes(text)) == wanted
