"""Initials and user names of staff, and abbreviations that stand in the same places."""

import pytest

from deid.recognizers.initials import initials
from deid.recognizers.logins import logins
from deid.recognizers.names import find_names


def found(text, finder=initials):
    return [text[start:end] for start, end in finder(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Family aware of the plan. QZK 11/29\n\nNext", "QZK"),
        ("Drain out, tolerated. qzk\nPlan as above", "qzk"),
        ("Wound clean. qzk Seen with family at 3", "qzk"),
        ("Rx sent to pharmacy. //QZK//", "QZK"),
        ("Not read.\nQZ/kx  T 07/04/2019", "QZ/kx"),
        ("Yours,\nJo Roe M.D.\nqz:kx", "qz:kx"),
        ("reviewed by Jo Roe, PhD, /kx/", "kx"),
        ("Attending attestation /s/ QZ 9-29", "QZ"),
        ("j. roe md / kxs rn", "kxs"),
        ("QZ dictated; kxs transcribed 3/4", "kxs"),
        ("QZ dictated; kxs transcribed 3/4", "QZ"),
        ("Dict: QZ  Trans: kxs", "kxs"),
        ("0800 taken by kx", "kx"),
        ("Circulator: Roe (relief 13:10 KXZ)", "KXZ"),
        ("access 20g by Roe L RN, + KX\n0940", "KX"),
        ("he initialed the change Q.Z.", "Q.Z."),
        ("Subject 14, initials Q-Z, cycle 3", "Q-Z"),
        ("off-island program\nqzk pgy3 p2276", "qzk"),
        ("extubated; CRNA (QZK) aware", "QZK"),
        ("timeout 0735 per QZK RN", "QZK"),
        ("Witness: Q.Z.  Count x2", "Q.Z."),
        ("RN: qzk", "qzk"),
        ("Good morning! Dr B says once a day", "B"),
        ("4) Q. A-K.'s brother called", "Q. A-K."),
        ('"Q.T." (protected name)', "Q.T."),
        ("Q.T. finished sixth grade", "Q.T."),
        ("Read and agreed.\nQZ/KX", "QZ/KX"),
        ("Jo Roe, MD\nQZ/KX\nD: 07/04/2019", "QZ/KX"),
        ("labels checked by QZK", "QZK"),
        ("Seen with the team. QZ/KX D: 07/04/2019", "QZ/KX"),
        ("Imaging reviewed. QZ/kx", "QZ/kx"),
        ("Dictated QZ/KX", "QZ/KX"),
        ("Yours,\nqz/kx", "qz/kx"),
        ("counts signed by QZK", "QZK"),
        ("entered by QZ.", "QZ"),
        ("CXR read by QZK 0930", "QZK"),
        ("dressing checked by qzk", "qzk"),
        ("Patient seen by JLM.", "JLM"),
        ("was seen by JLM. Plan: MRI.", "JLM"),
        ("Seen by QZK, no change", "QZK"),
        ("seen by JLM\n", "JLM"),
    ],
)
def test_initials_of_staff(text, name):
    assert name in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Start 5 mg po bid. prn\nNext line",
        "No edema, distally NVI. NAD\n\nPlan",
        "HPI\nA 45-year-old man",
        "weight bearing per PT/OT",
        "seen by ENT RN today and/or MD",
        "performed by IR. Done by CT.",
        "by me, with us. Reviewed: MRI. Tech: CT",
        "initial EGD and initial AP view",
        "Seen at 5 P.M. was stable, I.V. was removed",
        "discussed with Dr. X and Dr. Y",
        "pain / sob and n/v/d, r/o MI",
        "she is a vet tech lol. Otherwise fine",
        "X-rays obtained. AP/LAT",
        "Knee. VAR/VAL",
        "Compartment released. QZL/QZB.",
        "Right leg: NVI. TA/GS",
        "Distal exam\nQZ/KX\nPulses strong",
        "Chest films AP/lat",
        "rom/str",
        "si/hi",
        "SI/HI.",
        "NV/NI",
        "Reviewed by MTB.",
        "Seen by PRS. Read by AI",
        "Seen by ENT, ORL and HPB; seen by SLP.",
        "Seen by MFM.\nSeen by GYO",
        "Agrees. ok",
        "Stable. OK",
        "pt ok. wb",
        "Pain ok. oob",
    ],
)
def test_abbreviations_are_no_initials(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Confirmed by IHC.",
        "Cytology obtained by FNA.",
        "Managed by PRS, cleared by QZGY.",
        "Evaluated by NSGY.",
        "Discussed with MTB today.",
    ],
)
def test_capitals_behind_a_clinical_verb_are_a_test_or_a_team(text):
    assert [text[span.start : span.end] for span in find_names(text)] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Confirmed by QZOR, MD.", "QZOR"),
        ("REVIEWED BY QZOR.", "QZOR"),
        ("Dictated by QZOR.", "QZOR"),
        ("Evaluated by SMITH.", "SMITH"),
        ("Managed by QZOR, JANE.", "QZOR, JANE"),
    ],
)
def test_names_in_capitals_behind_a_verb(text, name):
    assert name in [text[span.start : span.end] for span in find_names(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("08:14 taken by QROEK4  Provider", "QROEK4"),
        ("Logged by QROEK2 @ IP", "QROEK2"),
        ("e-signed QROEK 11:02", "QROEK"),
        ("Resident note by qzk9. Attending", "qzk9"),
        ("MyChart user: qzor.roe57", "qzor.roe57"),
        ("portal user qzor_k91", "qzor_k91"),
        ("Completed by: qroek 8:15 AM", "qroek"),
        ("J Roe RN / q.zorny PA-C", "q.zorny"),
        ("q. zorny md / tk rn", "q. zorny"),
        ("cleared.\nJ Tvo RN", "J Tvo"),
    ],
)
def test_user_names(text, name):
    assert name in found(text, logins)


@pytest.mark.parametrize(
    "text",
    [
        "lesion drawn by T12",
        "seen by C3 and L5",
        "per protocol v2.1",
        "user fee due",
        "given by mouth",
    ],
)
def test_what_is_no_user_name(text):
    assert found(text, logins) == []


@pytest.mark.parametrize(
    "text",
    [
        "SS18-SSX",
        "EWSR1-ERG",
        "EWSR1-FEV",
        "FUS-TFG",
        "EWSR1-KIT",
        "Fusion: SS18-SSX",
        "FOS",
        "ALK",
    ],
)
def test_a_gene_at_the_end_of_a_result_is_nobody(text):
    assert list(find_names(text)) == []


@pytest.mark.parametrize("text", ["POD 3 -QZK", "Seen 11/29-QZK", "Plan as above. -QZK", "QZK"])
def test_who_signs_there_is_somebody(text):
    assert "QZK" in [text[one.start : one.end] for one in find_names(text)]
