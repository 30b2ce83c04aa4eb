"""What a student has solved and which hints were shown: a small file of one's own, and never part of a mark."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.report import Report


def home() -> Path:
    """Where progress is kept: AUTOGRADER_HOME, else the user's state folder."""
    if own := os.environ.get("AUTOGRADER_HOME"):
        return Path(own)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "autograder"


def load() -> dict[str, dict[str, Any]]:
    """Exercise -> {"status", "hints"}; empty where there is none or it cannot be read."""
    try:
        data = json.loads((home() / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in data.items() if isinstance(v, dict)} if isinstance(data, dict) else {}


def update(exercise: str, **fields: Any) -> None:
    """Change an exercise's entry. A folder that cannot be written loses progress, not work."""
    data = load()
    data.setdefault(exercise, {}).update(fields)
    with suppress(OSError):
        home().mkdir(parents=True, exist_ok=True)
        write_atomically(home() / "progress.json", json.dumps(data, indent=1).encode())


def remember(report: Report) -> None:
    passed = load()
    for result in report.exercises:
        # Once solved stays solved: a later edit does not take the solution's key away.
        if passed.get(result.name, {}).get("status") != "pass":
            update(result.name, status=result.status)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: an interrupted run leaves the old one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
