"""Which word of a name is replaced and which stays: titles, particles, suffixes, credentials.

"Dr. Van der Berg Jr., MD" keeps all but "Berg", and "Berg.pdf" its ending. A word is kept only
where it cannot be the name itself: "Le", "Do", "Al" and "Judge" are somebody's names too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deid.surrogates.pools import name_key
from deid.vocabulary import cues

__all__ = ["Word", "joined_words", "words_of"]

# A letter or digit, or a mark that sits on one (combining accents, Hebrew and Arabic vowels).
_CHAR = r"[^\W_\u0300-\u036f]"
_MARKED = rf"(?:{_CHAR}[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]*)"
# "M?ller" is one word: an export lost a letter.
_WORD = re.compile(rf"{_MARKED}+(?:(?:['’]|[?\ufffd]{{1,4}}){_MARKED}+)*")
_POSSESSIVE = re.compile(r"['’][sS]$")
_CREDENTIALS = frozenset({"MD", "DO", "RN", "NP", "PA", "PhD", "md", "rn", "np", "phd", "PHD"})
# Behind the name only: "Fionn D. O'Dowd" and "Ann R. N. Roe" have initials.
_DOTTED = re.compile(
    r"(?<=[\s,])(?:M\.\s?D|D\.\s?O|R\.\s?N|N\.\s?P|P\.\s?A|Ph\.\s?D)\b(?!['’])\.?(?=\W*$|\s?,)"
)
# "Roe.pdf" is a file of somebody's name.
_FILE_ENDING = re.compile(
    r"(?i)(?<=\w\.)(?:pdf|docx?|rtf|txt|jpe?g|png|gif|tiff?|bmp|dcm|dicom|xml|html?|csv|xlsx?|pptx?"
    r"|zip|msg|eml|hl7|nii|mp[34])(?!\w)"
)
# What stands between the parts of a name written apart: "O' Shaughnessy", "Mc-Donald".
_APART = re.compile(r"(?=.)[ \t\n]?[-'’`´]?[ \t\n]?")
_APART_MAX = 4  # parts
_SMALL = frozenset({"the", "and", "of", "or"})
# Nobody is called so; the other titles of the list are names or words as well ("Pastor").
_SURE_TITLES = frozenset({"dr", "drs", "mr", "mrs", "ms", "mx", "prof", "rev", "sgt", "capt"})
# These open a name with a capital too ("De Vries"); the other particles do so as somebody's given
# or family name more often: "Van Nguyen", "Al Smith", "Le Thi", "Ben Roe".
_SURE_PARTICLES = frozenset(
    {"von", "der", "den", "de", "del", "della", "dos", "ter", "bin", "ibn", "st", "degli"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name without its possessive ending. ``kept``: it stays as it is."""

    start: int
    end: int
    text: str
    kept: bool


def words_of(value: str, own: frozenset[str]) -> list[Word]:
    """The words of ``value`` that hold a letter. ``own`` are the patient's names, never kept, and
    "al rashid" for a name that the patient has with its particle.
    """
    dotted = {at for match in _DOTTED.finditer(value) for at in range(*match.span())}
    found = [
        (match.start(), _POSSESSIVE.sub("", match.group()))
        for match in _WORD.finditer(value)
        if any(char.isalpha() for char in match.group()) and match.start() not in dotted
    ]
    kept = _kept_words([text for _, text in found], own)
    return [
        Word(start, start + len(text), text, stays or _FILE_ENDING.match(value, start) is not None)
        for (start, text), stays in zip(found, kept, strict=True)
    ]


def joined_words(
    value: str, words: Sequence[Word], whole: Mapping[str, tuple[str, ...]]
) -> list[Word]:
    """The words with those made one that are a name of ``whole`` written apart: "Mc Donald" and
    "O SHAUGHNESSY" of a patient McDonald or O'Shaughnessy, also in the plural. ``whole`` has for
    each name, folded and run together, the words that its own spelling divides it into.
    """
    found: list[Word] = []
    at = 0
    while at < len(words):
        end = next((end for end in _ends(value, words, at) if _apart(words[at:end], whole)), at + 1)
        text = "".join(word.text for word in words[at:end])
        kept = words[at].kept and end == at + 1
        found.append(Word(words[at].start, words[end - 1].end, text, kept))
        at = end
    return found


def _ends(value: str, words: Sequence[Word], at: int) -> list[int]:
    """Where runs of two words and more that begin ``at`` can end, the longest first."""
    ends: list[int] = []
    for end in range(at + 1, min(at + _APART_MAX, len(words))):
        if not _APART.fullmatch(value, words[end - 1].end, words[end].start):
            break
        ends.insert(0, end + 1)
    return ends


def _apart(words: Sequence[Word], whole: Mapping[str, tuple[str, ...]]) -> bool:
    keys = tuple(name_key(word.text) for word in words)
    key = "".join(keys)
    name = key if key in whole else key.removesuffix("s")
    own = whole.get(name)
    return own is not None and tuple(part.removesuffix("s") for part in keys) != tuple(
        part.removesuffix("s") for part in own
    )


def _kept_words(texts: Sequence[str], own: frozenset[str]) -> list[bool]:
    """For each word whether it stays. One pass: a note may hold thousands of words in a run."""
    last = max((i for i, text in enumerate(texts) if len(text) > 1), default=-1)
    small_only = all(text.islower() for text in texts)
    kept = []
    before, capitals = 0, True
    for i, word in enumerate(texts):
        around = _Around(before, more=last > i, capitals=capitals, small_only=small_only)
        kept.append(_kept(texts, i, own, around))
        before += len(word) > 1 and not _title(word)
        capitals = capitals and word.isupper()
    return kept


@dataclass(frozen=True, slots=True)
class _Around:
    """The words around one: how many names ``before``; whether ``more`` follow; whether all before
    are in ``capitals``; whether the whole name is in small letters.
    """

    before: int
    more: bool
    capitals: bool
    small_only: bool


def _kept(texts: Sequence[str], i: int, own: frozenset[str], around: _Around) -> bool:
    word = texts[i]
    plain = name_key(word)
    before, more = around.before, around.more
    if plain in _SURE_TITLES:
        return True
    if plain in own:
        return False
    if word in _SMALL or (i == 0 and plain == "the" and len(texts) > 1 and texts[-1][-1] in "sS"):
        return True  # "The Al-Rashids"; of one person it is a given name
    if _title(word):
        return more and not before
    if plain in cues("name_suffixes"):
        return before > 0
    if word in _CREDENTIALS:
        # "MINH DO": in capitals like everything before it, the second word is a name.
        return before > 1 or (before > 0 and not around.capitals)
    if plain in cues("particles"):
        small = word.islower() and not around.small_only
        return small or (more and (before > 0 or word.islower() or _sure_particle(texts, i, own)))
    return False


def _title(word: str) -> bool:
    plain = name_key(word)
    return plain in _SURE_TITLES or plain in cues("titles") or plain in cues("weak_titles")


def _sure_particle(texts: Sequence[str], i: int, own: frozenset[str]) -> bool:
    """A capitalised particle that opens the name: "De la Cruz", "Van der Berg", or "Al-Rashid" of a
    patient who is called so.
    """
    pair = f"{name_key(texts[i])} {name_key(texts[i + 1])}"
    if name_key(texts[i]) in _SURE_PARTICLES or pair in own or pair.removesuffix("s") in own:
        return True
    return name_key(texts[i + 1]) in cues("particles") and i + 2 < len(texts)
