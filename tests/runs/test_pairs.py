"""Reports on two texts: what is refused before anything is made, and what makes one anew."""

import json
import re
import shutil

import papermill
import pytest

from analysis.errors import InputError, ParameterError
from analysis.paths import ROOT
from analysis.runs import batch, corpus_page, plan, sitefile
from analysis.runs.batch import Options
from analysis.runs.execution import Running
from analysis.runs.plan import Reason, plan_all
from analysis.runs.publish import PAIR, write_manifest
from analysis.runs.reading import read_within
from analysis.runs.sitefile import pair_request, read_site, site_requests
from tests.test_cli import run as command

VERSIONS = ROOT / "tests" / "seeds" / "versions"


@pytest.fixture
def pair(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("original.txt", "republished.txt"):
        shutil.copy(VERSIONS / name, folder / name)
    return {side: str(folder / f"{side}.txt") for side in ("original", "republished")}


@pytest.fixture
def made(monkeypatch):
    """Stand in for the notebook's run: keep the names of the pages asked for."""
    asked = []

    def report(params, out, *, stem, manifest, **_):
        asked.append(stem)
        path, folder = out / f"{stem}.html", out / stem
        folder.mkdir(exist_ok=True)
        path.write_text("whole")
        write_manifest(folder, path, manifest)
        return path

    monkeypatch.setattr(batch, "report", report)
    return asked


def run(pair, out, **values):
    requests = [pair_request({"scorer": "lexicon"} | pair | values)]
    (outcome,) = batch.run(requests, out, Options(fork=False)).outcomes
    return outcome


def why(outcome):
    return [str(change) for change in outcome.step.why]


def test_a_pair_is_named_after_the_republished_text_and_has_its_own_notebook(pair):
    request = pair_request(pair)
    assert (request.name, request.notebook) == ("republished-versions", PAIR)
    assert pair_request(pair | {"article_id": "x"}).name == "x-versions"
    assert pair_request(pair, "set one").name == "republished-versions-set-one"
    assert request.label == f"{pair['original']} and {pair['republished']}"


def test_a_pair_is_made_anew_when_either_text_or_a_parameter_changes(made, pair, tmp_path):
    out = tmp_path / "out"
    assert not run(pair, out).fresh
    assert run(pair, out).fresh
    for side, reason in (("original", Reason.ORIGINAL), ("republished", Reason.INPUT)):
        with open(pair[side], "a", encoding="utf-8") as file:
            file.write("\n\nIt rained on the council that night.\n")
        assert why(run(pair, out)) == [reason.value]
    assert why(run(pair, out, same_event=True)) == ["parameter changed: same_event"]
    assert made == ["republished-versions"] * 4


def test_texts_that_share_nothing_are_one_line_and_nothing_is_written(made, pair, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("Owls sleep by day.\n\nThey hunt mice when it is dark.\n", encoding="utf-8")
    outcome = run(pair | {"original": str(other)}, tmp_path / "out")
    assert outcome.unusable
    assert "found no paragraph that both texts have" in outcome.error
    assert "\n" not in outcome.error
    assert made == []
    assert [p.name for p in (tmp_path / "out").iterdir()] == [batch.LOCK]
    assert run(pair | {"original": str(other)}, tmp_path / "out", same_event=True).path


def test_an_unrelated_pair_of_several_fails_alone_when_it_is_read(pair, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("Owls sleep by day.\n\nThey hunt mice when it is dark.\n", encoding="utf-8")
    wrong = pair_request({"scorer": "lexicon"} | pair | {"original": str(other)}, "wrong")
    assert [step.error for step in plan_all([wrong, pair_request(pair)], tmp_path)] == [None, None]
    running = Running(seconds=60)
    with pytest.raises(InputError, match="no paragraph that both texts have"):
        read_within(wrong.params, running)
    assert len(read_within(pair_request(pair).params, running)) == 2


def test_each_side_is_chosen_from_a_table_of_several_articles(pair, tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text(
        "article,text\nx,The council voted on Tuesday.\ny,The council voted on Tuesday twice.\n"
    )
    both = {"original": str(table), "republished": str(table)}
    for given, missing in ((both, "original_id"), (both | {"original_id": "rows-x"}, "article_id")):
        (step,) = plan_all([pair_request(given)], tmp_path / "out")
        assert isinstance(step.error, InputError)
        assert f"(rows-x, rows-y); expected one, name it with {missing}" in str(step.error)
    chosen = pair_request(both | {"original_id": "rows-x", "article_id": "rows-y"})
    (step,) = plan_all([chosen], tmp_path / "out")
    assert step.error is None
    assert chosen.name == "rows-y-versions"
    assert plan.fingerprint(chosen)["original"] == plan.fingerprint(chosen)["republished"]


def test_a_missing_file_of_a_pair_fails_it_alone(made, pair, tmp_path):
    requests = [
        pair_request({"scorer": "lexicon"} | pair | {"original": str(tmp_path / "none.txt")}),
        pair_request({"scorer": "lexicon"} | pair, "second"),
    ]
    done = batch.run(requests, tmp_path / "out", Options(fork=False))
    assert [o.state for o in done.outcomes] == ["failed", "made"]
    assert "none.txt" in done.failed[0].error


SITE = """pairs:
  - original: in/original.txt
    republished: in/republished.txt
  - {original: in/original.txt, republished: in/republished.txt, same_event: true}
parameters: {scorer: lexicon, second: embedded}
"""


def site_of(folder, text):
    path = folder / "site.yaml"
    path.write_text(text)
    return read_site(path)


def test_a_site_file_may_name_pairs_alone(pair, tmp_path):
    first, second = site_requests(site_of(tmp_path, SITE), tmp_path, {"seed": 5})
    assert first.params.original == str(tmp_path / "in/original.txt")
    assert [r.params.same_event for r in (first, second)] == [False, True]
    assert first.params.seed == 5
    assert first.name == second.name == "republished-versions"
    (_, refused) = plan_all([first, second], tmp_path / "out")
    assert "would share its name" in str(refused.error)


def test_pairs_stand_beside_articles_and_sets_hold_for_both(pair, tmp_path):
    text = "articles: in/republished.txt\n" + SITE + "sets:\n  one: {seed: 1}\n  two: {seed: 2}\n"
    requests = site_requests(site_of(tmp_path, text), tmp_path)
    assert [r.name for r in requests][:4] == [
        "republished-one", "republished-two",
        "republished-versions-one", "republished-versions-two",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pairs:\n  - original: a\n", "line 2: found no 'republished'; expected the republished"),
        ("pairs:\n  - {original: a, republished: b, c: 1}\n",
         "line 2: found 'c'; expected one of original, republished"),
        ("pairs:\n  - {original: a, republished: b}\n  - {original: a, republished: b, c: 1}\n",
         "line 3: found 'c'; expected one of original, republished"),
        ("pairs:\n  - original: a\n    republished: b\n    same_event: perhaps\n",
         "line 4: same_event: found 'perhaps'"),
        ("pairs: []\n", "line 1: pairs: found []"),
        ("pairs:\n  - a.txt\n", "line 2: pairs: found 'a.txt'; expected a list of {original"),
        ("pairs: a.txt\n", "line 1: pairs: found 'a.txt'"),
        ("out: x\n", "line 1: found no 'articles'; expected files, folders or patterns, a list"),
    ],
)  # fmt: skip
def test_errors_in_pairs_name_their_line(tmp_path, text, told):
    with pytest.raises(ParameterError) as raised:
        site_of(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path / 'site.yaml'}: {told}")
    assert str(raised.value).count("site.yaml") == 1, "a wrong item is no second problem"
    assert not re.search(r"\n|[Tt]uple|Input should", str(raised.value))


def test_an_unknown_parameter_of_a_pair_is_told(pair):
    with pytest.raises(ParameterError, match="unknown parameter 'sead'"):
        sitefile.pair_request(pair | {"sead": 1})


def test_the_page_is_made_through_papermill_and_left_when_up_to_date(capsys, pair, tmp_path):
    out = tmp_path / "out"
    options = ("-p", "scorer", "lexicon", "--xlsx", "--out", out)
    code, printed, err = command(capsys, "compare", *pair.values(), *options)
    assert (code, err) == (0, "")
    page = out / "republished-versions.html"
    tables = page.with_suffix("")
    assert printed.split() == [str(page), str(tables / "tables.xlsx")]
    names = {path.name for path in tables.iterdir()}
    assert {"paragraph_changes.csv", "voices_changed.parquet", "stance_changed.csv",
            "annotations.jsonld", "figure-words-changed.svg", "summary.json",
            "versions-report.ipynb"} <= names  # fmt: skip
    summary = json.loads((tables / "summary.json").read_text())
    assert summary["kind"] == "versions"
    assert summary["original"]["article_id"] == "original"
    assert 'href="republished-versions.html"' in (out / "index.html").read_text()
    _, _, err = command(capsys, "compare", *pair.values(), *options)
    assert "up to date, not made again" in err
    other = tmp_path / "other.txt"
    other.write_text("Owls sleep by day.\n\nThey hunt mice when it is dark.\n")
    code, _, err = command(capsys, "compare", other, pair["republished"], *options, "--force")
    assert (code, err.count("\n")) == (2, 1)


def test_plain_papermill_runs_the_notebook(pair, tmp_path):
    given = pair | {"scorer": "lexicon", "tables": str(tmp_path / "tables")}
    done = papermill.execute_notebook(
        PAIR, tmp_path / "out.ipynb", parameters=given, progress_bar=False
    )
    shown = [
        output["data"]["text/html"]
        for cell in done.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    ]
    assert sum("<h1" in html for html in shown) == 1
    assert any("cp-left-out" in html for html in shown)
    assert (tmp_path / "tables" / "sentence_changes.parquet").exists()


def test_paths_of_a_pair_are_no_secret(made, pair, tmp_path):
    options = Options(fork=False, secrets={"A_TOKEN": pair["original"]})
    (outcome,) = batch.run([pair_request({"scorer": "lexicon"} | pair)], tmp_path, options).outcomes
    assert outcome.path


def test_a_pair_is_no_article_of_the_corpus_report(made, pair, tmp_path):
    run(pair, tmp_path / "out")
    assert corpus_page._state(tmp_path / "out", {})["reports"] == {}
