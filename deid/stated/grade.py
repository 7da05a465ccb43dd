"""Histologic grade: FNCLCC or three-tier numbers, or low, intermediate, high."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.stated.context import NEOPLASM, Found, doubted, sentences

__all__ = ["grades"]

_ROMAN = {"i": "1", "ii": "2", "iii": "3"}
_N = r"(?P<n>[123]|III|II|I)(?![\w-]|\.\d|\s*(?:-|to)\s*[1-4I])"
_WORD = r"(?P<w>low|intermediate|moderate|high|poorly differentiated)"
_TERMS = (
    re.compile(rf"\b(?:FNCLCC|French)\b[^.;\n]{{0,25}}?\bgrade\s*:?\s*{_N}", re.IGNORECASE),
    # The lines of a synoptic report: "Grade (FNCLCC): 2", "Histologic Grade: Grade 3".
    re.compile(
        rf"\bgrade\s*\((?:[^()\n]{{0,60}}\b)?(?:FNCLCC|French)\b[^()\n]{{0,60}}\)\s*:?\s*(?:grade\s*)?{_N}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bgrade\s*:?\s*(?:FNCLCC\s*)?{_N}\s*(?:of|/|out of)\s*(?:3|III|three)\b", re.IGNORECASE
    ),
    re.compile(r"(?<![\w-])G(?P<n>[123])\b(?!\s*[PA]\d)"),
    re.compile(
        rf"\b(?:histologic(?:al)?|histopathologic(?:al)?|tumou?r|overall"
        rf"|sarcoma)\s+grade\s*(?:is|:|,)?\s*(?:grade\s*)?{_N}",
        re.IGNORECASE,
    ),
    re.compile(rf"\bgrade\s+{_N}\s+(?:[\w-]+\s+){{0,2}}?{NEOPLASM}", re.IGNORECASE),
    re.compile(rf"{NEOPLASM},?\s+(?:\w+\s+)?grade\s+{_N}", re.IGNORECASE),
)
_WORDED = (
    re.compile(
        rf"\b(?:histologic(?:al)?|tumou?r|overall)\s+grade\s*(?:is|:|,)?\s*{_WORD}\b", re.IGNORECASE
    ),
    re.compile(rf"\b{_WORD}[\s-]+(?:histologic(?:al)?\s+)?grade\b", re.IGNORECASE),
)
# Grades of other things, and other scales than that of the tumour's histology.
_OTHER = re.compile(
    r"\b(?:huvos|fuhrman|gleason|nottingham|bloom|scarff|clavien|outerbridge|kellgren"
    r"|t[oö]nnis|who|msts"
    r"|nuclear|toxicity|ctcae|murmur|spondylolisthesis|sprain|reflux|varices|hemorrhage|ulcer"
    r"|strain|tear"
    r"|stenosis|obstruction|occlusion|airway|contracture|dysplasia|intraepithelial"
    r"|temperatures?|fevers?|pain|edema|narrowing|block"
    r"|inflammation|infection|bacteremia|angina|prostatic|PIN|SIL)\b",
    re.IGNORECASE,
)
# A biopsy elsewhere grades the same tumour; an earlier tumour is another.
_HISTORY = re.compile(
    r"\b(?:history of|h/o|years? ago|previous(?:ly)?|past|frozen)\b", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:no|not|without|rather than|negative for)\b(?:[\s-]+\S+){0,5}\s*$", re.IGNORECASE
)


def grades(text: str) -> Iterator[Found]:
    """The grade wherever it is stated of a neoplasm."""
    for at, sentence in sentences(text):
        taken: list[tuple[int, int]] = []
        for pattern in _TERMS:
            for found in pattern.finditer(sentence):
                if _off(sentence, found) or any(a < found.end("n") <= b for a, b in taken):
                    continue
                taken.append((found.start(), found.end()))
                value = _ROMAN.get(found["n"].lower(), found["n"])
                yield Found(value, at + found.start(), at + found.end(), 0.9)
        if re.search(NEOPLASM, sentence, re.IGNORECASE) is None and "rade:" not in sentence:
            continue
        for pattern in _WORDED:
            for found in pattern.finditer(sentence):
                if _off(sentence, found) or _names_a_type(sentence, found):
                    continue
                word = found["w"].lower()
                value = {"moderate": "intermediate", "poorly differentiated": "high"}.get(
                    word, word
                )
                yield Found(value, at + found.start(), at + found.end(), 0.7)


def _off(sentence: str, found: re.Match[str]) -> bool:
    near = sentence[max(0, found.start() - 15) : found.end() + 40]
    return (
        _OTHER.search(near) is not None
        or _DENIED.search(sentence[: found.start()]) is not None
        or doubted(sentence, found.start(), found.end())
        or _HISTORY.search(sentence[max(0, found.start() - 70) : found.end()]) is not None
    )


def _names_a_type(sentence: str, found: re.Match[str]) -> bool:
    """Is the word part of a diagnosis whose name holds it ("low-grade fibromyxoid sarcoma")?"""
    after = sentence[found.end() : found.end() + 25]
    return re.match(r"\s+(?:surface|central|fibromyxoid)\b", after, re.IGNORECASE) is not None
