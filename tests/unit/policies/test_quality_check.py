"""A declaration of quality that does not suit its registry is refused with its place."""

from __future__ import annotations

import pytest

from policies.errors import DeclarationError
from tests.unit.registry.quality.beat import QUALITY, checks, derivations, dictionary


def test_it_suits_its_registry():
    checks().check_against(dictionary(), derivations())


def test_a_window_asks_for_rows_in_its_days():
    windows = checks().windows["forms"]
    assert windows.captured(windows.times["early"]) == (
        "any(form where days(first_op, form_on) between 60 and 120 and (score is not missing))"
    )


@pytest.mark.parametrize(
    ("given", "instead", "place"),
    [
        ("end: last_seen", "end: last_sen", r"follow_up.year.end.*did you mean"),
        ("event: op_date", "event: risk", r"timeliness.entry.event"),
        ("ended: dead", "ended: sex", r"ended"),
        ("unit: op, event", "unit: ops, event", r'unknown unit "ops"'),
        ("rows: form", "rows: forms", r"windows.forms.times.early"),
        ("on: form_on", "on: score", r"windows.forms.times.early"),
        ("same: [number]", "same: [numbers]", r'duplicates.number.*unknown element "numbers"'),
        ("similar: [given, family]", "similar: [given, sex]", r'"sex" is no text'),
        ("[born, sex, op_date]", "[seen_on, op_date]", r"more than one other form"),
        ("weight: {unit: person", "weight: {unit: op_", r"bins.weight"),
        ("weight: {unit: person", "sex: {unit: person", r"bins.sex.*no number"),
        ("forms: [form]", "forms: [from]", r'stages.*unknown form "from"'),
    ],
)
def test_what_does_not_suit_is_named(given, instead, place):
    assert given in QUALITY
    with pytest.raises(DeclarationError, match=place):
        checks(QUALITY.replace(given, instead)).check_against(dictionary(), derivations())


@pytest.mark.parametrize(
    ("given", "instead", "says"),
    [
        ("days: [60, 120]", "days: [120, 60]", "ends before it begins"),
        ("cuts: [50, 80]", "cuts: [80, 50]", "must rise"),
        ("shared_max: 3", "shared_max: 1", "shared_max"),
        ("small: 3", "smal: 3", "unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused(given, instead, says):
    assert given in QUALITY
    with pytest.raises(DeclarationError, match=says):
        checks(QUALITY.replace(given, instead))
