import json
import re
from dataclasses import fields

import pytest

from analysis.errors import InputError
from analysis.readers import articles_in, read, read_with_anchors
from analysis.readers.formats import SUFFIXES
from analysis.readers.limits import Limits

ROW = {"text": "No.", "target": [{"source": "flood.txt"}]}


@pytest.mark.parametrize(
    ("text_name", "json_name"),
    [
        ("flood.txt", "flood.json"), ("flood.md", "flood.json"), ("flood.html", "flood.jsonld"),
        ("flood.txt", "flood.hypothesis.json"), ("flood.txt", "other.json"),
    ],
)  # fmt: skip
def test_text_beside_annotations(tmp_path, text_name, json_name):
    (tmp_path / text_name).write_text(
        "<html><p>It rained.</p>" if "html" in text_name else "It rained."
    )
    (tmp_path / json_name).write_text(json.dumps([ROW]))
    assert read(tmp_path / json_name).raw == "It rained.\n\nComment: No."


def test_folder_of_mixed_forms(formats):
    names = [path.name for path in articles_in(formats)]
    assert "bridge.json" in names
    assert "bridge.pdf" in names
    assert "bridge.txt" not in names, "it is the text of bridge.json"
    assert names == sorted(names)
    with pytest.raises(InputError, match="found no folder"):
        articles_in(formats / "bridge.txt")


def test_about_tells_the_encoding_and_what_was_repaired(formats, check):
    cyrillic = read_with_anchors(formats / "windows_1251.txt")
    assert cyrillic.about == {"encoding": "cp1251"}
    assert cyrillic.article.title == "Совет одобрил мост через гавань"
    assert cyrillic.article.language == "ru"
    mended = read_with_anchors(formats / "mojibake.txt")
    assert mended.about == {"repaired": "mojibake in 3 of 6 lines (ftfy)"}
    assert "it doesn’t matter and that Zoë’s guests" in mended.article.raw
    for reading in (cyrillic, mended):
        check.reading(reading)


def test_soft_hyphens_and_unbreakable_spaces_stay(formats, check):
    reading = read_with_anchors(formats / "typed_oddly.txt")
    check.reading(reading)
    assert reading.article.title == "The har\u00adbour opens"
    assert reading.article.blocks[2].lead == len("Comment:\u00a0")
    assert reading.about == {}


def test_examples_of_the_document_work(monkeypatch, formats):
    root = formats.parents[2]
    monkeypatch.chdir(root)
    text = (root / "docs" / "formats.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {}
    exec(compile(code, "formats.md", "exec"), names)
    assert names["article"].raw == names["reading"].article.raw
    assert any(block.answers for block in names["article"].blocks)
    assert len(names["readings"]) == 2
    for suffix in SUFFIXES:
        assert f"`{suffix}`" in text or not suffix or suffix == ".text"
    for limit in fields(Limits):
        assert f"`{limit.name}`" in text or limit.name == "links"
