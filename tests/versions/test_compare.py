from pathlib import Path

import pytest

from analysis.errors import InputError
from analysis.frames import VERSIONS
from analysis.params import report_params
from analysis.quality.alignment import annotated
from analysis.readers import read
from analysis.types import ChangeKind, Kind
from analysis.versions.compare import compare_versions, paired_paragraphs

SEEDS = Path(__file__).parents[1] / "seeds"

PARAGRAPHS = (
    "Velden will build a tram. The tram is a wonderful gift to the town, the council found.",
    "“The tram is good and safe,” said Mayor Ingrid Solheim. “We love it.”",
    "Shopkeepers fear the worst. “The tram is a terrible mistake,” said Peter Dahl.",
    "The union calls the tram a dangerous waste of money.",
    "Work on the tram begins in May.",
)
PARAMS = report_params(article="b", targets=["tram"], scorer="lexicon")


def version(title, *items):
    kinds = [Kind.COMMENTARY if i.startswith("# ") else Kind.PARAGRAPH for i in items]
    return annotated(title, [(Kind.TITLE, title), *zip(kinds, items, strict=True)])


@pytest.fixture(scope="module")
def result():
    original = version("Tram", *PARAGRAPHS)
    republished = version(
        "Velden gets tram",
        PARAGRAPHS[0],
        PARAGRAPHS[4],
        "“The tram is great and safe,” said Mayor Ingrid Solheim. “We love it.”",
        "# Safe? Nobody has tested it.",
        "The tram will be red.",
    )
    return compare_versions(original, republished, PARAMS)


def rows(frame, *columns):
    return [tuple(row) for row in frame[list(columns)].itertuples(index=False)]


def test_frames_have_the_schemas_columns(result):
    assert list(result.frames) == list(VERSIONS)
    for name, frame in result.frames.items():
        assert list(frame.columns) == list(VERSIONS[name].columns)
        assert set(frame["original_id"]) <= {"Tram"}


def test_both_versions_are_scored_on_the_same_targets(result):
    names = [[t.name for t in r.targets] for r in (result.original, result.republished)]
    assert names == [["tram"], ["tram"]]


def test_found_targets_of_both_versions_are_one_where_either_is_an_alias_of_the_other():
    paths = [SEEDS / "versions" / f"{name}.txt" for name in ("original", "republished")]
    params = report_params(article="republished.txt", scorer="lexicon")
    compared = compare_versions(*map(read, paths), params)
    names = [target.name for target in compared.republished.targets]
    assert "council" in names  # with `city council`, as the republished text alone has it
    assert "city council" not in names
    assert (
        len({name.casefold() for name in names} & {"shopkeepers", "shopkeepers on mill street"})
        == 1
    )


def test_changes_are_counted_and_classified(result):
    assert repr(result) == (
        "<VersionsResult of 'Tram' and 'Velden gets tram': 2 kept, 1 reworded, 2 left out, 1 added>"
    )
    assert result.headline.kind is ChangeKind.REWORDED
    changed = result.paragraph_changes
    assert rows(changed[changed.kind == "left_out"], "original", "republished") == [
        (PARAGRAPHS[2], ""), (PARAGRAPHS[3], ""),
    ]  # fmt: skip


def test_voices_lose_and_gain_words(result):
    table = result.voices_changed.set_index("speaker")
    mayor, shop = table.loc["Ingrid Solheim"], table.loc["Peter Dahl"]
    assert (mayor.kept, mayor.lost, mayor.gained) == (8, 1, 1)
    assert (shop.kept, shop.lost, shop.gained, shop.republished_words) == (0, 6, 0, 0)
    for row in table.itertuples():
        assert row.kept + row.lost == row.original_words


def test_stance_in_what_was_left_out_is_set_against_what_was_kept(result):
    (row,) = result.stance_changed.itertuples()
    assert row.left_out_n + row.kept_n == 6
    assert row.left_out_score < 0 < row.kept_score
    assert row.difference == pytest.approx(row.left_out_score - row.kept_score)
    assert row.removed < row.expected
    assert 0 < row.p <= row.p_adjusted <= 1
    assert not result.slanted  # two of five paragraphs prove nothing


def test_loaded_language_has_a_row_for_what_is_left_out_added_and_reworded(result):
    table = result.language_changed
    assert list(table.kind) == ["left_out", "added", "reworded"]
    assert table.p.isna().tolist() == [False, False, True]


def test_a_comment_on_a_reworded_sentence_is_named(result):
    assert rows(result.comments_on_changes, "commentary_id", "kind", "moved") == [
        ("b0004", "reworded", False)
    ]
    assert "great" in result.comments_on_changes.republished[0]


def test_frames_are_written_as_csv_and_parquet(result, tmp_path):
    result.write(tmp_path / "tables")
    names = {path.name for path in (tmp_path / "tables").iterdir()}
    assert names == {f"{name}.{end}" for name in VERSIONS for end in ("csv", "parquet")}


def test_a_text_against_itself_has_nothing_to_test():
    same = compare_versions(version("A", *PARAGRAPHS), version("B", *PARAGRAPHS), PARAMS)
    assert set(same.paragraph_changes.kind) == {"kept"}
    assert same.stance_changed.p.isna().all()
    assert same.comments_on_changes.empty
    assert not same.slanted


@pytest.mark.parametrize("other", [["Cats sleep for most of the day."], []])
def test_texts_that_share_nothing_are_refused_in_one_line(other):
    with pytest.raises(InputError, match=r"^A and B: found no paragraph .*; .* give --same-event$"):
        compare_versions(version("A", *PARAGRAPHS), version("B", *other), PARAMS)


def test_one_short_sentence_that_is_alike_makes_no_versions():
    texts = ("no_commentary.txt", "versions/original.txt")
    with pytest.raises(InputError, match="no paragraph that both texts have"):
        paired_paragraphs(*(read(SEEDS / name) for name in texts))
