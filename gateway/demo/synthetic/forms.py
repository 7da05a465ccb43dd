"""A case as the forms of the registry would hold it if every answer were known and right."""

from __future__ import annotations

__all__ = ["case_rows"]

from gateway.demo.synthetic.case import Case, iso
from gateway.demo.synthetic.course import Complication
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.layout import Row, ticks
from gateway.demo.synthetic.treatment import AMPUTATION, CURETTAGE, FIXATION, RE_EXCISION
from gateway.demo.synthetic.tumour import extent_row


def case_rows(case: Case, draw: Draw) -> dict[str, list[Row]]:
    """Rows of every repeating form but PRO and notes, dates in order within each form."""
    return {
        "tumor": [_tumor(case, draw)],
        "pathology": _pathology(case, draw),
        "imaging": _imaging(case, draw),
        "surgery": _surgery(case, draw),
        "complication": [_complication(case, event) for event in case.complications],
        "systemic_therapy": _systemic(case, draw),
        "radiation": _radiation(case),
    }


def _tumor(case: Case, draw: Draw) -> Row:
    mdt = case.diagnosed + case.plan.mdt if case.plan.mdt is not None else None
    return {
        "tumor_seq": case.seq,
        **extent_row(case.tumour, draw),
        "dx_date": iso(case.diagnosed),
        "symptom_date": iso(case.symptom),
        "first_contact_date": iso(case.first_contact),
        "mdt_date": iso(mdt) if mdt is not None and mdt <= case.last_contact else None,
    }


def _pathology(case: Case, draw: Draw) -> list[Row]:
    tumour, specimen, plan = case.tumour, case.specimen, case.plan
    rows: list[Row] = []
    if plan.wait > 0:
        rows.append(_report(case, draw, case.diagnosed, case.accessions[0]))
        if tumour.presentation == 2:
            margin = draw.pick(((1, 0.55), (2, 0.2), (9, 0.25)))
            rows[0].update(
                specimen_type=3,
                margin_r=margin,
                margin_enneking=9 if margin == 9 else 1,
                path_reviewed=1,
            )
        else:
            rows[0]["specimen_type"] = 2 if draw.chance(0.15) else 1
    row = _report(case, draw, case.surgery, case.accessions[1])
    row.update(
        specimen_type=specimen.type,
        margin_r=specimen.margin,
        margin_enneking=specimen.enneking,
        margin_mm=specimen.margin_mm,
        necrosis_pct=specimen.necrosis_pct,
        huvos=_huvos(specimen.necrosis_pct),
        residual_in_bed=specimen.residual,
    )
    rows.append(row)
    again = case.re_excision
    if again is not None:
        row = _report(case, draw, again.day, f"{case.accessions[1]}-B")
        row.update(
            specimen_type=5,
            margin_r=again.margin,
            margin_enneking=3 if again.margin == 0 else 2,
            margin_mm=round(draw.lognormal(6, 0.6, 1, 30), 1) if again.margin == 0 else 0,
            residual_in_bed=again.residual,
        )
        rows.append(row)
    return rows


def _report(case: Case, draw: Draw, day: int, accession: str) -> Row:
    row: Row = {
        "path_tumor_ref": case.seq,
        "path_accession": accession,
        "path_date": iso(day),
        "path_reviewed": int(draw.chance(0.93)),
        "grade": case.tumour.grade,
        "molecular": case.tumour.histology.molecular or None,
    }
    if case.fnclcc is not None:
        names = ("fnclcc_diff", "fnclcc_mitoses", "fnclcc_necrosis")
        row.update(dict(zip(names, case.fnclcc, strict=True)))
    return row


def _huvos(necrosis: int | None) -> int | None:
    if necrosis is None:
        return None
    return 1 + (necrosis >= 50) + (necrosis >= 90) + (necrosis >= 100)


def _imaging(case: Case, draw: Draw) -> list[Row]:
    found = 4 if case.tumour.metastatic else 2
    planned = [(case.diagnosed - draw.whole(0, 12), 1, 1, 2)]
    if case.tumour.category != 6:
        planned.append((case.diagnosed + draw.whole(0, 3), 3, 1, 1 if found == 2 else 3))
    if case.tumour.category in (1, 3, 4, 5):
        planned.append((case.diagnosed - draw.whole(3, 25), 4, 1, 2))
    if case.plan.neoadjuvant_chemo or case.plan.preoperative_rt:
        planned.append((case.surgery - draw.whole(1, 9), 1, 2, found))
    recurred, spread = case.seen(case.course.local_recurrence), case.seen(case.course.metastasis)
    for visit in case.visits[1:-1] if case.died else case.visits[1:]:
        if draw.chance(0.6):
            far = spread is not None and spread <= visit
            near = recurred is not None and recurred <= visit
            state = {(0, 0): 1, (1, 0): 2, (0, 1): 3, (1, 1): 4}[(int(near), int(far))]
            planned.append((visit, 3 if far or draw.chance(0.6) else 1, 3, state))
    return [
        {
            "img_tumor_ref": case.seq,
            "img_date": iso(day),
            "img_modality": modality,
            "img_purpose": purpose,
            "img_finding": finding,
        }
        for day, modality, purpose, finding in sorted(planned)
        if day <= case.last_contact
    ]


def _surgery(case: Case, draw: Draw) -> list[Row]:
    plan, implant = case.plan, case.implant
    bone = case.tumour.category in (1, 5) and plan.surg_type not in (CURETTAGE, AMPUTATION)
    length = round(draw.normal(case.tumour.size_cm + 4, 2, 2, 45), 1) if bone else None
    rows = [
        _operation(case, case.surgery, plan.surg_type, plan.recon)
        | {
            "surg_intent": plan.intent,
            "surg_index": 1,
            "amp_level": plan.amp_level,
            "implant_fixation": draw.pick(((1, 0.45), (2, 0.5), (3, 0.05))) if implant else None,
            "implant_udi": implant.udi if implant else None,
            "resection_len_cm": length,
            "op_minutes": case.minutes,
            "ebl_ml": case.blood_ml,
            "wound_vac_drain": int(draw.chance(0.55)),
            "admit_date": iso(case.surgery - int(case.plan.wait > 1 and draw.chance(0.15))),
            "discharge_date": iso(case.discharged),
        }
    ]
    if case.re_excision is not None:
        again = _operation(case, case.re_excision.day, RE_EXCISION, (0,))
        rows.append(again | {"surg_intent": 1, "surg_index": 0, "op_minutes": draw.whole(50, 140)})
    for event in case.complications:
        if event.reoperation and event.henderson != "na":
            day = case.diagnosed + event.day
            revision = _operation(case, day, FIXATION, (7,) if event.henderson == "3b" else (0,))
            rows.append(
                revision | {"surg_intent": 4, "surg_index": 0, "op_minutes": draw.whole(60, 260)}
            )
    return sorted(rows, key=lambda row: str(row["surgery_date"]))


def _operation(case: Case, day: int, surg_type: int, recon: tuple[int, ...]) -> Row:
    return {
        "surg_tumor_ref": case.seq,
        "surgery_date": iso(day),
        "surgeon_id": case.surgeon.roster,
        "surg_type": surg_type,
        **ticks("recon_type", recon),
    }


def _complication(case: Case, event: Complication) -> Row:
    return {
        "comp_tumor_ref": case.seq,
        "comp_date": iso(case.diagnosed + event.day),
        "comp_type": event.type,
        "comp_clavien": event.clavien,
        "comp_reop": int(event.reoperation),
        "henderson_mode": event.henderson,
    }


def _systemic(case: Case, draw: Draw) -> list[Row]:
    rows = [
        _drug(case, course.regimen, course.setting, course.start, course.end, course.cycles)
        for course in case.plan.chemo
    ]
    spread = case.course.metastasis
    if case.tumour.sarcoma and case.seen(spread + 20) is not None and draw.chance(0.45):
        regimen = 7 if case.tumour.category == 1 else draw.pick(((6, 0.5), (7, 0.3), (10, 0.2)))
        cycles = draw.whole(2, 8)
        start = round(spread) + draw.whole(8, 20)
        rows.append(_drug(case, regimen, 4, start, start + 21 * cycles, cycles))
    for row in rows:
        row["sys_trial"] = int(draw.chance(0.08))
    return [row for row in rows if row["sys_start"] is not None]


def _drug(case: Case, regimen: int, setting: int, start: int, end: int, cycles: int) -> Row:
    """A course; without an end where observation stopped before it."""
    begun, ended = case.seen(start), case.seen(end)
    return {
        "sys_tumor_ref": case.seq,
        "sys_regimen": regimen,
        "sys_setting": setting,
        "sys_start": iso(begun) if begun is not None else None,
        "sys_end": iso(ended) if ended is not None else None,
        "sys_cycles": cycles if ended is not None else None,
    }


def _radiation(case: Case) -> list[Row]:
    course = case.plan.radiation
    if course is None or case.seen(course.end) is None:
        return []
    return [
        {
            "rt_tumor_ref": case.seq,
            "rt_timing": course.timing,
            "rt_modality": course.modality,
            "rt_start": iso(case.diagnosed + course.start),
            "rt_end": iso(case.diagnosed + course.end),
            "rt_dose_gy": course.dose_gy,
            "rt_fractions": course.fractions,
        }
    ]
