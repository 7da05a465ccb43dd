"""Month and day with a slash: found where the context speaks for it, scores left alone."""

import pytest

from deid.dates.find import find_dates


def found(text):
    return [text[match.start : match.end] for match in find_dates(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/4: wound clean\n3/5: drain out", ["3/4", "3/5"]),
        ("3/4 - wound clean", ["3/4"]),
        ("s/p ORIF (3/4)", ["3/4"]),
        ("Lumbar spine (11/30): normal", ["11/30"]),
        ("3/4 0800 seen", ["3/4"]),
        ("called 3/4 at 8 am", ["3/4"]),
        ("D/C 3/4", ["3/4"]),
        ("drain out 3/5.", ["3/5"]),
        ("after the 3/4 visit", ["3/4"]),
        ("7/8 and 7/9 he", ["7/8", "7/9"]),
        ("visit on 3/4, 3/5, and 3/6/2021", ["3/4", "3/5", "3/6/2021"]),
        ("Date 3/4  3/5  3/6", ["3/4", "3/5", "3/6"]),
        ("Chest film 10/03 clear", ["10/03"]),
        ("Zometa 11/3.", ["11/3"]),
        ("on 25/12 he", ["25/12"]),
        ("pain since 3/4", ["3/4"]),
        ("transplant in 12/07 with", ["12/07"]),
        ("assessment 1/12-15/93 showed", ["1/12-15/93"]),
        # Seen to leak in invented notes.
        ("Social Work 11/22\nShe is well", ["11/22"]),
        ("last filled 12/28-30", ["12/28-30"]),
        ("s/p resection 12/20-25. Lives", ["12/20-25"]),
        ("after arthroplasty 12/20 he", ["12/20"]),
        ("given 6/7 per MAR. your 3/10 denial. next review 5/6.", ["6/7", "3/10", "5/6"]),
        ("the ED at Regional 6/9. MRI", ["6/9"]),
        ("Wt 51.2 kg (2/11 57.0)", ["2/11"]),
        ("next visit Th 10/16. cast ~5/20", ["10/16", "5/20"]),
        ("Patient died 3/4.", ["3/4"]),
        ("Birthday 3/4.", ["3/4"]),
        ("bday is 3/4", ["3/4"]),
        ("born 3/4", ["3/4"]),
        ("DOB 3/4", ["3/4"]),
        ("DOB 3-4", ["3-4"]),
        ("DOB 3/58", ["3/58"]),
        ("birth date is 3-58", ["3-58"]),
        ("heart attack on 9/11", ["9/11"]),
        ("night terrors since 9/11", ["9/11"]),
        ("panic attacks on 9/11 and 9/12", ["9/11", "9/12"]),
        ("weds 3/5", ["weds 3/5"]),
        ("LMP 3/4.", ["3/4"]),
        ("s/p resection 3/4.", ["3/4"]),
        ("s/p WLE 3/4, RT 4/12-5/20.", ["3/4", "4/12-5/20"]),
        ("Started chemo 3/4, last cycle 5/20.", ["3/4", "5/20"]),
        ("completed radiation 3/4", ["3/4"]),
    ],
)
def test_days_are_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "strength 5/5", "4/5 in hip flexion", "Hip flexion 5/5, knee extension 4/5", "pain 7/10",
        "3/10 at rest and 7/10 with weight bearing", "pain from 3/10 to 6/10", "pain 3/10-4/10",
        "grade 2/6 murmur", "S1, S2 regular, 2/6 systolic murmur", "2/3 of the shaft", "L4/5",
        "C5/6 and C6/7", "20/20", "1/2 tablet", "nodes 0/12", "8/12 cores", "3/4 circumference",
        "margins 2/2", "Pupils 4/4 decreasing to 2/2 on exposure", "reflexes (2/4): equal",
        "2/2+ patellae, 1/1 Achilles", "strength 4/5 to 5/5", "5 1/2 inches", "1/2 and 1/4 inch",
        "Left hip 4/5\nRight hip 5/5\n", "was on 3/4 L of oxygen", "extension 5/5", "12/16 gait",
        "rates it 3/10, was 7/10", "Percocet 5/325", "+2/2 pulses", "CHIEF COMPLAINT (1/1):",
        "fears since 9/11 attacks", "the terror of 9/11.", "since the attacks on 9/11.",
        "at 3/4-4/5 and", "cycle 3/4 of chemo", "born 3/4 weeks early", "DOB: 3-4 weeks after",
        "power 4/5-5/5", "last pain 3/10", "s/p WLE 4/5 strength", "T12 4/12-5/12 vote",
        "s/p repair 4/5 strength", "pain neg 3/10", "a (9/1 mixture)", "10/7 mmHg", "your 5/5 strength", "after resection 3/5 throughout",
    ],
)  # fmt: skip
def test_scores_fractions_and_levels_are_none(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RESTART CHEMO 6/21 IF", ["6/21"]),
        ("cipro thru 8/8.", ["8/8"]),
        ("forms back by 9/9, please", ["9/9"]),
        ("Addendum 9/10: FISH +", ["9/10"]),
        ("UDS 7/12 clean", ["7/12"]),
        ("Tm 38.4 2/26 2200. WBC", ["2/26"]),
        ("Wt 48.1 kg (3/3 50.2, 2/10 53.0)", ["3/3", "2/10"]),
        ("EF 55% (TTE 1/4).", ["1/4"]),
        ("6/12 good 6/12-8/11.", ["6/12-8/11"]),
    ],
)
def test_days_behind_other_words_of_clinical_writing(text, expected):
    assert found(text) == expected


DIARY = "Seen 3/11. Called 3/14. Film 3/20.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drives far. 2/3 pharmacy.", ["2/3"]),
        ("pain 6/10 – block cath out 4/1", ["4/1"]),
        ("rash came 4/10. Gone", ["4/10"]),
        ("line flushed, 4/6, no clot", ["4/6"]),
    ],
)
def test_a_note_that_writes_days_so_speaks_for_one_more(text, expected):
    assert found(DIARY + text) == ["3/11", "3/14", "3/20", *expected]


@pytest.mark.parametrize(
    "text",
    [
        "Distally 5/5.", "PLP 5/10 on duloxetine", "No ache. 3/10.", "distal 2/3 shaft",
        "FNCLCC 3/3", "ate 3/4 tray", "knee 3/4", "G8 = 11/17.", "AM-PAC 12/24",
        "fatigue 4/12. Later 7/12 again", "5 1/2 inches", "disc 4/6 bulge",
        "completed 3/3 cycles", "pain 4/10\nLabs pending", "MOCA 19/30",
    ],
)  # fmt: skip
def test_scores_of_such_a_note_are_none(text):
    assert found(DIARY + text) == ["3/11", "3/14", "3/20"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("signed KT 9-28 20:40", ["9-28"]),
        ("VAC changed 9-28 0730", ["9-28"]),
        ("Visit 3   (IVC)   9-22\nHt 171", ["9-22"]),
        ("Seen on 4-17 with", ["4-17"]),
        ("9-22\nfever", ["9-22"]),
    ],
)
def test_days_with_a_hyphen_are_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2-3 weeks", "10-20 mg", "levels 3-4 at", "every 4-6 hours", "since 10-15 years",
        "on 2-4 L", "5-10 1200 mL", "8-10 reps", "1-24 hours", "ECOG 0-1", "grade 2-3", "7-14 days",
        "received 10-20 units", "Ref 3-14.5",
    ],
)  # fmt: skip
def test_ranges_are_none(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow 4/12, tmrw (5/20)", ["4/12", "5/20"]),
        ("eff. 4/12 and C3D1 4/11", ["4/12", "4/11"]),
        ("PPD neg 1/25   HIV 2/12", ["1/25", "2/12"]),
        ("0800 04/12 vitals, 1800 4/12 vitals, 10:15 4/12 left", ["04/12", "4/12", "4/12"]),
        ("4/12 8a seen, 4/20 @ 8", ["4/12", "4/20"]),
        ("4/12 then 4/14", ["4/12", "4/14"]),
        ("hgb 7.1 (4/9)", ["4/9"]),
        ("Tue 13 Sep 10:30, bldg", ["Tue 13 Sep"]),
        ("Call 2/1. Film 1/31, 1/29. 2/3 pharmacy", ["2/1", "1/31", "1/29", "2/3"]),
    ],
)
def test_days_beside_times_results_and_cycles(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize("text", ["1500 1/2 tabs", "pain 5 (4/10)", "ran 12 3/4 miles", "ER 7/8"])
def test_amounts_beside_numbers_are_none(text):
    assert found(text) == []


DAYS = "Surgery 3/4, f/u 3/18."


@pytest.mark.parametrize(
    "score",
    [
        "RT 10/25", "Taper 12/14", "Blocks 4/11 pos", "SINS 10/18", "Mirels 9/12", "Constant 11/20",
        "Beighton 5/9", "Allred 7/8, ER 3/8", "BPs 10/5", "stairs 10/12", "PS 10/5", "BiPAP 12/5",
        "Cx: MRSA 2/2", "strength 4/5",
    ],
)  # fmt: skip
def test_a_score_beside_the_days_of_a_note_is_none(score):
    assert found(f"{DAYS} {score}.") == ["3/4", "3/18"]


@pytest.mark.parametrize("score", ["PS 10/5", "weaned to BiPAP 12/5.", "Cx: MRSA 2/2."])
def test_pressures_and_bottles_are_no_days(score):
    assert found(score) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chemo 3/4, next 3/25. Strength 4/5. Pain 5/10.", ["3/4", "3/25"]),
        ("Bloods 3/4. Rehab 3/18.", ["3/4", "3/18"]),
        ("seen 3/4/021", ["3/4/021"]),
        ("Surgery 10/4, f/u 10/18. RT 10/25", ["10/4", "10/18", "10/25"]),
        ("genicular block 6/7 40% better", ["6/7"]),
        ("BiPAP on 10/5, MRSA swab 2/2 neg", ["10/5", "2/2"]),
        ("Strength 4/5, then 5/5", []),
    ],
)
def test_days_among_scores_are_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NIGHT SHIFT 10/04->10/05", ["10/04", "10/05"]),
        ("LVEF 60 (1/25 echo, no change)", ["1/25"]),
        ("You will meet Dr. Okafor 10/10.", ["10/10"]),
        ("C2D1 target 3/5.", ["3/5"]),
        ("Surgery date held: 4/8", ["4/8"]),
        ("discharge planned for 4/6", ["4/6"]),
        ("to her niece's wedding 5/15 and", ["5/15"]),
        ("last dose was 6/10 pm.", ["6/10"]),
        ("next infusion is 4/5.", ["4/5"]),
        ("GI: LBM 4/6, eating little", ["4/6"]),
        ("back pain that began about 5/2. Saw", ["5/2"]),
        ("drain check 3/nov at 8", ["3/nov"]),
        ("good til 12/25", ["12/25"]),
        ("scheduled for 14/11", ["14/11"]),
        ("letter w/e 14/9", ["14/9"]),
        ("home 8/2-ish", ["8/2"]),
        ("WBC 3.2 (3/2), plts 120k (3/3)", ["3/2", "3/3"]),
        ("C1 11/14, C2 held 12/5 -> 12/12. C3 tent 1/2.", ["11/14", "12/5", "12/12", "1/2"]),
        ("CT CAP 1/4 (Mercy), MRI left thigh w/wo 2/3", ["1/4", "2/3"]),
        ("seen in urgent care 1/15, then ED 2/3.", ["1/15", "2/3"]),
        ("Wt 61.9, 60.0 3/17.", ["3/17"]),
        ("0700 3/4-3/6: quiet night", ["3/4-3/6"]),
        ("1/4: bloods. 2/4: scan. 3/4: clinic", ["1/4", "2/4", "3/4"]),
        ("Letter dictated 20/03, typed 22/03", ["20/03", "22/03"]),
    ],
)
def test_days_behind_events_plans_and_doctors(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "last pain was 3/10", "Dr. Moe noted 5/5", "goal 4/5 strength", "pain 4/10 AM",
        "next pain score is 4/10", "strength 4.5 (4/5)", "PROM 3/5 limited", "C5 4/5 strength", "T12 1/2", "XR knee 2/5",
        "seen. 4/5: hip flexion", "ran 12 3/4 miles",
    ],
)  # fmt: skip
def test_scores_behind_such_words_are_none(text):
    assert found(text) == []


DAY_FIRST = "Seen 17/08/2023. "


@pytest.mark.parametrize(
    "text", ["CNS to ring pt 15/1 on", "graft 18/6.", "I am on leave from 29/3 and", "by Fri 21/6."]
)
def test_the_day_may_lead_in_a_note_that_writes_so(text):
    assert len(found(DAY_FIRST + text)) == 2


@pytest.mark.parametrize("text", ["on leave from 29/3", "back on 24 April, away from 29/3"])
def test_a_worded_day_before_its_month_speaks_for_it(text):
    assert ("29/3" in found(text)) == ("April" in text)


@pytest.mark.parametrize(
    "text",
    [
        "enoxaparin for 28/7", "at 15/7 post op", "20/10 vision", "VA 20/6", "scored 18/5",
        "review in 13/12", "15/10 mmHg", "strength 17/5",
    ],
)  # fmt: skip
def test_durations_and_acuities_of_such_a_note_are_none(text):
    assert len(found(DAY_FIRST + text)) == 1


@pytest.mark.parametrize(
    "text", ["C. acnes 2/6, on", "BCx 1/2 GPC.", "MSSA 3/4 so far", "E. coli in 1/3 sent"]
)
def test_how_many_samples_grew_is_no_day(text):
    assert found(f"{DIARY}Cultures 3/12: {text}") == ["3/11", "3/14", "3/20", "3/12"]


def test_the_day_of_a_culture_is_one():
    assert found("Cx 6/8 MRSA, 6/9 clear") == ["6/8", "6/9"]


@pytest.mark.parametrize("text", ["stable since Sept.\n\n1. Cast", "stable since Sept.\n2. Cast"])
def test_the_number_of_the_next_paragraph_is_no_day(text):
    assert [one.rstrip(".") for one in found(text)] == ["Sept"]


def test_a_day_on_the_next_line_is_one():
    assert found("seen Sept\n12. Well") == ["Sept\n12"]
