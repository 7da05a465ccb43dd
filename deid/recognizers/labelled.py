"""Codes behind the name of what they are written on: "voucher CV-2207", "ID band: LB 2281907".

The names stand in ``lexicon/cues.yaml``: things of a hospital, an office, a laboratory, a road.
Cues that are enough with any value behind them (MRN, SSN) are in ``identifiers.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.recognizers.codes import BEHIND, CODE, is_code
from deid.recognizers.identifiers import GROUPS
from deid.scan import Group, at_words, beside, opening_words
from deid.span import Span
from deid.vocabulary import any_cue, cues

__all__ = ["find_labelled"]

_MARK = (
    r"(?P<mark>(?:[ \t]{0,5}(?:[:#=|(\[]|(?:numbers?|num|nos?|nr|ids?|identifier|code|is|was|reads"
    r"|ending(?: in)?|ends(?: in)?|sn|s/n|ref|card)\b\.?|\.(?=[ \t]))){1,4})"
)
_LINK = rf"s?(?:{_MARK}[ \t]{{0,5}}#?|[ \t]{{1,6}}|[ \t]?[-–—][ \t])[\"“'‘]?"


def _behind(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<![a-z0-9\-]){label}(?![a-z]{{2}}){_LINK}){CODE}{BEHIND}")


_SURE = any_cue("number_labels_sure")
_LABELS = any_cue("number_labels")
_INSURERS = rf"{any_cue('insurers')}(?:[ \t]+{any_cue('plan_words')}){{0,3}}"
_AT_CUES = (
    (opening_words(cues("number_labels_sure")), _behind(_SURE)),
    (opening_words(cues("number_labels")), _behind(_LABELS)),
    (opening_words(cues("insurers")), _behind(_INSURERS)),
)
# Short for a thing, with its sign: "WO# 31-5507", "IR # 19-2207".
_SIGNED = re.compile(rf"#[ ]?{CODE}{BEHIND}")
_COMMA = re.compile(
    rf"(?i:(?<![a-z0-9\-])(?:{_SURE}|{_LABELS})[ \t]{{0,3}}(?:number|no\b\.?|nr\b\.?|#)[ \t:#]{{0,4}})"
    r"(?P<core>\d{1,3}(?:,\d{3}){1,2})(?![\w,]|\.\d)"
)
_AT_NUMBER = (
    opening_words(cues("number_labels_sure")) | opening_words(cues("number_labels")),
    _COMMA,
)
_GROUPS: tuple[Group, ...] = ((re.compile(r"#[ ]?[A-Za-z]{0,5}[-/]?\d\d"), 2, 40, (_SIGNED,)),)
# A catalogue number names a product, a number of a list nothing.
_PRODUCT = re.compile(
    r"(?i:\b(?:cat(?:alog(?:ue)?)?|model|size|part|item|product|image|images|series|slice|level|call|dial|room|cpt|icd[\w\-]*|blade|needle|suture"
    r"|prolene|vicryl|nylon|ethibond|silk|monocryl|tube|ett|trocar)\.?[ \t]{0,3}$)"
)
# A slide or block of the specimen behind its number: "MS20-2217 A4".
_PART = re.compile(r"[ ](?-i:[A-Z]\d{1,2})(?![\w\-/]|\.\d)")
_OF_SPECIMEN = re.compile(r"(?i:specimen|block|slide|cassette|label|barcode)")
_MORE = re.compile(rf"[ \t]{{0,3}}(?:,|and|&|/|;|\+)[ \t]{{0,3}}{CODE}{BEHIND}")


def find_labelled(text: str) -> Iterator[Span]:
    """Codes behind labels; spans may overlap."""
    sure, plain, insured = at_words(text, _AT_CUES)
    for matches, is_sure in ((sure, True), (plain, False), (insured, False)):
        for match in matches:
            marked = match["mark"] is not None
            if is_code(match["core"], marked=marked, sure=is_sure):
                yield from _whole(text, match)
    for match in beside(text, _GROUPS):
        before = text[max(match.start() - 20, 0) : match.start()]
        if not _PRODUCT.search(before) and is_code(match["core"], marked=False, sure=False):
            yield from _whole(text, match)
    (counted,) = at_words(text, (_AT_NUMBER,))
    for match in counted:
        yield Span(*match.span("core"), "ID", "identifier")


def _whole(text: str, match: re.Match[str]) -> Iterator[Span]:
    """The code with its further groups, and the codes listed behind it."""
    start, end = match.span("core")
    if groups := GROUPS.match(text, end):
        end = groups.end()
    elif _OF_SPECIMEN.match(match.group()) and (part := _PART.match(text, end)):
        end = part.end()
    yield Span(start, end, "ID", "identifier")
    if (more := _MORE.match(text, end)) and is_code(more["core"], marked=False, sure=False):
        yield Span(*more.span("core"), "ID", "identifier")
