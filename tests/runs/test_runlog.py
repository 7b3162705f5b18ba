import html5lib
import pytest

from analysis.runs import runlog


def row(name, state, **more):
    base = {"article": f"{name}.txt", "name": name, "state": state, "why": [], "seconds": 1.0,
            "error": "", "hashes": {}}  # fmt: skip
    return base | more


def record(rows, **more):
    return runlog.record(rows, started=runlog.utc_now(), seconds=61.0, ended=True, **more)


def page_of(what):
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(runlog.summary(what))
    assert [error[1] for error in parser.errors] == []
    return tree, " ".join("".join(tree.find("body").itertext()).split())


def test_summary_names_failures_first_with_their_cause():
    rows = [
        row("a", "made", why=["new"]),
        row("b", "failed", error="b.txt: <script>alert(1)</script>", failing_since="2026-01-02T3"),
        row("c", "up to date"),
    ]
    what = record(rows)
    tree, text = page_of(what)
    assert runlog.headline(what) == "Counterpoint: 1 made, 1 up to date, 1 failed"
    assert text.index("Failed: 1") < text.index("Made: 1")
    assert "<script>alert(1)</script>" in text
    assert "2026-01-02" in text
    assert [a.get("href") for a in tree.iter("a")] == ["a.html"]


def test_summary_can_be_mailed():
    """No script, no style sheet, no class, nothing fetched: what mail programs take away."""
    tree, _ = page_of(record([row(f"r{n}", "made", why=["new"]) for n in range(300)]))
    assert not {"script", "style", "link", "img", "iframe"} & {e.tag for e in tree.iter()}
    assert not [e for e in tree.iter() if "class" in e.attrib or "id" in e.attrib]
    assert all(e.get("style") for e in tree.iter() if e.tag in ("table", "td", "th", "body"))
    assert len(list(tree.iter("tr"))) == runlog.MAX_LISTED + 1
    assert "and 200 more" in "".join(tree.find("body").itertext())


def test_a_night_with_nothing_to_do_says_so():
    assert runlog.headline(record([row("c", "up to date")])) == "Counterpoint: 1 up to date"
    assert runlog.headline(record([])) == "Counterpoint: nothing to do"


def test_a_note_is_shown():
    assert "corpus-report: broken" in page_of(record([], note="corpus-report: broken"))[1]


def test_failing_since_is_kept_and_a_broken_record_is_as_none(tmp_path):
    rows = [row("a", "failed"), row("b", "failed"), row("c", "made")]
    before = {"articles": [row("a", "failed", failing_since="2026-01-01")]}
    runlog.mark_failing_since(rows, before, "2026-02-02")
    assert [r.get("failing_since") for r in rows] == ["2026-01-01", "2026-02-02", None]
    for broken in ("{", "[]", '{"articles": 3}', '{"articles": [3]}'):
        (tmp_path / runlog.RECORD).write_text(broken)
        runlog.mark_failing_since(rows, runlog.read_record(tmp_path), "2026-02-02")


def test_nothing_half_is_left_where_the_record_cannot_be_written(tmp_path):
    (tmp_path / runlog.RECORD).mkdir()
    with pytest.raises(OSError, match="directory"):
        runlog.write(tmp_path, record([]))
    assert [p.name for p in tmp_path.iterdir()] == [runlog.RECORD]


def test_names_that_no_encoding_has_are_written(tmp_path):
    runlog.write(tmp_path, record([row("a", "failed", error="\udcff.txt: no such file")]))
    assert "\\udcff" in (tmp_path / runlog.SUMMARY).read_text()
