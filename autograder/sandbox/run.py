"""One submission through a worker: the job in, observations out, within limits, whatever the submission does."""

from __future__ import annotations

import json
import os
import selectors
import signal
import struct
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder.exam import Answers
from autograder.observation import Malformed, Observation, Raised, decode
from autograder.sandbox.level import Level

MAX_OUTPUT = 64 << 20


@dataclass(frozen=True)
class Limits:
    """Seconds are of CPU time; wall time may be some times as long, since graders run on loaded machines."""

    cell_seconds: float = 5.0
    item_seconds: float = 8.0  # the first use of torch.func alone imports for some seconds
    exercise_seconds: float = 16.0
    data_bytes: int = (
        2 << 30
    )  # RLIMIT_DATA: a CUDA build of torch maps more address space than any RLIMIT_AS for a student
    file_bytes: int = 32 << 20
    processes: int = 64
    open_files: int = 256

    def as_data(self) -> dict[str, Any]:
        resources = {
            "RLIMIT_DATA": self.data_bytes, "RLIMIT_FSIZE": self.file_bytes, "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": self.open_files, "RLIMIT_CORE": 0, "RLIMIT_STACK": 64 << 20,
            "RLIMIT_CPU": int(20 * (self.exercise_seconds + self.cell_seconds)),
        }  # fmt: skip
        return {**asdict(self), "resources": resources}


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class CellError:
    """A cell that raised, hung or ended the process."""

    cell: int
    kind: str
    message: str
    line: str


@dataclass
class Observed:
    """What came back: observations by (exercise, id, device, dtype); how each exercise's process ended ("" is well)."""

    items: dict[tuple[str, str, str, str], Observation] = field(default_factory=dict)
    cells: list[CellError] = field(default_factory=list)
    ended: dict[str, str] = field(default_factory=dict)
    finished: bool = False
    started: bool = False
    stopped: str = "time"  # why reading ended before the worker was done: its time, its output, or its own end
    stderr: str = ""

    def missing(self, exercise: str) -> Observation:
        """What stands for an item of ``exercise`` that has no answer: how its process ended."""
        reason = self.ended.get(exercise) or ("" if self.finished else self.stopped)
        if reason == "time":
            return Observation(Raised(("TimeLimit",), "time limit"))
        if reason == "memory":
            return Observation(Raised(("MemoryError",), ""))
        return Observation(Raised(("Died", "Exception"), reason or "exit status 0"))


def observe_submission(
    level: Level,
    answers: Answers,
    exercises: Sequence[str],
    cells: Sequence[dict[str, object]],
    limits: Limits = DEFAULT_LIMITS,
    public_only: bool = False,
) -> Observed:
    """Run the cells and every item of ``exercises`` at ``level``. Raises ``OSError`` where the level cannot start."""
    job = {
        "seed": answers.seed,
        "cells": list(cells),
        "limits": limits.as_data(),
        "exercises": [
            {
                "name": name,
                "source": answers.source(name, public_only),
                "items": [item.as_data() for item in answers.items(name, public_only)],
            }
            for name in exercises
        ],
    }
    wall = 60 + len(cells) * limits.cell_seconds + 4 * len(exercises) * (limits.exercise_seconds + limits.cell_seconds)
    return exchange(level, job, wall)


def exchange(level: Level, job: dict[str, Any], wall: float) -> Observed:
    """Start a worker, give it the job, read its frames until it ends, fails to, or says too much."""
    observed = Observed()
    job = {**job, "limits": {**job["limits"], "uid": level.uid(), "ready": True}}
    with level.command() as (command, environment):
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, start_new_session=True, cwd="/",
        )  # fmt: skip
        try:
            _converse(process, json.dumps(job).encode(), time.monotonic() + wall, observed)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe:
                    with suppress(OSError):
                        pipe.close()
    return observed


def _converse(process: subprocess.Popen[bytes], job: bytes, deadline: float, observed: Observed) -> None:
    assert process.stdin and process.stdout and process.stderr
    buffer, total, left = bytearray(), 0, memoryview(job)
    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdin, process.stdout, process.stderr):
            os.set_blocking(pipe.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while time.monotonic() < deadline and total < MAX_OUTPUT:
            for key, _ in selector.select(timeout=max(0.0, min(1.0, deadline - time.monotonic()))):
                if key.fileobj is process.stdin:
                    try:
                        left = left[os.write(process.stdin.fileno(), left[: 1 << 16]) :]
                    except BrokenPipeError:
                        left = left[:0]
                    if not left:
                        selector.unregister(process.stdin)
                        process.stdin.close()
                    continue
                data = os.read(key.fd, 1 << 16)
                if key.fileobj is process.stderr:
                    observed.stderr = (observed.stderr + data.decode("utf-8", "replace"))[-4000:]
                    if not data:
                        selector.unregister(process.stderr)
                    continue
                if not data:
                    observed.stopped = "the whole process"
                    return
                total += len(data)
                buffer += data
                if _take_frames(buffer, observed):
                    return
        if total >= MAX_OUTPUT:
            observed.stopped = "output"


def _take_frames(buffer: bytearray, observed: Observed) -> bool:
    """Take whole frames off the buffer; True when the worker says that it is done."""
    while len(buffer) >= 4:
        length = int(struct.unpack_from("<I", buffer)[0])
        if length > MAX_OUTPUT or len(buffer) < 4 + length:
            if length > MAX_OUTPUT:
                observed.stopped = "output"
            return length > MAX_OUTPUT
        frame = bytes(buffer[4 : 4 + length])
        del buffer[: 4 + length]
        with suppress(Malformed):
            _take(decode(frame), observed)
        if observed.finished:
            return True
    return False


def _take(message: dict[str, Any], observed: Observed) -> None:
    kind = message.get("type")
    if kind == "item" and isinstance(message.get("observation"), Observation):
        place = tuple(str(message.get(k, "")) for k in ("exercise", "id", "device", "dtype"))
        # The first answer counts: what a submission adds later cannot replace it.
        observed.items.setdefault(place, message["observation"])  # type: ignore[arg-type]
    elif kind == "cell" and isinstance(message.get("cell"), int) and len(observed.cells) < 200:
        fields = (str(message.get(k, ""))[:500] for k in ("kind", "message", "line"))
        observed.cells.append(CellError(message["cell"], *fields))
    elif kind == "ended":
        observed.ended[str(message.get("exercise"))] = str(message.get("reason", ""))[:80]
    elif kind == "ready":
        observed.started = True
    elif kind == "done":
        observed.finished = True
