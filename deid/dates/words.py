"""Words for parts of a date: months, weekdays, ordinals, Roman months, years as they are spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "FOREIGN_MONTH",
    "FOREIGN_MONTH_PIECES",
    "MISSPELT",
    "MISSPELT_MONTH",
    "MONTHS",
    "ORDINAL",
    "ORDINAL_WORDS",
    "ROMAN",
    "SPOKEN_YEAR",
    "WEEKDAYS",
    "foreign_month",
    "foreign_month_number",
    "month_number",
    "ordinal_number",
    "roman",
    "roman_number",
    "spoken_year",
]

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

# The slips that are common in English prose and typing.
MISSPELT = {
    slip: month
    for month, slips in {
        1: "janurary januray janaury janury jaunary janruary",
        2: "febuary feburary februrary febrary febuarary feburay febraury febuay februay feberuary",
        3: "marhc mrach",
        4: "arpil apirl aprl aprill",
        7: "jully",
        8: "agust augst augustt auguest augest agusut",
        9: "septmber setember sepember septembr septemeber sepetember septempber spetember",
        10: "ocotber octber octobr octobor otcober octomber ocober",
        11: "novmber novemeber novembr nvember novemebr noveber",
        12: "decmber decemeber decembr decemebr deceber dicember",
    }.items()
    for slip in slips.split()
}
_MONTH_NUMBERS = {name[:3].lower(): index for index, name in enumerate(MONTHS, start=1)}
_ROMANS = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]
_ORDINALS = [
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty first", "twenty second"),
    *("twenty third", "twenty fourth", "twenty fifth", "twenty sixth", "twenty seventh"),
    *("twenty eighth", "twenty ninth", "thirtieth", "thirty first"),
]
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {
    **{word: value for value, word in enumerate([*_UNITS, *_TEENS], start=1)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
}


def _either(words: list[str]) -> str:
    # The longest first, for "six" is the beginning of "sixteen".
    return "|".join(sorted(words, key=len, reverse=True)).replace(" ", r"[\s-]")


ORDINAL = rf"(?i:{_either(_ORDINALS)})\b"
ORDINAL_WORDS = frozenset(one.split()[0] for one in _ORDINALS)
"""The words that an ordinal opens with, in lower case."""
ROMAN = r"(?:I{1,3}|I?V|VI{1,3}|I?X|XI{1,2}|i{1,3}|i?v|vi{1,3}|i?x|xi{1,2})"
_PAIR = (
    rf"(?:{_either(_TENS)})(?:[\s-](?:{_either(_UNITS)}))?|{_either(_TEENS)}"
    rf"|(?:oh|o)[\s-](?:{_either(_UNITS)})"
)
SPOKEN_YEAR = (
    rf"(?i:(?:eighteen|nineteen|twenty)[\s-](?:{_PAIR})"
    rf"|two[\s-]thousand(?:[\s-](?:and[\s-])?(?:{_PAIR}|{_either(_UNITS)}))?)\b"
)


def _by_initial(words: Iterable[str]) -> str:
    """Any of the words; each first letter once, for a search tries it at every place."""
    tails: dict[str, list[str]] = {}
    for word in words:
        tails.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in tails.items())


MISSPELT_MONTH = _by_initial(MISSPELT)

# German, French, Spanish, Italian, Polish, Portuguese, Dutch, Swedish, Danish, Tagalog, Turkish,
# Romanian: as they stand in a date.
_LANGUAGES = [
    names.split()
    for names in (
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        (
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
            " dicembre"
        ),
        (
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października"
            " listopada grudnia"
        ),
        (
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
            " dezembro"
        ),
        "januari februari maart april mei juni juli augustus september oktober november december",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "januar februar marts april maj juni juli august september oktober november december",
        "enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre",
        "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
        (
            "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie"
            " noiembrie decembrie"
        ),
        "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre",
    )
]
_UNACCENTED = str.maketrans("äéûçśźńşığü", "aeucsznsigu")
_FOREIGN: dict[str, tuple[int, list[str]]] = {}
for _names in _LANGUAGES:
    for _month, _name in enumerate(_names, start=1):
        _FOREIGN.setdefault(_name, (_month, _names))
        _FOREIGN.setdefault(_name.translate(_UNACCENTED), (_month, _names))
FOREIGN_MONTH = rf"(?i:{_by_initial(_FOREIGN)})"
FOREIGN_MONTH_PIECES = frozenset(
    max(re.findall(r"[a-z]+", name), key=len)
    for name in _FOREIGN
    if name not in {month.lower() for month in MONTHS}
)
"""The longest plain run of letters of each ("vrier" of "février"), by which a month is found."""


def foreign_month_number(name: str) -> int:
    """1 to 12 for a month in one of the languages above. KeyError for anything else."""
    return _FOREIGN[name.lower()][0]


def foreign_month(month: int, like: str) -> str:
    """The month in the language of ``like``, in small letters."""
    return _FOREIGN[like.lower()][1][month - 1]


def month_number(name: str) -> int | None:
    """1 to 12 for the name of a month, its abbreviation or a common slip, else None."""
    if (slip := MISSPELT.get(name.lower())) is not None:
        return slip
    return _MONTH_NUMBERS.get(name[:3].lower())


def ordinal_number(words: str) -> int:
    """The day meant by "third" or "twenty-first". ValueError for anything else."""
    return _ORDINALS.index(re.sub(r"[\s-]+", " ", words.lower())) + 1


def roman_number(text: str) -> int:
    """The month meant by "iii" or "XII". ValueError for anything else."""
    return _ROMANS.index(text.lower()) + 1


def roman(month: int, like: str) -> str:
    """The month in Roman figures, in capitals or not as ``like`` is written."""
    return _ROMANS[month - 1].upper() if like.isupper() else _ROMANS[month - 1]


def spoken_year(words: str) -> int:
    """The year said as "nineteen sixty-one", "two thousand and five" or "twenty oh five"."""
    first, *rest = re.split(r"[\s-]+", words.lower())
    century = 2000 if first == "two" else 100 * _VALUES[first]
    return century + sum(_VALUES.get(word, 0) for word in rest)
