"""What a name looks like once a cue has said that one starts here.

Capitalised words, initials, particles (van, de la), suffixes (Jr.), "LAST, First". A clinical
word ends a name, except straight after a title: "Dr. Ewing" and "Dr. Young" are people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from deid.eponyms import beside_head, is_clinical, is_clinical_phrase, lexicon
from deid.vocabulary import cues, fold, names_only, without_genitive

__all__ = [
    "CAPITALISED",
    "CREDENTIAL",
    "TITLED",
    "TOKEN",
    "Trust",
    "chain",
    "is_name_word",
    "is_word_name",
    "is_word_surname",
    "name_after",
]

CREDENTIAL = (
    r"(?:M\.?\s?D\.?|D\.?\s?O\.?|Ph\.?\s?D\.?|R\.?N\.?|N\.?P\.?|P\.?A\.?(?:-C)?|D\.?D\.?S"
    r"|CRNA|FACS|FAAOS|DPM|MBBS|MBChB|FRCSC?|LPN|CNA|ARNP|APRN|CNP|CNM|LCSW|MSW|BSN|MSN|DPT|PT"
    r"|OTR(?:/L)?|OT|ATC|PharmD|Pharm\.D\.|Psy\.?D\.?|DNP|RPh|RT|[FAP]NP(?:-(?:C|BC))?|ACNP|CRNP|CNS|ACHPN|BCOP|PGY-?\d|CST|RNFA|MPH|MS|CCC-SLP|RD"
    r"|LVN|LMSW|LICSW|LISW|LMFT|LPC|LMHC|CCRP|CCRC|CCM|RGN|RMN|RSCN|RMO|SHO|SpR|FRCR|FRCPath|FRCA|FRCP|MRCGP|MRCP|MRCS"
    r"|CTR|ODS(?:-C)?|NRP|EMT(?:-[PB])?|RNC|OCN|CNOR|CPNP|BCPPS|BCPS|CCLS|CHPN|CWOCN|CPO|LAT|RRT|USN|USAF|USMC|USCG|APRN-CNP"
    r"|M\.S\.|B\.S\.)"
)
TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-.](?=[^\W\d_]))*\.?")
# What TOKEN finds that begins with a capital, or a letter beyond ASCII.
CAPITALISED = re.compile(rf"(?<![^\W\d_])(?<![^\W\d_]['’\-.])(?=[^\W\d_a-z]){TOKEN.pattern}")
TITLED = r"[^\W\d_a-z](?:[^\W\d_A-Z]|['’ʻ\-](?=[^\W\d_])|(?<=[-'’c])[A-Z])+"
"""A word with a capital and small letters: Roe, O'Roe, McRoe, Roe-Doe."""
_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,2}$")
_GAP = re.compile(r"[ \t]{1,3}|[ \t]{0,5}\n[ \t]{0,5}(?=[^\W\d_])")
_CREDENTIAL_AT = re.compile(rf",?[ \t]{{0,2}}{CREDENTIAL}(?=[\s,.;:)/]|$)")
_COMMA = re.compile(r"[ \t]?,[ \t]{0,2}(?=[^\W\d_])")
_NEXT_NAME = re.compile(r"[ \t]{0,5}(?:,|/|&|\band\b|;)[ \t]{0,5}(?=[^\W\d_])")
# "Dr. Chance Bone (", but not "Dr. Chance Bone marrow".
_CLOSED_WORD = re.compile(
    r"[A-ZÀ-ÖØ-Þ][^\W\d_A-Z]{2,}(?=[,.;:)\n]|[ \t]?\(|$"
    r"|[ \t](?:notified|aware|at|will|was|is|who|has|saw|performed|present|and|here)\b)"
)
_DOTTED = frozenset({"st.", "jr.", "sr."})
_CHAIN_MAX = 6
_NAMES_AND_VERBS = frozenset({"may", "will", "can"})  # with a capital behind a title: names


class Trust(IntEnum):
    """How much the cue says about the first word behind it."""

    WEAK = 0  # "with": clinical words and eponyms are none
    CUED = 1  # "Dictated by:": an eponym is a name unless its disease follows
    TITLE = 2  # "Dr.": any capitalised word is a name


def is_name_word(text: str, start: int, end: int, trust: Trust = Trust.WEAK) -> bool:
    """True for a capitalised word that may be part of a name."""
    token = text[start:end].rstrip(".")
    end = start + len(token)
    if not token or not token[0].isupper():
        return False
    if trust is Trust.TITLE and fold(token) in _NAMES_AND_VERBS:
        return True
    if fold(token) in cues("no_names", "titles"):
        return False
    if trust is Trust.TITLE:
        return True
    if without_genitive(fold(token)) in names_only():
        return not is_clinical_phrase(text, start, end)
    return not is_clinical(text, start, end, cued=trust is Trust.CUED)


def is_word_name(word: str) -> bool:
    """True for a word that is a given name or a surname as well ("Page", "Chance")."""
    return fold(word) in cues("word_given_names", "word_surnames")


def is_word_surname(text: str, start: int, end: int) -> bool:
    """A word or eponym that behind a given name is a surname ("Maude Page", "Barnaby Ewing")."""
    token = fold(text[start:end])
    known = lexicon()
    named = token in cues("word_surnames") or token in known.eponyms or token in known.ambiguous
    return named and text[start].isupper() and not beside_head(text, start, end, directly=True)


def _token_at(text: str, at: int) -> tuple[int, int] | None:
    match = TOKEN.match(text, at)
    if match is None:
        return None
    token = match.group()
    full_stop = token.endswith(".") and not _INITIALS.match(token) and token.lower() not in _DOTTED
    return match.start(), match.end() - full_stop


def _gap(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _step(text: str, token: tuple[int, int], solid: int, trust: Trust) -> tuple[bool, int, bool]:
    """(goes on, full words added, name extends to here) for the token at hand."""
    word = text[token[0] : token[1]]
    if _INITIALS.match(word) and word.isupper():
        if solid and len(word) > 1 and fold(word) in cues("no_names"):
            return False, 0, False  # "ROE IN OAKLEY", not two initials
        if not solid and _is_short_surname(text, token):
            return True, 1, True
        goes_on = solid > 0 or _full_word_follows(text, token[1], trust)
        return goes_on, 0, goes_on
    if fold(word) in cues("particles") and _full_word_follows(text, token[1], Trust.TITLE):
        return True, 0, False
    if solid and fold(word) in cues("name_suffixes"):
        return True, 0, True
    if is_name_word(text, *token, min(trust, Trust.CUED) if solid else trust):
        return True, 1, True
    if solid == 1 and not word.isupper() and is_word_surname(text, *token):
        return True, 1, True
    closed = solid == 1 and trust is Trust.TITLE and _CLOSED_WORD.match(text, token[0])
    if closed and fold(word) not in cues("no_names"):
        return True, 1, True
    return False, 0, False


def name_after(text: str, at: int, trust: Trust = Trust.WEAK, *, words_max: int = 4) -> int:
    """End of the name that starts at ``at``, or ``at`` if none does."""
    end = place = at
    solid = 0
    while solid < words_max:
        token = _token_at(text, place)
        if token is None or (solid and _CREDENTIAL_AT.match(text, place)):
            break
        goes_on, added, extends = _step(text, token, solid, trust)
        if not goes_on:
            break
        solid += added
        end = token[1] if extends else end
        place = _gap(text, token[1])
        gap = text[token[1] : place]
        if solid and ("\n" in gap or (len(gap) > 1 and text[token[1] - 1] == ".")):
            break
        if not gap:
            place = _first_name_after_comma(text, token[1], solid)
            if place < 0:
                break
    return end if solid else at


def _full_word_follows(text: str, at: int, trust: Trust) -> bool:
    token = _token_at(text, _gap(text, at))
    if token is None:
        return False
    word = text[token[0] : token[1]]
    if fold(word) in cues("particles") or re.match(r"[^\W\d_a-z]\.?$", word):
        return _full_word_follows(text, token[1], trust)
    return is_name_word(text, *token, trust)


def _is_short_surname(text: str, token: tuple[int, int]) -> bool:
    """Two letters before a comma and a first name: "XU, XIULAN"."""
    word = text[token[0] : token[1]]
    if len(word) != 2 or not word.isalpha() or re.fullmatch(CREDENTIAL, word):
        return False
    return _first_name_after_comma(text, token[1], 1) >= 0


def _first_name_after_comma(text: str, at: int, solid: int) -> int:
    """After "LAST": where "First" starts if ", First" follows, else −1."""
    match = _COMMA.match(text, at)
    if match is None or solid != 1 or _CREDENTIAL_AT.match(text, at):
        return -1
    token = _token_at(text, match.end())
    return match.end() if token is not None and is_name_word(text, *token) else -1


def chain(
    text: str, at: int, trust: Trust, *, following_min: Trust = Trust.WEAK
) -> Iterator[tuple[int, int]]:
    """The names after a cue: "A. Smith, MD, Jones and Lee" gives each. ``following_min`` is the
    least trust in those behind the first ("Drs. Lee and Long").
    """
    for _ in range(_CHAIN_MAX):
        end = name_after(text, at, trust)
        if end == at:
            return
        yield at, end
        place = end
        while credential := _CREDENTIAL_AT.match(text, place):
            place = credential.end()
        following = _NEXT_NAME.match(text, place)
        if following is None:
            return
        at, trust = following.end(), max(min(trust, Trust.CUED), following_min)
