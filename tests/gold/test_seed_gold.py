"""The seed's gold agrees with the seed, its card with its labels, and none of it holds its text."""

import csv
import io
import json

import pytest

from analysis.gold.labels import annotators, labels_in
from analysis.paths import GOLD

FOLDER = GOLD / "seed"


@pytest.fixture
def write(tool, tmp_path, monkeypatch):
    """Return the tool, working on a copy of the gold."""
    tool_ = tool("write_seed_gold")
    for path in FOLDER.iterdir():
        if not path.name.startswith("."):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(tool_, "FOLDER", tmp_path)
    return tool_


def test_card_and_gold_are_what_the_tool_writes(tool, capsys):
    assert tool("write_seed_gold").main(["--check"]) == 0, capsys.readouterr().err


def test_every_question_gives_back_its_text(tool, seed):
    asked = tool("write_seed_gold").items()
    assert len({i.item_id for i in asked}) == len(asked) == 262
    for i in asked:
        assert i.article_sha256 == seed.sha256
        assert all(text.strip() for text in i.texts(seed.raw))


def test_no_file_holds_a_sentence_of_the_article(seed):
    sentences = [s for s in seed.raw.replace("\n", " ").split(". ") if len(s) > 40]
    for path in FOLDER.glob("*.jsonl"):
        text = path.read_text(encoding="utf-8")
        assert not [s for s in sentences if s in text]


def test_every_annotator_labeled_every_question(tool):
    asked = {i.item_id for i in tool("write_seed_gold").items()}
    logs = annotators(FOLDER)
    assert "annotator-a" in logs
    assert all(set(labels_in(path)) == asked for path in logs.values())


def test_a_second_pass_is_taken_measured_and_settled(write, capsys, tmp_path):
    for left in ("annotator-b", "adjudicated"):
        (tmp_path / f"{left}.jsonl").unlink(missing_ok=True)
    write.main(["items"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out), delimiter="\t"))
    first = {k: f.label for k, f in labels_in(tmp_path / "annotator-a.jsonl").items()}
    for row, asked in zip(rows, write.items(), strict=True):
        assert row["label"] == ""
        row["label"] = first[asked.item_id]
    changed = next(row for row in rows if row["label"] == "favor")
    changed["label"] = "none"
    sheet = tmp_path / "sheet.tsv"

    def save(some):
        with sheet.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], delimiter="\t")
            writer.writeheader()
            writer.writerows(some)

    save(rows[:-1])
    with pytest.raises(SystemExit, match="261: found label None"):
        write.main(["take", "annotator-b", str(sheet)])
    save(rows)
    write.main(["take", "annotator-b", str(sheet)])
    with pytest.raises(SystemExit, match="never written over"):
        write.main(["take", "annotator-b", str(sheet)])
    assert write.main([]) == 0
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| stance | 215 | 99.5% |" in card
    assert "settles 0 of 1 disputes" in card
    assert len((tmp_path / "gold.jsonl").read_text(encoding="utf-8").splitlines()) == 261
    capsys.readouterr()
    write.main(["disputes"])
    (dispute,) = csv.DictReader(io.StringIO(capsys.readouterr().out), delimiter="\t")
    assert dispute["number"] == changed["number"]
    assert "annotator-a: favor" in dispute["said"]
    assert "annotator-b: none" in dispute["said"]
    save([changed | {"label": "favor"}])
    write.main(["take", "adjudicated", str(sheet)])
    assert write.main([]) == 0
    gold = [json.loads(line) for line in (tmp_path / "gold.jsonl").open(encoding="utf-8")]
    assert [r["by"] for r in gold].count("adjudicated") == 1
    assert len(gold) == 262
    (tmp_path / "gold.jsonl").write_text("", encoding="utf-8")
    assert write.main(["--check"]) == 1
