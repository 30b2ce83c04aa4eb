"""The sandbox from outside: choosing a level, what enters it, and reading a worker that says anything at all."""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from submissions import level_or_skip

from autograder.course import require_root
from autograder.observation import Observation, Raised, encode
from autograder.sandbox import LEVELS, Limits, Unavailable, choose, run
from autograder.sandbox.level import PlainProcess, python_folders
from autograder.sandbox.run import Observed, exchange
from autograder.sandbox.selftest import self_test

JOB: dict[str, Any] = {"seed": 0, "cells": [], "limits": {}, "exercises": []}


class Script:
    """A level whose worker is some lines of Python, to which ``said`` is what the frames are on the wire."""

    name = "script"

    def __init__(self, code: str, *frames: bytes):
        self.said = b"".join(struct.pack("<I", len(f)) + f for f in frames)
        self.code = f"import os, sys, time\nsaid = open(sys.argv[1], 'rb').read()\n{code}"

    def uid(self) -> int:
        return 0

    def available(self) -> str:
        return ""

    @contextlib.contextmanager
    def command(self) -> Iterator[tuple[list[str], dict[str, str]]]:
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.said)
            file.flush()
            yield [sys.executable, "-S", "-c", self.code, file.name], {}


SAY = "sys.stdin.buffer.read(); sys.stdout.buffer.write(said); sys.stdout.flush()"
READY, DONE = encode({"type": "ready"}), encode({"type": "done"})


def _item(value: Any, exercise: str = "softmax") -> bytes:
    head = {"type": "item", "exercise": exercise, "id": "test", "device": "cpu", "dtype": "float64"}
    return encode({**head, "observation": value})


PLACE = ("softmax", "test", "cpu", "float64")


# --- reading a worker ---------------------------------------------------------------------------------------------------


def test_answers_are_read_until_the_worker_is_done() -> None:
    """Frames before the last one count, whatever follows it does not."""
    seen = exchange(Script(SAY, READY, _item(Observation(1)), DONE, _item(Observation(2), "late")), JOB, 20)
    assert (seen.started, seen.finished) == (True, True)
    assert {place: o.value for place, o in seen.items.items()} == {PLACE: 1}


def test_the_first_answer_counts() -> None:
    """A later answer to the same question cannot replace the first."""
    seen = exchange(Script(SAY, READY, _item(Observation(1)), _item(Observation(2)), DONE), JOB, 20)
    assert seen.items[PLACE].value == 1


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"\x00" * 40, b"\xff" * 40, b"{}", encode({}), encode({"type": None}), encode({"type": ["item"]}), _item("pass"),
        _item(None), encode({"type": "cell", "cell": "one"}), encode({"type": "ended"}), READY[:-3], encode({"a": [1, 2]}),
    ],
)  # fmt: skip
def test_a_malformed_frame_is_passed_over(frame: bytes) -> None:
    """Bytes that are no message, and messages of a wrong form, are no answers; the next one is read."""
    seen = exchange(Script(SAY, READY, frame, _item(Observation(1)), DONE), JOB, 20)
    assert seen.finished
    assert list(seen.items) == [PLACE]


def test_a_worker_that_ends_early_is_told_from_a_slow_one() -> None:
    """What has no answer died with the worker, or ran out of time, or was ended with its reason."""
    died = exchange(Script(SAY, READY), JOB, 20).missing("softmax").value
    assert isinstance(died, Raised)
    assert died.type == "Died"
    slow = exchange(Script("time.sleep(600)"), JOB, 0.3).missing("softmax").value
    assert isinstance(slow, Raised)
    assert slow.type == "TimeLimit"
    reasons = {"time": "TimeLimit", "memory": "MemoryError", "signal SIGKILL": "Died", "": "Died"}
    for reason, kind in reasons.items():
        missing = Observed(finished=True, ended={"softmax": reason}).missing("softmax").value
        assert isinstance(missing, Raised)
        assert missing.type == kind


def test_a_hanging_worker_is_killed_with_its_children(tmp_path: Path) -> None:
    """At the wall limit the whole session of the worker is ended."""
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    try:
        code = f"held = os.open({str(alive)!r}, os.O_WRONLY)\nos.fork()\nos.write(held, b'x')\ntime.sleep(600)"
        exchange(Script(code), JOB, 2)
        heard = b""
        while select.select([reader], [], [], 60)[0] and (data := os.read(reader, 100)):
            heard += data
        assert (heard, data) == (b"xx", b"")  # two processes, and then nobody holds the pipe any longer
    finally:
        os.close(reader)


def test_a_flood_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that says more than the limit is not listened to any longer; what it said before counts."""
    monkeypatch.setattr(run, "MAX_OUTPUT", 1 << 18)
    flood = "sys.stdout.buffer.write(said)\nwhile True: sys.stdout.buffer.write(b'\\x01\\x00\\x00\\x00x' * 9999)"
    seen = exchange(Script(flood, READY, _item(Observation(1))), JOB, 60)
    assert (seen.finished, seen.stopped, list(seen.items)) == (False, "output", [PLACE])


def test_a_length_beyond_the_limit_ends_the_reading() -> None:
    """A frame that claims four gigabytes is not waited for."""
    seen = exchange(Script("sys.stdout.buffer.write(said + b'\\xff' * 8); sys.stdout.flush(); time.sleep(600)", READY), JOB, 60)
    assert (seen.started, seen.finished, seen.stopped) == (True, False, "output")


def test_a_worker_that_reads_nothing_is_no_error() -> None:
    """A worker that closes its input while a large job is written to it ends like any other."""
    seen = exchange(Script("os.close(0); sys.exit(3)"), {**JOB, "cells": [{"number": 1, "source": "x" * 2_000_000}]}, 20)
    assert (seen.started, seen.items) == (False, {})


def test_notes_and_errors_are_capped() -> None:
    """A worker fills neither the report with notes nor memory with what it writes to standard error."""
    notes = [encode({"type": "cell", "cell": n, "kind": "X", "message": "m" * 1500, "line": ""}) for n in range(300)]
    seen = exchange(Script(f"sys.stderr.write('e' * 100_000); {SAY}", READY, *notes, DONE), JOB, 20)
    assert len(seen.cells) == 200
    assert max(len(c.message) for c in seen.cells) == 500
    assert len(seen.stderr) <= 4000


# --- levels ---------------------------------------------------------------------------------------------------------------


def test_a_level_that_is_not_built_is_named() -> None:
    """An unknown level is refused, with those that there are."""
    with pytest.raises(Unavailable, match="there are C, D and auto"):
        choose("Z")


def test_a_class_is_never_graded_without_isolation_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no sandbox holds, auto takes a plain process for one's own work and refuses a class, saying how to insist."""
    monkeypatch.setattr(LEVELS["C"], "available", lambda self: "refused here")
    assert choose("auto").name == "D"
    with pytest.raises(Unavailable, match=r"C: refused here.*--isolation D"):
        choose("auto", classroom=True)
    with pytest.raises(Unavailable, match="isolation C does not hold here: refused here"):
        choose("C", classroom=True)
    assert choose("D", classroom=True).name == "D"


def test_bubblewrap_that_is_missing_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the program the message says which package has it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install bubblewrap" in LEVELS["C"]().available()


def test_a_level_is_believed_only_after_its_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A level whose self-test finds a hole is not used, and the hole is named."""
    monkeypatch.setattr("autograder.sandbox.selftest.self_test", lambda level: "a submission ['signals the grader']")
    with pytest.raises(Unavailable, match="signals the grader"):
        choose("D")


def test_the_self_test_finds_what_a_plain_process_lets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attacks of the self-test succeed where there is no sandbox: it is no test that always passes."""

    class Pretender(PlainProcess):
        name = "C"

    found = self_test(Pretender())
    for hole in ("reads the course's solutions", "sees another process", "signals the grader"):
        assert hole in found


def test_what_enters_a_sandbox_holds_no_answer() -> None:
    """The engine's inner part has no grader, reference, comparison or judge, and the environment no word of the grader's own."""
    level = PlainProcess()
    os.environ["AUTOGRADER_SECRET"] = "x"
    try:
        with level.command() as (_, environment):
            engine = Path(environment["PYTHONPATH"])
            files = sorted(str(p.relative_to(engine)) for p in engine.rglob("*.py"))
    finally:
        del os.environ["AUTOGRADER_SECRET"]
    assert not engine.exists()
    assert not [k for k in environment if k.startswith("AUTOGRADER")]
    assert not any(str(require_root()) in v for v in environment.values())
    for part in ("graders", "variants", "compare", "exam", "course", "judge", "grading", "public", "strip"):
        assert not [f for f in files if part in f], part


def test_the_repository_is_not_mounted() -> None:
    """No folder that a sandbox sees contains the course, though this Python may lie inside the repository."""
    root = str(require_root())
    for folder in python_folders():
        assert not root.startswith(folder)


def test_a_worker_at_level_c_has_a_user_of_its_own() -> None:
    """Two sandboxes started by root run as two users, neither of them root."""
    if os.getuid() != 0:
        pytest.skip("not root: the sandbox has a user namespace instead")
    level = level_or_skip("C")
    first, second = level.uid(), level.uid()
    assert first != second
    assert min(first, second) >= 100_000


def test_the_inside_of_level_c_is_read_only_but_for_a_small_box() -> None:
    """Of the file system inside, only /box and /dev/shm can be written, and neither holds more than its size."""
    level = level_or_skip("C")
    with level.command() as (command, environment):
        inside = command[: command.index("--") + 1]
        script = (
            "for d in / /dev /usr /engine /box /dev/shm; do (echo x > $d/probe) 2>/dev/null && echo $d; done; "
            "head -c 100000000 /dev/zero > /box/big 2>/dev/null || echo full"
        )
        shown = subprocess.run(
            [*inside, "/bin/sh", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert shown.stdout.split() == ["/box", "/dev/shm", "full"], shown.stderr


def test_limits_are_data() -> None:
    """Limits enter the job as plain data with the resources' names, CPU time bounded by the exercises' own."""
    data = Limits(cell_seconds=1, exercise_seconds=2).as_data()
    assert data["cell_seconds"] == 1
    assert data["resources"]["RLIMIT_CPU"] == 60
    assert data["resources"]["RLIMIT_CORE"] == 0
