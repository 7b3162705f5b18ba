import json
import shutil

import pytest

from analysis import batch
from analysis.errors import InputError, ParameterError
from analysis.params import report_params


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "in" / "a.txt"
    path.parent.mkdir()
    path.write_text("It rained all day.\n\nComment: It did not.\n")
    return path


@pytest.fixture
def made(monkeypatch):
    """Stand in for the notebook's run, which test_report covers: keep what was asked."""
    asked = []

    def report(params, out):
        asked.append(params.article)
        if params.article.endswith("broken.txt"):
            raise InputError(f"{params.article}: line 1:\nfound no text")
        if params.article.endswith("defect.txt"):
            raise ZeroDivisionError("by zero")
        path = out / f"{params.article.rpartition('/')[2].removesuffix('.txt')}.html"
        path.with_suffix("").mkdir(exist_ok=True)
        path.write_text("whole")
        return path

    monkeypatch.setattr(batch, "report", report)
    return asked


def report_all(articles, out, **options):
    values = options.pop("values", {})
    return list(
        batch.report_all(
            [str(a) for a in articles],
            out,
            lambda a: report_params(article=a, scorer="lexicon", **values),
            **options,
        )
    )


def test_one_failure_does_not_stop_the_others(made, article, tmp_path):
    broken, defect = tmp_path / "broken.txt", tmp_path / "defect.txt"
    outcomes = report_all([broken, defect, article], tmp_path / "out", jobs=2)
    by_name = {o.article.rpartition("/")[2]: o for o in outcomes}
    assert by_name["a.txt"].path == tmp_path / "out" / "a.html"
    assert by_name["broken.txt"].unusable
    assert by_name["broken.txt"].error.endswith("line 1: found no text")
    assert by_name["defect.txt"].error == "ZeroDivisionError: by zero"
    assert not by_name["defect.txt"].unusable


def test_what_is_up_to_date_is_left(made, article, tmp_path):
    out = tmp_path / "out"
    assert not report_all([article], out)[0].fresh
    assert report_all([article], out)[0].fresh
    assert len(made) == 1
    assert not report_all([article], out, force=True)[0].fresh
    assert not report_all([article], out, values={"seed": 7})[0].fresh
    article.write_text("It rained all night.\n\nComment: No.\n")
    assert not report_all([article], out, values={"seed": 7})[0].fresh
    (out / "a.html").unlink()
    assert not report_all([article], out, values={"seed": 7})[0].fresh
    assert len(made) == 5


def test_broken_manifest_is_as_none(made, article, tmp_path):
    out = tmp_path / "out"
    report_all([article], out)
    (out / "a" / batch.MANIFEST).write_text("{")
    assert not report_all([article], out)[0].fresh
    assert json.loads((out / "a" / batch.MANIFEST).read_text())["scorer"].startswith("lexicon ")


def test_two_articles_of_one_name_are_refused_before_anything_is_written(made, article, tmp_path):
    other = tmp_path / "a.txt"
    shutil.copy(article, other)
    with pytest.raises(ParameterError, match="would have the name of that of"):
        report_all([article, other], tmp_path / "out")
    assert made == []


def test_wrong_parameter_stops_before_anything_is_written(made, article, tmp_path):
    with pytest.raises(ParameterError, match="unknown parameter"):
        report_all([article], tmp_path / "out", values={"sead": 1})
    assert not (tmp_path / "out").exists()


def test_output_that_is_a_file(made, article, tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(ParameterError, match="cannot be made a folder"):
        report_all([article], tmp_path / "out")
