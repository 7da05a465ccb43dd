"""Surrogates: consistent per patient whatever form a value has, never the original."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.surrogates import RealPeople
from policies.profile import profile
from tests.unit.deid.surrogates import KEYS, SAFE, VERA, maker

VALUES = [
    ("NAME", "Vera Rasmussen"),
    ("NAME", "RASMUSSEN, VERA"),
    ("ID", "00482913"),
    ("ID", "S23-10442"),
    ("CONTACT", "(704) 555-0101"),
    ("CONTACT", "a.b@hospital.org"),
    ("CONTACT", "https://hospital.org/x"),
    ("CONTACT", "10.1.2.3"),
    ("LOCATION", "6516 Larkspur Ave, Quarry Bend, MN 78574"),
    ("LOCATION", "Larkspur"),
    ("ORG", "Larkspur General Hospital"),
]


@pytest.mark.parametrize(
    ("plain", "accented"), [("Juergen", "Jüergen"), ("Brandvik", "Brändvik"), ("Zorn", "Zørn")]
)
def test_which_spelling_comes_first_changes_nothing(plain, accented):
    one, other = maker(), maker()
    first = [one("NAME", plain), one("NAME", accented)]
    second = [other("NAME", accented), other("NAME", plain)]
    assert first == second[::-1]


@pytest.mark.parametrize(("category", "value"), VALUES)
def test_same_patient_same_surrogate_and_no_piece_of_the_original(category, value):
    first = maker()(category, value)
    assert first == maker()(category, value)
    pieces = re.findall(r"[^\W\d_]{4,}|\d{3,}", value)
    kept = {"https", "example", "Hospital", "General", "555"}
    assert [p for p in pieces if p in first and p not in kept] == []


def test_another_patient_or_key_gives_another_surrogate():
    other = Keys(b"p" * 32, b"d" * 32, b"t" * 32)
    names = {maker(f"p{n}")("NAME", "Rasmussen") for n in range(30)}
    assert len(names) > 15
    assert maker(keys=other)("ID", "00482913") != maker()("ID", "00482913")


def test_every_form_of_a_name_gets_the_same_words():
    make = maker(VERA)
    first, one, two = re.split(r"[ -]", make("NAME", "Vera Hänninen-Roe"))
    assert make("NAME", "HANNINEN-ROE, VERA") == f"{one}-{two}, {first}".upper()
    assert make("NAME", "Hanninen Roe") == f"{one} {two}"
    assert make("NAME", "vera") == first.lower()
    assert make("NAME", "Vera's") == f"{first}'s"
    assert make("NAME", "V. Roe") == f"{first[0]}. {two}"
    assert make("NAME", "V.R.") == f"{first[0]}.{two[0]}."
    assert make("NAME", "the Roes") == f"the {two}s"
    assert make("NAME", "Hannninen") == one  # a slip of the pen is still the patient


@pytest.mark.parametrize(
    ("first", "last", "forms"),
    [
        ("Fatima", "Al-Rashid", ("AL-RASHID, FATIMA", "Ms. Al-Rashid", "Fatima Al Rashid")),
        ("Omar", "El Sayed", ("EL SAYED, OMAR", "Mr. El Sayed", "Omar El-Sayed", "el sayed")),
        ("Mai", "Le Thi", ("LE THI, MAI", "Ms. Le Thi", "Mai Le Thi")),
    ],
)
def test_a_particle_of_the_patients_own_stays_wherever_the_name_opens(first, last, forms):
    make = maker(Patient("P-3", first, last))
    particle, name = last.lower().replace("-", " ").split()
    made = [make("NAME", form).lower().replace("-", " ").replace(",", "") for form in forms]
    surname = make("NAME", f"Ms. {name.title()}").lower().split()[-1]
    assert all(f"{particle} {surname}" in one for one in made)
    # Of somebody else it is a given name.
    assert not maker()("NAME", f"{particle.title()} {name.title()}").lower().startswith(particle)


@pytest.mark.parametrize(
    ("first", "last", "together", "apart"),
    [
        ("Wilhelmina", "van der Linden", "Vanderlinden", "van der Linden"),
        ("Mary Ann", "Roe", "MARYANN", "Mary Ann"),
        ("Anna", "De la Cruz", "delacruz", "de la Cruz"),
    ],
)
def test_words_run_together_get_the_surrogates_of_each(first, last, together, apart):
    make = maker(Patient("P-3", first, last))
    joined, parts = make("NAME", together), make("NAME", apart)
    assert joined.lower() == parts.lower().replace(" ", "")
    assert joined[1:].isupper() == together[1:].isupper()


@pytest.mark.parametrize(
    ("last", "forms"),
    [
        ("Vanderlinden", ("VANDERLINDEN", "Vander Linden", "Van der Linden", "vander linden")),
        ("McDonald", ("Mc Donald", "MC DONALD", "Mc-Donald")),
        ("Mc Donald", ("McDonald", "MCDONALD", "Mc Donald")),
        ("O'Shaughnessy", ("O SHAUGHNESSY", "O Shaughnessy", "O’ Shaughnessy", "OShaughnessy")),
        ("O Shaughnessy", ("O'Shaughnessy", "O'SHAUGHNESSY", "OSHAUGHNESSY")),
        ("Alrashid", ("Al-Rashid", "Al Rashid", "AL-RASHID")),
        ("Delacruz", ("Dela Cruz", "De la Cruz")),
        ("D'Angelo", ("D Angelo", "DANGELO")),
    ],
)
def test_a_surname_written_apart_gets_the_surrogate_of_the_whole(last, forms):
    make = maker(Patient("P-3", "Ida", last))
    given, family = make("NAME", f"Ida {last}").split()
    for form in forms:
        assert make("NAME", form).lower() == family.lower()
        assert make("NAME", f"{form}, Ida").lower() == f"{family}, {given}".lower()
        assert make("NAME", f"the {form}s").lower() == f"the {family}s".lower()


def test_other_divisions_of_a_surname_with_particles_agree():
    make = maker(Patient("P-3", "Wilhelmina", "van der Linden"))
    together = make("NAME", "Vanderlinden")
    assert make("NAME", "Vander Linden") == together
    assert together.lower() == make("NAME", "van der Linden").replace(" ", "").lower()
    # Names of others are not run together.
    assert len(make("NAME", "Vander Lind").split()) == 2
    assert "," in make("NAME", "Linden, Vander")


@pytest.mark.parametrize(
    "form", ["The Al-Rashids", "the Al-Rashids", "THE AL-RASHIDS", "The Rashids"]
)
def test_a_family_in_the_plural(form):
    make = maker(Patient("P-3", "Fatima", "Al-Rashid"))
    (name,) = make("NAME", "Rashid").split()
    assert make("NAME", form).lower() == form.lower().replace("rashid", name.lower())


@pytest.mark.parametrize("category", ["LOCATION", "ORG"])
def test_a_place_made_of_the_patients_names_is_the_patient(category):
    make = maker(Patient("P-3", "Ji-woo", "Park"))
    assert make(category, "Ji-woo Park.") == make("NAME", "Ji-woo Park.")
    make = maker(Patient("P-3", "Mary", "St. James"))
    assert make(category, "St. James") == make("NAME", "St. James")
    assert make("ORG", "St. James Hospital") != make("NAME", "St. James Hospital")


@given(st.permutations(["Erik", "Roe", "Ewing", "Vera", "Hanninen", "V."]))
def test_the_order_of_notes_does_not_matter(order):
    make, plain = maker(VERA), maker(VERA)
    drawn = {name: make("NAME", name) for name in order}
    assert drawn == {name: plain("NAME", name) for name in sorted(order)}


def test_who_else_stands_in_the_row_changes_nothing():
    """In a load the row of a note also names who wrote it; other notes have other writers."""
    names = ["Erik", "Sven", "Karin", "Olsen", "Smith", "Jones", "Garcia", "Chen", "Patel"]
    for n in range(60):
        alone = Patient(f"p{n}", "Anna", "Larsen")
        noted = Patient(f"p{n}", "Anna", "Larsen", other=(("writer_name", "Lucy Holm"),))
        own = frozenset({"anna", "larsen"})
        one, two = maker(alone, own=own), maker(noted, own=own | {"lucy", "holm", "lucy holm"})
        assert [one("NAME", name) for name in names] == [two("NAME", name) for name in names]


def test_a_doctor_is_not_a_town_in_maryland():
    make = maker()
    assert make("LOCATION", "Siobhan O'Brien, MD") == make("NAME", "Siobhan O'Brien") + ", MD"
    assert make("LOCATION", "Dr. Quibb, MD") == make("NAME", "Dr. Quibb") + ", MD"
    assert not make("LOCATION", "Baltimore, MD").endswith(", MD")


def test_the_s_of_a_genitive_stays():
    assert maker()("NAME", "s") == "s"


@pytest.mark.parametrize(
    ("category", "value", "placeholder"),
    [("NAME", "Vera", "[NAME]"), ("NAME", "Dr. Roe's", "[NAME]'s"), ("ID", "123456", "[ID]")],
)
def test_placeholders_and_removal(category, value, placeholder):
    typed = SAFE.model_copy(update={"surrogates": "placeholder"})
    removed = SAFE.model_copy(update={"surrogates": "remove"})
    assert maker(rules=typed)(category, value) == placeholder
    assert maker(rules=removed)(category, value) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [("103 yo", "90+ yo"), ("92-year-old", "90+-year-old"), ("aged ninety-two", "aged 90+")],
)
def test_ages_read_90_plus(value, expected):
    assert maker()("AGE", value) == expected


def test_an_age_that_a_person_marked_where_the_profile_keeps_ages():
    assert maker(rules=profile("limited_dataset"))("AGE", "77 yo") == "[AGE]"


@given(
    st.sampled_from(["NAME", "ID", "CONTACT", "LOCATION", "ORG", "OTHER", "AGE"]),
    st.text(min_size=1, max_size=40),
)
def test_any_text_gets_a_surrogate_without_an_error(category, value):
    assert isinstance(maker(VERA)(category, value), str)


def test_real_people_are_never_printed():
    people = RealPeople.of(KEYS, [VERA], ["Jane Roe, MD"])
    assert "Roe" not in repr(people)
    assert b"roe" not in people.prints


def test_the_table_in_the_readme_is_true():
    text = (Path(__file__).parents[3] / "deid" / "README.md").read_text()
    table = text.partition("| original | surrogate")[2].partition("\n\n")[0].splitlines()[2:]
    make = maker(VERA)
    for row, category in zip(
        table, ("NAME", "NAME", "ID", "CONTACT", "LOCATION", "ORG"), strict=True
    ):
        olds, news = (cell.strip().split(" · ") for cell in row.strip("|").split("|"))
        assert [make(category, old) for old in olds] == news


@pytest.mark.parametrize("value", ["Roe.pdf", "Hänninen.docx", "Vera Quibble.dcm"])
def test_the_ending_of_a_file_stays(value):
    made = maker()("NAME", value)
    assert made.endswith(value[value.index(".") :])
    assert not {"Roe", "Hänninen", "Vera", "Quibble"} & set(re.split(r"\W", made))
