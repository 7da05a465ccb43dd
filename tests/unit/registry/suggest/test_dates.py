"""Formats of dates, and what cannot be told."""

from __future__ import annotations

import pytest

from gateway.registry.suggest.dates import Dates, read_dates


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["2020-01-31", "2021-12-01"], Dates(None, 1.0)),
        (["2020-01-31 10:00", "2021-12-01T08:00:00"], Dates(None, 1.0)),
        (["01/31/2020", "12/01/2021"], Dates("%m/%d/%Y", 1.0)),
        (["31/01/2020", "01/12/2021"], Dates("%d/%m/%Y", 1.0)),
        (["31.01.2020", "01.12.2021"], Dates("%d.%m.%Y", 1.0)),
        (["31-Jan-2020", "01-Dec-2021"], Dates("%d-%b-%Y", 1.0)),
        (["01/31/20", "12/01/21"], Dates("%m/%d/%y", 1.0)),
        (["20200131", "20211201", "20211202"], Dates("%Y%m%d", 1.0)),
        (["01/31/2020 9:30 AM"], Dates("%m/%d/%Y %I:%M %p", 1.0)),
        (["01/02/2020", "03/04/2021"], Dates("%m/%d/%Y", 1.0, "%d/%m/%Y")),
    ],
)
def test_a_format_is_found(values: list[str], found: Dates) -> None:
    assert read_dates(values) == found


@pytest.mark.parametrize(
    "values",
    [[], ["left", "right"], ["12.5", "13.25"], ["123456", "234567"], ["01/31/2020", "31/01/2020"]],
)
def test_what_is_no_date_or_is_written_both_ways_has_no_format(values: list[str]) -> None:
    assert read_dates(values) is None


@pytest.mark.parametrize(
    ("values", "epic", "found"),
    [
        (["67604", "58000.0"], True, Dates("epic days", 1.0)),
        (["67604", "58000"], False, None),
        (["1234", "99999"], True, None),
        (["2026-02-03"], True, Dates(None, 1.0)),
    ],
)
def test_day_numbers_are_dates_in_an_extract_of_epic(
    values: list[str], epic: bool, found: Dates | None
) -> None:
    assert read_dates(values, epic=epic) == found
