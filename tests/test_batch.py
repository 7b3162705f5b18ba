import json
import shutil

import pytest

from analysis import batch
from analysis.errors import InputError, ParameterError, ReportError
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
        if params.article.endswith("dead.txt"):
            raise ReportError("dead.txt: the kernel died")
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
    broken, defect, dead = (tmp_path / f"{n}.txt" for n in ("broken", "defect", "dead"))
    for path in (broken, defect, dead):
        path.write_text("It rained.")
    outcomes = report_all([broken, defect, dead, article], tmp_path / "out", jobs=2)
    by_name = {o.article.rpartition("/")[2]: o for o in outcomes}
    assert by_name["a.txt"].path == tmp_path / "out" / "a.html"
    assert by_name["broken.txt"].unusable
    assert by_name["broken.txt"].error.endswith("line 1: found no text")
    assert by_name["defect.txt"].error == "ZeroDivisionError: by zero"
    assert not by_name["defect.txt"].unusable
    assert not by_name["dead.txt"].unusable


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


def test_the_page_of_all_reports_is_written_at_the_end(made, article, tmp_path):
    out, other = tmp_path / "out", tmp_path / "broken.txt"
    other.write_text("It rained.")
    report_all([other], out)
    assert not (out / "index.html").exists()
    report_all([article, other], out)
    assert 'href="a.html"' in (out / "index.html").read_text()


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


def test_a_table_that_is_gone_is_made_again(made, article, tmp_path):
    out = tmp_path / "out"
    report_all([article], out)
    manifest = json.loads((out / "a" / batch.MANIFEST).read_text())
    (out / "a" / "x.csv").write_text("")
    (out / "a" / batch.MANIFEST).write_text(json.dumps(manifest | {"files": ["x.csv"]}))
    assert report_all([article], out)[0].fresh
    (out / "a" / "x.csv").unlink()
    assert not report_all([article], out)[0].fresh


def test_the_report_of_another_article_is_not_written_over(made, article, tmp_path):
    other = tmp_path / "a.txt"
    other.write_text("It snowed.")
    report_all([article], tmp_path / "out")
    (outcome,) = report_all([other], tmp_path / "out")
    assert "is the report of" in outcome.error
    assert "--force" in outcome.error
    assert report_all([other], tmp_path / "out", force=True)[0].path


@pytest.mark.parametrize("values", [{"aliases": "/nonexistent"}, {"scorer": "hub:/nonexistent"}])
def test_what_cannot_be_used_is_the_users_to_mend(made, article, tmp_path, values):
    options = {"scorer": "lexicon"} | values
    (outcome,) = batch.report_all(
        [str(article)], tmp_path / "out", lambda a: report_params(article=a, **options)
    )
    assert outcome.unusable
    assert "expected" in outcome.error
