"""Identifiers of implants and devices: lot, serial, batch and UDI (HIPAA letter M).

UDI in the forms of GS1 ``(01)…(17)…(10)…(21)…``, HIBCC ``+…`` and ICCBBA ``=/…``; lot and serial
numbers behind their cue. A catalogue number is what the UDI calls the device identifier, and goes
where it is called so ("REF", "Cat. No."); model, part and size numbers stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.recognizers.identifiers import GROUPS
from deid.scan import Group, beside
from deid.span import Span

__all__ = ["find_devices"]

_VALUE = r"(?P<core>(?=[A-Za-z0-9\-/.]{0,40}\d)[A-Za-z0-9]{1,40}(?:[\-/.][A-Za-z0-9]{1,40}){0,8})"
_LINK = r"[ \t]{0,5}[:#]*[ \t]{0,5}(?:\n[ \t]{0,5}(?=[A-Z0-9\-/.]{5,}\b))?"
# The sign comes first: re finds it fast.
_UDI = tuple(
    re.compile(pattern)
    for pattern in (
        r"\(0?1\)\s?\d{8,14}(?:\s?\(\d{2,3}\)\s?[A-Za-z0-9\-/.]+)*",
        r"01(?<!\w01)\d{14}(?:(?:11|17)\d{6})?(?:10|21)[A-Za-z0-9\-]{1,20}(?!\w)",
        # lot and serial stand last: as much as a long one holds
        r"\+(?<!\w\+)[A-Z][A-Z0-9]{3}[A-Z0-9/$+%\-.]{4,120}",
        r"=(?<!\w=)/?[A-Z0-9]{5,}(?:[=&][,>)}A-Z0-9;/\-]{1,40}){0,8}",
    )
)
_LOT = re.compile(
    rf"(?i:\b(?:lots?|batch(?:es)?)(?:/(?:serial|sn|batch))?(?:[ \t]{{0,5}}(?:number|no|nr"
    rf"|code|#)\.?)*{_LINK}){_VALUE}"
)
_SERIAL = re.compile(
    r"(?i:\b(?:serials?|s/n|s\.n\.|sn(?=[ \t]{0,5}[:#]|[ \t]{1,3}[A-Z0-9\-]{4}))"
    rf"(?:[ \t]{{0,5}}(?:number|no|nr|code|#)\.?)*{_LINK}){_VALUE}"
)
_CUED_UDI = re.compile(
    rf"(?i:\b(?:udi(?:-di|-pi)?|gtin|device id(?:entifier)?|implant id(?:entifier)?"
    rf"|implant (?:no|number|#)|pacemaker (?:no|number|#))"
    rf"(?:[ \t]{{0,5}}(?:number|no|code|#)\.?)*{_LINK}){_VALUE}"
)
# "REF 5517-F-302", "Cat. No. 5517-F-302": no reference range ("REF 70-100", "Ref 3-14.5")
_CATALOGUE = re.compile(
    r"(?:\bREF|(?i:\bcat(?:alog(?:ue)?)?(?:\.|\b)))(?:[ \t]{0,3}(?i:number|num|no|nr|code|#)\.?)*"
    r"[ \t]{0,3}[:#]*[ \t]{0,3}(?=(?:[A-Z\-./]{0,12}\d){4})"
    r"(?!\d{1,2}[\-./]\d{1,2}[\-./](?:\d\d)?\d\d(?!\w))(?P<core>"
    r"[A-Z0-9]{1,8}(?P<sign>[\-./])[A-Z0-9]{1,8}(?:(?P=sign)[A-Z0-9]{1,8}){1,4}"
    r"|(?=[\dA-Z]*-?[\d]*[A-Z])[A-Z0-9]{1,10}-[A-Z0-9]{1,10}|(?=(?:[A-Z]*\d){5})[A-Z0-9]{6,16})"
    r"(?![\w%]|[\-/.]\w)"
)
_GROUPS: tuple[Group, ...] = (
    (re.compile(r"[LlBb](?i:ot|atch)"), 5, 160, (_LOT,)),
    (re.compile(r"[RCc](?:EF|(?i:at)\b|(?i:atalog))"), 2, 80, (_CATALOGUE,)),
    (re.compile(r"[Ss](?i:erial|/n|\.n\.|n[ \t:#])"), 5, 160, (_SERIAL,)),
    (
        re.compile(r"[UuGgDdIiPp](?i:di|tin|evice id|mplant [in#]|acemaker [n#])"),
        5,
        160,
        (_CUED_UDI,),
    ),
)


_LENGTH_MIN = 3  # "batch 2 of 5"
_MORE = re.compile(
    r"[ \t]{0,3}(?:,(?:[ \t]?(?:and|&))?|and|&|/|;|\+)[ \t]{0,3}"
    r"(?P<core>(?=[A-Z\-]*\d)[A-Z0-9\-]{4,40})(?!\w)"
)
# The rows of an implant log stand below a head that names the columns.
_TABLE_HEAD = re.compile(r"\b(?i:lots?|serial|s/n|udi)\b")
_COLUMNS_HEAD = re.compile(
    r"(?i:^.*[ ]{2}(?:lots?|serial|s/n|udi)(?:[ ](?:no\.?|number|#))?(?:[ ]{2}.*)?$)"
)
_ROWS_MAX = 40
_CELL = re.compile(r"(?<![\w(.\-])[A-Z0-9][A-Z0-9\-]{3,38}[A-Z0-9](?![\w.)\-])")
_EXPIRES = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])(?:-\d\d)?")
_DIGITS_ALONE = 6  # a number without letters is as long, or is a size or a year


def find_devices(text: str) -> Iterator[Span]:
    """Device identifiers; spans may overlap."""
    for pattern in _UDI:
        yield from _spans(text, pattern.finditer(text))
    yield from _spans(text, beside(text, _GROUPS))
    if "|" in text or "\t" in text or "  " in text:
        yield from _implant_log(text)


def _implant_log(text: str) -> Iterator[Span]:
    left = at = 0
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        in_blanks = "  " in line.strip()
        if "|" not in line and "\t" not in line and not in_blanks:
            left = 0
        elif left:
            left -= 1
            yield from _cells(text, start, at)
        elif (_COLUMNS_HEAD if in_blanks else _TABLE_HEAD).search(line.rstrip()):
            left = _ROWS_MAX


def _cells(text: str, start: int, end: int) -> Iterator[Span]:
    for cell in _CELL.finditer(text, start, end):
        if _EXPIRES.fullmatch(cell.group()):
            continue
        digits = sum(char.isdecimal() for char in cell.group())
        letters = any(char.isalpha() for char in cell.group())
        if digits >= (2 if letters else _DIGITS_ALONE):
            yield Span(*cell.span(), "ID", "device")


def _spans(text: str, matches: Iterator[re.Match[str]]) -> Iterator[Span]:
    for match in matches:
        start, end = match.span("core") if "core" in match.re.groupindex else match.span()
        few = end - start < _LENGTH_MIN and text[start:end].isdecimal()
        if few and not match.group().lower().startswith("lot "):  # of land: "Pine Park lot 22"
            continue
        if groups := GROUPS.match(text, end):
            end = groups.end()
        yield Span(start, end, "ID", "device")
        shape = _shape(text[start:end])
        while (more := _MORE.match(text, end)) and _shape(more["core"]) == shape:
            end = more.end()
            yield Span(*more.span("core"), "ID", "device")


def _shape(code: str) -> str:
    """What the codes of a list have in common: AAA000 of RDH117."""
    return "".join("0" if one.isdecimal() else "A" if one.isalpha() else one for one in code)
