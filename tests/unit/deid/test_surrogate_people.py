"""No surrogate names a real person of the site: whatever the site's people are called."""

import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.surrogates import RealPeople, SurrogateMaker
from deid.surrogates.pools import _names, _names_of, name_key
from deid.surrogates.real import family_words
from tests.unit.deid.surrogates import KEYS, SAFE

GIVEN = sorted({name for parts in _names().values() for part in "mfn" for name in parts[part]})
FAMILY = sorted({name for parts in _names().values() for name in parts["s"]})
# Names that surrogates are drawn from, so that a clash is likely, and some of no list.
given_names = st.sampled_from(GIVEN) | st.sampled_from(FAMILY)
family_names = st.sampled_from(FAMILY) | st.sampled_from(GIVEN)
NOTED = ["Jane Roe", "Smith, John", "Maria Garcia", "Wei Zhang", "Olaf Rasmussen", "James Thomas"]


def words(text):
    return {name_key(word) for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)}


def real_name(patient):
    return frozenset(words(f"{patient.first_name} {patient.last_name}"))


@st.composite
def rosters(draw):
    people = draw(st.lists(st.tuples(given_names, family_names), min_size=1, max_size=60))
    return [
        Patient(f"P{n:05d}", first, last, mrn=f"{draw(st.integers(1000, 10**7)):08d}")
        for n, (first, last) in enumerate(people)
    ]


@settings(max_examples=150)
@given(rosters(), st.lists(family_names, max_size=10), st.integers(0, 10**6))
def test_no_words_of_any_output_together_name_a_person_of_the_site(roster, staff, salt):
    people = RealPeople.of(KEYS, roster, staff)
    make = SurrogateMaker(KEYS, Patient(f"Q{salt}", "Jane", "Roe"), SAFE, people=people)
    written = words(" ".join(make("NAME", value) for value in NOTED))
    assert not [person for person in roster if real_name(person) <= written]
    assert written.isdisjoint(name_key(name) for name in staff)
    # Stronger, and why the above holds: no word is anybody's family name.
    assert written.isdisjoint(word for person in roster for word in words(person.last_name))


@settings(max_examples=60)
@given(st.sets(st.integers(1000, 9999), min_size=1, max_size=4000))
def test_no_number_is_one_of_the_site(numbers):
    roster = [Patient(f"P{n}", mrn=f"{n:08d}") for n in numbers]
    make = SurrogateMaker(KEYS, Patient("Q"), SAFE, people=RealPeople.of(KEYS, roster))
    made = make("ID", "4711")
    assert made == "[ID]" or int(made) not in numbers


def test_without_the_people_a_clash_is_found():
    """The tests above can fail: somebody of a large site is named if nobody is avoided."""
    roster = [Patient(f"P{n}", "Jane", name) for n, name in enumerate(FAMILY)]
    make = SurrogateMaker(KEYS, Patient("Q"), SAFE)
    drawn = words(" ".join(make("NAME", value) for value in NOTED))
    assert drawn & {word for person in roster for word in words(person.last_name)}


def test_where_the_site_has_every_listed_name_names_are_coined():
    roster = [Patient(f"P{n}", "Jane", name) for n, name in enumerate([*FAMILY, *GIVEN])]
    people = RealPeople.of(KEYS, roster)
    make = SurrogateMaker(KEYS, Patient("Q"), SAFE, people=people)
    made = make("NAME", "Olaf Rasmussen")
    assert re.fullmatch(r"[A-Z]\w+ [A-Z]\w+", made)
    assert words(made).isdisjoint(name_key(name) for name in [*FAMILY, *GIVEN])


class Everybody(RealPeople):
    """A site where every name and number is somebody's."""

    def has_family(self, name):
        return True

    def has_number(self, value):
        return True


@pytest.mark.parametrize(
    ("category", "value", "expected"),
    [
        ("NAME", "Jane Roe's", "[NAME]'s"),
        ("ID", "00482913", "[ID]"),
        ("CONTACT", "(704) 731-8842", "[CONTACT]"),
        ("LOCATION", "Larkspur", "[LOCATION]"),
        ("ORG", "Larkspur Clinic", "[ORG]"),
    ],
)
def test_where_nothing_is_left_a_placeholder_is_written(category, value, expected):
    make = SurrogateMaker(KEYS, Patient("Q"), SAFE, people=Everybody(b"k" * 32))
    assert make(category, value) == expected


def test_only_what_became_somebodys_name_changes_when_the_site_grows():
    few = RealPeople.of(KEYS, [Patient("P1", "Jane", "Roe")])
    names = ["Rasmussen", "Garcia", "Zhang", "Smith", "Kowalski"]
    before = SurrogateMaker(KEYS, Patient("Q"), SAFE, people=few)
    drawn = {name: before("NAME", name) for name in names}
    more = RealPeople.of(KEYS, [Patient("P2", "Jane", drawn["Zhang"])]).joined(few.prints)
    after = SurrogateMaker(KEYS, Patient("Q"), SAFE, people=more)
    assert {n for n in names if after("NAME", n) != drawn[n]} == {"Zhang"}
    assert few.digest != more.digest


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Jane Q. Roe, MD", ["roe"]),
        ("Roe, Jane", ["roe"]),
        ("Dr. Roe", ["roe"]),
        ("Ana García López", ["garcia", "lopez"]),
        ("García López, Ana", ["garcia", "lopez"]),
        ("Mary Ann Roe", ["roe"]),
        ("Jan van der Berg Jr.", ["berg"]),
        ("Anna Smith-Jones", ["smith", "jones", "smithjones"]),
        ("Minh Le", ["le"]),
        ("Siobhan O’Brien", ["obrien"]),
    ],
)
def test_family_words(name, family):
    found = family_words(name)
    assert set(family) <= set(found)
    assert {"jane", "ana", "mary", "anna", "jan", "siobhan", "md"}.isdisjoint(found)


def test_relatives_and_staff_count_and_separators_and_zeros_do_not():
    patient = Patient(
        "P1",
        "Jane",
        "Roe",
        "00-482-913",
        other=(("mother_name", "Ada Quill"), ("phone", "(704) 731-8842"), ("city", "Ulm")),
    )
    people = RealPeople.of(KEYS, [patient], ["Orla Vance, RN"])
    assert [
        n for n in ("Roe", "Quill", "Vance", "Jane", "Ada", "Orla") if people.has_family(n)
    ] == [*("Roe", "Quill", "Vance")]
    assert people.has_family("Smith-Roe")
    for number in ("482913", "0000482913", "482-913", "7047318842", "731-8842"):
        assert people.has_number(number)
    assert not people.has_number("482914")


def test_fingerprints_need_the_key_and_travel():
    people = RealPeople.of(KEYS, [Patient("P1", "Jane", "Roe")])
    other = RealPeople.of(Keys(b"p" * 32, b"d" * 32, b"t" * 32))
    assert not RealPeople(other.key, people.prints).has_family("Roe")
    again = pickle.loads(pickle.dumps(people))  # noqa: S301
    assert again == people
    assert again.has_family("ROE")
    assert not RealPeople(people.key).has_family("Roe")


def test_a_drawn_pool_is_large_enough_for_a_site_of_some_size():
    """A third of the families may be taken and a name is still drawn, not coined."""
    pool = _names_of("family", "anglo", "n")
    taken = pool[::3]
    people = RealPeople.of(KEYS, [Patient(f"P{n}", "", name) for n, name in enumerate(taken)])
    for n in range(30):
        made = SurrogateMaker(KEYS, Patient(f"Q{n}"), SAFE, people=people)("NAME", "Rutherford")
        assert made in pool
        assert made not in taken
