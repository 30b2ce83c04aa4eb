"""Levels of isolation, and the self-test that decides which of them hold on this machine."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

_PACKAGE = Path(__file__).resolve().parent.parent
# All of the engine that enters a sandbox.
ENGINE = ("__init__.py", "probe.py", "observation.py", "observing.py", "operations.py", "sandbox/worker.py")
BOX = "/box"  # the only writable folder inside
BOX_BYTES = 64 << 20


class Unavailable(RuntimeError):
    """A level that does not hold here; the message says why and what to do."""


class Level(Protocol):
    """A way to start the worker. ``name`` goes into the report."""

    name: str

    def uid(self) -> int:
        """The user that the worker becomes when it starts as root; 0 leaves it as it is."""

    @contextmanager
    def command(self) -> Iterator[tuple[list[str], dict[str, str]]]:
        """The command line and environment of a worker; what was made for it is removed afterwards."""

    def available(self) -> str:
        """Why the level cannot be had here, or "". Cheap; ``self_test`` is the proof."""


def _environment(home: str, engine: str) -> dict[str, str]:
    """Only what a Python needs: nothing that tells a submission where it runs or who runs it."""
    return {
        "PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "PYTHONPATH": engine,
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg", "MPLCONFIGDIR": home,
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        **{k: v for k, v in os.environ.items() if k.startswith("OPENBLAS_")},
    }  # fmt: skip


@contextmanager
def _engine_copy() -> Iterator[Path]:
    """A folder with the engine's part for the inside alone: no grader, no solution, no gradebook beside it."""
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in ENGINE:
            target = root / "autograder" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_PACKAGE / name, target)
            target.parent.chmod(0o755)
        (root / "autograder" / "sandbox" / "__init__.py").touch()
        yield root


class PlainProcess:
    """Level D: a child process with limits, and no isolation. For one's own work, on any system."""

    name = "D"

    def uid(self) -> int:
        return 0

    @contextmanager
    def command(self) -> Iterator[tuple[list[str], dict[str, str]]]:
        with _engine_copy() as engine, tempfile.TemporaryDirectory(prefix="box-") as home:
            command = [sys.executable, "-s", "-P", "-m", "autograder.sandbox.worker"]
            if sys.version_info < (3, 11):
                command.remove("-P")
            yield command, _environment(home, str(engine))

    def available(self) -> str:
        return "" if os.name == "posix" else "limits need a POSIX system"


class Bubblewrap:
    """Level C: one bubblewrap a submission. No network, no other process, nothing of the host but Python, read-only."""

    name = "C"

    def __init__(self) -> None:
        self._uid = random.SystemRandom().randrange(200_000, 600_000)

    def uid(self) -> int:
        # Its own user for each sandbox, so that the process limit counts this one alone.
        self._uid += 1
        return self._uid if os.getuid() == 0 else 0

    @contextmanager
    def command(self) -> Iterator[tuple[list[str], dict[str, str]]]:
        with _engine_copy() as engine:
            program = shutil.which("bwrap")
            if program is None:
                raise Unavailable("bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)")
            command = [program, *self._namespaces(), *_mounts(engine), "--chdir", BOX, "--"]
            yield [*command, sys.executable, "-s", "-m", "autograder.sandbox.worker"], _environment(BOX, "/engine")

    def _namespaces(self) -> list[str]:
        common = [
            "--die-with-parent",
            "--new-session",
            "--unshare-ipc",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-uts",
        ]
        if os.getuid() == 0:
            # Started by root, it needs no user namespace; the worker gives up root before it reads any student's line.
            return [
                *common,
                "--unshare-cgroup-try",
                "--cap-drop",
                "ALL",
                "--cap-add",
                "CAP_SETUID",
                "--cap-add",
                "CAP_SETGID",
            ]
        return [*common, "--unshare-user", "--unshare-cgroup-try", "--hostname", "box", "--cap-drop", "ALL"]

    def available(self) -> str:
        program = shutil.which("bwrap")
        if program is None:
            return "bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)"
        try:
            command = [program, *self._namespaces(), "--ro-bind", "/", "/", "--", "/bin/true"]
            tried = subprocess.run(command, capture_output=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bubblewrap does not start: {error}"
        return (
            ""
            if tried.returncode == 0
            else f"bubblewrap is refused here: {tried.stderr.decode(errors='replace').strip()[:200]}"
        )


def _mounts(engine: Path) -> list[str]:
    """The inside's file system: system libraries and this Python read-only, the engine's inner part, one small writable box."""
    arguments = ["--tmpfs", "/", "--proc", "/proc", "--dev", "/dev"]
    for path in ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin"):
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            arguments += ["--ro-bind", path, path]
    for path in ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"):
        arguments += ["--ro-bind-try", path, path]
    for folder in python_folders():
        for parent in reversed(Path(folder).parents):
            if parent != Path("/"):
                # bubblewrap makes missing parents for root alone, and the worker gives root up.
                arguments += ["--perms", "0755", "--dir", str(parent)]
        arguments += ["--ro-bind", folder, folder]
    arguments += ["--ro-bind", str(engine), "/engine"]
    arguments += ["--perms", "1777", "--size", str(BOX_BYTES), "--tmpfs", BOX]
    arguments += ["--perms", "1777", "--size", str(BOX_BYTES), "--tmpfs", "/dev/shm"]
    return [*arguments, "--remount-ro", "/dev", "--remount-ro", "/"]


def python_folders() -> list[str]:
    """What this Python consists of, beyond /usr: its prefixes and its packages; never the course's repository."""
    paths = {os.path.realpath(p) for p in (sys.base_prefix, sys.base_exec_prefix)}
    paths |= {sys.prefix, sys.exec_prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    if os.path.islink(sys.executable):
        paths.add(os.path.dirname(os.path.realpath(sys.executable)))
    repository = str(_PACKAGE.parent)
    wanted = sorted(
        p for p in paths if p and os.path.isdir(p) and not p.startswith("/usr/") and not repository.startswith(p)
    )
    return [p for p in wanted if not any(p != q and p.startswith(f"{q}/") for q in wanted)]


LEVELS: dict[str, type[Level]] = {"C": Bubblewrap, "D": PlainProcess}


def choose(name: str = "auto", classroom: bool = False) -> Level:
    """The level by name, or the strongest whose self-test passes here. Raises ``Unavailable``.

    For a class, D is not chosen: it must be asked for by name.
    """
    from autograder.sandbox.selftest import self_test

    if name != "auto":
        if name not in LEVELS:
            raise Unavailable(f"isolation {name!r} is not built; there are {', '.join(LEVELS)} and auto")
        level = LEVELS[name]()
        if problem := level.available() or self_test(level):
            raise Unavailable(f"isolation {name} does not hold here: {problem}")
        return level
    problems = []
    for candidate in LEVELS.values():
        level = candidate()
        if level.name == "D" and classroom:
            break
        problem = level.available() or self_test(level)
        if not problem:
            return level
        problems.append(f"{level.name}: {problem}")
    advice = "; --isolation D grades without isolation, for submissions that you trust" if classroom else ""
    raise Unavailable(f"no isolation holds on this machine ({'; '.join(problems)}){advice}")
