"""The pages on two texts: every change is shown in words, and nothing is claimed of few."""

import json
from dataclasses import replace

import html5lib
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.html.elements import EMPTY
from analysis.params import pair_params
from analysis.paths import ROOT
from analysis.readers import read, read_sides
from analysis.readers.plain_text import parse_plain_text
from analysis.report import version_counts as counts
from analysis.report import version_findings as findings
from analysis.report.pairs import report_on_pair
from analysis.report.stories_report import NO_FACTS, StoriesReport
from analysis.report.version_marks import NO_MARKS
from analysis.report.versions_report import VersionsReport
from analysis.versions.compare import compare_versions
from analysis.versions.stories import compare_stories

FOLDER = ROOT / "tests" / "seeds" / "versions"
FILES = {side: str(FOLDER / f"{side}.txt") for side in ("original", "republished")}
HOSTILE = '<script>alert(1)</script> {{ 7 * 7 }} <img src=x onerror="alert(2)"> \u202e=1+1'


def params(**values):
    return pair_params(**FILES | {"scorer": "lexicon"} | values)


@pytest.fixture(scope="module")
def report():
    return report_on_pair(params(targets=["tram line", "Lund"]))


@pytest.fixture(scope="module")
def stories():
    return report_on_pair(params(same_event=True, targets=["tram line", "Lund"]))


def page(report):
    shown = (report.opening, report.text, report.voices, report.toward, report.wording,
             report.comments, report.method, report.provenance)  # fmt: skip
    markup = EMPTY.join(part() for part in shown)
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(f"<!DOCTYPE html><title>x</title><body>{markup}")
    assert [e[1] for e in parser.errors] == []
    return tree.find("body")


def text_of(node):
    return " ".join("".join(node.itertext()).split())


def by_class(tree, name):
    return [e for e in tree.iter() if name in (e.get("class") or "").split()]


def own_text(node, without=("data-added",)):
    """The text of a node without what the report adds to it."""
    if any(node.get(key) is not None for key in without):
        return node.tail or ""
    inner = (node.text or "") + "".join(own_text(child, without) for child in node)
    return inner + " " * (node.tag in ("p", "blockquote")) + (node.tail or "")


def test_the_republished_text_stands_once_and_whole(report):
    (edition,) = by_class(page(report), "cp-edition")
    raw = report.republished.article.raw
    assert sorted(own_text(edition).split()) == sorted(raw.split())


def test_deleted_text_is_folded_at_its_place(report):
    tree = page(report)
    folds = by_class(tree, "cp-left-out")
    texts = [text_of(p) for fold in folds for p in fold.iter("p")]
    original = {c.original[0]: c for c in report.result.paragraphs if not c.republished}
    blocks = {b.block_id: b.text for b in report.original.article.blocks}
    assert texts == [" ".join(blocks[b].split()) for b in original]
    assert "2 paragraphs, 52 words" in text_of(folds[0].find("summary"))
    (edition,) = by_class(tree, "cp-edition")
    before = next(e for e in edition.iter("p") if text_of(e).startswith("The tram line is to"))
    parent = next(e for e in edition.iter() if before in list(e))
    assert list(parent)[list(parent).index(before) + 1] is folds[0]
    assert all(fold.get("data-added") is not None for fold in folds)


def test_changed_words_are_marked_with_elements_and_words_and_not_color_alone(report):
    tree = page(report)
    (edition,) = by_class(tree, "cp-edition")
    taken = [e for e in edition.iter("del") if e.get("data-added") is not None]
    said = [text_of(e) for e in taken]
    assert "deleted: said" in said
    assert "deleted: cost" in said
    assert any(s.startswith("deleted: She pointed to the tram in Larkfield") for s in said)
    assert "added: claimed" in [text_of(e) for e in edition.iter("ins")]
    tags = [text_of(e) for e in by_class(tree, "cp-tag")]
    assert "Added" in tags
    assert "Reworded and moved · was paragraph 7 of 13" in tags


def test_the_headline_comes_first_with_both_wordings(report):
    (headline,) = by_class(page(report), "cp-headline")
    assert text_of(headline) == (
        "The headline was rewritten. Council deleted: approves added: forces tram line "
        "deleted: to the harbour added: through against shopkeepers"
    )


def test_comments_say_what_was_done_to_their_passage(report):
    tree = page(report)
    notes = {n.get("id"): text_of(n) for n in by_class(tree, "cp-note")}
    assert "Its passage was reworded" in notes["comment-2"]
    assert "Its passage was shortened" in notes["comment-3"]
    assert "What it answers" not in notes["comment-1"]
    assert findings.comments(report.result).startswith("Two of 3 comments answer a passage")


def test_the_opening_counts_first_and_claims_nothing_of_few(report):
    result = report.result
    assert findings.paragraphs(result) == (
        "Of 13 paragraphs, the republished text keeps five as they were, rewords four and leaves "
        "out four. One is new and one was moved."
    )
    assert "Peter Holm and Clara Voss are no longer quoted." in findings.voices(result)
    assert counts.shown_targets(result).empty
    assert "cannot be shown" in findings.toward(result)
    assert "Too few sentences mention Lund to tell." in findings.toward(result)
    for least, told in ((1.0, "(adjusted p 1.00)"), (0.5, "(adjusted p 0.50 or more)")):
        assert told in findings.toward(with_stances(result, p_adjusted=[least, 1.0]))


def with_stances(result, **values):
    rows = result.stance_changed.assign(**values)
    return replace(result, stance_changed=rows)


def test_a_shown_side_is_told_with_its_counts_and_adjusted_p(report):
    surely = with_stances(report.result, p=0.001, p_adjusted=0.004, removed=4.0, expected=1.0)
    labels = counts.stance_counts(report.result).set_index(["target", "part"])
    assert labels[["favor", "against"]].sum().sum() > 0
    said = findings.toward(surely)
    n = findings.word(int(labels.n["tram line", "left_out"]))
    assert "more favorable toward tram line than a random cut of the same size" in said
    assert f"of {n} sentences on it that were left out, " in said
    assert "(adjusted p below 0.01)" in said
    critical = with_stances(surely, removed=-4.0)
    assert "more critical of tram line" in findings.toward(critical)


def test_no_side_rests_on_unclear_stances_alone(report):
    stances = report.original.stances.assign(abstained=True)
    added = report.republished.stances.assign(abstained=True)
    unclear = replace(
        report.result,
        original=replace(report.original, stances=pd.DataFrame(stances)),
        republished=replace(report.republished, stances=pd.DataFrame(added)),
    )
    surely = with_stances(unclear, p=0.001, p_adjusted=0.004, removed=4.0, expected=1.0)
    assert counts.shown_targets(surely).empty
    assert "more favorable" not in findings.toward(surely)


def test_loaded_words_are_those_that_were_put_in_or_taken_out():
    before = TEXT.replace("day 2 the", "day 2 the disgraceful").replace(
        "day 5 the", "day 5 the evil"
    )
    after = before.replace("disgraceful", "shameful")
    report = compared(before, after)
    assert counts.loaded_words(report.result) == (["disgraceful"], ["shameful"])
    words = by_class(page(report), "cp-loaded-words")[0]
    assert text_of(words) == "Deleted“disgraceful”Added“shameful”"


def test_loaded_words_that_rewording_took_out_are_told():
    before = TEXT.replace("found it sound", "found the disgraceful, shameful wreck sound")
    told = compared(before, TEXT.replace("looked at", "studied"))
    rows = told.result.language_changed.set_index("kind")
    changed = rows.assign(share=rows.share.where(rows.index != "reworded", 0.0))
    changed.loc["reworded", "compared_share"] = 0.5
    result = replace(told.result, language_changed=changed.reset_index())
    assert "no loaded wording" not in findings.wording(result)


def compared(original, republished, **values):
    texts = [parse_plain_text(t, article_id=i) for t, i in ((original, "a"), (republished, "b"))]
    given = params(**values)
    return VersionsReport(compare_versions(*texts, given), given)


TEXT = "A bridge fell\n\n" + "\n\n".join(
    f"On day {n} the engineers of Kestrel looked at pillar number {n} and found it sound."
    for n in range(1, 9)
)


def test_a_cut_at_the_end_may_be_one_for_length():
    parts = TEXT.split("\n\n")
    report = compared(TEXT, "\n\n".join(parts[:5]))
    assert "All four left out stood at the end" in findings.sure(report.result)
    report = compared(TEXT, "\n\n".join(parts[:3] + parts[6:]))
    assert "at the end" not in findings.sure(report.result)


def test_a_text_that_was_kept_says_so():
    report = compared(TEXT, TEXT)
    tree = page(report)
    assert "the republished text keeps all as they were" in text_of(tree)
    assert "The headline was kept." in text_of(tree)
    assert not by_class(tree, "cp-left-out")
    assert findings.comments(report.result) == ""
    assert findings.wording(report.result) == "No sentence was left out, added or reworded."


def test_comments_that_are_not_compared_are_counted():
    commented = TEXT + "\n\nComment: That is a lie."
    said = text_of(page(compared(commented, TEXT)))
    assert "1 comment in the first file is not compared." in said
    assert "not compared" not in text_of(page(compared(TEXT, commented)))
    stories = report_on_pair(params(same_event=True))
    assert stories.warnings() == ["3 comments in the second file are not compared."]


def test_hostile_texts_stay_texts():
    before = TEXT + f"\n\nThe mayor of NATO said: {HOSTILE} and went home to sleep at last."
    after = before.replace("went home", f"left {HOSTILE}").replace("A bridge", HOSTILE)
    report = compared(
        f"{before}\n\n{HOSTILE} gone", f"{after}\n\nComment: {HOSTILE}", targets=[HOSTILE]
    )
    tree = page(report)
    assert "script" not in {e.tag for e in tree.iter()}
    assert not [e for e in tree.iter() if any(key.startswith("on") for key in e.attrib)]
    assert "49" not in text_of(by_class(tree, "cp-headline")[0])
    assert "{{ 7 * 7 }}" in text_of(tree)


def test_files_beside_the_page(report, tmp_path):
    report.save(tmp_path)
    names = {p.name for p in tmp_path.iterdir()}
    for frame in report.result.frames:
        assert {f"{frame}.csv", f"{frame}.parquet"} <= names
    assert {"figure-words-changed.csv", "figure-stances-changed.svg", "annotations.jsonld"} <= names
    assert {"figure-stances-changed.png", "card.png", "card.svg"} <= names
    assert "The headline was rewritten." in (tmp_path / "card.svg").read_text("utf-8")
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["kind"], summary["article_id"]) == ("versions", "republished")
    assert summary["finding"][0] == "The headline was rewritten."
    report.save("")


def test_two_stories_are_set_side_by_side_and_facts_are_not_compared(stories, tmp_path):
    assert isinstance(stories, StoriesReport)
    tree = page(stories)
    assert NO_FACTS in text_of(tree)
    assert text_of(tree.find(".//h1")) == (
        "Council approves tram line to the harbour beside Council forces tram line through "
        "against shopkeepers"
    )
    said = text_of(tree)
    assert "The first story alone quotes Peter Holm and Clara Voss." in said
    assert not by_class(tree, "cp-edition")
    headings = [text_of(e) for e in tree.iter("th")]
    assert "First story, words" in headings
    stories.save(tmp_path)
    assert (tmp_path / "stances_compared.parquet").exists()
    assert json.loads((tmp_path / "summary.json").read_text())["kind"] == "stories"


def test_a_difference_of_stories_is_claimed_of_enough_labeled_sentences_alone(stories):
    rows = stories.result.stances_compared.assign(
        original_n=9, republished_n=9, original_score=-0.4, republished_score=0.4, difference=0.8,
        ci_low=0.3, ci_high=1.2,
    )  # fmt: skip
    shown = StoriesReport(replace(stories.result, stances_compared=rows), stories.params)
    assert (
        "The second story is more favorable toward"
        in shown.front()["answers"]["Stance toward each target"]
    )
    assert "0.80 (0.30 to 1.20)" in shown.front()["answers"]["Stance toward each target"]
    first = rows.index[0]
    one = rows.assign(ci_low=rows.ci_low.where(rows.index == first, -0.3))
    said = StoriesReport(replace(stories.result, stances_compared=one), stories.params)
    told = said.front()["answers"]["Stance toward each target"]
    sure, _, rest = told.partition("No difference can be shown toward ")
    assert rows.target[first] in sure
    for row in one.iloc[1:].itertuples():
        assert row.target != rows.target[first] or f"{row.target} in " in rest
    few = StoriesReport(
        replace(stories.result, stances_compared=rows.assign(republished_n=4)), stories.params
    )
    assert "more favorable" not in few.front()["answers"]["Stance toward each target"]
    assert "Too few" in few.front()["answers"]["Stance toward each target"]


def test_stories_show_no_interval_of_few_and_name_the_text_in_another_language(stories):
    rows = stories.result.stances_compared.assign(
        original_n=4, republished_n=9, difference=0.8, ci_low=0.3, ci_high=1.2
    )
    shown = StoriesReport(replace(stories.result, stances_compared=rows), stories.params)
    assert "0.80 (" not in text_of(page(shown))
    german = "Rat baut Bahn\n\nDer Rat hat am Dienstag beschlossen, eine Straßenbahn zu bauen."
    texts = [parse_plain_text(t, article_id=i) for t, i in ((TEXT, "a"), (german, "b"))]
    given = params(same_event=True)
    told = StoriesReport(compare_stories(*texts, given), given)
    assert any(line.startswith("The second text seems") for line in told.warnings())
    assert "none of 0" not in told.front()["answers"]["Loaded language"]


def test_stories_are_called_by_their_outlets_where_these_differ():
    given = params(same_event=True)
    first, second = read_sides(given)
    texts = (
        replace(first, about=(("outlet", "Gazette"),)),
        replace(second, about=(("outlet", "Courier"),)),
    )
    report = StoriesReport(compare_stories(*texts, given), given)
    assert report.sides == ("Gazette", "Courier")
    assert report.finding()[0].startswith("Gazette has")


def test_texts_without_a_common_paragraph_are_refused():
    with pytest.raises(InputError, match="found no paragraph that both texts have"):
        compared("Owls sleep by day.\n\nThey hunt mice when it is dark.", TEXT)


def test_an_article_of_its_own_has_no_marks():
    assert NO_MARKS.tags == NO_MARKS.left_out == NO_MARKS.removed == {}
    assert read(FILES["original"]).title
