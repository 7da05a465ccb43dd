"""A day of the month alone: "Bed expected the 21st", "since the lengthening on the 14th".

An ordinal counts much else: toes, ribs, cycles, days, percentiles. From the thirteenth on little of
a body is counted, so that a word of time in front is enough; below, the sentence must end or go on
behind it, and up to the fifth it must speak of nothing that has five.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.scan import Group, beside

__all__ = ["find_ordinal_days"]

_NTH = re.compile(
    r"(?:\b(?P<the>[Tt]he)\s|(?<=[a-z] ))(?P<d>[1-9]|[12]\d|3[01])(?P<th>st|nd|rd|th)\b"
)
_TIME_OF_DAY = r"(?:night|morning|evening|afternoon|day|week|weekend)\sof"
_ON = re.compile(
    rf"\b(?=[A-Za-z])(?i:on|by|until|till?|before|after|since|through|thru|starting|again|than|as\sof|{_TIME_OF_DAY})\s$"
)
_ANY = re.compile(
    r"\b(?=[A-Za-z])(?i:meeting|not|due|visit|for|from|around|about|between|expected|scheduled|booked|planned|back"
    r"|home|leaving|arriving|arrives?|leaves?|here|appointment|appt|surgery|admitted|discharged?"
    r"|(?:moved?|changed?|pushed|rescheduled)\s(?:(?:up|back|out)\s)?to|com(?:e|ing)|set\sfor|available|open(?:ing)?|came|went|starts?|till|is|was|clinic|biopsy|procedure|scan|chemo|infusion|(?-i:OR|MRI|CT|PET|RTC))\s$"
)
# The end of a stretch, or one more day: "between the 18th and the 25th"
_MORE = re.compile(r"\d(?:st|nd|rd|th),?\s(?:and|or|to|through|thru|till|until|&)\s$")
_SUITS = re.compile(
    r"\s(?:works|suits|is\s(?:ok|okay|fine|good|better|best|open|free|booked|full|out))\b"
)
_GOES_ON = re.compile(
    r"\s?[.,;()\n?!](?!\d)|\s?$|\s(?:at|by|for|and|with|to|when|after|before|s?he|we|they|per"
    r"|but|because|so|if|I|unless|until|which|since|or|instead|my|his|her|pt|patient|from|then|as"
    r"|[ap]\.?m\b|@|[-–—])(?=\W|$)"
    r"|\sof\s(?:this|last|next|the)\s(?:same\s)?month"
)
# Another ordinal behind one makes both count ribs, cycles or vertebrae.
_LISTED = re.compile(
    r"(?:,|\s(?:and|or|to)|\s?[-–&/])\s?(?:and\s|or\s)?(?:the\s)?\d{1,2}(?:st|nd|rd|th)\b"
)
_COUNTED = re.compile(
    r"[\s-](?:(?:post|pre|intra)\S*|hospital|inpatient|consecutive|(?:of\s(?!this|last|next|the))|[a-z]+\s?[-/]"
    r"|days?|weeks?|months?|years?|hours?|minutes?|cent(?:ury|iles?)|percentiles?|floor|story|level|cycles?"
    r"|doses?|fractions?|treatments?|sessions?|infusions?|injections?|transfusions?|units?|visits?|times?"
    r"|attempts?|tr(?:y|ies)|pass|repetitions?|reps?|sets?|laps?|miles?|streets?|st\b|ave(?:nue)?|grade"
    r"|birthday|anniversary|gestation\w*|ribs?|percent|infantry|battalion|regiment|edition|patients?"
    r"|case|cases|operations?|surger(?:y|ies)|procedures?|admissions?|hole|screw|amendment|chapter|step"
    r"|\w*thoracic|\w*lumbar|vertebra\w*|nerve|cranial|intercostal)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_HAS_FIVE = re.compile(
    r"\b(?=[A-Za-z])(?i:toes?|fingers?|digits?|rays?|webs?\w*|meta(?:tars|carp)\w*|phalan\w*|ribs?|compartments?|slips?"
    r"|tendons?|extensors?|flexors?|mtps?|mcps?|pips?|dips?|foot|feet|hands?|spaces?|interspaces?|rows?"
    r"|stages?|degrees?|stitch\w*|sutures?|screws?|holes?|pins?|lines?|lobes?|segments?|vertebra\w*|attempts?"
    r"|cycles?|doses?|pass(?:es)?|tr(?:y|ies)|looks?|reads?|reduction|amputat\w*|corns?|callus\w*|nails?|hammer\w*"
    r"|ulcers?|tip|thumb|between|nerves?|cranial|molar|teeth|tooth|premolar|incisors?|lesions?|nodules?|mass)\b"
)
_GROUPS: tuple[Group, ...] = ((re.compile(r"\d(?:st|nd|rd|th)\b"), 8, 1, (_NTH,)),)
_FIVE, _TWELVE = 5, 12
_SEEN_BEFORE, _SEEN_BEHIND = 90, 30
_SENTENCE = re.compile(r"[.;!?](?=\s)|\n")


def find_ordinal_days(text: str) -> Iterator[re.Match[str]]:
    """Matches with a group d; the whole match is the day."""
    for match in beside(text, _GROUPS):
        start, end = match.span()
        before = text[max(0, start - _SEEN_BEFORE) : start]
        behind = text[end : end + _SEEN_BEHIND]
        day = int(match["d"])
        if _COUNTED.match(behind) or (day <= _TWELVE and _LISTED.match(behind)):
            continue
        if match["the"] is None:  # "theatre on 10th, home by 15th."
            if _GOES_ON.match(behind) and _ON.search(before) and not _HAS_FIVE.search(before):
                yield match
            continue
        if _is_day(day, before, goes_on=_GOES_ON.match(behind) is not None) or (
            day > _TWELVE and (_SUITS.match(behind) or _MORE.search(before))
        ):
            yield match


def _is_day(day: int, before: str, *, goes_on: bool) -> bool:
    timed = _ON.search(before) is not None
    if day > _TWELVE:
        return timed or (goes_on and _ANY.search(before) is not None)
    if not goes_on or not (timed or (day > _FIVE and _ANY.search(before))):
        return False
    return day > _FIVE or not _HAS_FIVE.search(_SENTENCE.split(before)[-1])
