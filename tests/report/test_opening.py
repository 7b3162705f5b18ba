from dataclasses import replace

import pandas as pd
import pytest

import analysis as cp
from analysis.report import opening
from analysis.types import Task

AGREE, DISAGREE, NEUTRAL = "agree", "disagree", "neutral"


def answered(result, labels, confidence=0.6, unclear=()):
    """Return a result whose comments have these labels; those in `unclear` are abstained."""
    rows = pd.concat([result.relations] * 2).head(len(labels)).reset_index(drop=True)
    rows = rows.assign(
        label=list(labels),
        confidence=confidence,
        abstained=[n in unclear for n in range(len(labels))],
    )
    info = replace(result.scorer, calibrated=frozenset(Task))
    return replace(result, relations=rows, scorer=info)


@pytest.mark.parametrize(
    ("labels", "confidence", "unclear", "said"),
    [
        ([DISAGREE] * 4, [0.8, 0.9, 0.5, 0.5], (),
         "All four comments disagree with the article, two of them clearly."),
        ([DISAGREE] * 4, 0.5, (), "All four comments disagree with the article."),
        ([AGREE] * 2, 0.9, (), "Both comments agree with the article, both clearly."),
        ([AGREE], 0.9, (), "The one comment clearly agrees with the article."),
        ([NEUTRAL], 0.5, (), "The one comment is neutral."),
        ([AGREE, DISAGREE, DISAGREE, NEUTRAL], 0.9, (),
         ("Of four comments, two disagree with the article, one agrees with it and one is "
         "neutral.")),
        ([DISAGREE] * 3, 0.9, (1,),
         "Of three comments, two disagree with the article and one is unclear."),
        ([DISAGREE] * 2, 0.9, (0, 1),
         ("No finding: the program could not tell whether any comment agrees or disagrees with "
         "the article.")),
    ],
)  # fmt: skip
def test_comments_are_counted_in_words(seed_result, labels, confidence, unclear, said):
    assert opening.comments(answered(seed_result, labels, confidence, unclear)) == said


def test_a_scorer_that_is_not_calibrated_reads_nothing_clearly(seed_result):
    rows = seed_result.relations.assign(label=DISAGREE, abstained=False)
    said = opening.comments(replace(seed_result, relations=rows))
    assert said == "All four comments disagree with the article."
    assert "not calibrated" in opening.sure(replace(seed_result, relations=rows))


def test_replies_to_other_comments_do_not_answer_the_article(seed_result):
    result = answered(seed_result, [DISAGREE] * 4)
    rows = result.relations.assign(reply_to=["", "", "", "b0005"])
    result = replace(result, relations=rows)
    said = "All three comments disagree with the article. One more answers another comment."
    assert opening.comments(result) == said


def sided(result, *rows):
    """Return a result with stances of comments: target, label, abstained, derived."""
    first = result.stances[result.stances.voice == "commentator"].iloc[[0]]
    made = [
        first.assign(target=target, label=label, abstained=abstained, derived=derived,
                     commentary_id=f"c{n}")
        for n, (target, label, abstained, derived) in enumerate(rows)
    ]  # fmt: skip
    return replace(result, stances=pd.concat(made, ignore_index=True))


def test_sides_are_counted_the_most_frequent_first(seed_result):
    rows = [("NATO", "against", False, False)] * 2 + [("NATO", "none", False, False)]
    rows += [("Russia", "against", False, False)] * 3 + [("Ukraine", "favor", False, False)]
    said = opening.toward(sided(seed_result, *rows))
    assert said == (
        "Comments are critical of Russia (3 of the 3 that name it) and NATO (2 of 3). "
        "One comment is favorable toward Ukraine."
    )


@pytest.mark.parametrize(
    ("label", "said"),
    [("favor", "The program read none as critical of any target."),
     ("against", "The program read none as favorable toward any target.")],
)  # fmt: skip
def test_a_side_that_no_comment_takes_is_named(seed_result, label, said):
    assert opening.toward(sided(seed_result, ("NATO", label, False, False))).endswith(said)


def test_divided_comments_are_called_so(seed_result):
    rows = [("NATO", label, False, False) for label in ("against", "favor")]
    said = opening.toward(sided(seed_result, *rows))
    assert said == "Comments are divided over NATO (1 against, 1 in favor)."


@pytest.mark.parametrize(
    ("against", "favor", "none", "unclear", "said"),
    [
        (4, 3, 2, 0, ("Of the nine that name NATO, four are critical of it and three are "
                      "favorable toward it; the others take no clear side.")),
        (5, 4, 0, 0, "Comments are critical of NATO (5 of the 9 that name it; 4 in favor)."),
        (0, 0, 2, 2, ("Of the comments that name NATO, the program read half as taking no side; "
                      "the others could not be read clearly.")),
        (1, 0, 3, 0, "The program read most comments that name NATO as taking no side."),
    ],
)  # fmt: skip
def test_what_is_said_of_sides_is_true_of_the_counts(
    seed_result, against, favor, none, unclear, said
):
    counts = {"against": against, "favor": favor, "none": none}
    rows = [("NATO", label, False, False) for label, n in counts.items() for _ in range(n)]
    rows += [("NATO", "none", True, False)] * unclear
    assert opening.toward(sided(seed_result, *rows)).startswith(said)


def test_a_few_of_many_comments_do_not_divide_them(seed_result):
    rows = [("NATO", label, False, False) for label in ("against", "favor", *["none"] * 3)]
    assert "divided" not in opening.toward(sided(seed_result, *rows))


@pytest.mark.parametrize("flags", [(True, False), (False, True)], ids=["unclear", "derived"])
def test_no_claim_rests_on_unclear_or_derived_stances(seed_result, flags):
    rows = [("NATO", "against", *flags)] * 3
    result = sided(seed_result, *rows, ("Russia", "none", False, False))
    assert "critical" not in opening.toward(result)


def test_a_side_that_few_of_the_comments_take_is_not_claimed(seed_result):
    rows = [("NATO", "against", False, False)] + [("NATO", "none", False, False)] * 2
    said = "The program read most comments that name NATO as taking no side."
    assert opening.toward(sided(seed_result, *rows)) == said


@pytest.mark.parametrize(
    ("unclear", "said"),
    [
        (True, "too few could be read clearly to say where they stand."),
        (False, "most take no clear side."),
    ],
)
def test_the_side_toward_whom_most_name_is_never_left_out(seed_result, unclear, said):
    rows = [("NATO", "none", unclear, False)] * 3 + [("Oslo", "favor", False, False)]
    assert opening.toward(sided(seed_result, *rows)) == (
        f"One comment is favorable toward Oslo. Of the three that name NATO, {said} "
        "The program read none as critical of any target."
    )


def test_the_few_sides_toward_whom_most_name_are_counted(seed_result):
    rows = [("NATO", "favor", False, False)] * 2 + [("NATO", "none", True, False)] * 3
    rows += [("Oslo", "against", False, False)]
    assert opening.toward(sided(seed_result, *rows)).endswith(
        "Of the five that name NATO, two are favorable toward it; "
        "too few could be read clearly to say more."
    )


def test_with_nothing_clear_nothing_is_said_of_sides(seed_result):
    rows = [("NATO", "favor", True, False)] * 3
    said = opening.toward(sided(seed_result, *rows))
    assert said == "Too few could be read clearly to say where they stand on NATO."
    result = answered(seed_result, [DISAGREE] * 5, unclear=range(5))
    assert opening.sure(result).startswith("Not reliable")


@pytest.mark.parametrize(
    ("who", "labels", "unclear", "said"),
    [
        ("AABB", [DISAGREE, DISAGREE, AGREE, AGREE], (),
         "A disagrees (2 of 2) and B agrees (2 of 2)."),
        ("AAAB", [AGREE, DISAGREE, NEUTRAL, AGREE], (3,),
         ("A answers in different ways. At least half of the comments by B (1 of 1) are unclear.")),
    ],
)  # fmt: skip
def test_two_commentators_are_told_apart(seed_result, who, labels, unclear, said):
    result = answered(seed_result, labels, unclear=unclear)
    relations = result.relations.assign(commentator=list(who))
    assert opening.comments(replace(result, relations=relations)).endswith(f". {said}")


def test_unnamed_commentators_are_not_told_apart(seed_result):
    result = answered(seed_result, [AGREE] * 4)
    relations = result.relations.assign(commentator=["A", "A", "", ""])
    said = opening.comments(replace(result, relations=relations))
    assert said == "All four comments agree with the article."


def author(result, **columns):
    """Return a result whose author speaks of one target with these numbers."""
    row = {"target": "NATO", "voice": "author", "speaker": "", "score": 0.1, "ci_low": -0.2,
           "ci_high": 0.4, "n": 6, "abstained": 0}  # fmt: skip
    result = replace(result)
    result.__dict__["speakers"] = pd.DataFrame([row | columns])
    return result


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "The article’s own sentences show no clear side on NATO."),
        ({"abstained": 1}, "The article’s own sentences show no clear side on NATO."),
        ({"abstained": 2}, "Too few of the article’s own sentences could be read clearly"),
        ({"ci_low": 0.1}, "The article’s own sentences favor NATO."),
        ({"ci_high": -0.1}, "The article’s own sentences criticize NATO."),
        ({"ci_low": 0.1, "n": 4}, "Too few of the article’s own sentences could be read clearly"),
        (
            {"ci_low": float("nan"), "ci_high": float("nan")},
            "Too few of the article’s own sentences",
        ),
    ],
)
def test_the_articles_side_needs_five_clear_sentences(seed_result, columns, said):
    assert opening.article(author(seed_result, **columns)).startswith(said)


def test_the_articles_loaded_sentences_are_counted(seed_result):
    bias = seed_result.bias.assign(p_biased=0.1)
    said = opening.article(replace(seed_result, bias=bias))
    assert "The program found loaded wording in none of the author’s 27 sentences." in said
    both = bias.assign(p_biased=[0.6, 0.6, *bias.p_biased.iloc[2:]])
    assert "found loaded wording in two of the author’s" in opening.article(
        replace(seed_result, bias=both)
    )


def test_few_comments_are_a_description(seed_result):
    said = opening.sure(answered(seed_result, [DISAGREE] * 4, 0.72))
    assert said.startswith("With so few comments, this describes the text; it is not an estimate")
    assert said.endswith("this confident, it read about seven in ten comments correctly.")
    assert "describes" not in opening.sure(answered(seed_result, [DISAGREE] * 5, 0.72))


def test_readings_in_a_language_that_was_not_tested_are_not_called_sure(seed_result):
    result = answered(seed_result, [DISAGREE] * 5, 0.9)
    result = replace(result, article=replace(result.article, language="sw"))
    assert opening.sure(result).startswith(
        "Unknown: the program has not been tested in the language"
    )


def test_the_most_disputed_passage_has_most_comments_then_most_confidence(seed_result):
    rows = seed_result.relations.assign(label=DISAGREE, abstained=False)
    rows = rows.assign(p_disagree=[0.5, 0.9, 0.6, 0.7])
    alone = opening.disputed(replace(seed_result, relations=rows))
    assert (alone.comments, alone.others) == ((2,), 3)
    start, end = rows.passage_start.iloc[2], rows.passage_end.iloc[2]
    both = rows.assign(
        passage_start=[start, *rows.passage_start.iloc[1:]],
        passage_end=[end, *rows.passage_end.iloc[1:]],
        passage=[rows.passage.iloc[2], *rows.passage.iloc[1:]],
    )
    most = opening.disputed(replace(seed_result, relations=both))
    assert (most.comments, most.others) == ((1, 3), 2)
    agreed = rows.assign(label=AGREE)
    assert opening.disputed(replace(seed_result, relations=agreed)) is None


def test_texts_without_comments_or_without_an_article_say_so(own):
    alone = cp.score(own("no_commentary"), scorer="lexicon")
    assert "no comments" in opening.comments(alone)
    assert opening.toward(alone) == ""
    assert "not calibrated" in opening.sure(alone)  # nothing measures the lexicon
    calibrated = replace(alone.scorer, calibrated=frozenset(Task))
    own_stances = alone.stances.assign(confidence=0.84, abstained=False, derived=False)
    read = replace(alone, scorer=calibrated, stances=own_stances)
    assert opening.sure(read) == (
        "In tests, when the program was this confident, it read about eight in ten sentences "
        "correctly."
    )
    only = cp.score(own("only_commentary"), scorer="lexicon")
    assert opening.article(only).startswith("This text contains only comments")
