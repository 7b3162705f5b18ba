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
from analysis.runs.index import METHOD, PAGE, links, read_entries, write_index

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


def rows_of(tree):
    return tree.findall(".//table[@class='cp-reports']/tbody/tr")


def test_page_lists_each_report_with_its_finding_and_differences(found, tmp_path):
    put(tmp_path, "b", found, title="Beta", warnings=["The author has only 2 segments."])
    put(tmp_path, "a", found, title="alpha")
    tree = parsed(tmp_path)
    rows = rows_of(tree)
    assert [r.find("./th/a").get("href") for r in rows] == ["a.html", "b.html"]
    assert text_of(rows[0].find("./th/a")) == "alpha"
    for sentence in found["finding"]:
        assert sentence in text_of(rows[0])
    assert "only 2 segments" in text_of(rows[1])
    assert "1 warning" not in text_of(rows[0])
    first = max(
        (t for t in found["targets"] if t["divergence"] is not None),
        key=lambda t: (t["shown"], abs(t["divergence"])),
    )
    value = f"{first['divergence']:+.2f}".replace("-", "−")
    line = rows[0].find(".//ul[@class='cp-differences']/li")
    assert text_of(line) == f"{first['target']} {value}"
    assert "1 report carries a warning" in text_of(tree.find(".//header"))


def test_every_cell_names_its_column_for_a_phone(found, tmp_path):
    put(tmp_path, "a", found)
    (tmp_path / "a" / "manifest.json").write_text('{"about": {"outlet": "Gazette"}}')
    tree = parsed(tmp_path)
    heads = [text_of(th) for th in tree.findall(".//thead/tr/th")]
    assert heads == ["Report", "Published", "Comments", "Comments minus article", "Warnings"]
    assert [td.get("data-label") for td in rows_of(tree)[0].findall("./td")] == heads[1:]


def test_every_difference_has_the_same_scale(found, tmp_path):
    row = found["targets"][0] | {"ci_low": None, "ci_high": None, "shown": True}
    put(tmp_path, "a", found, targets=[row | {"divergence": 0.5}])
    wide = {"divergence": -2.0, "ci_low": -2.0, "ci_high": -1.0, "shown": False}
    put(tmp_path, "b", found, targets=[row | {"divergence": 0.5}, row | wide])
    scales = [[i.get("style") for i in r.iter("i") if i.get("style", "").startswith("--at")]
              for r in rows_of(parsed(tmp_path))]  # fmt: skip
    assert scales == [["--at: 62.5%;"], ["--at: 62.5%;", "--at: 0.0%;--low: 0.0%;--high: 25.0%;"]]


def test_sort_keys_are_the_figures(found, tmp_path):
    row = found["targets"][0] | {"divergence": -1.25}
    comments = {"agree": 1, "disagree": 3, "neutral": 0, "abstained": 4}
    put(tmp_path, "a", found, targets=[row], comments=comments, made="2026-01-02 03:04 UTC")
    put(tmp_path, "b", found, targets=[], comments={}, warnings=["x"])
    one, two = rows_of(parsed(tmp_path))
    assert one.get("data-comments") == "8"
    assert one.get("data-disagree") == "0.75"
    assert one.get("data-divergence") == "1.25"
    assert one.get("data-made") == "202601020304"
    assert (two.get("data-disagree"), two.get("data-divergence")) == ("", "")
    assert two.get("data-warnings") == "1"
    assert "no target that both mention" in text_of(two)


def test_filters_offer_what_tells_reports_apart(found, tmp_path):
    row = found["targets"][0]
    about = {"a": {"outlet": "Gazette", "date": "2025-03-04"}, "b": {"outlet": "Post"}, "c": {}}
    for name, said in about.items():
        targets = [row | {"target": "NATO"}] + [row | {"target": "Oslo"}] * (name == "b")
        comments = {"disagree": 1, "abstained": 1} if name == "a" else {"agree": 2}
        put(tmp_path, name, found, title=name, targets=targets, comments=comments, warnings=[])
        (tmp_path / name / "manifest.json").write_text(json.dumps({"about": said}))
    tree = parsed(tmp_path)
    choices = {
        s.get("data-key"): [(o.get("value"), text_of(o)) for o in s.findall("option")][1:]
        for s in tree.findall(".//select[@data-key]")
    }
    assert choices["outlet"] == [("0", "Gazette"), ("1", "Post")]
    assert choices["target"] == [("0", "NATO"), ("1", "Oslo")]
    assert "kind" not in choices
    a, b, c = rows_of(tree)
    assert [r.get("data-outlet") for r in (a, b, c)] == ["0", "1", ""]
    assert [sorted(r.get("data-target").split()) for r in (a, b, c)] == [["0"], ["0", "1"], ["0"]]
    assert (a.get("data-relation").split(), a.get("data-date")) == (
        ["disagree", "abstained"], "2025-03-04",
    )  # fmt: skip


def test_another_kind_of_report_is_listed_and_filtered(found, tmp_path):
    put(tmp_path, "a", found)
    put(tmp_path, "b", found)
    lean = ("version", "article_id", "title", "scorer", "made", "finding", "warnings")
    (tmp_path / "b" / SUMMARY).write_text(
        json.dumps({key: found[key] for key in lean} | {"article_id": "b", "kind": "versions"})
    )
    tree = parsed(tmp_path)
    kinds = tree.find(".//select[@data-key='kind']")
    assert [text_of(o) for o in kinds.findall("option")] == ["any", "article", "versions"]
    assert {text_of(r.find("./th//b")) for r in rows_of(tree) if r.find("./th//b") is not None} == {
        "versions"
    }


def test_pages_on_all_reports_are_linked_at_the_top(found, tmp_path):
    put(tmp_path, "a", found)
    (tmp_path / "corpus-report.html").write_text("x")
    nav = parsed(tmp_path).find(".//nav")
    assert [(a.get("href"), text_of(a)) for a in nav.iter("a")] == [
        ("corpus-report.html", "All articles compared")
    ]


def test_page_is_self_contained_and_its_policy_names_its_script(found, tmp_path):
    put(tmp_path, "a", found)
    put(tmp_path, "b", found)
    tree = parsed(tmp_path)
    assert tree.find(".//meta[@http-equiv]").get("content") == policy(script("index"))
    assert [e.text for e in tree.iter("script")] == [script("index")]
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert not re.findall(r"https?://", page)
    assert tree.find(".//meta[@property='og:title']").get("content")
    assert tree.find(".//div[@class='cp-filters']").get("hidden") is not None


def test_hostile_texts_and_names_stay_text(found, tmp_path):
    row = found["targets"][0] | {"target": HOSTILE}
    changes = dict.fromkeys(("title", "scorer", "made", "confidence_level"), HOSTILE)
    lists = {"finding": [HOSTILE], "warnings": [HOSTILE], "targets": [row]}
    put(tmp_path, "a", found, **changes, **lists)
    put(tmp_path, "b", found, title="w" * 19_000)
    about = {"about": {"outlet": HOSTILE, "date": HOSTILE}, "said": [HOSTILE]}
    (tmp_path / "a" / "manifest.json").write_text(json.dumps(about))
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
def test_unreadable_reports_are_named_and_stop_nothing(found, tmp_path, text, told):
    put(tmp_path, "good", found)
    put(tmp_path, "bad", found)
    if text is None:
        (tmp_path / "bad" / SUMMARY).rename(tmp_path / "bad" / "relations.csv")
    else:
        (tmp_path / "bad" / SUMMARY).write_text(text)
    tree = parsed(tmp_path)
    assert len(rows_of(tree)) == 1
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


def test_links_are_to_pages_that_are_or_will_be_there(tmp_path):
    assert set(links(tmp_path, corpus=False)) == {"index.html", METHOD}
    assert "corpus-report.html" in links(tmp_path, corpus=True)
    (tmp_path / "corpus-report.html").touch()
    assert "corpus-report.html" in links(tmp_path, corpus=False)


def test_a_page_on_two_texts_is_marked_and_not_counted_among_articles(found, tmp_path):
    put(tmp_path, "a", found)
    lacking = {key: value for key, value in found.items() if key not in ("comments", "targets")}
    put(tmp_path, "b-versions", lacking, kind="versions", title="Beta")
    tree = parsed(tmp_path)
    header = text_of(tree.find(".//header"))
    assert "1 report compares two texts." in header
    assert f"Of {sum(found['comments'].values())} comments" in header
    (row,) = [tr for tr in tree.iter("tr") if "Beta" in text_of(tr)]
    assert "versions" in text_of(row)
    assert [text_of(td) for td in row.iter("td")][:2] == ["–", "–"]
