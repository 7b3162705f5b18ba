import pytest

from analysis.readers.plain_text import parse_plain_text
from analysis.text.quotations import quotations


def said(text):
    article = parse_plain_text(text, article_id="x")
    return [(q.speaker, q.cue, article.raw[q.start : q.end]) for q in quotations(article)]


def wishes(text):
    article = parse_plain_text(text, article_id="x")
    return [(q.speaker, q.cue, article.raw[q.start : q.end], q.wish) for q in quotations(article)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "“It was late,” said Ellen Brandt, who has chaired the board since May.",
            [("Ellen Brandt", "said", "“It was late,”")],
        ),
        (
            "The captain, Leonard Voss, denied hiding anything from the court.",
            [("Leonard Voss", "denied", "hiding anything from the court")],
        ),
        (
            "The plan, Brandt conceded, might have survived with cheaper loans.",
            [
                ("Brandt", "conceded", "The plan"),
                ("Brandt", "conceded", "might have survived with cheaper loans"),
            ],
        ),
        (
            "According to court officials, no retrial will be sought.",
            [("court officials", "According to", "no retrial will be sought")],
        ),
        (
            'One of them called the vote "lawful and shabby".',
            [("One of them", "called", 'the vote "lawful and shabby"')],
        ),
        (
            'One was quoted as saying that the figures had been "waved about".',
            [("One", "quoted as saying", 'the figures had been "waved about"')],
        ),
        (
            "Hadlow urged them to keep the library open.",
            [("Hadlow", "urged", "them to keep the library open")],
        ),
        (
            "“We shall be back here,” Hadlow said, “in our coats.”",
            [
                ("Hadlow", "said", "“We shall be back here,”"),
                ("Hadlow", "said", "“in our coats.”"),
            ],
        ),
        (
            "“Who pays?” Hadlow asked. “Tell me who pays.”",
            [("Hadlow", "asked", "“Who pays?”"), ("Hadlow", "", "“Tell me who pays.”")],
        ),
    ],
)  # fmt: skip
def test_speaker_cue_and_content(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Oslo wants an end to night fishing.",
            [("Oslo", "wants", "an end to night fishing")],
        ),
        ("The union demands higher wages.", [("The union", "demands", "higher wages")]),
        ("Residents hope for a new bridge.", [("Residents", "hope", "a new bridge")]),
        ("The mayor promised to rebuild it.", [("The mayor", "promised", "to rebuild it")]),
        ("I want rent control.", []),
        ("The plan promises cheap homes.", []),
    ],
)
def test_a_wish_is_its_owners_and_no_quotation(text, expected):
    assert [(who, cue, what) for who, cue, what, wish in wishes(text) if wish] == expected


@pytest.mark.parametrize(
    "text",
    [
        "The mayor promised that the bridge would open.",
        "“The bridge will open,” the mayor promised.",
        "The union demands “an end to the night shift”.",
    ],
)
def test_words_of_a_promise_or_demand_are_quoted(text):
    assert [wish for *_, wish in wishes(text)] == [False]


def test_those_who_speak_together_are_one_speaker():
    assert said("Halabi and her colleagues say that the reef recovers.")[0][0] == (
        "Halabi and her colleagues"
    )


def test_a_plural_possessive_belongs_to_the_name():
    assert said("The Merchants' Guild says that it is late.")[0][0] == "Merchants' Guild"


@pytest.mark.parametrize(
    "text",
    [
        "The “white elephant”, as it is known to its critics, needs a new roof.",
        "Children covered the railings with copies of “The Owl Who Could Not Count”.",
        "It goes without saying that nobody campaigns against reading.",
        "The sign on the door says that the building shuts at five.",
        "It was late when he claimed",
        "The ‘peace plan’ failed in the capital.",
        "Some residents think the vote only puts off the closure.",
    ],
)
def test_texts_without_quotations(text):
    assert said(text) == []


def test_a_pronoun_is_the_last_person_it_fits():
    found = said(
        "Ellen Brandt chairs the board. She has been there for ten years. Paul Weber is the clerk, "
        "and he keeps its books.\n\n“It was late,” she said.\n\n“Very late,” he said."
    )
    assert [(who, text) for who, _, text in found] == [
        ("Ellen Brandt", "“It was late,”"),
        ("Paul Weber", "“Very late,”"),
    ]


def test_last_names_become_full_ones():
    found = said("Ellen Brandt chairs the board.\n\n“It was late,” Brandt said.")
    assert found == [("Ellen Brandt", "said", "“It was late,”")]


def test_long_quotations_go_on_over_paragraphs():
    found = said("“It was late,” Brandt said.\n\n“We had all been there since noon.")
    assert [who for who, *_ in found] == ["Brandt", "Brandt"]


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("“It was late.\n\n“It was dark,” Mayor Dana Holt said.", ["Dana Holt", "Dana Holt"]),
        ("“It was late.\n\n“And cold.\n\n“It was dark,” Holt said.", ["Holt"] * 3),
        ("“It was late.”\n\n“It was dark,” Holt said.", ["", "Holt"]),
        ("“It was late.\n\nNobody came.\n\n“It was dark,” Holt said.", ["", "Holt"]),
    ],
)
def test_an_opening_mark_repeated_on_each_paragraph_keeps_the_speaker(text, speakers):
    assert [who for who, *_ in said(text)] == speakers


@pytest.mark.parametrize(
    "text",
    [
        "Holt would not say whether the quay would close.",
        "Holt never said the plan was dead.",
        "Nobody said that the plan was safe.",
        "No official told the board that the plan was safe.",
    ],
)
def test_what_was_not_said_is_no_quotation(text):
    assert said(text) == []


def test_not_only_said_is_said_and_a_question_asked_is_not_the_speakers():
    assert [text for *_, text in said("Holt not only said that it was good.")] == ["it was good"]
    asked = 'Asked whether he would resign, Mr. Reed replied: "Not today."'
    assert [text for *_, text in said(asked)] == ['"Not today."']


def speakers(text):
    article = parse_plain_text(f"A title here\n\n{text}", article_id="x")
    return [q.speaker for q in quotations(article)]


SAID = '"The quay is too small," Tom Reed said on Monday.'


def test_a_pronoun_is_nobody_of_the_other_gender_and_it_is_no_person():
    woman = 'A resident of the street spoke as well. "We cannot pay for it," she said.'
    assert speakers(f"{SAID}\n\n{woman}") == ["Tom Reed", "she"]
    board = "The harbor board rejected the charge. It said the quay was safe."
    assert speakers(f"{SAID}\n\n{board}") == ["Tom Reed", "It"]


def test_two_people_with_one_last_name_are_two():
    text = (
        '"The deal is good for us," Bill Clinton said.\n\nHillary Clinton agreed on Friday in a '
        'speech. "It will bring jobs to the north," she said.'
    )
    assert speakers(text) == ["Bill Clinton", "Hillary Clinton"]


def test_a_speaker_goes_on_only_in_the_next_paragraph():
    painted = '"No ships, no jobs, no town" was painted on the wall.'
    assert speakers(f"{SAID}\n\nIt rained all day.\n\n{painted}") == ["Tom Reed", ""]
    assert speakers(f'{SAID}\n\n"It is too old as well."') == ["Tom Reed", "Tom Reed"]
    text = f'{SAID}\n\nThen Ole Berg answered:\n\n"It is large enough for the town."'
    assert speakers(text) == ["Tom Reed", "Ole Berg"]
