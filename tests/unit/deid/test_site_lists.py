"""A site's own names: read with clear errors, found in every form, and never too much."""

import time

import pytest

from deid.errors import InputError
from deid.notes import NoteEngine
from deid.site_lists import SiteLists, add_entry, read_entries
from deid.site_matcher import SiteMatcher
from deid.vocabulary import read_list

LISTS = SiteLists(
    staff=(
        "Dr. Jane Q. Roe, MD",
        "Hänninen, Väinö",
        "van der Bergh, Pieter",
        "Grace Young",
        "James Ewing, M.D.",
        "Quibbleworth",
        "Maria Garcia Lopez",
        "Sean O'Neil",
        "J.R. Tolkmann",
    ),
    facilities=("The Pines", "Larkspur Bone & Joint Center", "Summit", "St. Botolph's Hospital"),
)


@pytest.fixture(scope="module")
def matcher():
    return SiteMatcher(LISTS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Seen by Jane Roe today.", ["Jane Roe"]),
        ("seen by jane roe today", ["jane roe"]),
        ("ROE, JANE Q. dictated", ["ROE, JANE Q"]),
        ("Jane\nRoe", ["Jane\nRoe"]),
        ("J. Roe and J.R. Tolkmann", ["J. Roe", "J.R. Tolkmann"]),
        ("Roe's plan. We paged Tolkmann.", ["Roe", "Tolkmann"]),
        ("VÄINÖ HÄNNINEN, then Hanninen", ["VÄINÖ HÄNNINEN", "Hanninen"]),
        ("Pieter van der Bergh; van der Bergh", ["Pieter van der Bergh", "van der Bergh"]),
        ("Sean O’Neil’s note", ["Sean O’Neil"]),
        ("Maria Garcia called", ["Maria Garcia"]),
        ("Grace Young; Dr. Young", ["Grace Young", "Young"]),
        ("James Ewing wrote; Dr. Ewing agrees", ["James Ewing", "Ewing"]),
        ("came from the Pines, from Pines", ["the Pines", "Pines"]),
        ("Larkspur Bone and Joint Center", ["Larkspur Bone and Joint Center"]),
        ("larkspur bone & joint center", ["larkspur bone & joint center"]),
        ("St Botolph’s Hospital", ["St Botolph’s Hospital"]),
        ("Seen at Summit.", ["Summit"]),
    ],
)
def test_every_form_of_a_name_is_found(matcher, text, found):
    spans = list(matcher.find(text))
    assert [text[span.start : span.end] for span in spans] == found
    assert {span.source for span in spans} == {"site"}


@pytest.mark.parametrize(
    "text",
    [
        "A young patient with Ewing sarcoma",  # an ordinary word, a disease
        "Young, with Ewing",
        "roe was served; the pines were tall; at the summit",
        "ROE",  # three capitals are an abbreviation
        "Jane was well",  # a given name alone
        "proe and roebuck",
        "Larkspur Bone",
    ],
)
def test_what_is_not_the_name_stays(matcher, text):
    assert list(matcher.find(text)) == []


def test_the_engine_replaces_what_only_the_site_knows(model, safe_harbor, keys, patient):
    text = "As Quibbleworth planned at Summit before the osteosarcoma resection."
    lists = SiteLists(staff=("Quibbleworth",), facilities=("Summit",))
    clean = NoteEngine(safe_harbor, keys, model=model, lists=lists).clean(text, patient)
    assert "Quibbleworth" not in clean.text
    assert "Summit" not in clean.text
    assert "osteosarcoma resection" in clean.text
    assert {(span.category, span.source) for span in clean.spans} == {
        ("NAME", "site"),
        ("ORG", "site"),
    }


def test_a_term_vetoes_the_model_but_no_rule_and_no_patient(model, safe_harbor, keys, patient):
    text = "Hendrik Veldkamp held the leg."
    before = NoteEngine(safe_harbor, keys, model=model).clean(text, patient)
    assert [span.source for span in before.spans] == ["listed"]
    terms = SiteLists(terms=("Hendrik Veldkamp", "Hänninen-Roe", "Vera", "Blenkinsop"))
    engine = NoteEngine(safe_harbor, keys, model=model, lists=terms)
    assert engine.clean(text, patient).text == text
    cued = engine.clean("Dr. Blenkinsop saw Vera Hänninen-Roe.", patient)
    assert "Blenkinsop" not in cued.text
    assert "Vera" not in cued.text


def test_twenty_thousand_names_stay_cheap():
    given, family = read_list("given_names"), read_list("surnames")
    names = tuple(
        f"{given[n % len(given)]} {family[n % len(family)]}{n // len(family)}x".replace("0", "o")
        for n in range(20_000)
    )
    few, many = SiteMatcher(LISTS), SiteMatcher(SiteLists(staff=names))
    text = "The tumour of the distal femur was resected with wide margins by Jane Roe. " * 200

    def seconds(matcher):
        started = time.process_time()
        list(matcher.find(text))
        return time.process_time() - started

    # Twice as long at most; a search per name would take thousands of times as long.
    assert seconds(many) < 100 * seconds(few) + 1


def test_lists_are_read_with_comments_and_once(tmp_path):
    (tmp_path / "staff.txt").write_bytes(
        b"\xef\xbb\xbf# our surgeons\r\n\r\nRoe, Jane # left in 2020\r\nClinic #4\r\nRoe, Jane\r\n"
    )
    lists = SiteLists.in_folder(tmp_path)
    assert lists.staff == ("Roe, Jane", "Clinic #4")
    assert (lists.facilities, lists.terms) == ((), ())
    assert lists.digest != SiteLists().digest
    assert "Roe" not in repr(lists)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Roe\nH\xe4nninen\n", "staff.txt:2: is not UTF-8"),
        (b"# x\nR\n", "staff.txt:2: holds fewer than two letters"),
        (b"Roe\x07bert\n", "staff.txt:1: holds a control character"),
        (b"a" * 201, "staff.txt:1: is longer than 200"),
    ],
)
def test_a_wrong_entry_is_named_by_line_not_by_value(tmp_path, content, said):
    (tmp_path / "staff.txt").write_bytes(content)
    with pytest.raises(InputError) as error:
        SiteLists.in_folder(tmp_path)
    assert said in error.value.message
    assert "bert" not in error.value.message
    with pytest.raises(InputError, match="no such file"):
        read_entries(tmp_path / "none.txt")
    with pytest.raises(InputError, match="cannot be read"):
        read_entries(tmp_path)


def test_an_entry_is_added_sorted_and_once(tmp_path):
    path = tmp_path / "deid" / "staff.txt"
    assert add_entry(path, "Roe,  Jane")
    path.write_text("# our surgeons\n" + path.read_text())
    assert add_entry(path, "Hänninen")
    assert not add_entry(path, "HANNINEN")
    assert path.read_text(encoding="utf-8") == "# our surgeons\nHänninen\nRoe, Jane\n"
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == ["staff.txt"]
    for wrong in ("x", "# Roe", "a" * 201):
        with pytest.raises(InputError, match="not added"):
            add_entry(path, wrong)
    assert len(read_entries(path)) == 2


@pytest.fixture(scope="module")
def doctors():
    staff = ("Alan Kowalczyk", "Dr. Anneliese Ewing", "Paget, Rose", "Young, Mark", "Ann Bose")
    return SiteMatcher(SiteLists(staff=staff))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kowalczyk saw him", ["kowalczyk"]),
        ("bose saw him", ["bose"]),
        ("AlanKowalczyk.pdf and kowalczykalan", ["AlanKowalczyk", "kowalczykalan"]),
        ("kowalczyk_a, A_Kowalczyk, a.kowalczyk", ["kowalczyk_a", "A_Kowalczyk", "a.kowalczyk"]),
        ("young_m.dcm", ["young_m"]),
        ("Ewing saw him. Paget will see her.", ["Ewing", "Paget"]),
        ("Paget dictated this.", ["Paget"]),
        ("I spoke; Ewing agrees.", ["Ewing"]),
    ],
)
def test_staff_alone_and_joined(doctors, text, found):
    assert [text[span.start : span.end] for span in doctors.find(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "Paget disease is seen. Ewing sarcoma was resected; Ewing was excluded.",
        "ewing saw no change, a young man; Young Burgess. Ewing is suspected.",
        "A bose speaker. Type_a. Young_x.",
        "Paget presents late. A Paget saw was used.",
    ],
)
def test_diseases_of_a_listed_name_stay(doctors, text):
    assert [text[span.start : span.end] for span in doctors.find(text)] == []
