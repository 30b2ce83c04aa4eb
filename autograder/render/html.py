"""A report as HTML: the fragment under a check cell, a student's page, the instructor's class page.

What a student may have written is text here: escaped, without control characters, capped. No script, no link.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.render import clean, name, number, parts
from autograder.report import ExerciseResult, ProbeResult, Report, Text

MISTAKES_SHOWN = 5  # of one exercise on the class page
STUDENTS_SHOWN = 5  # of one note on the class page

CHROME: dict[str, dict[str, str]] = {
    "pass": {"en": "passed", "zh": "通过"},
    "fail": {"en": "not right yet", "zh": "还不对"},
    "not_started": {"en": "not started yet", "zh": "尚未开始"},
    "not_graded": {"en": "not graded", "zh": "未评分"},
    "probe_pass": {"en": "passed", "zh": "通过"},
    "probe_fail": {"en": "failed", "zh": "未通过"},
    "probe_not_graded": {"en": "not graded", "zh": "未评分"},
    "points": {"en": "points", "zh": "分"},
    "bonus": {"en": "bonus", "zh": "附加题"},
    "including_bonus": {"en": "bonus points included: ", "zh": "其中附加分："},
    "checks": {"en": "All checks", "zh": "全部检查"},
    "not_started_text": {
        "en": "Write the function in the cell above, run that cell, then run this check again.",
        "zh": "在上面的单元格里写好函数并运行，然后再运行这里的检查。",
    },
    "not_started_page": {"en": "This exercise was left as it was given.", "zh": "这道题还是发下来时的样子。"},
    "not_graded_text": {
        "en": "This could not be graded, through no fault of yours. It costs no points.",
        "zh": "这一题未能评分，不是你的问题，不会扣分。",
    },
    "feedback": {"en": "Feedback", "zh": "反馈"},
    "student": {"en": "Student", "zh": "学生"},
    "lecture": {"en": "Lecture", "zh": "讲次"},
    "score": {"en": "Score", "zh": "得分"},
    "exercise": {"en": "Exercise", "zh": "题目"},
    "status": {"en": "Status", "zh": "状态"},
    "overview": {"en": "Overview", "zh": "总览"},
    "notes": {"en": "Notes", "zh": "备注"},
    "class": {"en": "Class overview", "zh": "班级总览"},
    "submissions": {"en": "submissions", "zh": "份提交"},
    "all_passed": {"en": "all passed", "zh": "全部通过"},
    "average": {"en": "Average", "zh": "平均"},
    "total": {"en": "Total", "zh": "总分"},
    "mistakes": {"en": "Frequent mistakes", "zh": "常见错误"},
    "mistake": {"en": "Mistake", "zh": "错误"},
    "unnamed": {"en": "(no known mistake)", "zh": "（不是已知的错误）"},
    "count": {"en": "Students", "zh": "人数"},
    "no_mistakes": {"en": "No mistakes.", "zh": "没有错误。"},
    "no_reports": {"en": "There are no submissions.", "zh": "还没有提交。"},
    "missing": {"en": "not in this report", "zh": "报告中没有此题"},
}


@dataclass
class Row:
    """Probes that differ in device or dtype alone and came out alike, as one line."""

    title: str
    verdict: str
    where: list[str] = field(default_factory=list)
    message: str = ""


def rows(exercise: ExerciseResult, lang: str) -> list[Row]:
    """The lines of an exercise's list of probes; a message that is the summary is not said twice."""
    found: dict[tuple[str, str], Row] = {}
    for probe in exercise.probes:
        row = found.setdefault((probe.id, probe.verdict), Row(probe.title[lang] or probe.id, probe.verdict))
        where = _where(probe)
        if where not in row.where:
            row.where.append(where)
        if not row.message and probe.message[lang] != exercise.summary[lang]:
            row.message = probe.message[lang]
    return list(found.values())


def _where(probe: ProbeResult) -> str:
    return probe.dtype if probe.device == "cpu" else f"{probe.dtype}, {probe.device}"


def _safe(value: Any) -> Any:
    """Every text that a template puts out passes here, so that none can be forgotten."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.render", "templates"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=_safe,
    )  # fmt: skip
    environment.filters.update(name=name, number=number, parts=parts)
    return environment


def _render(template: str, lang: str, **values: Any) -> str:
    environment = _environment()
    style = environment.get_template(f"{template}_style.html.j2").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    words = {key: both[lang] for key, both in CHROME.items()}
    html_lang = "zh-Hans" if lang == "zh" else "en"
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    values |= {"say": words, "lang": lang, "html_lang": html_lang, "rows": rows}
    return environment.get_template(f"{template}.html.j2").render(
        style=Markup(style), policy=Markup(policy), **values
    )


def check_html(report: Report, lang: str = "en") -> str:
    """The fragment under a check cell: status and score, what to mend first, and all checks folded away."""
    return _render("check", lang, report=report)


def feedback_html(report: Report, lang: str = "en") -> str:
    """A student's page: every exercise with its checks, messages and notes. Self-contained; prints."""
    notes = report.notes_zh if lang == "zh" and report.notes_zh else report.notes
    bonus = sum(e.score for e in report.exercises if e.bonus)
    return _render("feedback", lang, report=report, notes=notes, bonus=bonus)


def class_html(reports: Iterable[Report], lang: str = "en") -> str:
    """The instructor's page: students by exercises for each lecture, the frequent mistakes, and the notes."""
    by_lecture: dict[str, list[Report]] = {}
    for report in sorted(reports, key=lambda r: (r.lecture, _natural(r.student), r.submission)):
        by_lecture.setdefault(report.lecture, []).append(report)
    return _render("class", lang, lectures=[_lecture(found, lang) for found in by_lecture.values()])


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Sorts student2 before student10."""
    pieces = re.split(r"([0-9]+)", text)
    return [(1, int(p[:18]), "") if p.isascii() and p.isdigit() else (0, 0, p) for p in pieces]


def _lecture(reports: list[Report], lang: str) -> dict[str, Any]:
    exercises: dict[str, ExerciseResult] = {}
    for report in reports:
        for e in report.exercises:
            exercises.setdefault(e.name, e)
    table = [(report, {e.name: e for e in report.exercises}) for report in reports]
    averages: dict[str, float | None] = {}
    for key in exercises:
        shown = [by_name[key] for _, by_name in table if key in by_name]
        graded = [e.score for e in shown if e.status != "not_graded"]
        averages[key] = sum(graded) / len(graded) if graded else None
    return {
        "name": reports[0].lecture,
        "title": reports[0].title[lang],
        "exercises": list(exercises.values()),
        "table": table,
        "averages": averages,
        "average": sum(r.score for r in reports) / len(reports),
        "passed": sum(r.passed for r in reports),
        "mistakes": [(key, found) for key in exercises if (found := _mistakes(key, table, lang))],
        "notes": _notes(reports, lang),
    }


def _notes(reports: Sequence[Report], lang: str) -> list[tuple[str, str]]:
    """Each note once, with those whom it is about."""
    about: dict[str, list[str]] = {}
    for report in reports:
        whole = report.notes_zh if lang == "zh" and report.notes_zh else report.notes
        for note in [*whole, *(f"{e.name}: {n[lang]}" for e in report.exercises for n in e.notes)]:
            about.setdefault(note, []).append(report.student or report.submission)
    return [(_people(who), note) for note, who in about.items()]


def _people(who: Sequence[str]) -> str:
    more = len(who) - STUDENTS_SHOWN
    return ", ".join(name(w, 40) for w in who[:STUDENTS_SHOWN]) + (f" +{more}" if more > 0 else "")


def _mistakes(
    key: str, table: Sequence[tuple[Report, dict[str, ExerciseResult]]], lang: str
) -> list[tuple[str | None, int, str]]:
    """An exercise's mistakes, most frequent first: variant (None: unknown), how many, what its hint says."""
    failed = [by_name[key] for _, by_name in table if key in by_name and by_name[key].status == "fail"]
    count = Counter(e.variant for e in failed)
    ordered = sorted(count, key=lambda v: (v is None, -count[v], v or ""))
    return [(v, count[v], _said(v, failed, lang)) for v in ordered[:MISTAKES_SHOWN]]


def _said(variant: str | None, failed: Sequence[ExerciseResult], lang: str) -> str:
    if variant is None:
        return ""
    summaries: Iterable[Text] = (e.summary for e in failed if e.variant == variant)
    hints = (part.text for text in summaries for part in parts(text[lang]) if part.kind == "hint")
    return next(hints, "")
