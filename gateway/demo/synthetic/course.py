"""The true course after the operation: death, recurrence, metastasis, complications.

Everything is in days from diagnosis, and latent: what the registry gets to see is cut off by
the last contact (``gateway.demo.synthetic.history``).
"""

from __future__ import annotations

__all__ = ["Complication", "Course", "Effects", "draw_complications", "draw_course", "hazard"]

import math
from dataclasses import dataclass

from gateway.demo.synthetic.draws import Draw, Weighted
from gateway.demo.synthetic.histology import CHONDRO, CHORDOMA, EWING, OSTEO
from gateway.demo.synthetic.specimen import Specimen
from gateway.demo.synthetic.treatment import CURETTAGE, FIXATION, Plan
from gateway.demo.synthetic.tumour import Tumour

YEAR = 365.25
_NEVER = math.inf


@dataclass(frozen=True)
class Effects:
    """A site's true departures from the network: logits, and for LR a log hazard ratio."""

    r0: float
    ssi: float
    recurrence: float
    unplanned: float


@dataclass(frozen=True)
class Complication:
    """One event, ``day`` from diagnosis; codes as in the dictionary."""

    day: int
    type: int
    clavien: int
    reoperation: bool
    henderson: str


@dataclass(frozen=True)
class Course:
    """Days from diagnosis; infinite where it never happens. ``cause`` as death_cause."""

    death: float
    cause: int
    local_recurrence: float
    metastasis: float
    metastasis_site: int


_SOFT_STAGE = {"ia": 0.02, "ib": 0.02, "ii": 0.045, "iiia": 0.09, "iiib": 0.14, "iv": 0.55}


_TUMOUR_PART = 0.8
"""Of the all-cause hazards below, what the tumour causes; the rest comes with age."""


def hazard(tumour: Tumour) -> tuple[float, float]:
    """Rate per year and Weibull shape of death from any cause, at the usual age."""
    code = tumour.histology.code
    if tumour.category in (5, 6):
        return 0.0, 1.0
    if tumour.category == 3 and tumour.metastasis is not None:
        score = tumour.metastasis.katagiri
        return (0.10 if score <= 3 else (0.70 if score <= 6 else 2.8)), 1.0
    if tumour.category == 4:
        return 0.13, 1.0
    if tumour.category == 2:
        return _SOFT_STAGE[tumour.stage], 1.0
    if code in CHONDRO:
        if tumour.metastatic:
            return 0.45, 1.0
        return (0.35 if code == 113 else {1: 0.01, 2: 0.04, 3: 0.12}[tumour.grade]), 1.0
    if code in CHORDOMA or tumour.grade < 3:
        return (0.25 if tumour.metastatic else 0.03), 1.0
    if code in OSTEO:
        return (0.28 if tumour.metastatic else 0.06), 1.1
    if code in EWING:
        return (0.25 if tumour.metastatic else 0.06), 1.0
    return (0.40 if tumour.metastatic else 0.09), 1.0


def _other_death(draw: Draw, age: float) -> float:
    """Days to a death that has nothing to do with the tumour: Gompertz, doubling in 8 years."""
    slope = 0.087
    rate = 0.0004 * math.exp(slope * (age - 30))
    return YEAR / slope * math.log(1 + slope * draw.exponential(1.0) / rate)


def draw_course(
    draw: Draw, tumour: Tumour, plan: Plan, specimen: Specimen, age: float, effects: Effects
) -> Course:
    """Latent events of one tumour; nothing but recurrence can precede the operation's end."""
    rate, shape = hazard(tumour)
    if tumour.sarcoma:
        rate *= 1.2 if specimen.margin in (1, 2) else 1.0
        rate *= math.exp(0.01 * (age - 55)) if tumour.category == 2 else (1.6 if age > 50 else 0.95)
    tumour_death = plan.wait + 3 + draw.weibull(_TUMOUR_PART * rate / YEAR, shape)
    other = plan.wait + 20 + _other_death(draw, age)
    death, cause = min((tumour_death, 1), (other, 3))
    if cause == 1 and plan.chemo and draw.chance(0.03):
        cause = 2
    return Course(
        death=death,
        cause=cause,
        local_recurrence=_recurrence(draw, tumour, plan, specimen, effects),
        metastasis=_metastasis(draw, tumour, plan, tumour_death),
        metastasis_site=draw.pick(((1, 0.75), (2, 0.1), (3, 0.03), (4, 0.05), (6, 0.07))),
    )


def _recurrence(
    draw: Draw, tumour: Tumour, plan: Plan, specimen: Specimen, effects: Effects
) -> float:
    """Rates fall after two years. The baseline is a low-grade, superficial, R0 resection."""
    if tumour.category in (3, 4):
        return _NEVER
    if not tumour.sarcoma:
        rate = 0.09 if plan.surg_type == CURETTAGE else 0.07
    else:
        rate = 0.016 * math.exp(effects.recurrence)
        rate *= 3.3 if specimen.margin in (1, 2) else 1.0
        rate *= 2.1 if tumour.grade == 3 else (1.4 if tumour.grade == 2 else 1.0)
        rate *= 2.4 if tumour.presentation == 4 else 1.0
        rate *= 1.5 if tumour.deep else 1.0
        rate *= 0.4 if plan.radiation is not None else 1.0
    years = draw.exponential(rate)
    if years > 2:
        years = 2 + draw.exponential(0.4 * rate)
    return plan.wait + 60 + YEAR * years


def _metastasis(draw: Draw, tumour: Tumour, plan: Plan, tumour_death: float) -> float:
    """Nearly all who die of a localised sarcoma first metastasise; a few who live do too."""
    if not tumour.sarcoma:
        return _NEVER
    horizon = 12 * YEAR
    if tumour_death < horizon:
        if not draw.chance(0.45 if tumour.metastatic else 0.88):
            return _NEVER
        day = tumour_death * draw.beta(1.6, 2.2)
    else:
        risk = 0.02 * (2.0 if tumour.grade == 3 else 1.0) * (2.0 if tumour.size_cm > 5 else 1.0)
        if not draw.chance(risk):
            return _NEVER
        day = draw.exponential(1 / (2 * YEAR))
    return max(day, plan.wait + 35.0)


def draw_complications(
    draw: Draw, tumour: Tumour, plan: Plan, traits: tuple[bool, bool, bool], effects: Effects
) -> list[Complication]:
    """Complications of the index operation, earliest first.

    ``traits`` are: BMI above 35, diabetes, operation longer than 240 minutes.
    """
    found: list[Complication] = []
    surgery = plan.wait
    odds = 0.050 / 0.950 * math.exp(effects.ssi)
    for applies, ratio in (
        (plan.preoperative_rt, 2.2),
        (plan.implanted, 2.0),
        (tumour.place.schema == 2, 2.5),
        *zip(traits, (1.6, 1.4, 1.5), strict=True),
    ):
        odds *= ratio if applies else 1.0
    if draw.chance(odds / (1 + odds)):
        deep = draw.chance(0.62)
        mode = "4a" if deep and plan.reconstructed and draw.chance(0.3) else "na"
        found.append(
            Complication(
                surgery + draw.whole(8, 84), 2 if deep else 1, 4 if deep else 2, deep, mode
            )
        )
    wound = 0.04 * (2.2 if plan.preoperative_rt else 1.0)
    for kind, risk, clavien, reoperated, latest in (
        (3, wound, 2, 0.45, 60),
        (4, 0.035, 3, 0.5, 60),
        (5, 0.02, 2, 0.0, 45),
        (6, 0.015, 1, 0.0, 2),
        (13, 0.03, 2, 0.0, 14),
    ):
        if draw.chance(risk):
            again = draw.chance(reoperated)
            day = surgery + draw.whole(1, latest)
            found.append(Complication(day, kind, 4 if again else clavien, again, "na"))
    if plan.reconstructed:
        failure = _failure(draw, surgery)
        if failure is not None:
            found.append(failure)
    elif plan.surg_type == FIXATION and draw.chance(0.03):
        found.append(Complication(surgery + draw.whole(90, 700), 10, 4, True, "na"))
    return sorted(found, key=lambda event: event.day)


_MODES: Weighted[tuple[str, int]] = (
    (("1a", 11), 0.12),
    (("2", 9), 0.19),
    (("3", 10), 0.17),
    (("4", 2), 0.34),
)


def _failure(draw: Draw, surgery: int) -> Complication | None:
    """Henderson modes 1 to 4 (tumour progression, mode 5, is seen as local recurrence)."""
    after = 30 + YEAR * draw.exponential(0.05)
    if after > 15 * YEAR:
        return None
    mode, kind = draw.pick(_MODES)
    if mode in ("2", "4"):
        mode += "a" if after < 2 * YEAR else "b"
    elif mode == "3":
        mode = "3a" if draw.chance(0.7) else "3b"
        kind = 10 if mode == "3a" else 8
    return Complication(surgery + round(after), kind, 4, draw.chance(0.85), mode)
