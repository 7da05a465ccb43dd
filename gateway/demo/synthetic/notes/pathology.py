"""Pathology and imaging reports."""

from __future__ import annotations

__all__ = ["biopsy_report", "imaging_report", "resection_report"]

from gateway.demo.synthetic.notes.finding import (
    diagnosis,
    grade_words,
    margin_words,
    necrosis_words,
    side_and_site,
)
from gateway.demo.synthetic.notes.scribe import Scribe


def _micro(s: Scribe) -> str:
    code = s.case.tumour.histology.code
    if 101 <= code <= 108:
        return "Malignant cells deposit lace-like osteoid. SATB2 positive."
    if 111 <= code <= 116:
        return "Lobules of atypical hyaline cartilage permeate trabecular bone."
    if 121 <= code <= 123:
        return "Sheets of small round blue cells, diffuse membranous CD99, NKX2.2 positive."
    if code == 141:
        return (
            "Mononuclear cells with evenly spread osteoclast-type giant cells; H3.3 G34W positive."
        )
    if code in (201, 202):
        return "Atypical hyperchromatic stromal cells; MDM2 FISH amplified."
    if code == 214:
        return (
            "Monophasic spindle cell proliferation, TLE1 positive, SS18 break-apart FISH positive."
        )
    if code == 301:
        return (
            "Malignant epithelial cells, pancytokeratin positive; see comment for site of origin."
        )
    if code == 302:
        return "Sheets of CD138-positive plasma cells with kappa restriction."
    return s.draw.one((
        "Cellular spindle and pleomorphic neoplasm with geographic areas of necrosis.",
        "Fascicles of atypical spindle cells, Ki-67 about 30%; desmin and S100 negative.",
        "Neoplasm as described, reviewed with deeper levels and immunostains.",
    ))  # fmt: skip


def biopsy_report(s: Scribe) -> str:
    """Report of the diagnostic biopsy."""
    case = s.case
    grade = grade_words(case, s.draw)
    molecular = case.tumour.histology.molecular
    return (
        f"SURGICAL PATHOLOGY REPORT   Accession {s.accession(0)}\n"
        f"Patient: {s.full}   MRN {s.mrn}   DOB {s.born}\nCollected: {s.on(case.diagnosed)}   "
        f"Requesting: {s.surgeon}\n"
        f"Specimen: {side_and_site(case)}, biopsy.\n"
        f"DIAGNOSIS: {_capital(diagnosis(case))}"
        + (f", {grade}" if grade else "")
        + f".\nMicroscopic: {_micro(s)}"
        + (f" Molecular: {molecular}." if molecular and s.draw.chance(0.7) else "")
        + f"\nReviewed at the {s.hospital} sarcoma conference. "
        f"{s.sign(s.draw.one(case.hospital.pathologists))}"
    )


def resection_report(s: Scribe) -> str:
    """Report of the definitive specimen."""
    case = s.case
    grade, effect = grade_words(case, s.draw), necrosis_words(case)
    size, rest = case.tumour.size_cm, round(case.tumour.size_cm * s.draw.between(0.4, 0.9), 1)
    invasion = s.draw.pick((("not identified", 0.8), ("present", 0.1), ("indeterminate", 0.1)))
    return "\n".join(
        part
        for part in (
            f"{s.hospital} - DEPARTMENT OF PATHOLOGY",
            f"{s.full}   {s.mrn}   Case {s.accession(1)}   Received {s.on(case.surgery)}",
            f"A. {side_and_site(case).capitalize()}, "
            + ("tumor bed re-excision" if case.specimen.type == 5
               else "amputation" if case.specimen.type == 6 else "resection") + ":",
            f"- {_capital(diagnosis(case))}" + (f", {grade}" if grade else ""),
            _extent(s, size, rest),
            f"- {margin_words(case, s.draw)}" if case.specimen.margin is not None else "",
            f"- {effect}" if effect else "",
            f"- Lymphovascular invasion: {invasion}",
            f"Comment: {_micro(s)} Correlates with prior biopsy {s.accession(0)}."
            if case.plan.wait > 0 else f"Comment: {_micro(s)}",
            f"Results called to {s.surgeon} on {s.on(s.day)}.",
            f"Electronically signed: {s.sign(s.draw.one(case.hospital.pathologists))}",
        )
        if part
    )  # fmt: skip


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _extent(s: Scribe, size: float, rest: float) -> str:
    if s.case.specimen.type == 5:
        found = "Residual sarcoma present" if s.case.specimen.residual else "No residual sarcoma"
        return f"- {found} in the re-excised bed; original tumor {size} cm by report"
    return f"- Size: {size} x {rest} x {round(rest * 0.8, 1)} cm"


def imaging_report(s: Scribe) -> str:
    """Report of the staging MRI."""
    case = s.case
    where = "deep" if case.tumour.deep else "superficial"
    compartment = (
        f"It is {where} to the investing fascia. " if case.tumour.category in (2, 6) else ""
    )
    around = {
        "lower": "Neurovascular bundle displaced, not encased. Incidental Baker cyst.",
        "upper": "Axillary and brachial vessels and plexus displaced, not encased.",
        "axial": "No intraspinal or intrapelvic extension beyond that described.",
    }[case.tumour.place.limb]
    lungs = "Pulmonary nodules up to 9 mm." if 1 in case.tumour.spread else "Lungs clear."
    nodes = "Enlarged regional node." if 3 in case.tumour.spread else "No adenopathy."
    return (
        f"MRI {side_and_site(case).upper()} WITH AND WITHOUT CONTRAST\n"
        f"{s.full}   MRN {s.mrn}   Exam date {s.today}\n"
        f"History: {s.aged}, mass.\nFindings: {case.tumour.size_cm} cm lesion of the "
        f"{side_and_site(case)}. {compartment}{around} {nodes} "
        f"CT chest same day: {lungs}\n"
        f"Impression: aggressive lesion, tissue diagnosis advised at {s.hospital}.\n"
        f"Called to {s.surgeon}. {s.sign(case.hospital.others[-1])}"
    )
