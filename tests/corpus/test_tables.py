import numpy as np
import pandas as pd
import pytest

from analysis.corpus import tables
from analysis.corpus.changes import changes_since
from analysis.corpus.loading import Corpus, read_corpus
from analysis.errors import InputError, ParameterError
from analysis.scale.report import NOT_STATED
from analysis.scoring.compare import interval_excludes_zero
from analysis.types import Voice


def test_each_article_counts_once_and_under_its_reports_name(reports):
    read = read_corpus(reports)
    assert list(read.articles.name) == [f"r{n}" for n in (0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9)]
    assert set(read.stances.article_id) == set(read.articles["name"])
    (row,) = tables.overall(read).itertuples()
    gaps = tables.divergences(read)
    assert row.articles == 12
    assert row.divergence == pytest.approx(gaps.divergence.mean())
    assert read.targets == ("NATO",)


def test_abstained_stances_count_by_confidence_in_divergences_and_in_no_label(tmp_path, made):
    unsure = {"confidence": 0.3, "abstained": True}
    stances = [
        made.stance(Voice.AUTHOR, "NATO", 0.5, confidence=0.9),
        made.stance(Voice.AUTHOR, "NATO", -0.5, **unsure),
        made.stance(Voice.COMMENTATOR, "NATO", -0.8, **unsure),
        *[made.stance(Voice.QUOTED, "NATO", 0.9, **unsure)] * 5,
    ]
    made.write(tmp_path, "r0", stances=stances)
    read = read_corpus(tmp_path)
    (row,) = tables.divergences(read).itertuples()
    assert row.divergence == pytest.approx(-0.8 - (0.45 - 0.15) / 1.2)
    assert tables.overall(read).divergence[0] == pytest.approx(row.divergence)
    assert tables.quoting(read).empty


def test_a_long_article_weighs_no_more_than_a_short_one(reports, made):
    before = tables.overall(read_corpus(reports)).divergence[0]
    made.write(
        reports, "r0", stances=made.sides("NATO", -0.1, 0.1) * 500, about={"outlet": "courier"}
    )
    assert tables.overall(read_corpus(reports)).divergence[0] == pytest.approx(before)


def test_groups_and_their_intervals(reports):
    read = read_corpus(reports)
    rows = tables.by_group(read).set_index("group")
    assert rows.articles.to_dict() == {"courier": 6, "gazette": 6}
    assert rows.ci_low["courier"] > 0, "all courier articles are alike"
    assert interval_excludes_zero(tables.by_group(read)).tolist() == [True, False]
    assert rows.ci_low["gazette"] < rows.divergence["gazette"] < rows.ci_high["gazette"]


def test_metadata_of_the_file_counts_where_the_path_has_none(tmp_path, made):
    made.write(tmp_path, "a", said={"outlet": "Said", "date": "2023-05-01T08:00:00Z"})
    made.write(tmp_path, "b", said={"outlet": "Said"}, about={"outlet": "path"})
    made.write(tmp_path, "c", said={"outlet": NOT_STATED, "date": "in November 2"})
    rows = read_corpus(tmp_path).articles.set_index("name")
    assert rows.group.to_dict() == {"a": "Said", "b": "path", "c": NOT_STATED}
    assert rows.date["a"] == pd.Timestamp(2023, 5, 1)
    assert pd.isna(rows.date["c"])


def test_periods_are_as_short_as_the_articles_allow(reports):
    read = read_corpus(reports)
    rows = tables.over_time(read)
    assert list(rows.period.dt.month) == [1, 4, 7, 10], "three articles a quarter"
    assert list(rows.articles) == [3, 3, 3, 3]
    undated = Corpus(**{**vars(read), "articles": read.articles.assign(date=pd.NaT)})
    assert tables.over_time(undated).empty


def test_disputed_passages_are_counted_over_reports(reports, made):
    certain = made.relation("Once.", "disagree", 0.99)
    unsure = made.relation("Unsure.", "disagree", 1.0, abstained=True)
    made.write(reports, "r0", relations=[certain, unsure])
    rows = tables.disputed(read_corpus(reports))
    assert list(rows.passage) == ["Ships left.", "Once."]
    assert (rows.comments[0], rows.disagree[0], rows["name"][0]) == (11, 3, "r3")
    assert rows.commentary[1] == "on Once."


def test_one_sided_quoting_is_ranked_by_what_can_be_shown(reports, made):
    three = [made.stance(Voice.QUOTED, "NATO", 0.9)] * 3
    many = [made.stance(Voice.QUOTED, "NATO", -0.9)] * 12 + [made.stance(Voice.QUOTED, "NATO", 0.9)]
    made.write(reports, "r0", stances=[*made.sides("NATO", 0, 0), *three])
    made.write(reports, "r1", stances=[*made.sides("NATO", 0, 0), *many])
    made.write(reports, "r2", stances=[*made.sides("NATO", 0, 0), *three[:2]])
    rows = tables.quoting(read_corpus(reports))
    assert list(rows["name"]) == ["r1", "r0"]
    assert list(rows.side) == ["against", "favor"]
    assert rows.share.tolist() == pytest.approx([12 / 13, 1.0])
    assert (rows.low < rows.share).all()


def test_an_outlier_is_found_and_named(tmp_path, made):
    for n in range(9):
        made.write(tmp_path, f"r{n}", stances=made.sides("NATO", 0.0, n / 100))
    made.write(tmp_path, "far", stances=made.sides("NATO", -0.9, 0.9))
    (row,) = tables.outliers(read_corpus(tmp_path)).itertuples()
    assert row.name == "far"
    spread = np.median(np.abs(np.array([*range(9), 180]) / 100 - 0.045))
    assert row.z == pytest.approx(0.6745 * (1.8 - 0.045) / spread)


def test_few_or_equal_articles_have_no_outlier(tmp_path, made):
    for n in range(4):
        made.write(tmp_path, f"r{n}", stances=made.sides("NATO", 0, n == 3))
    assert tables.outliers(read_corpus(tmp_path)).empty
    for n in range(9):
        made.write(tmp_path, f"r{n}", stances=made.sides("NATO", 0, float(n == 3)))
    assert tables.outliers(read_corpus(tmp_path)).empty


def test_changes_are_told_by_name_and_by_target(reports, tmp_path, made):
    before = tmp_path / "before"
    before.mkdir()
    read = read_corpus(reports)
    assert not changes_since(read, before).known
    assert not changes_since(read, "").known
    tables.save(read, before)
    same = changes_since(read, before)
    assert (same.known, same.new, same.gone, same.changed) == (True, (), (), ())
    assert same.divergence.moved.abs().max() < 1e-9
    made.write(reports, "r0", stances=made.sides("NATO", 0.5, -0.5), article="another")
    made.write(reports, "new", stances=made.sides("NATO", 0.5, -0.5))
    (reports / "r5" / "manifest.json").unlink()
    found = changes_since(read_corpus(reports), before)
    assert (found.new, found.gone, found.changed) == (("new",), ("r5",), ("r0",))
    assert abs(found.divergence.moved[0]) > 0.01


def test_tables_are_written_where_they_are_asked_for(reports, tmp_path):
    read = read_corpus(reports)
    tables.save(read, "")
    tables.save(read, tmp_path)
    names = {p.stem for p in tmp_path.glob("*.csv")}
    assert names == {
        "articles", "overall", "by-group", "over-time", "disputed", "quoting", "divergences",
        "outliers",
    }  # fmt: skip


def test_unreadable_reports_are_named(reports, tmp_path):
    with pytest.raises(InputError, match="found no report with tables"):
        read_corpus(tmp_path / "none")
    with pytest.raises(ParameterError, match="confidence_level"):
        read_corpus(reports, confidence_level=95)
    (reports / "r0" / "stances.parquet").write_text("no table")
    with pytest.raises(InputError, match=r"r0/stances\.parquet: cannot be read"):
        read_corpus(reports)


def test_folders_that_are_no_reports_are_passed_over(reports):
    for name, text in (("x", "{"), ("corpus-report", '{"reports": {}}'), ("y", "[]")):
        (reports / name).mkdir()
        (reports / name / "manifest.json").write_text(text)
    assert len(read_corpus(reports).articles) == 12


def test_an_article_with_two_reports_counts_once(reports, made):
    made.write(reports, "two-a", source="in/two.txt", stances=made.sides("NATO", 0, 0.5))
    made.write(reports, "two-b", source="in/two.txt", stances=made.sides("NATO", 0, -0.5))
    in_table = {"source": "in/all.csv"}
    for name in ("row-1", "row-2"):
        made.write(reports, name, **in_table, parameters={"article_id": name})
    read = read_corpus(reports)
    assert len(read.articles) == 12 + 1 + 2
    assert read.left_out == ("two-b",)


def test_a_report_without_tables_is_left_out(reports):
    (reports / "r0" / "stances.parquet").unlink()
    read = read_corpus(reports)
    assert read.left_out == ("r0",)
    assert len(read.articles) == 11
