"""Proving a lecture: the reference has full marks, the stub none, right variants pass, wrong ones fail and are named.

The graders' own test: a lecture is ready for students when ``verify`` is clean.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any

from pydantic import BaseModel

from autograder.course import LANGUAGES, Exercise, Lecture, read_lecture, reference
from autograder.exam import Exam, equivalents, exam, variants
from autograder.grading import Key, judge_exercise, key
from autograder.mutants import mutants
from autograder.observation import Observation
from autograder.probe import TimeLimit, has_chinese, raised
from autograder.report import ExerciseResult
from autograder.variant import Variant

MUTANT_SECONDS = 3.0
NAMED_AT_LEAST = 0.95


class ExerciseProof(BaseModel):
    """How one exercise's graders did. ``problems`` is what an author must mend."""

    name: str
    points: float
    probes: int
    public: int
    right: int
    accepted: int
    wrong: int
    killed: int
    named: int
    reference_ok: bool
    stub_ok: bool
    mutants: int = 0
    survivors: int = 0
    problems: list[str] = []


class LectureProof(BaseModel):
    name: str
    exercises: list[ExerciseProof]
    problems: list[str] = []

    @property
    def ok(self) -> bool:
        wrong = sum(e.wrong for e in self.exercises)
        named = sum(e.named for e in self.exercises)
        return not self.problems and not any(e.problems for e in self.exercises) and named >= NAMED_AT_LEAST * wrong


def verify(name: str, with_mutants: bool = False, only: str | None = None) -> LectureProof:
    """The proof of one lecture (or of its exercise ``only``)."""
    lecture, questions = read_lecture(name), exam(name)
    proofs = []
    for exercise in lecture.exercises:
        if only in (None, exercise.name):
            proofs.append(_verify_exercise(questions, lecture, exercise, with_mutants))
    return LectureProof(name=name, exercises=proofs, problems=[] if only else _lecture_problems(lecture))


def verify_lectures(
    names: Sequence[str], with_mutants: bool = False, only: str | None = None
) -> Iterator[LectureProof]:
    """The proofs of several lectures, as they come; two processes at most, since each holds torch."""
    if len(names) == 1:
        yield verify(names[0], with_mutants, only)
        return
    with ProcessPoolExecutor(min(len(names), os.cpu_count() or 1), multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(verify, names, [with_mutants] * len(names), [only] * len(names))


def stale(name: str) -> list[str]:
    """Notebooks of a lecture that are not what its source gives."""
    from autograder.build import build
    from autograder.course import require_root
    from autograder.public import checks_files, same_file

    root = require_root()
    paths = build([read_lecture(name)], root, check=True, extra=checks_files, same=same_file)
    return [f"{p.relative_to(root)} is stale: run `autograder build`" for p in paths]


def observe_all(
    questions: Exam, exercise: str, namespace: Mapping[str, Any], seconds: float = 20.0
) -> dict[Key, Observation]:
    """Every item of an exercise, observed in this process; for implementations of our own."""
    seen: dict[Key, Observation] = {}
    for item in questions.items(exercise):
        try:
            with time_limit(seconds):
                seen[key(item)] = questions.observe(item, namespace)
        except TimeLimit as error:
            seen[key(item)] = Observation(raised(error))
    return seen


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise ``TimeLimit`` in this (main) thread after ``seconds``."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TimeLimit(f"{seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def result_of(questions: Exam, exercise: str, implementation: Any) -> ExerciseResult:
    """The result of the reference with one exercise replaced."""
    namespace = {**vars(reference(questions.lecture)), exercise: implementation}
    return judge_exercise(questions, exercise, observe_all(questions, exercise, namespace))


def _verify_exercise(questions: Exam, lecture: Lecture, exercise: Exercise, with_mutants: bool) -> ExerciseProof:
    own = [v for v in variants(lecture.name) if v.exercise == exercise.name]
    problems: list[str] = []
    name = exercise.name
    own_result = result_of(questions, name, getattr(reference(lecture.name), name))
    reference_ok = own_result.status == "pass" and own_result.score == exercise.points
    if not reference_ok:
        problems.append(f"the reference does not have full marks: {own_result.status}: {own_result.summary.en}")
    stub = result_of(questions, name, _stub)
    stub_ok = stub.status == "not_started" and stub.score == 0
    if not stub_ok:
        problems.append(f"the untouched stub is {stub.status} with {stub.score} points")
    wrong = [v for v in own if v.kind == "wrong"]
    killed = named = 0
    results = {v.id: result_of(questions, name, v.implementation) for v in own}
    for v in own:
        problems += _variant_problems(v, results[v.id])
    for v in wrong:
        killed += results[v.id].status != "pass"
        is_named = results[v.id].variant == v.id or _twins(questions, name, v.id, results[v.id].variant)
        named += is_named
        if not is_named and results[v.id].status != "pass":
            problems.append(f"note: wrong variant {v.id} is taken for {results[v.id].variant}")
    if len([v for v in own if v.kind == "right"]) < 2:
        problems.append("fewer than two right variants")
    counted = survivors = 0
    if with_mutants:
        counted, alive = _mutants(questions, exercise)
        survivors = len(alive)
        problems += [f"surviving mutant: {change}" for change in alive]
    items = questions.items(name)
    proof = ExerciseProof(
        name=name, points=exercise.points, probes=len({i.id for i in items}),
        public=len({i.id for i in items if i.public and i.kind == "probe"}),
        right=sum(v.kind == "right" for v in own), accepted=sum(v.kind == "accepted" for v in own), wrong=len(wrong),
        killed=killed, named=named, reference_ok=reference_ok, stub_ok=stub_ok, mutants=counted, survivors=survivors,
        problems=[p for p in problems if not p.startswith("note: ")],
    )  # fmt: skip
    if named < NAMED_AT_LEAST * len(wrong):
        proof.problems += [p.removeprefix("note: ") for p in problems if p.startswith("note: ")]
    if not 1 <= proof.public <= 4:
        proof.problems.append(f"{proof.public} public probes; two or three are meant")
    return proof


def _stub(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError


def _variant_problems(variant: Variant, result: ExerciseResult) -> list[str]:
    failed = [f"{p.id} {p.dtype}" for p in result.probes if p.verdict != "pass"]
    if any(p.verdict == "not_graded" for p in result.probes):
        return [f"{variant.kind} variant {variant.id} could not be graded: {result.summary.en}"]
    if variant.kind == "right" and (result.status != "pass" or result.notes):
        return [f"right variant {variant.id} fails {', '.join(failed)}: {result.summary.en}"]
    if variant.kind == "accepted" and result.status != "pass":
        return [f"accepted variant {variant.id} fails {', '.join(failed)}: {result.summary.en}"]
    if variant.kind == "accepted" and not result.notes:
        return [f"accepted variant {variant.id} passes every probe without its note: no probe tells it apart"]
    if variant.kind == "wrong" and result.status == "pass":
        return [f"wrong variant {variant.id} passes"]
    if variant.kind != "right" and (not variant.en or not has_chinese(variant.zh)):
        return [f"variant {variant.id} lacks a text in English or in Chinese"]
    return []


def _twins(questions: Exam, exercise: str, a: str, b: str | None) -> bool:
    """Whether two variants show the same on every item: no probe could tell them apart."""
    from autograder.compare import alike

    if b is None:
        return False
    return all(
        alike(questions.shown_by(a, i), questions.shown_by(b, i), i.dtype)
        for i in questions.items(exercise)
        if i.kind == "probe"
    )


def _mutants(questions: Exam, exercise: Exercise) -> tuple[int, list[str]]:
    """How many mutants there are, and the changes of those that survive without being declared equivalent."""
    declared = {e.change for e in equivalents(questions.lecture) if e.exercise == exercise.name}
    module = vars(reference(questions.lecture))
    alive, found = [], set()
    count = 0
    for mutant in mutants(exercise.source, exercise.name):
        count += 1
        namespace = dict(module)
        try:
            exec(compile(mutant.source, "<mutant>", "exec"), namespace)
        except Exception:
            continue
        if _survives(questions, exercise.name, namespace):
            found.add(mutant.change)
            if mutant.change not in declared:
                alive.append(mutant.change)
    stale = declared - found
    return count, alive + [f"(declared equivalent, but it is killed or gone) {c}" for c in sorted(stale)]


def _survives(questions: Exam, exercise: str, namespace: Mapping[str, Any]) -> bool:
    from autograder.verdict import difference

    for item in questions.items(exercise):
        try:
            with time_limit(MUTANT_SECONDS):
                seen = questions.observe(item, namespace)
        except TimeLimit:
            return False
        if difference(questions, item, seen) is not None:
            return False
    return True


def _lecture_problems(lecture: Lecture) -> list[str]:
    problems = []
    total = sum(e.points for e in lecture.exercises if not e.bonus)
    if total != 100:
        problems.append(f"the graded exercises have {total:g} points together; they must have 100")
    known = {e.name for e in lecture.exercises}
    problems += [
        f"variant {v.exercise}__{v.id}: no such exercise" for v in variants(lecture.name) if v.exercise not in known
    ]
    for exercise in lecture.exercises:
        problems += [f"{exercise.name}: no hint ladder in {lang}" for lang in LANGUAGES if lang not in exercise.hints]
        zh = [hint for hint in exercise.hints.get("zh", ()) if not has_chinese(hint)]
        if len(zh) > 1:  # the third step may be code alone
            problems.append(f"{exercise.name}: Chinese hints without Chinese text")
    counts = {lang: sum(c.kind == "markdown" and c.lang == lang for c in lecture.cells) for lang in LANGUAGES}
    if counts["en"] != counts["zh"]:
        problems.append(f"{counts['en']} English text cells and {counts['zh']} Chinese ones")
    return problems
