"""Forms that leave out the year, the day or both; see :mod:`deid.dates.forms`."""

from __future__ import annotations

from deid.dates.elements import (
    BIRTH,
    DAY,
    DAY2,
    DAY_LATE,
    FEAST,
    GO,
    MON,
    MON2,
    MON_RUN,
    MON_SHORT,
    MON_SURE,
    MON_YEAR_RUN,
    MONTH,
    MONTH_00,
    MONTH_CUE,
    MONTH_NAME,
    NO_UNIT,
    NO_VERB,
    SHORT_YEAR,
    STOP,
    TH,
    TO,
    WEEK,
    WEEKDAY,
    YEAR_CLEAR,
    YEAR_SAID,
    YYYY,
)
from deid.dates.words import MISSPELT_MONTH, ORDINAL

__all__ = ["PARTIAL"]

PARTIAL: tuple[tuple[str, str], ...] = (
    # March to May 2021 · Jan-Mar '21 · March and April
    ("months", rf"{GO}{MON}{TO}{MON2}(?:\s?,\s?|\s+of\s+|\s+){YEAR_CLEAR}{STOP}"),
    ("months", rf"{GO}{MON}{TO}{MON2}(?![\w-])(?!\s\d)"),
    # March 2021 · Jan-21 · 03/2021 · 2021-03
    ("month", rf"{GO}{MON}(?:\s?,\s?|\s+of\s+|\s+|-|/|(?<=\.)|(?=['’‘`])){YEAR_SAID}{STOP}"),
    ("month", rf"{GO}{MON_SHORT}-(?P<y>\d\d){STOP}"),
    ("month", rf"{GO}{MONTH}[/-](?P<y>(?:19|20)\d\d){STOP}"),
    ("month", rf"{GO}{MONTH}/(?P<y>{SHORT_YEAR}){STOP}"),
    ("month", rf"{GO}(?P<y>(?:19|20)\d\d)[-/]{MONTH_00}(?![\w/-])(?!\.\d)"),
    ("month", rf"{GO}(?P<y>(?:19|20)\d\d)[-/]{MON}(?![\w/-])(?!,?\s?(?:the\s)?\d)"),
    # visit in 11/07: a month and a year
    ("month", rf"\b[Ii]n\s(?P<core>{MONTH}/(?P<y>0\d|9\d)){STOP}"),
    # DOB 3/58 · birthday 3-4
    ("month", rf"{BIRTH}(?P<core>{MONTH}[/-](?P<y>3[2-9]|[4-9]\d)){STOP}(?!-\d)"),
    ("day", rf"{BIRTH}(?P<core>{MONTH}-{DAY}){STOP}(?!-\d)(?!\s(?:weeks?|days?|months?|years?)\b)"),
    # March 3 to 5 · Friday the 3rd: no day can be told without the year or month
    ("loose", rf"{GO}{MON}\s?{DAY}{TH}{TO}(?:{MON2}\s?)?{DAY2}{TH}{STOP}{NO_UNIT}"),
    ("loose", rf"{GO}{WEEKDAY}\.?,?\s+the\s+(?P<d>0?[1-9]|[12]\d|3[01])(?i:st|nd|rd|th){STOP}"),
    # 14th may
    (
        "day",
        rf"{GO}{WEEK}{DAY}(?i:st|nd|rd|th)\s(?:of\s)?(?P<mon>march|may)(?![\w-]){NO_VERB}",
    ),
    ("loose", rf"{GO}(?i:{WEEKDAY})\.?,?\s+the\s+(?P<dw>{ORDINAL}){STOP}"),
    # 4-9 March · MAR21
    (
        "loose",
        rf"{GO}(?<![A-Za-z\d]-){DAY}{TH}{TO}{DAY2}{TH}\s(?:of\s)?{MON}(?![\w-]){NO_VERB}",
    ),
    ("loose", rf"{GO}{MON_YEAR_RUN}{STOP}"),
    # March 4 · March the 4th · the 4th of March · the nineteenth of May · 04MAR · on march 4
    (
        "day",
        rf"{GO}{WEEK}(?:the\s)?{MON}\s?,?\s?(?:the\s)?{DAY}{TH}(?!:\d\d){STOP}{NO_UNIT}",
    ),
    ("day", rf"{GO}{WEEK}(?:the\s)?{DAY}{TH}(?:\s|\s?of\s|[-/]){MON}(?!\w)"),
    ("day", rf"{GO}{WEEK}{MON},?\s(?:the\s)?(?P<dw>{ORDINAL})"),
    ("day", rf"{GO}{WEEK}(?:the\s)?(?P<dw>{ORDINAL})\s(?:day\s)?of\s{MON}(?!\w)"),
    ("day", rf"{GO}{DAY}{MON_RUN}{STOP}"),
    ("day", rf"{GO}(?P<mon>march|may)\s(?:the\s)?{DAY}(?i:st|nd|rd|th){STOP}"),
    (
        "day",
        (
            r"\b(?i:on|since|until|till|dated|from|seen|by|for|due|visit|before|after|through|of)\s"
            rf"(?P<core>(?P<mon>march|may)\s{DAY}){STOP}{NO_UNIT}(?!\s(?:more|days?|weeks?|months?)\b)"
        ),
    ),
    ("day", rf"{GO}(?P<w>{WEEKDAY})\b\.?,?\s+{MONTH}/{DAY}{STOP}"),
    ("day", rf"{GO}(?P<w>{WEEKDAY})\b\.?,?\s+{DAY_LATE}/{MONTH}{STOP}"),
    # Thurs 14th · Wed 2nd, but no "Wed 2nd cycle"
    (
        "loose",
        (
            rf"{GO}(?=[MTWFS]){WEEKDAY}\.?,?\s+(?P<d>0?[5-9]|[12]\d|3[01]|[1-4](?=(?:st|nd|rd|th)"
            rf"(?:[ \t]*(?:[,.;)\n]|$)|\sat\b)))(?:st|nd|rd|th){STOP}"
            r"(?!\s(?:day|cycle|dose|fraction|post))"
        ),
    ),
    # spring of 2021 · Q3 2021 · third quarter of 2021 · in March · Christmas · '98
    (
        "quarter",
        (
            rf"{GO}(?:(?i:early|mid|late)[\s-])?(?i:spring|summer|fall|autumn|winter)(?:\s+of)?,?\s+"
            rf"{YEAR_CLEAR}{STOP}"
        ),
    ),
    ("quarter", rf"{GO}Q[1-4][\s/-]?{YEAR_CLEAR}{STOP}"),
    ("quarter", rf"{GO}(?i:first|second|third|fourth)\squarter\s(?:of\s)?{YYYY}{STOP}"),
    ("feast", FEAST),
    ("alone", rf"\b{MONTH_CUE}[\s-](?P<core>{MON})(?![\w-])(?!\s\d)"),
    ("alone", rf"{GO}(?P<mon>{MONTH_NAME}|(?i:{MISSPELT_MONTH}))(?![\w-])(?!\s\d(?!\d{{3}}\b))"),
    (
        "alone",
        (
            r"\b(?i:in|since|until|early|late|mid|by|last)[\s-](?P<core>(?P<mon>march|may))(?![\w-])"
            rf"(?!\s\d){NO_VERB}"
        ),
    ),
    # fell on the icy curb feb, no harm / base film sept. Then
    (
        "alone",
        rf"(?<=[a-z),;:] ){MON_SURE}(?![\w-])\.?(?=[ \t]*(?:[,;).\n]|$)|\s[a-z])(?!\s\d)",
    ),
    # Social Work March / last filled May.  / NURSING NOTE May 0730
    (
        "alone",
        (
            r"(?<=[A-Za-z)] )(?P<mon>March|May|MARCH|MAY)(?=[ \t]*(?:\n|$)|\s?[.;,)](?!\w)"
            r"|[ \t]\d{4}\b)(?!\s(?:1[89]|20|21)\d\d)"
        ),
    ),
    # A year of birth is found so that one which tells an age over 89 can go; see deid.notes.
    (
        "born",
        (
            r"\b(?:(?i:born|birth|dob|d\.o\.b\.|yob)\b|b\.|[Bb]day)"
            r"(?P<between>[^.;\n\d]{0,45}?[\s:(]|(?<=b\.))(?P<core>(?P<y>(?:18|19|20)\d\d|['’‘`]\d\d))"
            r"(?![\w’'/-])(?!\.\d)"
        ),
    ),
    ("year", r"(?<!\w)(?P<y>['’‘`]\d\d)(?![\w'’])"),
)
