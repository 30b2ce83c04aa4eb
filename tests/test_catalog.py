"""What a student can choose from, in the repository and in a bundle without solutions."""

import shutil

import pytest
from test_public import public_bytes

from autograder import catalog
from autograder.catalog import assignment_folder, find_lecture_offer, find_offer, offers
from autograder.course import CourseError, lecture_names, read_lecture
from autograder.public import SUFFIX

NAME = "lecture07_classification"


@pytest.fixture(autouse=True)
def _fresh():
    """What is at hand is read once a process; each test has its own."""
    offers.cache_clear()
    yield
    offers.cache_clear()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A folder as a student has it: notebooks and checks of one lecture in both languages, nothing else."""
    root = tmp_path_factory.mktemp("bundle")
    for lang in ("en", "zh"):
        folder = root / "assignments" / lang / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text("{}")
    first = root / "assignments" / "en" / NAME / f"{NAME}{SUFFIX}"
    first.write_bytes(public_bytes())
    shutil.copy(first, root / "assignments" / "zh" / NAME / f"{NAME}{SUFFIX}")
    return root


@pytest.fixture
def student(bundle, monkeypatch):
    """In the bundle's folder, with the package but without the course's sources."""
    monkeypatch.setattr(catalog, "course_root", lambda: None)
    monkeypatch.setattr(catalog, "lecture_names", list)
    monkeypatch.chdir(bundle)
    return bundle


def test_the_courses_offers():
    """In the repository every lecture is offered, in order, with its exercises."""
    assert [o.name for o in offers()] == lecture_names()
    lecture = read_lecture(NAME)
    (offer,) = [o for o in offers() if o.name == NAME]
    assert (offer.title, [e.name for e in offer.exercises]) == (lecture.title, [e.name for e in lecture.exercises])


def test_a_bundles_offers(student):
    """A bundle offers its lectures, each once, just as the repository does: points, minutes, titles and hints."""
    assert [o.name for o in offers()] == [NAME]
    lecture, exercise = find_offer("softmax")
    source = read_lecture(NAME)
    assert dict(lecture.title) == source.title
    assert [(e.name, e.points, e.difficulty, e.minutes, e.bonus) for e in lecture.exercises] == [
        (e.name, e.points, e.difficulty, e.minutes, e.bonus) for e in source.exercises
    ]
    assert dict(exercise.hints) == source.exercise("softmax").hints


def test_the_notebooks_own_folder_is_enough(bundle, monkeypatch, tmp_path):
    """In a folder with a notebook and its checks alone, that lecture is offered."""
    shutil.copytree(bundle / "assignments" / "zh" / NAME, tmp_path / "work")
    monkeypatch.setattr(catalog, "course_root", lambda: None)
    monkeypatch.chdir(tmp_path / "work")
    assert [o.name for o in offers()] == [NAME]
    with pytest.raises(CourseError, match="no notebook of"):
        assignment_folder(NAME, "en")


def test_nothing_at_hand(monkeypatch, tmp_path):
    """Where there is nothing, nothing is offered, and asking for a lecture says so."""
    monkeypatch.setattr(catalog, "course_root", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert offers() == ()
    with pytest.raises(CourseError, match="there are: none here"):
        find_lecture_offer("7")


@pytest.mark.parametrize(("typo", "near"), [("softmx", "softmax"), ("Softmax", "softmax"), ("one_hott", "one_hot")])
def test_an_exercise_that_is_not_there(typo, near):
    """A name with a slip is refused with the names that are near."""
    with pytest.raises(CourseError, match=f"no exercise is called '{typo}'; did you mean .*{near}"):
        find_offer(typo)


def test_an_exercise_that_is_nowhere_near():
    """A name like no other is refused with where to look."""
    with pytest.raises(CourseError, match="`autograder list` shows them"):
        find_offer("qqqqqqqq")


@pytest.mark.parametrize("text", [NAME, "7", "07", "lecture07", "Lecture 7", "l7", "classif"])
@pytest.mark.usefixtures("student")
def test_find_lecture_offer(text):
    """A lecture by its name, its number, or a part that only it has."""
    assert find_lecture_offer(text) == NAME


@pytest.mark.parametrize("text", ["", "lecture", "99", "nothing"])
def test_find_no_lecture(text):
    """What names none or several is refused with the list."""
    with pytest.raises(CourseError, match=NAME):
        find_lecture_offer(text)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_assignment_folder(student, lang, monkeypatch):
    """The lecture's folder in the language, also from a folder below the bundle's; another lecture has none."""
    assert assignment_folder(NAME, lang) == student / "assignments" / lang / NAME
    monkeypatch.chdir(student / "assignments" / lang)
    assert assignment_folder(NAME, lang) == student / "assignments" / lang / NAME
    with pytest.raises(CourseError, match="no notebook of lecture01"):
        assignment_folder("lecture01_regression", lang)
