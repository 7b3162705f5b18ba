"""The pages on two texts in a real browser; what holds of every report is tested as of articles."""

import pytest

from analysis.params import pair_params
from analysis.paths import ROOT
from analysis.runs.publish import PAIR, report
from tests.browser.test_report_browser import (  # noqa: F401
    AXE,
    HOSTILE,
    HOSTILE_TITLE,
    WIDTHS,
    browser,
    grave_faults,
    printed,
    pytestmark,
    scripts_back,
    show,
    test_keyboard_reaches_the_report_and_every_link,
    test_no_box_of_text_leaves_its_column,
    test_text_has_the_contrast_of_wcag_aa,
    without_scripts,
)

FOLDER = ROOT / "tests" / "seeds" / "versions"
FOLD = ".cp-left-out summary"


@pytest.fixture(scope="module", params=["versions", "stories", "hostile"])
def page(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    texts = {side: FOLDER / f"{side}.txt" for side in ("original", "republished")}
    if request.param == "hostile":
        rows = [f"{passage}\n\nComment: {comment}" for passage, comment, _ in HOSTILE]
        after = "\n\n".join([HOSTILE_TITLE, *rows])
        before = after.replace("again", "ever again").replace("is wrong", "is right")
        gone = "\n\n<script>document.title = 'gone'</script> {{ 8 * 8 }} was left out of it all."
        for side, text in (("original", before + gone), ("republished", after)):
            texts[side] = folder / f"<b>{side}.txt"
            texts[side].write_text(text, encoding="utf-8")
    params = pair_params(
        **{side: str(path) for side, path in texts.items()},
        scorer="lexicon",
        same_event=request.param == "stories",
    )
    return report(params, folder, notebook=PAIR, stem=request.param).as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_logged_fetched_or_wider_than_the_page(browser, page, width, scheme):  # noqa: F811
    show(browser, page, width, scheme)
    assert browser.get_log("browser") == []
    asked = [e["message"] for e in browser.get_log("performance")]
    assert not [m for m in asked if '"Network.requestWillBeSent"' in m and '"file://' not in m]
    wide, seen = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    assert wide <= seen
    assert browser.title.endswith((" – what the republisher changed", " – two stories compared"))


def test_what_was_left_out_unfolds_by_the_keyboard_with_scripts_off(browser, page, scripts_back):  # noqa: F811
    if "stories" in page:
        pytest.skip("two stories have no fold")
    without_scripts(browser, page)
    fold = browser.find_element("css selector", FOLD)
    text = browser.find_element("css selector", ".cp-left-out > :not(summary)")
    assert not text.is_displayed()
    browser.execute_cdp_cmd("DOM.enable", {})
    root = browser.execute_cdp_cmd("DOM.getDocument", {})["root"]["nodeId"]
    node = browser.execute_cdp_cmd("DOM.querySelector", {"nodeId": root, "selector": FOLD})
    browser.execute_cdp_cmd("DOM.focus", node)
    for kind in ("keyDown", "keyUp"):
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, **key})
    assert fold.is_displayed()
    assert text.is_displayed()


def test_changed_words_are_told_by_lines_and_not_by_color_alone(browser, page):  # noqa: F811
    if not page.endswith("versions.html"):
        pytest.skip("only versions with reworded paragraphs show changed words")
    show(browser, page, 1440)
    lines = browser.execute_script(
        """return ['ins', 'del'].map(tag =>
          [...document.querySelectorAll(`.cp-edition :not(.cp-left-out p) > ${tag}`)]
          .map(e => getComputedStyle(e).textDecorationLine))"""
    )
    assert [set(each) for each in lines] == [{"underline"}, {"line-through"}]


def test_paper_has_no_empty_page_and_shows_what_was_left_out(browser, page):  # noqa: F811
    sheets = printed(browser, page)
    assert all(len(text) > 60 for text in sheets)
    text = " ".join(sheets)
    assert "How far to trust this" in text
    assert "Data (CSV)" not in text
    if page.endswith("versions.html"):
        assert "It is the best decision this council has made" in text
        assert "Every paragraph of both versions" in text
        assert len(sheets) <= 7


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE names no axe.min.js of npm's axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "light"), (1440, "dark")])
def test_axe_finds_no_serious_fault(browser, page, width, scheme):  # noqa: F811
    show(browser, page, width, scheme)
    assert grave_faults(browser) == []
    browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert grave_faults(browser) == [], "with everything unfolded"
