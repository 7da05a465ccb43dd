"""The side of the tumour or operation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.stated.context import NEOPLASM, Found, earlier, sentences

__all__ = ["sides"]

# "RT" is radiotherapy, and a bare L or R needs a part of the body behind it.
_SIDE = re.compile(
    r"\b(?P<side>left|right|bilateral|both sides|(?-i:[LR]t)\b(?!\.?\s*\d)"
    r"|(?-i:[LR])(?=\s+(?:(?:proximal|distal|upper|lower|medial|lateral|anterior|posterior)\s+)?"
    r"(?:thigh|leg|calf|knee|foot|ankle|hip|groin|buttock|femur|femoral|tibia|tibial|fibula"
    r"|humerus|humeral|arm|forearm|shoulder|elbow|wrist|hand|pelvis|ilium|scapula|radius|ulna)\b))"
    r"\b",
    re.IGNORECASE,
)
_SPELT = {"both sides": "bilateral", "l": "left", "lt": "left", "r": "right", "rt": "right"}
_LABELLED = re.compile(
    r"^[\s,]*(?:[A-Z0-9][.)]\s*)?(?:(?:pre-?|post-?)?operative\s+diagnos[ie]s|diagnos[ie]s"
    r"|specimens?|procedures?"
    r"|operations?(?:\s+performed)?|MRI|CT|site|laterality)\b",
    re.IGNORECASE,
)
_OPERATION = re.compile(
    r"\b(?:resect\w+|excis\w+|amputat\w+|curett\w+|biops\w+|arthroplast\w+|disarticulat\w+"
    r"|hemipelvectomy"
    r"|stabili[sz]ation|surgery for|surgery with|status post surgery)\b",
    re.IGNORECASE,
)
_TUMOUR = re.compile(NEOPLASM, re.IGNORECASE)
# Words after a side that make it a verb, a habit or another organ's side.
_NO_SIDE = re.compile(
    r"[\s-]+(?:hand(?:ed|edness|\s+dominan\w+)\b|dominant|now|away|after|in\b|on\b|open|to\b"
    r"|the\b|at\b|behind"
    r"|with\b|for\b|intact|alone|him|her\b|ventric\w*|atri\w*|heart|bundle|anterior descending"
    r"|main|coronary"
    r"|(?:upper|lower|middle)\s+(?:quadrant|lobe)|lung|pleural|hilar|lateral decubitus"
    r"|decubitus|arm\s+(?:BP|pressure))",
    re.IGNORECASE,
)
_VERB = re.compile(r"\b(?:was|were|is|be|been|has|had|have|and|all)\s+$", re.IGNORECASE)


def sides(text: str) -> Iterator[Found]:
    """Left, right or bilateral in a heading of diagnosis, specimen or procedure (0.9), else in
    a sentence about a tumour or an operation (0.7).
    """
    for at, sentence in sentences(text):
        labelled = _LABELLED.match(sentence) is not None
        if not labelled and not (_TUMOUR.search(sentence) or _OPERATION.search(sentence)):
            continue
        for found in _SIDE.finditer(sentence):
            if _NO_SIDE.match(sentence[found.end() :]):
                continue
            if found["side"].lower() == "left" and _VERB.search(sentence[: found.start()]):
                continue
            if earlier(sentence[: found.start()]):
                continue
            side = found["side"].lower()
            value = _SPELT.get(side, side)
            yield Found(value, at + found.start(), at + found.end(), 0.9 if labelled else 0.7)
