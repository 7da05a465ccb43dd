"""Names of institutions and places as a whole, where one of their words was found.

"Brennan Fruit", "Kaldwell Radiation Oncology", "Moses Vance laundry": the proper word is found as a
name or a place, the word for the kind of thing stays and tells what it is, or the other way round.
A run of capitalised words that closes with such a word belongs together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deid.eponyms import is_clinical, lexicon
from deid.scan import AtWords, at_words, opening_words
from deid.span import Category, Place, Span, flatten
from deid.vocabulary import any_cue, cues, fold, known_names
from deid.whole_addresses import whole_addresses
from deid.whole_institutions import widened

__all__ = ["whole_names"]

_PLACED: frozenset[Category] = frozenset({"NAME", "LOCATION", "ORG"})
_END = r"(?![\w&'’]|-\w)"


def _capitalised(key: str) -> AtWords:
    return opening_words(cues(key)), re.compile(rf"(?=[A-Z])(?i:{any_cue(key)}){_END}")


_CLOSERS: tuple[AtWords, ...] = (
    _capitalised("name_closers"),
    (opening_words(cues("small_closers")), re.compile(rf"{any_cue('small_closers')}{_END}")),
    _capitalised("place_closers"),
)
_CAPITAL = r"[A-Z][\w'’\-]{2,20}"
_OF_BEHIND = re.compile(
    rf"[ \t](?:of|OF)[ \t](?:(?:the|THE)[ \t])?(?P<of>{_CAPITAL}(?:[ \t]{_CAPITAL})?)(?!\w)"
)
_RUN_AT: tuple[AtWords, ...] = (
    (
        frozenset({"at", "from", "in", "near", "via", "through", "thru"}),
        re.compile(
            r"(?:at|from|in|near|via|through|thru)[ \t]"
            rf"(?P<run>{_CAPITAL}(?:[ \t]{_CAPITAL}){{1,3}})(?![\w.])"
        ),
    ),
)
_WORDS_MAX = 5
_LOOK_BACK = 70  # characters
_LETTERS_MIN = 5  # of a stranger; a shorter word is rather an abbreviation
_TOKEN = re.compile(r"\S+")
_OPENING = "(\"'“‘[/"
_CLOSING = ',;:!?)"”|/'
_GENITIVE_ENDS = re.compile(r"['’]s[ \t]$")
_CONNECTORS = frozenset({"of", "the", "and", "&", "de", "del", "la", "du", "for"})
_TITLES = frozenset(
    {
        "dr",
        "mr",
        "mrs",
        "ms",
        "miss",
        "prof",
        "rev",
        "nurse",
        "doctor",
        "bishop",
        "pastor",
        "father",
    }
    | {
        "rabbi",
        "imam",
        "deacon",
        "chaplain",
        "aunt",
        "uncle",
        "cousin",
        "judge",
        "officer",
        "coach",
    }
)
_FOR_WHOM = (["Center"], ["Centre"], ["Institute"], ["Hospital"], ["Home"], ["School"], ["Clinic"])
_SAINTS = frozenset({"st", "mt", "ft", "ste", "pt"})
_ORG_CUES = frozenset({"at", "from", "by", "via", "thru", "through", "with", "w/", "@"})
# and those before which a stranger must stand
_WEAK_CUES = frozenset({"to", "for", "called", "phoned", "manages", "owns", "runs", "sent", "per"})
_TRADES = frozenset(map(str.lower, cues("trades"))) - {
    "heart",
    "house",
    "machine",
    "tool",
    "supply",
}
# Fire and school districts, said of nothing else
_SURE_CLOSERS = frozenset({"fd", "vfd", "isd", "usd"})
_PLACE_CUES = frozenset(
    {"at", "in", "near", "from", "around", "outside", "to", "visiting"}
    | {"along", "crossing", "off", "over", "on", "up", "down"}
)
_KINDS_OF_CARE = frozenset({"care", "health", "medicine", "services", "home", "therapy"})
_GENERIC = cues("generic_institution_words", "care_units", "no_names")


def whole_names(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """What is missing of names of institutions, places and addresses of which ``spans`` hold a
    part. ``spans`` are in order; those given overlap them.
    """
    placed = [span for span in spans if span.category in _PLACED]
    covered = bytearray(len(text))
    for span in placed:
        covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    found = [*_closed(text, covered), *_runs(text, covered)]
    whole = flatten(text, [*placed, *found])
    found += widened(text, whole)
    yield from found
    yield from whole_addresses(text, flatten(text, [*placed, *found]))


def _closed(text: str, covered: bytearray) -> Iterator[Span]:
    """Names by the word that closes them."""
    closed, small, places = at_words(text, _CLOSERS)
    for match in closed:
        if (place := _institution(text, match, covered)) is not None:
            yield Span(*place, "ORG", "hospital")
    for match in small:
        words = _words_before(text, match.start())
        genitive = _GENITIVE_ENDS.search(text, max(0, match.start() - 4), match.start())
        if not genitive and _found(_own(text, words), covered):
            yield Span(words[0][0], match.end(), "ORG", "hospital")
    for match in places:
        words = _words_before(text, match.start())
        own = _own(text, words)
        cued = own and _cue(text, words[0][0]) in _PLACE_CUES and _is_mixed(text, own)
        if cued or _found(own, covered):
            yield Span(words[0][0], match.end(), "LOCATION", "address")


def _runs(text: str, covered: bytearray) -> Iterator[Span]:
    """Capitalised words behind "at" or "from" of which one was found: "at Quorn Delta"."""
    for match in at_words(text, _RUN_AT)[0]:
        start, end = match.span("run")
        words = [(start + one.start(), start + one.end()) for one in _TOKEN.finditer(match["run"])]
        known = [covered[a] for a, _ in words]
        if all(known) or not any(known):
            continue
        if not any(
            _explained(text, a, b) for (a, b), seen in zip(words, known, strict=True) if not seen
        ):
            yield Span(start, end, "ORG", "hospital")


def _explained(text: str, start: int, end: int) -> bool:
    """Whether a word beside a name is a role, a day, a state or a clinical term."""
    plain = fold(text[start:end])
    return (
        plain in lexicon().terms | lexicon().heads | _GENERIC | _TITLES
        or plain in cues("walk_stops", "no_towns", "roles", "no_institutions")
        or text[start:end] in cues("states", "countries", "state_codes")
        or (text[start:end].isupper() and end - start > len("St"))
    )


def _institution(text: str, closer: re.Match[str], covered: bytearray) -> Place | None:
    """The name that closes with ``closer``, with "of the Piedmont" behind it."""
    words = _words_before(text, closer.start())
    own = _own(text, words)
    behind = _OF_BEHIND.match(text, closer.end())
    named = _found(own, covered) or (own and _named(text, words, own, closer.group()))
    if not named and not (behind and covered[behind.start("of")]):
        return None
    start = words[0][0] if words else closer.start()
    return start, behind.end() if behind else closer.end()


def _own(text: str, words: Sequence[Place]) -> list[Place]:
    """The words that are no generic ones ("General", "Orthopaedic")."""
    empty = _GENERIC | _CONNECTORS
    return [(a, b) for a, b in words if fold(text[a:b]).strip(".,") not in empty]


def _found(words: Sequence[Place], covered: bytearray) -> bool:
    return any(covered[start] for start, _ in words)


def _cue(text: str, start: int) -> str:
    """The word before, but "the", in small letters; empty at the beginning of a line."""
    before = fold(text[max(0, start - 16) : start]).removesuffix("the ").split()
    return before[-1] if before and text[start - 1] in " \t" else ""


def _is_mixed(text: str, words: Sequence[Place]) -> bool:
    return not any(text[a:b].isupper() and b - a > len("St") for a, b in words)


def _named(text: str, words: Sequence[Place], own: Sequence[Place], closer: str) -> bool:
    """Whether words of which none was found name an institution: after a landscape, or with a
    stranger among them in a letter head or behind "at" or "from".
    """
    cued = _cue(text, words[0][0]) in _ORG_CUES
    land = [(a, b) for a, b in words if fold(text[a:b]) in cues("landscape_words")]
    terms = lexicon().terms
    clinical = any(fold(text[a:b]).strip(".,") in terms for a, b in own if (a, b) not in land)
    if land and not clinical and (cued or len(words) > 1):
        return True
    last = fold(closer.rsplit(maxsplit=1)[-1]).strip(".")
    if last in _SURE_CLOSERS and not clinical:
        return True
    if any(_owner(text, a, b) for a, b in own):
        return True
    weak = _cue(text, words[0][0]) in _WEAK_CUES
    if weak and len(own) > 1 and last in _TRADES and not clinical and _is_mixed(text, own):
        return True
    stranger = any(
        b - a >= _LETTERS_MIN
        and (not is_clinical(text, a, b) or text[a:b].title() in cues("word_towns"))
        for a, b in own
    )
    if stranger and weak and last not in _KINDS_OF_CARE:
        return True
    head = last not in _KINDS_OF_CARE and not text[: words[0][0]].strip()
    if (head or cued) and stranger:
        return True
    return cued and last not in _GENERIC and not clinical and _is_mixed(text, own)


def _owner(text: str, start: int, end: int) -> bool:
    """A person to whom a shop belongs: "Gene's Drug", "Ruby's Salon"."""
    word = text[start:end]
    if not word.endswith(("'s", "’s")) or not word[0].isupper():
        return False
    name = fold(word[:-2])
    return name in cues("word_given_names") or name in known_names()


def _words_before(text: str, end: int) -> list[Place]:
    """The capitalised words straight before, in order, with "of" and "&" between them; none behind
    a title, which makes them a person's name.
    """
    base = max(text.rfind("\n", 0, end) + 1, end - _LOOK_BACK)
    tokens = [(base + one.start(), base + one.end()) for one in _TOKEN.finditer(text[base:end])]
    words: list[Place] = []
    after = end
    for first, last in reversed(tokens):
        # Fields of a page: "FACILITY|LANGDON HOSPITAL"
        word = text[first:last].rpartition("|")[2].lstrip(_OPENING)
        if after - last != 1 or not word or len(words) > _WORDS_MAX:
            break
        if fold(word).rstrip(".") in _TITLES:
            return []
        if word == "for" and text[base:first].split()[-1:] not in _FOR_WHOM:
            break  # "QB for Larkspur Academy"
        if not _may_belong(word):
            break
        after = last - len(word)
        words.append((after, last))
        if after > first:
            break
    while words and fold(text[slice(*words[-1])]) in _CONNECTORS:
        words.pop()
    return words[::-1]


def _may_belong(word: str) -> bool:
    plain = fold(word)
    if word == "&" or (word.islower() and plain in _CONNECTORS):
        return True
    damaged = len(word) >= _LETTERS_MIN and word[0] in "015" and word[1:].isalpha()  # "0rthopedic"
    if not (word[0].isupper() or damaged) or plain in cues("walk_stops"):
        return False
    if word[-1] in _CLOSING or "," in word:
        return False
    return word[-1] != "." or plain[:-1] in _SAINTS or len(word) == len("A.")
