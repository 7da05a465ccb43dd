"""Codes behind the name of what they are written on: "voucher CV-2207", "ID band: LB 2281907".

The names stand in ``lexicon/cues.yaml``: things of a hospital, an office, a laboratory, a road.
Cues that are enough with any value behind them (MRN, SSN) are in ``identifiers.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.recognizers.codes import BEHIND, CODE, are_hours, is_code
from deid.recognizers.identifiers import GROUPS
from deid.scan import WORD, AtWords, Group, at_words, beside, opening_words
from deid.span import Span
from deid.vocabulary import any_cue, cues, is_word

__all__ = ["find_labelled"]

_MARK = (
    r"(?P<mark>(?:[ \t]{0,5}(?:(?:#s\b|[:#=|(\[])|(?:numbers?|num|nos?|nr|ids?|identifier"
    r"|code|is|was|reads|says|as"
    r"|ending(?: in)?|ends(?: in)?|sn|s/n|ref|card)\b\.?|\.)){1,4})"
)
_LINK = rf"(?:{_MARK}[ \t]{{0,5}}#?|[ \t]{{1,6}}|[ \t]?[-–—][ \t])[\"“'‘]?"


def _at(name: str) -> tuple[AtWords, AtWords]:
    """The one-word labels of a list, and the longer ones: a choice among hundreds of words is
    slow in a pattern, and where one of them begins is known.
    """
    single = frozenset(label.lower() for label in cues(name) if WORD.fullmatch(label))
    return (single, _behind("[a-z]+")), (opening_words(cues(name) - single), _behind(any_cue(name)))


def _behind(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<![a-z0-9\-]){label}(?![a-z]){_LINK}){CODE}{BEHIND}")


_INSURERS = rf"{any_cue('insurers')}(?:[ \t]+{any_cue('plan_words')}){{0,3}}"
_SURE, _PLAIN = _at("number_labels_sure"), _at("number_labels")
_AT_CUES = (*_SURE, (opening_words(cues("insurers")), _behind(_INSURERS)), *_PLAIN)
_SURE_TABLES = 2
# Short for a thing, with its sign: "WO# 31-5507", "IR # 19-2207".
_SIGNED = re.compile(rf"#[ ]?(?=[A-Za-z]{{0,5}}[-/ ]?\d\d){CODE}{BEHIND}")
_COMMA = re.compile(
    r"(?i:(?<![a-z0-9\-])[a-z]+[ \t]{0,3}(?:number|no\b\.?|nr\b\.?|#)[ \t:#]{0,4})"
    r"(?P<core>\d{1,3}(?:,\d{3}){1,2})(?!\w|[.,]\d)"
)
_AT_NUMBER = (_SURE[0][0] | _PLAIN[0][0], _COMMA)
_SIGNED_DIGITS = 4  # fewer stand before an instrument: "a #138 blade"
# "protocol no. 18-2210": whatever has a number.
_NUMBERED = re.compile(
    rf"(?<![A-Za-z])[Nn](?:o|r|os)\.[ ]?(?=[A-Za-z]{{0,5}}[-/ ]?\d\d){CODE}{BEHIND}"
)
# Of the immigration office: nine figures.
_ALIEN = re.compile(
    r"(?<![A-Za-z0-9])A(?:-?[Nn](?:umber|o\.?)|[ ]?#)[ \t:#]{0,3}A?"
    r"(?P<core>\d{3}[ \-]?\d{3}[ \-]?\d{3})(?![\w\-])"
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(r"A(?:-?[Nn](?:umber|o)|[ ]?#)"), 2, 30, (_ALIEN,)),
    (re.compile(r"#[ ]?[A-Za-z]{0,5}[-/ ]?\d\d"), 2, 40, (_SIGNED,)),
    (re.compile(r"[Nn](?:o|r|os)\.[ ]?[A-Za-z]{0,5}[-/ ]?\d\d"), 2, 40, (_NUMBERED,)),
)
_WORD_LENGTH_MIN = 4  # shorter labels before a full stop are abbreviations: "pol.", "lic."
# A model number names a product, a number of a list nothing; catalogues: devices.py.
_PRODUCT = re.compile(
    r"(?i:\b(?:cat(?:alog(?:ue)?)?|model|size|part|item|product|image|images|series|slice"
    r"|level|call|dial|room|cpt|icd[\w\-]*|blade|needle|suture"
    r"|prolene|vicryl|nylon|ethibond|silk|monocryl|tube|ett|trocar)\.?[ \t]{0,3}$)"
)
# A slide or block of the specimen behind its number: "MS20-2217 A4".
_PART = re.compile(r"[ ](?-i:[A-Z]\d{1,2})(?![\w\-/]|\.\d)")
_OF_SPECIMEN = re.compile(r"(?i:specimen|block|slide|cassette|label|barcode)")
# "Shift: 1900-0700" says when, not which.
_ON_DUTY = re.compile(r"(?i:shift|crew|visit|appointment|appt|exam|event|school|class)")
# The last letter or figure of a code in groups, with nothing behind it: "9022 8817 A".
_LAST = re.compile(r"[ ](?:[A-Z]{1,2}|\d)(?=[ ]{2}|[ \t]*(?:\Z|[\n,.;)]))")
_MORE = re.compile(rf"[ \t]{{0,3}}(?:,|and|&|/|;|\+)[ \t]{{0,3}}{CODE}{BEHIND}")


def find_labelled(text: str) -> Iterator[Span]:
    """Codes behind labels; spans may overlap."""
    for table, matches in enumerate(at_words(text, _AT_CUES)):
        for match in matches:
            marked, sure = match["mark"] is not None, table < _SURE_TABLES
            yield from _whole(text, match, marked=marked, sure=sure)
    for match in beside(text, _GROUPS):
        if not _PRODUCT.search(text, max(match.start() - 20, 0), match.start()):
            yield from _whole(text, match, marked=True, sure=False)
    (counted,) = at_words(text, (_AT_NUMBER,))
    for match in counted:
        yield Span(*match.span("core"), "ID", "identifier")


def _whole(text: str, match: re.Match[str], *, marked: bool, sure: bool) -> Iterator[Span]:
    """The code with its further groups, and the codes listed behind it."""
    start, end = match.span("core")
    if _ON_DUTY.match(match.group()) and are_hours(match["core"].split()[-1]):
        return
    if match.groupdict().get("mark") == "." and _ends_sentence(text, match):
        return
    if groups := GROUPS.match(text, end):
        end = groups.end()
    elif _OF_SPECIMEN.match(match.group()) and (part := _PART.match(text, end)):
        end = part.end()
    if end > match.end("core") and (last := _LAST.match(text, end)):
        end = last.end()
    together = text[start:end].replace(" ", "")
    known = is_code(match["core"], marked=marked, sure=sure) and (
        match.re not in (_SIGNED, _NUMBERED) or sum(map(str.isdecimal, together)) >= _SIGNED_DIGITS
    )
    grouped = groups is not None and (
        sure or match.re in (_SIGNED, _NUMBERED) or not together.isdecimal()
    )
    if not known and not (grouped and is_code(together, marked=False, sure=False)):
        return
    yield Span(start, end, "ID", "identifier")
    while (more := _MORE.match(text, end)) and is_code(more["core"], marked=False, sure=False):
        end = more.end()
        yield Span(*more.span("core"), "ID", "identifier")


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether the full stop behind a label is the end of a sentence ("for coverage. EBL 350"), not
    of an abbreviation ("Ref. 4471").
    """
    label = text[match.start() : match.start("mark")].rsplit(maxsplit=1)[-1]
    return len(label) >= _WORD_LENGTH_MIN and is_word(label)
