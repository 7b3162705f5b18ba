import json

import pytest

import analysis as cp
from analysis.errors import InputError
from analysis.readers import ReadOptions
from analysis.readers.options import DEFAULT_OPTIONS
from analysis.scale.articles import article_in, month_of
from analysis.scale.sources import sources
from tests.corpora import text, write_jsonl


def taken(tmp_path, *found, options=DEFAULT_OPTIONS):
    (source,) = sources([write_jsonl(tmp_path / "corpus.jsonl", found)])
    return [article_in(source, row, options) for row in source.rows()]


def test_a_text_is_read_as_a_file_of_it(tmp_path):
    words = text(1) + "\n\nReply: Café, “no”."
    path = tmp_path / "a1.txt"
    path.write_text(words, encoding="utf-8")
    options = ReadOptions(markers=("Reply:",))
    (article,) = taken(tmp_path, {"id": "a1", "text": words}, options=options)
    same = cp.read(path, markers=("Reply:",))
    assert article.raw == same.raw
    assert article.blocks == same.blocks
    assert (article.article_id, article.title, article.sha256, article.language) == (
        same.article_id, same.title, same.sha256, same.language,
    )  # fmt: skip


def test_metadata_of_the_row_goes_before_that_of_the_text(tmp_path):
    row = {"id": 1, "text": text(1), "title": "Own", "source": "Herald\n2", "lang": "en-GB"}
    (article,) = taken(tmp_path, row | {"date": "2025-03-07", "author": None})
    assert (article.title, article.language) == ("Own", "en-GB")
    assert dict(article.about) == {"outlet": "Herald 2", "date": "2025-03-07"}


def test_a_file_of_any_form_is_read_by_reference(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text(
        "<html><article><h1>Grain</h1><p>NATO met in Oslo.</p><p>Comment: Again.</p></article>"
    )
    (article,) = taken(tmp_path, {"path": "sub/page.html"})
    same = cp.read(tmp_path / "sub" / "page.html")
    assert (article.article_id, article.blocks) == ("page", same.blocks)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "found no text"),
        ({"text": ""}, "found no text"),
        ({"text": " \n"}, "found no text"),
        ({"text": 7}, "text: found int; expected a text"),
        ({"text": ["x"]}, "text: found list; expected a text"),
        ({"text": "a\0b"}, "found NUL bytes"),
        ({"text": "\ud800"}, "half a surrogate pair"),
        ({"text": "x" * 1_000_001}, "found 1,000,001 bytes; expected at most 1,000,000"),
        ({"path": "none.txt"}, "no such file"),
        ({"path": "a\0b"}, "expected the name of a file"),
        ({"path": "/etc/hostname"}, "expected a file in the folder of the table"),
        ({"path": "../secret.txt"}, "expected a file in the folder of the table"),
        ({"path": "link.txt"}, "expected a file in the folder of the table"),
        ({"path": "corpus.jsonl"}, "expected"),
    ],
    ids=lambda value: json.dumps(value)[:30],
)
def test_a_row_without_an_article_says_why_in_one_line(tmp_path, row, said):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("Secret.")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InputError, match=said) as caught:
        taken(folder, {"id": "a", **row})
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "month"),
    [
        ("2025-03-07", "2025-03"), ("2025-03-07T10:00:00Z", "2025-03"), ("2025-03", "2025-03"),
        ("2025-13-01", ""), ("2025-13", ""), ("7 March 2025", "2025-03"),
        ("spring 2025", ""), ("", ""),
    ],
)  # fmt: skip
def test_month_of_a_date_or_none(said, month):
    assert month_of(said) == month
