"""Days without a year in other languages ("15 agosto", "el 3 de marzo") and in dictated words
("on eight twenty nine").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.dates.elements import DAY
from deid.dates.words import FOREIGN_MONTH, FOREIGN_MONTH_PIECES
from deid.scan import around, at_words, finditer

__all__ = ["find_worded_days"]

_NO_MORE = r"(?![^\W_])(?!\sbars?\b)"
_DAY_FIRST = re.compile(
    rf"(?<![\w/.,:-]){DAY}(?:er|[.ºª])?\s(?:de\s|di\s)?(?P<fmon>{FOREIGN_MONTH}){_NO_MORE}"
)
# The languages that write the month first do so with these.
_MONTH_FIRST = re.compile(
    r"(?<![^\W_])(?P<fmon>(?i:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre"
    rf"|octubre|noviembre|diciembre|pebrero|hunyo|hulyo|setyembre|oktubre|nobyembre|disyembre))"
    rf"\s{DAY}(?![\w/%:-])(?!\.\d)(?!\s?(?:mg|ml|cc|cm|mm|kg)\b)"
)
_ALONE = re.compile(
    r"(?<![^\W_])(?i:en|desde|hasta|in|since|until|last|depuis|avant|fin|seit|im|bis|noong|nung"
    r"|buwan ng)\s(?P<core>(?P<fmon>(?i:enero|febrero|marzo|abril|junio|julio|agosto|septiembre"
    r"|setiembre|octubre|noviembre|diciembre|janvier|f[ée]vrier|avril|juin|juillet|ao[ûu]t"
    r"|septembre|octobre|novembre|d[ée]cembre|januar|februar|märz|juni|juli|oktober|dezember"
    r"|pebrero|hunyo|hulyo|setyembre|oktubre|nobyembre|disyembre)))(?![^\W_])"
)
_ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_MONTHS = rf"(?:{_ONES}|ten|eleven|twelve)"
_DAYS = (
    rf"(?:twenty[\s-]{_ONES}|twenty|thirty(?:[\s-]one)?|(?:thir|four|fif|six|seven|eigh|nine)teen"
    rf"|(?:oh|o)[\s-]{_ONES})"
)
_AMOUNT = (
    r"(?!\s(?:point|milli\w*|micro\w*|centi\w*|kilo\w*|grams?|units?|percent|hundred|thousand"
    r"|and\sa\shalf|times|years?|months?|weeks?|days?|hours?|minutes?|degrees?|pounds?|over|o'?clock"
    r"|cc|[ap]\s?m\b))"
)
_DICTATED = re.compile(
    rf"(?i:on|dated|from|since|until|by)\s(?P<core>{_MONTHS}\s{_DAYS}"
    rf"(?:\s(?:twenty[\s-])?(?:twenty|thirty)(?:[\s-]{_ONES})?)?)(?![\w-]){_AMOUNT}"
)
_CUES = frozenset({"on", "dated", "from", "since", "until", "by"})


def find_worded_days(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The kind of each, and its match."""
    if windows := around(text, FOREIGN_MONTH_PIECES, 20, 20):
        for pattern, kind in ((_DAY_FIRST, "day"), (_MONTH_FIRST, "day"), (_ALONE, "alone")):
            for match in finditer(pattern, text, windows):
                yield kind, match
    (dictated,) = at_words(text, ((_CUES, _DICTATED),))
    for match in dictated:
        yield "loose", match
