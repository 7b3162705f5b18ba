import shlex

from analysis.params import report_params
from analysis.paths import ROOT
from analysis.report import provenance

SEED = "seeds/000_9da5be969268c11d.txt"


def test_command_of_defaults_names_the_article_alone():
    params = report_params(article=SEED, tables="somewhere")
    assert provenance.command(params) == f"counterpoint report {SEED}"


def test_command_names_what_was_chosen_and_quotes_it_for_a_shell():
    params = report_params(article="a b.txt", targets=["NATO", "O'Neil; ls"], run_on=True, seed=3)
    words = shlex.split(provenance.command(params))
    assert words[:3] == ["counterpoint", "report", "a b.txt"]
    assert words[3:] == [
        *("-p", "targets", "NATO", "-p", "targets", "O'Neil; ls"),
        *("-p", "seed", "3", "-p", "run_on", "true"),
    ]


def test_paths_say_nothing_of_the_machine():
    assert provenance.shown_path(str(ROOT / SEED)) == SEED
    assert provenance.shown_path("/home/someone/private/a.txt") == "a.txt"
    assert provenance.shown_path("articles/a.txt") == "articles/a.txt"


def test_versions_name_what_decides_on_figures():
    found = provenance.versions()
    assert found["Python"].startswith("3.")
    assert {"counterpoint", "pandas", "spacy", "vaderSentiment"} <= set(found)
