import html5lib
import pytest

from analysis.errors import ReportError
from analysis.html.page import policy
from analysis.runs.method import method_page, write_method

CARD = """# Tiny: a model

See [the data](../data.md), [the paper](https://example.org/p) and <script>alert(1)</script>.

## How it *was* made

| set | rows |
|---|--:|
| seeds | 4 |

![a picture](x.png)
"""


def parsed(text):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    assert [e[1] for e in parser.errors] == []
    return tree


def text_of(node):
    return " ".join("".join(node.itertext()).split())


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "MODEL_CARD.md").write_text(CARD)
    return tmp_path / "models"


def test_page_holds_method_words_citation_and_cards(models):
    tree = parsed(method_page(models))
    anchors = [a.get("href")[1:] for a in tree.find(".//nav").iter("a")]
    assert anchors == [
        "how-a-report-is-made", "what-it-does-not-show", "words", "cite", "tiny-tiny-a-model",
    ]  # fmt: skip
    ids = {e.get("id") for e in tree.iter() if e.get("id")}
    assert ids >= {*anchors, "tiny-how-it-was-made"}
    words = text_of(tree)
    assert "4000 resamples" in words
    assert "the program that reads the texts" in words


def test_citation_names_version_and_date(models, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    code = text_of(parsed(method_page(models)).find(".//pre/code"))
    assert code.startswith("@software{counterpoint,")
    assert "year = {2026}" in code
    assert "Method page of 2026-01-01" in code
    assert method_page(models) == method_page(models)


def test_text_of_a_card_is_never_markup_and_leads_to_no_missing_file(models):
    tree = parsed(method_page(models))
    assert not list(tree.iter("script")) + list(tree.iter("img"))
    hrefs = [a.get("href") for a in tree.iter("a") if not a.get("href").startswith("#")]
    assert hrefs == ["https://example.org/p", "index.html"]
    assert "See the data, the paper and <script>alert(1)</script>." in text_of(tree)
    assert tree.find(".//meta[@http-equiv]").get("content") == policy()


def test_cells_name_their_columns(models):
    tree = parsed(method_page(models))
    assert [td.get("data-label") for td in tree.iter("td")] == ["set", "rows"]


def test_an_installation_without_cards_says_so(tmp_path):
    assert "come with the project’s sources" in method_page(tmp_path)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    with pytest.raises(ReportError, match="cannot be written"):
        write_method(tmp_path / "none")
