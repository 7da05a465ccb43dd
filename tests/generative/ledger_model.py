"""What a ledger should do, in plain Python: the reference that the state machine compares with.

:class:`Model` is one copy of the file: who was charged what, and what became of it. It is
copied when the file is backed up, and the copy comes back when the file does. :class:`World`
is what was seen outside, which no restore takes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from federated.privacy.budgets import Budgets

PENDING, POSTED, VOID = "pending", "posted", "void"


@dataclass
class Charged:
    """One reservation."""

    key: str
    nano_rho: int
    researcher: str
    project: str
    envelope: str
    year: int
    state: str = PENDING
    lapsed: bool = False  # pending when an officer adopted a head: never completed
    read: bool = False  # data was read for it
    draw: int | None = None  # what was posted; None for a failure


@dataclass(frozen=True)
class Asking:
    """A question put to the site."""

    key: str
    nano_rho: int
    researcher: str
    project: str
    envelope: str
    envelope_max: int
    created_s: int


@dataclass
class Model:
    """One copy of the ledger."""

    charges: list[Charged] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)  # year and nano-rho of adoptions
    adopted_s: int = 0
    knows: bool = False  # it was shown a countersigned head that it does not contain
    held: set[str] = field(default_factory=set)  # hashes of countersigned heads it contains

    def of(self, key: str) -> Charged | None:
        """The charge that stands for a question: posted, or pending and not lapsed."""
        for one in self.charges:
            if one.key == key and one.state != VOID and not one.lapsed:
                return one
        return None

    def total(self, *, year: int | None = None, **owner: str) -> int:
        """Charges that were not voided, with what was lost, which counts against everybody."""
        mine = [
            (one.year, one.nano_rho)
            for one in self.charges
            if one.state != VOID and all(getattr(one, k) == v for k, v in owner.items())
        ]
        lost = [] if "envelope" in owner else self.lost
        return sum(n for at, n in mine + lost if year is None or at == year)

    def refusals(self, ask: Asking, budgets: Budgets, year: int) -> tuple[str, ...]:
        """Reason codes in their order; empty if the charge fits every budget."""
        used_envelope = self.total(envelope=ask.envelope)
        if ask.created_s < self.adopted_s:
            used_envelope = max(used_envelope, ask.envelope_max)
        of = {"researcher": ask.researcher}
        project = {"project": ask.project}
        checks = [
            ("envelope", used_envelope, ask.envelope_max),
            ("project_year", self.total(year=year, **project), budgets.project_year),
            ("project_life", self.total(**project), budgets.project_life),
            ("researcher_year", self.total(year=year, **of), budgets.researcher_year),
            ("researcher_life", self.total(**of), budgets.researcher_life),
            ("year", self.total(year=year), budgets.year),
            ("life", self.total(), budgets.life),
        ]
        return tuple(
            f"budget_{name}"
            for name, used, limit in checks
            if limit is not None and used + ask.nano_rho > limit
        )

    def reserve(self, ask: Asking, year: int) -> Charged:
        """Record a charge."""
        one = Charged(ask.key, ask.nano_rho, ask.researcher, ask.project, ask.envelope, year)
        self.charges.append(one)
        return one


@dataclass
class World:
    """Draws that left the site, each with the charge it was drawn under."""

    seen: dict[tuple[str, int], Charged] = field(default_factory=dict)
    adoptions: int = 0
    envelopes: dict[str, int] = field(default_factory=dict)  # what each allows, ever

    def lost(self, *, year: int | None = None, **owner: str) -> int:
        """The true privacy loss: every distinct draw that was seen counts once."""
        return sum(
            one.nano_rho
            for one in self.seen.values()
            if (year is None or one.year == year)
            and all(getattr(one, k) == v for k, v in owner.items())
        )
