"""What counts of the days and numbers that the model finds in a note that names many.

Such notes write days and numbers as they write names, without cue: "mw 6/10", "chart 77-301".
Rules cannot tell those from scores and sizes; the model has read the sentence. It is believed
only in such notes (:func:`deid.gate.names_many`), and never about what medicine writes so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from deid.dates.note_days import scales_of
from deid.dates.slash_pairs import MONTH_FIRST, pairs
from deid.recognizers.codes import BEHIND, are_hours, is_code, is_product, is_public
from deid.span import Place, Span
from deid.vocabulary import is_word

__all__ = ["Figures"]

_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    r"|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|[a-z]{3,6}teenth|twentieth|thirtieth|thousand",
    re.IGNORECASE,
)
_OF_DAY = re.compile(
    r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}|st|nd|rd|th|last|next|early|late|mid|weekend|instant"
    r"|spring|summer|autumn|fall|winter|twenty|thirty|nineteen|tomorrow|yesterday",
    re.IGNORECASE,
)
_SMALL = re.compile(r"the|of|on|and|this|end|to|day|long|de|le|el|den|il|two", re.IGNORECASE)
_MISREAD = re.compile(r"[lIOo]")
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"['’]?(?:19|20)\d\d(?:[-–](?:(?:19|20)\d\d|\d\d))?")
_AMOUNT_BEHIND = re.compile(rf"{BEHIND}(?![ ]?q\d)")
_PLACE_BEFORE = re.compile(r"(?i:\b(?:bed|room|rm|bay|ward|unit|pod)[ #:]{0,2}$)")
_CODED_BEFORE = re.compile(r"\b(?:CPT|ICD|DRG|ATC)\b[^\n]{0,40}$")
_SPOKEN = re.compile(
    r"\b(?:oh?|zero|one|two|three|four|five|six|seven|eight|nine|double|hundred)\b", re.IGNORECASE
)
_LABEL_BEFORE = re.compile(
    r"(?i:\b(?:chart|file|form|no|nr|num|number|code|id|rec|record|case|acct|account|env|envelope"
    r"|card|reg|lab|book|docket|cert|ref|claim|phone|tel|pager|mob)\b[.:# ]{0,3}$)"
)
_SCORE_BEFORE = re.compile(r"[=<>]\s?$")
_AMOUNT = re.compile(r"\d\s?(?:mg|mcg|g|kg|ml|cc|cm|mm|l|%)$|\s/\s", re.IGNORECASE)
_DIGITS_MIN, _SPOKEN_MIN = 2, 3
_MONTHS, _DAYS, _YEAR_MIN, _FOREIGN_MIN = 12, 31, 1000, 3


class Figures:
    """Judges the findings in one text. ``dates`` are the stretches known as dates, in order."""

    def __init__(self, text: str, dates: Sequence[Place]) -> None:
        self._text = text
        self._dates = dates

    def has_day(self, span: Span) -> bool:
        """Whether the stretch can be a day or a month: in figures or words that dates have, no
        year alone (Safe Harbor keeps it), no amount, and no score by the words around it or by
        the scales of this note.
        """
        text = self._text
        value = text[span.start : span.end]
        if _YEAR.fullmatch(value) or not _is_written_so(value):
            return False
        if _AMOUNT_BEHIND.match(text, span.end) is None or self._is_place(span):
            return False
        pair = MONTH_FIRST.fullmatch(text, span.start, span.end)
        if pair is None:
            return True
        if _SCORE_BEFORE.search(text, max(span.start - 2, 0), span.start):
            return False
        m, d = int(pair["m"]), int(pair["d"])
        scored, scales = self._scores
        return span.start not in scored and not (d in scales and m <= d)

    def has_number(self, span: Span) -> bool:
        """Whether the stretch can be a number of somebody: figures, said or written, that are no
        vertebra, dose, stage, gene, range, trial, billing code or model of a product.
        """
        text = self._text
        value = text[span.start : span.end]
        if sum(map(str.isdecimal, value)) < _DIGITS_MIN:
            return len(_SPOKEN.findall(value)) >= _SPOKEN_MIN
        if is_public(value) or are_hours(value) or _YEAR.fullmatch(value) or _AMOUNT.search(value):
            return False
        if is_product(text, span.start) or self._is_place(span):
            return False
        if _CODED_BEFORE.search(text, max(span.start - 60, 0), span.start):
            return False
        packed = re.sub(r"[\s_#:]+", "", value)
        labelled = _LABEL_BEFORE.search(text, max(span.start - 14, 0), span.start) is not None
        return _AMOUNT_BEHIND.match(text, span.end) is not None and is_code(
            packed, marked=labelled, sure=True
        )

    def _is_place(self, span: Span) -> bool:
        """Whether a bed or a room has this number."""
        return _PLACE_BEFORE.search(self._text, max(span.start - 8, 0), span.start) is not None

    @cached_property
    def _scores(self) -> tuple[frozenset[int], frozenset[int]]:
        return scales_of(self._text, pairs(self._text, self._dates))


def _is_written_so(value: str) -> bool:
    """Whether words and figures are those of a date."""
    words = _WORD.findall(value)
    figures = [int(figure) for figure in re.findall(r"\d+", value)]
    if not figures:
        return any(map(_MONTH.fullmatch, words))
    if any(not _MISREAD.fullmatch(word) for word in words):
        return (
            all(_SMALL.fullmatch(word) or _tells_day(word) for word in words)
            and any(map(_tells_day, words))
            and any(1 <= figure <= _DAYS for figure in figures)
        )
    if words:  # what a scanner made of figures
        return True
    year_first = figures[0] > _YEAR_MIN
    first, second = ([*figures, 0, 0][1:3]) if year_first else ([*figures, 0][:2])
    return ":" not in value and 1 <= min(first, second) <= _MONTHS and max(first, second) <= _DAYS


def _tells_day(word: str) -> bool:
    if _MONTH.fullmatch(word) or _OF_DAY.fullmatch(word):
        return True
    # "Novemba", "dhjetor": months of other languages are no words of this one
    return len(word) >= _FOREIGN_MIN and not word.isupper() and not is_word(word)
