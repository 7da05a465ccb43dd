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

__all__ = ["DISTRACTORS", "TRUTH", "UNITS", "write_hospital_table"]

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
