"""The forms in which clinical prose writes dates, as one table of patterns.

Order matters: earlier forms win over later ones where they overlap. Named groups: ``y`` year
(``yw`` in words), ``m`` month number, ``mon`` month name (``fmon`` in another language), ``rom``
Roman month, ``d`` day (``dw`` in words), ``w`` weekday, ``doy`` day of the year, ``wk`` and ``wd``
ISO week and its day, ``d2``/``m2``/``mon2`` end of a range, ``core`` the part that is the date
where the pattern needs a cue around it. Month and day with a slash and no year are no form of this
table: :mod:`deid.dates.slash_days` tells them from scores. ``JOINED`` is for what the table leaves.
"""

from __future__ import annotations

import re
from typing import Literal

from deid.dates import joined_forms
from deid.dates.elements import (
    BIRTH,
    CUE_RUN,
    DAY,
    DAY_00,
    DAY_LATE,
    FEAST,
    FILE_RUN,
    MON_RUN,
    MON_YEAR_RUN,
    MONTH,
    MONTH_00,
)
from deid.dates.partial_forms import PARTIAL
from deid.dates.whole_forms import RANGES, WHOLE
from deid.dates.words import MISSPELT, ORDINAL_WORDS
from deid.scan import Landmark, Windows, around, holding

__all__ = ["FORMS", "JOINED", "Beside", "windows"]

Beside = Literal[
    "month", "word", "number", "season", "ordinal", "separated", "spaced", "six", "roman", "run"
]
"""What a form is run beside; see ``_LANDMARKS`` and ``_INSIDE``."""

MONTH_WORDS = frozenset(
    {"jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "jun", "june"}
    | {"jul", "july", "aug", "august", "sep", "sept", "september", "oct", "october"}
    | {"nov", "november", "dec", "december"}
    | MISSPELT.keys()
)
"""All that the forms take for a month's name, in lower case."""
OTHER_WORDS = frozenset(
    {"march", "may", "fourth", "th", "dob", "bday", "birth", "birthday", "birthdate", "date"}
    | {
        day + end
        for day in [
            "mon",
            "tue",
            "tues",
            "wed",
            "weds",
            "wednes",
            "thu",
            "thur",
            "thurs",
            "fri",
            "sat",
            "satur",
            "sun",
        ]
        for end in ("", "day")
    }
)
"""The fourth of July, words for birth, weekdays (before "the third"), months that are verbs."""
# The digit or apostrophe comes first: re finds it fast. Doses, sizes and blood pressures are none.
NUMBER = re.compile(
    r"[\d'’‘`](?:(?<=\d)(?:\d{5}|(?<=1)[89]\d\d|(?<=2)[01]\d\d|(?<!\d\d\d)/\d"
    r"|\s?[-/.]\s?\d\d?\s?[-/.]\s?[\d'’‘`]"
    r"|[JFMASOND][A-Za-z]{2}|[-/.][IVXivx]|st|nd|rd|th)|(?<!\d)\d\d)"
)
_SEASONS = frozenset({"spring", "summer", "fall", "autumn", "winter", "quarter", "q"})
_BEFORE, _AFTER = 60, 80
_LANDMARKS: tuple[tuple[Beside, Landmark], ...] = (
    ("month", MONTH_WORDS),
    ("word", OTHER_WORDS),
    ("number", NUMBER),
    ("season", _SEASONS),
)
_INSIDE: tuple[tuple[Beside, Beside, Landmark], ...] = (
    ("ordinal", "month", ORDINAL_WORDS),
    ("separated", "number", re.compile(r"\d\s?[-/.]\s?[\d'’‘`]")),
    ("spaced", "number", re.compile(r"\d\s\d")),
    ("six", "number", re.compile(r"\d\d{5}")),
    ("roman", "number", re.compile(r"[IVXivx](?:(?<=\d[-/.\s].)|(?<=[-/.\s]\s.)|(?<=\s[-/.].))")),
    ("run", "number", re.compile(r"\d[JFMASOND][A-Za-z]{2}")),
)
"""What else must stand beside the landmark of the second for a form of the first."""
_SEPARATED = (
    *(r"(?P<s>[-/.])", MONTH + "/", MONTH + "[/-]", DAY + "/", DAY_LATE + "/"),
    "[-/]" + MONTH_00,
)
"""Parts of forms in which a sign stands between two figures."""


def windows(text: str) -> dict[Beside, Windows]:
    """The stretches of the text in which forms can match."""
    found: dict[Beside, Windows] = {
        beside: around(text, landmark, _BEFORE, _AFTER) for beside, landmark in _LANDMARKS
    }
    for beside, outer, landmark in _INSIDE:
        found[beside] = holding(text, found[outer], landmark)
    return found


def _beside(pattern: str) -> Beside:
    if pattern == FEAST or "(?P<mon>march|may)" in pattern or r",?\s+the\s+" in pattern:
        return "word"
    if pattern.startswith(BIRTH):
        return "word"
    if pattern.startswith((CUE_RUN, FILE_RUN)) or MONTH_00 + DAY_00 in pattern:
        return "six"
    if MON_YEAR_RUN in pattern:
        return "month"
    if MON_RUN in pattern:  # a month run into its day ("12MAR2021") is no word of its own
        return "run"
    if "(?P<mon>" in pattern:
        return "ordinal" if "(?P<dw>" in pattern else "month"
    if "spring" in pattern or "quarter" in pattern or "Q[1-4]" in pattern:
        return "season"
    if "(?P<rom>" in pattern:
        return "roman"
    if r"(?<!\d\s)" in pattern:
        return "spaced"
    return "separated" if any(part in pattern for part in _SEPARATED) else "number"


FORMS = tuple(
    (kind, re.compile(pattern), _beside(pattern)) for kind, pattern in (*RANGES, *WHOLE, *PARTIAL)
)
JOINED = tuple((kind, re.compile(pattern)) for kind, pattern in joined_forms.JOINED)
