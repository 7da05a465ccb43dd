"""Surrogates of numbers and contacts: the same layout, other digits, none of the site's.

Telephone numbers of North America, e-mail, web and IP addresses come from ranges reserved for
fiction and documentation (NANP 555-01XX, RFC 2606, RFC 5737, RFC 3849), social security numbers
from what is never issued (9XX with a group below 50), and so do all numbers of nine digits that
do not begin with a zero. Check digits are not made right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.own.patient import squashed
from deid.surrogates.draw import Draw
from deid.surrogates.real import RealPeople

__all__ = ["Numbers"]

_TRIES = 24
_SSN_LAYOUT = re.compile(r"\d{3}[-–]\d{2}[-–]\d{4}|\d{3}[ .]\d{2}[ .]\d{4}")
# Nine digits may be one as well, whatever the label said. With a zero in front they rather are a
# padded record number, which must agree with the number that is not padded.
_NINE_DIGITS = re.compile(r"[1-9]\d{8}")
# Application identifiers of a UDI say what follows; they name nothing.
_UDI_TAG = re.compile(r"\(\d{2,3}\)")
_NANP = re.compile(r"(?:\+?1[\s.\-–/]?)?(?:\(?\d{3}\)?[\s.\-–/]{0,2})?\d{3}[\s.\-–/]?\d{4}")
_NANP_LAYOUT = re.compile(r"\(?\d{3}\)?[\s.\-]{1,2}\d{3}[\s.\-]\d{4}")
_COUNTRY = re.compile(r"\+\d{1,3}(?=[\s.\-])")
_EXTENSION = re.compile(r"(?i)ext(?:ension)?|fax|cell|pager|phone|tel|mobile|home|work|office")
# "1-800-FLOWERS", "704-555-HELP": the letters are those of a telephone's keys.
_LETTERED = re.compile(
    r"(?P<area>(?:\+?1[ .\-]{0,2})?\(?\d{3}\)?)[ .\-]{0,2}"
    r"(?=[\dA-Za-z\-.]*[A-Za-z]{3})(?P<word>(?:\d{3}[.\-])?[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)"
)
_KEYPAD = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "22233344455566677778889999" * 2,
    ".",
)
_LINK = re.compile(r"[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,6}/")
# Area codes that look like some (no N11, no N9X, none of the toll-free ones).
_AREAS = tuple(
    str(area)
    for area in range(201, 990)
    if area % 100 != 11
    and area % 100 // 10 != 9
    and area % 111
    and area not in (800, 900)
    and area not in (833, 844, 855, 866, 877)
)


class Numbers:
    """The numbers and contacts of one patient's notes."""

    def __init__(self, draw: Draw, people: RealPeople) -> None:
        self._draw = draw
        self._people = people

    def identifier(self, value: str) -> str | None:
        """Digits for digits, letters for letters, separators kept; None if none was found.

        A number with and without leading zeros, and with any separators, gets the same digits.
        """
        if _NANP_LAYOUT.fullmatch(value):
            return self._telephone(value)
        key = squashed(value).lstrip("0")
        return self._first(self._shaped(value, key, attempt) for attempt in range(_TRIES))

    def _digits_only(self, value: str) -> str | None:
        """Other digits; letters say what the number is ("ext. 4471")."""
        key = squashed(re.sub(r"[^\d]", "", value)).lstrip("0")
        tries = (self._shaped(value, key, attempt, letters=False) for attempt in range(_TRIES))
        return self._first(tries)

    def _first(self, made: Iterator[str | None]) -> str | None:
        return next((one for one in made if one and not self._people.has_number(one)), None)

    def _shaped(self, value: str, key: str, attempt: int, *, letters: bool = True) -> str | None:
        if _SSN_LAYOUT.fullmatch(value) or (
            letters and _NINE_DIGITS.fullmatch(key) and not _UDI_TAG.search(value)
        ):
            return self._social_security(value, key, attempt)
        tags = {i for tag in _UDI_TAG.finditer(value) for i in range(*tag.span())}
        numbers = iter(self._draw.digits("number", key, attempt, len(value)))
        out, begun = [], False
        for i, char in enumerate(value):
            stays = i in tags or not char.isalnum() or (char == "0" and not begun)
            if stays or not (letters or char.isdigit()):
                out.append(char)
                continue
            number = next(numbers)
            if char.isdigit():
                out.append(str(number % 10 if begun else number % 9 + 1))
            else:
                out.append(_letter(char, number))
            begun = True
        made = "".join(out)
        return made if squashed(made) != squashed(value) else None

    def _social_security(self, value: str, key: str, attempt: int) -> str:
        number = self._draw("ssn", key, attempt)
        zeros = "0" * (sum(char.isdigit() for char in value) - 9)
        digits = iter(
            f"{zeros}9{number % 100:02d}{number // 100 % 49 + 1:02d}{number // 10**4 % 10**4:04d}"
        )
        return "".join(next(digits) if char.isdigit() else char for char in value)

    def contact(self, value: str) -> str | None:
        """A telephone number, e-mail, web, IP or MAC address of a reserved range."""
        if not any(char.isdigit() or char in "@.:" for char in value):
            return None  # a number in words
        key = squashed(value)
        number = self._draw("contact", key)
        if re.fullmatch(r"@[\w.\-]+", value):
            return f"@contact{number % 9000 + 1000}"
        if "@" in value or "(at)" in value or "[at]" in value:
            return f"contact{number % 9000 + 1000}@example.org"
        if match := re.match(r"(?:\d{1,3}\.){3}\d{1,3}", value):
            return f"192.0.2.{number % 254 + 1}" + self._rest(value, match.end())
        if re.fullmatch(r"(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}", value):
            return self._hardware(value, key)
        if re.fullmatch(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*", value):
            return f"2001:db8::{number % 65535 + 1:x}"
        if lettered := _LETTERED.fullmatch(value):
            dialled = lettered["word"].translate(_KEYPAD).replace("-", "")[:7]
            return self._telephone(f"{lettered['area']}-{dialled[:3]}-{dialled[3:]}")
        if _LINK.match(value) or re.search(r"[^\W\d_]{3}", _EXTENSION.sub("", value)):
            start = "" if "://" not in value else "https://"
            return f"{start}www.example.org/{number % 9000 + 1000}"
        return self._telephone(value)

    def _telephone(self, value: str) -> str | None:
        match = _NANP.search(value)
        digits = squashed(match.group()) if match else ""
        abroad = value.lstrip("( ").startswith("+") and not squashed(value).startswith("1")
        if abroad and (code := _COUNTRY.match(value)):
            rest = self._digits_only(value[code.end() :])
            return None if rest is None else code.group() + rest
        if match is None or abroad or re.search(r"\d$", value[: match.start()]):
            return self._digits_only(value)
        tries = (self._fictional(digits, attempt) for attempt in range(_TRIES))
        made = self._first(tries)
        if made is None:
            return None
        source = iter(made)
        number = "".join(next(source) if char.isdigit() else char for char in match.group())
        return value[: match.start()] + number + self._rest(value, match.end())

    def _fictional(self, digits: str, attempt: int) -> str:
        """The local part follows from the local part, so that it agrees without area code."""
        local = f"55501{self._draw('telephone', digits[-7:], attempt) % 100:02d}"
        number = self._draw("area", digits[-10:], attempt)
        area = _AREAS[number % len(_AREAS)]
        return f"1{area}{local}"[-len(digits) :]

    def _rest(self, value: str, start: int) -> str:
        """What follows the main number: an extension, a port."""
        rest = value[start:]
        return (self._digits_only(rest) or "") if any(c.isdigit() for c in rest) else rest

    def _hardware(self, value: str, key: str) -> str:
        """A MAC address that is locally administered: no maker was given it (IEEE 802)."""
        numbers = self._draw.digits("mac", key, 0, 6)
        pairs = ["02", *(f"{n % 256:02x}" for n in numbers[1:])]
        made = value[2].join(pairs)
        return made.upper() if value.upper() == value else made


def _letter(char: str, number: int) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    made = letters[number % len(letters)]
    return made if char.isupper() else made.lower()
