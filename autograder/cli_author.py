"""An author's commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.course import find_lecture, lecture_names, read_lecture, require_root
from autograder.progress import write_atomically
from autograder.public import checks_files, same_file


def build(out: Console, lectures: Sequence[str], check: bool) -> int:
    from autograder.build import build as build_notebooks

    root = require_root()
    names = [find_lecture(text) for text in lectures] or lecture_names()
    changed = build_notebooks([read_lecture(n) for n in names], root, check, checks_files, same_file)
    for path in changed:
        out.print(f"{'stale' if check else 'written'}: {path.relative_to(root)}", markup=False, soft_wrap=True)
    if check and changed:
        out.print("run `autograder build`", markup=False)
        return 1
    out.print(f"{len(names)} lectures {'are current' if not changed else 'built'}", markup=False)
    return 0


def verify(out: Console, lectures: Sequence[str], mutants: bool, only: str | None, target: str | None) -> int:
    from autograder.verify import stale, verify_lectures

    names = [find_lecture(text) for text in lectures] or lecture_names()
    proofs = []
    ok = True
    for proof in verify_lectures(names, mutants, only):
        if only is None:
            proof.problems += stale(proof.name)
        proofs.append(proof)
        ok &= proof.ok
        table = Table(
            "exercise", "points", "probes", "public", "right", "accepted", "wrong", "killed", "named", box=None
        )
        if mutants:
            table.add_column("mutants")
            table.add_column("survive")
        for e in proof.exercises:
            row = [e.name, f"{e.points:g}", e.probes, e.public, e.right, e.accepted, e.wrong, e.killed, e.named]
            table.add_row(*map(str, row + ([e.mutants, e.survivors] if mutants else [])))
        out.print(f"\n{proof.name}: {'proved' if proof.ok else 'NOT PROVED'}", style="bold", markup=False)
        out.print(table)
        for problem in [*proof.problems, *(f"{e.name}: {p}" for e in proof.exercises for p in e.problems)]:
            out.print(f"  - {problem}", markup=False, soft_wrap=True)
    if target is not None:
        body = {"schema": 1, "ok": ok, "lectures": [p.model_dump() for p in proofs]}
        text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
        if target == "-":
            sys.stdout.write(text)
        else:
            write_atomically(Path(target), text.encode())
    return 0 if ok else 1


def release(out: Console, lecture: str, to: Path) -> int:
    from autograder.release import release as write_bundle

    files = write_bundle(read_lecture(find_lecture(lecture)), to, extra=checks_files)
    out.print(f"{len(files)} files in {to}; students start with its README.md", markup=False)
    return 0
