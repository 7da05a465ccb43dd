"""In which unit a column's numbers are, by its name and by their scale."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from gateway.registry.sitemap import conversion, related_units
from gateway.registry.suggest.columns import Column
from gateway.registry.suggest.words import tokens, unit_named, vocabulary
from policies.dictionary import Element

__all__ = ["Scale", "scale"]

_INSIDE_MIN = 0.9


@dataclass(frozen=True)
class Scale:
    """``unit`` None: the element's own. ``inside`` is the share of values within the bounds."""

    unit: str | None
    inside: float
    why: str
    sure: bool = True


def scale(column: Column, name: str, element: Element) -> Scale:
    """The unit that ``column``'s numbers are most likely in; the column must hold numbers."""
    own = element.unit
    named = unit_named(column.name) or unit_named(column.label or "")
    units = related_units(own) if own else ()
    if own is None or own not in units:
        return Scale(None, _inside(column, element, 1.0), "")
    fits = {unit: _inside(column, element, _factor(unit, own)) for unit in units}
    if named is not None and fits.get(named, 0) >= _INSIDE_MIN:
        return Scale(_other(named, own), fits[named], f"its name says {named}")
    if named is not None and named in fits:
        best = max(fits, key=lambda unit: (fits[unit], unit == named))
        return Scale(
            _other(best, own), fits[best], f"its name says {named}, its values {best}", False
        )
    usual = _usual(column, name, element, own, fits)
    if usual is not None:
        sure = usual == own or fits[own] < _INSIDE_MIN
        return Scale(
            _other(usual, own), fits[usual], f"by their scale the values are {usual}", sure
        )
    if fits[own] >= _INSIDE_MIN:
        return Scale(None, fits[own], "")
    best = max(fits, key=lambda unit: fits[unit])
    if fits[best] >= _INSIDE_MIN > fits[own]:
        alike = [u for u, share in fits.items() if share >= _INSIDE_MIN]
        return Scale(_other(best, own), fits[best], f"by their scale {best}", len(alike) == 1)
    return Scale(None, fits[own], "")


def _factor(unit: str, own: str) -> float:
    ratio = conversion(unit, own) or (1, 1)
    return ratio[0] / ratio[1]


def _other(unit: str, own: str) -> str | None:
    return None if unit == own else unit


def _inside(column: Column, element: Element, factor: float) -> float:
    low, high = element.bounds
    numbers = [number * factor for number in column.numbers]
    fit = [n for n in numbers if (low is None or n >= low) and (high is None or n <= high)]
    return len(fit) / len(numbers) if numbers else 0.0


def _usual(
    column: Column, name: str, element: Element, own: str, fits: dict[str, float]
) -> str | None:
    """The one unit in which the middle value is usual for such an element, if one is."""
    words = {*tokens(name), *tokens(element.label)}
    for known in vocabulary()["usual"]:
        if not set(known["words"]) <= words or conversion(known["unit"], own) is None:
            continue
        middle = statistics.median(column.numbers)
        to = {unit: middle * _factor(unit, known["unit"]) for unit in fits}
        usual = [
            unit
            for unit, share in fits.items()
            if share >= _INSIDE_MIN and known["low"] <= to[unit] <= known["high"]
        ]
        if usual:
            return own if own in usual else usual[0] if len(usual) == 1 else None
    return None
