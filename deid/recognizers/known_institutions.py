"""Institutions that are called by their name alone: insurers, laboratories, pharmacies, employers,
health systems (``lexicon/institutions.yaml``).

A name that is a word as well ("Anthem", "Quest", "Amazon") counts beside a word of the trade only:
"works at Target", "Payer: Anthem", "Quest lab".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from deid.scan import WORD, Openings
from deid.span import Span
from deid.vocabulary import is_word
from policies.decode import parse_yaml

__all__ = ["find_known_institutions"]

_WORDS = "words"  # the key of the names that are ordinary words
_VISITED = "visited"  # and of those that are instruments or signs
_BEFORE = re.compile(
    r"(?i:\b(?:insur(?:er|ance|ed)|ins|pa(?:yer|yor)|carrier|plan|coverage|covered[ \t]by|policy"
    r"|auth(?:orization)?|claim|subscriber|denied|approved|pharmacy|lab|labs|vendor|dme|employer"
    r"|employed|works?|worked|working|drives?|driver|job|shift|warehouse|retired|laid[ \t]off"
    r"|shared|hospital|records|transfer(?:red)?|imaging|films)"
    r"(?:[ \t](?:is|was|with|w|by|from|at|to|for|through|thru|via|in|the|an?)){0,2}"
    r"[ \t]?(?:[:/(][ \t]{0,4}|[ \t])"
    r"|\b(?:works?|worked|working|drives?|drove|driver|employed|job|shifts?|labs?|drawn|filled|scripts?"
    r"|films|scans?|imaging|picked[ \t]up)\b[^.;:\n]{0,25}[ \t](?:for|at|with|from|by)[ \t])$"
)
_BEHIND = re.compile(
    r"[ \t](?i:(?:(?:tumou?r|sarcoma|cancer|ortho(?:p(?:a)?edics?)?|oncology)[ \t](?=clinic|cent"
    r"|hosp))?"
    r"(?:pharmacy|labs?|insurance|drivers?|warehouse|stores?|plan|employees?|worker|hospital"
    r"|hosp|clinic|er|ed|auth|ref|member|ppo|hmo|medicaid|medicare|advantage|card|case[ \t]manager"
    r"|reviewer|rep|health|healthcare|delivery|records|portal|policy|cent(?:er|re)))(?![\w-])"
)
_VISIT = re.compile(r"(?i:\b(?:at|from|to|called|thru|through|by)[ \t]|@[ \t]?)$")
_LOOK_BACK = 60
_LETTERS_MIN = (5, 6)  # of a word that is found written small: alone, among others


@cache
def _names() -> dict[str, tuple[str, ...]]:
    where = "deid/lexicon/institutions.yaml"
    source = resources.files("deid").joinpath("lexicon", "institutions.yaml")
    data: dict[str, str] = parse_yaml(source.read_text(encoding="utf-8"), where=where)
    return {
        key: tuple(name.strip() for name in names.split(",") if name.strip())
        for key, names in data.items()
    }


@cache
def _table() -> tuple[Openings, Openings, Openings]:
    """The names that speak for themselves, those that are words, those that are instruments."""
    named = {_WORDS, _VISITED}
    own = [name for key, names in _names().items() if key not in named for name in names]
    return _by_opening(own), _by_opening(_names()[_WORDS]), _by_opening(_names()[_VISITED])


def _by_opening(names: Iterable[str]) -> Openings:
    """For each word with which one of the names opens the pattern of these, the longest first."""
    opening: dict[str, list[str]] = {}
    for name in sorted(set(names), key=lambda one: (-len(one), one)):
        if match := WORD.match(name):
            opening.setdefault(match.group().lower(), []).append(_body(name))
    return Openings(
        {
            word: re.compile(rf"(?<![\w-])(?:{'|'.join(bodies)})(?:[ \t]#\d{{1,6}})?(?![\w-])")
            for word, bodies in opening.items()
        }
    )


def _body(name: str) -> str:
    """A name as it is found: blanks and apostrophes vary; abbreviations and names made of ordinary
    words keep their capitals.
    """
    body = r"[ \t]+".join(re.escape(part) for part in name.split()).replace("'", "['’]")
    letters = "".join(filter(str.isalpha, name))
    if letters.isupper():
        return body
    tokens = re.findall(r"[^\W\d_]+", name)
    if any(len(one) >= _LETTERS_MIN[len(tokens) > 1] and not is_word(one) for one in tokens):
        return f"(?i:{body})"
    shouted = r"[ \t]+".join(re.escape(part) for part in name.upper().split())
    return f"(?:{body}|{shouted})"


def find_known_institutions(text: str) -> Iterator[Span]:
    """Institutions of the list; spans may overlap those of other finders."""
    own, words, visited = (names.find(text) for names in _table())
    for match in own:
        yield Span(*match.span(), "ORG", "hospital")
    for match, visit in (*((one, False) for one in words), *((one, True) for one in visited)):
        start, end = match.span()
        before = text[max(0, start - _LOOK_BACK) : start]
        beside = _BEFORE.search(before) or _BEHIND.match(text, end)
        if beside or (visit and _VISIT.search(before)):
            yield Span(start, end, "ORG", "hospital")
