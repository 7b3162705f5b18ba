from collections import Counter

import pytest
from spacy.language import Language

import analysis as cp
from analysis.params import report_params
from analysis.scoring import counts, pipeline, requests

SECTIONS = ("opening edition toward wording sentences method provenance relations").split()


@pytest.fixture(scope="module")
def report(seed_result):
    return cp.Report(seed_result)


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_shows_in_a_cell(report, section):
    assert getattr(report, section)()._repr_html_().startswith("<")


def test_save_writes_figures_tables_and_json(report, tmp_path):
    report.save(tmp_path / "tables")
    names = {path.name for path in (tmp_path / "tables").iterdir()}
    figures = {f"figure-{title}" for title in ("targets", "flow", "voices", "loaded", "cues")}
    assert {f"{figure}.{ending}" for figure in figures for ending in ("svg", "png", "csv")} <= names
    assert {"card.png", "card.svg", "speakers.csv", "summary.json", "annotations.jsonld"} <= names


def test_report_of_a_run_repeats_its_parameters(seed_path):
    params = report_params(article=str(seed_path), scorer="lexicon", targets=["NATO"], seed=3)
    report = cp.Report(cp.run(params))
    assert report.params is params
    assert "-p seed 3" in str(report.provenance())


def test_a_run_and_its_report_parse_an_article_once(tmp_path, monkeypatch):
    path = tmp_path / "once.txt"
    path.write_text(
        "A Quay Opens\n\nThe mayor said: “NATO must stay.” Few in Norway agreed.\n\n"
        "Comment: A reckless regime, surely? NATO is no friend of Norway."
    )
    calls = Counter()

    def count(owner, name):
        real = getattr(owner, name)

        def counted(*args, **options):
            calls[name] += 1
            return real(*args, **options)

        monkeypatch.setattr(owner, name, counted)

    for owner, name in (
        (Language, "pipe"), (pipeline, "read"), (pipeline, "by_speaker"), (pipeline, "cue_rates"),
        (requests, "cues"), (requests, "align"), (requests, "commentaries"), (counts, "rates"),
    ):  # fmt: skip
        count(owner, name)
    report = cp.Report(cp.run(report_params(article=str(path), scorer="lexicon")))
    for section in SECTIONS:
        getattr(report, section)()
    report.save(tmp_path / "tables")
    names = "pipe read by_speaker cue_rates cues align commentaries rates".split()
    assert calls == dict.fromkeys(names, 1)
