"""Every lecture is proved: the graders' own test, by attacking them with all known implementations and generated mutants."""

from __future__ import annotations

import pytest

from autograder.course import exercise_index, lecture_names, read_lecture
from autograder.verify import stale, verify


@pytest.mark.parametrize("lecture", lecture_names())
def test_the_lecture_is_proved(lecture):
    """The reference has full marks, the stub none; right variants pass, wrong ones fail and are named, mutants die."""
    proof = verify(lecture, with_mutants=True)
    assert proof.ok, [*proof.problems, *(f"{e.name}: {p}" for e in proof.exercises for p in e.problems)]
    assert all(e.right >= 2 and e.wrong >= 3 and e.probes >= 3 for e in proof.exercises)
    assert all(e.survivors == 0 for e in proof.exercises)


@pytest.mark.parametrize("lecture", lecture_names())
def test_the_notebooks_are_current(lecture):
    """What students get is what the source gives: a notebook is built, never edited."""
    assert stale(lecture) == []


def test_the_course_is_whole():
    """Eleven lectures, about a hundred functions, 100 points each; no two exercises share a name."""
    lectures = [read_lecture(name) for name in lecture_names()]
    assert [int(lecture.name[7:9]) for lecture in lectures] == [*range(1, 11), 23]
    assert all(sum(e.points for e in lecture.exercises if not e.bonus) == 100 for lecture in lectures)
    assert 95 <= len(exercise_index()) <= 120
