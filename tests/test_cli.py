import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import analysis as cp
from analysis.cli import main
from analysis.cli.options import given_parameters, join_parameters
from analysis.frames import SCHEMAS
from analysis.params import ReportParams
from analysis.readers import read
from analysis.types import Kind

TWO_BLOCKS = Path(__file__).parent / "quality" / "two_blocks.jsonl"


def run(capsys, *argv):
    """Return exit code, standard output and standard error of the command."""
    try:
        main([str(word) for word in argv])
        code = 0
    except SystemExit as stop:
        code = stop.code or 0
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_score_json(capsys, seed_path):
    code, out, err = run(capsys, "score", seed_path, "--scorer", "lexicon", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert list(found) == ["article", "scorer", "model", *SCHEMAS]
    assert len(found["relations"]) == 4
    assert all(row["passage"] for row in found["relations"])


def test_score_targets(capsys, seed_path):
    _, out, _ = run(
        capsys, "score", seed_path, "--targets", "NATO", "--targets", "Russia",
        "--scorer", "lexicon", "--json",
    )  # fmt: skip
    assert [row["target"] for row in json.loads(out)["comparison"]] == ["NATO", "Russia"]


def test_score_for_people(capsys, seed_path):
    code, out, _ = run(capsys, "score", seed_path, "--scorer", "lexicon")
    assert code == 0
    assert out.startswith("Stoltenberg NATO (lexicon)")
    assert "comparison" in out


@pytest.mark.parametrize("task", ["relation", "stance", "bias"])
def test_evaluate_json(capsys, tmp_path, task):
    rows = {
        "relation": {"passage": "It rains.", "comment": "Not true.", "label": "disagree"},
        "stance": {"text": "A brilliant plan by Brandt.", "target": "Brandt", "label": "favor"},
        "bias": {"text": "A disgraceful, horrific betrayal!", "label": "biased"},
    }
    (tmp_path / "g.jsonl").write_text(json.dumps(rows[task]))
    code, out, _ = run(
        capsys, "evaluate", task, tmp_path / "g.jsonl", "--scorer", "lexicon", "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert {"n", "macro_f1", "accuracy", "per_class", "confusion", "coverage", "ece"} <= set(found)
    assert found["accuracy"] == 1


def test_label_says_what_was_recorded_and_where(capsys, tmp_path, seed_path):
    argv = ["label", seed_path, "1", "against", "--annotator", "ann", "--folder", tmp_path]
    code, out, err = run(capsys, *argv, "--task", "stance", "--target", "NATO")
    assert (code, out) == (0, f"{tmp_path / 'ann.jsonl'}\n")
    assert "comment 1 labeled against toward NATO" in err
    kept = json.loads((tmp_path / "ann.jsonl").read_text().splitlines()[-1])
    assert (kept["label"], kept["target"]) == ("against", "NATO")


def test_evaluate_marginalia(capsys, tmp_path):
    argv = ["evaluate", "marginalia", TWO_BLOCKS, "--scorer", "lexicon"]
    code, out, _ = run(capsys, *argv, "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found)[:3] == ["task", "scorer", "model"]
    assert list(found)[3:] == ["relation", "stance", "divergence", "baselines"]
    assert found["relation"]["n"] == 10
    assert list(found["stance"]) == ["all", "passages", "comments"]
    assert found["divergence"]["sign_n"] == 4
    assert list(found["baselines"]) == ["majority"]
    (tmp_path / "rows.json").write_text('{"rows_from_0": [1]}')
    code, out, _ = run(capsys, *argv, "--rows", tmp_path / "rows.json")
    assert code == 0
    assert "blocks_right:" in out
    assert "  n: 4\n" in out


def test_targets_and_models(capsys, seed_path):
    rows = json.loads(run(capsys, "targets", seed_path, "--json")[1])
    keys = ["name", "aliases", "why", "article_mentions", "comment_mentions"]
    assert [list(row) for row in rows] == [keys] * len(rows)
    assert {"NATO", "Russia"} <= {row["name"] for row in rows}
    nato = next(row for row in rows if row["name"] == "NATO")
    assert nato["why"].endswith("in comments, a name")
    assert min(nato["article_mentions"], nato["comment_mentions"]) > 1
    assert "Moscow" in next(row["aliases"] for row in rows if row["name"] == "Russia")
    assert "lexicon" in run(capsys, "models")[1]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["score", "none.txt"], "none.txt: no such file"),
        (["score", "."], "found a folder"),
        (["score", "{seed}", "--scorer", "oracle"], "found 'oracle'"),
        (["score", "{seed}", "--targets", " "], "an empty text"),
        (["evaluate", "stance", "none.jsonl"], "none.jsonl: cannot be read"),
        (["evaluate", "stance"], "evaluate stance: found no file"),
        (["evaluate", "marginalia", "{seed}"], "line 1: Invalid JSON"),
        (["report", "{seed}", "-p", "target", "NATO"], "unknown parameter 'target'"),
        (["report", "{seed}", "-p", "seed", "x"], "'seed': found 'x'"),
        (["report", "{seed}", "-p", "article", "x"], "give the article as an argument"),
        (["report", "{seed}", "-p", "seed"], "found no value"),
        (["report", "none.txt"], "none.txt: no such file"),
        (["evaluate", "mood", "x"], "mood"),
        (["tell"], "tell"),
        (["score"], "article"),
        (["score", "{seed}", "--nope"], "--nope"),
        (["score", "x" * 5000], "cannot be read"),
        (["report", "{seed}", "-p", "tables", "x"], "-p tables"),
        (["report", "{seed}", "-p", "aliases", "/nonexistent"], "/nonexistent: cannot be read"),
        (["score", "{seed}", "-p", "targets", "[0: ]]"], "-p: found '["),
        (["score", "{seed}", "-p", "targets", "[a: &x [1], *x]"], "-p: found '["),
        (["score", "{seed}", "-p", "targets", "[!!python/none x]"], "-p: found '["),
        (["score", "{seed}", "-p", "targets", "[" * 20_000], "20,000 characters, at most 300"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(capsys, tmp_path, seed_path, argv, says):
    argv = [word.format(seed=seed_path) for word in argv]
    out_folder = ["--out", str(tmp_path / "out")] if argv[0] == "report" else []
    code, out, err = run(capsys, argv[0], *out_folder, *argv[1:])
    assert code == 2
    assert out == ""
    assert says in err
    assert err.count("\n") == 1
    assert len(err) < 1100, "what was found is cut"
    assert err.startswith("counterpoint: ")
    assert not list(tmp_path.rglob("*.html"))


def test_message_of_ours_is_one_line(capsys):
    _, _, err = run(capsys, "score", "none\nsuch.txt")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "joined"),
    [
        (["-p", "seed", "3", "a.txt"], ["-p", "seed=3", "a.txt"]),
        (["-p", "seed=3", "a.txt"], ["-p", "seed=3", "a.txt"]),
        (["a.txt", "-p", "seed"], ["a.txt", "-p", "seed"]),
        (["--parameter", "markers", "Reply:"], ["-p", "markers=Reply:"]),
    ],
)
def test_parameters_have_papermills_form(argv, joined):
    assert join_parameters(argv) == joined


def test_parameters_given_again_make_a_list():
    assert given_parameters(["targets=NATO", "targets=Russia", "seed=3"]) == {
        "targets": ["NATO", "Russia"],
        "seed": "3",
    }
    assert given_parameters(["targets=[NATO, 'a, b']"]) == {"targets": ["NATO", "a, b"]}
    assert given_parameters(["markers=[Comment:"]) == {"markers": "[Comment:"}


def test_index_writes_the_page_of_all_reports(capsys, tmp_path):
    code, out, err = run(capsys, "index", tmp_path)
    assert (code, out, err) == (0, f"{tmp_path / 'index.html'}\n", "")
    code, out, err = run(capsys, "index", tmp_path / "none")
    assert (code, out) == (2, "")
    assert "found no folder" in err


def test_help_is_no_error(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert "evaluate" in out


def test_without_a_word_it_helps(capsys):
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    assert "Examples" in out
    assert "Reports and scores" in out


def test_version(capsys):
    assert run(capsys, "--version") == (0, f"counterpoint {cp.__version__}\n", "")


def test_help_of_report_lists_its_parameters(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    _, out, _ = run(capsys, "report", "--help")
    for name in set(ReportParams.model_fields) - {"article", "tables"}:
        assert f"{name}: " in out


def test_a_closed_pipe_is_no_traceback(seed_path):
    words = [sys.executable, "-m", "analysis", "score", seed_path, "--scorer", "lexicon", "--json"]
    done = subprocess.run(
        ["bash", "-c", f"{shlex.join(map(str, words))} | true"],
        capture_output=True, text=True, cwd=seed_path.parents[1],
    )  # fmt: skip
    assert done.stderr == ""


def test_convert_writes_what_reads_the_same(capsys, tmp_path, seed, seed_path):
    code, out, _ = run(capsys, "convert", seed_path, tmp_path / "seed.json")
    assert code == 0
    assert out.strip() == str(tmp_path / "seed.json")
    again = read(tmp_path / "seed.json")
    assert [(b.kind, b.text) for b in again.of_kind(Kind.PARAGRAPH)] == [
        (b.kind, b.text) for b in seed.of_kind(Kind.PARAGRAPH)
    ]
    assert run(capsys, "convert", seed_path, tmp_path / "seed.json")[0] == 2
    assert run(capsys, "convert", seed_path, tmp_path / "seed.json", "--force")[0] == 0


@pytest.fixture
def stood_in(monkeypatch):
    """Have the notebook's run stood in for, which test_report covers."""
    from analysis.runs import batch
    from analysis.runs.publish import write_manifest

    def make(params, out, *, stem, manifest, **_):
        folder = out / stem
        folder.mkdir(exist_ok=True)
        (out / f"{stem}.html").write_text("whole")
        write_manifest(folder, out / f"{stem}.html", manifest)
        return out / f"{stem}.html"

    monkeypatch.setattr(batch, "report", make)
    monkeypatch.setattr(batch, "MIN_FORKED", 99)  # no fork server


@pytest.fixture
def three(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(f"It rained on day {name}.")
    return tmp_path


LEXICON = ("-p", "scorer", "lexicon")


def test_dry_run_says_what_would_be_made_and_why(capsys, stood_in, three):
    out = three / "out"
    asked = ("report", str(three / "*.txt"), three / "none.md", "--out", out, *LEXICON)
    code, said, err = run(capsys, *asked, "--dry-run")
    assert (code, err) == (1, "")
    lines = said.splitlines()
    assert lines[:3] == [f"would make {three / name}.txt: new" for name in "abc"]
    assert lines[3].startswith(f"cannot make {three / 'none.md'}: ")
    assert not out.exists()
    run(capsys, *asked)
    (three / "b.txt").write_text("It snowed.")
    _, said, _ = run(capsys, *asked, "--dry-run", "-p", "seed", "3")
    assert f"would make {three / 'b.txt'}: input changed; parameter changed: seed" in said
    _, said, _ = run(capsys, *asked, "--dry-run")
    assert f"up to date {three / 'a.txt'}" in said
    _, said, _ = run(capsys, *asked, "--dry-run", "--force")
    assert f"would make {three / 'a.txt'}: forced" in said


def test_a_quiet_run_prints_results_alone(capsys, stood_in, three):
    code, out, err = run(capsys, "report", three, "--out", three / "out", *LEXICON, "--quiet")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 3


def test_a_run_of_many_prints_paths_and_logs_lines(capsys, stood_in, three):
    code, out, err = run(capsys, "report", three, "--out", three / "out", *LEXICON)
    assert code == 0
    assert sorted(out.splitlines()) == [str(three / "out" / f"{name}.html") for name in "abc"]
    lines = [line for line in err.splitlines() if line.startswith("[")]
    assert [line.split()[0] for line in lines] == ["[1/3]", "[2/3]", "[3/3]"]
    assert json.loads((three / "out" / "run.json").read_text())["counts"]["made"] == 3
    code, out, err = run(capsys, "report", three, "--out", three / "out", *LEXICON)
    assert code == 0
    assert err.count("up to date") == 3


def test_a_site_file_is_taken_and_the_command_line_goes_before_it(capsys, stood_in, three):
    site = three / "site.yaml"
    site.write_text("articles: '*.txt'\nout: there\nparameters: {seed: 5, scorer: lexicon}\n"
                    "corpus: false\n")  # fmt: skip
    code, out, _ = run(capsys, "report", "--site", site, "-p", "seed", "6")
    assert code == 0
    assert str(three / "there" / "a.html") in out.splitlines()
    manifest = json.loads((three / "there" / "a" / "manifest.json").read_text())
    assert manifest["parameters"]["seed"] == 6
    code, _, err = run(capsys, "report", three / "a.txt", "--site", site)
    assert code == 2
    assert "one or the other" in err


def test_a_base_url_names_the_card_or_is_refused_in_one_line(capsys, stood_in, three):
    asked = ("report", three / "a.txt", "--out", three / "out", *LEXICON)
    for url in ("example.org", "javascript:alert(1)", "https://x.org/?a=<b>"):
        code, out, err = run(capsys, *asked, "--base-url", url)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert f"--base-url: found {url!r}" in err
    assert run(capsys, *asked, "--base-url", "https://example.org/r")[0] == 0
    manifest = json.loads((three / "out" / "a" / "manifest.json").read_text())
    assert manifest["base_url"] == "https://example.org/r/"
    _, said, _ = run(capsys, *asked, "--dry-run")
    assert "base URL changed" in said


def test_some_failed_is_1_and_the_others_are_there(capsys, stood_in, three):
    code, out, err = run(
        capsys, "report", three / "a.txt", three / "none.txt", "--out", three / "out", *LEXICON
    )
    assert code == 1
    assert "none.txt: no such file" in err
    assert out.splitlines() == [str(three / "out" / "a.html")]


def test_a_secret_on_the_command_line_is_refused(capsys, stood_in, three, monkeypatch):
    monkeypatch.setenv("NEWS_API_KEY", "hunter2hunter2")
    code, out, err = run(
        capsys, "report", three, "--out", three / "out", *LEXICON, "-p", "targets", "hunter2hunter2"
    )
    assert (code, out) == (2, "")
    assert "NEWS_API_KEY" in err
    assert "hunter2" not in err
    assert not (three / "out").exists()


def test_values_in_a_list_stay_text():
    assert given_parameters(["targets=[0x_, 2024-02-30, null]"])["targets"] == [
        "0x_", "2024-02-30", "null",
    ]  # fmt: skip


def test_closed_standard_output_is_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "score", "seeds", "--json"],
        preexec_fn=lambda: __import__("os").close(1),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "counterpoint: standard output is closed; expected it open, at least to /dev/null\n"
    )


def test_an_endless_site_file_is_refused(capsys):
    code, _, err = run(capsys, "report", "--site", "/dev/zero")
    assert code == 2
    assert "found a device, expected a file" in err


def test_what_was_not_read_is_said_once_on_standard_error(capsys, tmp_path):
    page = Path(__file__).parent / "seeds" / "cases" / "annotations" / "w3c_page.json"
    code, out, err = run(capsys, "score", page, "--scorer", "lexicon", "--json")
    assert code == 0
    assert err == f"counterpoint: {page}: not read: comments that are kept elsewhere (1)\n"
    left = [{"what": "comments that are kept elsewhere", "count": 1}]
    assert json.loads(out)["article"]["left_out"] == left
    assert run(capsys, "targets", page)[2] == err
    assert run(capsys, "convert", page, tmp_path / "page.txt")[2] == err
