"""Ages over the cap in what is about to leave, looked for apart from the age layer.

It shares no pattern with the layer: at each number that could be one, and at each word for one, it
asks whether a word that can only mean an age stands beside it. Numbers without such a word ("he is
94") are left to the layer: here they would withhold notes for a pulse.
"""

from __future__ import annotations

import re

__all__ = ["tells_old_age"]

_OLDEST = 125  # years that anybody has lived
_NINETY = 90
_NUMBER = re.compile(r"\d(?<!\d\d)\d{1,2}(?!\d)")
_LETTERED = re.compile(r"(?<![\w.|])(?=[OoIl|]*\d)(?=\d*[OoIl|])[\dOoIl|]{2,3}(?!\d)")
_DIGITS = str.maketrans("OoIl|", "00111")
_IN_WORDS = re.compile(r"(?:ninet(?:y|ie)|hundred|nonagenarian|centenarian)")
_OLD_BEHIND = re.compile(
    r"(?:[.,]\d|\+|st|nd|rd|th|[½¼¾])?[\W_]{0,4}(?:years?[\W_]{0,3}(?:old|young|of[\W_]{1,3}age)\b"
    r"|y(?:rs?)?[\W_]{0,2}(?:old|of\sage)\b|y\.?[/-]?\s?o\.?(?:[mf]\b|(?![^\W_]))"
    r"|y(?:ea)?rs?[\W_]{1,2}(?:(?:wo)?man|lady|(?:fe)?male)\b|(?<=(?:st|nd|rd|th)[\W_])birthday\b)",
    re.IGNORECASE,
)
_OF_LIFE = re.compile(r"['’]?s\b")
_PERSON_BEFORE = re.compile(r"\bin(?:to)?\s(?:his|her|their)\s(?:[a-z]+[\s-]){0,3}$", re.IGNORECASE)
_AGE_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:patient[\W_]?)?age[ds]?\b[^\w.]{0,6}"
    r"(?:(?:is|was|of|at|about|now|in\syears|an?|one)\b[^\w.]{1,4}){0,2}$",
    re.IGNORECASE,
)
_OTHER_BEHIND = re.compile(
    r"[\w/%-]|[.,]\d|\s?[-–]\s?\d|\s?(?:months?|mos?|weeks?|wks?|days?|hours?|hrs?|minutes?|kg|lbs?"
    r"|cm|mm|mg|ml|percent)\b",
    re.IGNORECASE,
)
_SECOND_WORD = re.compile(r"[\s-]{1,3}(?:and[\s-])?[a-z]{3,9}")
_SEEN = 40  # characters before and behind


def tells_old_age(text: str, cap: int) -> bool:
    """Whether an age of ``cap`` years or more stands in ``text``, in figures (letters among
    them: "9O-year-old") or in words.
    """
    for number in _NUMBER.finditer(text):
        if cap <= int(number.group()) <= _OLDEST and _is_age(text, *number.span()):
            return True
    for number in _LETTERED.finditer(text):
        years = int(number.group().translate(_DIGITS))
        if cap <= years <= _OLDEST and _is_age(text, *number.span()):
            return True
    return cap <= _NINETY and _in_words(text.lower())


def _is_age(text: str, start: int, end: int) -> bool:
    """Whether a word beside the number that stands there makes it an age."""
    before, behind = text[max(0, start - _SEEN) : start], text[end : end + _SEEN]
    if before[-1:] and before[-1] in ".,/" and before[-2:-1].isdigit():
        return False
    if _OLD_BEHIND.match(behind):
        return True
    if _OF_LIFE.match(behind):
        return _PERSON_BEFORE.search(before) is not None
    return _AGE_BEFORE.search(before) is not None and _OTHER_BEHIND.match(behind) is None


def _in_words(small: str) -> bool:
    """Whether a word for 90 and more is an age in a text in small letters."""
    for word in _IN_WORDS.finditer(small):
        start, end = word.span()
        before = small[max(0, start - _SEEN) : start]
        if word.group().endswith("arian"):
            return True
        if word.group() == "ninetie":
            if _PERSON_BEFORE.search(before):
                return True
            continue
        second = _SECOND_WORD.match(small, end)
        ends = (end, second.end()) if second else (end,)  # "ninety", "ninety-four"
        if _AGE_BEFORE.search(before) or any(_OLD_BEHIND.match(small, stop) for stop in ends):
            return True
    return False
