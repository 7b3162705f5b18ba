from dataclasses import replace

import html5lib

import analysis as cp
from analysis.params import report_params
from analysis.readers.plain_text import parse_plain_text
from analysis.report import sections
from analysis.scoring.explain import explanations
from analysis.text.marks import words


def parsed(html):
    return html5lib.parse(f"<!DOCTYPE html><body>{html}", namespaceHTMLElements=False)


def count_words(text):
    return len(words(text))


def text_of(node):
    return " ".join("".join(node.itertext()).split())


def test_opening_gives_title_finding_and_no_warning_box_where_none_is_due(seed_result):
    tree = parsed(sections.opening(seed_result, {"article": "The article"}))
    assert tree.find(".//h1").text == "Stoltenberg NATO"
    assert "4 comments" in text_of(tree)
    asked = [text_of(term) for term in tree.findall(".//dl[@class='cp-answers']//dt")]
    assert asked == [
        "Whom do the comments criticize or favor?",
        "Is the article slanted?",
        "How reliable is this?",
        "Most disputed passage",
    ]
    assert tree.find(".//div[@class='cp-warnings']") is None
    assert tree.find(".//nav//a").get("href") == "#article"


def test_one_comment_is_no_majority_that_disputes_a_passage(seed_result):
    rows = seed_result.relations.assign(label="disagree", abstained=False)
    said = text_of(parsed(sections.opening(replace(seed_result, relations=rows), {})))
    assert (
        "1 comment disagrees, as with 3 other passages; here the disagreement is clearest)" in said
    )
    alone = rows.assign(label=["disagree", "agree", "agree", "agree"])
    said = text_of(parsed(sections.opening(replace(seed_result, relations=alone), {})))
    assert "(excerpt; the only comment that disagrees)" in said


def test_opening_uses_none_of_the_makers_words(seed_result):
    tree = parsed(sections.opening(seed_result, {}))
    said = text_of(tree.find(".//div[@class='cp-opening']"))
    for word in ("scorer", "segment", "abstain", "divergence"):
        assert word not in said


def test_opening_warns_at_the_top(own):
    tree = parsed(sections.opening(cp.score(own("only_commentary"), scorer="embedded-small"), {}))
    assert "No target was given" in text_of(tree.find(".//div[@class='cp-warnings']"))


def test_opening_says_once_that_there_are_no_comments(own):
    tree = parsed(sections.opening(cp.score(own("no_commentary"), scorer="embedded-small"), {}))
    assert text_of(tree).count("no comments; the report describes the article alone") == 1


def test_a_section_with_nothing_to_show_is_nothing():
    assert str(sections.section("x", "X", "y", parts=[sections.EMPTY], tables={"t": ""})) == ""


def test_words_of_the_glossary_are_explained_once(seed_result):
    tree = parsed(sections.section("x", "X", "A stance of a stance <b>.", parts=["p"]))
    (term,) = tree.iter("button")
    assert term.text == "stance"
    assert term.get("popovertarget") == "gloss-stance"
    assert tree.find(".//b") is None
    opening = parsed(sections.opening(seed_result, {}))
    assert opening.find(".//div[@id='gloss-stance']").get("popover") == "auto"


def test_relations_lists_each_comment(seed_result):
    rows = parsed(sections.relations(seed_result)).findall(".//tbody/tr")
    assert [text_of(row.find("th")) for row in rows] == ["1", "2", "3", "4"]
    assert text_of(rows[0]).startswith("1 Except this") or "Except this" in text_of(rows[0])
    assert f"{seed_result.relations.label[0]}s" in text_of(rows[0])


def test_relations_of_an_article_without_comments_is_nothing(own):
    assert str(sections.relations(cp.score(own("no_commentary"), scorer="embedded-small"))) == ""


def test_comparison_shows_numbers_and_what_cannot_be_shown(seed_result):
    tree = parsed(sections.comparison(seed_result))
    assert len(tree.findall(".//tbody/tr")) == len(seed_result.comparison)
    assert "cannot be shown" in text_of(tree)
    assert "−1 against, 1 in favor" in text_of(tree.find(".//caption"))


def test_sentences_are_the_clearest_of_each_side(seed_result):
    tree = parsed(sections.sentences(seed_result))
    author = tree.find(".//div[@class='cp-author']")
    stances = seed_result.stances[seed_result.stances.voice == "author"]
    best = stances.loc[stances.score.abs().idxmax()]
    first = author.find("ol/li")
    text = seed_result.segments.set_index("segment_id").text[best.segment_id]
    assert text_of(first.find("blockquote")) == " ".join(text.split())
    assert best.target in text_of(first)


def test_sentences_mark_the_words_that_carry_them(seed_result):
    why = explanations(seed_result)
    tree = parsed(sections.sentences(seed_result, why))
    texts = seed_result.segments.set_index("segment_id").text.to_dict()
    texts |= seed_result.relations.set_index("commentary_id").commentary.to_dict()
    shown = [text_of(quote) for quote in tree.iter("blockquote")]
    known = {" ".join(texts[s].split()): target for (s, target) in why.stances}
    assert len(shown) >= 4
    assert set(shown) <= set(known)
    summaries = [text_of(node) for node in tree.iter("summary")]
    assert summaries == [f"Words behind the stance toward {known[text]}" for text in shown]
    marked = {mark.text for mark in tree.iter("mark")}
    of_shown = [e for e in why.stances.values() if " ".join(e.text.split()) in shown]
    assert {e.top()[0].text for e in of_shown if e.top()} <= marked


def test_sentences_name_their_loaded_words_and_no_hedges(seed_result):
    text = text_of(parsed(sections.sentences(seed_result)))
    assert "loaded language 0.71: wars of aggression" in text
    assert "hedge" not in text


def test_cues_give_rates_with_intervals_and_the_words(seed_result):
    tree = parsed(sections.cues(seed_result))
    rows = {text_of(r.find("th")): [text_of(d) for d in r.findall("td")] for r in tree.iter("tr")}
    assert rows["Labels"][1] == "separatist"
    assert rows["Labels"][3] == "establishment; coup"
    words = seed_result.segments.query("voice == 'commentator'").text.map(count_words).sum()
    assert rows["Labels"][2].startswith(f"{200 / words:.2f} (")
    assert "Us and them" not in rows
    assert "Scare quotes" not in rows, "only what is cited has some"


def test_cues_of_a_plain_text_have_no_table():
    article = parse_plain_text("A title\n\nThe quay is long.", article_id="x")
    assert str(sections.cues(cp.score(article, scorer="embedded-small"))) == ""


def test_sentences_without_stances_are_nothing(own):
    assert str(sections.sentences(cp.score(own("no_commentary"), scorer="embedded-small"))) == ""


def test_provenance_escapes_what_it_names(seed_result):
    params = report_params(article="<b>.txt", targets=["<script>"])
    tree = parsed(sections.provenance(seed_result, params))
    assert tree.find(".//b") is None
    assert tree.find(".//script") is None
    assert seed_result.article.sha256 in text_of(tree)
    assert "comparison report on “Stoltenberg NATO”, lexicon scorer" in text_of(tree)
    assert "counterpoint report '<b>.txt' -p targets '<script>'" in text_of(tree)


def test_provenance_names_what_was_not_read(seed_result):
    params = report_params(article="a.txt")
    assert "Not read" not in text_of(parsed(sections.provenance(seed_result, params)))
    article = replace(
        seed_result.article,
        left_out=(("other sheets", 2), ("charts", 1)),
        about=(("date_text", "last spring"),),
    )
    said = text_of(parsed(sections.provenance(replace(seed_result, article=article), params)))
    assert "other sheets (2); charts (1)" in said
    assert "last spring" in said


def test_style_is_one_style_sheet_without_addresses():
    style = str(sections.style())
    assert style.startswith("<style>")
    assert "url(" not in style
    assert "@import" not in style
