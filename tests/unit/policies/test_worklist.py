"""A declaration of worklists that does not suit its registry is refused with its place."""

from __future__ import annotations

import pytest

from policies.errors import DeclarationError
from tests.unit.registry.quality.beat import checks, derivations, dictionary
from tests.unit.registry.worklist.board import WORKLISTS, worklists


def test_it_suits_its_registry():
    worklists().check_against(dictionary(), derivations(), checks())
    assert list(worklists().lists) == ["visit", "risk", "forms"]


@pytest.mark.parametrize(
    ("given", "instead", "place"),
    [
        ("last: last_seen", "last: last_sen", r"contacts.visit.last.*did you mean"),
        ("last: last_seen", "last: dead", r"contacts.visit.last"),
        ("ended: dead", "ended: last_seen", r"contacts.visit.ended"),
        ("when: weight > 100", "when: weight", r"contacts.visit.schedules\[0\].when"),
        ("unit: op", "unit: ops", r'unknown unit "ops"'),
        ("missing: risk is missing", "missing: risk", r"lacking.risk.needs\[0\].missing"),
        ("since: op_date", "since: risk", r"lacking.risk.since"),
        ("windows: forms", "windows: form", r'windows.forms.*no windows "form"'),
        ("identifiers: [number", "identifiers: [sex", r'"sex" is no identifier'),
        ("identifiers: [number", "identifiers: [none", r'"none" is no identifier'),
        ("identifiers: [number", "identifiers: [op_date", r'"op_date" is no identifier'),
    ],
)
def test_what_does_not_suit_is_named(given, instead, place):
    assert given in WORKLISTS
    declared = worklists(WORKLISTS.replace(given, instead))
    with pytest.raises(DeclarationError, match=place):
        declared.check_against(dictionary(), derivations(), checks())


@pytest.mark.parametrize(
    ("given", "instead", "says"),
    [
        ("{every_days: 100, until_days: 365}", "{every_days: 100}", "only the last may be without"),
        ("until_days: 1000", "until_days: 365", "follow each other"),
        ("every_days: 30", "every_days: 0", "every_days"),
        ("  forms: {label", "  risk: {label", "same name"),
        ("step: call", "stop: call", "unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused(given, instead, says):
    assert given in WORKLISTS
    with pytest.raises(DeclarationError, match=says):
        worklists(WORKLISTS.replace(given, instead))
