from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.readers.dates import iso_date


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("November 20, 2019 13:42", "en", "2019-11-20"),
        ("Wed, 20 Nov 2019 13:42:00 GMT", "", "2019-11-20"),
        ("2026-01-02T23:30:00-05:00", "", "2026-01-02"),
        ("Nov 20, 2019, 11:30 pm PST", "en_US", "2019-11-20"),
        ("D:20260102233000-05'00'", "", "2026-01-02"),
        ("20191120", "", "2019-11-20"),
        ("2019/11/05", "en", "2019-11-05"),
        ("05.11.2021", "de", "2021-11-05"),
        ("05.11.2021 14:30", "pt-BR", "2021-11-05"),
        ("05/11/2021", "en-GB", "2021-11-05"),
        ("05/11/2021", "en-AU", "2021-11-05"),
        ("05/11/2021", "en-US", "2021-05-11"),
        ("25/11/2021", "en", "2021-11-25"),
        ("11/25/2021", "", "2021-11-25"),
        ("05/05/2021", "", "2021-05-05"),
        ("20. November 2019, 13:42 Uhr", "de-AT", "2019-11-20"),
        ("20 novembre 2019", "", "2019-11-20"),
        ("Tuesday 5 Nov 2019", "sv", "2019-11-05"),
        ("2019\u5e7411\u670820\u65e5", "ja", "2019-11-20"),
        (
            "\u0662\u0660 \u0646\u0648\u0641\u0645\u0628\u0631 \u0662\u0660\u0661\u0669",
            "ar",
            "2019-11-20",
        ),
    ],
)
def test_date_is_read_as_it_is_written(text, language, day):
    assert iso_date(text, language) == day


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("05/11/2021", "en"),
        ("05/11/2021", ""),
        ("05/11/2021", "und"),
        ("05.11.2021", "xx-YY"),
        ("05.11.21", "de"),
        ("November 2019", "en"),
        ("November 20", "en"),
        ("20/11", "en-GB"),
        ("yesterday", "en"),
        ("2 days ago", "en"),
        ("last spring", "en"),
        ("2019", ""),
        ("1574257320", ""),
        ("31 February 2021", "en"),
        ("2019-02-31", ""),
        ("0001-01-01T00:00:00", ""),
        ("2019-W47-3", ""),
        ("D:2026", ""),
        ("", ""),
    ],
)
def test_ambiguous_dates_are_none(text, language):
    assert iso_date(text, language) == ""


@given(
    st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9 ./:,+-]{0,40}"),
    st.sampled_from(["", "en", "de-AT"]),
)
def test_any_text_is_a_date_or_none(text, language):
    assert len(iso_date(text, language)) in (0, 10)


@given(
    st.dates(min_value=date(1400, 1, 1), max_value=date(2200, 12, 31)),
    st.sampled_from(["en-GB", "de", "fr"]),
)
def test_day_first_where_the_language_has_it_first(day, language):
    assert iso_date(f"{day:%d/%m/%Y}", language) == day.isoformat()
