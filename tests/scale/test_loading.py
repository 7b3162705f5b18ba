import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet
import pytest
from scipy import stats

from analysis.errors import ParameterError
from analysis.frames import CORPUS, conform
from analysis.scale.loading import by_label, by_target, read_corpus, read_partitions
from analysis.scale.store import Store
from analysis.scoring.compare import comparison_rows

OUTLETS, PER_PART = ("Courier", "Herald", "Mirror"), 400


def a_text(rng, size):
    return rng.bytes(size).hex()  # nothing that Parquet could make small


def part(number, rng):
    """A partition of one outlet and month, as an input sorted by them gives it."""
    ids = [f"a{number}-{n}" for n in range(PER_PART)]
    n = len(ids)
    common = {"article_id": ids, "scorer": "lexicon"}
    spoken = {"voice": "author", "abstained": False, "confidence": np.nan}
    scores = rng.uniform(-1, 1, (n, 2))
    scores[::7, 1] = np.nan  # a commentator who says nothing of it
    columns = {
        "articles": {
            "outlet": OUTLETS[number % 3], "month": f"2025-0{number + 1}", "characters": 9,
            "commentaries": 1, "targets": 1,
        },
        "segments": {
            "segment_id": "s0", "kind": "paragraph", "voice": "author", "start": 0, "end": 9,
            "text": [a_text(rng, 1500) for _ in ids],
        },
        "relations": {
            "label": rng.choice(["agree", "disagree", "neutral"], n), "alignment": "position",
            "passage": "x", "abstained": np.arange(n) % 5 == 0,
            "confidence": np.nan,
        },
        "comparison": {
            "target": np.where(np.arange(n) % 2, "NATO", "Russia"),
            "author_score": scores[:, 0], "commentator_score": scores[:, 1],
            "divergence": scores[:, 1] - scores[:, 0], "ci_low": np.nan, "ci_high": np.nan,
        },
        "stances": spoken, "bias": spoken, "rejected": {},
    }  # fmt: skip
    zero = {"string": "", "float64": 0.0, "int64": 0, "bool": False}
    tables = {}
    for name, schema in CORPUS.items():
        given = {**common, **columns[name]}
        frame = pd.DataFrame(index=range(0 if name in ("stances", "bias", "rejected") else n))
        for column, kind in schema.columns.items():
            kind = str(kind.dtype)
            default = zero["string" if kind.startswith("str") else kind]
            frame[column] = given.get(column, default) if len(frame) else []
        tables[name] = conform(frame, schema)
    return tables


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus") / "out.parquet"
    store, rng, tables = Store(out), np.random.default_rng(0), []
    with store.locked():
        store.prepare({"seed": 0}, force=False)
        for number in range(6):
            tables.append(part(number, rng))
            store.write(number, tables[-1], {})
        store.finish(6, {"partitions": 6})
    whole = {name: pd.concat([t[name] for t in tables], ignore_index=True) for name in CORPUS}
    return out, whole


def joined(whole, frame):
    about = whole["articles"][["article_id", "outlet", "month"]]
    return whole[frame].merge(about, on="article_id")


def test_a_frame_comes_back_as_it_was_written(corpus):
    out, whole = corpus
    for frame in CORPUS:
        found = read_corpus(out, frame)
        assert list(found.columns) == list(whole[frame].columns)
        pd.testing.assert_frame_equal(found, whole[frame], check_dtype=False)


def test_columns_of_articles_stand_beside_and_rows_are_chosen(corpus):
    out, whole = corpus
    found = read_corpus(
        out,
        "comparison",
        columns=["outlet", "target", "divergence"],
        where=pc.field("target") == "NATO",
        articles=pc.field("month") >= "2025-04",
    )
    expected = joined(whole, "comparison").query("target == 'NATO' and month >= '2025-04'")
    expected = expected[["outlet", "target", "divergence"]].reset_index(drop=True)
    assert len(expected) == 3 * PER_PART / 2
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    some = read_corpus(out, "articles", articles=pc.field("outlet") == "Herald")
    assert set(some["month"]) == {"2025-02", "2025-05"}
    none = read_corpus(out, "articles", columns=["title"], articles=pc.field("outlet") == "none")
    assert (len(none), list(none.columns)) == (0, ["title"])


def test_missing_frames_columns_and_corpora_are_named(corpus, tmp_path):
    out, _ = corpus
    with pytest.raises(ParameterError, match="frame: found 'stance'; expected one of segments"):
        read_corpus(out, "stance")
    with pytest.raises(ParameterError, match="bias: found no column 'headline'"):
        read_corpus(out, "bias", columns=["headline"])
    with pytest.raises(ParameterError, match="found no scored corpus"):
        read_corpus(tmp_path, "bias")
    (tmp_path / "_run.json").write_text("{}")
    with pytest.raises(ParameterError, match="found a run that was not finished"):
        read_corpus(tmp_path, "bias")


@pytest.fixture
def opened(monkeypatch):
    """The Parquet files that are opened, each with the columns that are asked for."""
    found, real = [], pyarrow.parquet.read_table

    def read_table(path, **options):
        found.append((Path(path).parent.name, int(Path(path).stem[5:]), options["columns"]))
        return real(path, **options)

    monkeypatch.setattr(pyarrow.parquet, "read_table", read_table)
    return found


def test_partitions_that_are_not_wanted_are_not_opened(corpus, opened):
    out, _ = corpus
    parts = read_partitions(
        out, "segments", columns=["text"], articles=pc.field("month") == "2025-03"
    )
    assert len(next(parts)) == PER_PART
    assert list(parts) == []
    assert [number for frame, number, _ in opened if frame == "segments"] == [2]
    assert {tuple(columns) for frame, _, columns in opened if frame == "articles"} == {
        ("article_id",)
    }


@pytest.mark.skipif(not os.path.exists("/proc/self/io"), reason="Linux counts the bytes read")
def test_the_bytes_read_follow_what_is_asked(corpus):
    out, _ = corpus

    def cost(call):
        call()  # imports and footers that are read once
        before = bytes_read()
        call()
        return bytes_read() - before

    def bytes_read():
        return int(Path("/proc/self/io").read_text().split()[1])

    whole = cost(lambda: read_corpus(out, "segments"))
    size = sum(path.stat().st_size for path in (out / "segments").iterdir())
    assert whole >= size
    one = cost(lambda: read_corpus(out, "segments", articles=pc.field("month") == "2025-03"))
    narrow = cost(lambda: read_corpus(out, "segments", columns=["voice"]))
    table = cost(lambda: by_target(out))
    assert one < whole / 3
    assert narrow < whole / 3
    assert table < whole / 2


def test_by_target_is_the_mean_of_articles_with_students_interval(corpus):
    out, whole = corpus
    found = by_target(out, confidence_level=0.9)
    assert list(found.columns) == [
        "target", "outlet", "month", "articles", "author_score", "commentator_score", "divergence",
        "ci_low", "ci_high",
    ]  # fmt: skip
    assert len(found) == 12
    rows = joined(whole, "comparison").dropna(subset=["divergence"])
    one = rows.query("target == 'NATO' and month == '2025-03'")["divergence"]
    row = found.query("target == 'NATO' and month == '2025-03'").iloc[0]
    low, high = stats.t.interval(0.9, len(one) - 1, one.mean(), stats.sem(one))
    assert row[["articles", "divergence", "ci_low", "ci_high"]].to_list() == pytest.approx(
        [len(one), one.mean(), low, high]
    )
    # groups that lie in several partitions
    total = by_target(out, ["target"])
    assert list(total["articles"]) == list(rows.groupby("target").size())
    assert list(total["divergence"]) == pytest.approx(
        list(rows.groupby("target")["divergence"].mean())
    )
    few = by_target(out, where=pc.field("article_id").isin(["a0-1", "a0-3"]))
    assert few["articles"].tolist() == [2]
    assert few[["ci_low", "ci_high"]].isna().all().all()
    assert len(by_target(out, articles=pc.field("outlet") == "none")) == 0


def test_by_target_equals_pandas_over_all_stances_abstained_or_not(tmp_path):
    store, rng, stances = Store(tmp_path / "out.parquet"), np.random.default_rng(1), []
    with store.locked():
        store.prepare({"seed": 0}, force=False)
        for number in range(2):
            tables = part(number, rng)
            spoken = spoken_in(tables["articles"]["article_id"][:30], rng)
            rows = [
                row
                for name, own in spoken.groupby("article_id")
                for row in comparison_rows(
                    own, ["NATO", "Russia"], article_id=name, scorer="lexicon"
                )
            ]
            tables |= {"stances": spoken, "comparison": conform(rows, CORPUS["comparison"])}
            store.write(number, tables, {})
            stances.append(spoken)
        store.finish(2, {"partitions": 2})
    rows = pd.concat(stances)
    assert rows["abstained"].any()
    rows = rows.assign(weighted=rows["score"] * rows["confidence"])
    sums = rows.groupby(["article_id", "target", "voice"])[["weighted", "confidence"]].sum()
    means = (sums["weighted"] / sums["confidence"]).unstack("voice")
    means = means[["author", "commentator"]].dropna()
    expected = (means["commentator"] - means["author"]).groupby(level="target")
    found = by_target(tmp_path / "out.parquet", ["target"]).set_index("target")
    assert found["articles"].to_dict() == expected.size().to_dict()
    assert found["divergence"].to_dict() == pytest.approx(expected.mean().to_dict())


def spoken_in(ids, rng):
    """Stances of articles, a third of them too unsure for a label."""
    n = 6 * len(ids)
    favor, against, none = rng.dirichlet([1, 1, 1], n).T
    confidence = np.max([favor, against, none], axis=0)
    return conform(
        pd.DataFrame(
            {
                "article_id": np.repeat(np.asarray(ids, dtype=object), 6),
                "segment_id": [f"s{i}" for i in range(n)],
                "voice": rng.choice(["author", "commentator", "quoted"], n),
                "speaker": "", "target": rng.choice(["NATO", "Russia"], n), "label": "none",
                "p_favor": favor, "p_against": against, "p_none": none, "score": favor - against,
                "commentary_id": "", "derived": False, "confidence": confidence,
                "abstained": confidence < 0.55, "scorer": "lexicon",
            }
        ),
        CORPUS["stances"],
    )  # fmt: skip


def test_by_label_counts_what_commentaries_say(corpus):
    out, whole = corpus
    found = by_label(out, ["outlet"])
    rows = joined(whole, "relations")
    assert found["abstained"].tolist() == [2 * PER_PART / 5] * 3
    kept = rows[~rows["abstained"]]
    expected = kept.groupby(["outlet", "label"]).size().unstack()
    for label in ("agree", "disagree", "neutral"):
        assert found[label].tolist() == expected[label].tolist()
    none = by_label(out, articles=pc.field("outlet") == "none")
    assert list(none.columns) == ["outlet", "month", "agree", "disagree", "neutral", "abstained"]
