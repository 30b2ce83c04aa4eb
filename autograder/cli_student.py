"""A student's commands."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder import messages, progress
from autograder.catalog import assignment_folder, find_lecture_offer, find_offer, offers
from autograder.course import CourseError, course_root, exercise_index, read_lecture


def list_offers(out: Console, lang: str) -> int:
    solved = progress.load()
    for lecture in offers():
        out.print(f"\n{lecture.title[lang]}   {lecture.name}", style="bold", markup=False)
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        for e in lecture.exercises:
            status = solved.get(e.name, {}).get("status", "")
            words = messages.label(f"list_{status}" if status in ("pass", "fail") else "list_none")[lang]
            points = f"{e.points:g}" + (f" ({messages.label('list_bonus')[lang]})" if e.bonus else "")
            minutes = messages.label("list_minutes", minutes=e.minutes)[lang]
            table.add_row(f"  {e.name}", points, "●" * e.difficulty + "○" * (3 - e.difficulty), minutes, words)
        out.print(table)
    graded = [e for lecture in offers() for e in lecture.exercises]
    passed = sum(solved.get(e.name, {}).get("status") == "pass" for e in graded)
    total = messages.label("list_total", lectures=len(offers()), exercises=len(graded), passed=passed)
    out.print(f"\n{total[lang]}", markup=False)
    return 0


def start(out: Console, lecture: str, to: Path, lang: str) -> int:
    name = find_lecture_offer(lecture)
    source = assignment_folder(name, lang)
    folder = to / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        target = folder / path.name
        if path.suffix == ".ipynb" and target.exists():
            out.print(messages.label("start_kept", path=target)[lang], markup=False, soft_wrap=True)
            continue
        shutil.copyfile(path, target)
    out.print(messages.label("start_done", path=folder / f"{name}.ipynb")[lang], markup=False, soft_wrap=True)
    return 0


def check(out: Console, path: str, exercise: str | None, public: bool, lang: str | None) -> int:
    from autograder.exam import Answers, exam
    from autograder.grading import grade_submission
    from autograder.public import find_checks, load_checks
    from autograder.render.terminal import print_report
    from autograder.sandbox import choose
    from autograder.submission import Unreadable, lecture_of, read

    file = _submission_path(path)
    checks_path = find_checks(file.resolve().parent)
    if course_root() is None and checks_path is None:
        raise CourseError(f"no checks file (*.checks) lies beside {file}; keep the notebook in the folder it came in")
    submission = read(file)
    answers: Answers
    if course_root() is not None and not public:
        answers = exam(lecture_of(submission))
    elif checks_path is not None:
        answers = load_checks(checks_path)
    else:
        raise Unreadable(file, "no checks file (*.checks) lies beside it", "旁边没有检查文件（*.checks）")
    if exercise is not None and exercise not in answers.exercises():
        raise CourseError(f"{answers.lecture} has no exercise {exercise!r}; it has {', '.join(answers.exercises())}")
    level = choose("D")  # one's own work, on one's own machine
    report = grade_submission(submission, answers, level, only=[exercise] if exercise else None, public_only=public)
    progress.remember(report)
    print_report(out, report, lang or (load_checks(checks_path).lang if checks_path else "en"))
    return 0 if report.passed else 1


def _submission_path(text: str) -> Path:
    path = Path(text)
    if path.is_file() or path.suffix in (".ipynb", ".py"):
        return path
    name = path.name if path.is_dir() else find_lecture_offer(text)
    for candidate in (path / f"{name}.ipynb", Path(f"{name}.ipynb"), Path(name) / f"{name}.ipynb"):
        if candidate.is_file():
            return candidate
    raise CourseError(f"no notebook {name}.ipynb lies here; `autograder start {name}` makes one, or give its path")


def hint(out: Console, exercise: str, again: bool, lang: str) -> int:
    _, offer = find_offer(exercise)
    steps = offer.hints.get(lang, ())
    if not steps:
        raise CourseError(f"{exercise} has no hints")
    seen = int(progress.load().get(exercise, {}).get("hints", 0))
    shown = seen if again else min(seen + 1, len(steps))
    first = 0 if again or seen >= len(steps) else shown - 1
    for i, step in enumerate(steps[first:shown], first + 1):
        head = messages.label("hint_step", step=i, total=len(steps))
        out.print(f"{head[lang]} {step}", markup=False, soft_wrap=True)
    progress.update(exercise, hints=shown)
    if shown == len(steps):
        out.print(messages.label("hint_last", exercise=exercise)[lang], style="dim", markup=False, soft_wrap=True)
    return 0


def solution(out: Console, exercise: str, give_up: bool, lang: str) -> int:
    from autograder.build import filled

    if course_root() is None:
        raise CourseError(messages.label("solution_absent")[lang])
    find_offer(exercise)
    if progress.load().get(exercise, {}).get("status") != "pass" and not give_up:
        raise CourseError(messages.label("solution_locked", exercise=exercise)[lang])
    lecture = read_lecture(exercise_index()[exercise])
    cells = filled(lecture, lang).cells
    source = next(c.source for c in cells if c.cell_type == "code" and f"{exercise}" in _defined(c.source))
    out.print(source, markup=False, soft_wrap=True)
    return 0


def _defined(source: str) -> set[str]:
    import ast

    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}


def doctor(out: Console) -> int:
    from autograder.doctor import examine

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    broken = False
    with out.status("looking at this machine ..."):
        findings = examine()
    for finding in findings:
        style = {"ok": "green", "missing": "yellow", "broken": "bold red"}[finding.state]
        table.add_row(finding.name, f"[{style}]{finding.state}[/]", finding.detail)
        broken |= finding.state == "broken"
    out.print(table)
    return 1 if broken else 0
