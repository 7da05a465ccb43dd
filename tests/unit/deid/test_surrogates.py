"""Surrogates: consistent per patient, alike in origin, gender and form, never the original."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.eponyms import is_clinical
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.surrogates import RealPeople, SurrogateMaker
from deid.surrogates.origin import gender_of, kind_of, origins_of
from deid.surrogates.pools import _names, _names_of, coined, name_key, plain_letters, reads_as_name
from deid.vocabulary import is_word
from policies.profile import profile

SAFE = profile("safe_harbor")
KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)
VERA = Patient(
    "P-0001",
    "Vera",
    "Hänninen-Roe",
    "00482913",
    other=(("next_of_kin", "Erik Hänninen"), ("phone", "(704) 555-0101")),
)


def maker(patient="a", keys=KEYS, rules=SAFE, people=None, own=frozenset()):
    patient = Patient(patient) if isinstance(patient, str) else patient
    return SurrogateMaker(keys, patient, rules, people=people, own=own)


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
    ("value", "pattern"),
    [
        ("Dr. Rasmussen", r"Dr\. [A-Z]\w+"),
        ("Jane Q. Roe, MD", r"[A-Z]\w+ [A-PR-Z]\. [A-Z]\w+, MD"),
        ("Jane Roe, M.D.", r"[A-Z]\w+ [A-Z]\w+, M\.D\."),
        ("Jones Jr.", r"[A-Z]\w+ Jr\."),
        ("Juan de la Cruz", r"[A-Z]\w+ de la [A-Z]\w+"),
        ("Jan van der Berg", r"[A-Z]\w+ van der [A-Z]\w+"),
        ("Jan van der", r"[A-Z]\w+ van der"),
        ("Ahmed al-Sayed", r"[A-Z]\w+ al-[A-Z]\w+"),
        ("Jean-Luc Picard", r"[A-Z]\w+-[A-Z]\w+ [A-Z]\w+"),
        ("Ji-woo Park", r"[A-Z]\w+-[a-z]+ [A-Z]\w+"),
        ("JR Smith", r"[A-Z]{2} [A-Z][a-z]\w+"),
        ("JAR/kls", r"[A-Z]{3}/[a-z]{3}"),
        ("McDONALD", r"[A-Z']+"),
        ("ROE,JANE", r"[A-Z']+,[A-Z']+"),
    ],
)
def test_names_keep_their_structure(value, pattern):
    made = maker()("NAME", value)
    assert re.fullmatch(pattern, made.replace("'", "") if "'" not in pattern else made)


@pytest.mark.parametrize(
    "value",
    ["Minh Le", "Dr. Le", "Minh Do", "MINH DO", "Al Smith", "Aaron Judge", "Ben Roe", "Md. Rahman"],
)
def test_a_name_that_looks_like_a_particle_or_title_is_replaced(value):
    made = maker()("NAME", value)
    words = {w.lower() for w in re.findall(r"\w+", value)} - {"dr"}
    assert words.isdisjoint(w.lower() for w in re.findall(r"\w+", made))


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("Takeshi", "japanese"),
        ("Nakagawa", "japanese"),
        ("Okonkwo", "african"),
        ("Kowalczyk", "slavic"),
        ("Krikorian", "armenian"),
        ("O'Rourke", "gaelic"),
        ("McAdoo", "gaelic"),
        ("Papadimitropoulos", "greek"),
        ("Raghunathan", "south_asian"),
        ("Lindqvist", "scandinavian"),
        ("Kärkkäinen", "finnish"),
        ("Quesñada", "hispanic"),
        ("Nguyen", "vietnamese"),
        ("Zhang", "chinese"),
        ("Yıldırım", "turkish"),
        ("李伟", "chinese"),
        ("Шевченко", "slavic"),
        ("Quibbleworth", "anglo"),
    ],
)
def test_the_origin_is_guessed_and_kept(name, origin):
    key = name_key(name)
    kind = kind_of(key)
    assert origins_of(key, name, kind)[0] == origin
    made = name_key(maker()("NAME", name))
    assert origin in origins_of(made, made, kind)


@pytest.mark.parametrize(
    ("name", "gender"),
    [("Michael", "m"), ("Jennifer", "f"), ("Priya", "f"), ("Kwame", "m"), ("Mehmet", "m")],
)
def test_the_gender_of_given_names_is_kept(name, gender):
    origin = origins_of(name_key(name), name, "given")[0]
    for n in range(12):
        made = name_key(maker(f"p{n}")("NAME", name))
        assert gender_of(made, origin) in (gender, "n")


def test_the_sex_column_decides_where_the_name_does_not():
    man = Patient("x", "Zorblax", "Roe", other=(("sex", "M"),))
    woman = Patient("x", "Zorblax", "Roe", other=(("sex", "F"),))
    assert gender_of(name_key(maker(man)("NAME", "Zorblax")), "anglo") in ("m", "n")
    assert maker(man)("NAME", "Zorblax") != maker(woman)("NAME", "Zorblax")


def test_surrogates_are_about_as_long_as_the_original():
    for name in ("Ng", "Smith", "Kowalczyk", "Venkataraman", "Featherstone"):
        made = [maker(f"p{n}")("NAME", name) for n in range(8)]
        assert min(abs(len(one) - len(name)) for one in made) <= max(2, len(name) // 4)


def test_nobody_else_gets_the_patients_surrogate():
    for n in range(40):
        make = maker(Patient(f"p{n}", "Anna", "Larsen"))
        own = {make("NAME", "Anna"), make("NAME", "Larsen")}
        others = {make("NAME", name) for name in ("Karin", "Ingrid", "Olsen", "Hansen", "Nilsen")}
        assert own.isdisjoint(others)


@given(st.text("abcdefgh", min_size=1, max_size=8))
def test_the_patients_own_names_are_never_drawn(salt):
    patient = Patient("a", "Joan", "Satterfield", other=(("alias", "Woodruff Whitcomb"),))
    people = RealPeople.of(KEYS, [patient])
    make = maker(patient, people=people, own=frozenset({"zimmermann"}))
    made = make("NAME", f"X{salt}q Rasmussen {salt.title()}by").lower().split()
    assert set(made).isdisjoint({"joan", "satterfield", "whitcomb", "zimmermann"})


@pytest.mark.parametrize("original", ["Smith", "Murphy", "Emily", "James", "Taylor", "Nguyen"])
def test_no_drawn_name_is_also_a_word_or_an_eponym(original):
    """The pools hold such names ("Grace", "Foley", "Page"), which tell the origin of a name."""
    drawn = {plain_letters(maker(f"p{n}")("NAME", original)) for n in range(150)}
    assert [name for name in drawn if is_word(name) or is_clinical(name, 0, len(name))] == []
    assert "Foley" in _names_of("family", "gaelic", "n")


def test_every_pool_has_names_to_draw():
    for origin in _names():
        for kind, gender in (("family", "n"), ("given", "m"), ("given", "f"), ("given", "n")):
            assert sum(map(reads_as_name, _names_of(kind, origin, gender))) >= 8


@given(st.integers(0, 10**9))
def test_coined_names_are_pronounceable_words(number):
    made = coined(_names_of("family", "scandinavian", "n"), number)
    assert re.fullmatch(r"[A-Z][A-Za-z']{1,20}", made)
    assert re.search(r"[aeiouy]", made.lower())


def test_pools_are_not_read_at_import():
    code = (
        "import deid.surrogates, sys\n"
        "from deid.surrogates import origin, places, pools\n"
        "cached = (pools._names, pools._index, places._data, origin._signs)\n"
        "sys.exit(sum(one.cache_info().currsize for one in cached))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_plural_or_genitive_behind_the_name_still_fits():
    for n in range(20):
        assert not maker(f"p{n}")("NAME", "Smith").endswith(("s", "x", "z"))
        assert maker(f"p{n}")("NAME", "Williams").endswith(("s", "x", "z"))


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


def test_no_word_of_a_name_comes_back_beside_another():
    """The pools hold words that are given and family names: "Min Jun" → "Jun Ho"."""
    names = [*_names_of("given", "korean", "m"), *_names_of("family", "korean", "n")[:10]]
    for key in (b"a", b"b", b"c"):
        make = maker(keys=Keys(key * 32, b"d" * 32, b"s" * 32))
        for one in names:
            for two in names[-10:]:
                words = {name_key(one), name_key(two)}
                new = {name_key(word) for word in make("NAME", f"{one} {two}").split()}
                assert not words & new, (one, two)


@pytest.mark.parametrize("value", ["Roe.pdf", "Hänninen.docx", "Vera Quibble.dcm"])
def test_the_ending_of_a_file_stays(value):
    made = maker()("NAME", value)
    assert made.endswith(value[value.index(".") :])
    assert not {"Roe", "Hänninen", "Vera", "Quibble"} & set(re.split(r"\W", made))


def test_a_word_with_a_lost_letter_is_one_word():
    assert re.fullmatch(r"[A-Z][a-z]+", maker()("NAME", "M?ller"))


def test_thousands_of_words_in_one_name_take_no_time():
    start = time.process_time()
    maker()("NAME", "Aa Bb, " * 5700)
    assert time.process_time() - start < 30
