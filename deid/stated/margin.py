"""Margins: the residual tumour class, in its own terms or in words, and the closest distance."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.stated.context import NEOPLASM, Found, doubted, earlier, number, sentences

__all__ = ["closest_margins", "margins"]

_EDGE = (
    r"(?:margins?|edges? of (?:resection|excision)"
    r"|(?:resection|excision|inked|surgical) edges?|ink)\b"
)
# Of "R0/R1" neither is stated.
_CLASS = re.compile(
    r"(?<!\bR[012][/-])(?<!\bR[012] / )(?<!\bR[012] or )(?<!\bR[012] to )"
    r"\bR\s?([012X])\b(?!\s*[-/]\s*R?\d|\s(?:or|to)\sR[012])"
)
_NEAR = re.compile(r"\bmargins?\b|\bresect\w*|\bexcis\w*|residual tumou?r", re.IGNORECASE)
# Edges of other things than a specimen.
_ANATOMY = re.compile(
    r"\b(?:costal|lid|eyelid|disc|optic|orbital|supraorbital|gingival|liver|hepatic|cardiac"
    r"|heart|rib"
    r"|psoas|corneal|sternal|scapular|acetabular|vertebral|ulcer|wound|flap)\s+margins?\b"
    r"|\bmargins? of (?:the )?(?:error|safety|liver|lid|disc|orbit)\b",
    re.IGNORECASE,
)
_GAP = r"(?:(?!\b(?:but|although|however|while|whereas)\b)[^.;\n])"
_CLEAR = re.compile(
    rf"\b{_EDGE}{_GAP}{{0,60}}?\b(?:negative|free|clear|clean|uninvolved|not involved"
    rf"|unremarkable)\b"
    rf"|\b(?:negative|free|clear|clean|uninvolved"
    rf"|tumou?r-free)\s+(?:[\w-]+\s+(?:and\s+)?){{0,3}}?{_EDGE}"
    rf"|\bno (?:residual |evidence of |invasive |microscopic )*(?:tumou?r|malignancy|carcinoma"
    rf"|sarcoma|melanoma"
    rf"|involvement|dysplasia|neoplasm){_GAP}{{0,40}}?{_EDGE}"
    rf"|\b{_EDGE}{_GAP}{{0,30}}?(?:show|reveal|demonstrate|contain|without|with|are|is|have)\w*\s+"
    rf"(?:no|any|without)?\s*(?:evidence of |residual )?no\s+(?:evidence of |residual )*"
    rf"(?:tumou?r|malignancy|carcinoma|sarcoma|melanoma|involvement)"
    rf"|(?:does not|did not|do not)\s+(?:extend|involve|reach|approach){_GAP}{{0,30}}?{_EDGE}"
    rf"|\bno\s+(?:[\w-]+\s+){{0,2}}?positive\s+(?:[\w-]+\s+){{0,2}}?{_EDGE}"
    rf"|\bno\s+ink\s+(?:on|at)\s+(?:the\s+)?{NEOPLASM}",
    re.IGNORECASE,
)
_INVOLVED = re.compile(
    rf"\b{_EDGE}{_GAP}{{0,60}}?\b(?:positive|involved|not free|not clear|transected)\b"
    rf"|\bpositive\s+(?:[\w-]+\s+(?:and\s+)?){{0,3}}?{_EDGE}"
    rf"|{NEOPLASM}{_GAP}{{0,40}}?(?:extend\w*(?:\s+\w+)?\s+(?:in)?to"
    rf"|present (?:focally )?(?:at|on)|is at"
    rf"|involv\w+|reach\w+|transected (?:at|by)|seen at|identified at"
    rf"|touch\w+)\s+(?:[\w-]+\s+){{0,5}}?{_EDGE}"
    rf"|{NEOPLASM}\s+(?:at|on)\s+(?:the\s+)?ink\b"
    rf"|\bink\s+(?:is\s+)?(?:on|at)\s+(?:the\s+)?{NEOPLASM}",
    re.IGNORECASE,
)
_GROSS = re.compile(r"\b(?:gross(?:ly)?|macroscopic(?:ally)?)\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:no|not|non|without|never|neither|nor|none|negative for|free of|does not"
    r"|did not)\b(?:[\s-]+\S+){0,6}\s*$",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:except|other than|with the exception|apart from|save for)\b", re.IGNORECASE
)
_UNKNOWN = re.compile(
    rf"\b{_EDGE}{_GAP}{{0,40}}?(?:can ?not be (?:assessed|evaluated|determined)"
    rf"|not (?:assessable|evaluable))",
    re.IGNORECASE,
)
_MM = r"(?P<n>\d{1,3}(?:[.,]\d{1,2})?)\s*(?P<u>mm|cm|millimet(?:er|re)s?|centimet(?:er|re)s?)\b"
_CLOSEST = (
    re.compile(
        rf"\b(?:closest|nearest|narrowest|minimum|minimal|smallest)\b{_GAP}{{0,60}}?{_MM}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_MM}\s+(?:away\s+)?(?:from|to)\s+(?:the\s+)?(?:[\w-]+\s+){{0,4}}?{_EDGE}", re.IGNORECASE
    ),
    re.compile(
        rf"\bmargins?\b{_GAP}{{0,40}}?\b(?:clear(?:ed)?|free"
        rf"|negative)\b{_GAP}{{0,15}}?\bby\s+(?:at least\s+)?{_MM}",
        re.IGNORECASE,
    ),
)
_WITHIN = re.compile(
    rf"\bwithin\s+{_MM}\s+(?:of|from)\s+(?:the\s+)?(?:[\w-]+\s+){{0,4}}?{_EDGE}", re.IGNORECASE
)


def margins(text: str) -> Iterator[Found]:
    """R0, R1, R2 or RX wherever the specimen's margins are said to be so."""
    for at, sentence in sentences(text):
        for found in _CLASS.finditer(sentence):
            near = sentence[max(0, found.start() - 60) : found.end() + 40]
            if _NEAR.search(near) and not _taken_back(sentence, found):
                yield Found(f"R{found[1]}", at + found.start(), at + found.end(), 0.9)
        yield from _worded(at, sentence)


def _taken_back(sentence: str, found: re.Match[str]) -> bool:
    before = sentence[: found.start()]
    denied = _NOT.search(before) is not None and _INVOLVED.search(before) is None
    return (
        doubted(sentence, found.start(), found.end())
        or earlier(sentence, found.start())
        or (denied and _CLEAR.search(before) is None)
    )


def _worded(at: int, sentence: str) -> Iterator[Found]:
    if _ANATOMY.search(sentence):
        return
    # What is called final outweighs what was found on the way there.
    sure = 0.8 if re.search(r"\bfinal\b", sentence, re.IGNORECASE) else 0.7
    unknown = _UNKNOWN.search(sentence)
    if unknown is not None and not earlier(sentence):
        yield Found("RX", at + unknown.start(), at + unknown.end(), sure)
        return
    clear = list(_CLEAR.finditer(sentence))
    for found in _INVOLVED.finditer(sentence):
        # "margins are not involved" is a clear margin, whatever the rest of the pattern took.
        if any(c.start() < found.end() and found.start() < c.end() and _denies(c) for c in clear):
            continue
        if _NOT.search(sentence[: found.start()]) or _held_back(sentence, found):
            continue
        value = "R2" if _GROSS.search(sentence[max(0, found.start() - 20) : found.end()]) else "R1"
        yield Found(value, at + found.start(), at + found.end(), sure)
    for found in clear:
        if _NOT.search(sentence[: found.start()]) or re.search(r"\bnot (?:free|clear)", found[0]):
            continue
        if _held_back(sentence, found):
            continue
        value = "R1" if _EXCEPT.search(sentence[found.start() : found.end() + 30]) else "R0"
        yield Found(value, at + found.start(), at + found.end(), sure)


def _denies(clear: re.Match[str]) -> bool:
    if re.search(r"\bnot (?:free|clear)", clear[0], re.IGNORECASE) is not None:
        return False
    return re.search(r"\b(?:no|not|un\w+|free|negative)\b", clear[0], re.IGNORECASE) is not None


def _held_back(sentence: str, found: re.Match[str]) -> bool:
    return doubted(sentence, found.start(), found.end()) or earlier(sentence, found.start())


def closest_margins(text: str) -> Iterator[Found]:
    """Distance from tumour to the nearest margin, in mm; "within" is an upper bound."""
    for at, sentence in sentences(text):
        if not re.search(r"\bmargins?\b|\bink", sentence, re.IGNORECASE):
            continue
        for pattern in (*_CLOSEST, _WITHIN):
            for found in pattern.finditer(sentence):
                if _held_back(sentence, found):
                    continue
                unit = 10 if found["u"].lower().startswith("c") else 1
                sure = 0.6 if pattern is _WITHIN else 0.9
                value = round(number(found["n"]) * unit, 2)
                yield Found(value, at + found.start(), at + found.end(), sure)
