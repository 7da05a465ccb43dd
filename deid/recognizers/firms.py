"""Firms by the word that closes their name: employers of the patient and relatives, insurers.

Makers of implants and drugs ("Stryker Corp") are clinical words and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import lexicon
from deid.scan import WORD, Group, beside
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold

__all__ = ["find_firms"]

_WORD = r"(?:[A-ZÀ-ÖØ-Þ0-9][\w'’&.\-]{0,30})"
_FIRM = re.compile(
    rf"(?<![\w-])(?P<name>(?:{_WORD},?[ \t](?:(?:and|&|of|de|von|van)[ \t])?){{1,5}})"
    rf"{any_cue('firm_endings')}\.?(?![\w-])"
)


# The longest word of each ending: "and Sons".
_ENDINGS = frozenset(max(WORD.findall(one), key=len).lower() for one in cues("firm_endings"))
_GROUPS: tuple[Group, ...] = ((_ENDINGS, 240, 40, (_FIRM,)),)


def find_firms(text: str) -> Iterator[Span]:
    """Names of firms."""
    terms = lexicon().terms | lexicon().eponyms
    for match in beside(text, _GROUPS):
        words = re.findall(r"[^\W\d_]+", match["name"])
        if words and not any(fold(word) in terms for word in words):
            yield Span(match.start(), match.end(), "ORG", "hospital")
