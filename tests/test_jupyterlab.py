"""The notebooks in a real JupyterLab in headless Chromium, as a student opens them."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from nbformat import NotebookNode

from autograder.build import filled, notebook, notebook_bytes
from autograder.course import read_lecture
from autograder.public import checks_files

LECTURE = "lecture07_classification"
SECONDS = 300.0
SCREENS = Path(__file__).resolve().parent.parent / "build" / "screens"

pytestmark = [
    pytest.mark.skipif(
        shutil.which("chromium") is None or shutil.which("chromedriver") is None,
        reason="needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)",
    ),
    # selenium and its dependencies leave sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A JupyterLab server on a free port: its address, and the folder it serves."""
    folder = tmp_path_factory.mktemp("lab")
    settings = folder / ".settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells in the page, so that a screenshot shows what a student scrolls through.
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / ".settings"),
        "JUPYTER_CONFIG_DIR": str(folder / ".config"),
        "JUPYTER_DATA_DIR": str(folder / ".data"),
        "IPYTHONDIR": str(folder / ".ipython"),
        "AUTOGRADER_HOME": str(folder / ".autograder"),
    }
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1",
            "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}",
        ],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(lambda: _answers(f"{address}/api/status"), "the server")
        yield address, folder
    finally:
        server.terminate()
        server.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, OSError):
        return False


def _wait_for(condition, what: str, seconds: float = SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.3)
    raise AssertionError(f"{what} did not come within {seconds:g} s")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,1700",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


def _run_all(browser, address: str, folder: Path, name: str, node: NotebookNode, lang: str) -> list[dict]:
    """Open a notebook beside its checks file, run all cells, save; the code cells as they were saved."""
    place = folder / name
    place.mkdir()
    path = place / f"{LECTURE}.ipynb"
    path.write_bytes(notebook_bytes(node))
    for file, content in checks_files(read_lecture(LECTURE), lang).items():
        (place / file).write_bytes(content)
    browser.get(f"{address}/lab/tree/{name}/{LECTURE}.ipynb?reset")
    script = browser.execute_script
    _wait_for(
        lambda: script(
            "const w = window.jupyterapp && window.jupyterapp.shell.currentWidget;"
            "return !!(w && w.context && w.context.isReady && w.context.sessionContext.session"
            " && w.context.sessionContext.session.kernel && w.context.sessionContext.session.kernel.status === 'idle')"
        ),
        "the kernel",
    )
    browser.set_script_timeout(SECONDS)
    browser.execute_async_script(
        "const done = arguments[0];"
        "window.jupyterapp.commands.execute('notebook:run-all-cells')"
        ".then(() => window.jupyterapp.commands.execute('docmanager:save')).then(() => done(true), e => done(String(e)))"
    )
    SCREENS.mkdir(parents=True, exist_ok=True)
    panel = "document.querySelector('.jp-NotebookPanel-notebook .jp-WindowedPanel-outer')"
    for part in range(4):
        script(f"const p = {panel}; p.scrollTop = p.scrollHeight * {part} / 4;")
        time.sleep(0.3)  # the page paints what came into view
        browser.save_screenshot(str(SCREENS / f"{name}-{part + 1}.png"))
    return [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]


def _html(cell: dict) -> str:
    return "".join("".join(o["data"].get("text/html", "")) for o in cell["outputs"] if "data" in o)


def _checks(cells: list[dict]) -> dict[str, str]:
    """Exercise -> the words under its check cell."""
    found = {}
    for cell in cells:
        if called := re.match(r"check\((\w+)\)", "".join(cell["source"])):
            found[called[1]] = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", _html(cell), flags=re.DOTALL).split())
    return found


@pytest.mark.parametrize(("lang", "word"), [("en", "passed"), ("zh", "通过")])
def test_every_check_is_green_with_the_reference(lab, browser, lang, word):
    """With the reference filled in, the notebook runs from top to bottom, every check passes and pictures are drawn."""
    lecture = read_lecture(LECTURE)
    cells = _run_all(browser, *lab, f"filled-{lang}", filled(lecture, lang), lang)
    checks = _checks(cells)
    assert list(checks) == [e.name for e in lecture.exercises]
    assert all(text.startswith(f"{name} {word}") for name, text in checks.items()), checks
    outputs = [o for cell in cells for o in cell["outputs"]]
    assert not [o for o in outputs if o["output_type"] == "error"]
    assert sum("image/png" in o.get("data", {}) for o in outputs) >= 3


@pytest.mark.parametrize(("lang", "word"), [("en", "not started yet"), ("zh", "尚未开始")])
def test_an_untouched_notebook_runs_without_an_error(lab, browser, lang, word):
    """With the stubs, every check says that it is not started, and no cell raises."""
    lecture = read_lecture(LECTURE)
    cells = _run_all(browser, *lab, f"stub-{lang}", notebook(lecture, lang), lang)
    checks = _checks(cells)
    assert list(checks) == [e.name for e in lecture.exercises]
    assert all(text.startswith(f"{name} {word}") for name, text in checks.items()), checks
    assert not [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
