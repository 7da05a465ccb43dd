"""Clinic notes: first visit, follow-up, telephone call, discharge, tumour board."""

from __future__ import annotations

__all__ = ["board", "discharge", "first_visit", "follow_up", "phone_call"]

from gateway.demo.synthetic.notes.finding import (
    diagnosis,
    grade_words,
    look_words,
    margin_words,
    recon_words,
    side_and_site,
    stage_words,
    treatment_words,
)
from gateway.demo.synthetic.notes.scribe import Scribe
from gateway.demo.synthetic.treatment import AMPUTATION, CURETTAGE


def _complaint(s: Scribe) -> str:
    case, site = s.case, side_and_site(s.case)
    months = max(1, round((case.diagnosed - case.symptom) / 30.4))
    span = f"{months} month{'s' if months > 1 else ''}"
    tumour = case.tumour
    if tumour.category == 3 and tumour.metastasis is not None:
        known = diagnosis(case)
        return (
            f"is a {s.aged} with {known} and {span} of worsening pain in the {site}, "
            + s.draw.one(("worse with weight bearing", "waking {0} at night", "now functional"))
            .format("him" if case.person.male else "her")
        )  # fmt: skip
    if tumour.category in (2, 6):
        return f"is a {s.aged} who noticed a " + s.draw.one((
            f"painless, enlarging mass of the {site} about {span} ago",
            f"lump of the {site} {span} ago, at first thought to be a lipoma",
            f"firm mass in the {site} that has grown over {span}",
        ))  # fmt: skip
    return f"is a {s.aged} with {span} of " + s.draw.one((
        f"pain in the {site}, worse at night",
        f"progressive {site} pain after a minor sports injury" if s.age < 30
        else f"aching {site} pain not relieved by rest",
        f"{site} pain and swelling",
    ))  # fmt: skip


def _history(s: Scribe) -> str:
    person = s.case.person
    parts = []
    if person.diabetes:
        parts.append("type 2 diabetes")
    if s.age > 60:
        parts.append(s.draw.one(("hypertension", "atrial fibrillation", "Parkinson disease")))
    if person.predisposition == 2:
        parts.append("von Recklinghausen neurofibromatosis (NF1)")
    if person.predisposition == 1:
        parts.append("Li-Fraumeni syndrome")
    if person.predisposition == 5:
        parts.append("Ollier disease")
    smoking = {0: "Never smoker", 1: "Former smoker", 2: "Current smoker"}.get(person.smoking, "")
    past = ", ".join(parts) if parts else s.draw.one(("unremarkable", "noncontributory"))
    social = f" {smoking}." if smoking and s.age > 15 else ""
    return f"PMH {past}.{social} ECOG {person.ecog}, BMI {person.bmi}."


def _radiology(s: Scribe) -> str:
    tumour, site = s.case.tumour, side_and_site(s.case)
    day = s.on(s.case.diagnosed - s.draw.whole(1, 12))
    if tumour.presentation == 2:
        return (
            f"Outside report describes a {tumour.size_cm} cm specimen. MRI {s.on(s.day - 1)}: "
            f"seroma and edema in the bed of the {site}, no measurable mass."
        )
    if tumour.category in (2, 6):
        layer = "deep to the fascia" if tumour.deep else "superficial to the investing fascia"
        return (
            f"MRI {day}: {tumour.size_cm} cm heterogeneous, enhancing mass of the {site}, {layer}."
        )
    if tumour.category == 1:
        look = look_words(s.case, s.draw)
        return f"Radiographs and MRI {day}: {tumour.size_cm} cm lesion of the {site} {look}."
    kind = "lytic lesion"
    if tumour.metastasis is not None and tumour.metastasis.mirels is not None:
        kind = ("blastic lesion", "mixed lesion", "lytic lesion")[tumour.metastasis.mirels[2] - 1]
        total = sum(tumour.metastasis.mirels)
        return f"Radiographs {day}: {tumour.size_cm} cm {kind}, {site}. Mirels score {total}."
    return f"CT {day}: {tumour.size_cm} cm {kind} of the {site}."


def _exam(s: Scribe) -> str:
    if s.case.tumour.place.limb == "axial":
        return s.draw.one((
            "Exam: tender to deep palpation, motor 5/5, sensation intact.",
            "Exam: gait steady, no Trendelenburg lurch, distal neurovascular exam intact.",
        ))  # fmt: skip
    if s.case.tumour.place.limb == "upper":
        return s.draw.one(
            (
                "Exam: no axillary nodes, radial pulse 2+, AIN/PIN/ulnar motor intact.",
                "Exam: mass is firm and fixed, Tinel sign negative, hand warm.",
            )
        )
    return s.draw.one((
        "Exam: Trendelenburg sign negative, no inguinal adenopathy, DP and PT pulses 2+.",
        "Exam: antalgic gait, EHL/TA/GS 5/5, Homans sign negative, no nodes.",
        "Exam: range of motion limited by pain, Lachman stable, skin intact.",
    ))  # fmt: skip


def first_visit(s: Scribe) -> str:
    """New-patient visit, after the biopsy."""
    case = s.case
    biopsy = ""
    if case.plan.wait > 0:
        grade = grade_words(case, s.draw)
        what = "Outside excision" if case.tumour.presentation == 2 else "Biopsy"
        biopsy = f"{what} {s.on(case.diagnosed)} ({s.accession(0)}): {diagnosis(case)}"
        biopsy += f", {grade}." if grade else "."
    spread = f"Staging: {stage_words(case, s.draw)}." if case.tumour.sarcoma else ""
    if case.tumour.sarcoma and 1 in case.tumour.spread:
        spread += " Chest CT shows pulmonary nodules consistent with metastases."
    family = " and family" if s.age < 18 else ""
    unplanned = ""
    if case.tumour.presentation == 2:
        unplanned = (
            "The mass was shelled out at an outside hospital before imaging, with positive "
            f"margins; {s.he} is referred for tumor bed re-excision. "
        )
    contact = s.draw.one((
        f"Best contact number is {s.phone}." if s.draw.chance(0.5) else "",
        f"Lives at {s.home} with family." if s.draw.chance(0.5) else "",
        "",
    ))  # fmt: skip
    return "\n".join(
        part
        for part in (
            f"{s.header}MUSCULOSKELETAL ONCOLOGY - NEW PATIENT",
            f"HPI: {s.mister} {_complaint(s)}. {unplanned}{_history(s)}",
            _radiology(s),
            _exam(s),
            f"{biopsy} {spread}".strip(),
            f"Plan: discussed at length with {s.mister}{family}. {_plan(s)} {contact}".strip(),
            f"Seen with {s.colleague}.",
            s.sign(case.surgeon),
        )
        if part
    )


def _plan(s: Scribe) -> str:
    case = s.case
    planned = treatment_words(case, case.surgery)
    lead = f"{planned[0].upper()}{planned[1:]} first, then " if planned else "Recommend "
    if case.plan.surg_type == AMPUTATION:
        return f"{lead}amputation; limb salvage was considered and is not advised."
    if case.tumour.category in (3, 4):
        return (
            f"{lead}operative stabilization with {recon_words(case)}; radiation oncology referral."
        )
    tumour = f"the {side_and_site(case)} tumor"
    if case.plan.surg_type == CURETTAGE:
        return f"{lead}extended curettage of {tumour}, {recon_words(case)}."
    width = "wide" if case.tumour.sarcoma else "marginal"
    return f"{lead}{width} resection of {tumour}, {recon_words(case)}."


def follow_up(s: Scribe) -> str:
    """Surveillance visit."""
    case = s.case
    weeks = round((s.day - case.surgery) / 7)
    since = f"{weeks} weeks" if weeks < 20 else f"{round(weeks / 4.35)} months"
    recurred, spread = case.seen(case.course.local_recurrence), case.seen(case.course.metastasis)
    if recurred is not None and recurred <= s.day:
        status = (
            f"MRI shows a biopsy-proven local recurrence in the resection bed, first confirmed "
            f"{s.on(recurred)}."
        )
    elif spread is not None and spread <= s.day:
        status = f"New distant disease was confirmed {s.on(spread)}; see oncology notes."
    elif case.tumour.metastatic or case.tumour.category in (3, 4):
        status = "Known systemic disease, stable at this visit; hardware intact on radiographs."
    else:
        status = s.draw.one((
            "No clinical or radiographic evidence of disease.",
            "MRI of the bed and chest CT without recurrence. NED.",
            "Imaging reviewed personally: no local recurrence, lungs clear.",
        ))  # fmt: skip
    infected = [
        event for event in case.complications
        if event.type in (1, 2) and case.diagnosed + event.day <= s.day
    ]  # fmt: skip
    wound = "Incision well healed."
    if infected:
        onset = s.on(case.diagnosed + infected[0].day)
        wound = f"Course complicated by surgical site infection ({onset})"
        wound += ", treated with irrigation and debridement." if infected[0].reoperation else "."
    treated = treatment_words(case, s.day)
    return "\n".join(
        part
        for part in (
            f"{s.header}Follow-up visit, orthopaedic oncology",
            f"{s.mister} returns {since} after surgery for {diagnosis(case)} of the "
            f"{side_and_site(case)} ({s.on(case.surgery)}, {s.surgeon})."
            + (f" Also received {treated}." if treated else ""),
            f"Final pathology: {margin_words(case, s.draw)}." if case.specimen.margin is not None
            else "",
            f"{wound} {_function(s)}",
            status,
            s.draw.one((
                f"RTC 3 months with MRI and chest CT. Call {s.desk} with questions.",
                f"Will see {s.mister} again in 4 months. cc: {s.colleague}",
                f"Continue PT. Discussed with {s.colleague}. Phone on file {s.phone}.",
            )),
            s.sign(case.surgeon),
        )
        if part
    )  # fmt: skip


def _function(s: Scribe) -> str:
    if s.case.plan.surg_type == AMPUTATION:
        return s.draw.one(("Prosthetic fitting in progress.", "Phantom pain controlled."))
    if s.case.tumour.place.limb == "upper":
        return s.draw.one(("Elbow and hand function full.", "Shoulder elevation to 80 degrees."))
    return s.draw.one((
        "Ambulating without aids, no Trendelenburg gait.",
        "Walking with a cane; quadriceps 4/5.",
        "Weight bearing as tolerated, pain 2/10.",
    ))  # fmt: skip


def phone_call(s: Scribe) -> str:
    """Telephone encounter."""
    case = s.case
    relative = s.draw.one(("spouse", "daughter", "son", "mother")) if s.age > 17 else "mother"
    caller = s.draw.pick(((f"{s.mister}", 0.6), (f"{s.his.capitalize()} {relative}", 0.4)))
    ask = s.draw.one((
        "asking whether the drain can come out",
        "reporting low-grade temperature and some drainage on the dressing",
        "requesting a refill and a letter for work",
        "asking about the final pathology result",
    ))  # fmt: skip
    return (
        f"TELEPHONE ENCOUNTER {s.today}\n"
        f"{caller} called from {s.phone} {ask}. {s.full}, MRN {s.mrn}, is status post surgery for "
        f"{diagnosis(case)} of the {side_and_site(case)} on {s.on(case.surgery)}. "
        f"Advice given; discussed with {s.surgeon}. "
        f"Appointment offered at {s.hospital}, {s.campus}.\n"
        f"{s.sign(case.hospital.others[0])}"
    )


def discharge(s: Scribe) -> str:
    """Discharge summary of the index admission."""
    case = s.case
    disposition = s.draw.one(("home", "home with home health", "acute rehabilitation"))
    nodal = "Foley removed on POD 2, Hemovac on POD 3."
    return (
        f"{s.header}DISCHARGE SUMMARY\n"
        f"Admitted: {s.on(case.surgery)}   Discharged: {s.on(case.discharged)}   "
        f"Attending: {s.sign(case.surgeon)}\n"
        f"Diagnosis: {diagnosis(case)}, {side_and_site(case)}.\n"
        f"Hospital course: {s.mister} underwent surgery with {recon_words(case)} without "
        f"intraoperative complication. {nodal} Physical therapy from POD 1. Enoxaparin for DVT "
        f"prophylaxis.\nDisposition: {disposition}. Address confirmed as {s.home}. "
        f"Follow up with {s.surgeon} at {s.hospital} in 3 weeks, {s.desk}."
    )


def board(s: Scribe) -> str:
    """Multidisciplinary tumour board."""
    case = s.case
    grade, stage = grade_words(case, s.draw), stage_words(case, s.draw)
    facts = "".join(f" {part[0].upper()}{part[1:]}." for part in (grade, stage) if part)
    return (
        f"SARCOMA TUMOR BOARD {s.today}\nCase: {s.full}, {s.aged}, MRN {s.mrn}.\n"
        f"{diagnosis(case)[0].upper()}{diagnosis(case)[1:]} of the "
        f"{side_and_site(case)}, {case.tumour.size_cm} cm.{facts}\n"
        f"Present: {s.surgeon}, {s.colleague}, "
        f"{s.sign(case.hospital.pathologists[0])}, radiology, radiation oncology.\n"
        f"Recommendation: {_plan(s)}"
    )
