"""People in lists and hand-offs, what they are called, the other half of a name, initials."""

import pytest

from deid.recognizers.finders import find_names
from deid.span import Span
from deid.whole_people import whole_people
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Present: PQR, JLW, plastics", ["PQR", "JLW"]),
        ("Eriksen (ortho), Adeyinka (med onc), B. Halloran (path)", ["Adeyinka", "B. Halloran"]),
        ("on site by Tadeusz (cytotech)", ["Tadeusz"]),
        ("Report to night RN Ogundipe.", ["Ogundipe"]),
        ("RD Tomasz consulted", ["Tomasz"]),
        ("outside consult Q. Aberforth concurs", ["Q. Aberforth"]),
        ('Ms. Alvarado-Pike ("Bunny" to everyone) is', ["Bunny"]),
        ("Everyone calls him Skip, he says", ["Skip"]),
        ("his son Carl, who everyone calls Buck, drove", ["Buck"]),
        ("Otter (2 years, legal name Ottilie)", ["Otter"]),
        ("Hi Tess! Your scan", ["Tess"]),
        ("his great-grandson, Otto, and", ["Otto"]),
        ("Dict: HVW   Transcr: bnk   D: 1/2/23", ["bnk"]),
        ("Transcribed: PowerScribe, pqt", ["pqt"]),
        ("MD  T: vb 07/09/24", ["vb"]),
        ("will call back. —kj\nnext", ["kj"]),
        ("labs pending\nthx mp", ["mp"]),
        ("export     run by svc_droe  2024-02-29", ["svc_droe"]),
    ],
)
def test_people(text, found):
    names = covered(find_names, text)
    assert all(any(one in name for name in names) for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "Present: SW, CNS and mother. Present: edema, OT, PT, SW",
        "Path (pending). Tumor (path). Chest (radiology) clear. Biopsy (path) pending",
        "RN Case Manager. RN Assessment. RD Consult. PT Evaluation. CNS Lymphoma. PA Lateral film",
        "S. Aureus grew. E. Coli 100k. C. Difficile negative. P. Acnes. R. Hip. A. Femoral head",
        "Known as Ollier disease. It is called Codman triangle. She calls EMS. Called as needed",
        'so-called \'Bucket\' handle; "Parosteal" type; marked "Left" knee',
        "T: 98.6. D: no 1/2. Thanks for the referral. Bear weight as tolerated",
        "Kocher (path) margin",
    ],
)
def test_clinical_text_holds_nobody(text):
    assert covered(find_names, text) == []


def people(text: str) -> list[str]:
    """What is found around the names between < and >."""
    plain, spans = "", []
    for at, piece in enumerate(text.replace(">", "<").split("<")):
        if at % 2:
            spans.append(Span(len(plain), len(plain) + len(piece), "NAME", "listed"))
        plain += piece
    return [plain[one.start : one.end] for one in whole_people(plain, spans)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ('Name: <Leopold> "L.J." Sandoval  Acct', 'Leopold "L.J." Sandoval'),
        ("Mr <Stavros> (Steve) KARRAS\nMRN", "Stavros (Steve) KARRAS"),
        ("my colleague Ashpreet <Sandhu> will", "Ashpreet Sandhu"),
        ("SM: HM2 Tuilagina, <Mele F.>, 26 y/o", "Tuilagina, Mele F."),
        ("CIRC RN: DE <LUNA J>  SCRUB", "DE LUNA J"),
        ("MOTHER <ODETTE> BROWN AT HOME", "ODETTE BROWN"),
        ("read by V. <Sumalee> today", "V. Sumalee"),
        ("His daughters <Faith> and Hope visit", "Hope"),
        ("Twins Ana and <Beatrix> at home", "Ana"),
        ("with <Kofi> and Ngapona today", "Ngapona"),
        ("Patient: Roe, <Brend>4 D.  DOB", "Roe, Brend4 D."),
    ],
)
def test_the_other_half_of_a_name(text, whole):
    assert people(text) == [whole]


@pytest.mark.parametrize(
    "text",
    [
        "Reviewed imaging, <Mele>, today",
        "IMAM <NUR> MAY VISIT",
        "MOTHER <ODETTE> SHORT LEG CAST",
        "the Femoral <Roe> nerve",
        "by <Jane Roe> (MD) Plan",
        "<Roe>, MD",
        "In Boston <Sandhu> said",
        "seen by <Roe> and Radiology",
        "<Roe> and Enneking classification",
    ],
)
def test_what_stands_beside_a_name_stays(text):
    assert people(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("signed <Greta Wells>; amended by GW 9/2", ["GW"]),
        ("<Greta Wells> placed the line (GW).", ["GW"]),
        ('<WELLS, GRETA K> signed; limb marked "GKW".', ["GKW"]),
        ("<Carl Tanner> had CT. By CT. Chest (CT) clear", []),
        ("<Nora Dent>; free of disease (ND)", []),
        ("<Greta Wells> had FGW and a GW stent", []),
    ],
)
def test_initials_of_who_is_named(text, found):
    assert people(text) == found
