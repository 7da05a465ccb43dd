"""One cell of text: its value, or what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.registry.bench import Bench, literal, open_bench
from gateway.registry.sitemap import Cell, ElementMap
from gateway.registry.typed import source_text, typed, typed_value
from policies.decode import decode
from policies.dictionary import Element
from tests.unit.registry.valve import sitemap


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with open_bench(Path(tmp_path_factory.mktemp("spill"))) as opened:
        yield opened


def read(
    bench: Bench, text: str, element: dict[str, Any], *, where: str = "", **given: Any
) -> tuple[Any, list[str]]:
    declared = decode(Element, {"instrument": "f", "label": "x", **element}, where="e")
    mapped = decode(ElementMap, {"from": "x", **given}, where="m")
    cell = Cell(
        "x",
        "x",
        declared,
        mapped,
        0,
        next(iter(declared.choices), None) if declared.type == "multi" else None,
    )
    found = typed(cell, "t", sitemap(where), clean="t", parsed="p")
    bench.run(f"CREATE OR REPLACE TABLE raw AS SELECT {literal(text)} AS c0")
    bench.run(
        f"CREATE OR REPLACE VIEW texts AS SELECT *, {found.parsed} AS p FROM ("
        f"SELECT {found.clean} AS t FROM (SELECT {source_text(cell)} AS t FROM raw))"
    )
    value = bench.value(f"SELECT {found.value} FROM texts")
    whole = typed_value(cell, source_text(cell), sitemap(where))
    assert bench.value(f"SELECT {whole} FROM raw") == value
    return value, [
        f.rule for f in found.faults if bench.value(f"SELECT {f.test} FROM texts") is True
    ]


INTEGER = {"type": "integer", "bounds": [0, 120]}
NUMBER = {"type": "number", "bounds": [0.1, 60], "unit": "cm"}
SEX = {"type": "category", "choices": {"1": "Male", "2": "Female"}}
MANY = {"type": "multi", "choices": {"1": "One", "2": "Two"}}


@pytest.mark.parametrize(
    ("text", "value", "faults"),
    [
        ("7", 7, []),
        ("+7", 7, []),
        ("7.0", 7, []),
        ("7.", 7, []),
        ("-999", None, []),
        ("7.5", None, ["type"]),
        ("1e1", 10, []),
        ("seven", None, ["type"]),
        ("0x10", None, ["type"]),
        ("nan", None, ["type"]),
        ("999999999999999999999", None, ["type"]),
        ("121", None, ["bounds"]),
        ("-1", None, ["bounds"]),
        ("120", 120, []),
    ],
)
def test_integers(bench: Bench, text: str, value: Any, faults: list[str]) -> None:
    assert read(bench, text, INTEGER, where="missing: {codes: ['-999']}") == (value, faults)


@pytest.mark.parametrize(
    ("text", "value", "faults"),
    [
        ("8.3", 8.3, []),
        (".5", 0.5, []),
        ("83e-1", 8.3, []),
        ("95%", None, ["type"]),
        (">5", None, ["type"]),
        ("inf", None, ["type"]),
        ("1e99", None, ["bounds"]),
        ("1,5", None, ["type"]),
        ("0", None, ["bounds"]),
    ],
)
def test_numbers(bench: Bench, text: str, value: Any, faults: list[str]) -> None:
    assert read(bench, text, NUMBER) == (value, faults)


def test_units_and_decimal_commas(bench: Bench) -> None:
    assert read(bench, "83", NUMBER, unit="mm") == (8.3, [])
    assert read(bench, "83,5", NUMBER, unit="mm", where="decimal: ','") == (8.35, [])
    assert read(bench, "1,5", NUMBER, decimal=",") == (1.5, [])
    # Thousands or thousandths: nobody can tell.
    assert read(bench, "1.125", NUMBER, decimal=",") == (None, ["type"])


@pytest.mark.parametrize("text", ["-99", "-99.0", "-99.", "-99,0"])
def test_missing_codes_of_numbers_are_numbers(bench: Bench, text: str) -> None:
    comma = {"decimal": ","} if "," in text else {}
    missing = "missing: {codes: ['-99', NASK]}"
    for element in (INTEGER, NUMBER):
        assert read(bench, text, element, where=missing, **comma) == (None, [])
        assert read(bench, "-98", element, where=missing) == (None, ["bounds"])
    assert read(bench, "700", NUMBER, unit="mm") == (None, ["bounds"])


@pytest.mark.parametrize(
    ("text", "given", "value", "faults"),
    [
        ("2020-02-29", None, "2020-02-29", []),
        ("2020-02-29 13:45", None, "2020-02-29", []),
        ("2021-02-29", None, None, ["type"]),
        ("29.02.2020", None, None, ["type"]),
        ("0202-02-20", None, None, ["bounds"]),
        ("02/29/2020", "%m/%d/%Y", "2020-02-29", []),
        ("29/02/2020", "%m/%d/%Y", None, ["type"]),
    ],
)
def test_dates(
    bench: Bench, text: str, given: str | None, value: str | None, faults: list[str]
) -> None:
    options = {} if given is None else {"format": given}
    found, wrong = read(bench, text, {"type": "date"}, **options)
    assert (None if found is None else found.isoformat(), wrong) == (value, faults)


@pytest.mark.parametrize(
    ("text", "value", "faults"),
    [
        ("2", "2", []),
        ("2.0", "2", []),
        ("3", None, ["choice"]),
        ("M", "1", []),
        ("Q", None, []),
        ("U", None, []),
    ],
)
def test_categories(bench: Bench, text: str, value: Any, faults: list[str]) -> None:
    missing = "missing: {codes: [U]}"
    assert read(bench, text, SEX, recode={"M": 1, "Q": None}, where=missing) == (value, faults)


@pytest.mark.parametrize(
    ("text", "value", "faults"),
    [("1", True, []), ("0", False, []), ("Checked", True, []), ("2", None, ["type"])],
)
def test_boxes(bench: Bench, text: str, value: Any, faults: list[str]) -> None:
    assert read(bench, text, MANY) == (value, faults)


@pytest.mark.parametrize(
    ("text", "value", "faults"),
    [("1; 2", True, []), ("2", False, []), ("uno;2", True, []), ("1;7", True, ["choice"])],
)
def test_several_choices_in_one_cell(
    bench: Bench, text: str, value: Any, faults: list[str]
) -> None:
    assert read(bench, text, MANY, split=";", recode={"uno": 1}) == (value, faults)


def test_text_with_a_pattern(bench: Bench) -> None:
    coded = {"type": "text", "pattern": "^[0-9]{4}/[0-9]$"}
    assert read(bench, "9180/3", coded) == ("9180/3", [])
    assert read(bench, "9180", coded) == (None, ["pattern"])


def test_a_code_that_is_a_choice_is_no_missing_code(bench: Bench) -> None:
    assert read(bench, "2", SEX, where="missing: {codes: ['2']}") == ("2", [])


def test_quotes_in_declarations_do_no_harm(bench: Bench) -> None:
    odd = "'); DROP TABLE raw; --"
    assert read(bench, odd, SEX, recode={odd: 1}) == ("1", [])


def test_a_date_in_the_future_is_wrong(bench):
    ahead = str(bench.value("SELECT current_date + 400"))
    assert read(bench, ahead, {"type": "date"}) == (None, ["bounds"])
    today = bench.value("SELECT current_date")
    assert read(bench, str(today), {"type": "date"}) == (today, [])
