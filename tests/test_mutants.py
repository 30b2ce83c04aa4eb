"""Mutants: one small change each, named so that the name lasts, and nothing that changes nothing."""

import ast

import pytest

from autograder.mutants import mutants

SOURCE = '''
CONSTANT = 3


def other(x):
    return x + 1


def softmax(y: "1 + 2", dim: int = -1) -> "3 + 4":
    """Adds 1 + 2."""
    total: "5 + 6" = 0
    if dim < 0 and not y.is_cuda:
        raise ValueError(f"{dim + 1}")
    shifted = (y - y.amax(dim, keepdim=True)).exp()
    return shifted / shifted.sum(dim, keepdim=True) if dim else y ** 2
'''


def changes(source, name="f"):
    return {m.change for m in mutants(source, name)}


def test_each_is_one_change():
    """Every mutant is other code than the source and than the other mutants, and compiles; the other functions stay."""
    found = list(mutants(SOURCE, "softmax"))
    texts = [m.source for m in found]
    assert len(set(texts)) == len(texts) > 10
    plain = ast.unparse(ast.parse(SOURCE))
    for text in texts:
        compile(text, "mutant", "exec")
        assert text != plain
        changed = [(a, b) for a, b in zip(plain.split("\n"), text.split("\n"), strict=True) if a != b]
        assert len(changed) == 1
        assert "def other(x):\n    return x + 1" in text


def test_what_does_not_run_is_left():
    """Annotations, docstrings and the text of an exception are not changed."""
    for m in mutants(SOURCE, "softmax"):
        for kept in ("'1 + 2'", "'3 + 4'", "'5 + 6'", '"""Adds 1 + 2."""', "raise ValueError(f'{dim + 1}')"):
            assert kept in m.source


@pytest.mark.parametrize(
    ("expression", "change"),
    [
        ("a + b", "a + b -> a - b"),
        ("a - b", "a - b -> a + b"),
        ("a * b", "a * b -> a / b"),
        ("a / b", "a / b -> a * b"),
        ("a // b", "a // b -> a * b"),
        ("a ** b", "a ** b -> a * b"),
        ("a < b", "a < b -> a <= b"),
        ("a < b", "a < b -> a > b"),
        ("a == b", "a == b -> a != b"),
        ("a and b", "a and b -> a or b"),
        ("-a", "-a -> a"),
        ("not a", "not a -> a"),
        ("True", "True -> False"),
        ("2.5", "2.5 -> 3.5"),
        ("2.5", "2.5 -> 1.5"),
        ("0", "0 -> 1"),
        ("a.amax(1)", "a.amax -> a.amin"),
        ("a.mean(b)", "a.mean -> a.sum"),
        ("a.sqrt()", "a.sqrt() -> a"),
        ("a if b else c", "a if b else c -> a"),
        ("a if b else c", "a if b else c -> c"),
    ],
)
def test_kinds_of_change(expression, change):
    """Each operator, constant, function and branch that a slip can change is changed."""
    assert f"line 2: {change}" in changes(f"def f(a, b, c):\n    return {expression}\n")


def test_what_cannot_slip_is_left():
    """A call of ``super`` is not taken away, a text not changed."""
    assert changes('def f(a):\n    super().__init__()\n    return "text"\n') == set()


def test_names_last():
    """A change is named by its line within the function: code before it, and the same change elsewhere, do not matter."""
    body = "def f(a, b):\n    return a + b\n"
    assert changes(body) == changes("import math\n\n\ndef g(a, b):\n    return a - b\n\n\n" + body)


def test_a_class_and_its_methods():
    """An exercise that is a class is changed in its methods."""
    source = "class F:\n    def g(self, a):\n        return a + 1\n"
    assert changes(source, "F") == {"line 3: a + 1 -> a - 1", "line 3: 1 -> 2"}
