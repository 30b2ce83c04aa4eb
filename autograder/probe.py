"""Probes: small functions that exercise an implementation and return what they observed.

This is all that a hidden grader imports, and all of the engine that runs beside student code. It holds no expected value,
no tolerance and no judge: the same probe is run on the reference elsewhere, and the two observations are compared there.
"""

from __future__ import annotations

import contextlib
import inspect
import random
import traceback
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.observation import Array, Call, Malformed, Observation, Plain, Raised, observe

BOTH = ("float64", "float32")
MAX_CALLS = 40  # recorded of one probe; later ones are made but not recorded
MAX_RECORDED = 4_000  # elements of an array in a recorded call


Around = Callable[[], contextlib.AbstractContextManager[Any]]


class Missing(NameError):
    """The submission does not define what the probe asks for."""


class NotCallable(TypeError):
    """The submission defines the name, but as something that cannot be called."""


class NoGradient(RuntimeError):
    """The result does not depend differentiably on its inputs (detached, or rebuilt from numbers)."""


class TimeLimit(BaseException):
    """The time of an exercise or a cell ran out."""


@dataclass(frozen=True)
class Probe:
    """A probe and what is asked of it; ``run(impl, make)`` returns raw values."""

    id: str
    run: Callable[[Impl, Make], Any]
    en: str
    zh: str
    exercise: str | None = None
    weight: float = 1.0
    public: bool = False
    dtypes: tuple[str, ...] = BOTH
    judge: Callable[[Any, Any], tuple[str, str] | None] | None = None
    tolerance: float | None = None


def probe(
    *,
    weight: float = 1.0,
    public: bool = False,
    dtypes: Sequence[str] = BOTH,
    judge: Callable[[Any, Any], tuple[str, str] | None] | None = None,
    exercise: str | None = None,
    tolerance: float | None = None,
) -> Callable[[Callable[[Impl, Make], Any]], Probe]:
    """Declare a probe.

    ``weight`` shares the exercise's points among its probes; ``public`` probes go to the students; ``judge(got, want)``
    replaces the comparison and returns None or what is wrong, as (English, Chinese); ``tolerance`` multiplies the table's
    and needs a comment that says why; ``exercise`` is read off the name where it is not given.
    The docstring is the line that a student sees: an English paragraph, then a Chinese one.
    """

    def declare(function: Callable[[Impl, Make], Any]) -> Probe:
        en, zh = split_languages(inspect.getdoc(function) or "")
        if not en or not zh:
            raise ValueError(f"{function.__name__}: its docstring must have an English and a Chinese paragraph")
        return Probe(function.__name__, function, en, zh, exercise, weight, public, tuple(dtypes), judge, tolerance)

    return declare


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" for c in text)


def split_languages(text: str) -> tuple[str, str]:
    """(English, Chinese): the paragraphs without and with Chinese characters."""
    paragraphs = [p.strip() for p in text.split("\n\n") if p.strip()]
    en = "\n\n".join(p for p in paragraphs if not has_chinese(p))
    zh = "\n\n".join(p for p in paragraphs if has_chinese(p))
    return en, zh


class Make:
    """Seeded inputs, the same on every machine and device: NumPy's RandomState, whose stream is frozen.

    ``rounded`` rounds values to another dtype before they are cast to ``dtype``: the float64 oracle of a float32 probe sees
    exactly the numbers that the student's function saw. ``scale`` enlarges what is sized by ``batch``.
    """

    def __init__(
        self, seed: int, dtype: str = "float64", device: str = "cpu", rounded: str | None = None, scale: int = 1
    ):
        self.seed = seed
        self.dtype: torch.dtype = getattr(torch, dtype)
        self.device = torch.device(device)
        self._rounded: torch.dtype = getattr(torch, rounded or dtype)
        self._random = np.random.RandomState(seed % 2**32)
        self._scale = scale
        self.batched = False

    def batch(self, n: int) -> int:
        """A size that may grow without changing what is computed per sample; the vectorised check lets it grow."""
        self.batched = True
        return n * self._scale

    def tensor(self, values: Any, grad: bool = False) -> Tensor:
        """Floating values in the probe's dtype, on its device."""
        array = np.asarray(values, dtype=np.float64)
        result = torch.from_numpy(array.copy()).to(self._rounded).to(self.dtype).to(self.device)
        return result.requires_grad_(grad)

    def normal(self, *shape: int, scale: float = 1.0, shift: float = 0.0, grad: bool = False) -> Tensor:
        return self.tensor(_short(self._random.standard_normal(shape) * scale + shift, scale), grad)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0, grad: bool = False) -> Tensor:
        return self.tensor(_short(self._random.uniform(low, high, shape), high - low), grad)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """int64 values in [low, high)."""
        return torch.from_numpy(self._random.randint(low, high, shape, dtype=np.int64)).to(self.device)

    def long(self, values: Any) -> Tensor:
        return torch.tensor(values, dtype=torch.int64, device=self.device)

    def bools(self, *shape: int, p: float = 0.5) -> Tensor:
        return torch.from_numpy(self._random.uniform(size=shape) < p).to(self.device)

    def permutation(self, n: int) -> Tensor:
        return torch.from_numpy(self._random.permutation(n).astype(np.int64)).to(self.device)

    def number(self, low: float, high: float) -> float:
        """A Python float, uniform in [low, high)."""
        return float(_short(self._random.uniform(low, high), high - low))

    def integer(self, low: int, high: int) -> int:
        """A Python int in [low, high)."""
        return int(self._random.randint(low, high))

    def generator(self, offset: int = 0) -> torch.Generator:
        """A generator of torch's, seeded by the probe; generators with other offsets are independent."""
        return torch.Generator().manual_seed((self.seed + 7919 * offset) % 2**31)


def _short(values: Any, spread: float) -> Any:
    """Four decimals of ``spread``: an example that shows the input in full stays readable, and is exact."""
    return np.round(values, 4 - int(np.floor(np.log10(abs(spread) or 1.0))))


class Impl:
    """The implementation under test: ``impl.softmax(…)`` calls it and records the call."""

    def __init__(
        self, namespace: Mapping[str, Any], keep_arguments: bool = False, around: Around = contextlib.nullcontext
    ):
        self._namespace = namespace
        self._keep_arguments = keep_arguments
        self._around = around  # a context that watches the calls under test, and nothing that a probe does between them
        self._calls: list[Call] = []
        self._names: dict[int, str] = {}  # id of an argument -> its parameter's name

    def __getattr__(self, name: str) -> Callable[..., Any]:
        try:
            target = self._namespace[name]
        except KeyError:
            raise Missing(name) from None
        if not callable(target):
            raise NotCallable(f"{name} is a {type(target).__name__}, not a function")
        return lambda *args, **kwargs: self.call(name, target, *args, **kwargs)

    def call(self, text: str, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call ``target`` and record it under ``text``, as a student would write it: ``impl.call("layer", layer, z)``."""
        before = [_clone(a) for a in args], {k: _clone(v) for k, v in kwargs.items()}
        names = _parameter_names(target, len(args))
        self._names.update({id(a): n for n, a in [*zip(names, args, strict=True), *kwargs.items()]})
        record = Call(text)
        if len(self._calls) < MAX_CALLS:
            self._calls.append(record)
            if self._keep_arguments:
                record.args = tuple(observe(a) for a in args)
                record.kwargs = {k: observe(v) for k, v in kwargs.items()}
        try:
            with self._around():
                result = target(*args, **kwargs)
        except BaseException as error:
            record.result = raised(error)
            raise
        changed = [n for n, old, new in zip(names, before[0], args, strict=True) if not _same(old, new)]
        changed += [k for k, old in before[1].items() if not _same(old, kwargs[k])]
        record.mutated = tuple(changed)
        with contextlib.suppress(Malformed):
            record.result = _recorded(observe(result))
        return result


def _parameter_names(target: Callable[..., Any], n: int) -> list[str]:
    try:
        parameters = inspect.signature(target).parameters.values()
        names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        names = []
    return (names + [f"argument {i + 1}" for i in range(len(names), n)])[:n]


def _recorded(value: Plain) -> Plain:
    return None if isinstance(value, Array) and value.values.size > MAX_RECORDED else value


def _clone(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(_clone(item) for item in value)
    if type(value) is dict:
        return {k: _clone(v) for k, v in value.items()}
    return value


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, Tensor) and isinstance(new, Tensor):
        if old.shape != new.shape or old.dtype != new.dtype:
            return False
        new = new.detach()
        equal = old == new
        if old.is_floating_point():
            equal = equal | (old.isnan() & new.isnan())
        return bool(equal.all())
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        return bool(np.array_equal(old, new))
    if type(old) in (list, tuple) and type(new) is type(old):
        return len(old) == len(new) and all(_same(a, b) for a, b in zip(old, new, strict=True))
    if type(old) is dict and type(new) is dict:
        return old.keys() == new.keys() and all(_same(old[k], new[k]) for k in old)
    return True


_running: list[Impl] = []  # the implementation that the running probe looks at; a stack of one


def gradients(output: Any, *inputs: Tensor) -> list[Tensor]:
    """d(Σ w·output)/d(input) for each input, with a fixed non-uniform upstream weight w = linspace(0.3, 1.7).

    A uniform weight cannot tell softmax or a normalisation from a constant. An input without influence gets zeros.
    Raises ``NoGradient`` where nothing can flow back.
    """
    if not isinstance(output, Tensor) or not output.requires_grad:
        raise NoGradient("the result carries no gradient back to the inputs")
    weight = torch.linspace(0.3, 1.7, output.numel(), dtype=output.dtype, device=output.device)
    found = torch.autograd.grad((output * weight.reshape(output.shape)).sum(), inputs, allow_unused=True)
    result = [torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True)]
    for impl in _running:
        names = [impl._names.get(id(x), "x") for x in inputs]
        impl._calls.append(Call("gradients", _recorded(observe(result)), kwargs={"inputs": names}))
    return result


def attempt(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The result, or the exception as an observation: for a probe with several parts, of which some may raise."""
    try:
        return function(*args, **kwargs)
    except TimeLimit:
        raise
    except Exception as error:
        return raised(error)


def raised(error: BaseException) -> Raised:
    """An exception as data: its classes, its message, and the last line of student code in its traceback."""
    types = tuple(c.__name__ for c in type(error).__mro__ if c not in (object, BaseException))
    try:
        message = str(error)[:500]
    except Exception:
        message = ""
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<cell"):
            line = f"{frame.filename.strip('<>')}, line {frame.lineno}: {frame.line or ''}".rstrip(": ")
    return Raised(types or ("Exception",), message, line[:300])


def seed_of(probe_id: str, seed: int) -> int:
    """The seed of one probe in a run: other probes have other inputs, and so has another run."""
    return (zlib.crc32(probe_id.encode()) + 1_000_003 * seed) % 2**31


@contextlib.contextmanager
def own_randomness(seed: int) -> Iterator[None]:
    """Global generators seeded for a probe, and put back afterwards: a check must not disturb a notebook's run."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    # Not torch.manual_seed, which also formats a stack trace for CUDA generators that may come later.
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


def run_probe(
    run: Callable[[Impl, Make], Any],
    probe_id: str,
    namespace: Mapping[str, Any],
    *,
    seed: int,
    dtype: str = "float64",
    device: str = "cpu",
    rounded: str | None = None,
    scale: int = 1,
    keep_arguments: bool = False,
    around: Around = contextlib.nullcontext,
) -> Observation:
    """Run one probe on one implementation and return all it showed; what the implementation raises is data."""
    number = seed_of(probe_id, seed)
    impl = Impl(namespace, keep_arguments, around)
    make = Make(number, dtype, device, rounded, scale)
    with own_randomness(number):
        _running.append(impl)
        try:
            value = observe(run(impl, make))
        except (TimeLimit, KeyboardInterrupt):
            raise
        except BaseException as error:
            value = raised(error)
        finally:
            _running.clear()
    return Observation(value, impl._calls)


def judge(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark what belongs to the trusted side: a judge, or what only judges use. It never enters a sandbox."""
    return function
