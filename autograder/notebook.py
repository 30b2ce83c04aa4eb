"""``check(softmax)`` in a notebook: the kernel observes, a judge beside it decides, and the verdict is shown under the cell."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from autograder import messages
from autograder.frames import read_frame, write_frame
from autograder.observation import Malformed, Observation, Raised, decode, encode

ITEM_SECONDS = 10.0
_NBGRADER = {"NBGRADER_VALIDATING", "NBGRADER_EXECUTION"}


class _JudgeProcess:
    """The judge's process, started when the notebook imports ``check``, so that it is ready at the first check."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            # A session of its own: interrupting the kernel must not interrupt the judge.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "autograder.judge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True, cwd=Path.cwd(),
            )  # fmt: skip
            atexit.register(self.stop)
        return self._process

    def ask(self, **request: Any) -> dict[str, Any]:
        process = self.start()
        assert process.stdin and process.stdout
        try:
            write_frame(process.stdin, encode(request))
            frame = read_frame(process.stdout)
        except BaseException:
            self.stop()  # an interrupted exchange: what comes next would answer the wrong question
            raise
        if not frame:
            self.stop()
            raise RuntimeError("the judge stopped; run the check again")
        return decode(frame)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                process.kill()
                process.wait(timeout=5)
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()


_judge = _JudgeProcess()


def check(function: Callable[..., Any] | type | str, *, public: bool = False, lang: str | None = None) -> None:
    """Check one exercise: ``check(softmax)``.

    Runs its probes on your function and shows what passes, and of what fails the smallest example. ``public=True`` leaves hidden
    probes out where the whole course is installed; ``lang`` is "en" or "zh". Never raises for what your code does.
    """
    name = function if isinstance(function, str) else getattr(function, "__name__", str(function))
    namespace = _namespace(function)
    if not isinstance(function, str):
        namespace = {**namespace, name: function}
    try:
        questions = _judge.ask(ask="questions", exercise=name, public=public)
        if "error" in questions:
            print(questions["error"])
            return
        answers = _observe(questions, namespace)
        verdict = _judge.ask(ask="judge", exercise=name, public=public, lang=lang, answers=answers)
    except (Malformed, OSError, RuntimeError) as error:
        print(f"not checked: {error}")
        return
    _show(verdict)
    # In a notebook nothing raises; under nbgrader's own Validate or autograde, a failed check must not count as passed.
    if _NBGRADER & os.environ.keys() and not verdict.get("passed"):
        raise AssertionError(verdict.get("text") or verdict.get("error"))


def _namespace(function: Any) -> Mapping[str, Any]:
    """The notebook's names: those that the function itself sees, else those of the running shell."""
    found = getattr(function, "__globals__", None)
    if found is None:
        main = sys.modules.get("__main__")
        found = vars(main) if main else {}
    return dict(found)


def _observe(questions: dict[str, Any], namespace: Mapping[str, Any]) -> list[dict[str, Any]]:
    from autograder.observing import alarms, load_probes, observe_item
    from autograder.probe import TimeLimit

    probes = load_probes(questions["source"])
    answers = []
    for item in questions["items"]:
        try:
            with alarms(ITEM_SECONDS, 6 * ITEM_SECONDS) if _can_alarm() else nullcontext():
                seen = observe_item(item, probes, namespace, questions["seed"])
        except TimeLimit:
            seen = Observation(Raised(("TimeLimit",), "time limit"))
        answer = {"id": item["id"], "device": item["device"], "dtype": item["dtype"], "observation": seen}
        try:
            encode(answer)
        except (Malformed, TypeError, ValueError, RecursionError) as error:
            answer["observation"] = Observation(Raised(("Malformed",), str(error)[:200]))
        answers.append(answer)
        if isinstance(seen.value, Raised) and seen.value.type == "TimeLimit":
            break  # the rest would wait as long, while somebody looks at the cell
    return answers


def _can_alarm() -> bool:
    import signal
    import threading

    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _show(verdict: dict[str, Any]) -> None:
    if "error" in verdict:
        print(f"not checked: {verdict['error']}")
        return
    shell = _shell()
    if shell is None or not hasattr(shell, "kernel"):
        print(verdict["text"])
        return
    from IPython.display import HTML, display

    display(HTML(verdict["html"]))  # type: ignore[no-untyped-call]


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()


def demo(line: str, cell: str) -> None:
    """The cell magic ``%%demo``: run the cell; where it meets a function that is not written yet, say so in one line."""
    shell = _shell()
    source = shell.transform_cell(cell)
    code = compile(source, shell.compile.cache(source), "exec")
    try:
        exec(code, shell.user_ns)
    except NotImplementedError as error:
        frames = traceback.extract_tb(error.__traceback__)
        waiting = messages.label("demo_waits", function=frames[-1].name if frames else "?")
        print(waiting[_lang()])


def _lang() -> str:
    # The judge knows; the checks file holds expected values, which do not enter this process.
    return str(_judge.ask(ask="lang").get("lang", "en"))


def _register() -> None:
    shell = _shell()
    if shell is None:
        return
    shell.register_magic_function(demo, "cell", "demo")
    if hasattr(shell, "kernel"):
        _judge.start()


_register()
