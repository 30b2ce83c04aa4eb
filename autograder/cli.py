"""The command line: parse, call once, word the errors."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from autograder import cli_author, cli_instructor, cli_student
from autograder.course import CourseError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="An auto-graded deep-learning course: check your notebook, grade a class, prove a lecture.",
)  # fmt: skip
_WIDTH = None if sys.stdout.isatty() else 140  # a table in a log is not folded to a terminal that is not there
out = Console(highlight=False, width=_WIDTH)
err = Console(stderr=True, highlight=False, width=_WIDTH)

Lang = Annotated[str, typer.Option("--lang", envvar="AUTOGRADER_LANG", help="en or zh")]
Isolation = Annotated[str, typer.Option(help="auto, C (bubblewrap) or D (a plain process)")]


def _worded(command: Callable[..., int | None]) -> Callable[..., None]:
    """A user's mistake is a message and exit code 2, never a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        from autograder.sandbox import Unavailable
        from autograder.submission import Unreadable

        try:
            code = command(*args, **kwargs)
        except Unreadable as error:
            lang = str(kwargs.get("lang") or "en")
            err.print(error.text[lang], markup=False, soft_wrap=True)
            code = 2
        except (CourseError, Unavailable, ValueError, OSError) as error:
            err.print(str(error), markup=False, soft_wrap=True)
            code = 2
        except KeyboardInterrupt:
            err.print("stopped; what is finished is written, and the same command goes on from there")
            code = 130
        raise typer.Exit(code or 0)

    return run


@app.command("list")
@_worded
def list_(lang: Lang = "en") -> int | None:
    """Lectures and exercises: points, difficulty, minutes, your progress."""
    return cli_student.list_offers(out, _lang(lang))


@app.command()
@_worded
def start(
    lecture: str,
    to: Annotated[Path, typer.Option(help="the folder to work in")] = Path("."),
    lang: Lang = "en",
) -> int | None:
    """Copy a lecture's notebook to work on. Never overwrites your work."""
    return cli_student.start(out, lecture, to, _lang(lang))


@app.command()
@_worded
def check(
    path: Annotated[str, typer.Argument(help="a notebook, a .py file, or a lecture whose notebook lies here")],
    exercise: Annotated[str | None, typer.Argument()] = None,
    public: Annotated[bool, typer.Option("--public", help="leave out the hidden probes")] = False,
    lang: Annotated[str | None, typer.Option("--lang", envvar="AUTOGRADER_LANG", help="en or zh; else the notebook's")] = None,
) -> int | None:
    """Check a notebook. Exit code 0: all pass, 1: something fails, 2: cannot be read."""
    return cli_student.check(out, path, exercise, public, _lang(lang) if lang else None)


@app.command()
@_worded
def hint(
    exercise: str,
    again: Annotated[bool, typer.Option("--again", help="show those you have seen, and no new one")] = False,
    lang: Lang = "en",
) -> int | None:
    """The next hint of an exercise: three steps, one at a time."""
    return cli_student.hint(out, exercise, again, _lang(lang))


@app.command()
@_worded
def solution(
    exercise: str,
    give_up: Annotated[bool, typer.Option("--give-up", help="show it though the exercise is not solved")] = False,
    lang: Lang = "en",
) -> int | None:
    """The reference solution, after you have passed the exercise."""
    return cli_student.solution(out, exercise, give_up, _lang(lang))


@app.command()
@_worded
def grade(
    paths: Annotated[list[Path], typer.Argument(help="notebooks, .py files, or a tree submitted/<student>/<lecture>/")],
    device: Annotated[str, typer.Option(help="cpu, cuda or auto")] = "cpu",
    seed: Annotated[int, typer.Option(help="of the hidden inputs, the same for a whole class")] = 7,
    workers: Annotated[int, typer.Option(help="submissions side by side; 0: one for each core")] = 0,
    isolation: Isolation = "auto",
    scheduler: Annotated[str | None, typer.Option(help="address of a Dask scheduler")] = None,
    gradebook: Annotated[str | None, typer.Option(help="sqlite:///gradebook.db or another SQLAlchemy URL")] = None,
    report: Annotated[Path | None, typer.Option(help="folder for reports and pages")] = None,
    json: Annotated[str | None, typer.Option("--json", help="a file, or - for standard output")] = None,
    lang: Lang = "en",
) -> int | None:
    """Grade submissions with the hidden graders, each in a sandbox. Running it again goes on where it stopped."""
    if scheduler:
        raise ValueError("--scheduler: grading on many machines is not built yet; leave it out to grade on this one")
    options = cli_instructor.Options(device, seed, workers, isolation, gradebook, report, json, _lang(lang))
    return cli_instructor.grade(err if json == "-" else out, paths, options)


@app.command()
@_worded
def build(
    lectures: Annotated[list[str] | None, typer.Argument()] = None,
    check: Annotated[bool, typer.Option("--check", help="write nothing; exit code 1 where a file is stale")] = False,
) -> int | None:
    """Build the notebooks of assignments/ from solutions/."""
    return cli_author.build(out, lectures or [], check)


@app.command()
@_worded
def verify(
    lectures: Annotated[list[str] | None, typer.Argument()] = None,
    mutants: Annotated[bool, typer.Option("--mutants", help="also generate mutants of the reference")] = False,
    only: Annotated[str | None, typer.Option(help="one exercise")] = None,
    json: Annotated[str | None, typer.Option("--json", help="a file, or - for standard output")] = None,
) -> int | None:
    """Prove lectures: right solutions pass, wrong ones fail and are named. Exit code 0 only where all is proved."""
    return cli_author.verify(err if json == "-" else out, lectures or [], mutants, only, json)


@app.command()
@_worded
def release(lecture: str, to: Annotated[Path, typer.Option(help="the bundle's folder")]) -> int | None:
    """Write a student bundle of a lecture: notebooks, public checks, engine; no solutions, no hidden graders."""
    return cli_author.release(out, lecture, to)


@app.command()
@_worded
def doctor() -> int | None:
    """What this machine can do; isolation is proved by attacking it."""
    return cli_student.doctor(out)


def _lang(lang: str) -> str:
    if lang not in ("en", "zh"):
        raise ValueError(f"--lang {lang}: it is en or zh")
    return lang


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese must not end a command
    app()


if __name__ == "__main__":
    main()
