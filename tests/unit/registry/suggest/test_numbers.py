"""Units by name and by scale."""

from __future__ import annotations

import pytest

from gateway.registry.suggest.columns import Column
from gateway.registry.suggest.numbers import scale
from policies.dictionary import Element


def element(label: str, low: float, high: float, unit: str) -> Element:
    return Element(instrument="form", label=label, type="number", bounds=(low, high), unit=unit)


WEIGHT = element("Weight (kg)", 2, 350, "kg")
HEIGHT = element("Height (cm)", 40, 230, "cm")
SIZE = element("Largest dimension (cm)", 0.1, 60, "cm")


@pytest.mark.parametrize(
    ("column", "numbers", "declared", "unit", "sure"),
    [
        ("size", [82, 140, 95], SIZE, "mm", True),
        ("size", [8.2, 14, 9.5], SIZE, None, True),
        ("size_mm", [12, 40, 95], SIZE, "mm", True),
        ("weight", [165, 200, 140], WEIGHT, "lb", False),
        ("weight", [75, 90, 64], WEIGHT, None, True),
        ("weight_lbs", [165, 200, 140], WEIGHT, "lb", True),
        ("height", [66, 71, 69], HEIGHT, "in", False),
        ("height", [1.66, 1.71, 1.8], HEIGHT, "m", True),
        ("height", [166, 171, 180], HEIGHT, None, True),
    ],
)
def test_a_unit_is_found(
    column: str, numbers: list[float], declared: Element, unit: str | None, sure: bool
) -> None:
    values = {str(number): 1 for number in numbers}
    found = scale(Column(column, rows=3, filled=3, values=values), column, declared)
    assert (found.unit, found.sure) == (unit, sure)


def test_a_name_that_its_values_contradict_is_not_sure() -> None:
    values = {"1200": 1, "900": 1}
    found = scale(Column("size_cm", rows=2, filled=2, values=values), "size", SIZE)
    assert not found.sure
