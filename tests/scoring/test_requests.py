from spacy.language import Language

import analysis as cp
from analysis.readers.plain_text import parse_plain_text
from analysis.scoring import requests as module
from analysis.scoring.requests import requests_for
from analysis.text.loaded_language import cues
from analysis.types import Task, Voice

TEXT = (
    "Norway and NATO\n\nThe mayor said: “NATO must stay.” Few agreed.\n\n"
    "Comment: A reckless regime, surely? NATO is no friend of Norway."
)


def test_requests_carry_commentaries_with_their_passages_and_cues(seed):
    requests = requests_for(seed, ["NATO"])
    for comment, passage in requests.commentaries:
        assert seed.raw[comment.start : comment.end] == comment.text
        assert seed.raw[passage.start : passage.end] == passage.text
    assert requests.cues == cues(seed, requests.segments)


def test_rows_are_those_of_the_frames(seed_result):
    requests = seed_result.requests
    assert requests.rows(Task.RELATION) == list(
        zip(seed_result.relations.passage, seed_result.relations.commentary, strict=True)
    )
    text = dict(zip(seed_result.segments.segment_id, seed_result.segments.text, strict=True))
    scored = seed_result.stances[~seed_result.stances.derived]
    comment = seed_result.relations.set_index("commentary_id").commentary
    assert [row for row, _ in requests.rows(Task.STANCE)] == [
        text[r.segment_id] if r.segment_id else comment[r.commentary_id]
        for r in scored.itertuples()
    ]
    assert requests.rows(Task.BIAS) == [(text[s],) for s in seed_result.bias.segment_id]


def test_score_parses_an_article_once(monkeypatch):
    calls = []
    for owner, name in ((Language, "pipe"), (module, "cues"), (module, "segments")):
        real = getattr(owner, name)
        monkeypatch.setattr(
            owner, name, lambda *a, real=real, name=name, **k: calls.append(name) or real(*a, **k)
        )
    cp.score(parse_plain_text(TEXT, article_id="once"), ["NATO"], scorer="lexicon")
    assert sorted(calls) == ["cues", "pipe", "segments"]


def test_a_reported_wish_is_the_stance_of_whoever_has_it():
    text = "The party Forward wants Oslo to leave NATO. NATO is silent.\n\nComment: NATO again."
    requests = requests_for(parse_plain_text(text, article_id="x"), ["NATO"])
    wish = next(part for part in requests.segments if part.wish)
    assert (wish.voice, wish.speaker) == (Voice.AUTHOR, "Forward")
    voices = {r.segment_id: (r.voice, r.speaker) for r in requests.stances}
    assert voices[wish.segment_id] == (Voice.QUOTED, "Forward")
    assert [v for v, _ in voices.values()].count(Voice.AUTHOR) == 1
