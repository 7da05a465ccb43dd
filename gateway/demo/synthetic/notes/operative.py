"""Operative reports by kind of operation."""

from __future__ import annotations

__all__ = ["operative_report"]

from gateway.demo.synthetic.notes.finding import diagnosis, recon_words, side_and_site
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
    radical = "radical resection of tumor" if case.tumour.sarcoma else "marginal excision of tumor"
    if case.tumour.presentation == 2:
        radical = "tumor bed re-excision"
    return f"{radical}, {site}, {recon_words(case)}"


_BY_PLACE: dict[int, str] = {
    1: (
        "Through a lateral (Hardinge) approach the abductors were tagged, the vastus reflected and "
        "the femur cut at the templated level; the capsule was closed as a purse string."
    ),
    4: (
        "Through an anteromedial approach the popliteal vessels and the anterior tibial take-off "
        "were controlled, Gerdy's tubercle left on the specimen and the tibia cut as templated."
    ),
    8: (
        "Through an extended deltopectoral (Henry) approach the axillary nerve was identified and "
        "the humerus delivered en bloc (Malawer type I)."
    ),
    16: (
        "Through a posterior midline incision the thecal sac was ligated below S2, the S2 roots "
        "were preserved and the sacrum was removed en bloc."
    ),
    17: (
        "Through a posterior midline incision a Tomita en bloc spondylectomy was done with "
        "neuromonitoring stable throughout."
    ),
    18: (
        "With thoracic surgery the chest wall was entered one rib above and below and the rib "
        "removed en bloc with its intercostal muscle."
    ),
}

_KNEE = (
    "Through an extensile anteromedial approach with the biopsy tract en bloc, the popliteal "
    "vessels were mobilized past Hunter's canal, Hohmann retractors placed and the osteotomy "
    "made at the templated level; frozen section of the marrow margin was negative."
)
_PELVIS = (
    "A utilitarian (Enneking) incision was used, the biopsy tract taken en bloc, and the "
    "osteotomies made under navigation with a Steinmann pin as reference."
)
_BONE = (
    "With the biopsy tract en bloc the bone was exposed through normal planes, Hohmann retractors "
    "placed and the osteotomy made at the templated level."
)


def _fixation(s: Scribe) -> str:
    if not s.case.tumour.place.long_bone:
        return (
            "A needle was advanced into the lesion under fluoroscopy, a biopsy taken, and the "
            "defect filled; no extravasation was seen."
        )
    if s.case.tumour.fracture == 2:
        return (
            "After gentle reduction the fracture site was biopsied, frozen section "
            "confirmed the diagnosis, and fixation was carried well past the lesion."
        )
    if 6 not in s.case.plan.recon:
        return (
            "The lesion was exposed and curetted, frozen section confirmed the diagnosis, and a "
            "long locking plate bridged the defect."
        )
    return (
        "A guidewire was placed under fluoroscopy, the canal reamed in 0.5 mm steps with the "
        "reamings sent to pathology, and the whole bone protected."
    )


def _amputation(s: Scribe) -> str:
    divided = "the bone was divided with a Gigli saw"
    if s.case.plan.amp_level not in (2, 4, 7, 8):
        divided = "the disarticulation was completed at the planned level"
    return (
        "Flaps were marked clear of the biopsy tract. Vessels were doubly ligated with silk, the "
        f"nerves cut sharply under tension with targeted muscle reinnervation, and {divided}."
    )


def _approach(s: Scribe) -> str:
    place = s.case.tumour.place
    if s.case.plan.surg_type == FIXATION:
        return _fixation(s)
    if s.case.plan.surg_type == CURETTAGE:
        return (
            "A cortical window was made and the cavity curetted, then extended with a burr, "
            "phenol and argon beam before the defect was filled."
        )
    if s.case.plan.surg_type == AMPUTATION:
        return _amputation(s)
    if place.schema == 4:
        kept = s.draw.one((
            "the neurovascular bundle was traced and preserved",
            "the named vessels were controlled with loops and preserved",
            "epineurium and adventitia were taken where they abutted the tumor",
        ))  # fmt: skip
        return (
            "A longitudinal incision ellipsed the biopsy tract. The tumor was dissected with a "
            f"cuff of normal tissue; {kept}."
        )
    if place.schema == 2 and place.code != 16:
        return _PELVIS
    if place.code in (2, 3):
        return _KNEE
    return _BY_PLACE.get(place.code, _BONE)


def _closing(s: Scribe) -> str:
    if s.case.plan.surg_type == FIXATION:
        return "Wounds closed in layers with staples, dry dressing."
    sent = "Curettings" if s.case.plan.surg_type == CURETTAGE else "Specimen, oriented and inked,"
    return f"{sent} sent to pathology. " + s.draw.one((
        "Jackson-Pratt drain, layered Vicryl and nylon closure, Foley left in place.",
        "Wound irrigated, Hemovac drain placed, closed over incisional vacuum dressing.",
        "Hemostasis with Bovie; Penrose drain; Kerlix and Ace wrap.",
    ))  # fmt: skip


def operative_report(s: Scribe) -> str:
    """Operative report of the index operation."""
    case = s.case
    fracture = {1: " with impending pathologic fracture", 2: " with pathologic fracture"}
    lesion = fracture.get(case.tumour.fracture, "")
    before = f"{diagnosis(case)}, {side_and_site(case)}{lesion}"
    device = ""
    if case.implant is not None:
        device = s.draw.one((
            f"Implant: modular {case.tumour.place.name} replacement, {s.implant}.\n",
            f"IMPLANTS: {s.implant} (sticker in chart).\n",
        ))  # fmt: skip
    assistant = s.colleague
    wide = _approach(s)
    time_out = f"After time-out confirming {s.full}, laterality and site, {_lower(wide)}"
    return (
        f"OPERATIVE REPORT\n{s.header}"
        f"Surgeon: {s.sign(case.surgeon)}   Assistant: {assistant}\n"
        f"Preoperative diagnosis: {before}.\nProcedure: {_procedure(s)}.\n{device}"
        f"Indications: {s.mister} is a {s.aged}. Risks including infection, recurrence and loss "
        f"of limb were reviewed.\n"
        f"Description: {time_out} {_closing(s)} EBL {case.blood_ml} mL. "
        f"Operative time {case.minutes} minutes. Counts correct.\n"
        f"Disposition: PACU stable; dictated {s.on(case.surgery)}."
    )


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
