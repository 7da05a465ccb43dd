"""One patient's demographics, and what of them to look for in a text: names, numbers, phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from deid.dates.find import parse_date
from deid.eponyms import is_clinical, is_clinical_phrase, lexicon
from deid.own.columns import NAME_COLUMN, TOWN_COLUMN, ZIP_COLUMN, holds, holds_numbers
from deid.recognizers.name_grammar import CREDENTIAL
from deid.vocabulary import cues, fold, is_word, read_list

__all__ = [
    "NAME_COLUMN",
    "Patient",
    "name_parts",
    "name_tokens",
    "number_forms",
    "phrases",
    "relatives_names",
    "squashed",
    "towns",
    "zip_codes",
]

_REQUIRED = ("patient_id", "first_name", "last_name", "mrn", "birth_date")
_NUMBER_MIN = 4  # digits; shorter ones stand in every note
_STATES = frozenset(fold(part) for name in cues("states") for part in name.split())
_WRITTEN_OUT = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa"))
_WORD = re.compile(r"[^\W\d_]+")
_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
# Behind a comma only: "MINH DO" is a name.
_CREDENTIALS = re.compile(rf"(?:,\s*{CREDENTIAL}(?=[\s,;.)]|$))+")
_EXTENSION = re.compile(r"(?i)[\s,]*(?:x|ext|extension)\.?\s*\d{1,6}\s*$")
_ZIP = re.compile(r"(\d{5})(?:[-–]?(\d{4}))?")
_ZIP_BEHIND = re.compile(r"(?:[A-Z]{2}\.?,?\s{1,3})(\d{5})(?:[-–](\d{4}))?(?!\w)")
_TOWN_MIN = 3  # letters
_PHONE = re.compile(r"\+?\(?\d(?:[\s().\-/]{0,3}\d){6,14}")


def squashed(value: str) -> str:
    """Letters and digits only, folded: "AB-12 3" → "ab123"."""
    return "".join(char for char in fold(value) if char.isalnum())


@dataclass(frozen=True)
class Patient:
    """A row of the patients file. Never printed; ``other`` holds (column, value) of the rest."""

    patient_id: str = field(repr=False)
    first_name: str = field(repr=False, default="")
    last_name: str = field(repr=False, default="")
    mrn: str = field(repr=False, default="")
    birth_date: date | None = field(repr=False, default=None)
    anchor: date | None = field(repr=False, default=None)
    other: tuple[tuple[str, str], ...] = field(repr=False, default=())

    @classmethod
    def from_row(cls, row: Mapping[str, str], anchor_columns: Sequence[str] = ()) -> Patient:
        """Read a row; columns beyond the five known ones are identifiers to look for.

        The first of ``anchor_columns`` that holds a date gives the anchor. Dates must already be
        checked: one that does not parse counts as unknown.
        """
        values = {key: (value or "").strip() for key, value in row.items() if key}
        anchors = (parse_date(values.get(column, "")) for column in anchor_columns)
        skipped = {*_REQUIRED, *anchor_columns}
        return cls(
            patient_id=values["patient_id"],
            first_name=values.get("first_name", ""),
            last_name=values.get("last_name", ""),
            mrn=values.get("mrn", ""),
            birth_date=parse_date(values.get("birth_date", "")),
            anchor=next((day for day in anchors if day is not None), None),
            other=tuple((k, v) for k, v in values.items() if k not in skipped and v),
        )


def name_tokens(patient: Patient) -> frozenset[str]:
    """Folded words and whole names that stand for the patient or a relative, nicknames and the
    usual login name included.
    """
    given, family = name_parts(patient.first_name), name_parts(patient.last_name)
    tokens = _spellings(patient.first_name) | _spellings(patient.last_name)
    for column, value in patient.other:
        tokens |= _named(column, value)
    for name in (patient.first_name, patient.last_name):
        tokens |= {fold(name), squashed(name) if len(name) > _NUMBER_MIN else ""}
    for part in given:
        tokens |= _nicknames().get(part, frozenset())
    login = given[0][0] + family[-1] if given and family else ""
    if len(login) >= _NUMBER_MIN and not is_word(login):
        tokens.add(login)
    return frozenset(token for token in tokens if len(token) > 1)


def relatives_names(patient: Patient) -> frozenset[str]:
    """Names in the columns that name people, folded, words among them."""
    found: set[str] = set()
    for column, value in patient.other:
        if holds(column) == "people":
            found |= _named(column, value)
    return frozenset(found)


def number_forms(patient: Patient) -> frozenset[str]:
    """Numbers to look for, squashed: MRN, patient id and those of further columns."""
    forms = {*_forms(patient.mrn), *_forms(patient.patient_id)}
    for column, value in patient.other:
        if not re.search(r"\d", value) or parse_date(value) is not None:
            continue
        if not holds_numbers(column) or _own_zip(column, value):
            continue
        for match in _PHONE.finditer(value):
            forms.update(_forms(match.group()))
        if len(value.split()) <= 3 and "@" not in value:
            forms.update(_forms(_EXTENSION.sub("", value)))
    return frozenset(forms)


def phrases(patient: Patient) -> frozenset[str]:
    """Addresses, towns, e-mail addresses, folded: the whole value and its parts."""
    found: set[str] = set()
    for column, value in patient.other:
        found.update(match.group() for match in _EMAIL.finditer(value))
        kind = holds(column)
        if kind == "clinical" or (kind == "people" and not re.search(r"\d|@", value)):
            continue
        for phrase in {value, *re.split(r"\s*[,;\n]\s*", value)}:
            words = _WORD.findall(phrase)
            if kind == "unknown" and _speaks_of_disease(phrase):
                continue
            if len(phrase.strip()) >= _NUMBER_MIN and not all(map(is_word, words)):
                found.add(phrase.strip())
    return frozenset(map(fold, found))


def towns(patient: Patient, further: frozenset[str] = frozenset()) -> frozenset[str]:
    """Towns, folded, that :func:`phrases` leaves out because they are short or ordinary words;
    ``further`` are those of whole addresses.
    """
    found = {
        fold(town.strip())
        for column, value in patient.other
        if TOWN_COLUMN.search(column) and holds(column) == "places"
        for town in re.split(r"[,;\n]", value)
    }
    listed = phrases(patient)
    return frozenset(
        town
        for town in found | further
        if len(town) >= _TOWN_MIN
        and town not in listed
        and re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,2}", town)
    )


def zip_codes(patient: Patient) -> frozenset[tuple[str, str]]:
    """The patient's ZIP codes: five digits, and the four behind them if they are known."""
    found: set[tuple[str, str]] = set()
    for column, value in patient.other:
        own = _own_zip(column, value)
        if own:
            found.add((own[1].zfill(5), own[2] or ""))
        elif holds(column) == "places":
            found.update((one[1], one[2] or "") for one in _ZIP_BEHIND.finditer(value))
    return frozenset(found)


def _own_zip(column: str, value: str) -> re.Match[str] | None:
    """The cell as a ZIP code. Spreadsheets drop leading zeros, and write 55123.0."""
    if not ZIP_COLUMN.search(column):
        return None
    return _ZIP.fullmatch(re.sub(r"\.0$", "", value)) or re.fullmatch(r"(\d{4})()", value)


def _speaks_of_disease(phrase: str) -> bool:
    """Whether a cell of an unknown column says what somebody has: "Ewing sarcoma", "Clear cell
    chondrosarcoma", and no name beside it. Looked for, it would take the disease out of the note.
    """
    words = [match.span() for match in _WORD.finditer(phrase)]
    return all(is_clinical(phrase, *at) or is_clinical_phrase(phrase, *at) for at in words)


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for entry in read_list("nicknames"):
        formal, short = entry.split("=")
        for name in short.split(","):
            table.setdefault(formal, set()).add(name)
            table.setdefault(name, set()).add(formal)
    return {name: frozenset(others) for name, others in table.items()}


def name_parts(name: str) -> list[str]:
    """The words of a name, folded; particles and suffixes count only where nothing else is left."""
    parts = re.findall(r"[^\W\d_]+", fold(name))
    kept = [part for part in parts if part not in cues("particles", "name_suffixes")]
    return kept or parts


def _spellings(name: str) -> set[str]:
    """The parts of a name, also with their umlauts written out ("Jörg", "Joerg")."""
    written_out = name.casefold()
    for letter, letters in _WRITTEN_OUT:
        written_out = written_out.replace(letter, letters)
    return {part for one in {name, written_out} for part in name_parts(one) if len(part) > 1}


def _named(column: str, value: str) -> set[str]:
    """Words of a further column to look for as names. A column that is not known to hold names may
    still hold some, or a street: there a word must not be an ordinary or clinical one.
    """
    kind = holds(column)
    if kind == "clinical":
        return set()
    text = _CREDENTIALS.sub(" ", _EMAIL.sub(" ", value))
    if kind == "people":
        return _people(_PHONE.sub(" ", text))
    words = {word for word in _spellings(text) if len(word) > 3 and _telling(word)}
    if kind == "unknown":
        words = {word for word in words if not is_clinical(word, 0, len(word))}
    return words


def _people(text: str) -> set[str]:
    """Names in a cell that names people: ordinary words as well ("Hope Young"), but not what says
    who they are ("Joy (sister)"). Behind a number, as of a house, an address may stand.
    """
    number = re.search(r"\d", text)
    names = text[: number.start()] if number else text
    words = {word for word in _spellings(names) if word not in _no_names()}
    return words | {word for word in _spellings(text[len(names) :]) if _telling(word)}


@cache
def _no_names() -> frozenset[str]:
    """Words of relation and what else stands in such a cell without being a name, folded."""
    listed = cues("relatives", "no_person_words")
    return frozenset(part for entry in listed for part in re.findall(r"[^\W\d_]+", fold(entry)))


def _telling(word: str) -> bool:
    known = lexicon()
    other = known.eponyms | known.ambiguous | known.terms | known.heads
    return not (is_word(word) or word in other or word in cues("street_suffixes") | _STATES)


def _forms(value: str) -> Iterator[str]:
    """The value without separators and leading zeros, and its digits alone; of a telephone number
    also what is left without country and area code.
    """
    plain = squashed(value).lstrip("0")
    if not re.search(r"\d", plain):
        return
    if len(plain) >= _NUMBER_MIN:
        yield plain
    digits = re.sub(r"\D", "", plain)
    letters = len(plain) - len(digits)
    digits = digits.lstrip("0")
    if letters and len(digits) > _NUMBER_MIN and letters <= 4:
        yield digits
    if plain.isdigit() and len(plain) == 11 and plain[0] == "1":
        yield plain[1:]
    if plain.isdigit() and len(plain) in (10, 11):
        yield plain[-7:]
