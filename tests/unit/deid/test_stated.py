"""What a note states: phrases with the value that a reader takes from them, or none."""

from __future__ import annotations

import time

import pytest

from deid.stated.context import sentences
from deid.stated.statements import KINDS, Stated, settled, stated

MARGIN = [
    ("All margins negative (R0); closest deep margin 3.5 mm", "R0"),
    ("Margins free of tumor, nearest medial at 12 mm. R0 resection", "R0"),
    ("Resection margins uninvolved", "R0"),
    ("Margins are not involved by sarcoma.", "R0"),
    ("No evidence of tumor at the inked margins.", "R0"),
    ("There are no positive margins.", "R0"),
    ("Negative surgical margins.", "R0"),
    ("Tumor does not extend to the inked margin.", "R0"),
    ("The final margins were all clear.", "R0"),
    ("Microscopically positive deep margin (R1), tumor at ink", "R1"),
    ("The posterior margin is focally positive.", "R1"),
    ("Tumor extends focally to the inked deep margin.", "R1"),
    ("Sarcoma is present at the lateral resection margin.", "R1"),
    ("All margins are negative except the deep margin.", "R1"),
    ("Lateral margins negative, but the deep margin is positive.", "R1"),
    ("The margins are not free.", "R1"),
    ("Grossly positive deep margin", "R2"),
    ("R2 resection along the sciatic nerve.", "R2"),
    ("Margins cannot be assessed (RX), specimen received in fragments", "RX"),
    # Not stated: doubted, planned, earlier, elsewhere, frozen, or another kind of margin.
    ("Deep margin: ink on tumor.", "R1"),
    ("No ink on tumor.", "R0"),
    ("R0/R1 resection margin, uncertain", None),
    ("The margin is R0 or R1.", None),
    ("We cannot exclude a positive margin.", None),
    ("Possible R1 resection.", None),
    ("Previously R1 resection elsewhere.", None),
    ("The mass was shelled out at an outside hospital, with positive margins.", None),
    ("Wide excision in order to obtain negative margins.", None),
    ("If margins are positive, re-excision will follow.", None),
    ("Margin status pending.", None),
    ("Frozen section of the marrow margin was negative.", None),
    ("The costal margin is clear.", None),
    ("The lesion has sharp margins.", None),
    ("A 2 cm margin was marked around the tumor.", None),
    ("Marginal excision of tumor, left thigh, free ALT flap.", None),
    ("Exam of vertebrae R1 and R2 normal.", None),
]
MARGIN_MM = [
    ("Closest margin 3.5 mm, deep", 3.5),
    ("nearest deep margin at 12 mm", 12.0),
    ("Tumor is 0.4 cm from the deep margin.", 4.0),
    ("Margins are clear by 2 mm.", 2.0),
    ("Deep margin 8 mm; closest margin 1,5 mm", 1.5),
    ("Closest margin would be 2 mm if shrinkage is counted.", None),
    ("A 10 mm trocar was placed below the costal arch.", None),
    ("Excised with a 5 mm margin.", None),
]
GRADE = [
    ("FNCLCC grade 3 (differentiation 2, mitoses 3, necrosis 1)", "3"),
    ("FNCLCC grade 2 of 3", "2"),
    ("Histologic grade: II", "2"),
    ("Grade (FNCLCC): 2", "2"),
    ("Histologic Grade (French Federation of Cancer Centers [FNCLCC]): Grade 3", "3"),
    ("Histologic Grade: Grade 3 (score 7)", "3"),
    ("osteosarcoma, high grade (G3)", "3"),
    ("chondrosarcoma, grade 1 of the proximal humerus", "1"),
    ("Low-grade liposarcoma.", "low"),
    ("High-grade pleomorphic sarcoma.", "high"),
    ("Biopsy May 15, 2025: angiosarcoma, FNCLCC grade 3, total score 8", "3"),
    ("Low-grade temperature after resection of the tumor.", None),
    ("Huvos grade III response in the tumor.", None),
    ("Chondrosarcoma grade 2-3", None),
    ("Low-grade fibromyxoid sarcoma", None),
    ("No high grade tumor is seen.", None),
    ("Possible high-grade sarcoma.", None),
    ("A grade 2 murmur was heard.", None),
    ("Grade 3 spondylolisthesis.", None),
]
SIZE = [
    ("- Size: 8.2 x 5.1 x 4 cm", 8.2),
    ("The tumor measures 82 x 51 mm.", 8.2),
    ("6.4 cm heterogeneous, enhancing mass of the left thigh", 6.4),
    ("original tumor 7.3 cm by report", 7.3),
    ("Osteosarcoma of the left distal femur, 9.1 cm.", 9.1),
    ("A 3 to 4-cm mass", 4.0),
    ("Skin ellipse of 12 x 8 cm with a 3 cm tumor.", 3.0),
    ("8.5cm soft tissue mass", 8.5),
    ("A 4 cm bone lesion", 4.0),
    ("Greatest dimension (cm): 12.0", 12.0),
    ("Tumor size (mm): 82 x 51 x 40", 8.2),
    ("Size (cm): 12 fragments", None),
    ("A 4 cm bone segment with tumor", None),
    ("The specimen measures 12 x 8 x 5 cm.", None),
    ("Excised with 5 mm margins.", None),
    ("Pulmonary nodules up to 9 mm.", None),
    ("The tumor extends 1 cm below the fascia.", None),
    ("A 10 cm incision was made over the mass.", None),
]
SIDE = [
    ("Specimen: left distal femur, biopsy.", "left"),
    ("Preoperative diagnosis: sarcoma, right hand.", "right"),
    ("PROCEDURE: Bilateral resection of desmoid tumors", "bilateral"),
    ("Mass of the right calf.", "right"),
    ("R proximal tibia, resection of osteosarcoma", "right"),
    ("L thigh mass", "left"),
    ("Lt. distal femur osteosarcoma", "left"),
    ("RT of the thigh sarcoma was planned", None),
    ("The mass was left intact.", None),
    ("A right-handed man with a mass.", None),
    ("The right ventricle was compressed by the mass.", None),
    ("Left thigh and right calf tumors.", None),
    ("Weakness of the left foot.", None),
]
CASES = [
    (kind, text, value)
    for kind, table in zip(KINDS, (MARGIN, MARGIN_MM, GRADE, SIZE, SIDE), strict=True)
    for text, value in table
]


@pytest.mark.parametrize(("kind", "text", "value"), CASES)
def test_a_phrase_states_a_value_or_none(kind, text, value):
    found = settled(stated(text)).get(kind)
    assert (found and found.value) == value


@pytest.mark.parametrize("text", [text for _, text, value in CASES if value is not None])
def test_a_statement_points_at_its_words_and_says_how_sure_it_is(text):
    for one in stated(f"Line before.\n{text}"):
        assert text.find(text[one.start - 13 : one.end - 13]) >= 0
        assert 13 <= one.start < one.end <= len(text) + 13
        assert 0 < one.confidence <= 1


def test_the_fields_own_terms_are_surer_than_other_wording():
    (worded,) = stated("The deep margin is positive.")
    assert settled(stated("R1 resection"))["margin"].confidence > worded.confidence


def one(kind, value, confidence=0.7):
    return Stated(kind, value, 0, 1, confidence)


def test_of_several_margins_the_worst_holds_unless_the_class_is_given():
    assert settled([one("margin", "R0"), one("margin", "R1")])["margin"].value == "R1"
    classed = [one("margin", "R0", 0.9), one("margin", "R1")]
    assert settled(classed)["margin"].value == "R0"


def test_the_closest_distance_and_the_largest_size_hold():
    found = settled(
        [one("margin_mm", 4.0), one("margin_mm", 2.0), one("size_cm", 3.0), one("size_cm", 5.0)]
    )
    assert (found["margin_mm"].value, found["size_cm"].value) == (2.0, 5.0)


def test_sides_and_grades_that_contradict_each_other_are_not_settled():
    assert settled([one("laterality", "left"), one("laterality", "right")]) == {}
    assert settled([one("grade", "1"), one("grade", "3")]) == {}


def test_a_long_line_takes_no_long_time():
    assert stated("tumor margin positive negative " * 3_000) is not None


def test_blank_lines_at_the_end_take_no_time():
    note = "The deep margin is positive."
    started = time.process_time()
    found = stated(note + "\n" * 200_000)
    assert time.process_time() - started < 60  # seconds; it was hours
    assert found == stated(note)


@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "\r\n",
        " ",
        "\t",
        " \n",
        "1",
        "a",
        "1 ",
        "no ",
        "x ",
        "1 x ",
        "tumor ",
        "margin ",
        "-",
        ".",
    ],
)
def test_a_long_run_takes_no_long_time(piece):
    run = (piece * 20_000)[:20_000]
    begin = time.process_time()
    for text in (run, f"Tumor of 3 cm.{run}", f"margin {run} tumor 3 cm"):
        assert stated(text) is not None
    # Two seconds on one slow core; the cubic time of before took hours.
    assert time.process_time() - begin < 60


def test_line_ends_at_the_end_of_a_note_are_no_sentence():
    text = "Dr. Roe saw it. Size 3.2 cm\n\nMargins clear.\n \n"
    assert [(at, one.strip()) for at, one in sentences(text)] == [
        (0, "Dr. Roe saw it."),
        (15, "Size 3.2 cm"),
        (29, "Margins clear."),
    ]
