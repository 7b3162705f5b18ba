"""The report in a real browser: nothing runs, nothing is fetched, nothing overflows."""

import os
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from analysis.params import report_params
from analysis.report import report

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
HOSTILE = """<script>document.title = "run"</script> {{ 7 * 7 }}

The minister said "<img src=x onerror='document.title = 1'> never \u202eagain" to NATO.

Comment: </style></main><script src="//example.org/x.js"></script> NATO is wrong.

{word} NATO {word}

Comment: \u05e9\u05dc\u05d5\u05dd {word} <a href="javascript:alert(3)">NATO</a> \U0001f692
""".replace("{word}", "w" * 10_000)

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
        source = folder / "hostile.txt"
        source.write_text(HOSTILE, encoding="utf-8")
    long_target = "t" * 10_000
    targets = ["NATO", "<script>", long_target] if request.param == "hostile" else []
    return report(report_params(article=str(source), targets=targets), folder).as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def show(browser, page, width, scheme="light"):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
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
    assert "commentary" in browser.title


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


def test_comments_stand_beside_their_passage_and_fold_below_on_a_phone(browser, page):
    where = """return [...document.querySelectorAll('.cp-margin')].map(m => {
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
        """return [...document.querySelectorAll('a[href], [tabindex="0"]')]
        .filter(e => { e.focus(); return document.activeElement !== e; }).length"""
    )
    assert count == 0


# Texts under 4.5:1 against what lies behind them; SVG text is drawn in the page's own colours.
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


AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))


@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE names no axe.min.js of npm's axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "light"), (1440, "dark")])
def test_axe_finds_no_serious_fault(browser, page, width, scheme):
    show(browser, page, width, scheme)
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document).then(r => done(r.violations));"
    )
    grave = [
        (fault["id"], fault["nodes"][0]["html"][:120])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert grave == []
