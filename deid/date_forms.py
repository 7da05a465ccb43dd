"""The forms in which clinical prose writes dates, as one table of patterns.

Order matters: earlier forms win over later ones where they overlap. Named groups: ``y`` year,
``m`` month number, ``mon`` month name, ``d`` day, ``w`` weekday, ``d2``/``mon2`` end of a range,
``core`` the part that is the date where the pattern needs a cue around it.
"""

from __future__ import annotations

import re

__all__ = ["FORMS", "LANDMARK", "MONTHS", "WEEKDAYS"]

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

# "may" and "march" are verbs: they need their capital. The other months do not.
_MON = (
    r"(?P<mon>(?i:jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)|[Mm]ar|MAR(?:CH)?|March|May|MAY)\b\.?"
)
_MON2 = _MON.replace("<mon>", "<mon2>")
_DAY = r"(?P<d>0?[1-9]|[12]\d|3[01])"
_DAY2 = _DAY.replace("<d>", "<d2>")
_M = r"(?P<m>0?[1-9]|1[0-2])"
_M_00 = r"(?P<m>0[1-9]|1[0-2])"
_TH = r"(?:\s?(?i:st|nd|rd|th))?"
_YYYY = r"(?P<y>(?:1[89]|20|21)\d\d)"
_YEAR = r"(?P<y>(?:1[89]|20|21)\d\d|['’‘`]\d\d|\d\d)"
_YEAR_CLEAR = r"(?P<y>(?:1[89]|20|21)\d\d|['’‘`]\d\d)"
_WEEKDAY = r"(?i:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?i:day)?"
_WEEK = rf"(?:(?P<w>{_WEEKDAY})\b\.?,?\s+)?"
_GO = r"(?<![\w/])(?<!\d[.\-])"
_STOP = r"(?![\w/])(?!\.\d)"
_TO = r"\s?(?:-|–|—|to|through|thru|and|&)\s?"
_NO_UNIT = (
    r"(?!\s?(?:mg|mcg|ml|cc|mm|cm|kg|g\b|units?\b|%|percent|tablets?|doses?|times|years?|hours?))"
)
_CUE = (
    r"(?i:on|since|until|till|through|thru|from|by|before|after|dated?|between|and|to|of|for|visit"
    r"|scheduled|appointment|admitted|discharged|due|performed|collected|drawn|seen|reviewed|signed"
    r"|last|next|starting|started|beginning|surgery|biopsy|scan|films?|labs?|mri|ct|note|clinic"
    r"|received|comparison|filled|refilled?|dispensed|expires?|recheck|called|returned|returns?|again|re|dos|f/u|rtc|follow-?up)"
)
_NO_SCORE = (
    r"(?!\s*(?:strength|motor|power|pain|tablets?|tabs?|of\b|scale|score|points?|mg|ml|cc|cm|mm"
    r"|inch|bilat|throughout|in (?:the )?(?:all|upper|lower|left|right|both)|positive|nodes?"
    r"|lymph))"
)
_MONTH_CUE = (
    r"(?i:in|since|until|till|last|this|next|by|during|early|late|mid|around|from|through|of|to"
    r"|for|before|after|due)"
)
_FEAST = (
    r"\b(?P<core>Christmas(?: Eve| Day)?|Thanksgiving(?: Day)?|Halloween|Easter(?: Sunday)?"
    r"|Labor Day|Memorial Day|Independence Day|(?:Fourth|4th) of July|New Year['’]?s(?: Eve| Day)?"
    r"|Valentine['’]?s Day|Mother['’]?s Day|Father['’]?s Day)\b"
)

_MON_RUN = (
    r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
)
_MONTH_NAME = (
    r"January|February|April|June|July|August|September|October|November|December"
    r"|JANUARY|FEBRUARY|APRIL|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
)
_M2 = _M.replace("<m>", "<m2>")

_TABLE: tuple[tuple[str, str], ...] = (
    # 3/4/21-3/9/21 is two dates · 3/4-3/9/2021 · 3/4-9/2021
    ("range", rf"{_GO}{_M}/{_DAY}{_TO}{_M2}/{_DAY2}/{_YEAR}{_STOP}"),
    ("range", rf"{_GO}{_M}/{_DAY}\s?[-–]\s?{_DAY2}/{_YEAR}{_STOP}"),
    # March 3-5, 2021 · March 30 to April 2, 2021 · 3-5 March 2021
    (
        "range",
        (
            rf"{_GO}{_MON}\s?{_DAY}{_TH}{_TO}(?:{_MON2}\s?)?{_DAY2}{_TH}(?:,?\s+"
            rf"|,){_YEAR_CLEAR}{_STOP}"
        ),
    ),
    ("range", rf"{_GO}{_DAY}{_TH}{_TO}{_DAY2}{_TH}\s+{_MON},?\s+{_YEAR_CLEAR}{_STOP}"),
    # 2021-03-04 · 20210304 (also before a time)
    ("full", rf"{_GO}{_WEEK}{_YYYY}(?P<s>[-/.]){_M}(?P=s){_DAY}(?:(?=T\d)|{_STOP})"),
    ("full", rf"{_GO}{_YYYY}{_M_00}(?P<d>0[1-9]|[12]\d|3[01])(?=\d{{4}}(?:\d\d)?\b|T\d|\b)"),
    # 3/4/2021 · 13/4/21 (day first where it must be)
    ("full", rf"{_GO}{_WEEK}{_M}\s?(?P<s>[-/.])\s?{_DAY}\s?(?P=s)\s?{_YEAR}{_STOP}"),
    ("full", rf"{_GO}{_WEEK}(?P<d>1[3-9]|2\d|3[01])(?P<s>[-/.]){_M}(?P=s){_YEAR}{_STOP}"),
    # 4 March 2021 · 04-MAR-21 · 4th of March, 2021
    (
        "full",
        (
            rf"{_GO}{_WEEK}(?:the\s)?{_DAY}{_TH}(?:[-/.\s]\s?|\s?of\s|\s+day\s+of\s){_MON}(?:[-/.,]\s?|,?\s+)"
            rf"{_YEAR}{_STOP}"
        ),
    ),
    # 12MAR2021 · 12Mar21
    ("full", rf"{_GO}{_DAY}{_MON_RUN}(?P<y>(?:19|20)\d\d|\d\d){_STOP}"),
    # March 4th, 2021 · Mar 4 '21 · March 4, 21
    (
        "full",
        (
            rf"{_GO}{_WEEK}(?:the\s)?{_MON}[\s-]?\s?{_DAY}{_TH}(?:\s?,\s?|\s+of\s+|\s+|-){_YEAR_CLEAR}"
            rf"{_STOP}"
        ),
    ),
    ("full", rf"{_GO}{_WEEK}{_MON}\s?{_DAY}{_TH},\s?(?P<y>\d\d){_STOP}(?!:)"),
    ("full", rf"{_GO}{_YYYY}[-\s]{_MON}[-\s]{_DAY}{_STOP}"),
    # March 2021 · Jan-21 · 03/2021 · 2021-03
    ("month", rf"{_GO}{_MON}(?:\s?,\s?|\s+of\s+|\s+|-|/){_YEAR_CLEAR}{_STOP}"),
    ("month", rf"{_GO}(?P<mon>[A-Z][a-z]{{2}})-(?P<y>\d\d){_STOP}"),
    ("month", rf"{_GO}{_M}[/-](?P<y>(?:19|20)\d\d){_STOP}"),
    ("month", rf"{_GO}(?P<y>(?:19|20)\d\d)-{_M_00}(?![\w/-])"),
    # March 3 to 5 · on 3/4-9 · Friday the 3rd: no day can be told without the year or month
    ("loose", rf"{_GO}{_MON}\s?{_DAY}{_TH}{_TO}(?:{_MON2}\s?)?{_DAY2}{_TH}{_STOP}{_NO_UNIT}"),
    (
        "loose",
        (
            rf"(?:{_CUE}:?|[-–,]|{_WEEKDAY}\.?,?)\s"
            rf"(?P<core>{_M}/{_DAY}\s?[-–]\s?(?:{_M2}/)?{_DAY2}){_STOP}{_NO_SCORE}"
        ),
    ),
    ("loose", rf"{_GO}{_WEEKDAY}\.?,?\s+the\s+(?P<d>0?[1-9]|[12]\d|3[01])(?i:st|nd|rd|th){_STOP}"),
    # March 4 · the 4th of March · Tue 3/4 · on 3/4
    ("day", rf"{_GO}{_WEEK}(?:the\s)?{_MON}\s?{_DAY}{_TH}{_STOP}{_NO_UNIT}"),
    ("day", rf"{_GO}{_WEEK}(?:the\s)?{_DAY}{_TH}(?:\s|\s?of\s|-){_MON}(?!\w)"),
    ("day", rf"{_GO}(?P<w>{_WEEKDAY})\b\.?,?\s+{_M}/{_DAY}{_STOP}"),
    (
        "day",
        rf"(?:{_CUE}:?|[-–,]|{_WEEKDAY},?)\s(?P<core>{_M}/{_DAY}){_STOP}{_NO_SCORE}",
    ),
    # a heading: "Social Work 11/22"
    ("day", rf"(?m:^)[A-Z][A-Za-z /]{{2,40}}[ \t](?P<core>{_M}/{_DAY})(?=[ \t]*(?:\n|$))"),
    # spring of 2021 · Q3 2021 · in March · Christmas · '98
    (
        "quarter",
        (
            rf"{_GO}(?:(?i:early|mid|late)[\s-])?(?i:spring|summer|fall|autumn|winter)(?:\s+of)?,?\s+"
            rf"{_YEAR_CLEAR}{_STOP}"
        ),
    ),
    ("quarter", rf"{_GO}Q[1-4][\s/-]?{_YEAR_CLEAR}{_STOP}"),
    ("alone", rf"\b{_MONTH_CUE}[\s-](?P<core>{_MON})(?![\w-])(?!\s\d)"),
    ("alone", rf"{_GO}(?P<mon>{_MONTH_NAME})(?![\w-])(?!\s\d(?!\d{{3}}\b))"),
    ("feast", _FEAST),
    ("year", r"(?<!\w)(?P<y>['’‘`]\d\d)(?![\w'’])"),
)
# Every form holds a digit, the name of a month or of a feast.
LANDMARK = re.compile(
    r"\d+|(?<![A-Za-z])(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]u[nl]|[Aa]ug|[Ss]ep|[Oo]ct"
    r"|[Nn]ov|[Dd]ec|J[AU]|FEB|MA|A[PU]|SEP|OCT|NOV|DEC|Christmas|Thanks|Hallow|Easter|Labor|Memo"
    r"|Indep|Fourth|New|Valen|Mother|Father)"
)
FORMS = tuple((kind, re.compile(pattern)) for kind, pattern in _TABLE)
