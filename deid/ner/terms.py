"""Slots of dates and numbers, and of what is no identifier: clinical terms, eponyms among them."""

from __future__ import annotations

from dataclasses import dataclass

from deid.ner.draw import Draw, day, number

__all__ = ["Terms"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Terms(Draw):
    """Dates, numbers of people and cases, and what is no identifier at all."""

    def _slot_date(self) -> str:
        rng = self.rng
        m, d, year = rng.randint(1, 12), rng.randint(1, 28), rng.randint(1990, 2029)
        named = _MONTHS[m - 1]
        return day(rng.choice(
            [f"{m}/{d}/{year}", f"{m:02d}/{d:02d}/{year % 100:02d}",
             f"{year}-{m:02d}-{d:02d}", f"{named} {d}, {year}", f"{d} {named[:3]} {year}",
             f"{named[:3]}. {d}", f"{d}-{named[:3].upper()}-{year}", f"{m}/{d}"]
        ))  # fmt: skip

    def _slot_year(self) -> str:
        return str(self.rng.randint(1985, 2026))

    def _slot_month(self) -> str:
        return day(self.rng.choice(_MONTHS))

    def _slot_time(self) -> str:
        hour, minute = self.rng.randint(0, 23), self.rng.randint(0, 59)
        return self.rng.choice([f"{hour:02d}:{minute:02d}", f"{hour:02d}{minute:02d}",
                                f"{hour % 12 + 1}:{minute:02d} p.m."])  # fmt: skip

    def _slot_id(self) -> str:
        digits = str(self.rng.randint(10**5, 10**8))
        return number(self.rng.choice([digits, digits, f"#{digits}", f"{digits[:3]}-{digits[3:]}",
                                       f"MR{digits}"]))  # fmt: skip

    def _slot_code(self) -> str:
        year, count = self.rng.randint(10, 29), self.rng.randint(1, 40000)
        return number(f"{self._among('S', 'SP', 'PS', 'H')}{year}-{count}")

    def _slot_phone(self) -> str:
        a, b, c = self.rng.randint(200, 989), self.rng.randint(200, 999), self.rng.randint(0, 9999)
        return number(self.rng.choice([f"({a}) {b}-{c:04d}", f"{a}-{b}-{c:04d}", f"{a}.{b}.{c:04d}",
                                       f"+1 {a} {b} {c:04d}", f"x{c:04d}"]))  # fmt: skip

    def _slot_num(self) -> str:
        return str(self.rng.randint(2, 89))

    def _slot_eponym(self) -> str:
        rng = self.rng
        name = rng.choice(self.pools.eponyms)
        if rng.random() < 0.12:  # terms named after people that no list of eponyms holds
            name = self.pools.coined(rng)
        return f"{name}{rng.choice(['', '', '', chr(39) + 's'])} {self._one('heads')}"

    def _slot_drug(self) -> str:
        if self.rng.random() < 0.15:
            return self.pools.coined(self.rng)[:5] + self._one("drug_ends")
        drug = self._one("drugs")
        return drug if self.rng.random() < 0.7 else drug.lower()

    def _slot_stage(self) -> str:
        return self.rng.choice(
            ["IIB", "stage IIA", "T2N0M0", "pT2b", "AJCC stage III", "Enneking IIB", "grade 3",
             "FNCLCC grade 2", "R0", "R1", "ASA III", "ECOG 1", "stage IV", "Mirels 9", "G2"]
        )  # fmt: skip

    def _slot_level(self) -> str:
        part, at = self.rng.choice([("C", 7), ("T", 12), ("L", 5)]), self.rng.random()
        level = f"{part[0]}{self.rng.randint(1, part[1])}"
        return level if at < 0.6 else self.rng.choice([f"{level}-S1", "L4-5", "L5-S1", "T12-L1"])

    def _slot_word(self) -> str:
        return self.rng.choice(self.pools.plain)

    def _slot_Word(self) -> str:  # noqa: N802 - the slot {Word} is capitalised
        return self._slot_word().capitalize()

    def _slot_Section(self) -> str:  # noqa: N802 - as above
        return self._one("sections")

    def _slot_Bone(self) -> str:  # noqa: N802 - as above
        return self._one("bones").title()

    def _slot_bone(self) -> str:
        return self._one("bones")

    def _slot_dx(self) -> str:
        return self._one("dx")

    def _slot_proc(self) -> str:
        return self._one("procs")

    def _slot_dept(self) -> str:
        return self._one("depts")

    def _slot_device(self) -> str:
        return self._one("devices")

    def _slot_maker(self) -> str:
        return self._one("makers").replace("-", self.rng.choice([" ", "-", " and "]))

    def _slot_drugfirm(self) -> str:
        return self._one("drug_firms")

    def _slot_suture(self) -> str:
        return self._one("sutures")

    def _slot_marker(self) -> str:
        return self._one("markers")
