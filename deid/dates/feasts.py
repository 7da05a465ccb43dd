"""Days that a note names by a feast, a holy day or a custom: "the day after Diwali", "Eid".

They tell a day of the year as well as figures do, or nearly. What belongs to the name is found
with it: "the Wednesday before Super Bowl Sunday", "Christmas wk", "All Souls' Day, 2023".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.dates.match import DateMatch
from deid.scan import AtWords, at_words, opening_words
from deid.vocabulary import cues

__all__ = ["find_feasts"]


def _either(names: frozenset[str]) -> str:
    """Any of the names, longest first; apostrophes and full stops may be missing or curly."""
    ordered = sorted(names, key=lambda name: (-len(name), name))
    bodies = (
        re.escape(name).replace("'", "['’‘`]?").replace(r"\.", r"\.?").replace(r"\ ", r"[\s-]{1,2}")
        for name in ordered
    )
    return "(?:" + "|".join(bodies) + ")"


_YEAR = (
    r"(?:,?\s(?:of\s|in\s)?(?P<y>(?:19|20)\d\d)(?![\w/:%])(?![-.]\d)"
    r"(?!\s?(?:m[gl]|mL|cc|units)\b))?"
)
_PART = (
    r"(?:(?:['’]s)?[ \t](?i:eve|day|night|morning|evening|week(?:end)?|wk(?:e?nd)?|season|break"
    r"|holidays?|sunday|monday|tuesday|wednesday|thursday|friday|saturday)(?![\w-])){0,2}"
)
# What else is called so: Christmas disease, a mother's day care, AdventHealth, a tetanus shot.
_OTHER = (
    r"(?![\w-])(?![ \t](?i:disease|factor|tree|cactus|care|camp|job|program|surgery|hospital|clinic"
    r"|cent(?:er|re)|shift|nurse|nursing|school|church|parish|health|medical|shot|vaccin\w*|toxoid"
    r"|immuni[sz]\w*|spell\w*|island|lily|seals?|\d{1,2}\s(?:of|x)\b|of\b))"
)
_SAINT = (
    r"(?:St\.?|Saint|ST\.?|SAINT)[ \t][A-Z][A-Za-zé]{2,12}(?:['’]?[sS])?[ \t](?:Day|Eve|DAY|EVE)"
)
_OF_THE_CHURCH = (
    r"[Ff]east[ \t](?:[Dd]ay[ \t])?of[ \t](?:the[ \t])?[A-Z][\w.'’-]{1,20}"
    r"(?:[ \t](?:of|the|de|la|and|[A-Z][\w.'’-]{1,20})){0,4}(?<![ \t]of)(?<![ \t]the)(?<![ \t]and)"
)
_CUE = re.compile(
    r"\b(?i:during|before|after|since|for|in|of|until|till?|on|over|by|around|through|thru|at"
    r"|celebrat(?:es?|ed|ing)|observ(?:es?|ed|ing)|last|this|next|following|near|post|pre)\s"
    r"(?P<the>the\s)?$"
)
_NAMED = rf"(?P<name>(?i:{_either(cues('feasts'))}){_OTHER}{_PART})(?![\w-]){_YEAR}"
_CUED = rf"(?P<cued>(?i:{_either(cues('feasts_behind_word'))}){_OTHER}{_PART})(?![\w-]){_YEAR}"
_WITH_THE = frozenset({"ascension", "assumption", "solstice", "equinox", "fourth"})
_AT_WORDS: tuple[AtWords, ...] = (
    (frozenset({"feast"}), re.compile(rf"(?<![^\W_])(?P<name>{_OF_THE_CHURCH}){_YEAR}")),
    (opening_words(cues("feasts")), re.compile(rf"(?<![^\W_]){_NAMED}")),
    (opening_words(cues("feasts_behind_word")), re.compile(rf"(?<![^\W_]){_CUED}")),
    (frozenset({"fourth"}), re.compile(r"\b(?P<cued>Fourth)(?=[ \t]*[.,;)\n])(?P<y>(?!))?")),
    (
        frozenset({"new"}),
        re.compile(
            rf"(?<![^\W_])(?P<name>(?:New Year(?:['’]?s)?|NEW YEAR['’]?S){_OTHER}{_PART}){_YEAR}"
        ),
    ),
    (frozenset({"st", "saint"}), re.compile(rf"(?<![^\W_])(?P<name>{_SAINT}{_OTHER}){_YEAR}")),
)
_COUNT = r"(?:\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten|several|few|couple)"
_FROM = re.compile(
    rf"(?i:\b(?:the\s)?(?:(?:{_COUNT}\s)?(?:days?|weeks?|wks?|nights?|weekends?|mornings?|evenings?"
    r"|months?)|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\s(?:right\s|just\s)?"
    r"(?:before|after|of|following|preceding)\s(?:the\s)?)$"
)
_SEEN_BEFORE = 45
_CUE_LENGTH_MAX = 20


def find_feasts(text: str, written: str) -> Iterator[DateMatch]:
    """Each named day in ``text``, which is ``written`` with plain signs."""
    for matches in at_words(text, _AT_WORDS):
        for match in matches:
            named = match.groupdict().get("name") is not None
            group = "name" if named else "cued"
            start = match.start(group)
            if not named:
                cue = _CUE.search(text, max(0, start - _CUE_LENGTH_MAX), start)
                if cue is None or (match["cued"].lower() in _WITH_THE and not cue["the"]):
                    continue
                start = cue.start("the") if cue["the"] else start
            before = _FROM.search(text, max(0, start - _SEEN_BEFORE), start)
            year = int(match["y"]) if match["y"] else None
            yield DateMatch(
                before.start() if before else start,
                match.end("y") if year else match.end(group),
                "feast",
                year,
                None,
                None,
                None,
                match,
                written,
            )
