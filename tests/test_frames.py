import io
import re
import shutil
import subprocess
import time

import pandas as pd
import pandera.errors
import pytest

from analysis.frames import BIAS, SCHEMAS, conform, csv_text, write_csv

ROW = {
    "article_id": "a", "segment_id": "s", "voice": "author", "p_biased": 0.5, "cues": "",
    "scorer": "x",
}  # fmt: skip


def test_every_column_says_what_it_means():
    for schema in SCHEMAS.values():
        assert all(column.description for column in schema.columns.values())


def test_rows_become_a_frame_in_the_schemas_order():
    frame = conform([dict(reversed(ROW.items()))], BIAS)
    assert list(frame.columns) == list(BIAS.columns)


@pytest.mark.parametrize("change", [{"p_biased": 1.5}, {"voice": "narrator"}])
def test_conform_refuses_values_out_of_range(change):
    with pytest.raises(pandera.errors.SchemaError):
        conform([ROW | change], BIAS)


def test_no_rows_keep_their_types():
    for schema in SCHEMAS.values():
        assert list(conform([], schema).columns) == list(schema.columns)


def test_csv_runs_nothing_in_a_spreadsheet():
    frame = pd.DataFrame(
        {"text": ["=1+1", "@x", "-5 degrees", 'plain "a"', "+"], "n": [-1, 2, 3, 4, 5]}
    )
    lines = csv_text(frame).splitlines()
    assert lines == [
        '"text","n"', '"\'=1+1",-1', '"\'@x",2', '"\'-5 degrees",3', '"plain ""a""",4', '"\'+",5',
    ]  # fmt: skip
    assert frame["text"][0] == "=1+1"


def test_csv_marks_column_names_and_texts_that_start_with_a_tab_or_a_return():
    frame = pd.DataFrame({"=1+1": ["\tplain", "\rplain"]})
    assert csv_text(frame) == '"\'=1+1"\n"\'\tplain"\n"\'\rplain"\n'


SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋﬩\u2212"
HOSTILE = [
    *(f"{sign}1+1" for sign in SIGNS),
    *(f"{before}=1+1" for before in "\t\r\n \u3000\u200b\u202e\ufeff\""),
    *(f"a{mark}{blank}=1+1" for mark in ",;|\t\r\n" for blank in ("", " ", "\u200b", '"', '""')),
    "\tplain", "a;b;=1+1;=2", '"=1+1', '";=1+1', '=HYPERLINK("http://a.example","b")',
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_starts_like_a_formula_however_cells_are_parted(text):
    kept = csv_text(pd.DataFrame({"text": [text], "more": pd.Categorical([text])}))
    for cell in re.split(r"[,;|\t\r\n]", kept):
        assert cell.lstrip(' "\u3000\u200b\u202e\ufeff')[:1] not in {*SIGNS}, kept


def test_plain_texts_read_back_from_csv_as_they_were():
    texts = [
        "a = b",
        "well-known",
        "a - b",
        "e@mail.example",
        'said "-5" twice',
        "a\nb; c, d",
        "—no",
    ]
    frame = pd.DataFrame({"text": texts, "p": 0.5, "sure": True, "n": None})
    back = pd.read_csv(io.StringIO(csv_text(frame)))
    assert back["text"].tolist() == texts
    assert back[["p", "sure"]].equals(frame[["p", "sure"]])
    assert back["n"].isna().all()


def test_signs_are_found_in_linear_time():
    begun = time.process_time()
    for unit in ("\t", " ", '"', ";", "a;=", ", "):
        csv_text(pd.DataFrame({"text": [unit * 200_000]}))
    assert time.process_time() - begun < 20  # quadratic would be hours


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_libreoffice_finds_no_formula(tmp_path, separator):
    frame = pd.DataFrame({"text": HOSTILE, "n": -1.5, "again": HOSTILE})
    write_csv(frame, tmp_path / "hostile.csv")
    (tmp_path / "sure.csv").write_text(f"a{separator}=1+1\n", encoding="utf-8")
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
            f"--infilter=Text - txt - csv (StarCalc):{ord(separator)},34,76,1", "--convert-to",
            "fods", "--outdir", tmp_path, tmp_path / "hostile.csv", tmp_path / "sure.csv",
        ],
        check=True, timeout=240, capture_output=True,
    )  # fmt: skip
    assert "table:formula" in (tmp_path / "sure.fods").read_text(encoding="utf-8")
    opened = (tmp_path / "hostile.fods").read_text(encoding="utf-8")
    assert "HYPERLINK" in opened
    assert "table:formula" not in opened
