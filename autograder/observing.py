"""Running items on an implementation: the half of grading that is done beside student code.

An item is one probe on one device in one dtype, or one of the two checks that need no probe of their own: **vectorised**
(the work done must not grow with the batch) and **forbidden** (what a library does in the student's place). This module
sees probes and inputs; it returns observations and decides nothing.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from types import FrameType, ModuleType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from autograder.observation import Observation, Raised
from autograder.operations import ALL_NAMES, LIBRARIES
from autograder.probe import Around, Probe, TimeLimit, run_probe

SMALL, LARGE = 2, 16  # how much the batch grows between the two runs of the vectorised check


def load_probes(source: str) -> dict[str, Probe]:
    """The probes of a grader's (stripped) source, by id."""
    module = ModuleType("probes")
    sys.modules["probes"] = module
    exec(compile(source, "<probes>", "exec"), module.__dict__)
    return {p.id: p for p in vars(module).values() if isinstance(p, Probe)}


def observe_item(
    item: Mapping[str, Any],
    probes: Mapping[str, Probe],
    namespace: Mapping[str, Any],
    seed: int,
    **options: Any,
) -> Observation:
    """Run one item on the functions in ``namespace``; ``options`` go to ``run_probe``."""
    device, dtype = item["device"], item["dtype"]
    if item["kind"] == "vectorised":
        target = probes[item["probes"][0]]
        counts = [_work(target, namespace, seed, dtype, device, scale) for scale in (SMALL, LARGE)]
        failed = [c for c in counts if isinstance(c, Observation)]
        return failed[0] if failed else Observation({"small": counts[0], "large": counts[1]})
    if item["kind"] == "forbidden":
        names: set[str] = set()
        for probe_id in item["probes"]:
            seen = run_probe(
                probes[probe_id].run,
                probe_id,
                namespace,
                seed=seed,
                dtype=dtype,
                device=device,
                around=watching(names),
            )
            if isinstance(seen.value, Raised) and seen.value.type == "NotImplementedError":
                return seen
        return Observation(sorted(names & ALL_NAMES))
    target = probes[item["probes"][0]]
    return run_probe(target.run, target.id, namespace, seed=seed, dtype=dtype, device=device, **options)


class _Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the operators that reach the dispatcher, and names them."""

    def __init__(self, names: set[str] | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0
        self.names = names

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Else torch wraps the method for its compiler, whose import takes seconds of CPU time at the first use.
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        if self.names is not None:
            self.names.add(str(func.overloadpacket.__name__))
        return func(*args, **(kwargs or {}))


def _work(
    target: Probe, namespace: Mapping[str, Any], seed: int, dtype: str, device: str, scale: int
) -> int | Observation:
    """Operators dispatched plus lines of the submission run; an Observation where the function raises."""
    operators, lines = _Operators(), 0

    def trace(frame: Any, event: str, arg: Any) -> Any:
        nonlocal lines
        if not _is_ours(frame.f_code.co_filename):
            return None
        lines += event == "line"
        return trace

    @contextlib.contextmanager
    def counting() -> Iterator[None]:
        before = sys.gettrace()
        threading.settrace(trace)  # a loop in a thread of its own is a loop too
        sys.settrace(trace)
        try:
            with operators:
                yield
        finally:
            sys.settrace(before)
            threading.settrace(None)

    seen = run_probe(
        target.run, target.id, namespace, seed=seed, dtype=dtype, device=device, scale=scale, around=counting
    )
    return seen if isinstance(seen.value, Raised) else operators.count + lines


def _is_ours(filename: str) -> bool:
    """Whether a code file is a submission's (or a variant's): no library's, nor this engine's."""
    if filename == "<probes>" or filename.startswith("<frozen"):
        return False
    return not any(part in filename for part in ("site-packages", "/lib/python", *_ENGINE))


_ENGINE = tuple(f"autograder/{name}" for name in ("observing.py", "probe.py", "observation.py"))


def watching(names: set[str]) -> Around:
    """A context that adds to ``names`` every operator dispatched and every library function entered, in any new thread too."""

    def profile(frame: Any, event: str, arg: Any) -> None:
        if event == "call":
            if str(frame.f_globals.get("__name__", "")).partition(".")[0] in LIBRARIES:
                names.add(frame.f_code.co_name)
        elif event == "c_call":
            owner = getattr(arg, "__self__", None)
            module = str(getattr(arg, "__module__", None) or type(owner).__module__ or "")
            if isinstance(owner, torch.Tensor) or module.partition(".")[0] in LIBRARIES:
                names.add(str(getattr(arg, "__name__", "")))

    @contextlib.contextmanager
    def watch() -> Iterator[None]:
        before = sys.getprofile()
        threading.setprofile(profile)
        sys.setprofile(profile)
        try:
            with _Operators(names):
                yield
        finally:
            sys.setprofile(before)
            threading.setprofile(None)

    return watch


@contextlib.contextmanager
def alarms(cpu: float, wall: float) -> Iterator[None]:
    """Raise TimeLimit after so much CPU time, or so much wall time; CPU is what counts on a loaded machine."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TimeLimit("time limit")

    handlers = signal.signal(signal.SIGPROF, stop), signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_PROF, cpu, 1.0)
    signal.setitimer(signal.ITIMER_REAL, wall, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGPROF, handlers[0])
        signal.signal(signal.SIGALRM, handlers[1])
