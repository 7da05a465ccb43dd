"""Ten kinds of notes. Each function gives text with marks; see markup.py."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from tests.benchmarks.deid_notes import clinical
from tests.benchmarks.deid_notes import identifiers as ids
from tests.benchmarks.deid_notes.clinical import some
from tests.benchmarks.deid_notes.markup import mark
from tests.benchmarks.deid_notes.people import (
    header_name,
    relative,
    signature,
    spoken_name,
    staff_bare,
    staff_cued,
)
from tests.benchmarks.deid_notes.sample import Case


def _when(rng: random.Random, case: Case) -> date:
    return case.diagnosis + timedelta(days=rng.randrange(-40, 1300))


def _date(rng: random.Random, when: date) -> str:
    return mark("DATE", ids.full_date(rng, when))


def _header(rng: random.Random, case: Case, title: str, when: date) -> str:
    name = rng.choice(("Patient: ", "NAME: ", "Patient Name: ", "Pt: ", "RE: ", "")) + header_name(
        rng, case.who
    )
    number = ids.mrn_line(rng, case.mrn)
    born = rng.choice(("DOB: ", "D.O.B. ", "Date of birth: ", "born ", "DOB ")) + _date(
        rng, case.birth
    )
    visit = rng.choice(("Date of service: ", "DOS ", "Date: ", "Visit ", "Seen ")) + _date(
        rng, when
    )
    more = [ids.administrative_id(rng) for _ in range(rng.choice((0, 0, 1, 2)))]
    parts = [name, number, born, visit, *more]
    form = rng.randrange(4)
    if form == 0:
        return title.upper() + "\n" + "\n".join(parts) + "\n\n"
    if form == 1:
        return f"{ids.hospital(rng)}\n{title}\n\n" + "    ".join(parts) + "\n\n"
    if form == 2:
        return " | ".join(parts) + f"\n{title}\n\n"
    return f"{title} -- {name} ({number}, {born}). {visit}.\n\n"


def _age(rng: random.Random, case: Case) -> str:
    noun = case.who.noun
    if case.years >= 90:
        return ids.age_over_89(rng, noun)
    return ids.age_under_90(rng, noun, case.years)


def _home(rng: random.Random, case: Case) -> str:
    who = case.who
    return rng.choice(
        (
            f"Lives at {mark('LOCATION', case.address)}.",
            f"Home address: {mark('LOCATION', case.address)}",
            f"{who.they.capitalize()} lives in {mark('LOCATION', case.city)} with {relative(rng, who)}.",
            f"Moved from {ids.city(rng)} to {mark('LOCATION', case.city)} last year.",
            f"{who.they.capitalize()} works for {ids.employer(rng)}.",
            f"Retired from {ids.employer(rng)} after 30 years.",
            f"Drove in from {mark('LOCATION', case.city)}, two hours away.",
        )
    )


def _contact(rng: random.Random, case: Case) -> str:
    form = rng.randrange(4)
    if form == 0:
        return f"Reach {case.who.their} {ids.telephone(rng, case.phone)}."
    if form == 1:
        return f"Contact: {ids.online(rng, case.user)}."
    if form == 2:
        return f"Questions: {ids.telephone(rng)} or {ids.online(rng, case.user)}."
    return f"Emergency contact is {relative(rng, case.who)}, {ids.telephone(rng)}."


def clinic(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    back = mark("DATE", ids.partial_date(rng, when + timedelta(days=rng.randrange(7, 120))))
    header = _header(
        rng,
        case,
        rng.choice(("Orthopaedic Oncology Clinic Note", "Clinic visit", "Follow-up")),
        when,
    )
    return (
        f"{header}{spoken_name(rng, case.who)} is a {_age(rng, case)} with {rng.choice(clinical.DIAGNOSES)}, referred by "
        f"{staff_cued(rng)} at {ids.hospital(rng)}. Biopsy was done on {ids.some_date(rng, case.diagnosis)}. "
        f"{_home(rng, case)} {some(rng, clinical.CLINIC, 3, 6)}\n\n"
        f"{spoken_name(rng, case.who)} came with {relative(rng, case.who)}. {some(rng, clinical.CLINIC, 2, 4)} "
        f"{rng.choice(('Case was discussed with', 'I went over the films with', 'Agreed with'))} {staff_bare(rng)} "
        f"{rng.choice(('today', 'at tumor board', 'afterwards'))}. Next visit {back}. {_contact(rng, case)}\n\n"
        f"{signature(rng)}\n"
    )


def operative(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        _header(rng, case, "Operative Report", when)
        + f"PREOPERATIVE DIAGNOSIS: {rng.choice(clinical.DIAGNOSES)}.\n"
        + f"SURGEON: {staff_cued(rng)}\nASSISTANT: {staff_bare(rng)}\nANESTHESIA: general, {staff_cued(rng)}\n"
        + f"INDICATIONS: {spoken_name(rng, case.who)} is a {_age(rng, case)}. Consent was signed on "
        + f"{ids.some_date(rng, when - timedelta(days=3))}.\nPROCEDURE: {some(rng, clinical.OPERATIVE, 4, 8)} "
        + f"IMPLANTS: stem {ids.device_ids(rng)}; {rng.choice(('tibial tray', 'body', 'hinge', 'plate'))} "
        + f"{ids.device_ids(rng)}; {rng.choice(('bone cement', 'allograft', 'screw'))} {ids.device_ids(rng)}. "
        + f"{some(rng, clinical.OPERATIVE, 2, 4)} Specimen sent, {ids.accession(rng)}. "
        + f"{rng.choice(('Family updated:', 'I spoke with'))} {relative(rng, case.who)}.\n\n{signature(rng)}\n"
    )


def pathology(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        _header(rng, case, "Surgical Pathology Report", when)
        + f"{ids.accession(rng)}  Collected {_date(rng, when)}  Received {ids.some_date(rng, when)}\n"
        + f"Submitting: {staff_cued(rng)}, {ids.hospital(rng)}\nCLINICAL: {_age(rng, case)}, {rng.choice(clinical.DIAGNOSES)}\n"
        + f"{some(rng, clinical.PATHOLOGY, 4, 7)} Compared with {ids.accession(rng)} of {ids.some_date(rng, case.diagnosis)}. "
        + f"Reviewed in consultation by {staff_cued(rng)} ({ids.hospital(rng)}). Called to {staff_bare(rng)}"
        + f"{rng.choice(('', ' by ' + staff_bare(rng)))} on {ids.some_date(rng, when + timedelta(days=4))}.\n\n{signature(rng)}\n"
    )


def discharge(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    out = when + timedelta(days=rng.randrange(2, 12))
    return (
        _header(rng, case, "Discharge Summary", when)
        + f"Admitted: {_date(rng, when)}\nDischarged: {_date(rng, out)}\nAttending: {staff_cued(rng)}\n"
        + f"{spoken_name(rng, case.who)} is a {_age(rng, case)} who underwent resection for {rng.choice(clinical.DIAGNOSES)}. "
        + f"{some(rng, clinical.CARE, 3, 5)} On {mark('DATE', ids.partial_date(rng, out))} {case.who.they} was seen by "
        + f"{staff_cued(rng)}. {some(rng, clinical.CLINIC, 1, 3)} {_home(rng, case)} Discharged to "
        + f"{rng.choice(('home', ids.hospital(rng)))} with {relative(rng, case.who)}. Follow up with {staff_cued(rng)} "
        + f"on {ids.some_date(rng, out + timedelta(days=14))}. {_contact(rng, case)}\n{ids.administrative_id(rng)}\n\n{signature(rng)}\n"
    )


def letter(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        f"{ids.hospital(rng)}\n{mark('LOCATION', ids.address(rng, rng.choice(ids.CITIES)))}\n{ids.telephone(rng)}\n\n"
        f"{_date(rng, when)}\n\nDear {rng.choice((staff_cued(rng), staff_bare(rng)))}:\n\n"
        f"RE: {header_name(rng, case.who)}, {ids.mrn_line(rng, case.mrn)}, born {_date(rng, case.birth)}\n\n"
        f"Thank you for sending {spoken_name(rng, case.who)}, a {_age(rng, case)}, whom I saw on {ids.some_date(rng, when)} "
        f"for {rng.choice(clinical.DIAGNOSES)}. {some(rng, clinical.CLINIC, 3, 5)} {_home(rng, case)} "
        f"{staff_bare(rng)} will see {case.who.their} scans. {some(rng, clinical.RADIOLOGY, 1, 2)} Please send records to "
        f"{ids.online(rng, case.user)} or {ids.telephone(rng)}. {ids.administrative_id(rng)}.\n\n{signature(rng)}\n"
    )


def phone(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        f"Telephone encounter {ids.some_date(rng, when)}  {ids.mrn_line(rng, case.mrn)}\n"
        f"{rng.choice(('Caller: ' + relative(rng, case.who), 'Pt called.'))} "
        f"{rng.choice(('Spoke w/', 'Msg from', 'Re:'))} {spoken_name(rng, case.who)}, {_age(rng, case)}. "
        f"{rng.choice(('Reports drainage since', 'Asks for refill, last filled', 'Fever since', 'Wants to move the visit of'))} "
        f"{mark('DATE', ids.partial_date(rng, when))}. {some(rng, clinical.CARE, 1, 2)} "
        f"Call back {ids.telephone(rng, case.phone)}. Pharmacy fax {mark('CONTACT', ids.phone_number(rng))}. "
        f"Routed to {staff_bare(rng)}; {staff_cued(rng)} aware. {ids.administrative_id(rng)}\n{signature(rng)}\n"
    )


def nursing(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        f"NURSING NOTE {ids.some_date(rng, when)} 0730\n{header_name(rng, case.who)}  {ids.mrn_line(rng, case.mrn)}\n"
        f"Received report from {staff_cued(rng)}. {spoken_name(rng, case.who)} {rng.choice(('resting', 'up in chair', 'A&O x3'))}. "
        f"{some(rng, clinical.CARE, 3, 5)} Visited by {relative(rng, case.who)}. "
        f"{staff_bare(rng)} notified, {rng.choice(('orders received', 'will come by', 'no new orders'))}. "
        f"{some(rng, clinical.CARE, 1, 3)} Dressing change due {mark('DATE', ids.partial_date(rng, when + timedelta(days=1)))}. "
        f"Charge nurse {ids.telephone(rng)}.\n{signature(rng)}\n"
    )


def radiology(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        _header(
            rng,
            case,
            rng.choice(("MRI left thigh", "CT chest", "Radiographs of the pelvis", "PET/CT")),
            when,
        )
        + f"{ids.accession(rng)}\nORDERING: {staff_cued(rng)}\nHISTORY: {_age(rng, case)} with {rng.choice(clinical.DIAGNOSES)}.\n"
        + f"COMPARISON: {ids.some_date(rng, when - timedelta(days=90))}, and outside study from {ids.hospital(rng)}, "
        + f"{mark('DATE', ids.partial_date(rng, when - timedelta(days=200)))}.\nFINDINGS: {some(rng, clinical.RADIOLOGY, 3, 5)} "
        + f"Findings conveyed to {rng.choice((staff_bare(rng), staff_cued(rng)))} ({ids.telephone(rng)}) at 14:05 on "
        + f"{ids.some_date(rng, when)}. {ids.online(rng, case.user)}\n\n{signature(rng)}\n"
    )


def therapy(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        _header(rng, case, "Physical Therapy Evaluation", when)
        + f"S: {spoken_name(rng, case.who)} is a {_age(rng, case)} s/p resection {ids.some_date(rng, case.diagnosis)}. "
        + f"{_home(rng, case)} O: {some(rng, clinical.CARE, 3, 4)} A: tolerates well; {staff_bare(rng)} concurs. "
        + f"P: 2-3x/week for 6 weeks, recheck {mark('DATE', ids.partial_date(rng, when + timedelta(days=30)))} per "
        + f"{staff_cued(rng)}. Brace {ids.device_ids(rng)}. {ids.administrative_id(rng)}. {_contact(rng, case)}\n\n{signature(rng)}\n"
    )


def social_work(rng: random.Random, case: Case) -> str:
    when = _when(rng, case)
    return (
        f"Social Work {ids.some_date(rng, when)}\n"
        f"Met with {spoken_name(rng, case.who)} ({_age(rng, case)}) and {relative(rng, case.who)}. {_home(rng, case)} "
        f"{case.who.their.capitalize()} employer, {ids.employer(rng)}, has agreed to leave until "
        f"{mark('DATE', ids.partial_date(rng, when + timedelta(days=60)))}. {some(rng, clinical.CARE, 1, 2)} "
        f"{ids.administrative_id(rng)}; {ids.administrative_id(rng)}. {relative(rng, case.who).replace(case.who.their + ' ', 'The ', 1)} "
        f"will park with {rng.choice(('plate', 'license plate'))} {mark('ID', ids.shaped(rng, 'AAA-9999'))}. "
        f"Transport from {mark('LOCATION', case.city)} arranged by {staff_bare(rng)}. {_contact(rng, case)} "
        f"{some(rng, clinical.CARE, 1, 1)}\n{signature(rng)}\n"
    )


KINDS: dict[str, Callable[[random.Random, Case], str]] = {
    "clinic": clinic,
    "operative": operative,
    "pathology": pathology,
    "discharge": discharge,
    "letter": letter,
    "phone": phone,
    "nursing": nursing,
    "radiology": radiology,
    "therapy": therapy,
    "social": social_work,
}
