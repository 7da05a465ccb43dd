"""Who writes a note, and how they write names, dates and numbers.

Every identifier goes through the scribe, who remembers it; so the truth about a note includes
all that de-identification must find.
"""

from __future__ import annotations

__all__ = ["Scribe"]

from collections.abc import Callable
from datetime import date

from gateway.demo.synthetic.case import Case
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.sites import Staff

_STYLES: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d:%m/%d/%Y}",
    lambda d: f"{d.month}/{d.day}/{d:%y}",
    lambda d: f"{d:%B} {d.day}, {d.year}",
    lambda d: f"{d:%b} {d.day}, {d.year}",
    lambda d: f"{d.day} {d:%b} {d.year}",
    lambda d: f"{d:%Y-%m-%d}",
    lambda d: f"{d:%d-%b-%Y}".upper(),
    lambda d: f"{d.month}/{d.day}/{d.year}",
)


class Scribe:
    """Writes one note of one case on one ordinal day; ``found`` lists (kind, text) in order."""

    def __init__(self, case: Case, draw: Draw, day: int) -> None:
        self.case = case
        self.draw = draw
        self.day = day
        self.found: list[tuple[str, str]] = []
        self._style = draw.one(_STYLES)
        self._title = "Mr." if case.person.male else draw.pick((("Ms.", 0.7), ("Mrs.", 0.3)))

    def _mark(self, kind: str, text: str) -> str:
        self.found.append((kind, text))
        return text

    # --- the patient ---

    @property
    def full(self) -> str:
        """First and last name in one of the usual orders."""
        person = self.case.person
        return self._mark(
            "name",
            self.draw.pick((
                (f"{person.first} {person.last}", 0.6),
                (f"{person.last}, {person.first}", 0.2),
                (f"{person.last.upper()}, {person.first.upper()}", 0.2),
            )),
        )  # fmt: skip

    @property
    def mister(self) -> str:
        """Title and last name; a child goes by the first name."""
        person = self.case.person
        if self.age < 15:
            return self._mark("name", person.first)
        return f"{self._title} {self._mark('name', person.last)}"

    @property
    def mrn(self) -> str:
        """Medical record number."""
        return self._mark("mrn", self.case.person.mrn)

    @property
    def born(self) -> str:
        """Date of birth."""
        return self.on(self.case.person.born)

    @property
    def age(self) -> int:
        """Age in whole years on the note's day."""
        return int(self.case.person.age(self.day))

    @property
    def aged(self) -> str:
        """``63-year-old man`` in one of the usual spellings; above 89 it is an identifier."""
        age, male = self.age, self.case.person.male
        noun = ("boy" if male else "girl") if age < 15 else ("man" if male else "woman")
        years = self.draw.pick(((f"{age}-year-old", 0.6), (f"{age} y.o.", 0.2), (f"{age} yo", 0.2)))
        if age > 89:
            self._mark("age", years)
        if noun == "man" and self.draw.chance(0.4):
            noun = "male"
        elif noun == "woman" and self.draw.chance(0.4):
            noun = "female"
        return f"{years} {noun}"

    @property
    def phone(self) -> str:
        """The patient's telephone number, as stored or with dashes."""
        stored = self.case.person.phone
        dashed = stored.replace("(", "").replace(") ", "-")
        return self._mark("phone", self.draw.one((stored, dashed)))

    @property
    def home(self) -> str:
        """Street, town and ZIP code."""
        return self._mark("address", f"{self.case.person.address} {self.case.person.zip5}")

    @property
    def he(self) -> str:
        """Pronoun, subject."""
        return "he" if self.case.person.male else "she"

    @property
    def his(self) -> str:
        """Pronoun, possessive."""
        return "his" if self.case.person.male else "her"

    # --- the hospital ---

    @property
    def hospital(self) -> str:
        """The hospital's name."""
        return self._mark("hospital", self.case.hospital.name)

    @property
    def campus(self) -> str:
        """The hospital's address."""
        return self._mark("address", self.case.hospital.address)

    @property
    def desk(self) -> str:
        """The clinic's telephone number."""
        return self._mark("phone", self.case.hospital.phone)

    @property
    def surgeon(self) -> str:
        """``Dr. Last``."""
        return f"Dr. {self._mark('name', self.case.surgeon.last)}"

    @property
    def colleague(self) -> str:
        """Another clinician, somehow named."""
        staff = self.draw.one(self.case.hospital.others)
        if staff.suffix == "MD":
            return f"Dr. {self._mark('name', f'{staff.first[0]}. {staff.last}')}"
        return f"{self._mark('name', f'{staff.first} {staff.last}')}, {staff.suffix}"

    def sign(self, staff: Staff) -> str:
        """``First Last, MD``."""
        return f"{self._mark('name', f'{staff.first} {staff.last}')}, {staff.suffix}"

    # --- dates and numbers ---

    def on(self, day: int) -> str:
        """An ordinal day in the scribe's style, now and then in another."""
        style = self._style if self.draw.chance(0.85) else self.draw.one(_STYLES)
        return self._mark("date", style(date.fromordinal(day)))

    @property
    def today(self) -> str:
        """The note's own date."""
        return self.on(self.day)

    def accession(self, index: int) -> str:
        """Accession number of the biopsy (0) or the definitive specimen (1)."""
        return self._mark("accession", self.case.accessions[index])

    @property
    def implant(self) -> str:
        """Lot and serial number, or the whole UDI."""
        implant = self.case.implant
        if implant is None:
            return ""
        if self.draw.chance(0.3):
            return f"UDI {self._mark('implant', implant.udi)}"
        lot, serial = self._mark("implant", implant.lot), self._mark("implant", implant.serial)
        return f"lot {lot}, serial no. {serial}"

    @property
    def header(self) -> str:
        """What the record system prints above a note, in one of several layouts."""
        layout = self.draw.whole(1, 4)
        if layout == 1:
            return (
                f"Patient: {self.full}   MRN: {self.mrn}   DOB: {self.born}\nDate: {self.today}\n"
            )
        if layout == 2:
            return f"{self.hospital}\n{self.full} | {self.mrn} | {self.today}\n"
        if layout == 3:
            return (
                f"NAME: {self.full}\nMEDICAL RECORD #: {self.mrn}\nDATE OF SERVICE: {self.today}\n"
            )
        return f"{self.today}\n"
