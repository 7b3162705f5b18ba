import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.readers import read, read_all
from analysis.runs.sitefile import read_site, site_requests
from analysis.types import Kind

TOOL = Path(__file__).parents[1] / "tools" / "make_corpus.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("make_corpus", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_article_is_the_same_however_many_are_made(tool):
    few, many = list(tool.articles(3, 5)), list(tool.articles(9, 5))
    assert few == many[:3]
    assert many[0] != next(tool.articles(1, 6))
    assert len({made["text"] for made in many}) == 9


def test_every_rule_can_be_said_and_leaves_no_symbol(tool):
    texts = " ".join(made["text"] for made in tool.articles(300))
    assert "#" not in texts
    used = {symbol for text in tool.GRAMMAR.values() for symbol in tool.SYMBOL.findall(text)}
    assert used <= set(tool.GRAMMAR) | {"target", "Target"}
    assert " a a" not in texts
    for article in (" a " + vowel for vowel in "aeio"):
        assert article not in texts, "an adjective with a vowel needs another article before it"


def test_files_are_articles_with_commentary_and_the_site_file_finds_them(tool, tmp_path):
    paths = tool.write_folder(tmp_path, 12, seed=2)
    articles = [read(path) for path in paths]
    kinds = {block.kind for article in articles for block in article.blocks}
    assert {Kind.TITLE, Kind.PARAGRAPH, Kind.COMMENTARY} <= kinds
    requests = site_requests(read_site(tmp_path / "site.yaml"), tmp_path)
    assert {request.params.article for request in requests} == set(map(str, paths))
    assert {request.about["outlet"] for request in requests} <= set(tool.OUTLETS)
    assert len({request.name for request in requests}) == 12


def test_lines_are_a_table_of_articles(tool, tmp_path):
    path = tmp_path / "corpus.jsonl"
    subprocess.run([sys.executable, str(TOOL), str(path), "--count", "5"], check=True)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == list(tool.articles(5))
    readings = read_all(path)
    assert len(readings) == 5
    assert dict(readings[0].about)["outlet"] == lines[0]["outlet"]
    comments = sum(text["text"].count("Comment: ") for text in lines)
    found = sum(len(r.article.of_kind(Kind.COMMENTARY)) for r in readings)
    assert found == comments > 0


def test_outlets_lean_and_one_of_them_turns(tool):
    def favorable(outlet, target, half):
        kept = [
            made
            for made in tool.articles(3000, 1)
            if made["outlet"] == outlet and (made["date"] > "2021-12-30") == half
        ]
        name = target[0].upper() + target[1:]
        told = [s for made in kept for s in made["text"].split("\n\n") if s[:8] != "Comment:"]
        good = sum(s.count(f"{name} kept its promises") for s in told)
        bad = sum(s.count(f"{name} broke its promises") for s in told)
        return good - bad

    assert (
        favorable("harbour-gazette", "NATO", False)
        > 0
        > favorable("northern-courier", "NATO", False)
    )
    turning = [favorable("valley-observer", "the United Nations", half) for half in (False, True)]
    assert turning[0] > 0 > turning[1]
