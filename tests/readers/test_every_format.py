"""Each fixture of each form goes all the way: read, scored by the command, named for a report."""

import json
import re

import pytest

from analysis.cli import main
from analysis.params import report_params
from analysis.readers import read, read_all, read_options
from analysis.readers.anchors import Origin
from analysis.readers.annotations import read_annotations
from analysis.readers.conversion import same, to_json, to_plain
from analysis.readers.files import articles_in
from analysis.readers.formats import SUFFIXES, read_data
from analysis.readers.inputs import expand_inputs
from analysis.readers.plain_text import read_plain_text
from analysis.runs.plan import ReportRequest, plan_all

COLUMNS = {"own_columns.xlsx": ("passage=Absatz", "comment=Kommentar", "date=Datum")}
NAMES = """
    bridge.docx bridge.html bridge.json bridge.md bridge.pdf long.csv long.parquet
    merged_cells.xlsx mojibake.txt no_article_element.html own_columns.xlsx text_and_quotes.jsonl
    typed_oddly.txt wide.tsv windows_1251.txt
""".split()  # bridge.txt is the text of bridge.json


def columns_of(name):
    return [word for column in COLUMNS.get(name, ()) for word in ("-p", "columns", column)]


def test_every_fixture_is_here_and_every_form_has_one(formats):
    assert sorted(NAMES) == sorted(path.name for path in articles_in(formats))
    forms = {SUFFIXES[re.search(r"\.\w+$", name)[0]] for name in NAMES}
    assert forms == set(SUFFIXES.values())


@pytest.mark.parametrize("name", NAMES)
def test_command_scores_it(formats, capsys, name):
    several = ["-p", "article_id", "long-bridge"] if name == "long.csv" else []
    words = ["score", str(formats / name), "--scorer", "lexicon", "--json"]
    with pytest.raises(SystemExit) as ended:
        main([*words, *columns_of(name), *several])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    comments = [b for b in found["article"]["blocks"] if b["kind"] == "commentary"]
    assert comments
    assert len(found["relations"]) <= len(comments)
    assert all(row["passage"] for row in found["relations"])
    english = name != "windows_1251.txt"
    assert found["scorer"]["vouched"] is english


@pytest.mark.parametrize("name", NAMES)
def test_read_and_convert_give_the_same(formats, check, name):
    columns = dict(column.split("=") for column in COLUMNS.get(name, ()))
    for reading in read_all(formats / name, columns=columns):
        check.reading(reading)
        origin = Origin("", reading.article.article_id)
        assert same(read_plain_text(to_plain(reading).encode(), origin), reading)
        assert same(read_annotations(to_json(reading).encode(), origin), reading)


def test_folder_of_mixed_forms_is_planned_to_a_report_each(formats, tmp_path):
    chosen = expand_inputs([str(formats)], {})
    requests = [
        ReportRequest(report_params(scorer="lexicon", **found)) for found in chosen.values()
    ]
    steps = plan_all(requests, tmp_path)
    assert [step.error for step in steps if step.error] == []
    names = {request.name for request in requests}
    assert len(names) == len(requests) == len(NAMES) + 1
    assert {"long-bridge", "long-ferry", "bridge-docx", "bridge-pdf", "long"} <= names
    for request in requests:
        if not request.params.article.endswith("own_columns.xlsx"):
            article = read(request.params.article, read_options(request.params))
            assert article.article_id == request.name


def test_examples_of_the_data_card_are_read(seed_path):
    card = (seed_path.parent / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^\*\*([^*]+)\*\*.*\n\n((?:    .*\n|\n)+)", card, re.MULTILINE)
    found = {name: re.sub(r"^    ", "", text, flags=re.MULTILINE) for name, text in examples}
    assert len(found) == 7
    said = "The vote was nine to eight."
    for name, text in found.items():
        path = {
            "Plain text": "a.txt", "Markdown": "a.md", "Web page": "a.html",
            "Web Annotation, Hypothes.is": "a.json", "Table, a comment a row": "a.csv",
            "Table, several comments a row": "a.csv",
        }.get(name, "a.jsonl")  # fmt: skip
        if path == "a.json":
            assert json.loads(text)["rows"][0]["text"] == said
            continue
        data = text.replace("\n ", "") if path == "a.jsonl" else text
        (reading,) = read_data(data.encode(), Origin(path, "a"))
        comments = [b.text for b in reading.article.blocks if b.kind == "commentary"]
        assert f"Comment: {said}" in comments, name
