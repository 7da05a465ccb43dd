"""The hospitals: their people, their true effects on outcome, and how they keep records."""

from __future__ import annotations

__all__ = ["Habit", "Hospital", "Staff", "hospital", "volumes"]

from dataclasses import dataclass
from enum import StrEnum

from gateway.demo.synthetic.course import Effects
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.names import FEMALE, LAST, MALE, STREETS, TOWNS


class Habit(StrEnum):
    """How a site writes things down; each is some site's own."""

    NONE = "none"
    NO_MARGIN_MM = "never records margin_mm"
    NECROSIS_AS_TEXT = "enters necrosis_pct as text such as '95%'"
    FNCLCC_ONLY = "grades by FNCLCC only: bone tumours stay GX, no Enneking stage"
    PRO_GAPS = "30 % of PRO scores missing on top of non-response"
    MISSING_CODES = "writes the missing-data code -999 instead of a blank"
    LATE_FOLLOW_UP = "half as many follow-up visits after the second year"
    NEW_SITE = "joined three years ago; provider-entered block missing in 63 % of cases"


_PROFILES: tuple[tuple[str, str, str, Habit], ...] = (
    ("alder", "Alder Valley Medical Center", "152", Habit.NONE),
    ("birch", "Birch County University Hospital", "537", Habit.NO_MARGIN_MM),
    ("cedar", "Cedar Memorial Cancer Institute", "441", Habit.NECROSIS_AS_TEXT),
    ("dogwood", "Dogwood Regional Orthopaedic Hospital", "272", Habit.FNCLCC_ONLY),
    ("elm", "Elm Park Health", "606", Habit.PRO_GAPS),
    ("fir", "Fir Mountain Medical Center", "830", Habit.MISSING_CODES),
    ("ginkgo", "Ginkgo Children's and Adult Sarcoma Center", "982", Habit.LATE_FOLLOW_UP),
    ("hazel", "Hazel Bay Hospital", "036", Habit.NONE),
    ("juniper", "Juniper Hills Clinic", "787", Habit.NEW_SITE),
)
"""Folder, hospital, first three ZIP digits (036 and 830 are thinly populated), habit."""


@dataclass(frozen=True)
class Staff:
    """A clinician as signed: ``first last, suffix``; ``roster`` is the site's id of a surgeon."""

    first: str
    last: str
    suffix: str
    roster: str


@dataclass(frozen=True)
class Hospital:
    """One site. ``years`` is how long it has contributed; ``volume`` how many operations."""

    site: str
    name: str
    zip3: str
    address: str
    phone: str
    habit: Habit
    effects: Effects
    surgeons: tuple[Staff, ...]
    pathologists: tuple[Staff, ...]
    others: tuple[Staff, ...]
    years: int
    volume: int


def hospital(draw: Draw, index: int, years: int, volume: int) -> Hospital:
    """The ``index``-th hospital (from 0); those beyond the ninth are unremarkable."""
    if index < len(_PROFILES):
        site, name, zip3, habit = _PROFILES[index]
    else:
        site, habit = f"site{index + 1:02d}", Habit.NONE
        name, zip3 = f"{TOWNS[index % len(TOWNS)]} General Hospital", str(300 + index)
    return Hospital(
        site=site,
        name=name,
        zip3=zip3,
        address=f"{draw.whole(100, 4999)} {draw.one(STREETS)}, {draw.one(TOWNS)}",
        phone=f"{draw.whole(201, 989)}-555-{draw.whole(100, 199):04d}",
        habit=habit,
        effects=Effects(
            r0=draw.normal(0, 0.25),
            ssi=draw.normal(0, 0.30),
            recurrence=draw.normal(0, 0.20),
            unplanned=draw.normal(0, 0.35),
        ),
        surgeons=_staff(draw, draw.whole(2, 4), ("MD", "MD", "MD, FACS", "DO")),
        pathologists=_staff(draw, 2, ("MD", "MD, PhD")),
        others=_staff(draw, 3, ("PA-C", "RN", "NP", "MD")),
        years=min(3, years) if habit is Habit.NEW_SITE else years,
        volume=volume,
    )


def _staff(draw: Draw, count: int, suffixes: tuple[str, ...]) -> tuple[Staff, ...]:
    return tuple(
        Staff(draw.one(FEMALE + MALE), draw.one(LAST), draw.one(suffixes), "S" + draw.digits(4))
        for _ in range(count)
    )


def volumes(draw: Draw, sites: int, operations: int, years: int) -> list[int]:
    """Operations per site, summing to ``operations``.

    Yearly volume is gamma-Poisson about 60 (15 to 200) in the field; its spread is kept and its
    total scaled. A site that joined late is an average one for the years it has had.
    """
    weights = []
    for index in range(sites):
        new = index < len(_PROFILES) and _PROFILES[index][3] is Habit.NEW_SITE
        volume = min(200.0, max(15.0, draw.gamma(3.5, 60 / 3.5)))
        weights.append(60.0 * min(3, years) / years if new else volume)
    exact = [operations * weight / sum(weights) for weight in weights]
    counts = [int(value) for value in exact]
    by_rest = sorted(range(sites), key=lambda i: counts[i] - exact[i])
    for i in by_rest[: operations - sum(counts)]:
        counts[i] += 1
    return counts
