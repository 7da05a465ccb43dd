"""The synthetic registry as a hospital might export it: one wide table with its own column names,
American dates, labels instead of codes, millimetres and pounds, missing-data codes, and columns
that no registry asks for. ``TRUTH`` says what each column is.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

from gateway.demo.synthetic import generate
from policies.dictionary import Dictionary
from policies.library import load_named

__all__ = [
    "DISTRACTORS",
    "STRANGER",
    "TRUTH",
    "UNITS",
    "write_hospital_table",
    "write_strange_tables",
]

TRUTH = {
    "StudyNo": "record_id",
    "PatientMRN": "mrn",
    "FirstName": "first_name",
    "Surname": "last_name",
    "BirthDt": "dob",
    "Zipcode": "zip5",
    "Tel": "phone",
    "Gender": "sex",
    "Hispanic": "ethnicity",
    "Payer": "insurance",
    "Height_in": "height_cm",
    "Weight_lbs": "weight_kg",
    "TobaccoUse": "smoking",
    "ASA": "asa_class",
    "ECOG": "ecog_baseline",
    "DiabetesMellitus": "diabetes",
    "DxDate": "dx_date",
    "SymptomOnset": "symptom_date",
    "FirstSeen": "first_contact_date",
    "Morphology": "icdo3_morph",
    "HistologicType": "histology_who",
    "Topography": "icdo3_topo",
    "TumorSite": "anat_site",
    "Side": "laterality",
    "LargestDiam_mm": "size_max_cm",
    "FasciaDepth": "depth",
    "PathologicFracture": "pathologic_fx_dx",
    "ClinT": "ajcc_t",
    "ClinN": "ajcc_n",
    "ClinM": "ajcc_m",
    "AJCCStage": "ajcc_stage",
    "Enneking": "enneking_stage",
    "TumorBoardDate": "mdt_date",
    "OpDate": "surgery_date",
    "SurgicalIntent": "surg_intent",
    "LimbOutcome": "surg_type",
    "OpDuration": "op_minutes",
    "BloodLoss": "ebl_ml",
    "AdmitDt": "admit_date",
    "DischargeDt": "discharge_date",
    "SpecimenDate": "path_date",
    "Grade": "grade",
    "ResidualTumor": "margin_r",
    "ClosestMargin": "margin_mm",
    "PercentNecrosis": "necrosis_pct",
}
DISTRACTORS = ("ExportedBy", "RowGuid", "BillingCode", "LastModified", "Coordinator Email")
STRANGER: dict[str, dict[str, str]] = {
    "pathology": {
        "pid": "record_id",
        "lesion_no": "path_tumor_ref",
        "collected_on": "path_date",
        "type_of_specimen": "specimen_type",
        "expert_review": "path_reviewed",
        "tumour_diff": "fnclcc_diff",
        "mitotic_score": "fnclcc_mitoses",
        "necrosis_score": "fnclcc_necrosis",
        "hist_grade": "grade",
        "r_status": "margin_r",
        "msts_margin": "margin_enneking",
        "margin_dist": "margin_mm",
        "necr_pct": "necrosis_pct",
        "fusion": "molecular",
    },
    "surgery": {
        "case_id": "record_id",
        "tumor_idx": "surg_tumor_ref",
        "date_op": "surgery_date",
        "surgeon": "surgeon_id",
        "intention": "surg_intent",
        "index_op": "surg_index",
        "procedure_type": "surg_type",
        "level_amputation": "amp_level",
        "cementation": "implant_fixation",
        "resected_length": "resection_len_cm",
        "skin_to_skin_min": "op_minutes",
        "EBL": "ebl_ml",
        "vac": "wound_vac_drain",
        "adm": "admit_date",
        "dis": "discharge_date",
    },
    "follow_up": {
        "subject": "record_id",
        "tumor": "fu_tumor_ref",
        "last_seen": "fu_date",
        "info_source": "fu_source",
        "status_disease": "disease_status",
        "local_rec": "lr_event",
        "local_rec_dt": "lr_date",
        "distant_mets": "dm_event",
        "distant_mets_dt": "dm_date",
        "alive_dead": "vital_status",
        "deceased_on": "death_date",
        "cause_of_death": "death_cause",
        "msts_total_score": "msts_total",
    },
    "pro": {
        "record": "record_id",
        "tumour": "pro_tumor_ref",
        "filled_in": "pro_date",
        "visit_window": "pro_timepoint",
        "phys_func": "promis_pf_t",
        "pain_int": "promis_pi_t",
        "global_phys": "promis_gph_t",
        "global_ment": "promis_gmh_t",
        "TESS": "tess_score",
        "method": "pro_mode",
    },
    "tumor": {
        "patient_no": "record_id",
        "lesion": "tumor_seq",
        "entity": "tumor_category",
        "referral_status": "disease_status_ref",
        "diagnosed": "dx_date",
        "first_complaint": "symptom_date",
        "intake": "first_contact_date",
        "icd_o_morph": "icdo3_morph",
        "who_type": "histology_who",
        "icd_o_topo": "icdo3_topo",
        "bone_or_site": "anat_site",
        "body_side": "laterality",
        "max_size": "size_max_cm",
        "deep_superf": "depth",
        "fracture": "pathologic_fx_dx",
        "T": "ajcc_t",
        "N": "ajcc_n",
        "M": "ajcc_m",
        "UICC_stage": "ajcc_stage",
        "enneking_st": "enneking_stage",
        "board_date": "mdt_date",
    },
}
"""Tables by form of a hospital that nobody had in view when the vocabulary was written: column to
element."""
UNITS = {"Height_in": "in", "Weight_lbs": "lb", "LargestDiam_mm": "mm"}
_TEXT_CODES = {"icdo3_topo", "ajcc_t", "ajcc_n", "ajcc_m"}
_FORMS = ("patient", "tumor", "surgery", "pathology")


def _american(text: str) -> str:
    return date.fromisoformat(text).strftime("%m/%d/%Y") if text else ""


def _scaled(factor: float, digits: int) -> Callable[[str], str]:
    return lambda text: f"{float(text) * factor:.{digits}f}" if text else ""


_SCALES = {
    "Height_in": _scaled(1 / 2.54, 1),
    "Weight_lbs": _scaled(1 / 0.45359237, 0),
    "LargestDiam_mm": _scaled(10, 0),
}


def write_hospital_table(folder: Path, *, seed: int = 5) -> Path:
    """Write ``hospital.csv``: the first tumour, surgery and specimen of each patient of a site."""
    dictionary = load_named("dictionaries", Dictionary, "sarcoma_v1")
    generate(folder, seed=seed, sites=2, operations=400, notes=2)
    sources = sorted(folder.glob("*/redcap.csv"))
    wide: dict[str, dict[str, str]] = {}
    with sources[0].open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            form = row["redcap_repeat_instrument"] or "patient"
            if form not in _FORMS:
                continue
            record = wide.setdefault(row["record_id"], {})
            for name in dictionary.of(form):
                record.setdefault(name, row.get(name, "") or "")
    target = folder / "hospital.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*TRUTH, *DISTRACTORS])
        for number, record in enumerate(wide.values()):
            cells = [_cell(column, record, dictionary, number) for column in TRUTH]
            strange = [f"user{number % 4}", f"{number:032x}", f"{20000 + number % 700}"]
            strange += ["2026-07-01 08:15:00", f"someone{number % 3}@example.org"]
            writer.writerow([*cells, *strange])
    return target


def _cell(column: str, record: dict[str, str], dictionary: Dictionary, number: int) -> str:
    name = TRUTH[column]
    element, text = dictionary.elements[name], record.get(name, "")
    if not text:
        return "-999" if number % 7 == 0 and not element.required else ""
    if element.type == "date":
        return _american(text)
    if column in _SCALES and not text.startswith("-"):
        return _SCALES[column](text)
    if element.type == "category" and name not in _TEXT_CODES:
        return element.choices.get(text, text)
    return text


def write_strange_tables(folder: Path, *, seed: int = 5) -> dict[str, Path]:
    """One table per form of ``STRANGER``, day-first dates, some with labels; with two more columns."""
    dictionary = load_named("dictionaries", Dictionary, "sarcoma_v1")
    generate(folder, seed=seed, sites=2, operations=400, notes=2)
    with min(folder.glob("*/redcap.csv")).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for form, truth in STRANGER.items():
        found[form] = folder / f"{form}.csv"
        labelled = form in ("surgery", "tumor")
        with found[form].open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*truth, "entered_by", "last_update"])
            mine = [row for row in rows if row["redcap_repeat_instrument"] == form]
            for number, row in enumerate(mine):
                cells = [_strange(row[name], name, dictionary, labelled) for name in truth.values()]
                writer.writerow([*cells, f"u{number % 3}", "2026-01-01 10:00"])
    return found


def _strange(text: str, name: str, dictionary: Dictionary, labelled: bool) -> str:
    element = dictionary.elements[name]
    if text and element.type == "date":
        return date.fromisoformat(text).strftime("%d.%m.%Y")
    if text and element.type == "category" and labelled and name not in _TEXT_CODES:
        return element.choices.get(text, text)
    return text
