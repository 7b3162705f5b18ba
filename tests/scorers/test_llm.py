"""The scorer against a server of the standard library that speaks the protocol, well or badly."""

import io
import logging
import time
import traceback

import numpy as np
import pytest

from analysis.errors import ScorerError
from analysis.scorers import llm, llm_client, load
from analysis.scorers.cache import MemoryCache, ScoreCache
from analysis.scorers.llm import LlmScorer, Outcome
from analysis.scorers.llm_answers import NO_QUOTE
from analysis.scorers.llm_prompts import Question, first_sentences
from analysis.types import Task
from tests.chat_server import asked, serving

KEY = "sk-a-key-that-nobody-may-see"
RELATIONS = [
    ("The dam is safe, the ministry said.", "That is wrong, and dangerous."),
    ("The dam is safe, the ministry said.", "Quite right."),
    ("The dam is safe, the ministry said.", "It was built in 1974."),
]
STANCES = [
    ("NATO is splendid.", "NATO"), ("NATO is splendid.", "Russia"), ("A terrible winter.", "NATO"),
]  # fmt: skip


@pytest.fixture
def scorer_of(monkeypatch):
    def make(server, model="tiny", cache=None, **options):
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        return LlmScorer(model, cache=cache or MemoryCache(), **options)

    return make


def test_probabilities_come_from_the_labels_tokens(scorer_of):
    with serving(sure=0.8) as server:
        scorer = scorer_of(server)
        p = scorer.predict(Task.RELATION, RELATIONS)
        assert p == pytest.approx(np.array([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.1, 0.8]]))
        stances = scorer.predict(Task.STANCE, STANCES)
    assert stances.argmax(axis=1).tolist() == [0, 0, 1]
    assert stances.sum(axis=1) == pytest.approx(1)


def test_a_comment_is_one_request_and_a_text_with_all_its_targets_another(scorer_of):
    with serving() as server:
        scorer = scorer_of(server)
        scorer.predict(Task.RELATION, [*RELATIONS, *RELATIONS])
        assert len(server.bodies) == 3
        scorer.predict(Task.STANCE, STANCES)
        assert len(server.bodies) == 5
        texts = [asked(body) for body in server.bodies[3:]]
    assert sorted(text["targets"] for text in texts) == [["NATO"], ["NATO", "Russia"]]


def test_a_row_without_a_text_is_not_asked(scorer_of):
    with serving() as server:
        scorer = scorer_of(server)
        assert scorer.predict(Task.RELATION, [("Passage.", " ")]).tolist() == [[0, 0, 1]]
        assert scorer.predict(Task.STANCE, [("Text.", "")]).tolist() == [[0, 0, 1]]
        assert scorer.predict(Task.RELATION, []).shape == (0, 3)
    assert not server.bodies


def test_loaded_language_is_not_asked(scorer_of):
    with serving() as server:
        scorer = scorer_of(server)
        assert Task.BIAS not in scorer.info.tasks
        with pytest.raises(ScorerError, match="cannot answer bias"):
            scorer.predict(Task.BIAS, [("A text.",)])
    assert not server.bodies


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("samples", [1, 4])
def test_refused_fields_are_learned_once_and_left_out(scorer_of, named, samples):
    refuses = ["chat_template_kwargs", "logprobs", "n", "response_format", "seed"]
    with serving(refuses=refuses, named=named) as server:
        scorer = scorer_of(server, samples=samples)
        p = scorer.predict(Task.RELATION, RELATIONS)
        learning = len(server.bodies) - len(RELATIONS) * samples
        assert p.argmax(axis=1).tolist() == [1, 0, 2]
        before = len(server.bodies)
        stances = scorer.predict(Task.STANCE, STANCES)
        assert stances.argmax(axis=1).tolist() == [0, 0, 1]
        assert len(server.bodies) == before + 2 * samples  # nothing is tried again
        assert not set(refuses) & set(server.bodies[-1])
    assert learning <= len(llm_client.FEATURES)


def test_a_server_that_repeats_the_request_in_its_refusal_loses_one_field_at_a_time(scorer_of):
    with serving() as server:
        reply = server.reply

        def refusing(body, headers):
            if "seed" in body:
                return 422, {"detail": [{"input": body, "msg": "extra fields"}]}, {}
            return reply(body, headers)

        server.reply = refusing
        scorer = scorer_of(server)
        scorer.predict(Task.RELATION, RELATIONS)
    assert scorer._chat.refused == {"thinking", "seed"}


def test_samples_give_shares_where_there_are_no_log_probabilities(scorer_of):
    labels = iter(["agree", "disagree", "agree", "agree", "agree"])
    with serving(label=lambda *a: next(labels), ignores=["logprobs"]) as server:
        p = scorer_of(server, samples=4).predict(Task.RELATION, RELATIONS[:1])
        assert server.bodies[1]["n"] == 4
        assert server.bodies[1]["temperature"] == 1.0
    assert p.tolist() == [[0.75, 0.25, 0.0]]


def test_one_answer_without_log_probabilities_is_a_score_and_no_confidence(scorer_of):
    with serving(ignores=["logprobs"]) as server:
        scorer = scorer_of(server)
        assert scorer.predict(Task.RELATION, RELATIONS[:1]).tolist() == [[0, 1, 0]]
        assert not scorer.info.calibrated


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: f"<think>It says agree, but {text}\n</think>\n\n{text}",
        lambda text: f"\n  {text}\n",
    ],
)
def test_thinking_aloud_is_skipped(scorer_of, wrap):
    with serving(wrap=wrap) as server:
        p = scorer_of(server).predict(Task.RELATION, RELATIONS)
        assert p[0] == pytest.approx([0.1, 0.8, 0.1])
        switched_off = {"enable_thinking": False}
        assert server.bodies[0]["chat_template_kwargs"] == switched_off


@pytest.mark.parametrize(
    "answer",
    ["", "no label", '{"label": "perhaps", "quote": ""}', '{"label": "agree"', "[]", "null", "{}",
     '{"quote": "x"}', '{"label": ["agree"]}', '{"label": null}', "[" * 5000],
)  # fmt: skip
def test_three_invalid_answers_abstain_and_are_counted(scorer_of, answer):
    with serving(wrap=lambda text: answer) as server:
        scorer = scorer_of(server)
        p = scorer.predict(Task.RELATION, RELATIONS[:2])
        assert np.isnan(p).all()
        assert len(server.bodies) == 2 * llm.TRIES
        assert scorer.counts["invalid"] == 6
        (remark,) = scorer.remarks({Task.RELATION: RELATIONS[:2]})
    assert remark.startswith("The model gave no valid answer to 2 of 2 questions after 3 tries")


def test_an_invalid_answer_is_asked_again(scorer_of):
    answers = iter(["nonsense", None])
    with serving(wrap=lambda text: next(answers) or text) as server:
        p = scorer_of(server).predict(Task.RELATION, RELATIONS[:1])
        assert p.argmax() == 1
        assert server.bodies[1]["temperature"] > 0


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_client_tries_again_where_the_server_cannot(scorer_of, status):
    with serving(failing=[status]) as server:
        assert scorer_of(server).predict(Task.RELATION, RELATIONS[:1]).argmax() == 1
        assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"models": ["other"]}, "found no model 'tiny'"),
        (
            {"key": "the-right-one"},
            "the key is refused; expected the right one in COUNTERPOINT_LLM",
        ),
        ({"failing": [500] * 9}, "the server fails"),
        ({"failing": [429] * 9}, "too many requests"),
        ({"failing": [400] * 99}, "the request is refused"),
        ({"raw": b"<html>hello</html>"}, "gave no chat completion"),
        ({"dies_after": 0}, "no server answers"),
    ],
)
def test_each_fault_is_one_line_without_key_or_text(scorer_of, monkeypatch, options, expected):
    monkeypatch.setenv("COUNTERPOINT_LLM_KEY", KEY)
    caught = io.StringIO()
    handler = logging.StreamHandler(caught)
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        with serving(**options) as server, pytest.raises(ScorerError) as raised:
            scorer_of(server).predict(Task.RELATION, RELATIONS)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)
    shown = "".join(traceback.format_exception(raised.value)) + caught.getvalue()
    chain = raised.value
    while chain is not None:  # nor may what a debugger would show of the causes
        shown += repr(chain) + repr(vars(chain))
        chain = chain.__cause__ or chain.__context__
    assert "httpcore" in caught.getvalue() or "openai" in caught.getvalue() or options.get("raw")
    for secret in (KEY, "The dam is safe", "wrong, and dangerous", "Bearer"):
        assert secret not in shown


def test_no_server_is_one_line(monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(
        ScorerError, match=r"127\.0\.0\.1:9: no server answers.*COUNTERPOINT_LLM_URL"
    ):
        LlmScorer("tiny", cache=MemoryCache()).predict(Task.RELATION, RELATIONS)


def test_a_slow_server_is_given_up(scorer_of, monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_LLM_TIMEOUT", "0.2")
    monkeypatch.setattr(llm_client, "RETRIES", 0)
    with serving(delay=1.0) as server:
        begun = time.monotonic()
        with pytest.raises(ScorerError, match="no answer in time"):
            scorer_of(server).predict(Task.RELATION, RELATIONS)
        assert time.monotonic() - begun < 5


def test_as_many_requests_run_at_once_as_allowed(scorer_of, monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_LLM_PARALLEL", "3")
    rows = [("Passage.", f"Comment {n}.") for n in range(12)]
    with serving(delay=0.05) as server:
        scorer_of(server).predict(Task.RELATION, rows)
    assert 1 < server.most <= 3


def test_a_run_goes_on_from_the_cache_after_it_broke_off(scorer_of, tmp_path, monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_LLM_PARALLEL", "1")
    monkeypatch.setattr(llm_client, "RETRIES", 0)
    rows = [("Passage.", f"Comment {n}, wrong.") for n in range(8)]
    with serving(dies_after=5) as server:
        cache = ScoreCache(tmp_path / "scores")
        scorer = scorer_of(server, cache=cache)
        with pytest.raises(ScorerError, match="no server answers"):
            scorer.predict(Task.RELATION, rows)
        server.dies_after = 10**9
        again = scorer_of(server, cache=ScoreCache(tmp_path / "scores"))
        before = len(server.bodies)
        assert again.missing(Task.RELATION, rows) == 3
        p = again.predict(Task.RELATION, rows)
        assert p.argmax(axis=1).tolist() == [1] * 8
        assert len(server.bodies) == before + 3


def test_the_cache_holds_no_text(scorer_of, tmp_path):
    with serving() as server:
        scorer_of(server, cache=ScoreCache(tmp_path / "scores")).predict(Task.RELATION, RELATIONS)
    stored = b"".join(p.read_bytes() for p in (tmp_path / "scores").rglob("*") if p.is_file())
    assert stored
    assert not any(word in stored for word in (b"dam is safe", b"Quite right", b"dangerous"))


def test_another_address_model_or_number_of_samples_is_another_entry(scorer_of):
    cache = MemoryCache()
    with serving(models=["tiny", "small"]) as one, serving() as two:
        for server, options in [
            (one, {}), (one, {}), (two, {}), (one, {"samples": 2}), (one, {"model": "small"}),
        ]:  # fmt: skip
            scorer_of(server, cache=cache, **options).predict(Task.RELATION, RELATIONS[:1])
    assert (len(one.bodies), len(two.bodies)) == (3, 1)


def test_quotations_must_stand_in_the_text(scorer_of):
    with serving() as server:
        scorer = scorer_of(server)
        scorer.predict(Task.RELATION, RELATIONS)
        (start, end), *_ = scorer.quotes(Task.RELATION, RELATIONS)
        assert RELATIONS[0][1][start:end] == "That is wrong,"
        asked_before = len(server.bodies)
        assert scorer.quotes(Task.RELATION, [("Other.", "Never asked.")]) == [None]
        assert len(server.bodies) == asked_before
    with serving(wrap=lambda text: text.replace("That is", "He never")) as server:
        scorer = scorer_of(server)
        scorer.predict(Task.RELATION, RELATIONS[:1])
        assert scorer.quotes(Task.RELATION, RELATIONS[:1]) == [None]


def test_a_text_that_is_too_long_is_cut_at_a_sentence_and_that_is_said(scorer_of):
    long = "The council met on Tuesday. It voted for the bridge. " * 400
    with serving() as server:
        scorer = scorer_of(server, context=2048)
        scorer.predict(Task.STANCE, [(long, "the council")])
        shown = asked(server.bodies[0])["text"]
    assert long.startswith(shown)
    assert shown.endswith(("Tuesday.", "bridge."))
    assert 500 < len(shown) < 4000
    (remark,) = scorer.remarks({Task.STANCE: [(long, "the council")]})
    assert remark.startswith("1 of 1 questions held a text longer than the model takes (2048 tok")
    assert remark.endswith("it was cut at the end of a sentence.")


def test_a_server_with_less_room_than_told_gets_a_shorter_text(scorer_of):
    long = "The council met on Tuesday. It voted for the bridge. " * 100
    with serving(context=1100) as server:
        scorer = scorer_of(server)
        p = scorer.predict(Task.STANCE, [(long, "the council")])
    assert not np.isnan(p).any()
    assert "cut at" in scorer.remarks({Task.STANCE: [(long, "the council")]})[0]


def test_first_sentences_of_a_text_without_any():
    assert first_sentences("word " * 1000, 50).endswith("word")
    assert len(first_sentences("x" * 10_000, 50)) < 200


@pytest.mark.parametrize(
    "name",
    ["", "?samples=2", "m?", "m?samples=0", "m?samples=x", "m?context=12", "m?key=abc", "m\n?x=1"],
)
def test_a_wrong_name_says_what_is_expected(name):
    with pytest.raises(ScorerError, match="expected"):
        LlmScorer.from_name(name)


def test_a_model_is_named_as_the_server_names_it():
    scorer = load("llm:qwen3:8b?samples=5&context=8192")
    assert (scorer.model, scorer.samples, scorer.context) == ("qwen3:8b", 5, 8192)
    assert scorer.info.name == "llm:qwen3:8b?samples=5&context=8192"
    assert load("llm:org/Model-7B@main").model == "org/Model-7B@main"


def test_nothing_is_sent_to_say_what_the_scorer_is(monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", "https://api.example.com/v1")
    info = LlmScorer("tiny").info
    assert info.sent_to == "https://api.example.com:443"
    assert info.costly
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", "http://127.0.0.1:1/v1")
    assert LlmScorer("tiny").info.sent_to == ""
    assert LlmScorer("tiny").info.version != info.version


@pytest.mark.parametrize(
    "data", [b"", b"x" * 33, np.full(3, 0.2).tobytes() + b"\0" * 9, b"\xff" * 33]
)
def test_a_planted_cache_entry_is_ignored(data):
    question = Question(Task.RELATION, ("A passage.", "A comment."))
    assert Outcome.unpack(question, data) is None
    good = Outcome(np.array([[0.2, 0.3, 0.5]]), ((0, 4),), True)
    again = Outcome.unpack(question, good.pack())
    assert (again.quotes, again.cut) == (((0, 4),), True)
    outside = good._replace(quotes=((0, 400),))
    assert Outcome.unpack(question, outside.pack()) is None
    assert Outcome.unpack(question, good._replace(quotes=(NO_QUOTE,)).pack()) is not None
