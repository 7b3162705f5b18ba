import shutil

import pytest

from analysis.errors import InputError, ParameterError
from analysis.readers import read
from analysis.readers.inputs import expand_inputs


def test_table_gives_each_of_its_articles(formats):
    path = str(formats / "long.csv")
    assert expand_inputs([path], {}) == {
        f"{path}: long-bridge": {"article": path, "article_id": "long-bridge"},
        f"{path}: long-ferry": {"article": path, "article_id": "long-ferry"},
    }
    assert expand_inputs([path], {"article_id": "long-ferry"}) == {path: {"article": path}}
    one = str(formats / "wide.tsv")
    assert expand_inputs([one, one], {}) == {one: {"article": one}}


def test_columns_count_for_which_articles_a_table_has(tmp_path):
    (tmp_path / "a.csv").write_text("nr;Absatz;comment\n1;It rained.;No.\n2;It snowed.;Yes.\n")
    path = str(tmp_path / "a.csv")
    chosen = expand_inputs([path], {"columns": ["article=nr", "passage=Absatz"]})
    assert [c["article_id"] for c in chosen.values()] == ["a-1", "a-2"]
    assert expand_inputs([path], {}) == {path: {"article": path}}, "its report says what is wrong"


def test_folder_gives_what_a_reader_takes(tmp_path, formats):
    for name in ("bridge.docx", "bridge.json", "bridge.txt", "long.csv"):
        shutil.copy(formats / name, tmp_path)
    (tmp_path / "README.md").write_text("Not an article.")
    (tmp_path / ".hidden.txt").write_text("Nor this.")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "below").mkdir()
    shutil.copy(formats / "bridge.md", tmp_path / "below")
    chosen = expand_inputs([str(tmp_path)], {})
    names = [name.removeprefix(f"{tmp_path}/") for name in chosen]
    assert names == [
        "bridge.docx", "bridge.json", "long.csv: long-bridge", "long.csv: long-ferry",
        "below/bridge.md",
    ]  # fmt: skip


def test_files_that_share_a_name_have_ids_of_their_own(tmp_path, formats):
    (tmp_path / "a").mkdir()
    for name in ("bridge.docx", "bridge.md", "a/bridge.md", "wide.tsv"):
        shutil.copy(formats / name.rpartition("/")[2], tmp_path / name)
    chosen = expand_inputs([str(tmp_path)], {})
    assert [c.get("article_id") for c in chosen.values()] == [
        "bridge-docx", "bridge-md", None, "a-bridge-md",
    ]  # fmt: skip
    for parameters in chosen.values():
        article = read(parameters["article"], article_id=parameters.get("article_id", ""))
        assert article.article_id == parameters.get("article_id", "wide")
    one_by_one = [parameters["article"] for parameters in chosen.values()]
    assert expand_inputs([*one_by_one, one_by_one[0]], {}) == chosen


def test_patterns_are_the_files_that_fit_and_the_rest_stays(tmp_path):
    for name in ("in/gazette/2021-02-01-a.txt", "in/courier/2021-02-01-b.txt", "other/c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("It rained.")
    given = [str(tmp_path / "in" / "*" / "2021-02-01*"), str(tmp_path / "other"), "x.txt"]
    assert [name.removeprefix(f"{tmp_path}/") for name in expand_inputs(given, {})] == [
        "in/courier/2021-02-01-b.txt",
        "in/gazette/2021-02-01-a.txt",
        "other/c.txt",
        "x.txt",
    ]
    odd = tmp_path / "a[1].txt"
    odd.write_text("It rained.")
    assert list(expand_inputs([str(odd)], {})) == [str(odd)], "a file of that very name"


def test_reports_within_a_folder_of_articles_are_no_articles(tmp_path):
    for name in ("b.txt", "reports/b.html", "reports/b/relations.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("It rained.")
    for named in (tmp_path, tmp_path / "**"):
        chosen = expand_inputs([str(named)], {}, out=tmp_path / "reports")
        assert list(chosen) == [str(tmp_path / "b.txt")]


def test_folder_or_pattern_without_an_article(tmp_path):
    for named in (tmp_path, tmp_path / "*.docx"):
        with pytest.raises(ParameterError, match="found no file that fits"):
            expand_inputs([str(named)], {})


def test_address_is_one_line(tmp_path):
    for address in ("https://example.org/a", "https://example.org/a*b?c=1"):
        with pytest.raises(InputError, match="found an address; expected a file"):
            expand_inputs([address], {})
