"""The command line: what each command prints and changes, and its exit codes (0 well, 1 something fails, 2 it cannot be done)."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from submissions import SAMPLE, submission
from typer.testing import CliRunner

from autograder import catalog, classroom, cli_instructor, progress
from autograder.build import lecture_files, stub_source
from autograder.cli import app
from autograder.course import Lecture, lecture_names
from autograder.doctor import Finding
from autograder.exam import Exam
from autograder.grading import assemble, judge_exercise, key
from autograder.observation import Observation
from autograder.probe import has_chinese
from autograder.public import checks_files
from autograder.report import Report

Run = Callable[..., tuple[int, str]]
ACCURACY = "def accuracy(logits, labels):\n    return (logits.argmax(1) == labels).double().mean().item()\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, with progress of its own: (exit code, what was printed)."""
    monkeypatch.setenv("AUTOGRADER_HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, [str(a) for a in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


@pytest.fixture(scope="module")
def assignments(lecture7: Lecture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample lecture's notebooks and public checks, freshly built."""
    root = tmp_path_factory.mktemp("course") / "assignments"
    for lang in ("en", "zh"):
        place = root / lang / SAMPLE
        place.mkdir(parents=True)
        for name, data in lecture_files(lecture7, lang, checks_files if lang == "en" else None).items():
            (place / name).write_bytes(data)
    return root


@pytest.fixture
def built(assignments: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalog, "_assignment_folders", lambda: [assignments])
    return assignments


@pytest.fixture(scope="module")
def report(exam7: Exam) -> Report:
    """A report with a pass, a named mistake and an exercise that is not started, without a sandbox."""
    results = []
    for exercise in exam7.exercises():
        seen = {key(i): exam7.expected(i) for i in exam7.items(exercise)}
        if exercise == "softmax":
            seen = {key(i): exam7.shown_by("no_shift", i) for i in exam7.items(exercise)}
        if exercise == "accuracy":
            seen = {key(i): Observation(3) for i in exam7.items(exercise)}
        results.append(judge_exercise(exam7, exercise, seen))
    return assemble(exam7, results, submission="x.ipynb", isolation="D")


# --- list, start ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "words"), [("en", ["Classification", "min", "solved"]), ("zh", ["分类", "分钟", "已通过"])])
def test_list_shows_the_course_and_ones_progress(run: Run, lang: str, words: list[str]) -> None:
    """Every lecture and exercise, with points and minutes, and which of them are solved."""
    progress.update("softmax", status="pass")
    code, shown = run("list", "--lang", lang)
    assert code == 0
    assert all(name in shown for name in [*lecture_names(), "cross_entropy_logits", *words])
    (line,) = [line for line in shown.splitlines() if line.split()[:1] == ["softmax"]]
    assert ("solved" if lang == "en" else "已通过") in line


def test_start_copies_the_notebook(run: Run, built: Path) -> None:
    """A lecture by its number, its name or a part of it; the notebook and its checks lie in a folder of the lecture's name."""
    for to, text in (("a", "7"), ("b", SAMPLE), ("c", "classif")):
        code, shown = run("start", text, "--to", to)
        assert code == 0
        assert f"{SAMPLE}.ipynb" in shown
        for path in (built / "en" / SAMPLE).iterdir():
            assert (Path(to) / SAMPLE / path.name).read_bytes() == path.read_bytes()


def test_start_in_chinese_gives_the_chinese_notebook(run: Run, built: Path) -> None:
    """``--lang zh`` copies the Chinese notebook, and says so in Chinese."""
    code, shown = run("start", "7", "--lang", "zh")
    assert code == 0
    assert has_chinese(shown)
    assert (Path(SAMPLE) / f"{SAMPLE}.ipynb").read_bytes() == (built / "zh" / SAMPLE / f"{SAMPLE}.ipynb").read_bytes()


def test_start_never_overwrites_work(run: Run, built: Path) -> None:
    """A notebook that is there stays as it is, in whatever language the command is run again."""
    run("start", "7")
    own = Path(SAMPLE) / f"{SAMPLE}.ipynb"
    own.write_text("my work")
    for lang in ("en", "zh"):
        code, shown = run("start", "7", "--lang", lang)
        assert code == 0
        assert own.read_text() == "my work"
        assert ("stays as it is" if lang == "en" else "保持不变") in shown


# --- hints and solutions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hints_come_one_at_a_time(run: Run, lecture7: Lecture, lang: str) -> None:
    """Three steps, each once; then the last again, with the way to the solution; ``--again`` shows those that were seen."""
    steps = [" ".join(s.split()) for s in lecture7.exercise("softmax").hints[lang]]

    def seen(shown: str) -> list[int]:
        return [i for i, step in enumerate(steps) if step in " ".join(shown.split())]

    assert seen(run("hint", "softmax", "--again", "--lang", lang)[1]) == []
    for i in range(3):
        code, shown = run("hint", "softmax", "--lang", lang)
        assert (code, seen(shown)) == (0, [i])
        assert ("--give-up" in shown) == (i == 2)
    assert 2 in seen(run("hint", "softmax", "--lang", lang)[1])
    assert seen(run("hint", "softmax", "--again", "--lang", lang)[1]) == [0, 1, 2]


def test_the_solution_waits_for_a_pass(run: Run, lecture7: Lecture) -> None:
    """Locked until the exercise is solved or given up; then the reference, without markers."""
    code, shown = run("solution", "softmax")
    assert (code, "--give-up" in shown, "def softmax" in shown) == (2, True, False)
    code, shown = run("solution", "softmax", "--lang", "zh")
    assert (code, "还没有通过" in shown) == (2, True)
    code, given_up = run("solution", "softmax", "--give-up")
    assert (code, "def softmax" in given_up, "BEGIN SOLUTION" in given_up) == (0, True, False)
    progress.update("softmax", status="pass")
    assert run("solution", "softmax") == (0, given_up)


@pytest.mark.parametrize("command", ["hint", "solution"])
def test_a_misspelt_exercise_is_told_with_near_ones(run: Run, command: str) -> None:
    """An unknown exercise is an error that shows what was perhaps meant."""
    code, shown = run(command, "sofmax")
    assert (code, "did you mean" in shown, "softmax" in shown) == (2, True, True)


# --- check -----------------------------------------------------------------------------------------------------------------


def test_check_of_a_right_notebook_is_well(run: Run) -> None:
    """All pass: exit code 0, the score, and progress that remembers it."""
    Path(f"{SAMPLE}.ipynb").write_bytes(submission())
    code, shown = run("check", f"{SAMPLE}.ipynb")
    assert code == 0
    assert "score 100 of 100" in shown
    assert progress.load()["softmax"]["status"] == "pass"
    assert run("solution", "softmax")[0] == 0


@pytest.mark.parametrize(("lang", "words"), [("en", "not started yet"), ("zh", "还没开始")])
def test_check_of_a_stub_says_not_started(run: Run, lecture7: Lecture, lang: str, words: str) -> None:
    """One exercise of an untouched notebook, which is found by the lecture's number: exit code 1, and no error is shown."""
    Path(SAMPLE).mkdir()
    stub = {"accuracy": stub_source(lecture7, "accuracy", lang)}
    (Path(SAMPLE) / f"{SAMPLE}.ipynb").write_bytes(submission(stub, lang=lang))
    code, shown = run("check", "7", "accuracy", "--lang", lang)
    assert (code, words in shown, "Error" in shown) == (1, True, False)


def test_check_with_public_probes_alone(run: Run, built: Path) -> None:
    """``--public`` judges by the checks file beside the notebook: a wrong function fails there too, and is named."""
    run("start", "7")
    wrong = "def accuracy(logits, labels):\n    return (logits.argmax(0)[:2] == labels[:2]).double().mean().item()\n"
    (Path(SAMPLE) / f"{SAMPLE}.ipynb").write_bytes(submission({"accuracy": wrong}))
    code, shown = run("check", Path(SAMPLE) / f"{SAMPLE}.ipynb", "accuracy", "--public")
    assert (code, "FAIL" in shown) == (1, True)
    (Path(SAMPLE) / f"{SAMPLE}.checks").write_bytes(b"no checks")
    code, shown = run("check", Path(SAMPLE) / f"{SAMPLE}.ipynb", "accuracy", "--public")
    assert (code, "not a checks file" in shown) == (2, True)


@pytest.mark.parametrize(
    ("name", "data", "en", "zh"),
    [
        ("garbage.ipynb", b"Dear professor", "not JSON", "不是 JSON"),
        ("empty.ipynb", b"", "the file is empty", "文件是空的"),
        ("data.ipynb", b"{}", "no notebook", "不是笔记本"),
        ("other.py", b"x = 1\n", "defines no function of this course", "没有本课程的任何函数"),
    ],
)
def test_check_of_what_is_no_notebook(run: Run, name: str, data: bytes, en: str, zh: str) -> None:
    """What cannot be read: exit code 2, and in both languages what it is and what to do."""
    Path(name).write_bytes(data)
    for lang, words in (("en", en), ("zh", zh)):
        code, shown = run("check", name, "--lang", lang)
        assert code == 2
        assert words in shown
        assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.ipynb"], "there is no such file"),
        (["7"], "autograder start"),
        (["no_such_lecture"], "no lecture is called"),
        (["mine.py", "sofmax"], "has no exercise 'sofmax'"),
        (["mine.py", "--lang", "fr"], "it is en or zh"),
    ],
)
def test_check_words_its_errors(run: Run, arguments: list[str], words: str) -> None:
    """A wrong path, lecture, exercise or language: exit code 2 and one sentence."""
    Path("mine.py").write_text(ACCURACY)
    code, shown = run("check", *arguments)
    assert (code, words in shown, "Traceback" in shown) == (2, True, False)


def test_the_language_comes_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """AUTOGRADER_LANG is the language where none is asked for."""
    monkeypatch.setenv("AUTOGRADER_LANG", "zh")
    Path("empty.ipynb").write_bytes(b"")
    assert "文件是空的" in run("check", "empty.ipynb")[1]


# --- grade: one file -------------------------------------------------------------------------------------------------------


def _schema_holds(data: dict[str, Any]) -> None:
    """The keys that scripts rely on, and their types."""
    kinds = {
        "schema": int, "submission": str, "student": str, "lecture": str, "seed": int, "isolation": str,
        "score": (int, float), "max_score": (int, float), "seconds": (int, float), "exercises": list, "notes": list,
    }  # fmt: skip
    assert {k for k, kind in kinds.items() if not isinstance(data.get(k), kind)} == set()
    assert data["schema"] == 1
    for e in data["exercises"]:
        assert {"name", "score", "max_score", "status", "probes"} <= set(e)
        assert e["status"] in ("pass", "fail", "not_started", "not_graded")
        for p in e["probes"]:
            assert {"id", "device", "dtype", "public", "verdict", "points", "message", "variant"} <= set(p)
            assert p["verdict"] in ("pass", "fail", "not_graded")
            assert set(p["message"]) == {"en", "zh"}


def test_grade_writes_the_report_as_json(run: Run) -> None:
    """``--json -`` on one file puts one object and nothing else on standard output; a student's failure is no error of ours."""
    Path("mine.py").write_text(ACCURACY)
    done = CliRunner().invoke(app, ["grade", "mine.py", "--isolation", "D", "--json", "-", "--seed", "11"])
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    _schema_holds(data)
    assert (data["lecture"], data["isolation"], data["seed"], data["score"]) == (SAMPLE, "D", 11, 6)
    assert "accuracy" in done.stderr  # the readable report goes where it disturbs no reader of JSON


@pytest.fixture
def by_hand(report: Report, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """In the place of grading, the report made by hand; the options that grading was called with."""
    called: list[dict[str, Any]] = []

    def grade(path: Path, level: Any, **options: Any) -> Report:
        called.append(options)
        return report.model_copy(update={"submission": str(path)})

    def grade_submission(submission: Any, answers: Any, level: Any, limits: Any, student: str = "", **options: Any) -> Report:
        called.append({"student": student})
        return report.model_copy(update={"student": student})

    monkeypatch.setattr("autograder.grading.grade", grade)
    monkeypatch.setattr(classroom, "grade_submission", grade_submission)
    return called


def test_grade_passes_its_options_on(run: Run, by_hand: list[dict[str, Any]]) -> None:
    """Seed and device reach the grading; reports and JSON lie where they were asked for."""
    Path("mine.py").write_text(ACCURACY)
    code, shown = run(
        "grade", "mine.py", "--isolation", "D", "--seed", 3, "--device", "cuda", "--json", "out.json", "--report", "reports"
    )
    assert code == 0
    assert (by_hand[0]["seed"], by_hand[0]["device"]) == (3, "cuda")
    _schema_holds(json.loads(Path("out.json").read_text()))
    assert json.loads(Path("reports/mine.json").read_text()) == json.loads(Path("out.json").read_text())
    assert "overflow" in shown  # the named mistake


def test_several_files_are_a_list(run: Run, by_hand: list[dict[str, Any]]) -> None:
    """Of several submissions ``--json`` is a list of reports."""
    for name in ("a.py", "b.py"):
        Path(name).write_text(ACCURACY)
    assert run("grade", "a.py", "b.py", "--isolation", "D", "--json", "out.json")[0] == 0
    found = json.loads(Path("out.json").read_text())
    assert [r["submission"] for r in found] == ["a.py", "b.py"]
    for one in found:
        _schema_holds(one)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "there is no such file or folder"),
        (["mine.py", "--device", "tpu"], "it is cpu, cuda or auto"),
        (["mine.py", "--isolation", "Z"], "there are C, D and auto"),
        (["mine.py", "--scheduler", "tcp://10.0.0.1"], "not built yet"),
        (["mine.py", "--lang", "de"], "it is en or zh"),
        (["empty"], "no submission found"),
        (["mine.py", "--isolation", "D", "--gradebook", "sqlite:///g.db"], "needs students"),
        (["broken.ipynb", "--isolation", "D"], "not JSON"),
    ],
)
def test_grade_words_its_errors(
    run: Run, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    """Exit code 2 and one sentence, before any work where that is possible."""
    if "--gradebook" in arguments:
        monkeypatch.setattr("autograder.grading.grade", lambda *a, **k: report)
    Path("mine.py").write_text(ACCURACY)
    Path("broken.ipynb").write_text("{")
    Path("empty").mkdir()
    code, shown = run("grade", *arguments)
    assert (code, words in shown, "Traceback" in shown) == (2, True, False), shown


# --- grade: a class --------------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(run: Run) -> Path:
    for student in ("ada", "bo"):
        place = Path("submitted") / student / SAMPLE / f"{SAMPLE}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_bytes(submission())
    return Path("submitted")


def test_grading_a_class_writes_reports_and_pages(run: Run, tree: Path, by_hand: list[dict[str, Any]]) -> None:
    """A report for each student, a page for each in both languages, the class's page, and a table; nothing twice."""
    for times in (1, 2):
        code, shown = run("grade", tree, "--isolation", "D", "--report", "reports", "--json", "class.json")
        assert code == 0
        assert "2 submissions at isolation D" in shown
        assert "without a sandbox" in shown
        assert sorted(c["student"] for c in by_hand) == ["ada", "bo"], f"run {times}"
    assert [r["student"] for r in json.loads(Path("class.json").read_text())] == ["ada", "bo"]
    for name in (f"{SAMPLE}/ada.json", f"feedback/en/{SAMPLE}/bo.html", f"feedback/zh/{SAMPLE}/bo.html", "class.html"):
        assert (Path("reports") / name).is_file()


def test_a_report_folder_that_cannot_be_written_is_found_out_first(run: Run, tree: Path, by_hand: list[dict[str, Any]]) -> None:
    """A file in the folder's place: exit code 2 before anything is graded."""
    Path("file").write_text("x")
    code, shown = run("grade", tree, "--isolation", "D", "--report", "file/reports")
    assert (code, "cannot be written" in shown, by_hand) == (2, True, [])


def test_a_read_only_report_folder_is_found_out_first(
    run: Run, tree: Path, by_hand: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that refuses to write: the reason, exit code 2, and nothing graded in vain."""

    def refuse(path: Path, data: bytes) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(cli_instructor, "write_atomically", refuse)
    code, shown = run("grade", tree, "--isolation", "D", "--report", "reports")
    assert (code, "Read-only file system" in shown, by_hand) == (2, True, [])


def test_an_interrupted_class_ends_with_130(run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no traceback: exit code 130, and how to go on."""

    def interrupted(*args: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_instructor, "grade_class", interrupted)
    code, shown = run("grade", tree, "--isolation", "D", "--report", "reports")
    assert (code, "the same command goes on from there" in " ".join(shown.split())) == (130, True)


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty gradebook of this course; making one takes nbgrader some seconds."""
    from autograder.gradebook import record

    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    record([], f"sqlite:///{path}", {})
    return path


def test_a_gradebook_is_filled_once(run: Run, tree: Path, by_hand: list[dict[str, Any]], gradebook: Path, tmp_path: Path) -> None:
    """Scores go to nbgrader's database; the second run changes nothing there."""
    own = tmp_path / "own.db"
    own.write_bytes(gradebook.read_bytes())
    command = ("grade", tree, "--isolation", "D", "--report", "reports", "--gradebook", f"sqlite:///{own}")
    assert "gradebook: 2 of 2 submissions changed" in run(*command)[1]
    assert "gradebook: 0 of 2 submissions changed" in run(*command)[1]
    assert (Path("autograded") / "ada" / SAMPLE / f"{SAMPLE}.ipynb").is_file()


def test_a_locked_gradebook_loses_no_report(
    run: Run, tree: Path, by_hand: list[dict[str, Any]], gradebook: Path, tmp_path: Path
) -> None:
    """Where another program holds the database: exit code 2, the reports are kept, and a later run fills it."""
    own = tmp_path / "own.db"
    own.write_bytes(gradebook.read_bytes())
    command = ("grade", tree, "--isolation", "D", "--report", "reports", "--gradebook", f"sqlite:///{own}")
    holder = sqlite3.connect(own, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        code, shown = run(*command)
    finally:
        holder.close()
    assert (code, "lock" in shown, "Traceback" in shown) == (2, True, False)
    assert (Path("reports") / SAMPLE / "ada.json").is_file()
    by_hand.clear()
    assert "gradebook: 2 of 2" in run(*command)[1]
    assert by_hand == []


def test_a_gradebook_of_another_course_is_refused(
    run: Run, tree: Path, by_hand: list[dict[str, Any]], gradebook: Path, tmp_path: Path
) -> None:
    """Grades of another course are not mixed with ours: exit code 2, the course is named, the reports are kept."""
    other = tmp_path / "other.db"
    other.write_bytes(gradebook.read_bytes())
    with sqlite3.connect(other) as book:
        book.execute("PRAGMA foreign_keys = OFF")
        book.execute("UPDATE course SET id = 'statistics'")
        book.execute("UPDATE assignment SET course_id = 'statistics'")
    book.close()
    before = other.read_bytes()
    code, shown = run("grade", tree, "--isolation", "D", "--report", "reports", "--gradebook", f"sqlite:///{other}")
    assert (code, "statistics" in shown) == (2, True)
    assert (Path("reports") / SAMPLE / "bo.json").is_file()
    assert other.read_bytes() == before


# --- author, doctor, all ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stale", "check", "code"), [([], True, 0), (["a.ipynb"], True, 1), (["a.ipynb"], False, 0)])
def test_build_tells_what_is_stale(
    run: Run, monkeypatch: pytest.MonkeyPatch, stale: list[str], check: bool, code: int
) -> None:
    """``build --check`` has exit code 1 where a file is stale; ``build`` writes it and is well."""
    from autograder.course import require_root

    asked: list[bool] = []

    def build(lectures: Any, root: Path, check: bool = False, *more: Any, **options: Any) -> list[Path]:
        asked.append(check)
        return [require_root() / name for name in stale]

    monkeypatch.setattr("autograder.build.build", build)
    found, shown = run("build", SAMPLE, *(["--check"] if check else []))
    assert (found, asked) == (code, [check])
    assert all(name in shown for name in stale)


@pytest.mark.parametrize("command", [["build", "99"], ["verify", "99"], ["release", "99", "--to", "x"], ["start", "99"]])
def test_an_unknown_lecture_is_told_with_those_that_there_are(run: Run, command: list[str]) -> None:
    """Exit code 2, and the names of the lectures."""
    code, shown = run(*command)
    assert (code, "no lecture is called '99'" in shown, SAMPLE in shown.replace("\n", "")) == (2, True, True)


def test_release_never_writes_into_another_folder(run: Run) -> None:
    """A folder with other things in it is refused and stays as it is."""
    Path("mine").mkdir()
    Path("mine/thesis.tex").write_text("all my work")
    code, shown = run("release", "7", "--to", "mine")
    assert (code, "mine" in shown) == (2, True)
    assert [p.name for p in Path("mine").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("missing", 0), ("broken", 1)])
def test_doctor_fails_where_something_is_broken(run: Run, monkeypatch: pytest.MonkeyPatch, state: str, code: int) -> None:
    """What is missing works less well, what is broken does not work: exit code 1 for that alone."""
    monkeypatch.setattr("autograder.doctor.examine", lambda: [Finding("torch", state, "as it is")])
    found, shown = run("doctor")
    assert (found, state in shown, "as it is" in shown) == (code, True, True)


@pytest.mark.parametrize(
    "command", ["list", "start", "check", "hint", "solution", "grade", "build", "verify", "release", "doctor"]
)
def test_every_command_has_help(run: Run, command: str) -> None:
    """``--help`` of each command works without loading the course, and says what it does."""
    code, shown = run(command, "--help")
    assert code == 0
    assert "Usage" in shown


def test_a_missing_argument_is_a_usage_error(run: Run) -> None:
    """Without what a command needs, exit code 2."""
    assert run("check")[0] == 2
    assert run("grade")[0] == 2
    assert run("nonsense")[0] == 2
