"""What runs inside a sandbox: one submission's cells and the probes, and nothing that knows an answer.

A job comes as JSON on standard input; observations leave as frames on what was standard output. Torch is imported once; each
exercise is then observed in a fork of its own, with its own limits, so that a hang, a crash or a patched module costs that
exercise alone. A first fork, the scout, finds the cells that hang or kill the process, so that they are left out.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

FRAME_LIMIT = 16 << 20
SCOUTS = 6  # times that the cells are tried again without those that killed the process


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    results = os.dup(1)
    os.set_inheritable(results, False)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    confine(job["limits"])

    import torch

    torch.set_num_threads(1)  # before anything else: a fork of a process with worker threads hangs in them
    import autograder.observing  # noqa: F401  (warm for every child)

    send = _sender(results)
    if job["limits"].get("ready"):
        send({"type": "ready"})
    bad = _scout(job, send, results)
    cells = [c for c in job["cells"] if c["number"] not in bad]
    gc.collect()
    gc.freeze()
    for exercise in job["exercises"]:
        seconds = job["limits"]["exercise_seconds"]
        work = functools.partial(_observe, exercise, cells, job)
        ended = _in_child(work, results, seconds * 3, functools.partial(_relay, results, exercise["name"]))
        send({"type": "ended", "exercise": exercise["name"], "reason": ended})
    send({"type": "done"})


def confine(limits: dict[str, Any]) -> None:
    """Give up root, and take the resource limits; what follows can only lower them."""
    if os.getuid() == 0 and limits.get("uid"):
        os.setgroups([])
        os.setresgid(limits["uid"], limits["uid"], limits["uid"])
        os.setresuid(limits["uid"], limits["uid"], limits["uid"])
    libc = ctypes.CDLL(None, use_errno=True)
    with suppress(AttributeError):
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: what a submission leaves behind is found and killed
    for name, value in limits["resources"].items():
        if hasattr(resource, name):
            number = getattr(resource, name)
            hard = resource.getrlimit(number)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with suppress(ValueError, OSError):
                resource.setrlimit(number, (value, value))


def _sender(descriptor: int) -> Callable[[dict[str, Any]], None]:
    from autograder.observation import encode

    def send(payload: dict[str, Any]) -> None:
        _write(descriptor, encode(payload))

    return send


def _relay(descriptor: int, exercise: str, frame: bytes) -> None:
    """Pass on an exercise's own answers. A child may write anything: it cannot answer for another, nor say that all is done."""
    from autograder.observation import Malformed, decode

    with suppress(Malformed):
        message = decode(frame)
        if message.get("type") == "item" and message.get("exercise") == exercise:
            _write(descriptor, frame)


def _write(descriptor: int, frame: bytes) -> None:
    data = memoryview(struct.pack("<I", len(frame)) + frame)
    while data:
        data = data[os.write(descriptor, data) :]


# --- children ------------------------------------------------------------------------------------------------------


def _in_child(
    work: Callable[[], Iterator[bytes]],
    results: int,
    seconds: float,
    take: Callable[[bytes], None],
    silence: float = float("inf"),
) -> str:
    """Run ``work`` in a fork and hand each frame that it yields to ``take``; returns how it ended: "" is well.

    It is killed after ``seconds`` of wall time, or ``silence`` without a frame.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setsid()
            os.close(reader)
            os.close(results)
            os.dup2(1, 2)  # standard error was the worker's own, for its faults
            for frame in work():
                _write(writer, frame)
            status = 0
        except MemoryError:
            status = 77
        finally:
            os._exit(status)
    os.close(writer)
    ended = _read_frames(reader, child, seconds, take, silence)
    os.close(reader)
    _kill_leftovers(child)
    return ended


def _read_frames(reader: int, child: int, seconds: float, take: Callable[[bytes], None], silence: float) -> str:
    pidfd = os.pidfd_open(child)
    heard = time.monotonic()
    deadline, buffer, total, reason = heard + seconds, bytearray(), 0, ""
    os.set_blocking(reader, False)
    open_ = True
    try:
        while True:
            left = min(deadline, heard + silence) - time.monotonic()
            if left <= 0 or total > FRAME_LIMIT:
                reason = "time" if left <= 0 else "output"
                os.kill(child, signal.SIGKILL)
                break
            ready = select.select([reader, pidfd] if open_ else [pidfd], [], [], left)[0]
            ended = pidfd in ready
            if reader in ready or (ended and open_):
                while True:
                    try:
                        data = os.read(reader, 1 << 16)
                    except BlockingIOError:
                        break
                    if not data:
                        open_ = False
                        break
                    buffer += data
                    total += len(data)
                    if total > FRAME_LIMIT:
                        break
                while len(buffer) >= 4:
                    (length,) = struct.unpack_from("<I", buffer)
                    if length > FRAME_LIMIT or len(buffer) < 4 + length:
                        break
                    heard = time.monotonic()
                    take(bytes(buffer[4 : 4 + length]))
                    del buffer[: 4 + length]
            if ended:
                break
        status = os.waitpid(child, 0)[1]
    finally:
        os.close(pidfd)
    if reason:
        return reason
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return "time" if number == signal.SIGXCPU else f"signal {signal.Signals(number).name}"
    code = os.WEXITSTATUS(status)
    return "" if code == 0 else "memory" if code == 77 else f"exit status {code}"


def _kill_leftovers(child: int) -> None:
    """Whatever the child started: its session first, then what was reparented to this subreaper."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    for _ in range(1000):
        orphans = _children()
        for pid in orphans:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not orphans:
            return
        time.sleep(0.001)


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


# --- running the submission ----------------------------------------------------------------------------------------


class _Stub:
    """``get_ipython()`` in grading: magics and shell lines do nothing and give nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: [] if name == "getoutput" else None


def _namespace() -> dict[str, Any]:
    import types

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = module.__dict__
    namespace["get_ipython"] = _Stub
    namespace["display"] = lambda *args, **kwargs: None
    import autograder

    autograder.check = lambda *args, **kwargs: None
    namespace["check"] = autograder.check
    return namespace


def run_cell(cell: dict[str, Any], namespace: dict[str, Any], seconds: float) -> BaseException | None:
    """Run one cell; what it raises is returned."""
    import linecache

    name = f"<cell {cell['number']}>"
    source = cell["source"]
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        from autograder.observing import alarms

        with alarms(seconds, 3 * seconds):
            exec(compile(source, name, "exec"), namespace)
    except BaseException as error:
        return error
    return None


def _scout(job: dict[str, Any], send: Callable[[dict[str, Any]], None], results: int) -> set[int]:
    """Which cells hang or end the process. Each cell's own error is told; such a cell is still run for its definitions."""
    from autograder.observation import Malformed, decode

    bad: set[int] = set()
    seconds = job["limits"]["cell_seconds"]
    for _ in range(SCOUTS):
        last: dict[str, Any] = {}
        told: list[dict[str, Any]] = []

        def take(frame: bytes, told: list[dict[str, Any]] = told, last: dict[str, Any] = last) -> None:
            with suppress(Malformed):
                message = decode(frame)
                if message.get("type") == "running":
                    last["cell"] = message.get("cell")
                else:
                    told.append(message)

        cells = [c for c in job["cells"] if c["number"] not in bad]
        # A cell that swallows its own time limit is silent; a notebook of many slow cells is not.
        wall = 20 + seconds * (4 + len(cells))
        ended = _in_child(functools.partial(_scouting, cells, seconds), results, wall, take, silence=4 * seconds + 1)
        hung = {m["cell"] for m in told if m.get("kind") == "TimeLimit"}
        # An exit status tells nothing: os._exit(0) is a death too. Whoever comes to the end says so.
        killed = {last["cell"]} if last.get("cell") is not None else set()
        for message in told:
            if message.get("type") == "cell" and (message.get("cell") in hung or not killed):
                send(message)
        for number in killed:
            send({"type": "cell", "cell": number, "kind": "Died", "message": ended or "exit status 0", "line": ""})
        bad |= hung | killed
        if not killed:
            break
    return bad


def _scouting(cells: list[dict[str, Any]], seconds: float) -> Iterator[bytes]:
    from autograder.observation import encode
    from autograder.probe import raised

    namespace = _namespace()
    for cell in cells:
        yield encode({"type": "running", "cell": cell["number"]})
        error = run_cell(cell, namespace, seconds)
        if error is not None:
            seen = raised(error)
            line = seen.line
            if isinstance(error, SyntaxError) and error.lineno:
                line = f"line {error.lineno}"
            yield encode(
                {"type": "cell", "cell": cell["number"], "kind": seen.type, "message": seen.message, "line": line}
            )
    yield encode({"type": "running", "cell": None})


def _observe(exercise: dict[str, Any], cells: list[dict[str, Any]], job: dict[str, Any]) -> Iterator[bytes]:
    from autograder.observation import Malformed, Observation, Raised, encode
    from autograder.observing import alarms, load_probes, observe_item
    from autograder.probe import TimeLimit

    probes = load_probes(exercise["source"])
    namespace = _namespace()
    for cell in cells:
        run_cell(cell, namespace, job["limits"]["cell_seconds"])
    left = job["limits"]["exercise_seconds"]
    for item in exercise["items"]:
        started = time.process_time()
        seconds = min(left, job["limits"]["item_seconds"])
        try:
            if seconds <= 0:
                raise TimeLimit
            with alarms(seconds, 4 * seconds):
                seen = observe_item(item, probes, namespace, job["seed"])
        except TimeLimit:
            seen = Observation(Raised(("TimeLimit",), "time limit"))
        left -= time.process_time() - started
        head = {"type": "item", "exercise": exercise["name"], "id": item["id"]}
        head |= {"device": item["device"], "dtype": item["dtype"]}
        try:
            yield encode({**head, "observation": seen})
        except (Malformed, TypeError, ValueError, RecursionError) as error:
            yield encode({**head, "observation": Observation(Raised(("Malformed",), str(error)[:200]))})


if __name__ == "__main__":
    main()
