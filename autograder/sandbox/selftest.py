"""The self-test of a level: a worker attacks its own sandbox, and every claim is tried before it is made."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from autograder.sandbox.level import Level
from autograder.sandbox.run import DEFAULT_LIMITS, exchange

_ATTACK = """
def attack(course, pid):
    import os, socket
    found = []
    def attempt(name, action):
        try:
            action()
        except Exception:
            return
        found.append(name)
    def write(path):
        with open(path, "w") as file:
            file.write("x")
    for part in ("solutions", "autograder", "submitted", "build"):
        attempt(f"reads the course's {part}", lambda: os.listdir(os.path.join(course, part)))
    attempt("sees another process", lambda: open(f"/proc/{pid}/cmdline").read())
    attempt("signals the grader", lambda: os.kill(pid, 0))
    attempt("reads the host's users", lambda: open("/etc/passwd").read())
    attempt("reads home folders", lambda: os.listdir("/home"))
    attempt("writes outside its box", lambda: write("/usr/x"))
    attempt("writes to /", lambda: write("/x"))
    attempt("writes to the engine", lambda: write("/engine/x"))
    attempt("writes to /dev", lambda: write("/dev/x"))
    attempt("is root", lambda: os.setuid(0))
    attempt("reaches the network", lambda: socket.create_connection(("127.0.0.1", 9), 0.2) or True)
    interfaces = [i for i in os.listdir("/sys/class/net")] if os.path.isdir("/sys/class/net") else []
    found += [f"network interface {i}" for i in interfaces if i != "lo"]
    try:
        os.write(os.open("/box/ok", os.O_CREAT | os.O_WRONLY), b"x")
    except OSError:
        found.append("cannot write to its own box")
    return found
"""
_PROBE = '''
from autograder.probe import probe
@probe()
def test_attack(impl, make):
    """en

    中"""
    return impl.attack(COURSE, PID)
'''


@functools.cache
def _tested(level_type: type[Level]) -> str:
    level = level_type()
    item = {"id": "test_attack", "kind": "probe", "probes": ["test_attack"], "device": "cpu", "dtype": "float64"}
    course = str(Path(__file__).resolve().parents[2])
    source = _PROBE.replace("COURSE", repr(course)).replace("PID", str(os.getpid()))
    attacking = level.name != "D"  # which claims nothing but that the worker runs
    cell = _ATTACK if attacking else "def attack(course, pid):\n    return []\n"
    job = {
        "seed": 0, "cells": [{"number": 1, "source": cell}], "limits": DEFAULT_LIMITS.as_data(),
        "exercises": [{"name": "attack", "source": source, "items": [item]}],
    }  # fmt: skip
    try:
        observed = exchange(level, job, 120)
    except OSError as error:
        return f"it does not start: {error}"
    seen = observed.items.get(("attack", "test_attack", "cpu", "float64"))
    if seen is None:
        return f"its self-test gave no answer: {observed.stderr.strip()[-300:] or observed.ended}"
    if seen.value != []:
        return f"its self-test failed: a submission {seen.value}"
    return ""


def self_test(level: Level) -> str:
    """What does not hold at this level here, or "". Run once a process; it costs one worker's start."""
    return _tested(type(level))
