"""Site maps: what fits the dictionary and the file, and how the rest is told."""

from __future__ import annotations

import pytest

from gateway.registry.sitemap import bind, conversion
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary
from policies.errors import DeclarationError
from tests.unit.registry.valve import DICTIONARY, dictionary, sitemap


def bound(text: str, *header: str) -> dict[str, int | None]:
    cells = bind(sitemap(text), dictionary(), header, where="map.yaml")
    return {cell.name: cell.column for cell in cells}


@pytest.mark.parametrize(
    ("given", "wanted", "ratio"),
    [
        ("mm", "cm", 0.1),
        ("m", "cm", 100),
        ("in", "cm", 2.54),
        ("lb", "kg", 0.45359237),
        ("weeks", "days", 7),
        ("fraction", "percent", 100),
        ("cm", "cm", 1),
    ],
)
def test_units_convert_by_exact_ratios(given: str, wanted: str, ratio: float) -> None:
    found = conversion(given, wanted)
    assert found is not None
    assert found[0] / found[1] == pytest.approx(ratio, rel=1e-12)


def test_unrelated_units_do_not_convert() -> None:
    assert conversion("mm", "kg") is None


def test_elements_are_read_from_the_column_of_their_name() -> None:
    assert bound("", "code", "sex", "races___2") == {"code": 0, "sex": 1, "races___2": 2}


def test_a_map_renames_and_gives_constants() -> None:
    text = "elements: {code: {from: id}, sex: {from: gender}, nr: {const: 1}}"
    assert bound(text, "id", "gender") == {"code": 0, "sex": 1, "nr": None}


def test_boxes_are_found_by_the_name_that_redcap_gives_them() -> None:
    text = DICTIONARY.replace(
        '{"1": One, "2": Two, "9": Unknown}', '{A: One, "-1": Two, b: Three, B: Four}'
    )
    declared = decode(Dictionary, parse_yaml(text, where="valve"), where="valve")
    header = ("code", "races___a", "races____1", "races___b")
    cells = bind(sitemap(), declared, header, where="map.yaml")
    assert {cell.name: cell.column for cell in cells} == {
        "code": 0,
        "races___A": 1,
        "races___-1": 2,
        "races___b": 3,  # B may be meant too: nobody can tell, so it has no column
    }


def test_same_is_a_word_for_no_renaming() -> None:
    assert bound("elements: same", "code") == {"code": 0}


def test_others_none_reads_what_is_listed_only() -> None:
    text = "others: none\nignore: [sex]\nelements: {code: {from: code}}"
    assert bound(text, "code", "sex") == {"code": 0}


@pytest.mark.parametrize(
    ("text", "header", "message"),
    [
        ("", ("code", "gender"), 'nothing reads the columns "gender"'),
        ("elements: {sex: {from: gender}}", ("code",), 'the file has no column "gender"'),
        ("elements: {gender: {from: sex}}", ("code", "sex"), "is not an element"),
        ("", ("sex",), 'no column for the key element "code"'),
        ("elements: {sex: {from: s, recode: {M: 4}}}", ("code", "s"), '"4" is not a choice'),
        ("elements: {sex: {const: 4}}", ("code",), '"4" is not a choice'),
        ("elements: {height: {from: h, unit: kg}}", ("code", "h"), 'cannot convert "kg"'),
        ("elements: {age: {from: a, unit: mm}}", ("code", "a"), 'cannot convert "mm"'),
        ("elements: {sex: {from: s, format: '%Y'}}", ("code", "s"), "format belongs to dates"),
        ("elements: {sex: {from: s, split: ';'}}", ("code", "s"), "split belongs to"),
    ],
)
def test_what_does_not_fit_is_named(text: str, header: tuple[str, ...], message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        bound(text, *header)
    assert message in str(caught.value)
    assert caught.value.where.startswith("map.yaml")


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("elements: {sex: {}}", "elements.dict", "give exactly one of from and const"),
        ("elements: {sex: {from: a, const: b}}", "elements.dict", "exactly one of from and const"),
        ("elements: {sex: {form: a}}", "sex", "unknown key"),
        ("elements: {found: {from: a, format: '%Q'}}", "elements.dict", "a date format is made of"),
        ("elements: {found: {from: a, format: iso}}", "elements.dict", "a date format is made of"),
        ("encoding: utf-7000", "encoding", "unknown encoding"),
        ("delimiter: ':'", "delimiter", "'|'"),
        ("ignores: [a]", "ignores", "unknown key"),
    ],
)
def test_a_wrong_map_is_refused_with_the_path(text: str, where: str, message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        sitemap(text)
    assert where in str(caught.value)
    assert message in str(caught.value)


def test_unmapped_columns_may_be_ignored_on_purpose() -> None:
    assert bound("ignore: [gender]", "code", "gender") == {"code": 0}
    assert bound("ignore_unmapped: true", "code", "a", "b") == {"code": 0}


def test_a_map_for_another_dictionary_is_refused() -> None:
    other = sitemap().model_copy(update={"dictionary": "other"})
    with pytest.raises(DeclarationError, match='this site uses "valve"'):
        bind(other, dictionary(), ["code"], where="map.yaml")
