"""Ages over 89 in the forms that notes and forms use, and numbers that are none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.recognizers.age_forms import LANDMARK
from deid.recognizers.finders import find_ages
from deid.span import flatten


def covered(text):
    return [text[span.start : span.end] for span in flatten(text, find_ages(text, 90))]


@pytest.mark.parametrize(
    "text",
    [
        "95th birthday", "ninety-first birthday", "just turned 95", "nonagenarian", "centenarian",
        "Age/Sex: 95/F", "Sex/Age: F/95", "in her nineties", "in her late 90s",
        "95 years and 3 months old", "age: ninety-five", "age ~95", "died at 97",
        "passed away at about 92", "ninety-five-year-old", "95 yr F", "y.o. 95", "95/F", "95yoF",
        "hundred-year-old", "aged ninety-two", "94–year–old",
        "94—year-old", "94  years  old", "94 -year-old", "94-\nyear-old", "94 - year - old",
        "94-year-young", "94.5 years old", "94½ years old", "one hundred and eleven years old",
        "hundred and one year old", "ninety  four years old", "94yowf", "94y WF", "94/female",
        "Age: 94y", "Age at diagnosis: 94", "Age (years): 94", "Age - 94", "AGE......94",
        "Age: 094Y", "Age | 94", "94y3m", "Age 94F", "Age (at visit) 94",
        "94,5 years", "age≥94", "94+ yo", "Age today: 94", "94 years", "94y", "94yrs",
        "in her 95th year", "her ninety-fifth year", "95 yers old",
    ],
)  # fmt: skip
def test_odd_forms_are_found_whole(text):
    assert covered(f"She: {text}, well") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "The patient is {}.", "She's {}.", "She is {} and lives alone.", "when she was {}",
        "He was {} at the time of surgery.", "At {}, she remains independent.",
        "Although {}, she is fit.", "Despite being {}, she is fit.", "Given her age ({}), none.",
        "Ms. Smith, {}, was seen.", "Ms. Smith ({}) was seen.", "Female, {}", "a woman ({}), thin",
        "her mother is {} and healthy", "FH: mother {}, father 71", "Mother alive at {}.",
        "Her mother lived to {}.", "Grandmother lived to be {}.", "father died {}",
        "father deceased ({})", "brother d. {}", "husband ({}) is caregiver", "surviving spouse, {}",
        "She'll be {} next month.", "soon to be {}", "Her dad turned {}.", "the patient ({}) left",
        "She is {} & lives alone.", "At {} she fell.", "at {} he walked", "Age\n{}", "Age\n\n{}\nSex\nF", "turning {}.",
    ],
)  # fmt: skip
def test_a_person_who_is_a_number(text):
    found = covered(text.format(94))
    assert len(found) == 1
    assert "94" in found[0]
    assert covered(text.format(79)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jane Doe, 94F", " 94F"),
        ("PatientAge: 094Y", "Age: 094Y"),
        ("94 WF with a mass", "94 WF"),
        ("she is ninety-four.", "ninety-four"),
        ("mother is ninety-four", "ninety-four"),
        ("lived to one hundred and two", "one hundred and two"),
        ("Father (1905-2001)", "1905-2001"),
        ("Grandfather, 1905–2001, had", "1905–2001"),
        ("3/4/2021: born in the 1920s", "in the 1920s"),
        ("3/4/2021: born nineteen twenty-six", "nineteen twenty-six"),
        ("3/4/2021: born nineteen nineteen", "nineteen nineteen"),
        ("3/4/2021: born nineteen hundred and five", "nineteen hundred and five"),
    ],
)
def test_a_sex_a_life_a_birth(text, found):
    assert covered(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "3/4/2005: born in the 1920s", "3/4/2021: born in the 1930s", "born nineteen sixty",
        "3/4/2021: born nineteen thirty-five", "Father (1925-2001)", "room 1905-2001",
    ],
)  # fmt: skip
def test_years_that_tell_no_age_over_89(text):
    assert covered(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sisters aged 91 and 92", ["aged 91", "92"]),
        ("aged 88 and 92", ["92"]),
        ("ages 70, 91 and 95", ["91", "95"]),
        ("Siblings 88, 93 and 95 years old.", ["93", "95 years old"]),
        ("between 90 and 95 years old", ["90", "95 years old"]),
        ("age group 90-94", ["90", "94"]),
        ("the 90-94 age group", ["90", "94"]),
        ("Age 94 yo", ["Age 94 yo"]),
    ],
)
def test_each_of_several_ages(text, expected):
    assert covered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "table turned 90 degrees", "he turned 90 degrees", "34 y.o. 95 kg", "sats in the 90s",
        "temp 98 F", "died at 79", "in her 80s", "blood pressure 95/60", "HR 95/min", "95 Fr",
        "one hundred patients", "ninety percent", "he is one hundred percent well",
        "a BP of 120/94", "K 0.94", "Temp 98 F with HR 94.", "Tmax 101 F with rigors",
        "98 F with HR 90", "febrile, 101F.", "walked 94 m with a walker", "He is 94 kg",
        "She was 95% on room air", "He is 94 on 2 L", "sats 94, 95 on room air", "the wound is 94 mm",
        "Her pulse is 94.", "The score is 94.", "He is 120/94", "patient is 98.6", "95 percent",
        "turning 90 to the left", "at 90 degrees, she had pain", "lives with husband at 101 Main St",
        "her mother weighs 95 kg", "male, 95 kg", "per 100 patient-years", "per 100 years", "95 Y axis",
        "adjusted for age, 95% CI", "age of 94 months", "ages 18-89", "between 90 and 95 mg",
        "BP being 94, then", "lived to 94 months", "Room 94", "bed 95", "wife called at 919-555-0101",
        "flexion 95, extension 0", "in the 95th percentile", "father died in 1994", "siblings: 2",
        "rate 94 AF with", "CXR 95 y=3",
    ],
)  # fmt: skip
def test_other_numbers_are_none(text):
    assert covered(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a nonagenarian", "a 90+"),
        ("her ninety-first birthday", "her 90+ birthday"),
        ("Age/Sex: 95/F", "Age/Sex: 90+/F"),
        ("just turned 95", "just turned 90+"),
        ("Age 94 yo", "Age 90+ yo"),
        ("94.5 years old", "90+ years old"),
        ("94+ yo", "90+ yo"),
        ("age at last visit: 94", "age at last visit: 90+"),
        ("in her late 90s", "in her 90+"),
        ("in her mid-to-late 90s", "in her 90+"),
        ("she is well over 90 now.", "she is 90+ now."),
        ("he is past ninety", "he is 90+"),
        ("a centenarian", "a 90+"),
        ("a man of ninety-five.", "a man of 90+."),
        ("ninety-four (94) years old", "90+ (90+) years old"),
        ("her 95th birthday", "her 90+ birthday"),
        ("one hundred and eleven years old", "90+ years old"),
        ("Father (1905-2001)", "Father (90+)"),
        ("born in the 1920s", "born 90+ years before"),
        ("born nineteen hundred and five", "born 90+ years before"),
        ("<td>Age</td><td>94</td>", "<td>Age</td><td>90+</td>"),
        ("age group: 90–94", "age group: 90+–90+"),
    ],
)
def test_what_is_written_tells_no_age(engine: NoteEngine, text, expected):
    assert engine.clean(text, Patient("x")).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "He has used a cane since he was {} because of pain.", "By the time he was {} he needed help.",
        "until the patient was {} in 2019", "When her mother was {} she fell", "a man of {} with pain",
        "This is a lady of {}.", "a veteran of {} who", "Grandmother is {} in a nursing home",
        "Her grandmother was {} in 2010", "mother {} alive", "She is well over {}.", "who is past {}",
        "Patient must be over {}", "having turned {}, she", "Turned {} in May.", "He'll turn {} soon",
        "The {}F was seen", "Patient is {}F.", "The patient, {}, was seen", "Lived well past {}.",
        "He lived till {}", "she celebrated her {}st with us", "on her {}st",
    ],
)  # fmt: skip
def test_an_age_told_in_a_clause_about_a_person(text):
    found = covered(text.format(91))
    assert len(found) == 1
    assert "91" in found[0]
    assert covered(text.format(81)) == []


@pytest.mark.parametrize(
    "text",
    [
        "grade 90", "over 90 degrees", "greater than 90 %", "90 mm", "survival of 95 months",
        "over 90 minutes", "saturation was 96", "when her saturation was 96 she was calm",
        "when he was 95 on room air", "once she was 94 on 2 L", "after he was 93% on RA",
        "she is over 90 % compliant", "he is over ninety percent better", "flexion is past 90 and good",
        "he is well over 90 degrees of flexion", "a man of 95 kg", "a woman of 100 percent",
        "series of patients of 90 days", "the leg turned 95 degrees", "patient was turned 90.",
        "turned 95 to the left", "sats over 90", "until systolic is over 95", "until he reached 95 mg",
        "survived past 95 days", "lived beyond 95 weeks", "The temperature was 93F", "is 98F", "this 100F",
        "(94) mg", "the patient, 95, 96", "her 95th and last dose", "his 91st dressing change",
        "after he was turned 95 degrees", "patient is over 100 pounds overweight", "they were 95 in number",
        "she is over 90 days out", "the brother 100 yards off", "once flexion is 95 she can go",
    ],
)  # fmt: skip
def test_readings_amounts_and_angles_in_a_clause_are_none(text):
    assert covered(text) == []


PIECES = ("9", "12", "1", "nine", "NINET", "inet", "ni", "nonag", "cent", "enarian", "Hundred", "y")


@given(st.lists(st.sampled_from(PIECES)))
def test_ages_are_looked_for_at_each_number_or_word_that_can_be_one(pieces):
    plain = re.compile(r"(?<!\d)\d{2,3}(?!\d)|(?i:ninet|hundred|nonagenarian|centenarian)")
    for text in (" ".join(pieces), "".join(pieces)):
        assert [match.span() for match in LANDMARK.finditer(text)] == [
            match.span() for match in plain.finditer(text)
        ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Stable. At {} she had a hip fracture", ["{}"]),
        ('She said "I was {} when I stopped."', ["{}"]),
        ("I am {}, and tired", ["{}"]),
        ("Mother, Gudrun, is {} and well.", ["{}"]),
        ("Aunt Gudrun Dahl was {}.", ["{}"]),
        ("Gudrun is {} and lives alone", ["{}"]),
        ("Pt Gudrun Dahl, {}, POD 3", ["{}"]),
        ("He is a spry {}.", ["{}"]),
        ("{} and still driving", ["{}"]),
        ("{} and counting", ["{}"]),
        ("{} years young", ["{} years young"]),
        ("F {} fell", ["{}"]),
        ("Pt M {} w/ fall", ["{}"]),
        ("(F, {}) with", ["{}"]),
        ("Dahl in ED, {}F hip fx", ["{}"]),
        ("her {}th last May", ["{}"]),
    ],
)
def test_an_age_said_of_a_person_without_years(text, found):
    assert covered(text.format(94)) == [one.format(94) for one in found]
    assert covered(text.format(84)) == []


@pytest.mark.parametrize(
    "text",
    [
        "turns ninety-seven this summer", "Gudrun is ninety-one and sharp", "will be ninety in May",
        "she was ninety", "pushing ninety.", "the lady, ninety-two, fell", "he is a frail ninety",
        "Mr. Dahl, ninety-two, fell", "her ninetieth last May", "ninety-something",
        "At ninety-three she still drove", "one hundred and two and still walking",
    ],
)  # fmt: skip
def test_an_age_in_words_without_years(text):
    (one,) = covered(f"There. {text}")
    assert one.startswith(("ninet", "one hundred"))


@pytest.mark.parametrize(
    "text",
    [
        "once in 100 years", "for 100 years", "100 years ago", "Flexion is ninety.", "Pulse is 94 and",
        "turned ninety degrees", "it turned ninety to the left", "VSS, 98F on arrival", "T 98 F 94 HR",
        "Temp 99, 97F with chills", "HR at 94 he was calm", "BP pushing 94/60",
        "Flexion, 95, extension", "Sodium, 140, fell", "I was 95 kg", "Ninety is the score",
        "Saturation is ninety-one percent", "Rate is ninety and regular", "in the 95th percentile",
        "room F 94-2", "F: 94%", "Vitals: T 98.6 F 94 12", "they are a hundred patients",
    ],
)  # fmt: skip
def test_numbers_that_are_said_of_things(text):
    assert covered(text) == []


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("A 9O-year-old man", "9O-year-old"),
        ("a 9o year old woman", "9o year old"),
        ("This 9l-year-old", "9l-year-old"),
        ("is 1O2-years-old", "1O2-years-old"),
        ("l02 yo with", "l02 yo"),
        ("Age: 9O, male", "Age: 9O"),
        ("aged 9O, was", "aged 9O"),
    ],
)
def test_letters_for_digits_are_read_in_an_age(text, age):
    assert [text[span.start : span.end] for span in find_ages(text, 90)] == [age]


@pytest.mark.parametrize(
    "text",
    ["A 6O-year-old man", "grade lO, O2 at 9l/min", "IO years", "P9O years", "stage 9O, 9O mm"],
)
def test_letters_for_digits_make_no_other_ages(text):
    assert list(find_ages(text, 90)) == []


def test_the_letter_of_a_misread_age_goes_with_it(engine: NoteEngine):
    assert engine.clean("A 9O-year-old man", Patient("P1")).text == "A 90+-year-old man"


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("91 y/o... correction, 93; MRN", "93"),
        ("Pt is 85 years old, make that 95.", "95"),
        ("lives with his wife, who is 90 herself", "90"),
        ("she is 94 this month", "94"),
        ("he is 92 too.", "92"),
        ("DOB 3/4/1929 (95)", "95"),
        ("born in 1929, now 95.", "95"),
        ("married 65 years; at 91 he still drives", "91"),
        ("her mother-in-law, 99, lives", "99"),
        ("96♀ with a mass", "96♀"),
    ],
)
def test_an_age_that_is_mended_or_compared(text, age):
    assert age in covered(text)


@pytest.mark.parametrize(
    "text",
    ["flexion 85 degrees, correction, 95", "flexion is 94 too high", "bent to 95; at 95 it hurts"],
)
def test_other_numbers_that_are_mended_are_none(text):
    assert not covered(text)
