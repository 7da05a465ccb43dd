"""The columns of the export, form by form, and when branching shows a field.

A flat REDCap export has one column per field in dictionary order, one per choice of a
checkbox (``race___1``), and ``<form>_complete`` after each form.
"""

from __future__ import annotations

__all__ = [
    "CHECKBOXES",
    "FORMS",
    "PROVIDER_BLOCK",
    "Row",
    "Value",
    "columns",
    "fields",
    "hide",
    "ticks",
]

from collections.abc import Callable, Iterable
from typing import TypeAlias

Value: TypeAlias = str | int | float | None
Row: TypeAlias = dict[str, Value]

FORMS: dict[str, str] = {
    "patient": """record_id mrn first_name last_name dob zip5 phone sex race ethnicity insurance
        height_cm weight_kg bmi smoking asa_class ecog_baseline diabetes predisposition
        consent_status""",
    "tumor": """tumor_seq tumor_category disease_status_ref dx_date symptom_date
        first_contact_date icdo3_morph histology_who mets_primary_site icdo3_topo anat_site
        laterality size_max_cm depth pathologic_fx_dx ajcc_schema ajcc_t ajcc_n ajcc_m ajcc_stage
        enneking_stage mets_at_dx mdt_date mirels_site mirels_pain mirels_lesion mirels_size
        mirels_total katagiri_total pathfx_3mo pathfx_12mo visceral_mets bone_mets_n""",
    "pathology": """path_tumor_ref path_accession path_date specimen_type path_reviewed
        fnclcc_diff fnclcc_mitoses fnclcc_necrosis grade margin_r margin_enneking margin_mm
        necrosis_pct huvos residual_in_bed molecular""",
    "imaging": "img_tumor_ref img_date img_modality img_purpose img_finding",
    "surgery": """surg_tumor_ref surgery_date surgeon_id surg_intent surg_index surg_type
        amp_level recon_type implant_fixation implant_udi resection_len_cm op_minutes ebl_ml
        wound_vac_drain admit_date discharge_date""",
    "complication": """comp_tumor_ref comp_date comp_type comp_clavien comp_reop
        henderson_mode""",
    "systemic_therapy": """sys_tumor_ref sys_regimen sys_setting sys_start sys_end sys_cycles
        sys_trial""",
    "radiation": """rt_tumor_ref rt_timing rt_modality rt_start rt_end rt_dose_gy
        rt_fractions""",
    "follow_up": """fu_tumor_ref fu_date fu_source disease_status lr_event lr_date dm_event
        dm_date dm_site vital_status death_date death_cause msts_pain msts_function
        msts_emotional msts_item4 msts_item5 msts_item6 msts_total""",
    "pro": """pro_tumor_ref pro_date pro_timepoint pro_mode promis_pf_t promis_pf_se
        promis_pi_t promis_gph_t promis_gmh_t tess_form tess_score""",
    "clinical_note": "note_tumor_ref note_date note_type note_author note_text",
}

CHECKBOXES: dict[str, tuple[str, ...]] = {
    "race": ("1", "2", "3", "4", "5", "6", "8", "9"),
    "mets_at_dx": ("0", "1", "2", "3", "4", "5", "8"),
    "recon_type": tuple(str(code) for code in range(14)),
    "dm_site": ("1", "2", "3", "4", "5", "6", "8"),
}

PROVIDER_BLOCK: dict[str, tuple[str, ...]] = {
    "tumor": (
        *("tumor_category", "disease_status_ref", "histology_who", "size_max_cm", "depth"),
        *("pathologic_fx_dx", "ajcc_schema", "ajcc_t", "ajcc_n", "ajcc_m", "ajcc_stage"),
        *("enneking_stage", "mets_at_dx", "mirels_site", "mirels_pain", "mirels_lesion"),
        *("mirels_size", "mirels_total"),
    ),
    "pathology": ("margin_enneking",),
    "surgery": ("surg_intent", "surg_index", "surg_type", "amp_level", "recon_type"),
    "complication": ("comp_type", "comp_clavien", "comp_reop", "henderson_mode"),
    "follow_up": (
        *("disease_status", "lr_event", "dm_event", "msts_pain", "msts_function"),
        *("msts_emotional", "msts_item4", "msts_item5", "msts_item6", "msts_total"),
    ),
}
"""What only the treating team can enter; the calculated totals fall with their parts."""

_Shown: TypeAlias = Callable[[Row], bool]


def _one_of(element: str, *codes: int) -> _Shown:
    return lambda row: row.get(element) in codes


def _primary(row: Row) -> bool:
    return row.get("tumor_category") in (1, 2)


def _resected(row: Row) -> bool:
    return row.get("specimen_type") in (3, 4, 5, 6)


def _implanted(row: Row) -> bool:
    return any(row.get(f"recon_type___{code}") == 1 for code in (1, 3, 9))


_MIRELS = ("mirels_site", "mirels_pain", "mirels_lesion", "mirels_size", "mirels_total")
_METASTATIC = (
    *("mets_primary_site", "katagiri_total", "pathfx_3mo", "pathfx_12mo"),
    *("visceral_mets", "bone_mets_n"),
)
_AJCC = ("ajcc_schema", "ajcc_t", "ajcc_n", "ajcc_m", "ajcc_stage")

_SHOWN: dict[str, dict[str, _Shown]] = {
    "tumor": {
        "icdo3_morph": lambda row: row.get("tumor_category") != 3,
        "depth": _one_of("tumor_category", 2, 6),
        "pathologic_fx_dx": _one_of("tumor_category", 1, 3, 4, 5),
        "enneking_stage": lambda row: row.get("tumor_category") not in (3, 4),
        **dict.fromkeys(_AJCC, _primary),
        **dict.fromkeys(_METASTATIC, _one_of("tumor_category", 3)),
        **dict.fromkeys(_MIRELS, _one_of("tumor_category", 3, 4)),
    },
    "pathology": {
        "margin_r": _resected,
        "margin_enneking": _resected,
        "margin_mm": _one_of("specimen_type", 4, 5, 6),
        "necrosis_pct": _one_of("specimen_type", 4, 6),
        "huvos": lambda row: row.get("necrosis_pct") is not None,
        "residual_in_bed": _one_of("specimen_type", 5),
    },
    "surgery": {
        "amp_level": _one_of("surg_type", 2),
        "implant_fixation": _implanted,
        "implant_udi": _implanted,
    },
    "follow_up": {
        "lr_date": _one_of("lr_event", 1),
        "dm_date": _one_of("dm_event", 1),
        "dm_site": _one_of("dm_event", 1),
        "death_date": _one_of("vital_status", 2),
        "death_cause": _one_of("vital_status", 2),
    },
    "pro": {"tess_form": lambda row: row.get("tess_score") is not None},
}


def fields(form: str) -> tuple[str, ...]:
    """The fields of a form, in dictionary order, checkboxes unexpanded."""
    return tuple(FORMS[form].split())


def columns(form: str) -> tuple[str, ...]:
    """The export's columns of a form, checkboxes expanded, without ``<form>_complete``."""
    expanded: list[str] = []
    for field in fields(form):
        codes = CHECKBOXES.get(field)
        expanded.extend([field] if codes is None else [f"{field}___{code}" for code in codes])
    return tuple(expanded)


def ticks(field: str, chosen: Iterable[int]) -> Row:
    """A checkbox as the export shows it: every choice 1 or 0."""
    marked = {str(code) for code in chosen}
    return {f"{field}___{code}": int(code in marked) for code in CHECKBOXES[field]}


def hide(form: str, row: Row) -> None:
    """Blank, in place, what branching hides. A hidden checkbox is all 0, as REDCap writes it."""
    for field, shown in _SHOWN.get(form, {}).items():
        if shown(row):
            continue
        if field in CHECKBOXES:
            row.update(ticks(field, ()))
        else:
            row[field] = None
