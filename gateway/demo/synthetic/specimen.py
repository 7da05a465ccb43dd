"""What the pathologist finds in the definitive specimen."""

from __future__ import annotations

__all__ = ["Specimen", "draw_specimen", "fnclcc_parts"]

import math
from dataclasses import dataclass

from gateway.demo.synthetic.draws import Draw, Weighted
from gateway.demo.synthetic.histology import EWING
from gateway.demo.synthetic.treatment import AMPUTATION, CURETTAGE, FIXATION, RE_EXCISION, Plan
from gateway.demo.synthetic.tumour import Tumour

_FNCLCC: dict[int, Weighted[tuple[int, int, int]]] = {
    1: (((1, 1, 0), 0.75), ((2, 1, 0), 0.15), ((1, 1, 1), 0.1)),
    2: (((2, 1, 1), 0.35), ((2, 2, 0), 0.25), ((3, 1, 0), 0.2), ((3, 1, 1), 0.2)),
    3: (((3, 2, 1), 0.35), ((3, 3, 1), 0.3), ((2, 3, 1), 0.2), ((3, 3, 2), 0.15)),
}
_UNPLANNED_ODDS = 1.3


@dataclass(frozen=True)
class Specimen:
    """``margin`` is UICC R 0, 1, 2 or 9 (RX); ``margin_mm`` and ``necrosis_pct`` are None where
    nothing was measured; ``residual`` is about re-excised beds only.
    """

    type: int
    margin: int | None
    enneking: int | None
    margin_mm: float | None
    necrosis_pct: int | None
    residual: int | None


def draw_specimen(draw: Draw, tumour: Tumour, plan: Plan, r0_logit: float) -> Specimen:
    """The specimen of the index operation. ``r0_logit`` is the site's effect on R0."""
    kind = _specimen_type(plan)
    if kind == 2:
        return Specimen(2, None, None, None, None, None)
    margin = _margin(draw, tumour, plan, r0_logit)
    residual = None
    if kind == 5:
        residual = 1 if margin in (1, 2) or draw.chance(0.47) else 0
    necrosis = None
    if plan.neoadjuvant_chemo and tumour.sarcoma and kind in (4, 6):
        necrosis = _necrosis(draw, tumour)
    return Specimen(
        type=kind,
        margin=margin,
        enneking=_enneking(draw, margin, kind),
        margin_mm=_millimetres(draw, margin),
        necrosis_pct=necrosis,
        residual=residual,
    )


def _specimen_type(plan: Plan) -> int:
    if plan.surg_type in (FIXATION, CURETTAGE):
        return 2
    return {AMPUTATION: 6, RE_EXCISION: 5}.get(plan.surg_type, 4)


def _margin(draw: Draw, tumour: Tumour, plan: Plan, effect: float) -> int:
    if tumour.category in (3, 4):
        return draw.pick(((0, 0.5), (1, 0.35), (9, 0.15)))
    if tumour.category in (5, 6) or tumour.histology.code == 201:
        return draw.pick(((0, 0.55), (1, 0.43), (2, 0.02)))
    if tumour.place.schema in (2, 3):
        good, gross = 0.75, 0.08
    elif tumour.category == 1:
        good, gross = 0.945, 0.015
    else:
        good, gross = 0.88, 0.02
    logit = math.log(good / (1 - good)) + effect
    logit -= math.log(_UNPLANNED_ODDS) * (tumour.presentation == 2)
    logit -= 0.35 * (tumour.size_cm > 10)
    logit += 1.5 * (plan.surg_type == AMPUTATION)
    if draw.chance(0.015):
        return 9
    if draw.chance(1 / (1 + math.exp(-logit))):
        return 0
    return 2 if draw.chance(gross / (1 - good)) else 1


def _enneking(draw: Draw, margin: int, kind: int) -> int:
    if margin == 0:
        if kind == 6 and draw.chance(0.35):
            return 4
        return 3 if draw.chance(0.85) else 2
    if margin == 1:
        return 2 if draw.chance(0.65) else 1
    return 1 if margin == 2 else 9


def _millimetres(draw: Draw, margin: int) -> float | None:
    if margin == 0:
        return round(draw.lognormal(5.0, 0.9, 0.5, 60.0), 1)
    return None if margin == 9 else 0.0


def _necrosis(draw: Draw, tumour: Tumour) -> int:
    """Osteosarcoma P(>= 90) is about .48, Ewing .65, soft tissue less."""
    if tumour.category == 2:
        return round(100 * draw.beta(0.9, 1.1))
    good = 0.65 if tumour.histology.code in EWING else 0.48
    if draw.chance(good):
        return 100 if draw.chance(0.2) else draw.whole(90, 99)
    return min(89, round(89 * draw.beta(1.6, 1.0)))


def fnclcc_parts(draw: Draw, grade: int) -> tuple[int, int, int]:
    """Differentiation, mitoses and necrosis scores whose sum means the grade."""
    return draw.pick(_FNCLCC[grade])
