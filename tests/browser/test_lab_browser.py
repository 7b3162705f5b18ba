"""The notebooks in a real JupyterLab: each runs whole; labels by keyboard outlive the server."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from papermill import execute_notebook
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from analysis.gold.labels import labels_in
from analysis.params import report_params
from analysis.report.against_gold import given
from analysis.report.edition import edition
from analysis.scoring.pipeline import run

ROOT = Path(__file__).parents[2]
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update",
         "--window-size=1400,1000")  # fmt: skip
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
OPENED = re.search(r"--LabApp.default_url=\S+", (ROOT / "Makefile").read_text(encoding="utf-8"))[0]
PATIENCE = 240  # seconds at most for anything; most of it takes a few
TOKEN = "a-token-of-the-tests-own"
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
TEN = "Bridges\n\n" + "\n\n".join(
    f"Bridge number {n} is safe, the mayor said.\n\nComment: That is false, see page {n}."
    for n in range(1, 13)
)

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not installed"
    ),
]


class Server:
    """A JupyterLab of its own: own settings, own folder, loopback, a token."""

    def __init__(self, home):
        self.home, self.run = home, None
        self.notebooks = home / "work" / "notebooks"
        self.notebooks.mkdir(parents=True)
        for name in NOTEBOOKS:
            shutil.copy(ROOT / "notebooks" / name, self.notebooks)
        for name, values in SETTINGS.items():
            path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")

    def start(self):
        for left in (self.home / "runtime").glob("jpserver-*"):
            left.unlink()
        own = {
            "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTER_DATA_DIR": "data", "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython",
        }  # fmt: skip
        environment = os.environ | {name: str(self.home / f) for name, f in own.items()}
        environment |= {"PYTHONPATH": str(ROOT), "COUNTERPOINT_CACHE": str(self.home / "cache")}
        words = ["-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
                 f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.home / 'work'}",
                 "--LabApp.expose_app_in_browser=True", OPENED]  # fmt: skip
        with (self.home / "server.log").open("ab") as log:
            self.run = subprocess.Popen(
                [sys.executable, *words], env=environment, stdout=log, stderr=log
            )
        self.url = until(self._url, "the server to answer")

    def _url(self):
        assert self.run.poll() is None, (self.home / "server.log").read_text(encoding="utf-8")
        for told in (self.home / "runtime").glob("jpserver-*.json"):
            url = json.loads(told.read_text(encoding="utf-8"))["url"]
            with urllib.request.urlopen(f"{url}api/status?token={TOKEN}", timeout=60):
                return url
        return None

    def kill(self):
        """Kill the server and its kernels as a power cut would: none can say goodbye."""
        family = [*psutil.Process(self.run.pid).children(recursive=True), self.run]
        for process in family:
            os.kill(process.pid, signal.SIGKILL)
        self.run.wait()


def until(found, what):
    """Wait for something, within bounds; a server that comes up may refuse at first."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if value := found():
                return value
        except (OSError, ValueError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"waited {PATIENCE} s for {what}")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.page_load_strategy = "none"  # what is waited for is in the page, not its loading
    for flag in [*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.command_executor.client_config.timeout = PATIENCE
    # JupyterLab has no current widget in a page without focus, as a browser in the background is.
    driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
    yield driver
    driver.quit()


def wait(browser):
    return WebDriverWait(browser, PATIENCE, poll_frequency=0.2)


def open_notebook(browser, server, name):
    """Open a notebook in a workspace of its own, and wait for its kernel."""
    place = f"lab/workspaces/{name.removesuffix('.ipynb')}/tree/notebooks/{name}"
    browser.execute_script("window.left = true")  # so that the page before is not taken for it
    browser.get(f"{server.url}{place}?reset&token={TOKEN}")
    wait(browser).until(
        lambda b: b.execute_script(
            """const panel = window.jupyterapp?.shell?.currentWidget;
            return !window.left && panel?.content?.model?.cells?.length > 0
                && panel.sessionContext?.session?.kernel?.status === 'idle'
                && panel.sessionContext.session.kernel.connectionStatus === 'connected';"""
        )
    )


def run_all(browser):
    """Run every cell, and return the notebook with its outputs.

    A page that has just been opened may let the command fall: it is given again until a cell
    has run, where there is one to run.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        browser.execute_script(
            """const run = (name) => window.jupyterapp.commands.execute('notebook:' + name);
            const done = () => { window.ranAll = true; };
            window.ranAll = false;
            run('clear-all-cell-outputs').then(() => run('run-all-cells')).then(done, done);"""
        )
        with contextlib.suppress(TimeoutException):
            WebDriverWait(browser, 30, poll_frequency=0.2).until(
                lambda b: (
                    all(cell["cell_type"] != "code" for cell in cells(b))
                    or any(cell.get("execution_count") for cell in cells(b))
                )
            )
            break
    wait(browser).until(lambda b: b.execute_script("return window.ranAll"))
    return cells(browser)


def cells(browser):
    return browser.execute_script(
        "return window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"
    )


def faults(found):
    """Return what went wrong in executed cells, and the code cells that did not run."""
    code = [cell for cell in found if cell["cell_type"] == "code"]
    wrong = [o for cell in code for o in cell["outputs"] if o["output_type"] == "error"]
    return [f"{o['ename']}: {o['evalue']}" for o in wrong] + [
        "".join(cell["source"]) for cell in code if not cell["execution_count"]
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_notebook_runs_whole(browser, server, reports, name):
    if name == "corpus-report.ipynb":  # which compares reports that there must be
        write_copy(server, name, name, reports=str(reports))
    open_notebook(browser, server, name)
    assert faults(run_all(browser)) == []


def test_make_lab_opens_a_page_that_is_rendered_and_leads_on(browser, server):
    browser.get(f"{server.url}?token={TOKEN}")
    heading = wait(browser).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, ".jp-RenderedMarkdown h1")
    )
    assert "Where to begin" in heading[0].text
    browser.find_element(By.LINK_TEXT, "explore.ipynb").click()
    wait(browser).until(
        lambda b: (
            b.execute_script("return window.jupyterapp.shell.currentWidget.title.label")
            == "explore.ipynb"
        )
    )


def test_a_hostile_file_name_is_text_in_the_forms(browser, server):
    article = (
        server.home
        / "-'\"$(x);{{ 7 }}\n<img src=x onerror=\"document.title='run'\">\u202e\u05e9.txt"
    )
    article.write_text(TEN, encoding="utf-8")
    given = {"article": str(article), "scorer": "lexicon", "second": "none"}
    write_copy(server, "explore.ipynb", "explore-hostile.ipynb", **given)
    open_notebook(browser, server, "explore-hostile.ipynb")
    assert faults(run_all(browser)) == []
    shown = wait(browser).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, ".jupyter-widgets .cp-note")
    )
    assert len(shown) == 12
    chosen = browser.find_element(By.CSS_SELECTOR, ".widget-dropdown select option:checked")
    assert "<img src=x" in chosen.text
    assert browser.find_elements(By.CSS_SELECTOR, "img[src=x]") == []
    assert browser.title != "run"


def test_a_target_added_by_hand_changes_the_figure(browser, server):
    write_copy(server, "explore.ipynb", "explore-own.ipynb", scorer="lexicon", second="none")
    open_notebook(browser, server, "explore-own.ipynb")
    assert faults(run_all(browser)) == []
    figure = ".jupyter-widgets .cp-picture"
    before = wait(browser).until(lambda b: b.find_elements(By.CSS_SELECTOR, figure))
    before = before[0].get_attribute("aria-label")
    assert "Macron" not in before
    another = browser.find_element(By.CSS_SELECTOR, "input[placeholder^='add a target']")
    another.send_keys("Macron")
    browser.find_element(By.XPATH, "//button[normalize-space()='Add']").click()
    label = f"return document.querySelector({figure!r})?.getAttribute('aria-label') ?? ''"
    wait(browser).until(lambda b: "Macron" in b.execute_script(label))
    sentence = browser.find_element(By.CSS_SELECTOR, ".jupyter-widgets textarea")
    sentence.send_keys("NATO is wrong and terrible.")
    wait(browser).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".cp-explanation mark"))


def test_a_label_is_corrected_in_the_edition_and_the_static_page_shows_it(
    browser, server, tmp_path
):
    article, folder = server.home / "quay.txt", server.home / "labels"
    article.write_text(TEN + "\n", encoding="utf-8")
    own = {"article": str(article), "folder": str(folder), "annotator": "anna"}
    write_copy(
        server, "explore.ipynb", "explore-labels.ipynb",
        scorer="lexicon", second="none", targets=["bridge", "mayor"], **own,
    )  # fmt: skip
    open_notebook(browser, server, "explore-labels.ipynb")
    assert faults(run_all(browser)) == []
    cell_count = len(cells(browser))
    browser.find_element(By.XPATH, "//li[contains(., 'Annotated article')]").click()
    note = ".cp-labeled #comment-2"
    badge = wait(browser).until(lambda b: b.find_elements(By.CSS_SELECTOR, f"{note} .cp-badge"))[0]
    badge.send_keys("dd")  # which would delete a cell if it reached the notebook
    badge.send_keys(Keys.ENTER)
    press(browser, "neutral")
    log = folder / "anna.jsonl"
    until(log.exists, "the relation to be kept")
    wait(browser).until(lambda b: "reference labels: neutral (1)" in shown(b, note))
    assert "Saved as neutral in" in shown(browser, note)
    browser.find_element(By.CSS_SELECTOR, f"{note} .cp-toward").click()
    browser.find_element(By.XPATH, "//select[@aria-label='Toward']/option[.='mayor']").click()
    press(browser, "against")
    wait(browser).until(
        lambda b: "reference labels: neutral (1) and against mayor (1)" in shown(b, note)
    )
    assert len(cells(browser)) == cell_count
    kept = [found.record for found in labels_in(log).values()]
    assert [(r["task"], r["target"], r["label"]) for r in kept] == [
        ("relation", "", "neutral"),
        ("stance", "mayor", "against"),
    ]
    assert all(r["seen_program"] for r in kept)
    result = run(report_params(article=str(article), scorer="lexicon"))
    assert "reference labels: neutral (1) and against mayor (1)" in str(
        edition(result, given=given(result, folder))
    )


def press(browser, word):
    """Press a label in the choice that is open beside a comment."""
    found = f"//div[@class='cp-choice']/button[.='{word}']"
    wait(browser).until(lambda b: b.find_elements(By.XPATH, found))[0].click()


def shown(browser, note):
    return browser.execute_script("return document.querySelector(arguments[0]).innerText", note)


def test_ten_labels_by_keyboard_outlive_a_killed_server(browser, server):
    article, folder = server.home / "bridges.txt", server.home / "gold"
    article.write_text(TEN + "\n", encoding="utf-8")
    name = "review-own.ipynb"
    own = {"articles": [str(article)], "folder": str(folder), "annotator": "anna"}
    write_copy(server, "review-labels.ipynb", name, scorer="lexicon", **own)
    open_notebook(browser, server, name)
    assert faults(run_all(browser)) == []
    cell_count = len(cells(browser))
    review = show_review(browser)
    review.find_element(By.CSS_SELECTOR, ".cp-review-head").click()
    keys = list("dandandand")
    for done, key in enumerate(keys, start=1):
        browser.switch_to.active_element.send_keys(key)
        wait(browser).until(lambda b, n=done: review.get_attribute("data-done") == str(n))
    browser.switch_to.active_element.send_keys("u")
    wait(browser).until(lambda b: review.get_attribute("data-done") == "9")
    browser.switch_to.active_element.send_keys("d")
    wait(browser).until(lambda b: review.get_attribute("data-done") == "10")
    browser.switch_to.active_element.send_keys("m")
    note = browser.switch_to.active_element
    assert note.tag_name == "textarea"
    note.send_keys("dubious: a d s")
    note.send_keys(Keys.ESCAPE)
    log = folder / "anna.jsonl"
    until(lambda: "dubious: a d s" in log.read_text(encoding="utf-8"), "the note to be kept")
    assert len(cells(browser)) == cell_count  # no key reached the notebook's own commands
    server.kill()
    labels = [found.label for found in labels_in(log).values() if found.label]
    assert sorted(labels) == sorted(
        {"a": "agree", "d": "disagree", "n": "neutral"}[key] for key in keys
    )
    server.start()
    open_notebook(browser, server, name)
    assert faults(run_all(browser)) == []
    review = show_review(browser)
    assert review.get_attribute("data-done") == "10"
    assert "10 of 12 labeled" in review.text


def show_review(browser):
    review = wait(browser).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".cp-review"))[-1]
    wait(browser).until(lambda b: review.get_attribute("data-turn"))
    return review


def write_copy(server, name, new, **parameters):
    """Copy a notebook with parameters of the test's own, as a user edits its first cell."""
    execute_notebook(
        str(ROOT / "notebooks" / name),
        str(server.notebooks / new),
        parameters=parameters,
        prepare_only=True,
    )
