"""What is written in place of a finding: consistent, realistic and keyed per patient.

The same value of the same patient always gets the same surrogate, at every run with the same
keys; another patient's equal value gets another one. A surrogate looks like the real thing, so
that what the recognisers might have missed hides among them (Carrell et al., JAMIA 2013). It is
never a family name or a number of the site's real people; where none is found that is not, a
placeholder is written instead.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from deid.misread_ages import with_digits
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.span import Category
from deid.surrogates.draw import Draw
from deid.surrogates.names import Names
from deid.surrogates.numbers import Numbers
from deid.surrogates.places import Places
from deid.surrogates.pools import Known, known, name_key
from deid.surrogates.real import RealPeople
from deid.vocabulary import cues
from policies.profile import Profile

__all__ = ["SurrogateMaker", "Surrogates"]

_PATIENTS_HELD = 256
_POSSESSIVE = re.compile(r"(?<=\w)['’][sS]$")
_AGE_NUMBER = re.compile(
    r"(?<!\d)(\d{2,3})(?:\.\d{1,2}|,\d(?!\d))?\+?(?:st|nd|rd|th|['’]?s)?(?![^\W_a-zA-Z])"
)
_AGE_GAP = r"[ \t]{0,2}[-‐‑–—\s]?[ \t]{0,2}"
_AGE_WORDS = re.compile(
    rf"(?i)(?:ninety|(?:(?:a|one){_AGE_GAP})?hundred)(?:{_AGE_GAP}(?:and{_AGE_GAP})?(?:first|second"
    r"|third|fourth|fifth|sixth|seventh|eighth|ninth|ten|eleven|twelve|[a-z]{3,5}teen|twenty"
    r"|one|two|three|four|five|six|seven|eight|nine))?"
)
_AGE_MAX = 125
# What before an age over the cap tells more of it than the cap does: "late 90s", "well over 90".
_NARROWER = (
    r"(?i)(?<![^\W_])(?:(?:early|mid|late)(?:[ \t-]to[ \t-](?:mid|late))?|(?:(?:well|far|somewhat"
    r"|slightly|already|now|just|a[ \t](?:little|bit))[ \t])?(?:over|past|beyond|approaching"
    r"|nearing|older[ \t]than))[ \t-]"
)
_OTHER_AGE = re.compile(r"(?i)\d|nonagen|centen|ninet|hundred")
_BIRTH_YEAR = re.compile(r"(?i)\d{3}0['’]?s|nineteen")


_CREDENTIALS = re.compile(r",\s{1,2}(?:MD|M\.\s?D\.?|PA|P\.\s?A\.?)$")  # Maryland, Pennsylvania


def _is_person(value: str) -> bool:
    """Whether a "place" like "Jane Roe, MD" or "Dr. Roe, MD" is made of names of people."""
    name, found = _CREDENTIALS.subn("", value)
    keys = [name_key(word) for word in re.split(r"[\s\-.]+", name)]
    if cues("titles").intersection(keys[:1]):
        return True
    keys = [key for key in keys if len(key) > 1 and key not in cues("particles")]
    return found > 0 and bool(keys) and all(known(key) != Known() for key in keys)


class SurrogateMaker:
    """Surrogates of one patient. ``own`` are further folded names of the patient, never drawn."""

    def __init__(
        self,
        keys: Keys,
        patient: Patient,
        profile: Profile,
        *,
        people: RealPeople | None = None,
        own: frozenset[str] = frozenset(),
    ) -> None:
        known = people if people is not None else RealPeople.of(keys)
        draw = Draw(keys, patient.patient_id)
        self.patient = patient
        self._profile = profile
        self._names = Names(draw, known, patient, own)
        self._numbers = Numbers(draw, known)
        self._places = Places(draw, known, profile, self._names.own)

    def __call__(self, category: Category, value: str) -> str:
        """The text that replaces ``value``; dates are not its business."""
        if category == "NAME" and value == "s":
            return value  # of a genitive that was cut off: nobody's initial is written small
        if category == "AGE" and self._profile.age_cap is not None:
            return self._age(value)
        mode = self._profile.surrogates
        if mode == "remove":
            return ""
        made = self._made(category, value) if mode == "surrogate" else None
        if made is not None:
            return made
        ending = _POSSESSIVE.search(value)
        return f"[{category}]{ending.group() if ending else ''}"

    def _made(self, category: Category, value: str) -> str | None:
        match category:
            case "NAME":
                return self._names(value)
            case "CONTACT":
                return self._numbers.contact(value)
            case "LOCATION" | "ORG" if self._names.all_own(value):
                return self._names(value)
            case "LOCATION" if _is_person(value):
                return self._names(value)
            case "LOCATION":
                return self._places.location(value)
            case "ORG":
                return self._places.organisation(value)
            case "AGE" | "DATE":
                return None
            case _:
                return self._numbers.identifier(value)

    def _age(self, value: str) -> str:
        """The phrase with the cap in place of each number or word over it."""
        least = self._profile.age_cap or 0
        cap = f"{least}+"
        if _BIRTH_YEAR.search(value):
            return f"{cap} years before"

        def capped(match: re.Match[str]) -> str:
            return cap if least <= int(match[1]) <= _AGE_MAX else match.group()

        new = _AGE_NUMBER.sub(capped, with_digits(value))
        if new == value:
            new = _AGE_WORDS.sub(cap, value, count=1)
        new = re.sub(rf"{_NARROWER}(?={re.escape(cap)})", "", new)
        if new != value or not _OTHER_AGE.search(value):
            return new  # without a number: another finding has taken it
        return cap


class Surrogates:
    """The makers of many patients; the last few hundred are kept."""

    def __init__(self, keys: Keys, profile: Profile, people: RealPeople) -> None:
        self._keys = keys
        self._profile = profile
        self._people = people
        self._held: OrderedDict[str, SurrogateMaker] = OrderedDict()

    def of(self, patient: Patient, own: frozenset[str]) -> SurrogateMaker:
        """The maker of one patient; ``own`` as for :class:`SurrogateMaker`."""
        held = self._held.get(patient.patient_id)
        if held is None or held.patient != patient:
            held = self._held[patient.patient_id] = SurrogateMaker(
                self._keys, patient, self._profile, people=self._people, own=own
            )
            if len(self._held) > _PATIENTS_HELD:
                self._held.popitem(last=False)
        return held
