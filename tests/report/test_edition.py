from dataclasses import replace

import html5lib
import pytest

import analysis as cp
from analysis.html.elements import element
from analysis.params import report_params
from analysis.readers.plain_text import parse_plain_text
from analysis.report.edition import edition, notes_of
from analysis.report.provenance import reading
from analysis.scoring.explain import explanations

HOSTILE = """<script>alert('title')</script> {{ 7 * 7 }}

The <b onmouseover="alert(1)">minister</b> of NATO said "{% raw %} javascript:alert(2) &lt;i&gt;".

Comment: </aside></style><img src=x onerror=alert(3)> No, that is a lie: \
NATO is wrong \u202e& "so\u202c.

Comment: {# no #} [here](javascript:alert(4)) \u05e9\u05dc\u05d5\u05dd \U0001f469\u200d\U0001f692
{{ cp }}

{word} stood alone in NATO.
""".replace("{word}", "x" * 10_000)


def parsed(markup):
    return html5lib.parse(f"<!DOCTYPE html><body>{markup}", namespaceHTMLElements=False)


def text_of(node):
    return " ".join("".join(node.itertext()).split())


def article_text(tree):
    """The text without what the report adds to it, white space folded."""

    def walk(node):
        if node.get("data-added") is not None:
            return node.tail or ""
        inner = (node.text or "") + "".join(walk(child) for child in node)
        return inner + " " * (node.tag in ("p", "blockquote")) + (node.tail or "")

    return " ".join(walk(tree.find("body")).split())


def in_page_order(result):
    """What the page should hold, as a bag of words: notes stand beside their passages."""
    return sorted(result.article.raw.split())


@pytest.fixture(params=["comment_quotes_article", "no_commentary", "only_commentary"])
def own_result(request, own):
    return cp.score(own(request.param), scorer="embedded-small")


@pytest.fixture(scope="module")
def hostile_result():
    return cp.score(
        parse_plain_text(HOSTILE, article_id="hostile"),
        targets=["NATO", "<i>x</i>"],
        scorer="embedded-small",
    )


def test_no_text_of_the_seed_is_lost_or_said_twice(seed_result):
    tree = parsed(edition(seed_result))
    assert sorted(article_text(tree).split()) == in_page_order(seed_result)


def test_no_text_of_other_articles_is_lost(own_result):
    tree = parsed(edition(own_result))
    assert sorted(article_text(tree).split()) == in_page_order(own_result)


def test_hostile_text_stays_text(hostile_result):
    tree = parsed(edition(hostile_result))
    assert sorted(article_text(tree).split()) == in_page_order(hostile_result)
    tags = {node.tag for node in tree.find("body").iter()}
    assert tags <= {
        "body",
        "div",
        "p",
        "span",
        "a",
        "b",
        "bdi",
        "aside",
        "blockquote",
        "mark",
        "q",
        "sup",
        "button",
        "ul",
        "li",
        "i",
        "h3",
        "details",
        "summary",
        "label",
        "select",
        "option",
        "code",
    }
    for node in tree.iter():
        assert not [name for name in node.attrib if name.startswith("on")]
        assert node.get("href", "#").startswith(("#", "data:text/csv;"))
        assert node.tag != "i" or node.get("class") == "cp-scale"


def test_each_comment_stands_in_the_row_of_its_passage(seed_result):
    rows = parsed(edition(seed_result)).findall(".//div[@class='cp-row']")
    beside = {
        note.get("id"): article_text(wrapped(row.find("div[@class='cp-passage-block']")))
        for row in rows
        for note in row.iter("aside")
    }
    assert list(beside) == ["comment-1", "comment-2", "comment-3", "comment-4"]
    assert "decide its own path" in beside["comment-1"]
    assert beside["comment-2"].startswith("Much contained in the documents")
    assert beside["comment-3"].startswith("Endorsing such an agreement")
    assert beside["comment-4"].startswith("Russia annexed")


def test_comments_much_longer_than_their_text_stand_below_it():
    long = "It did not, and here is why it did not. " * 40
    article = parse_plain_text(f"It rained.\n\nComment: {long}\n\nThe end.", article_id="x")
    rows = parsed(edition(cp.score(article, scorer="lexicon"))).iter("div")
    kinds = [row.get("class") for row in rows if row.get("class", "").startswith("cp-row")]
    assert kinds == ["cp-row cp-below"]


def wrapped(node):
    body = element("body")
    tree = parsed(body)
    tree.find("body").append(node)
    return tree


def test_relation_is_a_word_and_a_color_on_both_sides(seed_result):
    tree = parsed(edition(seed_result))
    note = tree.find(".//aside[@id='comment-1']")
    assert note.find(".//b").text == "disagrees"
    assert "cp-disagree" in note.get("class")
    sign = tree.find(".//sup[@id='passage-1']")
    assert "cp-disagree" in sign.get("class")
    assert sign.find("a").get("aria-label") == "Comment 1, disagrees"
    assert note.find(".//a").get("href") == "#passage-1"


def test_explanations_stand_folded_under_their_comments_and_add_no_text(seed_result):
    why = explanations(seed_result)
    tree = parsed(edition(seed_result, why))
    assert sorted(article_text(tree).split()) == in_page_order(seed_result)
    folded = [note.find("details") for note in tree.iter("aside")]
    assert len(folded) == 4
    assert all(node.get("open") is None for node in folded)
    assert [i.text for i in folded[0].iter("bdi")] == ["Except"]
    assert "No single word" in "".join(folded[3].itertext())


def test_a_comment_that_is_not_explained_says_how_its_passage_was_found(seed_result):
    folded = [text_of(d) for d in parsed(edition(seed_result)).iter("details")]
    assert folded[0].startswith("Why “disagrees”?Score 0.")
    assert "Its passage was found by its quotation." in folded[0]
    assert "counterpoint label seeds/000_9da5be969268c11d.txt b0005" in folded[0]
    read = report_params(article="a.csv", article_id="a-1", markers=["My view:"], targets=["NATO"])
    options = "-p article_id a-1 -p markers 'My view:'"
    html = str(edition(seed_result, reading=reading(read))).replace("&#39;", "'")
    assert f"agree|disagree|neutral {options}</code>" in html


def test_hostile_words_that_carry_a_relation_stay_text(hostile_result):
    tree = parsed(edition(hostile_result, explanations(hostile_result)))
    assert sorted(article_text(tree).split()) == in_page_order(hostile_result)
    assert list(tree.iter("details"))
    assert not {n.tag for n in tree.find("body").iter()} & {"script", "img", "style"}
    assert {n.get("class") for n in tree.iter("i")} == {"cp-scale"}


def test_uncalibrated_figure_is_called_a_score_and_its_badge_is_plain(seed_result):
    note = parsed(edition(seed_result)).find(".//aside")
    assert note.find(".//b").get("title").startswith("score 0.")
    assert "cp-plain" in note.find(".//b").get("class")
    assert "onfidence" not in text_of(note)


@pytest.mark.parametrize(
    ("confidence", "badge"), [(0.75, "strong"), (0.74, "plain"), (0.55, "plain"), (0.54, "pale")]
)
def test_a_badge_is_as_strong_as_the_reading(seed_result, confidence, badge):
    sure = seed_result.relations.assign(confidence=confidence)
    assert {n.badge for n in notes_of(replace(seed_result, relations=sure))} == {badge}


def test_sides_stand_beside_a_comment_in_words(seed_result):
    stances = seed_result.stances
    own = stances.commentary_id == "b0005"
    rows = stances[own].assign(
        label=["against", "favor"], score=[-0.5, 0.9], abstained=False, derived=[False, True]
    )
    note = notes_of(replace(seed_result, stances=rows))[0]
    targets = list(rows.target)
    assert note.sides == [("for", targets[1], True), ("against", targets[0], False)]
    unclear = replace(seed_result, stances=rows.assign(abstained=True))
    assert notes_of(unclear)[0].sides == []


def test_a_passage_answered_in_more_ways_says_so(seed_result):
    rows = seed_result.relations
    start, end = rows.passage_start.iloc[0], rows.passage_end.iloc[0]
    label = ["agree", "disagree", *rows.label.iloc[2:]]
    both = rows.assign(
        label=label,
        passage_start=[start, start, *rows.passage_start.iloc[2:]],
        passage_end=[end, end, *rows.passage_end.iloc[2:]],
    )
    tree = parsed(edition(replace(seed_result, relations=both)))
    titles = {e.get("title") for e in tree.iter("span") if "cp-answered" in e.get("class", "")}
    assert "comments respond in different ways: 1 agrees and 1 disagrees" in titles


def test_filters_offer_what_there_is_and_wait_for_their_script(seed_result):
    bar = parsed(edition(seed_result)).find(".//div[@class='cp-filters']")
    assert bar.get("hidden") is not None
    keys = [select.get("data-key") for select in bar.iter("select")]
    assert keys == ["relation", "targets"]  # nobody is named as a commentator
    notes = notes_of(seed_result)
    answers = [o.get("value") for o in bar.find(".//select").iter("option")]
    assert set(answers) == {"", *(note.relation for note in notes)}


def test_cited_evidence_lies_inside_its_comment(seed_result):
    note = parsed(edition(seed_result)).find(".//aside[@id='comment-3']")
    assert "".join(note.find("blockquote").itertext()).startswith("Dozens of documents")


def test_quoted_voices_and_targets_are_marked(seed_result):
    tree = parsed(edition(seed_result))
    quoted = ["".join(q.itertext()) for q in tree.iter("q")]
    assert any("Dialogue does not mean giving in" in text for text in quoted)
    assert {"NATO", "Russia"} <= {m.get("title") for m in tree.iter("mark")}


def test_abstained_comment_says_so_and_unaligned_one_too(own):
    result = cp.score(own("only_commentary"), scorer="embedded-small")
    tree = parsed(edition(result))
    heads = ["".join(note.find("p").itertext()) for note in tree.iter("aside")]
    assert heads
    assert all("unclear" in head for head in heads)
    assert all("answers no passage" in text_of(note) for note in tree.iter("aside"))


def test_article_without_commentary_has_no_notes(own):
    result = cp.score(own("no_commentary"), scorer="embedded-small")
    tree = parsed(edition(result))
    assert not list(tree.iter("aside"))
    assert "disagrees" not in "".join(tree.itertext())


def test_notes_hold_what_runs_on(own):
    result = cp.score(own("comment_runs_on", run_on=True), scorer="embedded-small")
    blocks = [b for note in notes_of(result) for b in note.blocks]
    of_comments = [b for b in result.article.blocks if b.kind in ("commentary", "citation")]
    assert blocks == of_comments


def test_language_of_the_article_is_declared(seed_result):
    assert parsed(edition(seed_result)).find(".//div[@lang]").get("lang") == "en"


TWO = """Rents

The city caps rents from March on.

Comment (Anna): I disagree, this is false, wrong and a lie.

Comment (Ben): I agree, that is true, correct and right.

Reply to Anna (Ben): No.

It passed on Monday.
"""


def test_a_passage_with_two_comments_shows_both_and_a_reply_stands_with_its_comment():
    result = cp.score(parse_plain_text(TWO, article_id="x"), scorer="lexicon")
    relations = result.relations.assign(
        label=["disagree", "agree", "neutral"], abstained=[False, False, False]
    )
    result = replace(result, relations=relations)
    first, second, reply = notes_of(result)
    assert (first.passage, reply.answered) == (second.passage, first.number)
    tree = parsed(str(edition(result)._repr_html_()))
    both = [e for e in tree.iter("span") if "cp-also" in e.get("class", "").split()]
    assert all("cp-agree" in e.get("class") for e in both)
    assert " ".join(map(text_of, both)).startswith("The city caps rents")
    (row,) = [
        e
        for e in tree.iter("div")
        if "cp-row" in e.get("class", "").split() and list(e.iter("aside"))
    ]
    notes = [text_of(aside) for aside in row.iter("aside")]
    assert [name in note for name, note in zip(("Anna", "Ben", "Ben"), notes, strict=True)] == [
        True, True, True,
    ]  # fmt: skip
    assert "replies to comment 1" in notes[2]


def test_hostile_names_of_commentators_and_targets_stay_text(seed_result):
    hostile = '"><img src=x onerror="alert(1)">{{ 7 * 7 }}\u202e' + "w" * 500
    relations = seed_result.relations.assign(commentator=[hostile, "Ben", hostile, "Ben"])
    given = {relations.commentary_id.iloc[0]: {(hostile, "against"): 1}}
    tree = parsed(str(edition(replace(seed_result, relations=relations), given=given)))
    assert not list(tree.iter("img"))
    assert not [e for e in tree.iter() if any(str(name).startswith("on") for name in e.attrib)]
    names = [text_of(e) for e in tree.iter("span") if e.get("class") == "cp-who"]
    assert names[0].startswith('"><img src=x')
    assert all(len(name) <= 41 and "\u202e" not in name for name in names)
    chosen = [text_of(e) for e in tree.iter("option")]
    assert any(option.startswith('"><img') and len(option) <= 30 for option in chosen)
