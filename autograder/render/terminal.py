"""A report in the terminal: understandable without colour, and with nothing in it that a terminal would obey."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from autograder.render import clean, name, number
from autograder.report import ExerciseResult, Report, Text

WORDS: dict[str, Text] = {
    "pass": Text(en="pass", zh="通过"),
    "fail": Text(en="FAIL", zh="未通过"),
    "not_started": Text(en="not started yet", zh="还没开始"),
    "not_graded": Text(en="not graded", zh="未评分"),
    "score": Text(en="score", zh="得分"),
    "of": Text(en="of", zh="/"),
    "note": Text(en="note:", zh="注意："),
    "bonus": Text(en="bonus", zh="附加"),
    "probes": Text(en="{passed} of {total} probes pass", zh="{total} 个检查点通过了 {passed} 个"),
    "also": Text(en="also fails:", zh="同样未通过："),
    "student": Text(en="student", zh="学生"),
    "lecture": Text(en="lecture", zh="讲"),
    "mistakes": Text(en="named mistakes", zh="识别出的错误"),
}
STYLES = {"pass": "green", "fail": "bold red", "not_started": "dim", "not_graded": "yellow"}


def check_text(report: Report, lang: str) -> str:
    """The report as plain text."""
    return "\n".join(line.plain for line in _lines(report, lang)).rstrip() + "\n"


def print_report(console: Console, report: Report, lang: str) -> None:
    for line in _lines(report, lang):
        console.print(line, soft_wrap=True)


def _lines(report: Report, lang: str) -> Iterable[RichText]:
    for result in report.exercises:
        yield from _exercise_lines(result, lang)
    if len(report.exercises) > 1:
        total = f"{WORDS['score'][lang]} {number(report.score)} {WORDS['of'][lang]} {number(report.max_score)}"
        yield RichText(total, style="bold")
    for note in report.notes_zh if lang == "zh" else report.notes:
        yield RichText(f"{WORDS['note'][lang]} {name(note, 600)}", style="dim")


def _exercise_lines(result: ExerciseResult, lang: str) -> Iterable[RichText]:
    passed = sum(p.verdict == "pass" for p in result.probes)
    bonus = f" ({WORDS['bonus'][lang]})" if result.bonus else ""
    head = RichText(f"{name(result.name)}{bonus}  ", style="bold")
    head.append(WORDS[result.status][lang], style=STYLES[result.status])
    counts = WORDS["probes"][lang].format(passed=passed, total=len(result.probes))
    head.append(f"  {number(result.score)} {WORDS['of'][lang]} {number(result.max_score)}   {counts}", style="dim")
    yield head
    if result.status in ("fail", "not_graded"):
        for line in clean(result.summary[lang]).splitlines():
            yield RichText(f"  {line}" if line.strip() else "")
        titles = list(dict.fromkeys(p.title[lang] for p in result.probes if p.verdict == "fail"))
        if len(titles) > 1:
            yield RichText(f"  {WORDS['also'][lang]} {'; '.join(name(t, 200) for t in titles)}", style="dim")
        yield RichText("")
    for note in result.notes:
        yield RichText(f"  {WORDS['note'][lang]} {name(note[lang], 600)}", style="dim")


def class_table(reports: Sequence[Report], lang: str = "en") -> Table:
    """Students, scores and what is named, as a table."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(WORDS["student"][lang], overflow="fold")
    table.add_column(WORDS["lecture"][lang], overflow="fold")
    table.add_column(WORDS["score"][lang], justify="right")
    table.add_column(WORDS["pass"][lang], justify="right")
    table.add_column(WORDS["mistakes"][lang], overflow="fold")
    for report in sorted(reports, key=lambda r: (r.lecture, r.student)):
        passed = sum(e.status == "pass" for e in report.exercises)
        named = [f"{e.name}: {e.variant}" for e in report.exercises if e.variant]
        notes = list(report.notes[:1]) if not named else []
        table.add_row(
            RichText(name(report.student, 60)),
            RichText(report.lecture),
            f"{number(report.score)} / {number(report.max_score)}",
            f"{passed}/{len(report.exercises)}",
            RichText(name("; ".join(named + notes), 160)),
        )
    return table
