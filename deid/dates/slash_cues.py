"""Words in front of a pair such as 3/4 that lead to a day: surely, loosely or weakly."""

from __future__ import annotations

import re

from deid.dates.elements import WEEKDAY

__all__ = [
    "CUE_LENGTH_MAX",
    "FIRM",
    "IMAGED",
    "LAST_WAS",
    "LOOSE",
    "OPERATED",
    "PLANNED",
    "TESTED",
    "TIME_BEFORE",
    "TIME_WORD",
    "WEAKEST",
]

CUE_LENGTH_MAX = 24
FIRM = re.compile(
    rf"(?:\b(?=[A-Za-z])(?i:on|since|until|'?till?|dated?|visit|scheduled|appointment|appt|admit(?:ted)?"
    r"|admission|discharged?|due|performed|done|given|review|elos|eta|your|cx|cultures?|tte|ekg|ecg|bloods|collected|drawn|seen|reviewed|signed|last|next"
    r"|start(?:ing|ed)?|beginning|surgery|biopsy|bx|scan|films?|labs?|mri|ct|note|clinic|received"
    r"|comparison|filled|refilled?|dispensed|expires?|recheck|called|returned|returns?|re|dos|f/u"
    r"|rtc|addend(?:um|a|ed)|amended|thru|mid|uds|utox|tomorrow|tmrw|yest(?:erday)?|eff(?:ective)?\.?|exp\.?|hosp(?:itali[sz]ed)?"
    r"|rx['’]?d?|inj(?:ect(?:ion|ed))?|surg|c\d{1,2}d\d{1,2}|(?:pod|hd)\s?#?\d{1,2}|extubated|intubated|transferred"
    r"|bled|sim(?:ulat(?:ion|ed))?|relapsed?|progressed|follow-?up|f/up|(?-i:FU|ED|OSH)"
    r"|urgent care|walk-?in|w/[ce]"
    r"|(?:wk|week) comm(?:encing)?|week ending|(?:scheduled|booked|set|planned|due) for"
    r"|d/c(?:['’]?d)?|dc['’]?d|x-?rays?|cxr|echo|egd|colonoscopy|exploration"
    r"|died|deceased|(?:death|birthday|bday|dob|birth(?:\s?date)?|lmp|edd|edc)(?:\s(?:is|was))?|born"
    r"|(?:last|first|next|final)\s(?:cycle|dose|treatment|chemo|period|menses|bm|use|drink)"
    r"|(?:start(?:ed)?|began|begun|begin|re(?:sume|start)d?(?:ed)?|completed?|finish(?:ed)?|stop(?:ped)?|ended)\s(?:chemo(?:therapy)?|x?rt"
    r"|radiation|radiotherapy|abx|antibiotics|treatment|therapy|\w{3,}(?:mab|nib|cin|platin))"
    r"|wedding|graduation|funeral|anniversary|reunion|baptism|christening|ba[rt] mitzvah"
    r"|quincea[nñ]era|recital|cruise|flight|(?:baby|bridal) shower|court date|court hearing|l?bm"
    rf"|(?:week|wk|night|morning|evening|afternoon|end) of)(?:\s?[:(])?"
    rf"|{WEEKDAY}\b\.?,?|\b(?:Mo|Tu|We|Th|Fr|Sa|Su)|~)\s?$"
)
# "last dose was 8/15", "next infusion is 3/4"
LAST_WAS = re.compile(
    r"\b(?=[A-Za-z])(?i:last|next|first|final|previous|prior|most recent)"
    r"\s(?:(?!pain|score)[\w-]{2,16}\s){1,3}"
    r"(?i:was|is|on|given|taken|done|were|held|due|due on|came|:)\s?$"
)
# "CT CAP 1/4", "MRI left femur w/wo 1/4"
_REGION = (
    r"(?:c\.?a\.?p|chest|thorax|abd(?:omen)?|a/p|pelvis|hips?|femur|thigh|knees?|tibia|legs?|ankles?|foot"
    r"|arms?|humerus|shoulders?|elbows?|wrists?|hands?|spine|[ctl]-?spine|brain|head|neck|sacrum|ribs?"
    r"|left|right|[lrb]|bilat\w*|w/?wo|w/o?|with(?:out)?|and|contrast|ap|pa|lat(?:eral)?|pa/lat|views?"
    r"|angio|scan|guided|bx|biopsy)"
)
IMAGED = re.compile(
    r"\b(?=[A-Za-z])(?i:ct|cta|mri?|mra|xr|x-?rays?|pet(?:[/-]ct)?|us|ultrasound|films?)"
    rf"\s(?:(?i:{_REGION})\s){{1,4}}$"
)
# "OR date held: 3/5", "C1D1 target 2/5", "discharge planned for 4/9"
PLANNED = re.compile(
    r"\b(?=[A-Za-z])(?i:date|or|surgery|operation|procedure|case|discharge|d/?c|start|admission|admit|transfer"
    r"|move|clinic|visit|closure|infusion|chemo|rt|flap|c\d{1,2}(?:d\d{1,2})?)\s(?:(?i:date|slot|spot|time|was|is)\s)?"
    r"(?i:target(?:ed)?|goal|plan(?:ned)?|tent(?:ative(?:ly)?)?|anticipated|expected|held|hold|set|booked|confirmed"
    r"|requested|moved|rescheduled|changed|pushed|proposed|delayed|postponed|cancel+ed|projected|offered)"
    r"(?:\s(?i:for|to|at|on|until|from|is|was))?\s?[:(]?\s?$"
)
TESTED = re.compile(
    r"\b(?=[A-Za-z])(?i:ppd|tst|hiv|hcv|hbv|hep\s?[bc]|covid(?:-19)?|mrsa|vre|quantiferon|qft|rpr|hcg|uhcg|preg"
    r"|pcr|ua|esr|crp|tsh|a1c|psa|inr)(?:\s(?:test|swab|screen|ab|ag|pcr))?"
    r"(?:\s(?i:was\s)?(?i:neg(?:ative)?|pos(?:itive)?|nr|non-?reactive|reactive|sent|wnl|normal|\d{1,3}(?:\.\d)?))?\s\(?$"
)
OPERATED = re.compile(
    r"\b(?=[A-Za-z])(?i:s/p(?:\s[a-z]{2,12})?|resect(?:ion|ed)|excision|amputation|replacement|revision|fusion|repair"
    r"|debridement|reconstruction|\w+(?:ectomy|plasty|otomy|desis))\s?$"
)
LOOSE = re.compile(
    r"(?:\b(?=[A-Za-z])(?i:from|by|before|after|between|and|to|of|for|again|through|thru|around|about|at|in"
    r"|out|off|removal|placement|check|fell|came|went|began|\w{3,}ed)"
    r"(?:\s?:)?|[-–,])\s$"
)
# Of time and of nothing else: "letter by 9/9", where month and day may be the same number.
TIME_WORD = re.compile(r"\b(?=[A-Za-z])(?i:by|before|after|until|thru|through)\s$")
WEAKEST = re.compile(r"(?i:\b(?:and|to|about|at|in)|[-–,])\s$")
TIME_BEFORE = re.compile(
    r"(?<![\w:/.])(?:(?:[01]\d|2[0-3])[0-5]\d(?:\s?h(?:rs?)?)?|[012]?\d:[0-5]\d(?:\s?[apAP]\.?[mM]?\.?)?)"
    r"[ ,]{1,2}$"
)
