"""A stage follows from what a site has; the next step names what it lacks."""

from __future__ import annotations

import pytest

from gateway.registry.quality.stage import rarely_recorded, standing, without_place
from tests.unit.registry.quality.beat import checks, dictionary

FORMS = {"person": {"rows": 9}, "op": {"rows": 9}, "seen": {"rows": 9}, "form": {"rows": 9}}


def told(**answered):
    """Completeness of ten rows each; elements not named are answered in all."""
    return [
        {
            "element": name,
            "instrument": element.instrument,
            "tier": element.tier or "",
            "applies": 0 if answered.get(name, 10) is None else 10,
            "answered": answered.get(name, 10) or 0,
        }
        for name, element in dictionary().elements.items()
        if name != "code"
    ]


def test_a_site_that_has_all_is_at_the_top():
    found = standing(told(), FORMS, checks())
    assert found.stage == 3
    assert found.next is None


def test_what_lacks_most_is_named_first():
    found = standing(told(risk=0, op_entered=4, pregnant=2), FORMS, checks())
    assert found.stage == 1
    # 3 of 4 core elements are needed (0.7 of 4, rounded up), 1 is recorded.
    assert (found.next.elements, found.next.recorded, found.next.needed) == (4, 1, 3)
    assert [one.element for one in found.next.lacking] == ["risk", "pregnant", "op_entered"]


def test_half_of_the_rows_is_recorded_and_less_is_not():
    assert standing(told(risk=5, op_entered=5, pregnant=5, number=5), FORMS, checks()).stage == 3
    assert standing(told(risk=4, op_entered=4), FORMS, checks()).stage == 1


def test_stages_are_climbed_in_order():
    found = standing(told(sex=0, weight=0), FORMS, checks())
    assert found.stage == 0
    assert found.next.stage == 1
    assert found.steps[1].reached


def test_what_nobody_is_asked_decides_nothing():
    found = standing(told(pregnant=None, risk=None), FORMS, checks())
    assert found.stage == 3
    assert found.steps[1].elements == 2


def test_the_top_stage_needs_its_forms():
    found = standing(told(), {**FORMS, "form": {"rows": 0}}, checks())
    assert found.stage == 2
    assert found.next.forms_missing == ("form",)
    assert not found.next.lacking


def test_nothing_at_all_is_no_stage():
    empty = told(**dict.fromkeys(dictionary().elements))
    assert standing(empty, {}, checks()).stage == 0


def test_a_registry_without_stages_has_none():
    assert standing(told(), FORMS, checks("quality: q\nversion: 1\ndictionary: beat\n")) is None


def test_elements_of_a_form_without_rows_are_lacking():
    """What nobody was asked because there is no such form is not what nobody had to be asked."""
    forms = {**FORMS, "op": {"rows": 0}}
    found = standing(told(op_date=None, op_entered=None, risk=None), forms, checks())
    assert found.stage == 0
    assert ("op_date", 0, 0) in [(e.element, e.answered, e.asked) for e in found.next.lacking]


@pytest.mark.parametrize(("answered", "rare"), [(0, True), (1, True), (2, False)])
def test_what_is_hardly_ever_answered_is_shown(answered, rare):
    found = rarely_recorded(told(risk=answered), dictionary(), checks())
    assert [(e.element, e.answered, e.asked) for e in found] == [("risk", answered, 10)] * rare


def test_what_has_no_place_is_absent_and_what_is_dropped_is_not():
    mapped = set(dictionary().elements) - {"score", "form_on", "number"}
    assert without_place(mapped, dictionary()) == ("form_on", "score")
