"""Ages in a table that is to leave, where the largest one stands for all above it.

45 CFR 164.514(b)(2)(i)(C): ages over 89 are one class, and so is whatever tells such an age. An
age of 88 beside an event 1,500 days later is an age of 92. Whoever's age and days tell too much
gets an open class, ``80+``: the days stay, since survival is what such a table is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["DAYS_PER_YEAR", "open_ages"]

DAYS_PER_YEAR = 365.25
_STEP_YEARS = 10
"""Open classes begin at multiples of it: few classes, so that few of them are rare."""


def open_ages(
    ages: Sequence[Any], days: Sequence[float | None], cap: int
) -> tuple[list[str | None], list[bool]]:
    """What stands for each age, as text, and which ages read an open class because of the days.

    ``ages`` are in years, None where unknown; ``days`` are, per row, the most days that lie
    between the age and anything else known of the patient, None where nothing is known. ``cap``
    itself reads ``90+``. An age for which no class is wide enough becomes None.
    """
    said: list[str | None] = []
    opened: list[bool] = []
    for age, span in zip(ages, days, strict=True):
        if age is None:
            said.append(None)
            opened.append(False)
            continue
        years = max(0.0, span or 0.0) / DAYS_PER_YEAR
        # The class of the oldest tells no more than itself within its first year.
        told = years >= 1 if age >= cap else age + years >= cap
        opened.append(told)
        said.append(_open(cap - years) if told else f"{cap}+" if age >= cap else str(age))
    return said, opened


def _open(below: float) -> str | None:
    """The open class that begins highest, and yet so low that it may be of somebody younger."""
    start = int((below - 1) // _STEP_YEARS) * _STEP_YEARS
    return f"{start}+" if start > 0 else None
