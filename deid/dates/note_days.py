"""Month and day with a slash and no cue ("bled 2/10"), told by how the whole note writes days.

Where a note writes other days as 3/4 without a year, one more such pair of numbers is a day too,
unless something makes it a score, a strength, a level or a fraction: a word for one in its
sentence, a part of the body, or another number on the same scale elsewhere in the note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

__all__ = ["days_by_note"]

_DAYS_MIN = 2  # other days of the note that are written so
_DAYS_MIN_OF_SCALE = 3  # for figures that are a usual score or fraction
_NEAR_DAYS = 10
_WRITTEN_SO = re.compile(r"(?:[A-Za-z]+\.?,?\s+)?(?P<m>\d{1,2})/(?P<d>\d{1,2})")
_SCORED = re.compile(
    r"\b(?i:aches?|aching|headaches?|discomfort|sore(?:ness)?|hurts?|tender(?:ness)?|fatigue|tired"
    r"|nausea|dyspnea|sob|borg|rpe|itch\w*|anxiety|anxious|mood|distress|energy|qol|avg|average|best"
    r"|baseline|rest|activity|nprs|bpi|fncl\w*|grading|differentiation|mitos[ie]s|necrosis|kps|phq\S*"
    r"|gad\S*|moca|mmse|tess|spasms?|jaw|burning|throbbing|cramp\w*|numb\w*|function|quality|burden"
    r"|satisfaction|confidence|importance|readiness|severe|moderate|mild|now|currently|orient\w*|a&o"
    r"|criteria|questions?|items?|vision|acuity|[oO][dsuDSU]|quadrants?|third|bottle|tabs?|pills?"
    r"|cycles?|doses?|fractions?|fx|sets?|meals?|tray|breakfast|lunch|dinner|ate|eats?|eaten|lumbar"
    r"|cervical|thoracic|spine|spinal|stenosis|laminectomy|foramin\w*|facets?|hernia\w*|bulg\w*"
    r"|spondyl\w*|fusion|[LCT]\d|muscles?|strength\w*|tibia\w*|[TP]A|GS|IP|HF|HS|quads?|delts?|tri"
    r"|bi|wrist|wnl|bowel|ratio|odds|mix|dilut\w*|solution|cultures?\sbottles?|bottles|sites?|ports?)\b"
)
_PART_BEFORE = re.compile(
    r"(?:\b(?i:the|a|an|upper|lower|middle|mid|distal|proximal|anterior|posterior|medial|lateral"
    r"|about|approx(?:imately)?\.?|roughly|nearly|almost|least|most|over|under|only|than|one|took"
    r"|takes?|is|was|are|were|at|inner|outer|x|no|total|last|superior|inferior|remaining|other)"
    r"|[<>≤≥=~≈#(+×-])\s?$"
)
_PART_BEHIND = re.compile(
    r"\s?(?:[(]|x|×|=|[<>]|\b(?i:full|empty|strong|weak|intact|done|complete[d]?|taken|way|down|up"
    r"|left|right|bilat\w*|symmetric\w*|lungs?|wounds?|cultures?|throughout|times|majority|there"
    r"|present|correct|rule|ns|d5|bedrails?|rails?|present|involved|nl|normal|lps?|hpf|sem|sm"
    r"|murmurs?)\b)"
)
_LIMB = re.compile(
    r"\b(?i:hips?|knees?|ankles?|elbows?|shoulders?|wrists?|hands?|foot|feet|toes?|fingers?|arms?"
    r"|legs?|bilat\w*|neuro|msk|ext(?:remities)?|pulses?|dp|pt|radial|heart|cor|cv|cardiac|rrr)\b"
)
_BREAK = re.compile(r"[.;!?](?=\s|,|$)|\n|[ ][–—-][ ]")
_SEEN_BEFORE, _SEEN_BEHIND = 70, 24
_PARTS = frozenset([2, 3, 4, 8, 16])
_GRADES = frozenset([2, 3, 4, 5, 6, 7])
_SCALES_LONG = frozenset([5, 6, 10])


def days_by_note(
    text: str,
    kept: Sequence[re.Match[str]],
    left: Sequence[re.Match[str]],
    told: AbstractSet[int],
    dates: Sequence[tuple[int, int]],
) -> Iterator[re.Match[str]]:
    """Which of ``left``, the pairs that nothing beside them speaks for, are days.

    ``kept`` are the pairs that have been found to be days, ``told`` where surely a score or an
    amount begins, ``dates`` where other dates stand.
    """
    written = [
        match
        for start, end in dates
        if end - start <= _SEEN_BEHIND and (match := _WRITTEN_SO.fullmatch(text, start, end))
    ]
    days = len(kept) + len(written)
    if days < _DAYS_MIN:
        return
    known = [_in_year(one) for one in (*kept, *written)]
    scored = {token.start() for token in left if token.start() in told or _of_score(text, token)}
    scales = _scales(left, scored)
    for token in left:
        m, d = int(token["m"]), int(token["d"])
        if d in scales and m <= d:
            continue
        usual = m <= d and d in _PARTS | _GRADES | _SCALES_LONG
        least = _DAYS_MIN_OF_SCALE if usual and not _near(token, known) else _DAYS_MIN
        if days >= least and token.start() not in scored:
            yield token


def _in_year(token: re.Match[str]) -> int:
    """About which day of a year it is."""
    return 30 * int(token["m"]) + int(token["d"])


def _near(token: re.Match[str], known: Sequence[int]) -> bool:
    """Whether it lies within a few days of a known day."""
    return any(abs(_in_year(token) - day) <= _NEAR_DAYS for day in known)


def _scales(left: Sequence[re.Match[str]], scored: AbstractSet[int]) -> set[int]:
    """Second numbers that the note uses as the top of a scale: beside a word for one, or under
    two different first ones.
    """
    firsts: dict[int, set[int]] = {}
    told: set[int] = set()
    for token in left:
        m, d = int(token["m"]), int(token["d"])
        firsts.setdefault(d, set()).add(m)
        if token.start() in scored:
            told.add(d)
    return told | {d for d, those in firsts.items() if len(those) > 1}


def _of_score(text: str, token: re.Match[str]) -> bool:
    """Whether something beside the pair makes it a score, a strength, a level or a fraction."""
    start, end = token.span()
    m, d = int(token["m"]), int(token["d"])
    before = _BREAK.split(text[max(0, start - _SEEN_BEFORE) : start])[-1]
    behind = _BREAK.split(text[end : end + _SEEN_BEHIND])[0]
    if _SCORED.search(before) or _SCORED.search(behind):
        return True
    if _PART_BEHIND.match(behind):
        return True
    if m < d and d in _PARTS and _PART_BEFORE.search(before):
        return True
    return m <= d and d in _GRADES and (_LIMB.search(before) or _LIMB.search(behind)) is not None
