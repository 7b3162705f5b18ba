import json
import os
import re
from pathlib import Path

import html5lib
import pytest

from analysis.errors import ReportError
from analysis.html.page import policy, script
from analysis.report.provenance import SUMMARY
from analysis.report.summary import summary
from analysis.runs.index import PAGE, read_entries, write_index

HOSTILE = '</script><img src=x onerror=alert(1)> {{ 7 * 7 }} "q" \u202e javascript:alert(2)'


@pytest.fixture(scope="module")
def found(seed_result):
    return summary(seed_result)


def put(folder, stem, found, **changes):
    """Write a report's page and summary as a run leaves them."""
    tables = folder / stem
    tables.mkdir(parents=True)
    (folder / f"{stem}.html").write_text("a report")
    changed = found | {"article_id": stem} | changes
    (tables / SUMMARY).write_text(json.dumps(changed))


def parsed(folder):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(write_index(folder).read_text(encoding="utf-8"))
    assert [e[1] for e in parser.errors] == []
    return tree


def text_of(node):
    return " ".join("".join(node.itertext()).split())


def test_page_lists_each_report_with_its_finding_and_a_picture(found, tmp_path):
    put(tmp_path, "b", found, title="Beta", warnings=["The author has only 2 segments."])
    put(tmp_path, "a", found, title="alpha")
    tree = parsed(tmp_path)
    items = tree.findall(".//ol[@class='cp-reports']/li")
    assert [i.find(".//h2/a").get("href") for i in items] == ["a.html", "b.html"]
    assert text_of(items[0].find(".//h2")) == "alpha"
    for sentence in found["finding"]:
        assert sentence in text_of(items[0])
    assert "only 2 segments" in text_of(items[1])
    assert items[0].find(".//div[@role='note']") is None
    picture = items[0].find(".//div[@role='img']")
    first = next(t for t in found["targets"] if t["divergence"] is not None)
    value = f"{first['divergence']:+.2f}".replace("-", "−")
    assert f"{first['target']} {value}" in picture.get("aria-label")
    assert "1 report with a warning" in text_of(tree.find(".//header"))


def test_every_picture_has_the_same_scale(found, tmp_path):
    row = found["targets"][0] | {"ci_low": None, "ci_high": None, "shown": True}
    put(tmp_path, "a", found, targets=[row | {"divergence": 0.5}])
    put(tmp_path, "b", found, targets=[row | {"divergence": 0.5}, row | {"divergence": -2.0}])
    items = parsed(tmp_path).findall(".//ol[@class='cp-reports']/li")
    dots = [[float(c.get("cx")) for c in i.iter() if str(c.tag).endswith("circle")] for i in items]
    assert dots[0][0] == dots[1][0] > dots[1][1]
    boxes = {e.get("viewBox").split()[2] for i in items for e in i.iter() if e.get("viewBox")}
    assert len(boxes) == 1


def test_sort_keys_are_the_figures(found, tmp_path):
    row = found["targets"][0] | {"divergence": -1.25}
    comments = {"agree": 1, "disagree": 3, "neutral": 0, "abstained": 4}
    put(tmp_path, "a", found, targets=[row], comments=comments, made="2026-01-02 03:04 UTC")
    put(tmp_path, "b", found, targets=[], comments={}, warnings=["x"])
    one, two = parsed(tmp_path).findall(".//ol[@class='cp-reports']/li")
    assert one.get("data-comments") == "8"
    assert one.get("data-disagree") == "0.75"
    assert one.get("data-divergence") == "1.25"
    assert one.get("data-made") == "202601020304"
    assert (two.get("data-disagree"), two.get("data-divergence")) == ("", "")
    assert two.get("data-warnings") == "1"
    assert "No comment." in text_of(two)
    assert "no target that both sides speak of" in text_of(two)


def test_page_is_self_contained_and_its_policy_names_its_script(found, tmp_path):
    put(tmp_path, "a", found)
    put(tmp_path, "b", found)
    tree = parsed(tmp_path)
    assert tree.find(".//meta[@http-equiv]").get("content") == policy(script("index"))
    assert [e.text for e in tree.iter("script")] == [script("index")]
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert not re.findall(r"https?://", page)
    assert tree.find(".//meta[@property='og:title']").get("content")
    assert tree.find(".//div[@class='cp-sort']").get("hidden") is not None


def test_hostile_texts_and_names_stay_text(found, tmp_path):
    row = found["targets"][0] | {"target": HOSTILE}
    changes = dict.fromkeys(("title", "scorer", "made", "confidence_level"), HOSTILE)
    lists = {"finding": [HOSTILE], "warnings": [HOSTILE], "targets": [row]}
    put(tmp_path, "a", found, **changes, **lists)
    put(tmp_path, "b", found, title="w" * 19_000)
    odd = '<img src=x onerror=alert(3)>&"'
    put(tmp_path, odd, found)
    tree = parsed(tmp_path)
    assert len(list(tree.iter("script"))) == 1
    assert not list(tree.iter("img"))
    assert not [e for e in tree.iter() if any(str(n).startswith("on") for n in e.attrib)]
    hrefs = [a.get("href") for a in tree.iter("a")]
    assert all(re.fullmatch(r"#report|[\w.%~-]+\.html", h) for h in hrefs), hrefs
    assert max(len(text_of(a)) for a in tree.iter("a")) <= 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "does not match its schema"),
        ("[]", "does not match its schema"),
        ('{"version": 2}', "does not match its schema"),
        (None, "it has no summary.json; make it again"),
    ],
)
def test_what_cannot_be_read_is_named_and_stops_nothing(found, tmp_path, text, told):
    put(tmp_path, "good", found)
    put(tmp_path, "bad", found)
    if text is None:
        (tmp_path / "bad" / SUMMARY).rename(tmp_path / "bad" / "relations.csv")
    else:
        (tmp_path / "bad" / SUMMARY).write_text(text)
    tree = parsed(tmp_path)
    assert len(tree.findall(".//ol[@class='cp-reports']/li")) == 1
    other = tree.find(".//section[@class='cp-others']")
    assert other.find(".//a").get("href") == "bad.html"
    assert told in text_of(other)


@pytest.mark.parametrize(
    "change",
    [
        {"targets": [{"target": "x", "divergence": 3.0}]},
        {"title": 7},
        {"comments": {"agree": -1}},
        {"article_id": "another"},
    ],
)
def test_figures_out_of_range_and_summaries_of_others_are_not_shown(found, tmp_path, change):
    put(tmp_path, "a", found, **change)
    entries, left_out, _ = read_entries(tmp_path)
    assert entries == []
    assert [name for name, _ in left_out] == ["a.html"]


def test_other_pages_are_linked_apart(found, tmp_path):
    put(tmp_path, "a", found)
    (tmp_path / "evaluation-lexicon.html").write_text("x")
    entries, left_out, others = read_entries(tmp_path)
    assert (len(entries), left_out, others) == (1, [], ["evaluation-lexicon.html"])
    assert "evaluation-lexicon.html" in write_index(tmp_path).read_text(encoding="utf-8")


def test_an_empty_folder_has_a_page_that_says_so(tmp_path):
    assert "No report yet" in text_of(parsed(tmp_path))


def test_page_is_whole_or_as_it_was(found, tmp_path, monkeypatch):
    put(tmp_path, "a", found)
    before = write_index(tmp_path).read_text(encoding="utf-8")

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    put(tmp_path, "b", found)
    with pytest.raises(ReportError, match="No space left"):
        write_index(tmp_path)
    monkeypatch.undo()
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == before
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_page_can_be_read_by_whom_other_files_can(found, tmp_path):
    put(tmp_path, "a", found)
    write_index(tmp_path)
    assert (tmp_path / PAGE).stat().st_mode & 0o777 == (tmp_path / "a.html").stat().st_mode & 0o777


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ReportError, match="found no folder"):
        write_index(Path(tmp_path) / "none")


def test_a_report_that_a_site_file_named_is_listed_under_its_pages_name(found, tmp_path):
    put(tmp_path, "gazette-a", found, article_id="a")
    entries, left_out, _ = read_entries(tmp_path)
    assert (entries, len(left_out)) == ([], 1)
    (tmp_path / "gazette-a" / "manifest.json").write_text("{}")
    ((entry,), left_out, _) = read_entries(tmp_path)
    assert (entry.article_id, left_out) == ("gazette-a", [])
