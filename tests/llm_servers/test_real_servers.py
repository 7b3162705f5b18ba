"""The scorer against real servers: `transformers serve` and llama.cpp; run by .ci/run.

`COUNTERPOINT_LLM_SERVERS` names the Python of an environment that has them; see .ci/run.
"""

import os
import socket
import subprocess
import time
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import ScorerError
from analysis.quality.injections import injection_rates
from analysis.scorers import llm_client
from analysis.scorers.cache import MemoryCache, ScoreCache
from analysis.scorers.llm import LlmScorer
from analysis.types import Task

pytestmark = pytest.mark.llm

HERE = Path(__file__).parent
KEY = "sk-of-the-test-server"
ROWS = [
    ("The dam is safe, the ministry said.", f"That is simply false, point {n}.") for n in "abcd"
]
START = 600  # seconds; a model is loaded first


def python():
    """Return the interpreter of the servers' environment; it is no reason to skip that it lacks."""
    found = os.environ.get("COUNTERPOINT_LLM_SERVERS", "")
    assert Path(found).is_file(), "COUNTERPOINT_LLM_SERVERS must name the servers' Python"
    return found


def free_port():
    with closing(socket.socket()) as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


@contextmanager
def server(*argv, port, key=""):
    """Run a server until the end of the block; it may be ended before."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(
        list(map(str, argv)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        _wait(process, port, key)
        yield process
    finally:
        process.kill()
        process.wait()


def _wait(process, port, key):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/models", headers={"Authorization": f"Bearer {key}"}
    )
    ends = time.monotonic() + START
    while time.monotonic() < ends:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    subprocess.run([python(), HERE / "make_tiny_model.py", folder], check=True, timeout=START)
    return folder


@contextmanager
def transformers_serve(folder):
    port = free_port()
    command = Path(python()).with_name("transformers")
    with server(command, "serve", folder, "--port", port, "--device", "cpu", port=port) as process:
        yield process, f"http://127.0.0.1:{port}/v1"


def test_transformers_serve_passes_over_fields_and_is_read_all_the_same(tiny, monkeypatch):
    with transformers_serve(tiny) as (process, url):
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", url)
        scorer = LlmScorer(str(tiny), cache=MemoryCache())
        p = scorer.predict(Task.RELATION, ROWS)
        assert p.tolist() == [[0, 0, 1]] * len(ROWS)  # the model says `neutral`, whatever is asked
        learned = scorer.requests - len(ROWS)
        assert learned <= len(llm_client.FEATURES)
        drawn = LlmScorer(str(tiny), samples=2, cache=MemoryCache())
        assert drawn.predict(Task.RELATION, ROWS[:1]).shape == (1, 3)
        with pytest.raises(ScorerError, match=r"found no model|the server fails|is refused"):
            LlmScorer("no/such-model", cache=MemoryCache()).predict(Task.RELATION, ROWS[:1])
        monkeypatch.setenv("COUNTERPOINT_LLM_TIMEOUT", "0.001")
        monkeypatch.setattr(llm_client, "RETRIES", 0)
        with pytest.raises(ScorerError, match=r"no answer in time|no server answers"):
            LlmScorer(str(tiny), cache=MemoryCache()).predict(Task.RELATION, ROWS[:1])
        process.kill()  # in mid-run
        process.wait()
        monkeypatch.delenv("COUNTERPOINT_LLM_TIMEOUT")
        with pytest.raises(ScorerError, match="no server answers"):
            scorer.predict(Task.RELATION, [("Another.", "Row.")])


def test_a_run_goes_on_where_transformers_serve_was_killed(tiny, monkeypatch, tmp_path):
    monkeypatch.setattr(llm_client, "RETRIES", 0)
    port = free_port()
    command = (Path(python()).with_name("transformers"), "serve", tiny, "--port", port)
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", f"http://127.0.0.1:{port}/v1")
    cache = ScoreCache(tmp_path / "scores")
    with server(*command, port=port):
        LlmScorer(str(tiny), cache=cache).predict(Task.RELATION, ROWS[:2])
    again = LlmScorer(str(tiny), cache=ScoreCache(tmp_path / "scores"))
    with pytest.raises(ScorerError, match="no server answers"):
        again.predict(Task.RELATION, ROWS)
    assert again.missing(Task.RELATION, ROWS) == 2
    with server(*command, port=port):
        assert again.predict(Task.RELATION, ROWS).tolist() == [[0, 0, 1]] * len(ROWS)


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    port, path = free_port(), tmp_path_factory.mktemp("gguf") / "model.gguf"
    with server(python(), HERE / "serve_llama.py", path, port, KEY, port=port, key=KEY):
        yield f"http://127.0.0.1:{port}/v1"


@pytest.fixture
def gemma(llama, monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", llama)
    monkeypatch.setenv("COUNTERPOINT_LLM_KEY", KEY)
    monkeypatch.setenv("COUNTERPOINT_LLM_TIMEOUT", "600")
    monkeypatch.setenv("COUNTERPOINT_LLM_PARALLEL", "2")
    return LlmScorer("gemma3-270m", cache=MemoryCache())


def test_llama_gives_structured_answers_with_probabilities(gemma):
    p = gemma.predict(Task.RELATION, ROWS[:2])
    assert p.sum(axis=1) == pytest.approx(1)
    assert ((p > 0) & (p < 1)).any(axis=1).all()  # log-probabilities, not one label
    assert not {"logprobs", "response_format"} & gemma._chat.refused
    text = "NATO is a splendid shield, and Russia a danger to all."
    stances = gemma.predict(Task.STANCE, [(text, "NATO"), (text, "Russia")])
    assert stances.sum(axis=1) == pytest.approx(1)
    before = gemma.requests
    assert (gemma.predict(Task.RELATION, ROWS[:2]) == p).all()
    assert gemma.requests == before
    for row, span in zip(ROWS, gemma.quotes(Task.RELATION, ROWS[:2]), strict=False):
        assert span is None or row[1][slice(*span)].strip()


def test_llama_refuses_a_wrong_key(llama, monkeypatch):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", llama)
    monkeypatch.setenv("COUNTERPOINT_LLM_KEY", "sk-a-wrong-one")
    with pytest.raises(ScorerError, match="the key is refused") as raised:
        LlmScorer("gemma3-270m", cache=MemoryCache()).predict(Task.RELATION, ROWS[:1])
    assert "sk-a-wrong-one" not in str(raised.value)


def test_answers_of_llama_that_are_not_valid_abstain(gemma, monkeypatch):
    monkeypatch.setattr(llm_client, "THINKING_TOKENS", 2)
    monkeypatch.setattr(llm_client, "ANSWER_TOKENS", 2)
    monkeypatch.setattr(llm_client, "TARGET_TOKENS", 0)  # room for no whole answer
    assert np.isnan(gemma.predict(Task.RELATION, ROWS[:1])).all()
    assert gemma.counts["invalid"] == 3


def test_injections_into_llama_are_measured(gemma, monkeypatch):
    monkeypatch.setattr("analysis.quality.injections.SAMPLE_STEP", 97)
    rates = injection_rates(gemma)
    assert set(rates.task) == {"relation", "stance"}
    assert rates[["injected", "plain", "obeyed"]].stack().between(0, 1).all()
