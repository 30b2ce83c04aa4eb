"""The two checks without a probe of their own: whether work grows with the batch, and what a library did instead."""

import math
import signal
import sys
import threading
import warnings

import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F  # noqa: N812, the name that students give it
from torch.nn.functional import softmax as renamed

from autograder.observation import Observation, Raised
from autograder.observing import alarms, load_probes, observe_item
from autograder.operations import ALL_NAMES, GROUPS
from autograder.probe import TimeLimit
from autograder.verdict import grows

# A class's own lines count as a submission's do: these functions are not in site-packages.
PROBES = load_probes('''
from autograder.probe import probe

@probe()
def test_f_batch(impl, make):
    """a batch

    一个批次
    """
    y = make.normal(make.batch(3), 4, grad=True)
    return impl.f(y)

@probe()
def test_f_around(impl, make):
    """what the probe itself does is no work of the submission's

    探针自己做的事不算提交的工作
    """
    y = make.normal(make.batch(3), 4)
    for row in y:
        row.softmax(0)
    return impl.f(y)
''')


def observe(kind, function, probe="test_f_batch", **names):
    item = {"id": f"test_f_{kind}", "kind": kind, "probes": [probe], "device": "cpu", "dtype": "float64"}
    return observe_item(item, PROBES, {"f": function, **names}, seed=7)


# -- vectorised ------------------------------------------------------------------------------------


def whole(y):
    return y.exp() / y.exp().sum(1, keepdim=True)


def over_columns(y):
    total = 0
    for c in range(y.shape[1]):
        total = total + y[:, c].exp()
    return total


def over_rows(y):
    rows = []
    for row in y:
        rows.append(row.exp())
    return torch.stack(rows)


def while_rows(y):
    out, i = torch.empty_like(y), 0
    while i < len(y):
        out[i] = y[i].exp()
        i += 1
    return out


def comprehension(y):
    return torch.stack([row.exp() for row in y])


def of_numbers(y):
    return torch.tensor([[math.exp(v) for v in row] for row in y.tolist()])


def on_one_line(y):
    return torch.tensor([math.exp(v) for v in y.flatten().tolist()])


def generator(y):
    return sum(v for v in y.flatten().tolist())


def mapped(y):
    return torch.tensor(list(map(lambda v: v * v, y.flatten().tolist())))


def by_numpy(y):
    return np.vectorize(lambda v: v + 1)(y.detach().numpy())


def recursive(y):
    return y if len(y) < 2 else torch.cat([y[:1].exp(), recursive(y[1:])])


def in_a_thread(y):
    thread = threading.Thread(target=over_rows, args=(y,))
    thread.start()
    thread.join()
    return y


@pytest.mark.parametrize("function", [whole, over_columns, lambda y: y, lambda y: torch.vmap(torch.exp)(y)])
def test_vectorised(function):
    """Work that is the same for every batch, a loop over features too, is vectorised."""
    seen = observe("vectorised", function)
    assert set(seen.value) == {"small", "large"}
    assert grows(seen) is None


@pytest.mark.parametrize(
    "function",
    [over_rows, while_rows, comprehension, of_numbers, on_one_line, generator, mapped, by_numpy, recursive, in_a_thread],
)
def test_loops_over_samples(function):
    """A loop over samples shows, whether it is a for, a comprehension, of tensors or of numbers, recursive or in a thread."""
    assert grows(observe("vectorised", function)) is not None


def test_only_the_calls_under_test_are_counted():
    """A loop that the probe itself makes around the call is not the submission's."""
    seen = observe("vectorised", whole, "test_f_around")
    assert seen.value["small"] == seen.value["large"]


def test_counting_is_the_same_every_time():
    """Counts, not times: two runs give the same."""
    assert observe("vectorised", over_rows) == observe("vectorised", over_rows)


def test_a_failing_function_is_not_counted():
    """What the function raises stands in place of counts."""
    assert observe("vectorised", lambda y: 1 / 0).value.type == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("counts", "grew"),
    [
        ({"small": 10, "large": 10}, False),
        ({"small": 10, "large": 23}, False),
        ({"small": 10, "large": 24}, True),
        ({"small": 100, "large": 800}, True),
        ({"small": "10", "large": 800}, False),
        ({}, False),
        ([10, 800], False),
    ],
)
def test_when_work_has_grown(counts, grew):
    """Work has grown when it is half as much again and eight steps more; what is no count tells nothing."""
    assert (grows(Observation(counts)) is not None) == grew


# -- forbidden -------------------------------------------------------------------------------------


def scripted(y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(_scripted)(y)


def _scripted(y: torch.Tensor):
    return torch.softmax(y, 1)


def threaded(y):
    found = []
    thread = threading.Thread(target=lambda: found.append(torch.softmax(y, 1)))
    thread.start()
    thread.join()
    return found[0]


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.last = torch.nn.Softmax(dim=1)

    def forward(self, y):
        return self.last(y)


alias = torch.softmax
SOFTMAX = {
    "torch": lambda y: torch.softmax(y, 1),
    "alias": lambda y: alias(y, 1),
    "import as": lambda y: renamed(y, dim=1),
    "getattr": lambda y: getattr(torch, "soft" + "max")(y, 1),
    "functional": lambda y: F.softmax(y, 1),
    "method": lambda y: y.softmax(1),
    "unbound method": lambda y: torch.Tensor.softmax(y, 1),
    "module": lambda y: Net()(y),
    "special": lambda y: torch.special.softmax(y, 1),
    "operator": lambda y: torch.ops.aten._softmax(y, 1, False),
    "log": lambda y: y.log_softmax(1).exp(),
    "softmin": lambda y: F.softmin(-y, 1),
    "cross entropy": lambda y: F.cross_entropy(y, torch.zeros(3, dtype=torch.int64)),
    "in two": lambda y: torch.stack([torch.softmax(r, 0) for r in y]),
    "vmap": lambda y: torch.vmap(lambda row: torch.softmax(row, 0))(y),
    "no_grad": lambda y: torch.no_grad()(torch.softmax)(y, 1),
    "thread": threaded,
    "script": scripted,
    "scipy": lambda y: torch.from_numpy(scipy.special.softmax(y.detach().numpy(), 1)),
}


def hits(seen, group):
    assert isinstance(seen.value, list), seen.value
    return set(seen.value) & (GROUPS[group].operators | GROUPS[group].functions)


@pytest.mark.parametrize("name", SOFTMAX)
def test_the_librarys_softmax_is_seen(name):
    """The library's softmax is seen however it is reached: aliased, as method, module or operator, in a thread, compiled."""
    assert hits(observe("forbidden", SOFTMAX[name]), "softmax")


def softmax(y, dim=-1):
    return (y - y.amax(dim, keepdim=True)).exp() / (y - y.amax(dim, keepdim=True)).exp().sum(dim, keepdim=True)


class Softmax:
    def softmax(self, y):
        return softmax(y)

    def grad(self, y):
        return y

    step = backward = __call__ = grad


OWN = {
    "a function called softmax": softmax,
    "a nested one": lambda y: (lambda softmax: softmax(y))(lambda y: y.exp() / y.exp().sum(1, keepdim=True)),
    "methods called softmax, grad, step": lambda y: Softmax().softmax(Softmax().grad(Softmax().step(Softmax()(y)))),
    "logsumexp": lambda y: (y - torch.logsumexp(y, 1, keepdim=True)).exp(),
    "numpy": lambda y: torch.from_numpy(np.exp(y.detach().numpy())),
    "the word alone": lambda y: [torch.softmax, F.softmax, y.softmax] and y.exp(),
    "an input that asks for a gradient": lambda y: (y.grad, y.requires_grad, y.detach().clone())[2],
}


@pytest.mark.parametrize("name", OWN)
def test_ones_own_is_not_forbidden(name):
    """A function of the student's own that is called softmax, grad or step is theirs, and naming the library's is no use."""
    seen = observe("forbidden", OWN[name])
    assert not hits(seen, "softmax")
    assert not hits(seen, "autograd")
    assert not hits(seen, "optimizer")


AUTOGRAD = {
    "backward": lambda y: (y**2).sum().backward(),
    "of a copy": lambda y: (y.detach().requires_grad_() ** 2).sum().backward(),
    "autograd.grad": lambda y: torch.autograd.grad((y**2).sum(), y),
    "autograd.backward": lambda y: torch.autograd.backward((y**2).sum()),
    "func.grad": lambda y: torch.func.grad(lambda z: (z**2).sum())(y.detach()),
    "jacrev": lambda y: torch.func.jacrev(lambda z: z.sum(1))(y.detach()),
    "jacfwd": lambda y: torch.func.jacfwd(lambda z: z.sum(1))(y.detach()),
    "vjp": lambda y: torch.func.vjp(lambda z: z * 2, y.detach())[1](y.detach())[0],
    "jvp": lambda y: torch.func.jvp(lambda z: z * 2, (y.detach(),), (y.detach(),)),
    "jacobian": lambda y: torch.autograd.functional.jacobian(lambda z: z * 2, y.detach()),
}


@pytest.mark.parametrize("name", AUTOGRAD)
def test_automatic_differentiation_is_seen(name):
    """Automatic differentiation is seen in each of its forms."""
    assert hits(observe("forbidden", AUTOGRAD[name]), "autograd")


OTHERS = {
    "logsumexp": lambda y: torch.logsumexp(y, 1),
    "loss": lambda y: F.mse_loss(y, y),
    "one_hot": lambda y: F.one_hot(torch.tensor([0, 2]), 3),
    "hessian": lambda y: torch.autograd.functional.hessian(lambda z: (z**3).sum(), y.detach()),
    "optimizer": lambda y: torch.optim.SGD([y], lr=0.1).step(),
    "dropout": lambda y: F.dropout(y, 0.5),
    "batch_norm": lambda y: torch.nn.BatchNorm1d(4, dtype=y.dtype)(y),
    "layer_norm": lambda y: F.layer_norm(y, (4,)),
    "convolution": lambda y: F.conv1d(y[None], y[:, :2][None]),
    "unfold": lambda y: F.unfold(y[None, None], 2),
    "pooling": lambda y: F.max_pool2d(y[None], 2),
    "padding": lambda y: F.pad(y, (1, 1)),
    "embedding": lambda y: F.embedding(torch.tensor([0]), y),
    "attention": lambda y: F.scaled_dot_product_attention(y, y, y),
    "eig": lambda y: torch.linalg.eigh(y[:, :3] @ y[:, :3].T),
}


@pytest.mark.parametrize("group", [g for g in GROUPS if g not in ("softmax", "autograd")])
def test_every_group_is_seen(group):
    """What each group of forbidden operations is meant for is seen as it."""
    assert hits(observe("forbidden", OTHERS[group]), group)


def test_only_known_names_leave():
    """What is told of a run are names of the groups, and none of the rest that it called."""
    seen = observe("forbidden", lambda y: torch.softmax(y, 1) + math.exp(1) + np.sqrt(2))
    assert set(seen.value) <= ALL_NAMES


def test_what_the_probe_does_is_not_watched():
    """A library function that the probe itself calls is not held against the submission."""
    assert observe("forbidden", softmax, "test_f_around").value == []


def test_an_untouched_stub_is_told():
    """A stub called nothing: it is not started, not innocent."""

    def stub(y):
        raise NotImplementedError

    assert observe("forbidden", stub).value.type == "NotImplementedError"


@pytest.mark.parametrize("kind", ["vectorised", "forbidden"])
def test_watching_ends(kind):
    """After a check, and after one whose function raised, nothing is traced or profiled any more."""
    before = sys.gettrace(), sys.getprofile()
    for function in (whole, lambda y: 1 / 0):
        observe(kind, function)
        assert (sys.gettrace(), sys.getprofile()) == before
        assert (threading._trace_hook, threading._profile_hook) == (None, None)


# -- a probe, and its time -------------------------------------------------------------------------


def test_a_probe_is_run():
    """An item of kind probe gives the probe's observation, and its calls."""
    seen = observe("probe", whole)
    assert [c.function for c in seen.calls] == ["f"]
    assert seen.value.shape == (3, 4)


def test_alarms_end_a_loop():
    """A function that never ends, and swallows every exception it can, is ended by its CPU time."""

    def endless():
        while True:
            try:
                while True:
                    pass
            except Exception:
                continue

    with pytest.raises(TimeLimit), alarms(0.05, 60):
        endless()


def test_alarms_end_a_wait():
    """A function that only waits is ended by the wall clock."""
    with pytest.raises(TimeLimit), alarms(60, 0.05):
        threading.Event().wait(60)


def test_alarms_are_taken_back():
    """Afterwards no timer runs, and the handlers are those of before."""
    before = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGPROF)
    with alarms(60, 60):
        pass
    assert (signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGPROF)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_time_limit_is_no_exception_of_the_function():
    """The time limit goes through the run of a probe: it is not recorded as something that the function raised."""
    with pytest.raises(TimeLimit), alarms(0.05, 60):
        observe("probe", lambda y: next(i for i in iter(int, 1) if i))
    assert not isinstance(observe("probe", whole).value, Raised)
