import base64
import html
import json
from urllib.parse import quote

import pandas as pd
import pytest

from analysis.errors import ParameterError, ReportError
from analysis.runs.redaction import refuse_in_outputs, refuse_in_parameters, secrets, shows

VALUE = 'p&ss"wörd/42'


def test_only_what_is_named_or_looks_secret_is_one(monkeypatch, tmp_path):
    for name in ("NEWS", "MY_API_KEY", "SHORT_TOKEN", "A_SECRET_FILE", "PLAIN", "EMPTY_TOKEN"):
        monkeypatch.setenv(name, "value-of-length")
    monkeypatch.setenv("SHORT_TOKEN", "true")
    monkeypatch.setenv("EMPTY_TOKEN", "")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path))
    found = secrets(["NEWS", "NOT_SET"])
    assert {"NEWS", "MY_API_KEY"} <= set(found)
    assert not {"SHORT_TOKEN", "A_SECRET_FILE", "PLAIN", "EMPTY_TOKEN", "NOT_SET"} & set(found)


def test_a_named_value_that_is_too_short_to_be_looked_for_is_told(monkeypatch):
    monkeypatch.setenv("PIN", "1234")
    with pytest.raises(ParameterError, match="PIN: found a value of 4 characters") as raised:
        secrets(["PIN"])
    assert "1234" not in str(raised.value)


@pytest.mark.parametrize(
    "written",
    [
        VALUE,
        json.dumps(VALUE),
        json.dumps(VALUE, ensure_ascii=False),
        html.escape(VALUE),
        quote(VALUE, safe=""),
        *(base64.b64encode(b"x" * n + VALUE.encode() + b"tail").decode() for n in range(6)),
        *(base64.b64encode(b"x" * n + VALUE.encode()).decode() for n in range(3)),
    ],
)
def test_a_secret_is_found_however_it_is_written(tmp_path, written):
    page, folder = tmp_path / "page.html", tmp_path / "tables"
    folder.mkdir()
    page.write_text(f"<p>{written}</p>", encoding="utf-8")
    with pytest.raises(ReportError, match="variable NEWS in it") as raised:
        refuse_in_outputs(folder, [page], {"NEWS": VALUE})
    assert VALUE not in str(raised.value)
    assert shows(f"...{written}...", {"NEWS": VALUE})


def test_packed_tables_and_notebooks_are_searched_too(tmp_path):
    (tmp_path / "page.html").write_text("nothing")
    folder = tmp_path / "tables"
    folder.mkdir()
    pd.DataFrame({"x": [f"it is {VALUE}"] * 9}).to_parquet(folder / "t.parquet")
    with pytest.raises(ReportError, match=r"t\.parquet: found the value"):
        refuse_in_outputs(folder, [tmp_path / "page.html"], {"NEWS": VALUE})
    refuse_in_outputs(folder, [tmp_path / "page.html"], {"NEWS": "something-else"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"targets": ["x", VALUE]}, "the value of the environment variable NEWS"),
        ({"api_key": "sk-1"}, "a secret"),
        ({"note": f"see {VALUE}."}, "the value of the environment variable NEWS"),
    ],
)
def test_a_secret_is_no_parameter(given, told):
    with pytest.raises(ParameterError, match=told) as raised:
        refuse_in_parameters(given, {"NEWS": VALUE})
    assert VALUE not in str(raised.value)


def test_ordinary_values_may_be_parameters():
    refuse_in_parameters({"targets": ["NATO"], "seed": 3, "token": ""}, {"NEWS": VALUE})
