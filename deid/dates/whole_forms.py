"""Forms of dates with day, month and year, and of ranges of days; see :mod:`deid.dates.forms`."""

from __future__ import annotations

from deid.dates.elements import (
    CUE_RUN,
    DAY,
    DAY2,
    DAY_00,
    DAY_LATE,
    FILE_RUN,
    GO,
    MON,
    MON2,
    MON_RUN,
    MONTH,
    MONTH2,
    MONTH_00,
    NEXT_MONTH,
    NO_UNIT,
    STOP,
    TH,
    TO,
    WEEK,
    YEAR,
    YEAR_CLEAR,
    YEAR_SAID,
    YYYY,
)
from deid.dates.words import ORDINAL, ROMAN, SPOKEN_YEAR

__all__ = ["RANGES", "WHOLE"]

RANGES: tuple[tuple[str, str], ...] = (
    # 3/4-3/9/2021 · 3/4-9/2021 (3/4/21-3/9/21 is two dates)
    ("range", rf"{GO}{MONTH}/{DAY}{TO}{MONTH2}/{DAY2}/{YEAR}{STOP}"),
    ("range", rf"{GO}{MONTH}/{DAY}\s?[-–]\s?{DAY2}/{YEAR_CLEAR}{STOP}"),
    ("range", rf"{GO}{MONTH}/{DAY}\s?[-–]\s?(?P<d2>1[3-9]|2\d|3[01])/(?P<y>\d\d){STOP}"),
    # March 3-5, 2021 · March 30 to April 2, 2021 · 3-5 March 2021
    (
        "range",
        (
            rf"{GO}{MON}\s?{DAY}{TH}{TO}(?:{MON2}\s?)?{DAY2}{TH}(?:,?\s+"
            rf"|,){YEAR_CLEAR}{STOP}"
        ),
    ),
    (
        "range",
        rf"{GO}(?<![A-Za-z\d]-){DAY}{TH}{TO}{DAY2}{TH}\s+{MON},?\s+{YEAR_CLEAR}{STOP}",
    ),
    # March 4, 5 and 6, 2021
    (
        "loose",
        (
            rf"{GO}{MON}\s?{DAY}{TH}(?:\s?,\s?(?:[12]\d|3[01]|0?[1-9])(?!\d){TH}){{1,6}}"
            rf"\s?,?\s?(?:and|&|or)\s?{DAY2}{TH}(?:,?\s+{YEAR_CLEAR})?{STOP}{NO_UNIT}"
        ),
    ),
)
WHOLE: tuple[tuple[str, str], ...] = (
    # 2021-03-04 · 20210304 (also before a time)
    ("full", rf"{GO}{WEEK}{YYYY}(?P<s>[-/.])\s?{MONTH}(?P=s)\s?{DAY}(?:(?=T\d)|{STOP})"),
    # HL7 and file stamps, time and zone included: 20210304102233.123-0600
    (
        "full",
        (
            rf"{GO}(?P<core>{YYYY}{MONTH_00}{DAY_00}(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?"
            r"(?:\.\d{1,6})?(?:[+-]\d{4})?)(?![A-Za-z0-9/])"
        ),
    ),
    ("full", rf"{GO}{YYYY}{MONTH_00}{DAY_00}(?=\d{{4}}(?:\d\d)?\b|T\d|\b)"),
    # 3/4/2021 · 13/4/21 (day first where it must be)
    ("full", rf"{GO}{WEEK}{MONTH}\s?(?P<s>[-/.])\s?{DAY}\s?(?P=s)\s?{YEAR}{STOP}"),
    ("full", rf"{GO}{WEEK}{DAY_LATE}\s?(?P<s>[-/.])\s?{MONTH}\s?(?P=s)\s?{YEAR}{STOP}"),
    # a slip of the year: 3/4/021
    ("full", rf"{GO}{WEEK}{MONTH}/{DAY}/(?P<y>0[0-3]\d)(?![\w/-])(?!\.\d)"),
    # 2021-Mar-04
    ("full", rf"{GO}{YYYY}(?P<s>[-/.]){MON}(?P=s){DAY}{STOP}"),
    # a year behind is of this date ("2000 Jan 1, 2000"), unless another month follows it
    (
        "full",
        (
            rf"{GO}{YYYY}[ ]{MON}[ ]{DAY}{STOP}"
            rf"(?!,?\s?(?:1[89]|20|21)\d\d(?![ ]{NEXT_MONTH}))"
        ),
    ),
    # 2021MAR04
    ("full", rf"{GO}{YYYY}{MON_RUN}{DAY}{STOP}"),
    # 03 04 2021 · 25 12 2020 · 2021 03 04
    ("full", rf"{GO}(?<!\d\s){MONTH}\s{DAY}\s{YYYY}{STOP}(?!\s\d)"),
    ("full", rf"{GO}(?<!\d\s){DAY_LATE}\s{MONTH}\s{YYYY}{STOP}(?!\s\d)"),
    ("full", rf"{GO}(?<!\d\s){YYYY}\s{MONTH_00}\s{DAY_00}{STOP}(?!\s\d)"),
    # 4 March 2021 · 04-MAR-21 · 4th of March, 2021
    (
        "full",
        (
            rf"{GO}{WEEK}(?:the\s)?{DAY}{TH}(?:[-/.,\s]\s?|\s?of\s|\s+day\s+of\s){MON}(?:[-/.,]\s?|,?\s+)"
            rf"(?:{YEAR}|(?P<yw>{SPOKEN_YEAR})){STOP}"
        ),
    ),
    # 12MAR2021 · 12Mar21
    ("full", rf"{GO}{DAY}{MON_RUN}(?P<y>(?:19|20)\d\d|\d\d){STOP}"),
    # 4/III/2021 · 4-iii-21
    ("full", rf"{GO}{DAY}\s?(?P<s>[-/.\s])\s?(?P<rom>{ROMAN})(?P=s)\s?{YYYY}{STOP}"),
    ("full", rf"{GO}{DAY}(?P<s>[-/.])(?P<rom>{ROMAN})(?P=s){YEAR}{STOP}"),
    # March 4th, 2021 · Mar 4 '21 · March 4, 21 · March, 4 2021 · March the 4th, 2021 · Mar/04/2021
    (
        "full",
        (
            rf"{GO}{WEEK}(?:the\s)?{MON}\s?[,/-]?\s?(?:the\s)?{DAY}{TH}(?:\s?,\s?|\s+of\s+|\s+|[-/])"
            rf"{YEAR_SAID}{STOP}"
        ),
    ),
    ("full", rf"{GO}{WEEK}{MON}\s?{DAY}{TH},\s?(?P<y>\d\d){STOP}(?!:)"),
    # March fourth, 2021 · the fourth of March, twenty twenty-one
    (
        "full",
        rf"{GO}{WEEK}{MON},?\s(?:the\s)?(?P<dw>{ORDINAL})(?:,?\s(?:of\s)?){YEAR_SAID}{STOP}",
    ),
    (
        "full",
        (
            rf"{GO}{WEEK}(?:the\s)?(?P<dw>{ORDINAL})\s(?:day\s)?(?:of\s)?{MON}(?:,?\s(?:of\s)?)"
            rf"{YEAR_SAID}{STOP}"
        ),
    ),
    # DOB 03041961 · date 210304 · scan_03042021.dcm
    ("full", rf"{CUE_RUN}(?P<core>{MONTH_00}{DAY_00}(?P<y>(?:19|20)\d\d|\d\d)){STOP}"),
    ("full", rf"{CUE_RUN}(?P<core>{DAY_LATE}{MONTH_00}(?P<y>(?:19|20)\d\d)){STOP}"),
    ("full", rf"{CUE_RUN}(?P<core>(?P<y>\d\d){MONTH_00}{DAY_00}){STOP}"),
    ("full", rf"{FILE_RUN}(?P<core>{MONTH_00}{DAY_00}(?P<y>(?:19|20)\d\d))(?!\d)"),
    ("full", rf"{FILE_RUN}(?P<core>{DAY_LATE}{MONTH_00}(?P<y>(?:19|20)\d\d))(?!\d)"),
)
