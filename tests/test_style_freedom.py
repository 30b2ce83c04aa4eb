"""A right solution is never failed, however it is written."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest
from submissions import result, submission

from autograder.report import Report
from autograder.sandbox import Level

Graded = Callable[..., Report]

# Each exercise in another style; the helpers that some of them use stand in a cell of their own.
HELPERS = """
import functools, sys, warnings
from torch import *
import torch as th


def noisy(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        warnings.warn("deprecated since 1999")
        print("called with", *[tuple(a.shape) for a in args if hasattr(a, "shape")])
        sys.stderr.write("look out\\n")
        return function(*args, **kwargs)
    return wrapper


def power_mean(values, axis, p):
    return (values ** p).sum(axis)
"""
STYLES = {
    # a callable instance of a class of one's own, arguments under other names
    "one_hot": """
class Encoder:
    def __call__(self, which, how_many):
        rows = zeros(len(which), how_many)
        rows[arange(len(which)), which] = 1
        return rows

one_hot = Encoder()
""",
    # assigned under its name, decorated, a type hint that is wrong but harmless, an in-place step on its own temporary
    "softmax": """
@noisy
def my_softmax(y: "anything at all", dim=-1) -> None:
    shifted = y - y.max(dim, keepdim=True).values
    exponentials = shifted.exp()
    return exponentials.div(exponentials.sum(dim=dim, keepdim=True))

softmax = my_softmax
""",
    # more arguments than asked for, with defaults; several returns; a nested function
    "log_softmax": """
def log_softmax(y, dim=-1, *more, epsilon=0.0, **others):
    def shifted():
        return y - y.amax(dim=dim, keepdim=True)
    if y.dim() == 0:
        return y * 0
    z = shifted()
    return z - z.exp().sum(dim, keepdim=True).log()
""",
    # where and einsum
    "cross_entropy": """
def cross_entropy(y_prime, y_hat, /):
    logs = where(y_hat > 0, where(y_hat > 0, y_prime, ones_like(y_prime)).log(), zeros_like(y_prime))
    return -einsum("nc,nc->n", y_hat, logs)
""",
    # a lambda
    "cross_entropy_logits": """
cross_entropy_logits = lambda logits, labels: (
    -log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1).mean()
)
""",
    # a partial
    "squared_error": "squared_error = functools.partial(lambda p, a, b: power_mean(a - b, 1, p), 2)\n",
    # in place on its own temporary; a loop over classes, which does not grow with the batch
    "softmax_ce_grad": """
def softmax_ce_grad(a, b):
    'No type hints, other names, one-line docstring.'
    g = softmax(a, 1).clone()
    for k, column in enumerate(g.T):
        column -= (b == k).to(a.dtype)
    g /= a.size(0)
    return g
""",
    # batched matrices, a global counter, an assertion
    "softmax_mse_grad": """
calls = 0


def softmax_mse_grad(logits, y_hat):
    global calls
    calls += 1
    assert logits.shape == y_hat.shape
    p = th.softmax(logits, 1)
    jacobian = th.diag_embed(p) - p[:, :, None] @ p[:, None, :]
    return 2 * (jacobian @ (p - y_hat)[:, :, None])[:, :, 0] / logits.shape[0]
""",
    # a method of an object, and a 0-dimensional tensor for a number
    "accuracy": """
class Metrics:
    @staticmethod
    def share(logits, labels):
        return (logits.argmax(-1) == labels).double().mean()

accuracy = Metrics().share
""",
}
EXTRA_CELLS = [(2, HELPERS), (9, "softmax"), (9, "# only a comment"), (9, "x = randn(3, 3)\nx.sum()\nprint(x)"), (9, "")]


def _styled() -> bytes:
    return submission(STYLES, EXTRA_CELLS)


def _old_and_shuffled() -> bytes:
    """The same cells with the definitions in the opposite order, stripped of metadata and ids, as nbformat 3."""
    node = nbformat.reads(_styled().decode(), 4)
    code = [c for c in node.cells if c.cell_type == "code" and not c.source.startswith(("%%demo", "check("))]
    names = [*STYLES, "import torch", "from autograder import check", HELPERS.strip()[:20]]
    first = [c for c in code if "import" in c.source]
    rest = [c for c in code if c not in first][::-1]
    assert len(first) + len(rest) >= len(names)
    cells = [nbformat.v3.new_code_cell(input=c.source) for c in [*first, *rest]]
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet(cells=cells)])
    return str(nbformat.v3.writes_json(old)).encode()


@pytest.fixture(scope="module", params=[_styled, _old_and_shuffled], ids=["styles", "nbformat 3, other order"])
def free(request: pytest.FixtureRequest, graded: Graded, level_d: Level) -> Report:
    return graded(level_d, request.param())


@pytest.mark.parametrize("exercise", STYLES)
def test_a_right_solution_passes_in_any_style(free: Report, exercise: str) -> None:
    """Loops, einsum, lambdas, partials, instances, decorators, prints, warnings, other names: right is right."""
    found = result(free, exercise)
    assert (found.status, found.score) == ("pass", found.max_score), found.summary.en


def test_nothing_is_remarked_of_style(free: Report) -> None:
    """No note complains of what is no fault."""
    assert free.notes == ()
    assert free.score == 100


def test_results_may_be_subclasses_views_and_parameters(graded: Graded, level_d: Level) -> None:
    """A tensor's subclass, a view, a parameter, a transposed result and a scalar of NumPy hold the same numbers."""
    sources = {
        "one_hot": "def one_hot(labels, C):\n    return torch.eye(C).T[:, labels].T\n",
        "softmax_mse_grad": (
            "class Own(torch.Tensor):\n    pass\n\n\ndef softmax_mse_grad(logits, y_hat):\n"
            "    p = torch.softmax(logits, 1)\n    d = p - y_hat\n"
            "    return (2 * p * (d - (p * d).sum(1, keepdim=True)) / len(logits)).as_subclass(Own)\n"
        ),
        "softmax_ce_grad": (
            "def softmax_ce_grad(logits, labels):\n    g = torch.softmax(logits, 1)\n"
            "    g = g - one_hot(labels, logits.shape[1])\n    return torch.nn.Parameter(g / len(labels))\n"
        ),
        "accuracy": "def accuracy(logits, labels):\n    return (logits.argmax(1) == labels).numpy().mean()\n",
    }
    report = graded(level_d, submission(sources), only=list(sources))
    assert {e.name: e.status for e in report.exercises} == dict.fromkeys(sources, "pass"), [
        e.summary.en for e in report.exercises
    ]


def test_a_class_in_the_place_of_a_function_and_a_loop_of_ones_own_where_allowed(graded: Graded, level_d: Level) -> None:
    """A function called softmax of one's own is no library's; squared errors by a Python loop over classes are vectorised."""
    sources = {
        "softmax": (
            "class softmax:\n    def __new__(cls, y, dim=-1):\n        e = (y - y.amax(dim, keepdim=True)).exp()\n"
            "        return e / e.sum(dim, keepdim=True)\n"
        ),
        "squared_error": (
            "def squared_error(y_prime, y_hat):\n    total = 0\n    for k in range(y_hat.shape[1]):\n"
            "        total = total + (y_prime[:, k] - y_hat[:, k]) ** 2\n    return total\n"
        ),
    }
    report = graded(level_d, submission(sources), only=list(sources))
    assert {e.name: e.status for e in report.exercises} == dict.fromkeys(sources, "pass"), [
        e.summary.en for e in report.exercises
    ]
