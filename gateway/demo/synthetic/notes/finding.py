"""The clinical facts of a case in the words of a note."""

from __future__ import annotations

__all__ = [
    "diagnosis",
    "grade_words",
    "look_words",
    "margin_words",
    "necrosis_words",
    "recon_words",
    "side_and_site",
    "stage_words",
    "treatment_words",
]

from gateway.demo.synthetic.case import Case
from gateway.demo.synthetic.draws import Draw

_SIDE = {1: "left", 2: "right", 3: ""}
_HUVOS = ("I", "II", "III", "IV")


def side_and_site(case: Case) -> str:
    """``left distal femur``."""
    return f"{_SIDE[case.tumour.laterality]} {case.tumour.place.name}".strip()


def diagnosis(case: Case) -> str:
    """The diagnosis, naming the primary of a metastasis where it is known."""
    metastasis = case.tumour.metastasis
    if case.tumour.category != 3 or metastasis is None:
        return case.tumour.histology.label
    origin = metastasis.primary[1]
    special = {
        "melanoma": "metastatic melanoma",
        "unknown": "metastatic carcinoma of unknown primary",
        "other": "metastatic carcinoma",
    }
    return special.get(origin, f"metastatic {origin} carcinoma")


def grade_words(case: Case, draw: Draw) -> str:
    """Grade as the pathologist of that tumour would put it; empty where there is none."""
    tumour = case.tumour
    if tumour.grade == 8:
        return ""
    if case.fnclcc is not None:
        d, m, n = case.fnclcc
        return draw.one((
            f"FNCLCC grade {tumour.grade} (differentiation {d}, mitoses {m}, necrosis {n})",
            f"FNCLCC grade {tumour.grade} of 3",
            f"FNCLCC grade {tumour.grade}, total score {d + m + n}",
        ))  # fmt: skip
    words = {1: "low grade (G1)", 2: "intermediate grade (G2)", 3: "high grade (G3)"}
    return words[tumour.grade]


def stage_words(case: Case, draw: Draw) -> str:
    """Stage in AJCC or Enneking terms; empty where neither applies."""
    tumour = case.tumour
    if not tumour.sarcoma:
        return ""
    tnm = f"c{tumour.t.capitalize()} {tumour.n.capitalize()} {tumour.m.capitalize()}"
    enneking = tumour.enneking.upper()
    if tumour.stage == "na":
        return f"{tnm}, no AJCC stage group at this site; Enneking stage {enneking}"
    return draw.one((
        f"AJCC 8 stage {tumour.stage.upper()} ({tnm})",
        f"AJCC stage {tumour.stage.upper()}, Enneking {enneking}",
        f"{tnm}, stage {tumour.stage.upper()} by AJCC 8th edition",
    ))  # fmt: skip


def look_words(case: Case, draw: Draw) -> str:
    """How a bone sarcoma looks on radiographs, as intra- or extracompartmental as it is staged."""
    if case.tumour.enneking.endswith("a"):
        return draw.one(("confined to the medullary canal", "without cortical breach"))
    if not case.tumour.place.long_bone:
        return "with cortical destruction and a soft-tissue mass"
    return draw.one((
        "with Codman triangle and soft-tissue extension",
        "with cortical destruction and a soft-tissue mass",
    ))  # fmt: skip


def margin_words(case: Case, draw: Draw) -> str:
    """Margins of the definitive specimen."""
    specimen = case.specimen
    where = draw.one(("deep", "medial", "posterior", "lateral", "superficial"))
    if specimen.margin == 0:
        return draw.one((
            f"All margins negative (R0); closest {where} margin {specimen.margin_mm} mm",
            f"Margins free of tumor, nearest {where} at {specimen.margin_mm} mm. R0",
            f"Resection margins uninvolved (R0). Closest margin {specimen.margin_mm} mm, {where}",
        ))  # fmt: skip
    if specimen.margin == 1:
        return draw.one(
            (
                f"Microscopically positive {where} margin (R1), tumor at ink",
                f"Tumor extends focally to the inked {where} margin; R1 resection",
            )
        )
    if specimen.margin == 2:
        return f"Grossly positive {where} margin (R2)"
    return "Margins cannot be assessed (RX), specimen received in fragments"


def necrosis_words(case: Case) -> str:
    """Treatment effect; Huvos for bone sarcoma only."""
    percent = case.specimen.necrosis_pct
    if percent is None:
        return ""
    if case.tumour.category != 1:
        return f"Treatment effect: approximately {percent}% necrosis/fibrosis"
    grade = _HUVOS[(percent >= 50) + (percent >= 90) + (percent >= 100)]
    response = "good" if percent >= 90 else "poor"
    return f"Treatment effect: {percent}% necrosis, Huvos grade {grade} ({response} responder)"


_RECON = {
    1: "endoprosthesis",
    2: "structural allograft",
    3: "allograft-prosthesis composite",
    4: "vascularized fibula autograft",
    5: "recycled (frozen) autograft",
    6: "cephalomedullary nail",
    7: "plate and screws",
    8: "PMMA cement augmentation",
    9: "expandable endoprosthesis",
    10: "local rotational flap",
    11: "free ALT flap",
    12: "vascular bypass with reversed saphenous vein",
    13: "split-thickness skin graft",
}


def recon_words(case: Case) -> str:
    """The reconstruction, or primary closure."""
    parts = [_RECON[code] for code in case.plan.recon if code in _RECON]
    if case.tumour.place.code not in (1, 2):
        parts = [part.replace("cephalomedullary", "locked intramedullary") for part in parts]
    return " with ".join(parts) if parts else "primary closure"


_REGIMEN = {
    1: "MAP (methotrexate, doxorubicin, cisplatin)",
    2: "doxorubicin and cisplatin",
    3: "VDC/IE",
    4: "VAC",
    5: "AIM",
    6: "single-agent doxorubicin",
    12: "denosumab",
    13: "zoledronic acid",
}


def treatment_words(case: Case, day: int) -> str:
    """Treatment other than surgery given by an ordinal day; empty if there was none."""
    parts = [
        _REGIMEN[course.regimen]
        for course in case.plan.chemo
        if case.diagnosed + course.start <= day
    ]
    course_rt = case.plan.radiation
    if course_rt is not None and case.diagnosed + course_rt.end <= day:
        timing = {1: "preoperative ", 3: "postoperative ", 5: "palliative "}[course_rt.timing]
        parts.append(
            f"{timing}radiation, {course_rt.dose_gy:g} Gy in {course_rt.fractions} "
            + ("fraction" if course_rt.fractions == 1 else "fractions")
        )
    return " and ".join(parts)
