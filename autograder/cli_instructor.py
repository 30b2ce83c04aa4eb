"""An instructor's commands."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.classroom import Entry, find_entries, grade_class, report_bytes
from autograder.course import read_lecture
from autograder.progress import write_atomically
from autograder.report import Report
from autograder.sandbox import Level, choose


@dataclass(frozen=True)
class Options:
    device: str
    seed: int
    workers: int
    isolation: str
    gradebook: str | None
    report: Path | None
    json: str | None
    lang: str


def grade(out: Console, paths: Sequence[Path], options: Options) -> int:
    """Grade files one by one, and trees as classes."""
    missing = [p for p in paths if not p.exists() and not p.is_symlink()]
    if missing:
        raise ValueError(f"{missing[0]}: there is no such file or folder")
    device = _device(options.device)
    trees, files = [p for p in paths if p.is_dir()], [p for p in paths if not p.is_dir()]
    entries = [e for tree in trees for e in find_entries(tree)]
    reports: list[Report] = []
    if options.report is not None:
        _writable(options.report)
    level = choose(options.isolation, classroom=bool(trees))
    if trees:
        reports += _grade_trees(out, entries, level, device, options)
    if files:
        reports += _grade_files(out, files, level, device, options)
    _write_json(reports, options.json, single=len(reports) == 1 and not trees)
    if options.gradebook:
        _record(out, reports, entries, trees, options.gradebook)
    return 0


def _device(name: str) -> str:
    if name not in ("cpu", "cuda", "auto"):
        raise ValueError(f"--device {name}: it is cpu, cuda or auto")
    if name == "auto":
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"
    return name


def _writable(folder: Path) -> None:
    """Find out before an hour of grading, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / ".writable", b"")
        (folder / ".writable").unlink()
    except OSError as error:
        raise ValueError(f"--report {folder}: cannot be written ({error.strerror}); choose another folder") from None


def _grade_files(out: Console, files: Sequence[Path], level: Level, device: str, options: Options) -> list[Report]:
    from autograder.grading import grade as grade_file
    from autograder.render.terminal import print_report

    reports = []
    for file in files:
        report = grade_file(file, level, seed=options.seed, device=device)
        print_report(out, report, options.lang)
        if options.report is not None:
            write_atomically(options.report / f"{file.stem}.json", report_bytes(report))
        reports.append(report)
    return reports


def _grade_trees(out: Console, entries: Sequence[Entry], level: Level, device: str, options: Options) -> list[Report]:
    from autograder.render.terminal import class_table

    folder = options.report or Path("reports")
    if options.report is None:
        _writable(folder)
    if level.name == "D":
        out.print("isolation D: student code runs as you, without a sandbox", style="yellow")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("grading", total=len(entries))
        reports = grade_class(
            entries, level, folder,
            workers=options.workers or os.cpu_count() or 1, seed=options.seed, device=device,
            done=lambda report, cached: bar.advance(task),
        )  # fmt: skip
    out.print(class_table(reports, options.lang))
    _write_pages(reports, folder)
    out.print(f"{len(reports)} submissions at isolation {level.name}; reports and pages: {folder}", markup=False)
    return reports


def _write_pages(reports: Sequence[Report], folder: Path) -> None:
    from autograder.render.html import class_html, feedback_html

    write_atomically(folder / "class.html", class_html(reports).encode("utf-8", "replace"))
    for report in reports:
        for lang in ("en", "zh"):
            place = folder / "feedback" / lang / report.lecture
            place.mkdir(parents=True, exist_ok=True)
            write_atomically(place / f"{report.student}.html", feedback_html(report, lang).encode("utf-8", "replace"))


def _write_json(reports: Sequence[Report], target: str | None, single: bool) -> None:
    if target is None:
        return
    body = (
        report_bytes(reports[0])
        if single
        else b"[\n" + b",\n".join(report_bytes(r).rstrip() for r in reports) + b"\n]\n"
    )
    if target == "-":
        import sys

        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
    else:
        write_atomically(Path(target), body)


def _record(out: Console, reports: Sequence[Report], entries: Sequence[Entry], trees: Sequence[Path], url: str) -> None:
    """Scores and comments into nbgrader's database; submissions where its formgrader looks for them."""
    from autograder.build import notebook
    from autograder.formgrader import publish, read_timestamps
    from autograder.gradebook import record

    named = [r for r in reports if r.student]
    if not named:
        raise ValueError("--gradebook: a gradebook needs students; grade a tree submitted/<student>/<lecture>/")
    notebooks = {name: notebook(read_lecture(name), "en") for name in {r.lecture for r in named}}
    root = trees[0].resolve().parent
    changed = record(named, url, notebooks, read_timestamps(root))
    publish(named, root, {(e.student, e.lecture): e.path for e in entries}, notebooks)
    out.print(f"gradebook: {changed} of {len(named)} submissions changed", markup=False)
