"""Size of the tumour: the largest of its dimensions, in cm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.stated.context import NEOPLASM, Found, doubted, number, sentences

__all__ = ["sizes"]

_NUMBER = r"\d{1,3}(?:[.,]\d{1,2})?"
_UNIT = r"(?:cm|mm|centimet(?:er|re)s?|millimet(?:er|re)s?)"
_SIZE = re.compile(
    rf"(?<![\w.])(?P<all>{_NUMBER}(?:[\s-]*{_UNIT})?(?:\s*(?:x|×"
    rf"|by)\s*{_NUMBER}(?:[\s-]*{_UNIT})?){{0,2}})"
    rf"(?P<unit>)(?<=m|r|s)(?!\w)",
    re.IGNORECASE,
)
_TUMOUR = re.compile(NEOPLASM, re.IGNORECASE)
_THING = re.compile(
    rf"(?P<tumour>{NEOPLASM})"
    r"|\b(?:specimens?|fragments?|ellipse|skin|segments?|incisions?|defects?|portions?"
    r"|aggregate|bone|muscle"
    r"|fat|tissue|uterus|kidney|ovar(?:y|ies)|lobe|nodes?|nodules?|margins?|ulcer\w*|wounds?"
    r"|scars?|cysts?|clips?"
    r"|depth|drains?|flap|colon|bowel|breast|prostate|liver|spleen|lung|cassettes?|sections?"
    r"|cuff|length|invasion"
    r"|thick\w*|tubes?|needles?|vessels?|aneurysm|polyps?|stones?|calcul\w+|implants?|tract"
    r"|distal to"
    r"|proximal to|from|nearest|closest|extend\w*|below|above|beyond|apart|screws?|plates?"
    r"|nails?|stems?|reamings?|steps|bruise|surfaces?|cut)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:tumou?r\s+)?(?:size|(?:greatest|largest|maximum|maximal)\s+(?:dimension"
    r"|diameter))\s*(?:is|of|:|=|was)*\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"\s*,?\s*(?:(?!with|and|for|over)[\w-]+,?\s+){{0,5}}?(?P<tumour>{NEOPLASM})", re.IGNORECASE
)
# "8 cm soft tissue mass": the words say where the tumour is.
_OF_TUMOUR = re.compile(r"\b(?:soft[ -]tissues?|bone|muscle|skin|fat)\s+$", re.IGNORECASE)
# Synoptic reports give the unit with the label: "Greatest dimension (cm): 12".
_UNIT_FIRST = re.compile(
    rf"\b(?:size|(?:greatest|largest|maximum|maximal)\s+(?:dimension|diameter))"
    rf"\s*[(,]?\s*(?:in\s+)?(?P<unit>{_UNIT})\)?\s*[:=]\s*"
    rf"(?P<all>{_NUMBER}(?:\s*(?:x|×|by)\s*{_NUMBER}){{0,2}})(?![\w.,]?\d|\s*[\w%])",
    re.IGNORECASE,
)
_BETWEEN_MAX, _OWN = 90, 20
"""Characters between tumour and number, and after a number what it is of ("5 mm margin")."""
_NODE = re.compile(r"\b(?:no|without|up to|less than|satellite)\b[^,]{0,20}$", re.IGNORECASE)


def sizes(text: str) -> Iterator[Found]:
    """The largest dimension wherever a tumour's size is given; not of the specimen, nor of
    anything else that is nearer to the number.
    """
    for at, sentence in sentences(text):
        for found in _SIZE.finditer(sentence):
            value = _largest(found["all"])
            sure = _confidence(sentence, found)
            if value is None or sure is None or doubted(sentence[: found.end()], found.start()):
                continue
            yield Found(value, at + found.start(), at + found.end(), sure)
        for found in _UNIT_FIRST.finditer(sentence):
            value = _largest(f"{found['all']} {found['unit']}")
            if value is not None and not doubted(sentence[: found.end()], found.start()):
                yield Found(value, at + found.start(), at + found.end(), 0.9)


def _largest(written: str) -> float | None:
    units = re.findall(_UNIT, written, re.IGNORECASE)
    if not units:
        return None
    scale = 1.0 if units[-1].lower().startswith("c") else 0.1
    value = max(number(n) for n in re.findall(_NUMBER, written)) * scale
    return round(value, 3) if 0 < value <= 60 else None


def _confidence(sentence: str, found: re.Match[str]) -> float | None:
    """How sure it is that a tumour is meant: by label, by what follows, by what precedes."""
    before, after = sentence[: found.start()], sentence[found.end() :]
    several = re.search(r"x|×|by", found["all"], re.IGNORECASE) is not None
    if _NODE.search(before[-30:]):
        return None
    if _LABEL.search(before):
        return 0.9
    follows = _AFTER.match(after)
    between = _OF_TUMOUR.sub("", after[: follows.start("tumour")]) if follows is not None else ""
    if follows is not None and _THING.search(between) is None:
        return 0.9 if several else 0.8
    if _THING.search(after[:_OWN]) is not None:
        return None
    things = list(_THING.finditer(before[-_BETWEEN_MAX:]))
    if things and things[-1]["tumour"] is not None:
        return 0.8 if several else 0.7
    return None
