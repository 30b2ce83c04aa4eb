"""Public checks: the file beside a notebook judges as the course does, and holds no answer's code."""

import functools
import re
import zlib

import pytest

from autograder.course import read_lecture, reference
from autograder.exam import DEFAULT_SEED, exam, variants
from autograder.grading import judge_exercise, key
from autograder.observing import load_probes, observe_item
from autograder.probe import has_chinese
from autograder.public import PUBLIC_SEED, SUFFIX, PublicChecks, checks_bytes, find_checks, load_checks

NAME = "lecture07_classification"


@functools.cache
def public_bytes():
    """The Chinese notebook's file, which takes a while to make."""
    return checks_bytes(read_lecture(NAME), "zh")


@pytest.fixture(scope="module")
def data():
    return public_bytes()


@pytest.fixture(scope="module")
def checks(data):
    return PublicChecks(data)


@pytest.fixture(scope="module")
def course():
    """The same lecture's exam, at the public probes' seed."""
    return exam(NAME, PUBLIC_SEED)


def observed(answers, exercise, implementation):
    """What a kernel would send: the public probes, of the given source, run on a student's functions."""
    probes = load_probes(answers.source(exercise, True))
    namespace = {**vars(reference(NAME)), exercise: implementation}
    items = answers.items(exercise, True)
    return {key(i): observe_item(i.as_data(), probes, namespace, answers.seed) for i in items}


def test_it_offers_what_the_course_does(checks, course):
    """Title, exercises, points, rules, hints and parameters are the lecture's."""
    lecture = read_lecture(NAME)
    assert (checks.lecture, checks.lang, checks.title) == (NAME, "zh", course.title)
    assert checks.exercises() == course.exercises()
    for e in lecture.exercises:
        assert checks.points(e.name) == (e.points, e.bonus)
        assert checks.offer(e.name) == (e.points, e.difficulty, e.minutes, e.bonus)
        assert checks.forbidden(e.name) == e.forbidden
        assert checks.parameters(e.name) == course.parameters(e.name)
        assert all(checks.hints(e.name, lang) == list(e.hints[lang]) for lang in ("en", "zh"))


def test_the_reference_passes(checks, course):
    """Every exercise of the reference passes, with the course's own verdicts and points."""
    for exercise in checks.exercises():
        seen = observed(checks, exercise, getattr(reference(NAME), exercise))
        ours, theirs = (judge_exercise(a, exercise, seen, True) for a in (course, checks))
        assert theirs == ours
        assert (theirs.status, theirs.score) == ("pass", checks.points(exercise)[0])


@pytest.mark.parametrize(("exercise", "variant"), [("accuracy", "wrong_axis"), ("softmax_ce_grad", "no_mean")])
def test_a_mistake_is_named_offline(checks, course, exercise, variant):
    """A known mistake gets the verdict, message and name that the course gives it."""
    known = next(v for v in variants(NAME) if (v.exercise, v.id) == (exercise, variant))
    seen = observed(checks, exercise, known.implementation)
    ours, theirs = (judge_exercise(a, exercise, seen, True) for a in (course, checks))
    assert theirs == ours
    assert (theirs.status, theirs.variant) == ("fail", variant)
    assert known.en in theirs.summary.en
    assert known.zh in theirs.summary.zh
    assert has_chinese(theirs.summary.zh)


def test_a_stub_is_not_started(checks):
    """An untouched stub is not started, and worth nothing."""

    def stub(*args, **kwargs):
        raise NotImplementedError

    found = judge_exercise(checks, "softmax", observed(checks, "softmax", stub), True)
    assert (found.status, found.score) == ("not_started", 0)


def test_no_answer_is_in_the_file(data):
    """No line of a solution or of a variant, and no hidden probe, is anywhere in the file."""
    text = zlib.decompress(data).decode("utf-8", "replace")
    lecture = read_lecture(NAME)
    hints = "\n".join(h for e in lecture.exercises for steps in e.hints.values() for h in steps)
    course = exam(NAME, PUBLIC_SEED)
    for e in lecture.exercises:
        for body in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", e.source, re.DOTALL):
            lines = [line.strip() for line in body.splitlines()]
            assert not [line for line in lines if len(line) > 16 and line in text and line not in hints]
        public = {p for i in course.items(e.name, True) for p in i.probes}
        hidden = {i.id for i in course.items(e.name) if i.kind == "probe"} - public
        assert hidden
        assert not [h for h in hidden if f"{h}(" in text or f'"{h}"' in text]
    assert "def softmax__" not in text
    assert "import reference" not in text


def test_the_public_seed_is_not_the_hidden_one():
    """An answer copied out of the file is of no use in hidden grading: its inputs are others."""
    assert PUBLIC_SEED != DEFAULT_SEED
    item = next(i for i in exam(NAME, PUBLIC_SEED).items("softmax", True) if i.id == "test_softmax_batch")
    public, hidden = (exam(NAME, s).expected(item) for s in (PUBLIC_SEED, DEFAULT_SEED))
    assert public.value.values.tolist() != hidden.value.values.tolist()


def test_the_file_is_reproducible(data):
    """The same source gives the same content at each build; the language is all that differs between the two files."""
    english = zlib.decompress(checks_bytes(read_lecture(NAME), "en"))
    assert english == zlib.decompress(data).replace(b'["lang", "zh"]', b'["lang", "en"]', 1)


# -- finding and reading ---------------------------------------------------------------------------


def test_find_checks(tmp_path):
    """The file in the notebook's folder, or in the nearest above it; of a given lecture where one is named."""
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_checks(deep, "lecture98_nowhere") is None
    (tmp_path / f"lecture98_far{SUFFIX}").touch()
    (tmp_path / "a" / f"lecture99_near{SUFFIX}").touch()
    assert find_checks(deep).name == f"lecture99_near{SUFFIX}"
    assert find_checks(deep, "lecture98_far").name == f"lecture98_far{SUFFIX}"


def test_load_checks(tmp_path, data):
    """A whole file is read; a damaged one is told with its path and what to do."""
    path = tmp_path / f"{NAME}{SUFFIX}"
    path.write_bytes(data)
    assert load_checks(path).lecture == NAME
    for damaged in (b"", b"no checks", data[: len(data) // 2], zlib.compress(b"no checks"), zlib.compress(b"\0" * 100)):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"not a checks file .*; take it from the course again"):
            load_checks(path)
