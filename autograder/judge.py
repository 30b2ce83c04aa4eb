"""The judge of a notebook: a process beside the kernel that holds the answers, so that the kernel need not.

It reads frames on standard input and answers each with one. The kernel asks for an exercise's questions, observes, and sends
the observations; the verdicts come back as HTML and text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import progress
from autograder.course import CourseError, course_root, exercise_index
from autograder.exam import Answers
from autograder.frames import read_frame, write_frame
from autograder.grading import assemble, judge_exercise, key
from autograder.observation import Observation, decode, encode
from autograder.public import PublicChecks, find_checks, load_checks


class Judge:
    """Answers a kernel's requests; ``folder`` is where its notebook lies."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._checks: dict[Path, PublicChecks] = {}

    def public(self) -> PublicChecks | None:
        path = find_checks(self._folder)
        if path is None:
            return None
        if path not in self._checks:
            self._checks[path] = load_checks(path)
        return self._checks[path]

    def answers(self, exercise: str, public_only: bool) -> Answers:
        """The hidden exam where the whole repository is at hand, else the public checks beside the notebook."""
        checks = self.public()
        if course_root() is not None and not public_only:
            from autograder.exam import exam

            if lecture := exercise_index().get(exercise):
                return exam(lecture)
        if checks is None:
            raise CourseError(
                f"no checks file (*.checks) lies in {self._folder} or above it; keep the notebook in the folder it came in"
            )
        if exercise not in checks.exercises():
            raise CourseError(f"{exercise} is no exercise of {checks.lecture}: {', '.join(checks.exercises())}")
        return checks

    def lang(self) -> str:
        checks = self.public()
        return os.environ.get("AUTOGRADER_LANG") or (checks.lang if checks else "en")

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["ask"] == "lang":
            return {"lang": self.lang()}
        exercise, public_only = str(request["exercise"]), bool(request["public"])
        answers = self.answers(exercise, public_only)
        if request["ask"] == "questions":
            items = [i.as_data() for i in answers.items(exercise, public_only)]
            return {
                "source": answers.source(exercise, public_only),
                "items": items,
                "seed": answers.seed,
                "lang": self.lang(),
            }
        seen = {
            (a["id"], a["device"], a["dtype"]): a["observation"]
            for a in request["answers"]
            if isinstance(a["observation"], Observation)
        }
        asked = {key(i) for i in answers.items(exercise, public_only)}
        result = judge_exercise(answers, exercise, {k: v for k, v in seen.items() if k in asked}, public_only)
        report = assemble(answers, [result], submission="notebook", isolation="kernel")
        progress.remember(report)
        lang = str(request.get("lang") or self.lang())
        from autograder.render.html import check_html
        from autograder.render.terminal import check_text

        return {
            "html": check_html(report, lang),
            "text": check_text(report, lang),
            "passed": report.passed,
        }


def _warm(judge: Judge, exercises: Sequence[str]) -> None:
    """What the first check would wait for, done while the notebook is still being read: imports and expected values."""
    import autograder.render.html
    import autograder.render.terminal  # noqa: F401

    for exercise in exercises:
        answers = judge.answers(exercise, False)
        for item in answers.items(exercise):
            answers.expected(item)


def main() -> None:
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to the log, never between frames
    judge = Judge(Path.cwd())
    try:
        checks = judge.public()
        if checks is not None:
            _warm(judge, checks.exercises())
    except Exception:
        pass  # it will be told when asked
    while (frame := read_frame(source)) is not None:
        try:
            answer = judge.reply(decode(frame))
        except (CourseError, ValueError) as error:
            answer = {"error": str(error)}
        except Exception as error:
            answer = {"error": f"the judge failed: {type(error).__name__}: {error}"}
        write_frame(sink, encode(answer))


if __name__ == "__main__":
    main()
