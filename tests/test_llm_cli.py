"""Language models on the command line: consent, bounds, what would be asked, side by side."""

import json
import os

import pytest

from analysis.scorers import load
from analysis.types import Task
from tests.chat_server import serving
from tests.test_cli import run

TEXT = "The dam is safe, the ministry said.\n\nComment: That is wrong, and everybody knows it.\n"


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    load.cache_clear()
    monkeypatch.setenv("COUNTERPOINT_CACHE", str(tmp_path / "cache"))
    for name in ("ALLOW_REMOTE", "MAX_REQUESTS", "BUDGET"):
        monkeypatch.delenv(f"COUNTERPOINT_LLM_{name}", raising=False)
    yield
    load.cache_clear()


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "dam.txt"
    path.write_text(TEXT)
    return path


def test_score(capsys, monkeypatch, article):
    with serving() as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        code, out, err = run(
            capsys, "score", article, "--scorer", "llm:tiny", "--json", "--targets", "the ministry"
        )
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [row["label"] for row in found["relations"]] == ["disagree"]
    assert found["relations"][0]["confidence"] is None
    assert found["bias"] == []


def test_consent_is_given_for_one_run_only(capsys, monkeypatch, article):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", "http://llm.invalid:1/v1")
    code, out, err = run(capsys, "score", article, "--scorer", "llm:tiny")
    assert (code, out) == (2, "")
    assert "nothing was sent" in err
    assert err.count("\n") == 1
    code, _, err = run(capsys, "score", article, "--scorer", "llm:tiny", "--allow-remote")
    assert code == 2
    assert "the name is not known" in err
    assert "COUNTERPOINT_LLM_ALLOW_REMOTE" not in os.environ


def test_a_run_stops_at_its_bound_and_the_next_goes_on(capsys, monkeypatch, article):
    with serving() as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        words = ("score", article, "--scorer", "llm:tiny", "--targets", "the ministry")
        code, _, err = run(capsys, *words, "--max-requests", "1")
        assert code == 2
        assert "1 requests that --max-requests" in err
        assert len(server.bodies) == 1
        code, _, _ = run(capsys, *words)
        assert code == 0
        bodies = [json.dumps(body, sort_keys=True) for body in server.bodies]
        assert len(bodies) == len(set(bodies))  # nothing was asked twice
    assert "COUNTERPOINT_LLM_BUDGET" not in os.environ


def test_a_dry_run_says_how_many_requests_are_needed(capsys, monkeypatch, article, tmp_path):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", "http://127.0.0.1:9/v1")  # nothing is asked
    words = ("report", article, "--out", tmp_path / "out", "-p", "scorer", "llm:tiny", "-p",
             "targets", "the ministry", "--dry-run", "--max-requests", "2")  # fmt: skip
    code, out, err = run(capsys, *words)
    assert code == 0
    assert "new; 3 requests" in out
    assert "3 requests to language models are needed" in err
    assert "--max-requests allows 2" in err


def test_a_dry_run_lists_the_others_beside_an_article_that_cannot_be_read(
    capsys, monkeypatch, article, tmp_path
):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", "http://127.0.0.1:9/v1")
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"It\0rains.\n\nComment: No.\n" * 40)
    words = ("report", bad, article, "--out", tmp_path / "out", "-p", "scorer", "llm:tiny",
             "-p", "targets", "the ministry", "--dry-run")  # fmt: skip
    code, out, _ = run(capsys, *words)
    assert code == 1
    cannot, would = out.splitlines()
    assert cannot.startswith("cannot make ")
    assert "bad" in cannot
    assert would.endswith("3 requests")


def test_a_site_file_gives_consent_and_a_bound(capsys, monkeypatch, article, tmp_path):
    monkeypatch.setenv("COUNTERPOINT_LLM_URL", "http://llm.invalid:1/v1")
    site = tmp_path / "site.yaml"
    site.write_text(
        f"articles: {article.name}\nallow_remote: true\nmax_requests: 1\ncorpus: false\n"
        "parameters:\n  scorer: lexicon\n"
    )
    code, out, _ = run(capsys, "report", "--site", site, "--dry-run")
    assert (code, "would make" in out) == (0, True)


def test_a_key_as_a_parameter_is_refused(capsys, monkeypatch, article, tmp_path):
    monkeypatch.setenv("COUNTERPOINT_LLM_KEY", "sk-nobody-may-see-this")
    code, _, err = run(
        capsys, "report", article, "--out", tmp_path / "out", "-p", "scorer",
        "llm:sk-nobody-may-see-this",
    )  # fmt: skip
    assert code == 2
    assert "found the value of the environment variable COUNTERPOINT_LLM_KEY" in err
    assert "sk-nobody-may-see-this" not in err


def test_evaluate_tells_the_cost(capsys, monkeypatch, tmp_path):
    rows = [{"passage": "It rains.", "comment": f"Wrong {n}.", "label": "disagree"} for n in "ab"]
    (tmp_path / "g.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with serving() as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        _, out, _ = run(
            capsys, "evaluate", "relation", tmp_path / "g.jsonl", "--scorer", "llm:tiny", "--json"
        )
    found = json.loads(out)
    assert found["requests_per_100_rows"] == 100
    assert found["seconds_per_100_rows"] > 0
    assert found["macro_f1"] == 1


def test_a_language_model_is_calibrated_on_labels(capsys, monkeypatch, tmp_path):
    """The server is always sure, and often wrong: its confidence must come down."""
    labels = ["agree", "disagree", "neutral"]
    words = {"agree": "right", "disagree": "wrong", "neutral": "blue"}
    rows = [
        {
            "passage": "It rains.",
            "comment": f"{words[labels[n % 3]]} {n}",
            "label": labels[(n + (n % 10 < 4)) % 3],  # four in ten are otherwise
        }
        for n in range(120)
    ]
    (tmp_path / "g.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with serving(sure=0.98) as server:
        monkeypatch.setenv("COUNTERPOINT_LLM_URL", server.url)
        out = tmp_path / "tiny.json"
        code, _, err = run(
            capsys, "recalibrate", "relation", tmp_path / "g.jsonl", "--scorer", "llm:tiny",
            "--out", out,
        )  # fmt: skip
        assert code == 0, err
        assert f"llm:tiny?calibration={out}" in err
        scorer = load(f"llm:tiny?calibration={out}")
        p = scorer.predict(Task.RELATION, [("It rains.", "wrong 7")])
        assert 0.4 < p.max() < 0.8
        assert scorer.info.calibrated == {Task.RELATION}
        code, _, err = run(
            capsys, "evaluate", "relation", tmp_path / "g.jsonl", "--scorer",
            f"llm:other?calibration={out}",
        )  # fmt: skip
        assert code == 2
        assert "is no calibration of other" in err
