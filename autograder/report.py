"""The report: all verdicts of one submission, as data. Terminal, HTML, gradebook and exports are functions of it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["pass", "fail", "not_graded"]
Status = Literal["pass", "fail", "not_started", "not_graded"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Text(_Record):
    """A text in both languages."""

    en: str
    zh: str

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


class ProbeResult(_Record):
    """One probe on one device in one dtype. ``variant`` is the id of the wrong variant that behaves alike.

    ``message`` has what was called, got and should be, and a hint; it is empty for a pass. Text, never HTML: it may hold what
    a student wrote.
    """

    id: str
    title: Text
    device: str
    dtype: str
    public: bool
    verdict: Verdict
    points: float
    max_points: float
    message: Text = Text(en="", zh="")
    variant: str | None = None


class ExerciseResult(_Record):
    """One exercise. ``summary`` is what a student should read first: the smallest failing example and the named mistake."""

    name: str
    score: float
    max_score: float
    bonus: bool = False
    status: Status
    summary: Text = Text(en="", zh="")
    variant: str | None = None
    notes: tuple[Text, ...] = ()
    probes: tuple[ProbeResult, ...] = ()


class Report(_Record):
    """One submission. ``max_score`` counts what was graded; bonus points add to ``score`` and not to ``max_score``."""

    schema_: Literal[1] = Field(1, alias="schema")
    submission: str
    student: str = ""
    lecture: str
    title: Text = Text(en="", zh="")
    seed: int
    isolation: str
    score: float
    max_score: float
    seconds: float = 0.0
    key: str = ""  # content address: submission, graders, reference, seed, environment
    exercises: tuple[ExerciseResult, ...] = ()
    notes: tuple[str, ...] = ()  # about the submission as a whole, in English; the same in Chinese beside it
    notes_zh: tuple[str, ...] = ()

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    @property
    def passed(self) -> bool:
        """Every graded exercise passes; a bonus not started does not count."""
        return all(e.status == "pass" or (e.bonus and e.status == "not_started") for e in self.exercises)
