"""Speed, as ratios within one run: these machines are shared and noisy, so seconds mean little and ratios much.

``make bench``. The figures that a user feels are printed; what is asserted is a ratio, with room for a noisy neighbour.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.build import filled, notebook_bytes
from autograder.course import lecture_names, read_lecture, reference
from autograder.exam import exam
from autograder.grading import grade, judge_exercise
from autograder.observation import decode, encode
from autograder.sandbox import LEVELS, Unavailable, choose
from autograder.verify import observe_all

LECTURE = "lecture07_classification"


def _median(action, times: int = 15) -> float:
    measured = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        measured.append(time.perf_counter() - started)
    return statistics.median(measured)


def test_a_check_costs_little_beside_its_probes():
    """check(softmax): the observing, the way to the judge and back, and the verdict, against the probes run bare."""
    questions, namespace = exam(LECTURE), vars(reference(LECTURE))
    seen = observe_all(questions, "softmax", namespace)
    judge_exercise(questions, "softmax", seen)  # expected values are computed once
    bare = _median(lambda: observe_all(questions, "softmax", namespace))

    def check() -> None:
        answers = observe_all(questions, "softmax", namespace)
        back = decode(encode({"answers": [{"observation": o} for o in answers.values()]}))
        judge_exercise(questions, "softmax", dict(zip(answers, (a["observation"] for a in back["answers"]), strict=True)))

    whole = _median(check)
    print(f"\ncheck(softmax): {whole * 1e3:.0f} ms, of which probes {bare * 1e3:.0f} ms (ratio {whole / bare:.2f})")
    assert whole < 3 * bare


@pytest.mark.parametrize("level", list(LEVELS))
def test_a_submission_costs_little_beside_importing_torch(level, tmp_path: Path):
    """A full submission in a sandbox against a process that imports torch and does nothing."""
    try:
        isolation = choose(level)
    except Unavailable as error:
        pytest.skip(str(error))
    path = tmp_path / f"{LECTURE}.ipynb"
    path.write_bytes(notebook_bytes(filled(read_lecture(LECTURE), "en")))
    grade(path, isolation)  # expected values are computed once
    started = time.perf_counter()
    assert grade(path, isolation).passed
    whole = time.perf_counter() - started
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    bare = time.perf_counter() - started
    print(f"\nlevel {level}: a submission {whole:.2f} s, importing torch {bare:.2f} s (ratio {whole / bare:.1f})")
    assert whole < 6 * bare


def test_the_references_of_all_lectures_are_cheap():
    """CPU time of every probe of every lecture on its reference: what a full submission costs beyond imports."""
    for name in lecture_names():
        questions, namespace = exam(name), vars(reference(name))
        started = time.process_time()
        for exercise in questions.exercises():
            observe_all(questions, exercise, namespace)
        spent = time.process_time() - started
        print(f"\n{name}: {spent:.2f} s of CPU")
        assert spent < 3
