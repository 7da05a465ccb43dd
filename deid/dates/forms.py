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
from deid.dates.elements import BIRTH, FEAST, MON_RUN, MON_YEAR_RUN
from deid.dates.partial_forms import PARTIAL
from deid.dates.whole_forms import RANGES, WHOLE
from deid.dates.words import MISSPELT

__all__ = ["FORMS", "JOINED", "MONTH_WORDS", "NUMBER", "OTHER_WORDS", "Beside"]

Beside = Literal["month", "word", "number"]
"""What a form is run beside: the name of a month, one of ``OTHER_WORDS``, or a ``NUMBER``."""

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


def _beside(pattern: str) -> Beside:
    if pattern == FEAST or "(?P<mon>march|may)" in pattern or r",?\s+the\s+" in pattern:
        return "word"
    if pattern.startswith(BIRTH):
        return "word"
    if MON_YEAR_RUN in pattern:
        return "month"
    # A month run into its day ("12MAR2021") is no word of its own.
    return "month" if "(?P<mon>" in pattern and MON_RUN not in pattern else "number"


FORMS = tuple(
    (kind, re.compile(pattern), _beside(pattern)) for kind, pattern in (*RANGES, *WHOLE, *PARTIAL)
)
JOINED = tuple((kind, re.compile(pattern)) for kind, pattern in joined_forms.JOINED)
