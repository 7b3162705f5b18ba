import base64
import hashlib

import pytest
from jinja2 import UndefinedError

from analysis.html import page


@pytest.mark.parametrize("name", ["report", "index"])
def test_the_policy_names_the_script_by_its_hash_and_lets_nothing_else_run(name):
    code = page.script(name)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    parts = dict(p.strip().partition(" ")[::2] for p in page.policy(code).split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == f"'sha256-{digest}'"
    assert parts["base-uri"] == parts["form-action"] == "'none'"


def test_a_page_without_a_script_runs_none():
    assert "script-src" not in page.policy()
    assert page.policy().startswith("default-src 'none'")


@pytest.mark.parametrize("name", ["report", "index"])
def test_scripts_ask_nothing_and_write_no_markup(name):
    code = page.script(name)
    for word in ("fetch", "XMLHttp", "innerHTML", "outerHTML", "insertAdjacent", "eval", "import(",
                 "document.write", "localStorage", "cookie", "http", "</"):  # fmt: skip
        assert word not in code, word


def test_styles_hold_no_address():
    text = "".join(path.read_text() for path in sorted(page._FOLDER.glob("*.css")))
    assert ".cp-reports" in text
    assert "url(" not in text
    assert "@import" not in text
    assert "</" not in text


def test_rendered_values_are_escaped_and_scripts_are_not():
    values = {"run": {"started": "<b>", "ended": "", "note": ""}, "duration": "1 s"}
    text = page.render(
        "run-summary.html.j2", title="<i>", failed=[], made=[], listed=1, record="", **values
    )
    assert "<title>&lt;i&gt;</title>" in text
    assert "Started &lt;b&gt;" in text
    with pytest.raises(UndefinedError):
        page.render("run-summary.html.j2", title="")
