"""How often rules fail, and which of them are about time."""

from __future__ import annotations

import pytest

from gateway.registry.derive import derive
from gateway.registry.quality.plausibility import compares_dates, plausibility
from gateway.registry.validate import check_rules
from tests.unit.registry.quality.beat import derivations, dictionary, row, rules, staged


def test_failures_are_counted_in_rows_and_in_patients(bench, tmp_path):
    staged(
        bench,
        tmp_path,
        [
            row("1", born="1990-01-01"),
            row("1", "op", 1, op_date="1980-01-01", risk=95),
            row("1", "op", 2, op_date="1981-01-01", risk=90),
            row("2", born="1990-01-01"),
            row("2", "op", 1, op_date="2000-01-01"),
        ],
    )
    every = derivations()
    derive(bench, dictionary(), every, every.check_against(dictionary(), where="v"))
    check_rules(bench, rules(), dictionary(), every)
    first, second = plausibility(bench, rules(), dictionary(), every)
    assert first == {
        "rule": "B1",
        "severity": "error",
        "temporal": True,
        "rows": 3,
        "failed": 2,
        "records": 1,
    }
    assert (second["rule"], second["temporal"], second["failed"], second["records"]) == (
        "B2",
        False,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("text", "temporal"),
    [
        ("op_date >= born", True),
        ("op_date between born and seen_on", True),
        ("risk = 1 or days(born, op_date) > 30", True),
        ("not any(seen where seen_on < op_date)", True),
        ("op_date > min(seen.seen_on)", True),
        ("op_date is not missing", False),
        ("risk <= 90 and sex = 'f'", False),
        ("year(op_date) > 1900", False),
        ("count(seen where died = 'y') <= 1", False),
    ],
)
def test_a_rule_is_temporal_where_it_compares_dates(text, temporal):
    assert compares_dates(text, {"op_date", "born", "seen_on"}) is temporal
