"""Forms for what the others leave: dates that run into each other or into words, and rare ones."""

from __future__ import annotations

from deid.dates.elements import (
    DAY,
    DAY_00,
    DAY_LATE,
    GO,
    MON_ANY,
    MONTH,
    MONTH_00,
    NO_UNIT,
    STOP,
    TH,
    TH_END,
    WEEKDAY,
    YYYY,
)
from deid.dates.words import FOREIGN_MONTH, ROMAN

__all__ = ["JOINED"]

# Dates that touch each other or a word ("3/4/2021/3/9/2021", "x_2021-03-04.pdf", "march 4 2021"):
# only digits bound them, so a year of four digits is asked for.
_WORD_START = r"(?:(?<![A-Za-z])|(?<=\dto))"
_APART = r"[^\w\n]{0,3}"
JOINED: tuple[tuple[str, str], ...] = (
    ("full", rf"(?<!\d){YYYY}{MONTH_00}{DAY_00}(?!\d)"),
    ("full", rf"(?<!\d){YYYY}(?P<s>[-/._\s]){MONTH}(?P=s){DAY}(?!\d)"),
    ("full", rf"(?<!\d){MONTH}\s?(?P<s>[-/._\s])\s?{DAY}\s?(?P=s)\s?{YYYY}(?!\d)"),
    ("full", rf"(?<!\d){DAY_LATE}\s?(?P<s>[-/._\s])\s?{MONTH}\s?(?P=s)\s?{YYYY}(?!\d)"),
    ("full", rf"(?<!\d){MONTH}[-/.]{DAY}[-/.]{YYYY}(?!\d)"),
    ("full", rf"(?<!\d){DAY}{TH}(?:{_APART}|\sof\s){MON_ANY}{_APART}{YYYY}(?!\d)"),
    (
        "full",
        (
            rf"{_WORD_START}(?:(?P<w>{WEEKDAY})\b\.?,?\s)?{MON_ANY}"
            rf"{_APART}(?:the\s)?{DAY}{TH}(?:[^\w\n]{{1,3}}|\sof\s)"
            rf"{YYYY}(?!\d)"
        ),
    ),
    (
        "full",
        (
            rf"(?<!\d){YYYY}{_APART}{MON_ANY}{_APART}(?:the\s)?{DAY}{TH_END}(?!\d)"
            r"(?!,?\s?(?:1[89]|20|21)\d\d)"
        ),
    ),
    ("full", rf"(?<!\d){DAY}\s?[-/.\s]\s?(?P<rom>{ROMAN})\s?[-/.\s]\s?{YYYY}(?!\d)"),
    # 4 mars 2021 · 4 de marzo de 2021
    (
        "full",
        (
            rf"(?<!\d){DAY}(?:[.ºª]|er)?(?:\s(?:de\s|di\s)?|{_APART})(?P<fmon>{FOREIGN_MONTH})"
            rf"\.?(?:\s(?:de\s|del\s)?|{_APART}){YYYY}(?!\d)"
        ),
    ),
    # Marzo 14, 2021
    (
        "full",
        rf"(?<![^\W_])(?P<fmon>{FOREIGN_MONTH})\.?\s{DAY}(?:[.ºª]|er)?,?\s{YYYY}(?!\d)",
    ),
    # 3/4 2021; 2000 and from 2030 on may be a time of day
    ("full", rf"{GO}{MONTH}/{DAY},?\s\(?(?!2000|20[3-5]\d){YYYY}(?![\w/:-])(?!\.\d){NO_UNIT}"),
    # 3,4,2021 · 2021:03:04 (pictures) · day 063 of 2021 · 2021-W09-4
    ("full", rf"{GO}(?<![\d,],){MONTH},{DAY},{YYYY}(?![\w,])"),
    ("full", rf"(?<![\d:]){YYYY}:{MONTH_00}:{DAY_00}(?![\d:])"),
    ("full", rf"\b[Dd]ay\s(?P<doy>\d{{1,3}})(?:\sof|,)\s{YYYY}(?!\d)"),
    ("full", rf"(?<!\d){YYYY}-?W(?P<wk>[0-5]\d)-?(?P<wd>[1-7])(?!\w)"),
    ("quarter", rf"(?<!\d){YYYY}-?W[0-5]\d(?![\w-])"),
    # week 9 of 2021 · wk 09, 2021 · W09/2021
    (
        "quarter",
        (
            r"(?<![^\W_])(?:(?i:(?:week|wk|kw)\.?\s(?:no\.?\s|#\s?)?)|W)[0-5]?\d"
            rf"(?:\sof\s|,\s|/|-|\s){YYYY}(?![\w-])"
        ),
    ),
    # 03.2021 · III/2021
    ("month", rf"{GO}(?<![$€£]){MONTH_00}\.{YYYY}(?!\d)(?!\.\d){NO_UNIT}"),
    ("month", rf"{GO}(?<!ade )(?<!age )(?<!ype )(?P<rom>{ROMAN})/{YYYY}{STOP}"),
    ("month", rf"{_WORD_START}{MON_ANY}(?:{_APART}|\sof\s){YYYY}(?!\d)"),
    ("month", rf"(?<!\d){MONTH}[/-]{YYYY}(?!\d)"),
    ("month", rf"(?<!\d){YYYY}[/-]{MONTH_00}(?!\d)(?![/-]\d\d?(?!\d))"),
)
