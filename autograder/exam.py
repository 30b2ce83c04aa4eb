"""The exam of a lecture: its items, what is expected of each, and how each known variant behaves. Trusted side only.

What the reference and the variants show depends on (probe, seed, device, dtype) alone, so it is computed once and serves a
whole class. A student's bundle has the same questions with stored answers: ``public.py``.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType, ModuleType
from typing import Any, Protocol

from autograder.compare import expected
from autograder.course import CourseError, Exercise, Lecture, read_lecture, reference
from autograder.observation import Observation
from autograder.observing import observe_item
from autograder.probe import Probe
from autograder.report import Text
from autograder.strip import probes_source
from autograder.variant import Equivalent, Variant

DEFAULT_SEED = 7
WATCHED_PROBES = 4  # how many of an exercise's probes are run while watching for forbidden operations

CHECK_TITLES = {
    "vectorised": Text(en="the work does not grow with the batch (vectorised)", zh="工作量不随批次增大而增加（向量化）"),
    "forbidden": Text(en="written by yourself, without the library's own", zh="自己实现，没有调用库里现成的函数"),
}


@dataclass(frozen=True)
class Item:
    """One question: a probe (or a check) on one device in one dtype."""

    id: str
    exercise: str
    kind: str  # probe, vectorised, forbidden
    probes: tuple[str, ...]
    device: str
    dtype: str
    title: Text
    weight: float = 1.0
    public: bool = False
    factor: float = 1.0
    judged: bool = False

    def as_data(self) -> dict[str, Any]:
        """What the observing side is told."""
        return {
            "id": self.id,
            "kind": self.kind,
            "probes": list(self.probes),
            "device": self.device,
            "dtype": self.dtype,
        }


@dataclass(frozen=True)
class Known:
    """A variant as the diagnosis needs it."""

    id: str
    kind: str
    text: Text


class Answers(Protocol):
    """What judging needs to know of a lecture; an ``Exam`` computes it, a bundle of public checks has it stored."""

    lecture: str
    title: Text
    seed: int

    def exercises(self) -> Sequence[str]: ...
    def points(self, exercise: str) -> tuple[float, bool]: ...
    def forbidden(self, exercise: str) -> tuple[str, ...]: ...
    def items(self, exercise: str, public_only: bool = False) -> Sequence[Item]: ...
    def source(self, exercise: str, public_only: bool = False) -> str: ...
    def expected(self, item: Item) -> Observation: ...
    def parameters(self, function: str) -> list[str]: ...
    def known(self, exercise: str) -> Sequence[Known]: ...
    def shown_by(self, variant: str, item: Item) -> Observation | None: ...
    def judge(self, item: Item, got: Any, want: Any) -> tuple[str, str] | None: ...


class Exam:
    """The whole exam of one lecture, with hidden probes."""

    def __init__(self, lecture: Lecture, seed: int = DEFAULT_SEED, device: str = "cpu"):
        self._lecture = lecture
        self.lecture = lecture.name
        self.title = Text(**lecture.title)
        self.seed = seed
        self.device = device
        self._grader = grader_module(lecture.name)
        self._grader_source = inspect.getsource(self._grader)
        self._probes = probes_by_exercise(lecture, self._grader)
        self._by_id = {p.id: p for probes in self._probes.values() for p in probes}
        self._variants = {(v.exercise, v.id): v for v in variants(lecture.name)}
        self._expected: dict[Item, Observation] = {}
        self._shown: dict[tuple[str, str, Item], Observation] = {}
        self._items: dict[str, list[Item]] = {}

    def exercises(self) -> list[str]:
        return [e.name for e in self._lecture.exercises]

    def points(self, exercise: str) -> tuple[float, bool]:
        found = self._lecture.exercise(exercise)
        return found.points, found.bonus

    def forbidden(self, exercise: str) -> tuple[str, ...]:
        return self._lecture.exercise(exercise).forbidden

    def items(self, exercise: str, public_only: bool = False) -> list[Item]:
        if exercise not in self._items:
            self._items[exercise] = self._make_items(self._lecture.exercise(exercise))
        if not public_only:
            return self._items[exercise]
        public = [i for i in self._items[exercise] if i.public]
        return [replace(i, probes=tuple(p for p in i.probes if self._by_id[p].public)) for i in public]

    def _make_items(self, exercise: Exercise) -> list[Item]:
        probes = self._probes[exercise.name]
        items = [
            Item(
                id=p.id, exercise=exercise.name, kind="probe", probes=(p.id,), device=self.device, dtype=dtype,
                title=Text(en=p.en, zh=p.zh), weight=p.weight / len(p.dtypes), public=p.public,
                factor=p.tolerance or 1.0, judged=p.judge is not None,
            )
            for p in probes
            for dtype in p.dtypes
        ]  # fmt: skip
        if exercise.vectorised:
            items.append(self._check(exercise, "vectorised", (self._batched(exercise).id,)))
        if exercise.forbidden:
            items.append(self._check(exercise, "forbidden", tuple(p.id for p in probes[:WATCHED_PROBES])))
        return items

    def _check(self, exercise: Exercise, kind: str, probes: tuple[str, ...]) -> Item:
        return Item(
            f"test_{exercise.name}_{kind}", exercise.name, kind, probes, self.device, "float64",
            CHECK_TITLES[kind], public=any(self._by_id[p].public for p in probes),
        )  # fmt: skip

    def _batched(self, exercise: Exercise) -> Probe:
        for p in self._probes[exercise.name]:
            if "make.batch" in inspect.getsource(p.run):
                return p
        raise CourseError(f"{self.lecture}: {exercise.name} is declared vectorised, but none of its probes uses make.batch")

    def probe(self, item: Item) -> Probe:
        return self._by_id[item.probes[0]]

    def source(self, exercise: str, public_only: bool = False) -> str:
        wanted = {p for item in self.items(exercise, public_only) for p in item.probes}
        return probes_source(self._grader_source, wanted)

    def observe(
        self, item: Item, namespace: Mapping[str, Any], asked: Mapping[str, str] = MappingProxyType({}), **options: Any
    ) -> Observation:
        """Run an item on an implementation of ours; what it warns of is nobody's concern, and names lines of the reference."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return observe_item({**item.as_data(), **asked}, self._by_id, namespace, self.seed, **options)

    def expected(self, item: Item) -> Observation:
        if item not in self._expected:
            namespace = vars(reference(self.lecture))
            if item.kind != "probe":
                self._expected[item] = self.observe(item, namespace)
            else:
                native = self.observe(item, namespace, keep_arguments=True)
                self._expected[item] = native
                if item.dtype != "float64":
                    oracle = self.observe(item, namespace, {"dtype": "float64"}, rounded=item.dtype)
                    self._expected[item] = expected(native, oracle)
        return self._expected[item]

    def parameters(self, function: str) -> list[str]:
        target = getattr(reference(self.lecture), function, None)
        return list(inspect.signature(target).parameters) if callable(target) else []

    def known(self, exercise: str) -> list[Known]:
        return [
            Known(v.id, v.kind, Text(en=v.en, zh=v.zh))
            for v in self._variants.values()
            if v.exercise == exercise and v.kind != "right"
        ]

    def shown_by(self, variant: str, item: Item) -> Observation:
        key = (item.exercise, variant, item)
        if key not in self._shown:
            implementation = self._variants[item.exercise, variant].implementation
            namespace = {**vars(reference(self.lecture)), item.exercise: implementation}
            self._shown[key] = self.observe(item, namespace)
        return self._shown[key]

    def judge(self, item: Item, got: Any, want: Any) -> tuple[str, str] | None:
        judge = self._by_id[item.probes[0]].judge
        return judge(got, want) if judge else None


@functools.cache
def exam(lecture: str, seed: int = DEFAULT_SEED, device: str = "cpu") -> Exam:
    return Exam(read_lecture(lecture), seed, device)


def grader_module(lecture: str) -> ModuleType:
    return importlib.import_module(f"autograder.graders.test_{lecture}")


def variants_module(lecture: str) -> ModuleType:
    return importlib.import_module(f"autograder.variants.{lecture}")


def variants(lecture: str) -> list[Variant]:
    return [v for v in vars(variants_module(lecture)).values() if isinstance(v, Variant)]


def equivalents(lecture: str) -> list[Equivalent]:
    found: list[Equivalent] = []
    for value in vars(variants_module(lecture)).values():
        candidates: Iterable[Any] = value if isinstance(value, (list, tuple)) else [value]
        found += [v for v in candidates if isinstance(v, Equivalent)]
    return found


def probes_by_exercise(lecture: Lecture, grader: ModuleType) -> dict[str, list[Probe]]:
    """The probes of each exercise, in the file's order. Raises ``CourseError`` for a probe without its exercise."""
    found: dict[str, list[Probe]] = {e.name: [] for e in lecture.exercises}
    by_length = sorted(found, key=len, reverse=True)
    for p in vars(grader).values():
        if not isinstance(p, Probe):
            continue
        name = p.exercise or next((n for n in by_length if f"{p.id}_".startswith(f"test_{n}_")), None)
        if name not in found:
            raise CourseError(f"{grader.__name__}: probe {p.id} belongs to no exercise of {lecture.name}")
        found[name].append(p)
    empty = [name for name, probes in found.items() if not probes]
    if empty:
        raise CourseError(f"{grader.__name__}: no probe for {', '.join(empty)}")
    return found
