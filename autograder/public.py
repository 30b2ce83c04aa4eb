"""Public checks: an exam's public probes with stored answers, in one file beside a student's notebook.

The file needs neither solutions nor hidden graders: what is expected of each public probe is in it as observations, and so is
what each known mistake shows there, so that a mistake is named offline too.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.compare import compare_values
from autograder.course import Lecture
from autograder.exam import Exam, Item, Known, grader_module
from autograder.observation import Call, Malformed, Observation, decode, encode
from autograder.report import Text
from autograder.strip import judges_source

SUFFIX = ".checks"
PUBLIC_SEED = 0  # not the default of hidden grading: an answer copied from here is of no use there


def checks_bytes(lecture: Lecture, lang: str) -> bytes:
    """The file's content for one lecture: the same at each build."""
    exam = Exam(lecture, PUBLIC_SEED)
    pool: dict[bytes, int] = {}
    observations: list[Observation] = []

    def stored(observation: Observation) -> int:
        digest = encode({"o": observation})
        if digest not in pool:
            pool[digest] = len(observations)
            observations.append(observation)
        return pool[digest]

    exercises = [_exercise(exam, lecture, name, stored) for name in exam.exercises()]
    payload = {
        "schema": 1, "lecture": lecture.name, "lang": lang, "title": dict(lecture.title),
        "exercises": exercises, "observations": observations,
    }  # fmt: skip
    return zlib.compress(encode(payload), 9)


def _exercise(exam: Exam, lecture: Lecture, name: str, stored: Any) -> dict[str, Any]:
    exercise = lecture.exercise(name)
    items = exam.items(name, public_only=True)
    known = exam.known(name)
    judges = {item.id: judge.__name__ for item in items if (judge := exam.probe(item).judge) and item.judged}
    functions = {c.function for item in items for c in exam.expected(item).calls} | {name}
    return {
        "name": name, "points": exercise.points, "bonus": exercise.bonus, "forbidden": list(exercise.forbidden),
        "difficulty": exercise.difficulty, "minutes": exercise.minutes,
        "hints": {lang: list(steps) for lang, steps in exercise.hints.items()},
        "parameters": {f: exam.parameters(f) for f in sorted(functions)},
        "source": exam.source(name, public_only=True),
        "judges": judges_source(inspect.getsource(grader_module(lecture.name)), judges.values()) if judges else "",
        "known": [{"id": k.id, "kind": k.kind, "en": k.text.en, "zh": k.text.zh} for k in known],
        "items": [
            {
                **item.as_data(), "title": item.title.model_dump(), "weight": item.weight, "factor": item.factor,
                "judge": judges.get(item.id, ""), "expected": stored(exam.expected(item)),
                "shown": {k.id: stored(_short(exam.shown_by(k.id, item))) for k in known},
            }
            for item in items
        ],
    }  # fmt: skip


def _short(observation: Observation) -> Observation:
    """Of a variant's calls only what it changed is compared later."""
    calls = [Call(c.function, mutated=c.mutated) for c in observation.calls if c.mutated]
    return Observation(observation.value, calls)


@dataclass
class _Stored:
    data: dict[str, Any]
    items: list[Item]


class PublicChecks:
    """A checks file as answers (see ``exam.Answers``)."""

    def __init__(self, data: bytes):
        payload = decode(zlib.decompress(data))
        self.lecture: str = payload["lecture"]
        self.lang: str = payload["lang"]
        self.title = Text(**payload["title"])
        self.seed = PUBLIC_SEED
        self._observations: list[Observation] = payload["observations"]
        self._stored = {e["name"]: _Stored(e, [_item(e["name"], i) for i in e["items"]]) for e in payload["exercises"]}
        self._data = {
            (i.exercise, i): d for s in self._stored.values() for i, d in zip(s.items, s.data["items"], strict=True)
        }
        self._judges: dict[str, ModuleType] = {}

    def exercises(self) -> list[str]:
        return list(self._stored)

    def points(self, exercise: str) -> tuple[float, bool]:
        data = self._stored[exercise].data
        return float(data["points"]), bool(data["bonus"])

    def offer(self, exercise: str) -> tuple[float, int, int, bool]:
        """Points, difficulty, minutes, bonus."""
        data = self._stored[exercise].data
        return float(data["points"]), int(data["difficulty"]), int(data["minutes"]), bool(data["bonus"])

    def hints(self, exercise: str, lang: str) -> list[str]:
        return list(self._stored[exercise].data["hints"].get(lang, []))

    def forbidden(self, exercise: str) -> tuple[str, ...]:
        return tuple(self._stored[exercise].data["forbidden"])

    def items(self, exercise: str, public_only: bool = True) -> list[Item]:
        return self._stored[exercise].items

    def source(self, exercise: str, public_only: bool = True) -> str:
        return str(self._stored[exercise].data["source"])

    def expected(self, item: Item) -> Observation:
        index: int = self._data[item.exercise, item]["expected"]
        return self._observations[index]

    def parameters(self, function: str) -> list[str]:
        for stored in self._stored.values():
            if function in stored.data["parameters"]:
                return list(stored.data["parameters"][function])
        return []

    def known(self, exercise: str) -> Sequence[Known]:
        return [Known(k["id"], k["kind"], Text(en=k["en"], zh=k["zh"])) for k in self._stored[exercise].data["known"]]

    def shown_by(self, variant: str, item: Item) -> Observation | None:
        index = self._data[item.exercise, item]["shown"].get(variant)
        return None if index is None else self._observations[index]

    def judge(self, item: Item, got: Any, want: Any) -> tuple[str, str] | None:
        name = self._data[item.exercise, item]["judge"]
        if item.exercise not in self._judges:
            module = ModuleType("judges")
            exec(compile(self._stored[item.exercise].data["judges"], "<judges>", "exec"), module.__dict__)
            self._judges[item.exercise] = module
        verdict: tuple[str, str] | None = getattr(self._judges[item.exercise], name)(got, want)
        return verdict


def _item(exercise: str, data: dict[str, Any]) -> Item:
    return Item(
        data["id"], exercise, data["kind"], tuple(data["probes"]), data["device"], data["dtype"], Text(**data["title"]),
        float(data["weight"]), True, float(data["factor"]), bool(data["judge"]),
    )  # fmt: skip


def checks_files(lecture: Lecture, lang: str) -> dict[str, bytes]:
    """What the build puts beside a notebook."""
    return {f"{lecture.name}{SUFFIX}": checks_bytes(lecture, lang)}


def same_file(old: bytes, new: bytes) -> bool:
    """Whether a built file is still current. Two checks files are the same where their observations agree as observations.

    Another processor's kernels give other last bits, and another zlib other bytes: neither makes a notebook stale.
    """
    if old == new:
        return True
    try:
        a, b = decode(zlib.decompress(old)), decode(zlib.decompress(new))
    except (zlib.error, Malformed):
        return False
    seen, wanted = _taken_out(a), _taken_out(b)
    return a == b and len(seen) == len(wanted) and all(map(_same_observation, seen, wanted))


def _taken_out(payload: dict[str, Any]) -> list[Observation]:
    """The observations of every item in order, taken out of the payload with their places in the pool."""
    pool = payload.pop("observations")
    found = []
    for exercise in payload["exercises"]:
        for item in exercise["items"]:
            shown = item.pop("shown")
            found += [pool[item.pop("expected")], *(pool[shown[name]] for name in sorted(shown))]
            item["known"] = sorted(shown)
    return found


def _same_observation(a: Observation, b: Observation) -> bool:
    pairs = [(a.value, b.value), *((c.result, d.result) for c, d in zip(a.calls, b.calls, strict=False))]
    arguments = [([*c.args, c.kwargs], [*d.args, d.kwargs]) for c, d in zip(a.calls, b.calls, strict=False)]
    same_calls = [(c.function, c.mutated) for c in a.calls] == [(d.function, d.mutated) for d in b.calls]
    return same_calls and all(compare_values(x, y, "float32") is None for x, y in [*pairs, *arguments])


def find_checks(folder: Path, lecture: str | None = None) -> Path | None:
    """The checks file in ``folder`` or the nearest folder above it."""
    for place in (folder, *folder.parents):
        found = sorted(place.glob(f"{lecture or '*'}{SUFFIX}"))
        if found:
            return found[0]
    return None


def load_checks(path: Path) -> PublicChecks:
    """Raises ``ValueError`` with what to do for a file that is no checks file."""
    try:
        return PublicChecks(path.read_bytes())
    except (zlib.error, Malformed, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a checks file ({type(error).__name__}); take it from the course again") from None
