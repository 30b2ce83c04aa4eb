"""Verdicts: observations of a submission against an exam, as a report. The one path that every caller uses."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder import messages
from autograder.diagnosis import accepted_as, message, name_mistake
from autograder.exam import DEFAULT_SEED, Answers, Item, exam
from autograder.observation import Observation, Raised
from autograder.report import ExerciseResult, ProbeResult, Report, Status, Text
from autograder.sandbox import DEFAULT_LIMITS, Level, Limits, Observed, observe_submission
from autograder.submission import Submission, cells_to_run, lecture_of, read, redefined, uses
from autograder.verdict import Outcome, outcome

Key = tuple[str, str, str]  # probe id, device, dtype


def key(item: Item) -> Key:
    return item.id, item.device, item.dtype


def judge_exercise(
    answers: Answers,
    exercise: str,
    seen: Mapping[Key, Observation | Text],
    public_only: bool = False,
) -> ExerciseResult:
    """The result of one exercise. ``seen`` has an observation for each item, or why there is none (not graded).

    An item that is absent from ``seen`` was not answered, which is a failure of the submission.
    """
    outcomes = [outcome(answers, item, seen.get(key(item), _SILENT)) for item in answers.items(exercise, public_only)]
    notes: list[Text] = []
    if accepted := accepted_as(answers, exercise, outcomes):
        notes.append(accepted.text)
        outcomes = [Outcome(o.item, o.got, o.want) if o.item.kind == "probe" else o for o in outcomes]
    points, bonus = answers.points(exercise)
    status = _status(outcomes)
    named, by_item = (None, {}) if status != "fail" else name_mistake(answers, exercise, outcomes)
    graded = sum(o.item.weight for o in outcomes if o.fault is None)
    share = points / graded if graded else 0.0
    # Whoever calls the library's own has not solved the exercise, however right the numbers are; and how a result was
    # computed earns nothing while the result is wrong.
    borrowed = any(o.failed and o.item.kind == "forbidden" for o in outcomes)
    wrong = any(o.failed and o.item.kind == "probe" for o in outcomes)

    def earns(o: Outcome) -> bool:
        return not (o.failed or o.fault is not None or borrowed or (wrong and o.item.kind != "probe"))

    probes = []
    for o in outcomes:
        known = by_item.get(o.item)
        text = Text(en="", zh="")
        if o.fault is not None:
            text = messages.label("not_graded", reason=o.fault)
        elif o.failed:
            text = message(answers, o, known)
        weight = 0.0 if o.fault is not None else o.item.weight * share
        probes.append(
            ProbeResult(
                id=o.item.id, title=o.item.title, device=o.item.device, dtype=o.item.dtype, public=o.item.public,
                verdict="not_graded" if o.fault is not None else "fail" if o.failed else "pass",
                points=round(weight, 4) if earns(o) else 0.0, max_points=round(weight, 4), message=text,
                variant=known.id if known and o.failed else None,
            )
        )  # fmt: skip
    earned = sum(o.item.weight for o in outcomes if earns(o)) * share
    score = 0.0 if status in ("not_started", "not_graded") else round(earned, 2)
    return ExerciseResult(
        name=exercise, score=score, max_score=points if graded else 0.0, bonus=bonus, status=status,
        summary=_summary(outcomes, probes, status), variant=named.id if named else _main(by_item),
        notes=tuple(notes), probes=tuple(probes),
    )  # fmt: skip


_SILENT = Observation(Raised(("Died", "Exception"), "no answer"))


def _main(by_item: Mapping[Item, Any]) -> str | None:
    """The mistake that most failed items show, where none explains them all."""
    ids = [k.id for k in by_item.values()]
    return max(ids, key=ids.count) if ids else None


def _status(outcomes: Sequence[Outcome]) -> Status:
    graded = [o for o in outcomes if o.fault is None]
    if not graded:
        return "not_graded"
    if all(o.mismatch is not None and o.mismatch.kind == "not_started" for o in graded):
        return "not_started"
    return "fail" if any(o.failed for o in graded) else "pass"


def _summary(outcomes: Sequence[Outcome], probes: Sequence[ProbeResult], status: Status) -> Text:
    """The message of the failed probe that shows the mistake on the smallest input, named mistakes before others."""
    if status == "not_started":
        return messages.found("not_started", function=outcomes[0].item.exercise)
    pairs = [(o, p) for o, p in zip(outcomes, probes, strict=True) if p.verdict == "fail"]
    if not pairs:
        faults = [p for p in probes if p.verdict == "not_graded"]
        return faults[0].message if faults else Text(en="", zh="")
    best = min(pairs, key=lambda pair: (pair[0].item.kind != "probe", pair[1].variant is None, len(pair[1].message.en)))
    return best[1].message


def assemble(answers: Answers, results: Sequence[ExerciseResult], **fields: Any) -> Report:
    """The report of a submission from its exercises' results."""
    return Report(
        lecture=answers.lecture, title=answers.title, seed=answers.seed,
        score=round(sum(r.score for r in results), 2),
        max_score=round(sum(r.max_score for r in results if not r.bonus), 2),
        exercises=tuple(results), **fields,
    )  # fmt: skip


# --- a submission --------------------------------------------------------------------------------------------------


def grade(
    path: Path,
    level: Level,
    *,
    lecture: str | None = None,
    seed: int = DEFAULT_SEED,
    device: str = "cpu",
    limits: Limits = DEFAULT_LIMITS,
    only: Sequence[str] | None = None,
    student: str = "",
) -> Report:
    """Grade one notebook or Python file, with hidden probes. Raises ``Unreadable`` where it is no submission.

    ``only`` restricts to some exercises. Student code runs at ``level`` and nowhere else.
    """
    submission = read(path)
    return grade_submission(
        submission, exam(lecture_of(submission, lecture), seed, device), level, limits, only, student
    )


def grade_submission(
    submission: Submission,
    answers: Answers,
    level: Level,
    limits: Limits = DEFAULT_LIMITS,
    only: Sequence[str] | None = None,
    student: str = "",
    public_only: bool = False,
) -> Report:
    started = time.monotonic()
    names = [e for e in answers.exercises() if only is None or e in only]
    fields = {"submission": str(submission.path), "student": student, "isolation": level.name}
    if device_missing := _missing_device(answers, names):
        absent = messages.label("no_device", device=device_missing)
        results = [
            judge_exercise(answers, name, {key(i): absent for i in answers.items(name, public_only)}, public_only)
            for name in names
        ]
        return assemble(answers, results, notes=(absent.en,), notes_zh=(absent.zh,), **fields)
    cells = cells_to_run(submission, answers.exercises())
    observed = observe_submission(level, answers, names, cells, limits, public_only)
    fault = _fault(observed)
    results = []
    for name in names:
        answered: dict[Key, Observation | Text] = {}
        for item in answers.items(name, public_only):
            default: Observation | Text = fault or observed.missing(name)
            answered[key(item)] = observed.items.get((name, *key(item)), default)
        with _TRUSTED:
            results.append(judge_exercise(answers, name, answered, public_only))
    results = _with_dependencies(submission, results)
    notes = [*submission.notes, *_notes(submission, observed, answers)]
    return assemble(
        answers, results, seconds=round(time.monotonic() - started, 2),
        notes=tuple(n.en for n in notes), notes_zh=tuple(n.zh for n in notes), **fields,
    )  # fmt: skip


# The reference and the variants run in this process, with global random state: one at a time.
_TRUSTED = threading.RLock()


def _missing_device(answers: Answers, names: Sequence[str]) -> str | None:
    """The device that items ask for and this machine has not."""
    devices = {item.device for name in names for item in answers.items(name)} - {"cpu"}
    if not devices:
        return None
    import torch

    return None if torch.cuda.is_available() else devices.pop()


def _fault(observed: Observed) -> Text | None:
    """Why nothing could be graded, where the sandbox and not the submission is at fault: it never became ready."""
    if observed.started:
        return None
    return messages.label("engine_fault", error=f"the sandbox did not start: {observed.stderr.strip()[-300:]}")


def _with_dependencies(submission: Submission, results: Sequence[ExerciseResult]) -> list[ExerciseResult]:
    """Tell which failing function to mend first, where one that fails uses another that does."""
    used = uses(submission, [r.name for r in results])
    failing = {r.name for r in results if r.status in ("fail", "not_started")}
    found = []
    for result in results:
        notes = list(result.notes)
        if result.status == "fail":
            notes += [
                messages.label("fix_first", function=result.name, other=other)
                for other in sorted(used.get(result.name, set()) & failing)
            ]
        found.append(result.model_copy(update={"notes": tuple(notes)}))
    return found


def _notes(submission: Submission, observed: Observed, answers: Answers) -> list[Text]:
    notes = []
    for error in observed.cells:
        line = f", {error.line}" if error.line else ""
        kind = {"TimeLimit": "cell_time", "Died": "cell_died"}.get(error.kind, "cell_raised")
        notes.append(messages.label(kind, cell=error.cell, type=error.kind, message=error.message, line=line))
    for name, cells in redefined(submission, answers.exercises()):
        notes.append(messages.label("redefined", function=name, cells=", ".join(map(str, cells))))
    return notes
