import base64
import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import html5lib
import nbformat
import pandas as pd
import papermill
import pytest
from filelock import FileLock
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from analysis.errors import InputError, ParameterError, ReportError
from analysis.frames import SCHEMAS
from analysis.html.page import policy as page_policy
from analysis.html.page import script
from analysis.params import report_params
from analysis.runs import publish as publish_module
from analysis.runs.publish import NOTEBOOK, evaluation, export, report

ROOT = Path(__file__).parents[2]
TWO_BLOCKS = ROOT / "tests" / "quality" / "two_blocks.jsonl"
SEED = "seeds/000_9da5be969268c11d.txt"
HOSTILE = """{{ 7 * 7 }} <script>document.title = "no"</script> {% raw %}

The minister said "<img src=https://example.org/x.png onerror=alert(1)>" to NATO.

Comment: </style></main><script src="//example.org/x.js"></script> NATO is wrong \u202e{# & #}.

Comment: [click](javascript:alert(2)) NATO <a href="javascript:alert(3)" onclick=alert(4)>here</a>.
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("reports")
    params = report_params(article=SEED, targets=["NATO", "Russia"], scorer="lexicon")
    return report(params, out)


@pytest.fixture(scope="session")
def page(made):
    return made.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """Report hostile text of a hostile name, from a folder with an `analysis` of its own."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "analysis").mkdir()
    (folder / "analysis" / "__init__.py").write_text("raise SystemExit('not ours')")
    source = folder / "<b>{x} & 'y'.txt"
    source.write_text(HOSTILE, encoding="utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        params = report_params(article=source.name, targets=["NATO", "<i>"], scorer="lexicon")
        made = report(params, "o{u}t")
        return made.resolve()
    finally:
        os.chdir(before)


def tree_of(page):
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(page)
    assert [e[1] for e in parser.errors] == []
    return tree


def outputs_of(notebook):
    return [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]


def test_page_holds_the_sections_in_order(page):
    tree = tree_of(page)
    assert [h.text for h in tree.iter("h1")] == ["Stoltenberg NATO"]
    headings = [h.text for h in tree.iter("h2")]
    assert headings == [
        "The article and its comments",
        "Stance toward each target",
        "Voices and wording",
        "The clearest stances",
        "How far to trust this",
        "What this does not show",
    ]
    listed = [a.get("href") for nav in tree.iter("nav") for a in nav.iter("a")]
    inside = [href[1:] for href in listed if href.startswith("#")]
    assert inside[-1] == "What-this-does-not-show"
    assert set(inside) <= {node.get("id") for node in tree.iter()}
    assert len(tree.findall(".//figure")) == 5
    assert len(list(tree.iter("aside"))) == 4


def test_page_is_one_small_file_that_asks_nothing(page):
    assert len(page.encode()) < 500_000
    tree = tree_of(page)
    assert not [e for e in tree.iter() if e.tag in ("link", "iframe", "object", "img")]
    assert [e.text for e in tree.iter("script")] == [script("report")]
    for node in tree.iter():
        for name, value in node.attrib.items():
            assert not str(name).startswith("on")
            if name in ("src", "href", "action", "poster", "data", "srcset"):
                assert value.startswith(("#", "data:text/csv;")), (name, value[:80])
    assert "@import" not in page
    assert not re.findall(r"url\((?!#)", page)
    policy = tree.find(".//meta[@http-equiv]").get("content")
    assert policy == page_policy(script("report"))


def test_page_says_what_it_is(page):
    tree = tree_of(page)
    assert tree.get("lang") == "en"
    assert tree.find(".//title").text.startswith("Stoltenberg NATO")
    about = {m.get("property"): m.get("content") for m in tree.iter("meta") if m.get("property")}
    assert about["og:title"] == tree.find(".//title").text
    assert about["og:description"].startswith("Of four comments, three disagree")
    assert tree.find(".//meta[@name='description']").get("content") == about["og:description"]
    assert tree.find(".//meta[@name='viewport']") is not None
    assert tree.find(".//body/a").get("href") == "#" + tree.find(".//main").get("id")


def test_a_card_is_named_only_where_its_address_is_known(page, made, tmp_path):
    assert "og:image" not in page
    assert "twitter:card" not in page
    notebook = nbformat.read(made.with_suffix("") / "article-report.ipynb", as_version=4)
    address = 'https://example.org/a%20"b/card.png'
    tree = tree_of(export(notebook, "A <title>", description="x", image=address))
    about = {m.get("property"): m.get("content") for m in tree.iter("meta")}
    assert about["og:image"] == address
    assert (about["og:image:width"], about["og:image:height"]) == ("1200", "630")
    assert tree.find(".//meta[@name='twitter:card']").get("content") == "summary_large_image"


def test_the_address_of_a_card_is_that_of_its_folder(monkeypatch, tmp_path):
    def execute(final, notebook, given, running):
        folder = Path(given["tables"])
        (folder / "card.png").write_bytes(b"")
        done = nbformat.v4.new_notebook()
        done.metadata.papermill = nbformat.from_dict({"parameters": {}})
        return done

    monkeypatch.setattr(publish_module, "execute_for", execute)
    made = publish_module.publish(
        NOTEBOOK, {}, tmp_path / "a & b", title="A", base_url="https://example.org/r/"
    )
    assert 'og:image" content="https://example.org/r/a%20%26%20b/card.png"' in made.read_text()


def test_pages_exported_at_once_do_not_meet():
    def notebook(n):
        cells = [nbformat.v4.new_markdown_cell(f"# Title {n}\n\n*{n}* <b> {n}") for _ in range(9)]
        return nbformat.v4.new_notebook(cells=cells)

    alone = [export(notebook(n), f"Title {n}", description=str(n)) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        pages = pool.map(lambda n: export(notebook(n), f"Title {n}", description=str(n)), range(24))
        assert list(pages) == alone
    assert len(set(alone)) == 24


def test_page_holds_no_code_and_no_stream(page):
    assert "import analysis" not in page
    assert "Warning" not in page
    assert page.count(".cp-opening h1 {") == 1, "one style sheet"


def test_provenance_is_whole(page, made):
    text = " ".join(
        "".join(
            tree_of(page).find(".//details[@class='cp cp-fold cp-provenance']").itertext()
        ).split()
    )
    assert hashlib.sha256((ROOT / SEED).read_bytes()).hexdigest() in text
    assert "lexicon scorer, version" in text
    assert "targets = ('NATO', 'Russia')" in text
    assert "counterpoint report seeds/000_9da5be969268c11d.txt" in text
    assert re.search(r"Made\d{4}-\d\d-\d\d \d\d:\d\d UTC", text)
    assert "papermill 2" in text
    assert "The folder of the page’s name: every table as CSV and Parquet" in text
    assert "annotations.jsonld" in text


def test_limits_and_score_are_named_plainly(page):
    text = " ".join("".join(tree_of(page).find(".//main").itertext()).split())
    assert "word list" in text
    assert "not calibrated" in text
    assert "confidence 0." not in text


def test_reader_can_unfold_what_carries_each_relation_and_stance(page):
    tree = tree_of(page)
    for note in tree.iter("aside"):
        assert re.fullmatch(r"Why “\w+”\?", note.find("details/summary").text)
    first = "".join(tree.find(".//aside/details/div").itertext())
    assert re.search(r"Without the word, the score of “\w+” changes by\w+ −0\.\d\d", first)
    sentences = tree.find(".//div[@class='cp cp-sentences']")
    assert len(list(sentences.iter("details"))) == len(list(sentences.iter("blockquote"))) > 0
    assert list(sentences.iter("mark"))


def test_tables_figures_and_notebook_lie_beside_the_page(made):
    folder = made.with_suffix("")
    names = {path.name for path in folder.iterdir()}
    frames = {f"{name}.{end}" for name in SCHEMAS for end in ("csv", "parquet")}
    drawn = ("targets", "flow", "voices", "loaded", "cues")
    figures = {f"figure-{name}.{end}" for name in drawn for end in ("csv", "svg", "png")}
    others = {"article-report.ipynb", "speakers.csv", "summary.json", "annotations.jsonld"}
    others |= {"against-gold.csv", "card.png", "card.svg"}
    assert names == frames | figures | others
    assert sorted(p.name for p in made.parent.iterdir()) == [folder.name, made.name]
    relations = pd.read_parquet(folder / "relations.parquet")
    assert len(relations) == 4


def test_downloads_in_the_page_are_the_tables(page, made):
    links = {a.get("download"): a.get("href") for a in tree_of(page).iter("a") if a.get("download")}
    assert set(links) == {
        "against-gold.csv",
        "relations.csv",
        "comparison.csv",
        "figure-targets.csv",
        "figure-flow.csv",
        "figure-voices.csv",
        "figure-loaded.csv",
        "figure-cues.csv",
        "speakers.csv",
    }
    for name, href in links.items():
        saved = (made.with_suffix("") / name).read_bytes()
        assert base64.b64decode(href.partition(",")[2]) == saved


def test_executed_notebook_holds_the_values_and_no_fault(made):
    notebook = nbformat.read(made.with_suffix("") / "article-report.ipynb", as_version=4)
    kinds = {output.output_type for output in outputs_of(notebook)}
    assert kinds == {"execute_result"}
    comparison = pd.read_csv(made.with_suffix("") / "comparison.csv")
    html = "".join(o.data.get("text/html", "") for o in outputs_of(notebook))
    assert list(comparison.target) == ["NATO", "Russia"]
    for score in comparison.author_score:
        assert f"{score:.2f}".replace("-", "−") in html
    injected = next(
        c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])
    )
    assert ".making-" not in injected.source
    assert ".making-" not in str(notebook.metadata)
    assert notebook.metadata.papermill.input_path == "notebooks/article-report.ipynb"


def test_hostile_text_and_names_stay_text(hostile):
    page = hostile.read_text(encoding="utf-8")
    tree = tree_of(page)
    tags = {e.tag for e in tree.iter() if isinstance(e.tag, str)}
    assert not tags & {"img", "iframe"}
    assert [e.text for e in tree.iter("script")] == [script("report")]
    assert {e.get("class") for e in tree.iter("i")} <= {"cp-scale"}
    assert not [e for e in tree.iter() if any(str(n).startswith("on") for n in e.attrib)]
    hrefs = [a.get("href") for a in tree.iter("a")]
    assert all(h.startswith(("#", "data:text/csv;")) for h in hrefs)
    text = "".join(tree.find(".//main").itertext())
    for piece in ("{{ 7 * 7 }}", "{% raw %}", "{# & #}", "javascript:alert(3)", "<b>{x} & 'y'.txt"):
        assert piece in text
    assert hostile.parent.name == "o{u}t"


def test_page_links_to_the_pages_beside_it():
    links = {"index.html": "All <reports>", "method.html": "Method"}
    tree = tree_of(export(nbformat.v4.new_notebook(), "A title", links=links))
    nav = tree.find(".//nav[@aria-label='Pages in the same folder']")
    assert {a.get("href"): a.text for a in nav.iter("a")} == links
    assert tree_of(export(nbformat.v4.new_notebook(), "A title")).find(".//nav") is None


def test_a_second_report_takes_the_place_of_the_first(tmp_path, monkeypatch, made):
    executed = nbformat.read(made.with_suffix("") / "article-report.ipynb", as_version=4)
    monkeypatch.setattr("analysis.runs.execution.execute", lambda *_: executed)
    first = report(report_params(article=SEED), tmp_path)
    (first.with_suffix("") / "stale.csv").write_text("old")
    second = report(report_params(article=SEED), tmp_path)
    assert first == second
    assert {p.name for p in tmp_path.iterdir()} == {first.name, first.stem}
    assert not (first.with_suffix("") / "stale.csv").exists()


def test_evaluation_page_sets_the_scorer_beside_the_baselines(tmp_path):
    path = evaluation("lexicon", [f"marginalia:{TWO_BLOCKS}"], tmp_path)
    assert path.name == "evaluation-lexicon.html"
    tree = tree_of(path.read_text(encoding="utf-8"))
    text = " ".join("".join(tree.find(".//main").itertext()).split())
    assert [h.text for h in tree.iter("h1")] == ["The lexicon scorer"]
    for said in (
        "On 3 of 3 sets",
        "majority",
        "Does it lean?",
        "Swapping rivals' names",
        "How does it do on Marginalia?",
    ):
        assert said in text
    scores = pd.read_csv(path.with_suffix("") / "scores.csv")
    assert set(scores["scorer"]) == {"lexicon", "majority"}
    for value in scores["macro_f1"]:
        assert f"{value:.2f}" in text
    names = {file.name for file in path.with_suffix("").iterdir()}
    assert {"swap-audit.json", "marginalia.json"} <= names


def test_evaluation_of_rows_that_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"none\.jsonl: cannot be read"):
        evaluation("lexicon", ["bias:none.jsonl"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_old_leftovers_of_a_killed_run_are_removed(tmp_path, monkeypatch, made):
    executed = nbformat.read(made.with_suffix("") / "article-report.ipynb", as_version=4)
    monkeypatch.setattr("analysis.runs.execution.execute", lambda *_: executed)
    old, new, slow = (tmp_path / f".making-{name}" for name in ("old", "new", "slow"))
    for folder in (old, new, slow):
        folder.mkdir()
    with FileLock(slow / "lock"):  # as the run does that is at work there
        for folder in (old, slow):
            os.utime(folder, (0, 0))
        report(report_params(article=SEED), tmp_path)
        assert not old.exists()
        assert new.exists()
        assert slow.exists()
    os.utime(slow, (0, 0))
    report(report_params(article=SEED), tmp_path)
    assert not slow.exists()


def test_a_folder_in_the_pages_place_is_told_and_nothing_is_lost(tmp_path, made):
    page = tmp_path / made.name
    page.mkdir()
    (tmp_path / made.stem).mkdir()
    (tmp_path / made.stem / "old.csv").write_text("kept")
    with pytest.raises(ReportError, match="found a folder"):
        report(report_params(article=SEED), tmp_path)
    assert (tmp_path / made.stem / "old.csv").read_text() == "kept"


def test_plain_papermill_refuses_an_unknown_parameter(tmp_path):
    with pytest.raises(PapermillExecutionError, match="unknown parameter 'nosuch'"):
        papermill.execute_notebook(
            str(NOTEBOOK), str(tmp_path / "o.ipynb"), {"nosuch": 3}, kernel_name="python3",
            progress_bar=False, cwd=str(ROOT),
        )  # fmt: skip


def test_an_article_that_would_take_the_index_pages_place_is_refused(tmp_path):
    source = tmp_path / "index.txt"
    source.write_text("It rained.\n\nComment: It did not.\n")
    with pytest.raises(InputError, match="replace the index page"):
        report(report_params(article=str(source)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_article_is_told_before_a_kernel_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(papermill, "execute_notebook", None)
    with pytest.raises(InputError, match=r"none\.txt"):
        report(report_params(article="none.txt"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_our_error_in_the_kernel_keeps_its_own_line(tmp_path):
    broken = tmp_path / "aliases.yaml"
    broken.write_text("[1, 2]")
    with pytest.raises(
        ParameterError, match=r"aliases\.yaml: found list; expected lines"
    ) as raised:
        report(report_params(article=SEED, aliases=str(broken)), tmp_path / "out")
    assert "\n" not in str(raised.value)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            PapermillExecutionError(3, 2, "x", "ValueError", "bad\nvalue", []),
            "cell 2 failed with ValueError: bad value",
        ),
        (DeadKernelError("Kernel died"), "DeadKernelError: Kernel died"),
        (CellTimeoutError("too\nslow"), "CellTimeoutError: too slow"),
        (NoSuchKernel("python3"), "NoSuchKernel"),
        (RuntimeError("died before replying"), "RuntimeError"),
    ],
)
def test_faults_of_the_kernel_are_one_clear_line(tmp_path, monkeypatch, fault, told):
    def fail(*args, **kwargs):
        raise fault

    monkeypatch.setattr(papermill, "execute_notebook", fail)
    with pytest.raises(ReportError) as raised:
        report(report_params(article=SEED), tmp_path)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="could not be written"):
        report(report_params(article=SEED), tmp_path / "file" / "out")
