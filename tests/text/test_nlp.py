from types import SimpleNamespace

import pytest

from analysis.readers import read
from analysis.readers.plain_text import parse_plain_text
from analysis.text import nlp
from analysis.text.nlp import parse_memory_zone, parsed, pipeline


def article(word, name="a"):
    return parse_plain_text(f"The {word} met in Oslo on Monday.", article_id=name)


def lemmas(one):
    return [token.lemma_ for docs in parsed(one).values() for _, doc in docs for token in doc]


def test_words_that_were_new_are_forgotten_and_the_next_parse_is_the_same():
    strings = pipeline().vocab.strings
    before = lemmas(article("Brumbelwick", "kept"))
    parsed.cache_clear()
    with parse_memory_zone():
        assert lemmas(article("Quexlibord")) == ["the", "Quexlibord", *before[2:]]
        assert "Quexlibord" in strings
    assert "Quexlibord" not in strings
    assert parsed.cache_info().currsize == 0, "its documents point to words that are gone"
    with parse_memory_zone():
        assert lemmas(article("Brumbelwick")) == before
    assert lemmas(article("Quexlibord"))[1] == "Quexlibord"
    parsed.cache_clear()


def test_an_error_within_leaves_it_sound():
    with pytest.raises(ZeroDivisionError), parse_memory_zone():
        len(parsed(article("Vantrochel"))) / 0
    assert "Vantrochel" not in pipeline().vocab.strings
    assert lemmas(article("Vantrochel"))[1] == "Vantrochel"
    parsed.cache_clear()


def test_products_are_numpys():
    for name in ("tok2vec", "tagger", "parser", "ner"):
        layers = list(pipeline().get_pipe(name).model.walk())
        assert layers
        assert not any(layer.ops.use_blis for layer in layers)


def blas_threads():
    return [library["num_threads"] for library in nlp._blas().info()]


def test_a_text_is_parsed_with_one_blas_thread(monkeypatch):
    seen = []
    real = pipeline()

    def pipe(texts):
        seen.extend(blas_threads())
        return real.pipe(texts)

    monkeypatch.setattr(nlp, "pipeline", lambda: SimpleNamespace(pipe=pipe))
    parsed.cache_clear()
    with nlp._blas().limit(limits=2):
        before = blas_threads()
        parsed(article("It rains."))
        assert blas_threads() == before
    assert before, "numpy has a BLAS"
    assert 1 not in before
    assert set(seen) == {1}


@pytest.mark.parametrize("run", ['"' * 3000, "NATO-" * 600, "“*(" * 1000, "x" * 3000])
def test_a_run_that_no_word_has_is_parsed_only_at_its_start(run, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"A title\n\nThe mayor spoke. {run} Then she left.\n", encoding="utf-8")
    article = read(path)
    ((start, doc),) = parsed(article)[article.blocks[-1].block_id]
    assert len(doc) < 80
    assert len(doc.text) == len(article.raw[start:].rstrip())
    after = doc.text.index("Then")
    assert article.raw[start + after :].startswith("Then she left.")


def test_words_and_marks_of_ordinary_length_are_parsed_as_they_stand(tmp_path):
    text = "See https://example.org/" + "a" * 150 + " ... ----------- and “(‘quote’)”."
    path = tmp_path / "a.txt"
    path.write_text(f"A title\n\n{text}\n", encoding="utf-8")
    article = read(path)
    ((_, doc),) = parsed(article)[article.blocks[-1].block_id]
    assert doc.text == text
