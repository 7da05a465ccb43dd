"""What is true of the synthetic patients, whatever the files say."""

from __future__ import annotations

__all__ = ["CaseTruth", "Defect", "NoteTruth", "SiteTruth", "Truth", "case_truth"]

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from gateway.demo.synthetic.case import Case
from gateway.demo.synthetic.treatment import AMPUTATION

CaseTruth: TypeAlias = dict[str, str | int | float | bool | None]
"""One tumour, by these keys.

- ``site``, ``record_id``, ``tumor_seq``; ``index_case``: the patient's first tumour;
  ``opted_out``: consent withdrawn, so a node must leave the patient out.
- ``tumor_category``, ``histology_who``, ``anat_site``, ``laterality``, ``size_max_cm``,
  ``depth`` (2 deep), ``grade`` (8 not graded), ``ajcc_stage`` (group by AJCC 8; ``na`` where
  none exists, None where not a sarcoma), ``presentation`` (disease_status_ref), ``sex``,
  ``age_years`` at diagnosis, ``extremity``, ``dx_year``.
- ``surg_type``, ``surg_intent``, ``limb_salvage``: of the index operation (None if axial).
- ``margin_r``: of the index specimen, 0, 1, 2, 9, or None if none was to be had;
  ``margin_mm``; ``necrosis_pct``; ``good_response``: necrosis >= 90 after neoadjuvant chemo.
- ``os_days`` from diagnosis to death or last contact, ``os_event`` 1 death (any cause);
  ``death_cause`` 1 tumour, 2 treatment, 3 other.
- ``lr_days``, ``dm_days`` from the index operation to the event or last contact, with
  ``lr_event`` and ``dm_event`` 1 event, 2 death first, 0 neither.
- ``surgery_follow_up_days``: index operation to last contact.
- ``ssi_90``: deep infection within 90 days of the index operation; ``reop_90``: unplanned
  reoperation; ``death_90``. False also where observation ended sooner.
- ``days_to_treatment``: diagnosis to first treatment; ``board_before_treatment``.
- ``pf_preop``, ``pf_1y``: PROMIS physical function answered at all, else None.
"""

_PREOPERATIVE, _ONE_YEAR = 1, 4


@dataclass(frozen=True)
class Defect:
    """An error put into a file on purpose. ``instance`` is the REDCap repeat instance (0 for the
    patient form); ``element`` is None for a duplicated patient, where ``record_id`` is the copy.
    """

    kind: str
    site: str
    record_id: str
    instrument: str
    instance: int
    element: str | None


@dataclass(frozen=True)
class NoteTruth:
    """The identifiers in one note as (kind, text): name, date, mrn, phone, address, hospital,
    accession, implant, and age where it is above 89.
    """

    site: str
    record_id: str
    instance: int
    identifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SiteTruth:
    """A site: its folder, its hospital's name, its habit, its size and its true effects.

    ``r0``, ``ssi`` and ``unplanned`` are logit shifts from the network; ``recurrence`` is a log
    hazard ratio. ``cases`` counts index operations; ``patients`` are people. Copies of patients (a
    defect) are in neither.
    """

    site: str
    hospital: str
    habit: str
    cases: int
    patients: int
    r0: float
    ssi: float
    recurrence: float
    unplanned: float


@dataclass(frozen=True)
class Truth:
    """The truth of one generated registry. ``patients`` has one dict per case (tumour with an
    index operation), real people once each: duplicates injected as defects are not in it.
    """

    seed: int
    extract_date: str
    sites: tuple[SiteTruth, ...]
    patients: tuple[CaseTruth, ...]
    notes: tuple[NoteTruth, ...]
    defects: tuple[Defect, ...]


def case_truth(case: Case, pro: dict[int, float]) -> CaseTruth:
    """The true values of one case: what a complete record without errors would hold.

    Site habits, unanswered fields and injected defects do not touch them. Censoring does: times
    end at the last contact, as in any record.
    """
    tumour, plan, specimen = case.tumour, case.plan, case.specimen
    died = case.died
    lr, dm = case.seen(case.course.local_recurrence), case.seen(case.course.metastasis)
    early = [e for e in case.complications if e.day - plan.wait <= 90]
    necrosis = specimen.necrosis_pct
    return {
        "site": case.hospital.site,
        "record_id": case.person.record_id,
        "tumor_seq": case.seq,
        "index_case": case.seq == 1,
        "opted_out": case.person.consent == 3,
        "tumor_category": tumour.category,
        "histology_who": tumour.histology.code,
        "anat_site": tumour.place.code,
        "laterality": tumour.laterality,
        "size_max_cm": tumour.size_cm,
        "depth": 2 if tumour.deep else 1,
        "grade": tumour.grade,
        "ajcc_stage": tumour.stage or None,
        "presentation": tumour.presentation,
        "sex": 1 if case.person.male else 2,
        "age_years": int(case.person.age(case.diagnosed)),
        "extremity": tumour.extremity,
        "dx_year": date.fromordinal(case.diagnosed).year,
        "surg_type": plan.surg_type,
        "surg_intent": plan.intent,
        "limb_salvage": plan.surg_type != AMPUTATION if tumour.extremity else None,
        "margin_r": specimen.margin,
        "margin_mm": specimen.margin_mm,
        "necrosis_pct": necrosis,
        "good_response": necrosis >= 90 if necrosis is not None else None,
        "os_days": case.last_contact - case.diagnosed,
        "os_event": int(died),
        "death_cause": case.life.cause if died else None,
        "lr_days": (lr or case.last_contact) - case.surgery,
        "lr_event": 1 if lr is not None else (2 if died else 0),
        "dm_days": (dm or case.last_contact) - case.surgery,
        "dm_event": 1 if dm is not None else (2 if died else 0),
        "surgery_follow_up_days": case.last_contact - case.surgery,
        "ssi_90": any(e.type == 2 for e in early),
        "reop_90": any(e.reoperation for e in early),
        "death_90": died and case.last_contact - case.surgery <= 90,
        "days_to_treatment": plan.first_treatment,
        "board_before_treatment": plan.mdt is not None and plan.mdt <= plan.first_treatment,
        "pf_preop": pro.get(_PREOPERATIVE),
        "pf_1y": pro.get(_ONE_YEAR),
    }
