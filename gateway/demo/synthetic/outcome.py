"""Follow-up visits and patient-reported outcomes of a case."""

from __future__ import annotations

__all__ = ["follow_up_rows", "pro_rows"]

from gateway.demo.synthetic.case import Case, iso
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.layout import Row, ticks
from gateway.demo.synthetic.treatment import AMPUTATION

_MSTS = (
    *("msts_pain", "msts_function", "msts_emotional"),
    *("msts_item4", "msts_item5", "msts_item6"),
)


def follow_up_rows(case: Case, draw: Draw) -> list[Row]:
    """One row per contact. Recurrence and metastasis, once known, stay on every later row."""
    recurred, spread = case.seen(case.course.local_recurrence), case.seen(case.course.metastasis)
    rows = []
    for visit in case.visits:
        dead = case.died and visit == case.last_contact
        local = recurred is not None and recurred <= visit
        far = spread is not None and spread <= visit
        row: Row = {
            "fu_tumor_ref": case.seq,
            "fu_date": iso(visit),
            "fu_source": _source(draw, dead),
            "disease_status": _status(case, draw, visit, dead, local, far),
            "lr_event": int(local),
            "lr_date": iso(recurred) if local and recurred is not None else None,
            "dm_event": int(far),
            "dm_date": iso(spread) if far and spread is not None else None,
            **ticks("dm_site", (case.course.metastasis_site,) if far else ()),
            "vital_status": 2 if dead else 1,
            "death_date": iso(visit) if dead else None,
            "death_cause": case.life.cause if dead else None,
        }
        if not dead and visit - case.surgery > 80 and draw.chance(0.6):
            row.update(_msts(case, draw, visit))
        rows.append(row)
    return rows


def _source(draw: Draw, dead: bool) -> int:
    if dead:
        return draw.pick(((1, 0.15), (3, 0.35), (4, 0.5)))
    return draw.pick(((1, 0.85), (2, 0.1), (3, 0.05)))


def _status(case: Case, draw: Draw, visit: int, dead: bool, local: bool, far: bool) -> int:
    if dead:
        return 4 if case.life.cause == 1 else 5
    ill = case.tumour.metastatic or case.tumour.category in (3, 4) or case.specimen.margin == 2
    if far or ill:
        return 3 if draw.chance(0.4) else 2
    if local and case.visits.index(visit) % 2 == 0:
        return draw.pick(((2, 0.6), (3, 0.4)))
    return 1


def _msts(case: Case, draw: Draw, visit: int) -> Row:
    level = 4.0 if visit - case.surgery > 300 else 3.3
    level -= 0.9 if case.plan.surg_type == AMPUTATION else 0.0
    level -= 0.5 if case.tumour.category == 3 else 0.0
    items = [min(5, max(0, round(draw.normal(level, 0.9)))) for _ in _MSTS]
    return {**dict(zip(_MSTS, items, strict=True)), "msts_total": sum(items)}


_WINDOWS = (
    # timepoint, days from surgery, jitter, share captured, physical function, pain
    (1, -9, 8, 0.75, 0.0, 0.0),
    (2, 95, 25, 0.55, -4.0, -1.0),
    (3, 185, 40, 0.45, 0.0, -3.0),
    (4, 365, 60, 0.40, 2.0, -6.0),
    (5, 730, 90, 0.30, 4.0, -6.0),
    (6, 1095, 60, 0.22, 4.0, -6.0),
)
_METASTATIC_GAIN = {1: 0.0, 2: 4.0, 3: 5.0, 4: 5.0, 5: 5.0, 6: 5.0}
_BETWEEN_SD, _WITHIN_SD = 7.0, 5.7


def pro_rows(case: Case, draw: Draw) -> list[Row]:
    """PROMIS and TESS scores. Non-response is not at random: the relapsed answer half as often."""
    palliative = case.tumour.category in (3, 4)
    person = draw.normal(0, _BETWEEN_SD)
    amputated = -5.0 if case.plan.surg_type == AMPUTATION else 0.0
    relapse = case.seen(min(case.course.local_recurrence, case.course.metastasis))
    rows = []
    for timepoint, offset, jitter, capture, change, pain in _WINDOWS:
        day = case.surgery + offset + draw.whole(-jitter, jitter)
        ill = relapse is not None and relapse <= day
        answered = draw.chance(capture * (0.5 if ill else 1.0))
        if not answered or day > case.last_contact or (case.died and day == case.last_contact):
            continue
        base = 31.0 if palliative else 40.0
        gain = _METASTATIC_GAIN[timepoint] if palliative else change
        if timepoint > 1:
            gain += amputated - (5.0 if ill else 0.0)
        score = base + gain + person + draw.normal(0, _WITHIN_SD)
        rows.append(_score(case, draw, timepoint, day, score, 60 + pain - 0.5 * person))
    return rows


def _clip(value: float, low: float, high: float) -> float:
    return round(min(max(value, low), high), 1)


def _score(case: Case, draw: Draw, timepoint: int, day: int, physical: float, pain: float) -> Row:
    pf = _clip(physical, 14.7, 73.3)
    tess = _clip(1.6 * pf + 12 + draw.normal(0, 7), 0, 100) if draw.chance(0.4) else None
    if timepoint == 1 or not case.tumour.extremity:
        tess = None
    return {
        "pro_tumor_ref": case.seq,
        "pro_date": iso(day),
        "pro_timepoint": timepoint,
        "pro_mode": draw.pick(((1, 0.5), (2, 0.35), (3, 0.08), (4, 0.05), (5, 0.02))),
        "promis_pf_t": pf,
        "promis_pf_se": round(draw.normal(2.4, 0.5, 1.2, 5.0), 1),
        "promis_pi_t": _clip(pain + draw.normal(0, 6), 38.7, 83.8),
        "promis_gph_t": _clip(0.7 * pf + 14 + draw.normal(0, 5), 16.2, 67.7),
        "promis_gmh_t": _clip(draw.normal(46, 8), 21.2, 67.6),
        "tess_form": (1 if case.tumour.place.limb == "lower" else 2) if tess is not None else None,
        "tess_score": tess,
    }
