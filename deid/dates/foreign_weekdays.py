"""Weekdays in the languages in which dates are read (:mod:`deid.dates.words`)."""

from __future__ import annotations

import re

__all__ = ["FOREIGN_WEEKDAY", "foreign_weekday"]

# Monday first: Spanish, French, German, Italian, Portuguese, Dutch, Polish, Tagalog, Swedish,
# Danish, Turkish, Romanian. None is also an English word.
_LANGUAGES = [
    names.split()
    for names in (
        "lunes martes miércoles jueves viernes sábado domingo",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "montag dienstag mittwoch donnerstag freitag samstag sonntag",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        "poniedziałek wtorek środa czwartek piątek sobota niedziela",
        "lunes martes miyerkules huwebes biyernes sabado linggo",
        "måndag tisdag onsdag torsdag fredag lördag söndag",
        "mandag tirsdag onsdag torsdag fredag lørdag søndag",
        "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
        "luni marți miercuri joi vineri sâmbătă duminică",
    )
]
_UNACCENTED = str.maketrans("áéìçśąłåöøâță", "aeicsalaooata")
_KNOWN: dict[str, tuple[int, list[str]]] = {}
for _names in _LANGUAGES:
    for _number, _name in enumerate(_names):
        _KNOWN.setdefault(_name, (_number, _names))
        _KNOWN.setdefault(_name.translate(_UNACCENTED), (_number, _names))
FOREIGN_WEEKDAY = (
    rf"(?i:{'|'.join(sorted(map(re.escape, _KNOWN), key=len, reverse=True))})(?![^\W_])"
)


def foreign_weekday(word: str, days: int) -> str | None:
    """The weekday so many days later in the language of ``word``; None for other words."""
    known = _KNOWN.get(word.lower())
    if known is None:
        return None
    new = known[1][(known[0] + days) % 7]
    if word.isupper():
        return new.upper()
    return new.capitalize() if word[0].isupper() else new
