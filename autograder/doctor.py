"""What this machine can do: each thing tried, not assumed."""

from __future__ import annotations

import importlib.util
import platform
import sqlite3
import sys
from dataclasses import dataclass

from autograder.course import course_root, lecture_names
from autograder.sandbox import LEVELS


@dataclass(frozen=True)
class Finding:
    """One line: ``state`` is ok, missing (something works less well) or broken (something does not work)."""

    name: str
    state: str
    detail: str


def examine() -> list[Finding]:
    """All findings; takes some seconds, since isolation is proved by attacking it."""
    findings = [_python(), *_torch()]
    root = course_root()
    if root is None:
        findings.append(Finding("course", "ok", "a student's installation: public checks, no hidden graders"))
    else:
        findings.append(Finding("course", "ok", f"{len(lecture_names())} lectures, with hidden graders"))
    findings += [_isolation(name) for name in LEVELS]
    findings += [
        _module("jupyterlab", "notebooks open in JupyterLab", "pip install jupyterlab"),
        _module("nbgrader", "gradebook and feedback", "pip install nbgrader"),
        Finding("database", "ok", f"SQLite {sqlite3.sqlite_version}"),
        _module("matplotlib", "pictures", "pip install matplotlib"),
    ]
    return findings


def _python() -> Finding:
    ok = sys.version_info >= (3, 10)
    return Finding("python", "ok" if ok else "broken", f"{platform.python_version()} (3.10 or newer is needed)")


def _torch() -> list[Finding]:
    try:
        import torch
    except ImportError:
        return [Finding("torch", "broken", "not installed: pip install torch")]
    if torch.cuda.is_available():
        cuda = Finding("cuda", "ok", torch.cuda.get_device_name(0))
    else:
        cuda = Finding(
            "cuda", "missing", "no CUDA device: --device cuda is reported as not graded, and costs nobody a point"
        )
    return [Finding("torch", "ok", torch.__version__), cuda]


def _isolation(name: str) -> Finding:
    from autograder.sandbox.selftest import self_test

    what = {"C": "one bubblewrap a submission", "D": "a plain child process, for one's own work"}
    level = LEVELS[name]()
    problem = level.available() or self_test(level)
    if problem:
        return Finding(f"isolation {name}", "missing", problem)
    return Finding(f"isolation {name}", "ok", f"{what.get(name, '')}; its self-test passed")


def _module(name: str, what: str, advice: str) -> Finding:
    if importlib.util.find_spec(name) is None:
        return Finding(name, "missing", f"{what}: {advice}")
    from importlib.metadata import version

    return Finding(name, "ok", f"{what} ({version(name)})")
