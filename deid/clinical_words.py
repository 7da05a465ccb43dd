"""The clinical lexicon: folded words of ``lexicon/clinical.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from deid.vocabulary import fold
from policies.decode import parse_yaml

__all__ = ["Lexicon", "bare", "lexicon"]

_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True)
class Lexicon:
    """Folded words of ``lexicon/clinical.yaml``; ``firm_pairs`` are eponym and head."""

    eponyms: frozenset[str]
    ambiguous: frozenset[str]
    heads: frozenset[str]
    terms: frozenset[str]
    phrases: frozenset[str]
    firm_heads: frozenset[str]
    firm_pairs: frozenset[tuple[str, str]]


@cache
def lexicon() -> Lexicon:
    """The clinical lexicon that ships, read once."""
    where = "deid/lexicon/clinical.yaml"
    source = resources.files("deid").joinpath("lexicon", "clinical.yaml")
    data: dict[str, Any] = parse_yaml(source.read_text(encoding="utf-8"), where=where)
    sets = {
        key: frozenset(fold(data[key]).split())
        for key in ("eponyms", "ambiguous", "heads", "terms", "firm_heads")
    }
    phrases = frozenset(fold(phrase) for phrase in data["phrases"])
    return Lexicon(
        sets["eponyms"] - sets["ambiguous"],
        sets["ambiguous"],
        sets["heads"],
        sets["terms"],
        phrases,
        sets["firm_heads"],
        frozenset(
            (name, head)
            for heads, names in data["firm_pairs"].items()
            for name in fold(names).split()
            for head in fold(heads).split()
        ),
    )


def bare(token: str) -> str:
    """The folded word without what makes it own something."""
    return _POSSESSIVE.sub("", fold(token))
