import html5lib
import nbformat
import papermill
import pytest

from analysis.corpus import sections
from analysis.corpus.changes import changes_since
from analysis.corpus.loading import read_corpus
from analysis.corpus.tables import save
from analysis.runs.publish import NOTEBOOKS, publish


def words(part):
    tree = html5lib.parseFragment(str(part), namespaceHTMLElements=False)
    return " ".join("".join(tree.itertext()).split())


def hrefs(part):
    tree = html5lib.parseFragment(str(part), namespaceHTMLElements=False)
    return [a.get("href") for a in tree.iter("a") if not a.get("download")]


def test_the_finding_says_no_more_than_the_intervals(reports, made):
    said = corpus_finding = sections.finding(read_corpus(reports))
    assert said[0] == "Of 12 comments, 4 disagree with what they answer and 8 are neutral."
    assert said[-1] == "No difference can be shown toward NATO."
    for n in range(12):
        made.write(reports, f"r{n}", stances=made.sides("NATO", 0.5, -0.3 - n / 100))
    (said,) = sections.finding(read_corpus(reports))
    assert said.startswith("Over all articles, the comments are less favorable toward NATO (−0.8")
    assert said.endswith("than the authors (with 95% intervals).")
    assert corpus_finding != [said]


def test_obstacles_to_a_comparison_are_named(reports, made):
    made.write(reports, "alone", scorer="other 2", about={"outlet": "third"})
    made.write(reports, "nowhere")
    read = read_corpus(reports)
    said = " ".join(sections.warnings(read))
    assert "made with 2 scorers or versions (other 2 and x 1)" in said
    assert "1 article without a known outlet." in said
    assert "2 articles without a date." in said
    assert "Nothing can be shown for third: fewer than 3 articles each." in said
    assert "Before you read on" in words(sections.opening(read))


def test_rows_lead_to_their_reports(reports, tmp_path, made):
    assert hrefs(sections.disputed(read_corpus(reports))) == ["./r3.html"]
    for n in range(9):
        made.write(tmp_path / "far", f"r{n}", stances=made.sides("NATO", 0.0, n / 100))
    made.write(tmp_path / "far", "x", stances=made.sides("NATO", -0.9, 0.9), title="<i>Far</i>")
    part = sections.outliers(read_corpus(tmp_path / "far"))
    assert hrefs(part) == ["./x.html"]
    assert "<i>Far</i>" in words(part), "a title stays text"
    assert "&lt;a href" not in str(part)


def test_a_folders_name_is_never_code(reports, made):
    made.write(reports, "javascript:alert(1)", relations=[made.relation("P.", "disagree", 1.0)] * 9)
    assert hrefs(sections.disputed(read_corpus(reports)))[0] == "./javascript%3Aalert%281%29.html"


def test_changes_are_named(reports, tmp_path, made):
    save(read_corpus(reports), tmp_path)
    made.write(reports, "new", stances=made.sides("NATO", 0.9, -0.9))
    (reports / "r5" / "manifest.json").unlink()
    read = read_corpus(reports)
    changes = changes_since(read, tmp_path)
    part = sections.changed(read, changes, top=True)
    assert "New: 1 newGone: 1 r5NATO: difference" in words(part)
    assert hrefs(part) == ["./new.html"], "what is gone has no page to lead to"
    assert words(sections.changed(read, changes, top=False)) == ""


def test_where_nothing_changed_it_is_said_at_the_end(reports, tmp_path):
    read = read_corpus(reports)
    nothing = changes_since(read, "none")
    assert words(sections.changed(read, nothing, top=True)) == ""
    assert "no earlier corpus report" in words(sections.changed(read, nothing, top=False))
    save(read, tmp_path)
    same = sections.changed(read, changes_since(read, tmp_path), top=False)
    assert "Nothing: the same articles" in words(same)


def test_the_headline_names_what_is_shown(reports, made):
    read = read_corpus(reports)
    assert words(sections.opening(read)).startswith(
        "Articles and commentsWhere comments and authors differ in 12 articles from 2 outlets"
        "12 comments · 1 target · January 5, 2024 to December 5, 2024"
    )
    for n in range(9):
        made.write(reports, f"t{n}", stances=made.sides(f"target {n}", 0.1, 0.2))
    assert "8 of 10 targets, those in most" in words(sections.opening(read_corpus(reports)))


def test_a_long_passage_is_cut_around_what_the_comment_speaks_of(reports, made):
    passage = "Rain fell on the town. " * 20 + "The harbor master denied the leak. It is dry."
    told = "The leak was real, whatever the harbor master says."
    relation = made.relation(passage, "disagree", 0.99, commentary=told)
    made.write(reports, "long", relations=[relation] * 9)
    assert "The harbor master denied the leak." in words(sections.disputed(read_corpus(reports)))


def test_empty_sections_say_so(tmp_path, made):
    made.write(tmp_path, "a")
    read = read_corpus(tmp_path)
    for part in (sections.overall, sections.disputed, sections.quoting, sections.outliers):
        assert words(part(read)).startswith("No ")


def test_provenance_names_scorer_and_seed(reports):
    text = words(sections.provenance(read_corpus(reports, seed=7)))
    assert "0.95, 7" in text
    assert "x 1" in text


@pytest.fixture(scope="module")
def page(tmp_path_factory, made):
    folder = tmp_path_factory.mktemp("corpus")
    for n in range(9):
        made.write(folder, f"r{n}", stances=made.sides("NATO", 0.5, -n / 10), about={
            "outlet": "a" if n < 4 else "b", "date": f"2024-0{n + 1}-01"},
            relations=[made.relation("Ships left.", "disagree", 0.9)])  # fmt: skip
    given = {"reports": str(folder), "before": "", "targets": ["NATO"]}
    return publish(NOTEBOOKS / "corpus-report.ipynb", given, folder / "corpus-report", title="All")


def test_the_page_has_its_sections_and_files(page):
    tree = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert [h.text for h in tree.iter("h1")] == [
        "Where comments and authors differ in 9 articles from 2 outlets"
    ]
    assert [h.text for h in tree.iter("h2")] == [
        "Where comments and authors differ",
        "The most disputed passages",
        "By group",
        "Over time",
        "Articles that stand apart",
        "The most one-sided quoting",
        "What changed since the last run",
        "Where this report comes from",
        "What this does not show",
    ]
    assert len(tree.findall(".//figure")) == 2
    links = [a.get("href") for a in tree.iter("a")]
    assert all(link.startswith(("#", "data:text/csv;", "./r")) for link in links)
    names = {p.name for p in page.with_suffix("").iterdir()}
    assert {"overall.csv", "articles.csv", "figure-heat-map.svg", "corpus-report.ipynb"} <= names
    notebook = nbformat.read(page.with_suffix("") / "corpus-report.ipynb", as_version=4)
    kinds = {o.output_type for c in notebook.cells if c.cell_type == "code" for o in c.outputs}
    assert kinds == {"execute_result"}, "no stream, no warning, no error"


def test_the_notebooks_parameters_are_described():
    inspected = papermill.inspect_notebook(str(NOTEBOOKS / "corpus-report.ipynb"))
    assert set(inspected) == {
        "reports", "before", "targets", "group_by", "since", "until", "confidence_level", "seed",
        "tables",
    }  # fmt: skip
    assert all(parameter["help"] for parameter in inspected.values())
