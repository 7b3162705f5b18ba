import pytest

from analysis.report.naming import spoken
from analysis.types import Article


@pytest.mark.parametrize(
    ("target", "raw", "said"),
    [
        ("United States", "Of the United States, we say this.", "the United States"),
        ("United States", "Whole United States agreed.", "United States"),
        ("NATO", "The NATO summit ended. NATO is firm.", "NATO"),
        ("Biden", "The Biden administration fell.", "Biden"),
        ("wall", "The wall is high. A wall of this kind. The wall, they say.", "the wall"),
        ("late boat", "A late boat is wanted.", "“late boat”"),
        ("late boat", "", "“late boat”"),
        ("The Hague", "The Hague is a city.", "The Hague"),
    ],
)
def test_a_target_is_named_as_the_text_names_it(target, raw, said):
    article = Article("a", "t", raw=raw, blocks=(), language="en", source="", sha256="")
    assert spoken(target, article) == said


def test_the_word_the_is_english():
    article = Article("a", "t", raw="the muro is", blocks=(), language="it", source="", sha256="")
    assert spoken("muro", article) == "“muro”"
