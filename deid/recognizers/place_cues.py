"""Towns and quarters that the words beside them give away.

"a teacher from Dunwood, South Carolina", "lost in Cashton fire", "moved to Mobile", "buried at
Quiet Lawn", "house in tolman hills", "from opelika" written small, "Sioux Fa11s" as a scanner reads
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import beside_head, is_clinical, is_explained, lexicon
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word, known_names, known_places

__all__ = ["find_by_cue"]

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’ʻ&\-]{1,30}"
_WORD = r"[A-Z][a-z]{3,15}"
_BURIAL = re.compile(
    r"(?i:(?:buri(?:al|ed)|interred|interment|cremat(?:ion|ed)|funeral|graveside"
    r"|memorial[ \t]service)[ \t](?:will[ \t]be[ \t]|is[ \t])?(?:at|by|in)[ \t](?:the[ \t])?)"
    rf"(?P<core>{_CAPITAL}(?:[ \t]{_CAPITAL}){{0,3}}(?:,[ \t]{_CAPITAL})?)"
)
_FROM_STATE = re.compile(
    rf"(?i:(?:from|in|of|near|to)[ \t\n])(?P<core>{_CAPITAL}(?:[ \t]{_CAPITAL}){{0,2}}),[ \t\n]"
    rf"{any_cue('states')}(?!\w)"
)
# Within a sentence: a word with a capital that nothing explains.
_UNKNOWN = re.compile(
    r"(?<=[a-z,)][ \t])(?:in|at|near|from|outside)[ \t]"
    rf"(?P<core>{_WORD}(?:[ \t]{_WORD})?)(?![\w'’\-])"
)
# Towns that are words or names: "Boston brace" and "Down East" stay.
_WORD_TOWN = re.compile(
    r"(?<=[a-z,)][ \t])(?:in|near|from|outside|to)[ \t]"
    rf"(?P<core>{any_cue('word_towns')})(?=[,.;)\n]|[ \t]+(?![A-Z])|$)(?![ \t](?:and|or)[ \t][A-Z])"
)
_MATERIAL = re.compile(
    r"(?:soaked|dressed|placed|packed|wrapped|dipped|mixed|diluted|suspended|covered|irrigated"
    r"|benefit|derived|plate|switch|switched|changed|written|entered|charted|documented)"
    r"[ \t](?:well[ \t])?$"
)
_SMALL = r"[a-zà-ÿ]{4,}(?:['’\-][a-zà-ÿ]+)?"
_SIDES = r"(?:north|south|east|west|new|port|fort|ft|mount|mt|san|santa|st|saint|lake|upper|lower)"
_SHORT = {"ft": "fort", "mt": "mount", "st": "saint"}
_SMALL_PLACE = re.compile(
    r"(?i:from|in|near|at|outside|around|on|of|via|thru|through)[ \t\n]"
    rf"(?P<core>(?P<side>{_SIDES}[ \t])?(?P<one>{_SMALL})(?:[ \t](?P<two>{_SMALL}))?)(?![\w-])"
)
_SMALL_QUARTER = re.compile(
    r"(?i:(?:house|home|apt|apartment|condo|lives?|living|lived|moved|from|born|raised|farm|trailer"
    r"|grew[ \t]up)[ \t](?:in|from|to|near|at|out[ \t]in)|from|around|near)[ \t](?:the[ \t])?"
    rf"(?P<core>{_SMALL}[ \t](?:hills?|heights|park|beach|falls|springs|city|lakes?|creek|grove"
    r"|island|valley|harbor|point|terrace|village|gardens|estates|county|parish|township))"
    r"(?![\w-])"
)
# Letters of which a scanner made digits.
_DAMAGED = re.compile(
    r"(?<![\w/#.-])(?:[A-Z][a-z]{2,15}[ \t])?[A-Z][a-z]*(?:[015][a-z]*){1,2}(?![\w-])"
)
_READINGS = (str.maketrans("015", "ols"), str.maketrans("015", "ois"))
_BEFORE_TOWN = frozenset({"from", "in", "near", "outside", "to"})
_BEFORE_SMALL = frozenset({"in", "near", "from", "outside", "at", "around", "on", "of", "via"})
_HOMES = frozenset({"house", "home", "apt", "apartment", "condo", "live", "lives", "living"})
_AT_WORDS: tuple[AtWords, ...] = (
    (
        frozenset({"burial", "buried", "interred", "interment", "cremation", "cremated", "funeral"})
        | {"graveside", "memorial"},
        _BURIAL,
    ),
    (_BEFORE_TOWN | {"of"}, _FROM_STATE),
    (_BEFORE_TOWN, _WORD_TOWN),
    (_BEFORE_TOWN | {"at"}, _UNKNOWN),
    (_BEFORE_SMALL | {"thru", "through"}, _SMALL_PLACE),
    (
        _HOMES
        | {"lived", "moved", "from", "born", "raised", "grew", "farm", "trailer"}
        | {"around", "near"},
        _SMALL_QUARTER,
    ),
)
_GROUPS: tuple[Group, ...] = (
    (
        re.compile(r"[015](?:(?<=[A-Za-z].)(?=[a-z015])|(?<=\s.)(?=[a-z]{3}))"),
        *(24, 24, (_DAMAGED,)),
    ),
)


def find_by_cue(text: str) -> Iterator[Span]:
    """Towns and quarters; spans may overlap those of other finders."""
    burials, states, towns, unknown, small, quarters = at_words(text, _AT_WORDS)
    found = [match.span("core") for match in burials]
    found += [
        match.span("core")
        for match in states
        if not (is_word(match["core"]) or fold(match["core"]) in lexicon().terms)
    ]
    found += [match.span("core") for match in towns if not beside_head(text, *match.span("core"))]
    found += [place for match in unknown if (place := _unknown(text, match))]
    found += [place for match in small if (place := _small(text, match))]
    for match in quarters:
        start, end = match.span("core")
        if not _explained(text, start, start + len(match["core"].split(maxsplit=1)[0])):
            found.append((start, end))
    for start, end in found:
        yield Span(start, end, "LOCATION", "address")
    for match in beside(text, _GROUPS):
        if _is_damaged_place(match.group()):
            yield Span(*match.span(), "LOCATION", "listed")


def _unknown(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """The town that nothing but a preposition gives away, if it is one."""
    start, end = match.span("core")
    first, _, second = match["core"].partition(" ")
    first_end = start + len(first)
    lands = cues("states", "countries")
    if fold(first) in cues("no_towns") or {first, match["core"]} & lands:
        return None
    if _MATERIAL.search(text[max(0, match.start() - 20) : match.start()]):
        return None
    if is_clinical(text, start, first_end) or beside_head(text, start, end):
        return None
    if not second:
        return None if fold(first) in known_names() else (start, end)
    if fold(second) in cues("no_towns") or is_clinical(text, first_end + 1, end):
        return start, first_end
    return start, end


def _small(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """The listed place that is written small, if it is one: of two words or of one."""
    one, two = fold(match["one"]), fold(match["two"] or "")
    if two and f"{one}_{two}" in known_places():
        return match.span("core")
    side = fold(match["side"] or "").strip()
    if one in known_places() and not _explained(text, *match.span("one")):
        return match.start("core"), match.end("one")
    if side and f"{_SHORT.get(side, side)}_{one}" in known_places():
        return match.start("core"), match.end("one")
    return None


def _explained(text: str, start: int, end: int) -> bool:
    return is_explained(text, start, end) or fold(text[start:end]) in cues("small_words")


def _is_damaged_place(found: str) -> bool:
    """Whether the words, or the last one, are a listed place with the digits read as letters."""
    plain = "_".join(fold(found).split())
    readings = [plain.translate(table) for table in _READINGS]
    return any(
        one in known_places() or one.rpartition("_")[2] in known_places() for one in readings
    )
