"""The report in a real browser: nothing runs, nothing is fetched, nothing overflows."""

import base64
import json
import os
import re
import shutil
import urllib.parse
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

from analysis.params import LONGEST_ITEM, report_params
from analysis.report.provenance import SUMMARY
from analysis.report.summary import summary
from analysis.runs.corpus_page import CORPUS
from analysis.runs.execution import Running
from analysis.runs.index import links, write_index
from analysis.runs.method import write_method
from analysis.runs.publish import evaluation, publish, report

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
WIDTHS = (390, 820, 1440)
WORD = "w" * 10_000
HOSTILE_TITLE = '<script>document.title = "run"</script> {{ 7 * 7 }} ' + WORD[:60]
HOSTILE = [  # passage, comment and commentator
    (
        "The minister said \"<img src=x onerror='document.title = 1'> never \u202eagain\" to NATO.",
        '</style></main><script src="//example.org/x.js"></script> NATO is wrong.',
        '<img src=x onerror="document.title = 1"> {{ 7 * 7 }}',
    ),
    (
        f"{WORD} NATO {WORD}",
        f'\u05e9\u05dc\u05d5\u05dd {WORD} <a href="javascript:alert(3)">NATO</a> \U0001f692',
        f"\u202e\u05d0\u05d1 {WORD[:300]}",
    ),
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="chromium or chromedriver is not installed"
    ),
]


@pytest.fixture(scope="module", params=["seed", "hostile"])
def page(request, seed_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    source = seed_path
    if request.param == "hostile":
        source = folder / "hostile.csv"
        rows = pd.DataFrame(HOSTILE, columns=["passage", "comment", "commentator"])
        rows.assign(title=HOSTILE_TITLE).to_csv(source, index=False)
    long_target = "t" * LONGEST_ITEM
    targets = ["NATO", "<script>", long_target] if request.param == "hostile" else []
    return report(report_params(article=str(source), targets=targets), folder).as_uri()


@pytest.fixture(scope="module")
def index(seed_result, tmp_path_factory):
    """Make a page of three reports, one of them hostile."""
    folder = tmp_path_factory.mktemp("reports")
    found = summary(seed_result)
    row = found["targets"][0]
    hostile = '</script><img src=x onerror="document.title = 1">{{ 7 * 7 }}\u202e' + "w" * 9_000
    comments = {"agree": 0, "disagree": 0, "neutral": 0, "abstained": 0}
    changes = {
        "a": {"title": "Alpha", "comments": comments | {"disagree": 1, "agree": 9}},
        "b": {"title": "beta", "comments": comments | {"disagree": 3},
              "targets": [row | {"divergence": -1.9, "ci_low": -2.0, "ci_high": -1.0}]},
        "c": {"title": hostile, "comments": comments, "finding": [hostile],
              "warnings": [hostile], "targets": [row | {"target": hostile}]},
    }  # fmt: skip
    for name, change in changes.items():
        (folder / name).mkdir()
        (folder / f"{name}.html").write_text("<!DOCTYPE html><title>a report</title>")
        written = json.dumps(found | {"article_id": name} | change)
        (folder / name / SUMMARY).write_text(written)
    return write_index(folder).as_uri()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, made):
    """Make a corpus page of nine reports, with hostile names."""
    folder = tmp_path_factory.mktemp("corpus")
    hostile = '</script><img src=x onerror="document.title = 1">\u202e' + "w" * 900
    for n in range(9):
        outlet = ("gazette", "courier", hostile)[n % 3]
        stances = made.sides("NATO", 0.5, -n / 10) + made.sides(hostile, 0.1, 0.4)
        answer = made.relation(f"Ships left {hostile}.", "disagree", 0.9, commentary=hostile)
        made.write(
            folder, f"r{n}", stances=stances, relations=[answer], title=hostile,
            about={"outlet": outlet, "date": f"2024-0{n + 1}-01"},
        )  # fmt: skip
    given = {"reports": str(folder), "before": ""}
    running = Running(links=links(folder, corpus=True))
    title = "All commentary compared"
    return publish(CORPUS, given, folder / "corpus-report", title=title, running=running).as_uri()


@pytest.fixture(scope="module", params=["method", "evaluation"])
def trust(request, tmp_path_factory):
    """Make a page on how far to trust a scorer, with hostile text in it."""
    folder = tmp_path_factory.mktemp(request.param)
    hostile = '<img src=x onerror="document.title = 1"> {{ 7 * 7 }}\u202e' + "w" * 120
    if request.param == "method":
        card = folder / "models" / "tiny" / "MODEL_CARD.md"
        card.parent.mkdir(parents=True)
        heads = f"| {hostile} | rows |\n|---|--:|\n| {hostile} | 4 |"
        card.write_text(f"# {hostile}\n\n## {hostile}\n\n{hostile}\n\n{heads}\n\n`{hostile}`\n")
        return write_method(folder, folder / "models").as_uri()
    rows = folder / f"{hostile}.jsonl"
    rows.write_text(json.dumps({"passage": hostile, "comment": hostile, "label": "agree"}))
    return evaluation("lexicon", [f"relation:{rows}"], folder).as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(300)  # axe takes its time on a busy machine
    yield driver
    driver.quit()


def show(browser, page, width, scheme="light"):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {
            "features": [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]
        },
    )
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_logged_fetched_or_wider_than_the_page(browser, page, width, scheme):
    show(browser, page, width, scheme)
    assert browser.get_log("browser") == []
    asked = [e["message"] for e in browser.get_log("performance")]
    asked = [m for m in asked if '"Network.requestWillBeSent"' in m and '"file://' not in m]
    assert asked == []
    wide, seen = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    assert wide <= seen
    assert browser.title not in ("", "run", "1")


@pytest.mark.parametrize("width", WIDTHS)
def test_no_box_of_text_leaves_its_column(browser, page, width):
    show(browser, page, width)
    outside = browser.execute_script(
        """return [...document.querySelectorAll('main :is(p, h1, h2, li, dd), aside')]
        .filter(e => !e.closest('.cp-scroll'))
        .filter(e => { const r = e.getBoundingClientRect();
                       return r.right > innerWidth + 1 || r.left < -1
                         || e.scrollWidth > r.width + 2; })
        .map(e => e.className + ': ' + e.textContent.slice(0, 40))"""
    )
    assert outside == []


@pytest.mark.parametrize(("width", "most"), [(1440, 6_000), (390, 10_000)])
def test_the_seeds_report_is_short(browser, page, width, most):
    if "hostile" in page:
        pytest.skip("it has a word of 10,000 letters")
    show(browser, page, width)
    assert browser.execute_script("return document.documentElement.scrollHeight") <= most
    if width == WIDTHS[-1]:
        assert len(printed(browser, page)) <= 7
        assert Path(urllib.parse.urlparse(page).path).stat().st_size < 500_000


def test_a_long_article_is_printed_whole_on_few_sheets(browser, tmp_path):
    source = Path(__file__).parents[1] / "seeds" / "long" / "sea_wall.txt"
    page = report(report_params(article=str(source)), tmp_path).as_uri()
    sheets = printed(browser, page)
    assert len(sheets) <= 14
    assert all(len(text) > 60 for text in sheets)
    source, paper = (letters(text) for text in (source.read_text("utf-8"), "".join(sheets)))
    words = set(re.findall(r"[a-z]{6,}", source.lower()))
    whole, shown = (text.lower().replace(" ", "") for text in (source, paper))
    assert [w for w in words if shown.count(w) < whole.count(w)] == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = browser.execute_script(
        """return [...document.querySelectorAll('.cp-edition p:not(.cp-whys p)')].filter(p =>
          !p.getClientRects().length || p.closest('details:not([open])') ||
          [...function* (e) { for (; e; e = e.parentElement) yield e; }(p)].some(e =>
            getComputedStyle(e).overflowY !== 'visible' && e.scrollHeight > e.clientHeight + 1
              && e !== document.documentElement)).map(p => p.textContent.slice(0, 60))"""
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert hidden == []


def letters(text):
    """Return a text without what a line's or sheet's end adds to a word."""
    return re.sub(r"[^A-Za-z ]", "", re.sub(r"\s+", " ", text))


def test_filters_hide_what_does_not_fit_and_keys_step_through_the_rest(browser, page):
    show(browser, page, 1440)
    notes = browser.find_elements("css selector", ".cp-note")
    select = browser.find_element("css selector", ".cp-filters select[data-key=relation]")
    answers = [note.get_attribute("data-relation") for note in notes]
    select.send_keys(Keys.DOWN)  # the first answer after "all"
    chosen = browser.execute_script("return arguments[0].value", select)
    assert [note.is_displayed() for note in notes] == [a == chosen for a in answers]
    told = browser.find_element("css selector", ".cp-told").text
    assert told == f"{answers.count(chosen)} of {len(notes)} comments"
    browser.execute_script("document.activeElement.blur()")
    ActionChains(browser).send_keys("n").perform()
    assert browser.switch_to.active_element == notes[answers.index(chosen)]


def test_a_word_of_the_glossary_opens_by_the_keyboard(browser, page):
    show(browser, page, 390)
    term = browser.find_element("css selector", ".cp-term")
    assert term.get_attribute("title")
    term.send_keys(Keys.ENTER)
    until(browser, 1)
    assert opened(browser) == [term.get_attribute("popovertarget")]


def test_comments_stand_beside_their_passage_and_fold_below_on_a_phone(browser, page):
    where = """return [...document.querySelectorAll('.cp-row:not(.cp-below) .cp-margin')].map(m => {
        const note = m.getBoundingClientRect();
        const text = m.parentElement.querySelector('.cp-passage-block').getBoundingClientRect();
        return [note.left - text.right, note.top - text.top, note.top - text.bottom]; })"""
    show(browser, page, 1440)
    beside = browser.execute_script(where)
    assert beside
    assert all(gap > 0 and abs(top) < 8 for gap, top, _ in beside)
    show(browser, page, 390)
    assert all(below > -1 for _, _, below in browser.execute_script(where))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(browser, page, scheme):
    show(browser, page, 1440, scheme)
    assert browser.execute_script(CONTRAST) == []


def test_keyboard_reaches_the_report_and_every_link(browser, page):
    show(browser, page, 1440)
    count = browser.execute_script(
        """return [...document.querySelectorAll('a[href], [tabindex="0"], button, summary')]
        .filter(e => !e.closest('.cp-paper, .cp-to-warnings, details:not([open]) > :not(summary)'))
        .filter(e => { e.focus(); return document.activeElement !== e; }).length"""
    )
    assert count == 0


# Texts under 4.5:1 against what lies behind them; SVG text is drawn in the page's own colors.
CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
const rgb = c => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
                   return [...canvas.getImageData(0, 0, 1, 1).data]; };
const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
                       .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                     return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = e => {
  for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c[3] > 250) return c;
  }
  return [255, 255, 255, 255];
};
const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
return [...document.querySelectorAll('main *')].filter(own).filter(e => {
  const style = getComputedStyle(e);
  const front = light(rgb(e.ownerSVGElement ? style.fill : style.color)), back = light(behind(e));
  return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05) < 4.5;
}).map(e => `${e.tagName}.${e.className.baseVal ?? e.className}: ${e.textContent.slice(0, 30)}`);
"""


def opened(browser):
    """Return the ids of the cards that are open."""
    return browser.execute_script(
        "return [...document.querySelectorAll(':popover-open')].map(e => e.id)"
    )


def until(browser, number):
    WebDriverWait(browser, 10).until(lambda b: len(opened(b)) == number)


def first_mark(browser):
    mark = browser.find_element("css selector", ".cp-passage-block .cp-mark")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    return mark


def inside(browser, card):
    return browser.execute_script(
        """const r = document.getElementById(arguments[0]).getBoundingClientRect();
        return r.left >= 0 && r.top >= 0 && r.right <= innerWidth && r.bottom <= innerHeight
          && r.height > 20""",
        card,
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_a_sentence_opens_by_the_keyboard_and_closes_with_escape(browser, page, width):
    show(browser, page, width)
    mark = first_mark(browser)
    card = mark.get_attribute("popovertarget")
    mark.send_keys(Keys.ENTER)
    until(browser, 1)
    assert opened(browser) == [card]
    assert inside(browser, card)
    mark.send_keys(Keys.ESCAPE)
    until(browser, 0)
    assert browser.switch_to.active_element == mark


def test_a_sentence_opens_under_the_pointer_and_closes_behind_it(browser, page):
    show(browser, page, 1440)
    sentence = browser.find_element("css selector", ".cp-passage-block .cp-sentence")
    ActionChains(browser).move_to_element(sentence).perform()
    until(browser, 1)
    assert inside(browser, opened(browser)[0])
    assert browser.execute_script("return document.activeElement === document.body")
    ActionChains(browser).move_to_element(browser.find_element("css selector", "h1")).perform()
    until(browser, 0)


def test_a_tap_on_a_sentence_opens_it_and_a_tap_beside_closes_it(browser, page):
    show(browser, page, 390)
    first_mark(browser)
    spot = """const r = document.querySelector(arguments[0]).getClientRects()[0];
              return [r.left + 3, r.top + r.height / 2]"""
    x, y = browser.execute_script(spot, ".cp-passage-block .cp-sentence")
    tap(browser, x, y)
    until(browser, 1)
    card = opened(browser)[0]
    assert inside(browser, card)
    low, seen = browser.execute_script(
        "const r = document.getElementById(arguments[0]).getBoundingClientRect();"
        "return [r.bottom, innerHeight]",
        card,
    )
    assert abs(low - seen) <= 1, "on a phone the card is a sheet at the bottom"
    tap(browser, 2, 2)
    until(browser, 0)


def tap(browser, x, y):
    for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def without_scripts(browser, page):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    show(browser, page, 1440)


@pytest.fixture
def scripts_back(browser):
    yield
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_cards_open_and_everything_reads_with_scripts_off(browser, page, scripts_back):
    without_scripts(browser, page)
    x, y = browser.execute_script(
        """const e = document.querySelector('.cp-passage-block .cp-mark');
        e.scrollIntoView({block: 'center'});
        const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]"""
    )
    for kind in ("mousePressed", "mouseReleased"):
        browser.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1},
        )
    until(browser, 1)
    assert browser.get_log("browser") == []


def printed(browser, page):
    show(browser, page, 1440)
    found = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    document = pypdfium2.PdfDocument(base64.b64decode(found["data"]))
    return [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document]


def test_paper_has_no_empty_page_and_shows_what_is_folded(browser, page):
    sheets = printed(browser, page)
    assert all(len(text) > 60 for text in sheets)
    text = " ".join(sheets)
    assert "How to read this" in text
    assert "Everyone who mentions a target" in text
    assert "Each comment, how it responds to its passage" in text
    assert "Data (CSV)" not in text


def fits_and_asks_nothing(browser, page, width, scheme):
    test_nothing_is_logged_fetched_or_wider_than_the_page(browser, page, width, scheme)
    test_no_box_of_text_leaves_its_column(browser, page, width)
    assert browser.execute_script(CONTRAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_of_all_reports_fits_and_asks_nothing(browser, index, width, scheme):
    fits_and_asks_nothing(browser, index, width, scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_on_trust_fit_and_ask_nothing(browser, trust, width, scheme):
    fits_and_asks_nothing(browser, trust, width, scheme)


def test_keyboard_reaches_the_pages_on_trust_which_lead_back(browser, trust):
    test_keyboard_reaches_the_report_and_every_link(browser, trust)
    links = browser.find_elements("css selector", "nav.cp-beside a")
    led = [link.get_attribute("href").rpartition("/")[2] for link in links]
    assert led[0] == "index.html"
    if "evaluation-" in trust:
        folder = Path(urllib.parse.urlparse(trust).path).parent
        assert led == ["index.html", "method.html"]
        assert all((folder / file).is_file() for file in led)


def test_the_pages_on_trust_read_with_scripts_off(browser, trust, scripts_back):
    without_scripts(browser, trust)
    assert browser.title not in ("", "1")
    assert "How" in browser.find_element("css selector", "main").text


@pytest.mark.parametrize("width", WIDTHS)
def test_the_corpus_page_fits_and_asks_nothing(browser, corpus, width):
    test_nothing_is_logged_fetched_or_wider_than_the_page(browser, corpus, width, "light")
    test_no_box_of_text_leaves_its_column(browser, corpus, width)


def test_a_phone_cuts_no_table_of_the_corpus_page(browser, corpus):
    show(browser, corpus, 390)
    cut = browser.execute_script(
        "return [...document.querySelectorAll('.cp-scroll')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0
    assert browser.find_elements("css selector", ".cp-table td[data-label=Interval]")


def titles(browser):
    links = browser.find_elements("css selector", ".cp-reports th > a")
    return [link.text[:5] for link in links if link.is_displayed()]


def test_the_page_of_all_reports_sorts_by_the_keyboard(browser, index):
    show(browser, index, 1440)
    buttons = {b.text: b for b in browser.find_elements("css selector", "th button")}
    assert titles(browser)[1:] == ["Alpha", "beta"]
    buttons["Comments"].send_keys(Keys.ENTER)
    assert titles(browser)[:2] == ["Alpha", "beta"]
    head = browser.find_element("css selector", "th[data-sort=comments]")
    assert head.get_attribute("aria-sort") == "descending"
    buttons["Comments"].send_keys(Keys.ENTER)
    assert (titles(browser)[1:], head.get_attribute("aria-sort")) == (
        ["beta", "Alpha"],
        "ascending",
    )
    browser.find_element("css selector", ".cp-sorting select").send_keys("share")
    assert titles(browser)[:2] == ["beta", "Alpha"]
    assert head.get_attribute("aria-sort") is None
    buttons["Report"].send_keys(Keys.ENTER)
    assert titles(browser)[1:] == ["Alpha", "beta"]


def test_the_page_of_all_reports_filters_by_the_keyboard(browser, index):
    show(browser, index, 1440)
    told = browser.find_element("css selector", ".cp-told")
    assert told.text == "3 of 3 reports"
    browser.find_element("css selector", "select[data-key=relation]").send_keys("agree")
    assert (titles(browser), told.text) == (["Alpha"], "1 of 3 reports")
    browser.find_element("css selector", "select[data-key=relation]").send_keys(Keys.HOME)
    browser.find_element("css selector", ".cp-filters input").send_keys("BET")
    assert titles(browser) == ["beta"]


def test_a_phone_shows_each_report_as_a_card(browser, index):
    show(browser, index, 390)
    left = browser.execute_script(
        "return [...document.querySelectorAll('.cp-reports tbody tr:first-child > *')]"
        ".map(e => e.getBoundingClientRect().left)"
    )
    assert len(left) >= 4
    assert len(set(left)) == 1
    label = browser.execute_script(
        "return getComputedStyle(document.querySelector('.cp-reports td'), '::before').content"
    )
    assert label == "attr(data-label)" or "Comments" in label


def test_the_page_of_all_reports_reads_with_scripts_off(browser, index, scripts_back):
    without_scripts(browser, index)
    assert titles(browser)[1:] == ["Alpha", "beta"]
    shown = browser.execute_script(
        "return getComputedStyle(document.querySelector('.cp-filters')).display"
    )
    assert shown == "none"
    assert browser.find_elements("css selector", "th button") == []


def grave_faults(browser):
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document).then(r => done(r.violations));"
    )
    return [
        (fault["id"], fault["nodes"][0]["html"][:120])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE names no axe.min.js of npm's axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "light"), (1440, "dark")])
def test_axe_finds_no_serious_fault(browser, page, width, scheme):
    show(browser, page, width, scheme)
    assert grave_faults(browser) == []
    browser.find_element("css selector", ".cp-mark").send_keys(Keys.ENTER)
    until(browser, 1)
    assert grave_faults(browser) == [], "with a card open"


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE names no axe.min.js of npm's axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "light"), (1440, "dark")])
def test_axe_finds_no_serious_fault_in_the_page_of_all_reports(browser, index, width, scheme):
    show(browser, index, width, scheme)
    assert grave_faults(browser) == []


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE names no axe.min.js of npm's axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "light"), (1440, "dark")])
def test_axe_finds_no_serious_fault_in_the_corpus_page(browser, corpus, width, scheme):
    show(browser, corpus, width, scheme)
    assert grave_faults(browser) == []


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE names no axe.min.js of npm's axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "light"), (1440, "dark")])
def test_axe_finds_no_serious_fault_in_the_pages_on_trust(browser, trust, width, scheme):
    show(browser, trust, width, scheme)
    assert grave_faults(browser) == []
