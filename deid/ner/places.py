"""Slots of places and organisations, real and made up."""

from __future__ import annotations

from dataclasses import dataclass

from deid.ner.draw import Draw, org, place

__all__ = ["Places"]

_ENDS = (", Inc.", " Inc", " LLC", " Ltd", " Corp", " Corporation", " Co.", " Company", " GmbH",
         " PLC", " & Co", " Group", "", "", "", "", "", "")  # fmt: skip


@dataclass(frozen=True)
class Places(Draw):
    """Towns, streets, counties, hospitals, employers, schools."""

    def _town(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.4:
            return rng.choice(self.pools.towns)
        if kind < 0.6:
            return rng.choice(self.pools.cities)
        if kind < 0.75:
            return f"{self._one('town_first')} {self._one('town_last')}"
        if kind < 0.9:
            stem = self.pools.coined(rng) if rng.random() < 0.6 else self._one("town_first")
            return stem + self._one("town_ends")
        before = rng.choice(
            [
                "Port",
                "Fort",
                "New",
                "North",
                "South",
                "East",
                "West",
                "Lake",
                "Saint",
                "St.",
                "Mount",
                "San",
                "Santa",
                "Los",
                "El",
                "La",
                "Glen",
            ]
        )
        return f"{before} {self.pools.coined(rng)}"

    def _slot_city(self) -> str:
        return place(self._town())

    def _slot_state(self) -> str:
        return place(self.rng.choice(self.pools.states)[0])

    def _slot_st(self) -> str:
        return place(self.rng.choice(self.pools.states)[1])

    def _slot_county(self) -> str:
        named = self.rng.random() < 0.8
        return place(
            self.rng.choice(self.pools.counties)
            if named
            else f"{self.pools.coined(self.rng)} County"
        )

    def _slot_country(self) -> str:
        return place(self.rng.choice(self.pools.countries))

    def _slot_street(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.45:
            road = self._one("streets")
        elif kind < 0.75:
            road = self.pools.frequent(rng) if rng.random() < 0.5 else self.pools.coined(rng)
        elif kind < 0.85:
            road = f"{rng.choice(['N', 'S', 'E', 'W', 'North', 'NW', 'S.'])} {self._one('streets')}"
        else:
            road = rng.choice(["1st", "2nd", "3rd", "5th", "12th", "42nd"])
        number = rng.choice([str(rng.randint(1, 99)), str(rng.randint(100, 9999))])
        if rng.random() < 0.12:  # as streets are written abroad
            ends = rng.choice(
                ["straße", "strasse", "gatan", "vej", "straat", "katu", "utca", "gade"]
            )
            street = f"{self.pools.coined(rng)}{ends}"
            if rng.random() < 0.4:
                kind_first = rng.choice(["Via", "Rue de", "Rua", "Calle", "Avenida", "Rue", "ul."])
                street = f"{kind_first} {self.pools.coined(rng)}"
            return place(rng.choice([f"{street} {number}", f"{number} {street}"]))
        flat = rng.choice([" Apt. 4", " Apt 12B", ", Apt 3", " Suite 200", ", Unit 5", " #7"])
        return place(
            f"{number} {road} {self._one('street_kinds')}" + (flat if rng.random() < 0.2 else "")
        )

    def _slot_zip(self) -> str:
        return f"{self.rng.randint(501, 99950):05d}"

    def _hospital(self) -> str:
        rng = self.rng
        kind, what = rng.random(), self._one("hospital_kinds")
        if kind < 0.3:
            return f"{self._town()} {what}"
        if kind < 0.5:
            saint = self._one("saints") + self._among("", "'s")
            return f"{self._among('St.', 'Saint', 'St')} {saint} {what}"
        if kind < 0.65:
            return f"{self._one('virtues')} {what}"
        if kind < 0.8:
            return f"{self.pools.frequent(rng)} {what}"
        if kind < 0.9:
            return f"{self.pools.coined(rng)} {what}"
        if kind < 0.95:
            state = rng.choice(self.pools.states)[0]
            return f"University of {state} {rng.choice(['Hospital', 'Medical Center', 'Health'])}"
        return f"Hospital of {rng.choice(['the', 'Saint'])} {self._one('saints')}"

    def _slot_hosp(self) -> str:
        before = "the " if self.rng.random() < 0.15 else ""
        return before + org(self._hospital())

    def _slot_emp(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.2:
            return org(rng.choice(self.pools.firms))
        if kind < 0.45:
            stem = self.pools.coined(rng) if rng.random() < 0.6 else self.pools.frequent(rng)
            return org(f"{stem} {self._one('industries')}{rng.choice(_ENDS)}")
        if kind < 0.6:
            pair = [self.pools.frequent(rng), self.pools.coined(rng), self.pools.frequent(rng)]
            link = rng.choice(
                [", {1} and {2}", " and {1}", " & {1}", "-{1}", " & Sons", " Brothers"]
            )
            return org(pair[0] + link.format(*pair) + rng.choice(_ENDS))
        if kind < 0.75:
            return org(self.pools.coined(rng) + rng.choice(_ENDS))
        if kind < 0.88:
            return org(f"{self._town()} {self._one('industries')}{rng.choice(_ENDS)}")
        return org(f"{self.pools.frequent(rng)}{rng.choice(_ENDS[:12])}")

    def _slot_school(self) -> str:
        what = self._one("schools")
        if self.rng.random() < 0.3:
            return org(f"University of {self.rng.choice(self.pools.states)[0]}")
        stem = self._town() if self.rng.random() < 0.5 else self.pools.frequent(self.rng)
        return org(f"{stem} {what}")
