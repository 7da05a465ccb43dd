"""The sentence around a statement, and what in it takes the statement back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["NEOPLASM", "Found", "doubted", "earlier", "number", "sentences"]

NEOPLASM = (
    r"\b(?:tumou?rs?|mass(?:es)?|lesions?|neoplasms?|sarcomas?|malignanc(?:y|ies)|cancers?"
    r"|metastas[ie]s|\w{3,}(?:sarcoma|carcinoma|blastoma|lipoma|myxoma|fibroma|chondroma"
    r"|chordoma|melanoma|lymphoma|myeloma|plasmacytoma|schwannoma|endothelioma)s?"
    r"|carcinomas?|lipomas?|chordomas?|melanomas?|GIST|DFSP|MPNST)\b"
)
"""A word for what was operated on."""

# A full stop ends a sentence unless a digit follows ("3.2 cm") or a title or unit precedes.
_END = re.compile(r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bNo)(?<!\bvs)(?<!\b[LR]t)[.;](?=\s|$)|[\r\n]+")
_DOUBT = re.compile(
    r"\b(?:cannot|can not|can't|could not)\s+(?:\w+\s+){0,2}(?:exclude|rule out|be (?:excluded"
    r"|ruled out))"
    r"|\b(?:possibl[ey]|probabl[ey]|questionabl[ey]|suspicious|suspected|worrisome"
    r"|concern(?:ing|s|ed)?"
    r"|equivocal|indeterminate|pending|await(?:ing|ed|s)?|unless|whether|if|in case|risks?"
    r"|may(?!\s+\d)|might|would"
    r"|should|could|hopefully|likely|presum\w+|favou?rs?|to be determined|versus|vs)\b"
    r"|\b(?:in order to|so as to|attempt(?:ed)? to|goal|aim(?:ed)?|plan(?:ned|s)?|intent"
    r"|recommend\w*|need(?:s|ed)?"
    r"|to (?:obtain|achieve|get|ensure|secure|assure)|until|require[sd]?|discuss\w*|will)\b"
    r"|\?",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|formerly|history of|h/o|past|outside|elsewhere"
    r"|referr(?:ed|ing)"
    r"|initial(?:ly)?|original(?:ly)?|first (?:excision|operation|resection|surgery)"
    r"|years? ago|months? ago"
    r"|in (?:19|20)\d\d|had (?:been|shown|revealed|had)|shelled out|whoops|unplanned"
    r"|frozen(?:[ -]sections?)?|intra-?operative(?:ly)? (?:consultation|diagnosis))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """A value at a place of the text."""

    value: str | float
    start: int
    end: int
    confidence: float


_SENTENCE_MAX = 400
"""Longer ones are cut at a blank: no rule looks further, and time stays linear."""


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences and lines with their places."""
    start = 0
    # Blank lines at the end end no sentence; left out here, since a pattern that looks for what
    # follows them takes time in the cube of their number.
    text = text.rstrip()
    for end in [*(found.end() for found in _END.finditer(text)), len(text)]:
        while end - start > _SENTENCE_MAX:
            cut = text.rfind(" ", start, start + _SENTENCE_MAX) + 1
            cut = cut if cut > start else start + _SENTENCE_MAX
            yield start, text[start:cut]
            start = cut
        if text[start:end].strip():
            yield start, text[start:end]
        start = end


def doubted(sentence: str, start: int = 0, end: int | None = None) -> bool:
    """Is what stands at ``start`` to ``end`` doubted, planned or only conceivable? Words count
    up to 70 characters before, and up to 40 after.
    """
    stop = len(sentence) if end is None else end
    around = sentence[max(0, start - 70) : stop + 40]
    return _DOUBT.search(around) is not None


def earlier(sentence: str, start: int = 70) -> bool:
    """Is it told of an earlier operation, another hospital or a frozen section? Words count
    up to 70 characters before ``start``, and to the end of the sentence.
    """
    if re.search(r"\bfrozen\b", sentence[:start], re.IGNORECASE):
        return True
    return _EARLIER.search(sentence[max(0, start - 70) :]) is not None


def number(text: str) -> float:
    """A number written with a point or a comma."""
    return float(text.replace(",", "."))
