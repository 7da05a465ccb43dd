"""Slots of people: full names, reversed ones, surnames behind titles, initials."""

from __future__ import annotations

from dataclasses import dataclass

from deid.ner.draw import Draw, person

__all__ = ["People"]

_INITIALS = "ABCDEFGHJKLMNPRSTW"


@dataclass(frozen=True)
class People(Draw):
    """Names in the forms in which notes write them; titles and degrees stay outside."""

    def _middle(self) -> str:
        kind = self.rng.random()
        if kind < 0.55:
            return " "
        if kind < 0.85:
            return f" {self.rng.choice(_INITIALS)}{self.rng.choice(['.', '', '.'])} "
        return f" {self.rng.choice(self.pools.given)} "

    def _surname(self) -> str:
        """A surname for use alone or behind a title; sometimes double or with a particle."""
        _, last = self.pools.name(self.rng)
        kind = self.rng.random()
        if kind < 0.04:
            return f"{last}-{self.pools.frequent(self.rng)}"
        if kind < 0.06:
            particle = self.rng.choice(
                [
                    "van",
                    "van der",
                    "von",
                    "de",
                    "de la",
                    "Van",
                    "De",
                    "Di",
                    "Mac",
                    "O'",
                    "St.",
                    "Le",
                ]
            )
            return particle + ("" if particle in {"O'", "Mac"} else " ") + last
        return last

    def _full(self) -> str:
        first, last = self.pools.name(self.rng)
        kind = self.rng.random()
        if kind < 0.06:
            last = f"{last}-{self.pools.frequent(self.rng)}"
        elif kind < 0.09:
            last = (
                f"{self.rng.choice(['van', 'van der', 'de', 'de la', 'von', 'al', 'bin'])} {last}"
            )
        elif kind < 0.11:
            last = f"{self.rng.choice(['O’', 'Mc', 'Mac', chr(39).join(['O', ''])])}{last}"
        elif kind < 0.13:
            last = f"{last} {self.pools.frequent(self.rng)}"
        elif kind < 0.15:
            last = f"{last}{self.rng.choice([' Jr.', ' Jr', ', Jr.', ' Sr.', ' III', ' II'])}"
        elif kind < 0.17:
            return f"{last} {first}"
        return first + self._middle() + last

    def _slot_full(self) -> str:
        return person(self._full())

    def _slot_first(self) -> str:
        first, _ = self.pools.name(self.rng)
        return person(first)

    def _slot_last(self) -> str:
        return person(self._surname())

    def _slot_wordlast(self) -> str:
        return person(self.rng.choice(self.pools.words))

    def _slot_epolast(self) -> str:
        return person(self.rng.choice(self.pools.eponyms))

    def _slot_eponame(self) -> str:
        first = self.rng.choice(self.pools.given)
        return person(f"{first} {self.rng.choice(self.pools.eponyms)}")

    def _slot_rev(self) -> str:
        first, last = self.pools.name(self.rng)
        kind = self.rng.random()
        if kind < 0.45:
            return person(f"{last.upper()}, {(first + self._middle()).strip().upper()}")
        if kind < 0.8:
            return person(f"{last}, {(first + self._middle()).strip()}")
        if kind < 0.87:
            return person(f"{last},{first}")
        if kind < 0.94:
            return person(f"{last.upper()} {first.upper()}")
        return person(f"{last} {first} {self.rng.choice('ABCDEJLMRST')}")

    def _slot_short(self) -> str:
        first, last = self.pools.name(self.rng)
        return person(self.rng.choice([f"{first[0]}. {last}", f"{first[0]}{last.lower()}",
                                        f"{first} {last[0]}.", f"{last} {first[0]}"]))  # fmt: skip

    def _slot_dotted(self) -> str:
        first, last = self.pools.name(self.rng)
        one, other = first[0], self.rng.choice(_INITIALS)
        return person(
            self._among(f"{one}. {last}", f"{one}.{other}. {last}", f"{one}. {other}. {last}")
            if self.rng.random() < 0.8
            else f"{one} {last}"
        )

    def _slot_init(self) -> str:
        return self.rng.choice(_INITIALS)

    _slot_last_initial = _slot_init

    def _slot_initials(self) -> str:
        return "".join(self.rng.choices(_INITIALS, k=self.rng.choice([2, 3])))

    def _slot_title_last(self) -> str:
        title = self.rng.choice(["Mr.", "Mrs.", "Ms.", "Mr", "Mrs", "Ms", "Miss", "Mr.", "Ms."])
        return f"{title} {self._slot_last()}"

    def _slot_title_word(self) -> str:
        return f"{self.rng.choice(['Mr.', 'Mrs.', 'Ms.'])} {self._slot_wordlast()}"

    def _slot_doc(self) -> str:
        kind = self.rng.random()
        if kind < 0.5:
            return f"{self.rng.choice(['Dr.', 'Dr', 'Dr.', 'Doctor', 'Prof.'])} {self._slot_last()}"
        if kind < 0.65:
            return f"Dr. {self._slot_full()}"
        if kind < 0.9:
            return f"{self._slot_full()}, {self._slot_cred()}"
        return f"{self._slot_last()} {self._slot_cred()}"

    def _slot_person(self) -> str:
        kind = self.rng.random()
        if kind < 0.35:
            return self._slot_doc()
        if kind < 0.7:
            return self._slot_full()
        if kind < 0.85:
            return self._slot_dotted()
        return self._slot_last()

    def _slot_relation(self) -> str:
        return self._one("relations")

    def _slot_cred(self) -> str:
        return self._one("credentials")
