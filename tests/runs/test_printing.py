import shutil

import pytest

from analysis.errors import ReportError
from analysis.runs import printing


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "a b.html"
    path.write_text("<!DOCTYPE html><title>x</title><p>It rained.</p>", encoding="utf-8")
    return path


def test_without_a_browser_one_line_says_what_to_do(page, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ReportError, match="found no Chromium") as raised:
        printing.print_page(page)
    assert "\n" not in str(raised.value)


def test_a_browser_that_fails_is_told(page, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "false")
    with pytest.raises(ReportError, match="could not print it"):
        printing.print_page(page)
    assert not page.with_suffix(".pdf").exists()


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")
def test_a_page_is_printed_beside_itself(page):
    pdf = printing.print_page(page)
    assert pdf == page.with_suffix(".pdf")
    assert pdf.read_bytes().startswith(b"%PDF")
