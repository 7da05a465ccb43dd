"""Codes that no label announces and that clinical text has nothing of the shape of.

Six figures in a word of letters and figures, or in one number that is not round; a code between
slashes ("TB/16/4402"); four figures and four that are no range. Real transcriptions without
identifiers hold next to none of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.recognizers.codes import BEHIND, are_hours, is_code, is_public
from deid.scan import Group, beside
from deid.span import Span

__all__ = ["find_bare_codes"]

_ALONE = r"(?<![\w.,/+\-–$^:=<>~#@])"
_MIXED = re.compile(
    rf"{_ALONE}(?=[A-Z\-]*\d)(?=[\d\-]*[A-Za-z])(?=[A-Za-z0-9\-]*\d{{3}})(?=(?:[A-Za-z\-]*\d){{6}})"
    rf"[A-Za-z0-9]{{1,20}}(?:-[A-Za-z0-9]{{1,16}}){{0,5}}{BEHIND}"
)
# Six figures alone are a count where they are round or stand behind what is counted.
_SIX = re.compile(rf"{_ALONE}(?!(?:19|20)\d{{4}})\d{{6}}(?<!000){BEHIND}(?!\))")
_COUNTED = re.compile(
    r"(?i:(?:plt|platelets?|plts|wbc|rbc|count|copies|load|cells|pnp|bnp|ferritin|ck|cpk"
    r"|hcg|afp|ldh|units"
    r"|of|was|is|at|to|from|than|about|over|under|icd|cpt|code)[ \t:=]{0,4}$)"
)
_SLASHED = re.compile(
    rf"{_ALONE}(?!(?:BP|NIBP|HR|P|R|RR|T|ABG|VBG|H|HH|SPO|FEV|HPV|ER|PR)[/\-])"
    rf"(?:[A-Z]{{2,5}}[/\-]\d{{2,6}}/\d{{2,6}}|[A-Z]{{2,5}}/\d{{4,8}})(?:/[A-Z0-9]{{1,4}})?{BEHIND}"
)
_FOURS = re.compile(rf"{_ALONE}(?!(?:19|20)\d\d-(?:19|20))(\d{{4}})-(\d{{4}}){BEHIND}")
# Of a person in other countries: Brazil, Chile, Switzerland, India.
_ABROAD = re.compile(
    r"(?<![\w.\-])(?:\d{1,3}\.\d{3}\.\d{3}-[\dkK]{1,2}|756(?:\.\d{4}){2}\.\d\d)(?![\w.\-]*\d)"
)
_PAN = re.compile(r"(?<![\w\-])[A-Z]{5}\d{4}[A-Z](?![\w\-])")
# A file with a number for its name: "IMG_4418.jpg".
_FILE = re.compile(
    r"(?<![\w.\-])(?=[\w\-]{0,59}\d\d)[\w\-]{2,60}\.(?i:jpe?g|png|heic|dcm|pdf|mov|mp4"
    r"|tiff?|docx?)\b"
)
# A docket of a court, an identifier of a DICOM object.
_DOCKET = re.compile(r"(?<![\w:\-])(?:\d:)?\d\d-[a-zA-Z]{2}-\d{3,6}(?:-[A-Z]{2,3}){0,2}(?![\w\-])")
_UID = re.compile(r"(?<![\w.])[0-2](?:\.\d{1,39}){5,15}(?![\w.])")
_GROUPS: tuple[Group, ...] = (
    # four figures in a row, or three beside a letter or a hyphen
    (re.compile(r"\d\d{2}(?:[\dA-Za-z\-]|(?<=[A-Za-z\-]\d{3}))"), 30, 60, (_MIXED, _SIX, _FOURS)),
    (re.compile(r"/\d\d"), 16, 24, (_SLASHED,)),
    (re.compile(r"\.\d{3}(?:\.\d{3}-|\d\.\d{4}\.)"), 6, 16, (_ABROAD,)),
    (re.compile(r"[A-Z]\d{4}[A-Z]"), 8, 4, (_PAN,)),
    (
        re.compile(r"\.(?i:jpe?g|png|heic|dcm|pdf|mov|mp4|tiff?|docx?)\b"),
        64,
        8,
        (_FILE,),
    ),
    (re.compile(r"-[a-zA-Z]{2}-\d{3}"), 6, 12, (_DOCKET,)),
    (re.compile(r"\.\d{1,39}\.\d{1,39}\.\d{1,39}\.\d"), 90, 400, (_UID,)),
)


def find_bare_codes(text: str) -> Iterator[Span]:
    """Codes without a label; spans may overlap."""
    for match in beside(text, _GROUPS):
        value = match.group()
        if match.re is _SIX:
            wanted = _COUNTED.search(text[max(match.start() - 16, 0) : match.start()]) is None
        elif match.re is _FOURS:
            first, last = match.groups()
            wanted = not are_hours(value) and (first[0] == "0" or int(first) > int(last))
        elif match.re in (_DOCKET, _UID, _ABROAD, _PAN, _FILE):
            wanted = True
        else:
            wanted = is_code(value, marked=False, sure=False) and not is_public(value)
        if wanted:
            yield Span(match.start(), match.end(), "ID", "identifier")
