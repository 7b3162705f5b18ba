import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis.text.tfidf import by_letter, by_word

TEXTS = ("The ferry was late again.", "Nobody was told why the ferry was late.", "Fog, they say.")


def test_rows_are_those_of_sklearn_to_the_bit():
    usual = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit(TEXTS)
    rows, of_others = by_letter(TEXTS)
    assert np.array_equal(rows.toarray(), usual.transform(TEXTS).toarray())
    others = ["The late ferry", ""]
    assert np.array_equal(of_others(others).toarray(), usual.transform(others).toarray())


def test_words_weigh_by_how_few_texts_have_them():
    row = by_word(TEXTS)(["late fog"]).toarray()[0]
    late, fog = sorted(row[row > 0])
    assert late < fog
    assert np.isclose(late**2 + fog**2, 1)


def test_texts_without_a_word_have_empty_rows():
    rows, of_others = by_letter(("", " "))
    assert rows.shape == (2, 1)
    assert not rows.nnz
    assert not of_others(["a word"]).nnz
