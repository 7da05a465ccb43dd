"""Operative reports by kind of operation."""

from __future__ import annotations

__all__ = ["operative_report"]

from gateway.demo.synthetic.notes.finding import recon_words, side_and_site
from gateway.demo.synthetic.notes.scribe import Scribe
from gateway.demo.synthetic.treatment import AMPUTATION, CURETTAGE, FIXATION

_LEVEL = {
    1: "ray amputation",
    2: "transtibial amputation",
    3: "knee disarticulation",
    4: "transfemoral amputation",
    5: "hip disarticulation",
    6: "external hemipelvectomy",
    7: "transradial amputation",
    8: "transhumeral amputation",
    9: "shoulder disarticulation",
    10: "forequarter amputation",
}


def _procedure(s: Scribe) -> str:
    case, site = s.case, side_and_site(s.case)
    kind = case.plan.surg_type
    if kind == AMPUTATION and case.plan.amp_level is not None:
        return f"{site.split()[0]} {_LEVEL[case.plan.amp_level]}"
    if kind == CURETTAGE:
        return f"extended intralesional curettage, {site}, {recon_words(case)}"
    if kind == FIXATION:
        return f"stabilization of {site}, {recon_words(case)}"
    radical = "radical resection" if case.tumour.sarcoma else "resection"
    if case.tumour.presentation == 2:
        radical = "tumor bed re-excision"
    return f"{radical} of {site}, {recon_words(case)}"


def _approach(s: Scribe) -> str:
    site = side_and_site(s.case)
    limb, soft = s.case.tumour.place.limb, s.case.tumour.place.schema == 4
    if s.case.plan.surg_type == FIXATION:
        return s.draw.one((
            "A guidewire was placed under fluoroscopy and the canal reamed in 0.5 mm steps; "
            "reamings were sent to pathology.",
            "After closed reduction the lesion was biopsied, frozen section confirmed the "
            "diagnosis, and fixation was carried past the lesion with margin.",
        ))  # fmt: skip
    if s.case.plan.surg_type == CURETTAGE:
        return (
            "A cortical window was made, the cavity curetted, then extended with a high-speed burr, "
            "phenol and argon beam before the defect was filled."
        )
    if s.case.plan.surg_type == AMPUTATION:
        return (
            "Fish-mouth flaps were marked. Vessels were doubly ligated with silk, nerves were cut "
            "sharply under tension and targeted muscle reinnervation performed, and the bone was "
            "divided with a Gigli saw. Myodesis followed."
        )
    if soft:
        return (
            f"A longitudinal incision ellipsed the biopsy tract. The mass of the {site} was "
            "dissected with a cuff of normal muscle; the neurovascular bundle was traced and "
            "preserved, with epineurium taken where it abutted the tumor."
        )
    if limb == "axial":
        return (
            "A utilitarian (Enneking) incision was used, the biopsy tract taken en bloc, and the "
            "osteotomies made under navigation with a Steinmann pin as reference."
        )
    if limb == "upper":
        return (
            "Through an extended deltopectoral (Henry) approach the axillary nerve was identified; "
            "the bone was cut at the planned level and delivered en bloc (Malawer type I)."
        )
    return (
        "Through an extensile anteromedial approach with the biopsy tract en bloc, the popliteal "
        "vessels were mobilized past Hunter's canal, Hohmann retractors placed and the osteotomy "
        "made at the templated level; frozen section of the marrow margin was negative."
    )


def operative_report(s: Scribe) -> str:
    """Operative report of the index operation."""
    case = s.case
    fracture = {1: " with impending pathologic fracture", 2: " with pathologic fracture"}
    lesion = fracture.get(case.tumour.fracture, "")
    diagnosis = f"{case.tumour.histology.label}, {side_and_site(case)}{lesion}"
    device = ""
    if case.implant is not None:
        device = s.draw.one((
            f"Implant: modular {case.tumour.place.name} replacement, {s.implant}.\n",
            f"IMPLANTS: {s.implant} (sticker in chart).\n",
        ))  # fmt: skip
    assistant = s.colleague
    closing = s.draw.one((
        "Jackson-Pratt drain, layered Vicryl and nylon closure, Foley left in place.",
        "Wound irrigated, Hemovac drain placed, closed over incisional vacuum dressing.",
        "Hemostasis with Bovie; Penrose drain; Kerlix and Ace wrap.",
    ))  # fmt: skip
    blood = 50 * round(1.6 * case.minutes / 50)
    return (
        f"OPERATIVE REPORT\n{s.header}"
        f"Surgeon: {s.sign(case.surgeon)}   Assistant: {assistant}\n"
        f"Preoperative diagnosis: {diagnosis}.\nProcedure: {_procedure(s)}.\n{device}"
        f"Indications: {s.mister} is a {s.aged}. Risks including infection, recurrence and loss of "
        f"limb were reviewed with the patient.\n"
        f"Description: After time-out confirming {s.full}, laterality and site, {_lower(_approach(s))} "
        f"Specimen sent to pathology oriented and inked. {closing} EBL about {blood} mL. "
        f"Operative time {case.minutes} minutes. Counts correct.\n"
        f"Disposition: PACU stable; dictated {s.on(case.surgery)}."
    )


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
