"""What is written in place of a finding: consistent, realistic and keyed per patient.

The same value of the same patient always gets the same surrogate, at every run with the same
keys; another patient's equal value gets another one. A surrogate looks like the real thing, so
that what the recognisers might have missed hides among them (Carrell et al., JAMIA 2013).
Telephone numbers, e-mail, web and IP addresses come from ranges reserved for fiction and
documentation (NANP 555-01XX, RFC 2606, RFC 5737, RFC 3849).
"""

from __future__ import annotations

import re
from functools import cache

from deid.pseudonym import Keys, keyed
from deid.span import Category
from deid.vocabulary import cues, fold, given_names, read_list
from policies.profile import Profile

__all__ = ["SurrogateMaker", "zip3_text"]

_CREDENTIALS = frozenset({"md", "do", "rn", "np", "pa", "phd"})
_KIND = re.compile(
    r"(?i)(hospital|medical center|medical centre|health system|clinic|cancer center"
    r"|surgery center|institute"
    r"|university|college|pharmacy|laborator(?:y|ies)|nursing home|hospice|rehabilitation"
    r"|imaging|school)\b(?!.*\b(?:hospital|clinic)\b)"
)
_ROADS = ("Street", "Avenue", "Lane", "Road", "Court", "Drive")


def zip3_text(digits: str, profile: Profile) -> str:
    """What the profile leaves of a five-digit ZIP code, as text."""
    rule = profile.zip
    if rule.keep == "all":
        return digits
    if rule.keep == "none" or len(digits) < 5:
        return ""
    prefix = digits[:3]
    return "000" if prefix in rule.small_prefixes else prefix


def _like(surrogate: str, original: str) -> str:
    return surrogate.upper() if len(original) > 2 and original.isupper() else surrogate


def _stays(word: str, plain: str) -> bool:
    """Titles, particles and suffixes are no names; shouted, they might be one ("MAC")."""
    if plain in _CREDENTIALS:
        return True
    kept = cues("particles") | cues("name_suffixes") | cues("titles") | cues("weak_titles")
    return plain in kept and not word.isupper()


@cache
def _plain_names(kind: str) -> tuple[str, ...]:
    return tuple(name for name in read_list(kind) if name.isascii())


class SurrogateMaker:
    """Surrogates of one patient. ``own`` are the patient's folded names, never to be drawn."""

    def __init__(self, keys: Keys, patient_id: str, profile: Profile, own: frozenset[str]) -> None:
        self._key = keys.surrogate_key
        self._patient = patient_id
        self._profile = profile
        self._own = own

    def __call__(self, category: Category, value: str) -> str:
        """The text that replaces ``value``; dates are not its business."""
        if category == "AGE":
            return self._age(value)
        mode = self._profile.surrogates
        if mode == "placeholder":
            return f"[{category}]"
        if mode == "remove":
            return ""
        if category == "NAME":
            return self._name(value)
        if category == "CONTACT":
            return self._contact(value)
        if category == "LOCATION":
            return self._location(value)
        if category == "ORG":
            return self._organisation(value)
        return self._shape(value)

    def _number(self, kind: str, value: str) -> int:
        return int.from_bytes(keyed(self._key, kind, self._patient, value), "big")

    def _pick(self, kind: str, choices: tuple[str, ...], value: str) -> str:
        start = self._number(kind, value)
        for step in range(len(choices)):
            chosen = choices[(start + step) % len(choices)]
            if fold(chosen) not in self._own and fold(chosen) != value:
                return chosen
        return choices[start % len(choices)]

    def _age(self, value: str) -> str:
        cap = f"{self._profile.age_cap}+"
        digits = re.search(r"\d{2,3}", value)
        if digits:
            return value[: digits.start()] + cap + value[digits.end() :]
        words = (
            r"(?i)(?:ninety|(?:a|one)[\s-]hundred)(?:[\s-](?:and[\s-])?(?:first|second|third|fourth"
            r"|fifth|sixth|seventh|eighth|ninth|one|two|three|four|five|six|seven|eight|nine|ten))?"
        )
        new, count = re.subn(words, cap, value, count=1)
        return new if count else cap

    def _name(self, value: str) -> str:
        return re.sub(
            r"[^\W\d_]+(?:['’\-][^\W\d_]+)*", lambda match: self._name_word(match.group()), value
        )

    def _name_word(self, word: str) -> str:
        stem = re.sub(r"['’]s$", "", word)
        tail = word[len(stem) :]
        plain = fold(stem)
        if _stays(stem, plain):
            return word
        if len(plain) == 1:
            letters = tuple("ABCDEFGHJKLMNPRSTW")
            return letters[self._number("initial", plain) % len(letters)] + tail
        kind = "given_names" if plain in given_names() else "surnames"
        chosen = self._pick("name", _plain_names(kind), plain)
        return _like(chosen, stem) + tail

    def _contact(self, value: str) -> str:
        number = self._number("contact", fold(value).strip())
        if "@" in value or "(at)" in value or "[at]" in value:
            return f"contact{number % 9000 + 1000}@example.org"
        if re.match(r"(?:\d{1,3}\.){3}\d", value):
            return f"192.0.2.{number % 254 + 1}"
        if re.fullmatch(r"[0-9A-Fa-f:]+(?:-[0-9A-Fa-f]{2})*", value) and ":" in value:
            return f"2001:db8::{number % 65535 + 1:x}"
        digits = sum(char.isdigit() for char in value)
        if re.search(r"[A-Za-z]{3}", re.sub(r"(?i)ext(?:ension)?", "", value)):
            return f"https://www.example.org/{number % 9000 + 1000}"
        if digits in (7, 10, 11):
            return self._telephone(value, number)
        return self._shape(value)

    @staticmethod
    def _telephone(value: str, number: int) -> str:
        """Same layout, digits of the fictional exchange: (555) 555-0142."""
        digits = f"1555555{100 + number % 100:04d}"[-sum(char.isdigit() for char in value) :]
        source = iter(digits)
        return "".join(next(source) if char.isdigit() else char for char in value)

    def _location(self, value: str) -> str:
        number = self._number("location", fold(value))
        if re.fullmatch(r"\d{5}(?:-\d{4})?", value):
            return zip3_text(value, self._profile)
        town = self._pick("town", read_list("places"), fold(value))
        if re.match(r"\W*\d", value):
            road = self._pick("road", read_list("places"), fold(value))
            street = f"{number % 900 + 100} {road} {_ROADS[number % len(_ROADS)]}"
            return f"{street}, {town}" if "," in value or "\n" in value else street
        return _like(town, value)

    def _organisation(self, value: str) -> str:
        kinds = _KIND.findall(value)
        kind = kinds[-1].title() if kinds else "Hospital"
        return _like(f"{self._pick('town', read_list('places'), fold(value))} {kind}", value)

    def _shape(self, value: str) -> str:
        """Digits for digits, letters for letters, separators kept; never the value itself."""
        plain = "".join(char for char in fold(value) if char.isalnum())
        for attempt in range(4):
            number = self._number(f"shape{attempt}", plain)
            out = []
            for char in value:
                number, digit = divmod(number, 10) if char.isdigit() else (number, 0)
                if char.isdigit():
                    out.append(str(digit))
                elif char.isalpha():
                    number, letter = divmod(number, 26)
                    out.append(chr((65 if char.isupper() else 97) + letter))
                else:
                    out.append(char)
            made = "".join(out)
            if made != value:
                return made
        return "".join("0" if char.isdigit() else "X" if char.isalpha() else char for char in value)
