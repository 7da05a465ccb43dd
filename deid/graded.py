"""Eponyms of classifications with a grade behind them: "Crowe II", "Weber B"."""

from __future__ import annotations

import re

from deid.clinical_words import bare, lexicon
from deid.vocabulary import any_cue, cues, fold, given_names, is_word, known_names

__all__ = ["TITLE_BEFORE", "WORD_BEFORE", "is_graded"]

TITLE_BEFORE = re.compile(
    (
        r"\b(?:dr|drs|doctor|mr|mrs|ms|miss|mx|prof|professor|nurse|sister"
        r"|rev)\.?\s+(?:[^\W\d_]\.?\s+)?$"
    ),
    re.IGNORECASE,
)
WORD_BEFORE = re.compile(r"(?<![^\W_])([A-ZÀ-ÖØ-Þ][\w.'’\-]*)[ \t]{1,2}$")
# "Crowe II dysplasia", "Clark IV, Breslow 1.2 mm"
_GRADE = re.compile(r"[ \t](?:I{1,3}|I?V|VI{1,2})[ABCabc]?(?![\w.'’-])")
# "Weber B, Weber C", "Vancouver B1": a letter is an initial as well, so that the sentences about it
# must speak of what is graded, and nobody be named by a role or an act.
_LETTER_GRADE = re.compile(
    r"[ \t](?:(?i:type|class|grade)[ \t])?[A-D][1-3]?(?![\w'’-]|\.[ ]?[A-Z]\.)"
)
_PERSON_NEAR = re.compile(
    r"(?i:\b(?:by|with|per|from|nurse|surgeon|attending|assistant|fellow|resident|rn|md|np|pa|do"
    r"|crna|pt|patient|name|signed|called|paged)\b[.:,]?[ \t]{0,3})$"
)
_PERSON_BEHIND = re.compile(
    r"\.?,?[ \t](?:(?:RN|MD|DO|NP|PA|DPT|CRNA|PT|OT)\b|\(?\d{2,3}[ ]?(?:[MFy]|yo)\b)"
)
_GRADED_THINGS = re.compile(rf"\b(?i:{any_cue('letter_graded_things')})")
_THINGS_NEAR = 200  # characters
_CAPITALISED_BEHIND = re.compile(r",?[ \t]([A-Z][\w'’-]+)")


def is_graded(text: str, start: int, end: int) -> bool:
    """An eponym with a grade behind it, and no first name before it or behind: "Crowe II"."""
    grade = _GRADE.match(text, end) or _letter_grade(text, start, end)
    if grade is None or TITLE_BEFORE.search(text[max(0, start - 24) : start]):
        return False
    before = WORD_BEFORE.search(text[max(0, start - 40) : start])
    behind = _CAPITALISED_BEHIND.match(text, grade.end())
    if before and not (is_word(before[1]) or fold(before[1]) in lexicon().terms):
        return False
    return behind is None or not _is_first_name(behind[1])


def _letter_grade(text: str, start: int, end: int) -> re.Match[str] | None:
    """The letter behind an eponym of a classification that has letters, among what it grades."""
    if bare(text[start:end]) not in cues("letter_graded"):
        return None
    grade = _LETTER_GRADE.match(text, end)
    if grade is None or _PERSON_NEAR.search(text, max(start - 16, 0), start):
        return None
    if _PERSON_BEHIND.match(text, grade.end()):
        return None
    near = _GRADED_THINGS.search(text, max(start - _THINGS_NEAR, 0), end + _THINGS_NEAR)
    return grade if near else None


def _is_first_name(word: str) -> bool:
    plain = fold(word).strip(".")
    if plain in lexicon().eponyms or plain in cues("letter_graded"):
        return False
    return len(plain) == 1 or plain in given_names() | known_names()
