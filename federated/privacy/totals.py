"""What the chain adds up to: every sum that a budget is checked against, and what is pending.

One rule, :meth:`Totals.add`, folds the entries in their order and refuses the first that does
not continue the chain. A ledger keeps its totals in memory and folds only what is new; the
file keeps them every few hundred entries, so that opening it need not begin at the first.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from federated.errors import LedgerError
from federated.privacy.entry import GENESIS, Entry, year_of

__all__ = ["Open", "Spent", "Totals"]

Years = dict[int, int]
"""Nano-rho by calendar year of the charge."""


@dataclass(frozen=True)
class Spent:
    """Losses so far in nano-rho: this calendar year and for life (pending ones included)."""

    year: int
    life: int


class Open(NamedTuple):
    """A reservation that has not ended."""

    key: str
    nano_rho: int
    researcher: str
    project: str
    year: int


@dataclass
class Totals:
    """Sums over the entries up to ``seq``, whose hash is ``hash``.

    ``raised`` is all that was ever charged, voided or not: a head never falls. ``adopted`` is
    the last adoption, made at ``adopted_s``; of what was pending before it nobody knows whether
    the lost original posted it, so it stays charged and is neither completed nor voided.
    ``lost`` is what adoptions charged. Nobody knows for whom it was spent, so it counts against
    every researcher and project.
    """

    seq: int = 0
    hash: str = GENESIS
    count: int = 0
    raised: int = 0
    adopted: int = 0
    adopted_s: int = 0
    lost: Years = field(default_factory=dict)
    site: Years = field(default_factory=dict)
    researchers: dict[str, Years] = field(default_factory=dict)
    projects: dict[str, Years] = field(default_factory=dict)
    open: dict[int, Open] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Fold the next entry. LedgerError if it is not the next, or ends what is not open."""
        if not self._continues(entry):
            raise LedgerError(f"entry {entry.seq} was altered, or one before it is missing")
        if entry.kind in ("reserve", "adopt"):
            self.raised += entry.nano_rho
            opened = Open(
                entry.release_key,
                entry.nano_rho,
                entry.researcher,
                entry.project,
                year_of(entry.at_s),
            )
            self._charge(opened, entry.nano_rho)
            if entry.kind == "adopt":
                self.adopted, self.adopted_s = entry.seq, entry.at_s
                self.lost[opened.year] = self.lost.get(opened.year, 0) + entry.nano_rho
            else:
                self.open[entry.seq] = opened
        else:
            ended = self.open.pop(entry.reservation or 0, None)
            if ended is None or ended.key != entry.release_key:
                raise LedgerError(f"entry {entry.seq} ends a reservation that is not open")
            if entry.kind == "void":
                self._charge(ended, -ended.nano_rho)
        self.seq, self.hash, self.count = entry.seq, entry.hash, self.count + 1

    def _continues(self, entry: Entry) -> bool:
        if entry.kind == "adopt":
            # It goes on from a head whose entries are lost, and vouches for those that are not.
            return entry.seq > self.seq and entry.vouches in ("", self.hash)
        return entry.seq == self.seq + 1 and entry.previous == self.hash

    def _charge(self, to: Open, nano_rho: int) -> None:
        sums = [self.site]
        if to.researcher:
            sums.append(self.researchers.setdefault(to.researcher, {}))
        if to.project:
            sums.append(self.projects.setdefault(to.project, {}))
        for years in sums:
            years[to.year] = years.get(to.year, 0) + nano_rho

    def of_site(self, year: int) -> Spent:
        """What the site spent in ``year`` and for life."""
        return _spent(self.site, year)

    def of_researcher(self, name: str, year: int) -> Spent:
        """What counts against a researcher: their own charges, and what was lost."""
        return _spent(self.researchers.get(name, {}), year, self.lost)

    def of_project(self, name: str, year: int) -> Spent:
        """The same of a project."""
        return _spent(self.projects.get(name, {}), year, self.lost)

    def of_lost(self, year: int) -> Spent:
        """What was lost, which counts against those never charged as well."""
        return _spent(self.lost, year)

    def pending(self, key: str | None = None) -> list[tuple[int, Open]]:
        """Reservations that may still be completed or voided; those of one question."""
        return [
            (seq, one)
            for seq, one in sorted(self.open.items())
            if seq > self.adopted and key in (None, one.key)
        ]

    def to_text(self) -> tuple[str, str]:
        """As JSON, with its SHA-256."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return text, hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def from_text(cls, text: str, digest: str) -> Totals | None:
        """Inverse of :meth:`to_text`; None if the digest is another."""
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            return None  # from here on the text is what to_text wrote
        plain = json.loads(text)
        return cls(
            seq=plain["seq"],
            hash=plain["hash"],
            count=plain["count"],
            raised=plain["raised"],
            adopted=plain["adopted"],
            adopted_s=plain["adopted_s"],
            lost=_years(plain["lost"]),
            site=_years(plain["site"]),
            researchers={name: _years(years) for name, years in plain["researchers"].items()},
            projects={name: _years(years) for name, years in plain["projects"].items()},
            open={int(seq): Open(*one) for seq, one in plain["open"].items()},
        )


def _spent(years: Years, year: int, lost: Years | None = None) -> Spent:
    """Of one year and for life. What a clock that ran ahead dated later counts in the year too."""
    charges = [*years.items(), *(lost or {}).items()]
    return Spent(
        sum(nano_rho for at, nano_rho in charges if at >= year),
        sum(nano_rho for _, nano_rho in charges),
    )


def _years(plain: dict[str, int]) -> Years:
    return {int(year): nano_rho for year, nano_rho in plain.items()}
