"""What is a day by its figures, or stands where a date would and is no usual score."""

from __future__ import annotations

import re

from deid.dates.slash_cues import CUE_LENGTH_MAX, LOOSE, OPERATED, TIME_WORD, WEAKEST
from deid.dates.slash_pairs import COMMON_SCALES, ends, is_span_of_days, may_score

__all__ = ["by_figures"]

_LIMB = re.compile(
    r"\b(?=[A-Za-z])(?i:left|right|hips?|knees?|ankles?|elbows?|shoulders?|wrists?|hands?|foot|toes?|arms?"
    r"|legs?|bilateral|heart|tongue)\b"
)
_PROCEDURE = re.compile(
    r"(?i:\b(?=[A-Za-z])"
    r"(?:s/p|status post|orif|surgery|resect\w*|excision|biops\w*|replacement|arthroplasty"
    r"|revision|fusion|repair|amputation|\w+(?:ectomy|otomy|oscopy|desis|plasty)|mri|ct|scan|x-?rays?"
    r"|films?|echo|labs?|visit|clinic|admi\w+|discharge\w*|i&d|debridement|injection|chemo\w*"
    r"|cycle \d+|transfus\w+|culture\w*)\b[^.;\n()]{0,40}\($)"
)
_HEADING = re.compile(r"(?:^|\n)[A-Z][A-Za-z /]{2,40}[ \t]$")
_LINE_END = re.compile(r"[ \t]*(?:\n|$)")
_END = re.compile(r"[ \t]*(?:[.,;)\n]|$)")
_NO_SCALES = frozenset([13, 14, 17, 18, 19, 22, 23, 26, 27, 28, 29, 31])


def by_figures(token: re.Match[str], before: str, behind: str, *, of_score: bool) -> bool:
    """What is no score by its figures, or stands where a date would and is no usual score."""
    m, d = int(token["m"]), int(token["d"])
    if token["m"].startswith("0") or token["d"].startswith("0"):
        return True
    if of_score:
        # no scale ends below what was reached on it: "back pain began about 4/2."
        led = LOOSE.search(before[-CUE_LENGTH_MAX:])
        return (
            m > d
            and led is not None
            and led.group()[0].isalpha()
            and _END.match(behind) is not None
        )
    if ends(token) == (d, d + 1):  # discs: 3/4-4/5
        return False
    if is_span_of_days(token):
        return True
    if d in _NO_SCALES or _PROCEDURE.search(before) or (m > d and _END.match(behind)):
        return True
    if before.endswith("(") and behind.startswith("):"):
        return m != d
    if _HEADING.search(before) and _LINE_END.match(behind):
        return not (may_score(token) and _LIMB.search(before))
    cue = before[-CUE_LENGTH_MAX:]
    if OPERATED.search(cue):
        return not may_score(token) or d not in COMMON_SCALES
    if not may_score(token) and m != d:
        return True
    if WEAKEST.search(cue):
        return not may_score(token) or (m not in (1, d) and d not in COMMON_SCALES)
    if m == d:
        return TIME_WORD.search(cue) is not None
    return LOOSE.search(cue) is not None
