"""REDCap's flat exports and plain tables: which rows make up which form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from gateway.registry.bench import Bench, open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from policies.errors import DeclarationError
from tests.unit.registry.valve import HEADER, defect, dictionary, export, person, sitemap, visit

Staged = Callable[..., Bench]


@pytest.fixture
def staged(tmp_path: Path) -> Any:
    with open_bench(tmp_path / "spill") as bench:

        def read(text: str, sitemap_text: str = "") -> Bench:
            mapping = sitemap(sitemap_text)
            source = inspect(export(tmp_path, text), mapping, dictionary())
            stage(bench, source, mapping, dictionary(), where="map.yaml", accept_bad_values=True)
            return bench

        yield read


def test_repeating_forms_get_their_rows_and_the_patient_one(staged: Staged) -> None:
    bench = staged(HEADER + person() + defect() + visit() + visit(instance="2") + person("B1"))
    counts = [bench.value(f"SELECT count(*) FROM form_{f}") for f in ("person", "defect", "visit")]
    assert counts == [2, 1, 2]


def test_rows_are_in_the_order_of_their_instances(staged: Staged) -> None:
    bench = staged(HEADER + person() + "".join(visit(instance=i) for i in ("10", "2", "1")))
    assert bench.run("SELECT _instance, _seq FROM form_visit ORDER BY _seq") == [
        ("1", 1),
        ("2", 2),
        ("10", 3),
    ]


def test_a_record_without_the_patients_form_is_kept_and_listed(staged: Staged) -> None:
    bench = staged(HEADER + person() + visit("Z9"))
    assert bench.run("SELECT _record, sex FROM form_person ORDER BY 1") == [
        ("A1", "2"),
        ("Z9", None),
    ]
    assert bench.run("SELECT rule, record FROM fix") == [("patient", "Z9")]


def test_a_row_without_a_record_is_listed(staged: Staged) -> None:
    bench = staged(HEADER + person() + person(""))
    assert bench.run("SELECT rule, severity FROM fix") == [("record", "error")]
    assert bench.value("SELECT count(*) FROM form_person") == 1


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (visit().replace("visit", "Visits"), "redcap_repeat_instrument"),
        (visit().replace(",70,", ",70,").replace("north,,", "north,Smith,"), "surname"),
    ],
)
def test_rows_that_belong_to_no_form_are_refused(staged: Staged, row: str, field: str) -> None:
    with pytest.raises(SourceError) as caught:
        staged(HEADER + person() + row)
    assert f"row 3: field '{field}'" in str(caught.value)
    assert "Smith" not in str(caught.value)
    assert "Visits" not in str(caught.value)


def test_a_form_that_the_map_ignores_is_left_out(staged: Staged) -> None:
    row = f"A1,images,1,north{',' * 24}\n"
    bench = staged(HEADER + person() + row, "ignore: [images]")
    assert bench.value("SELECT count(*) FROM form_visit") == 0


def test_a_longitudinal_project_gives_a_row_per_event(staged: Staged) -> None:
    header = "code,redcap_event_name,sex,person_complete,seen,beats,visit_complete\n"
    bench = staged(
        header
        + "A,base_arm_1,1,2,2020-01-01,60,2\n"
        + "A,month_1_arm_1,,0,2020-02-01,70,2\n"
        + "A,month_2_arm_1,,0,,,0\n"
    )
    assert bench.run("SELECT sex FROM form_person") == [("1",)]
    assert bench.run("SELECT beats FROM form_visit ORDER BY _seq") == [(60,), (70,)]
    assert bench.value("SELECT count(*) FROM fix") == 0


def test_boxes_of_missing_codes_are_known_columns(staged: Staged) -> None:
    header = "code,races___1,races___2,races___9,races____9,person_complete\n"
    bench = staged(header + "A,0,0,0,1,2\n", "missing: {codes: ['-9']}")
    assert bench.run("SELECT races___1 FROM form_person") == [(None,)]


def test_one_row_of_a_plain_table_feeds_several_forms(staged: Staged) -> None:
    text = """
rows: [person, defect]
elements:
  code: {from: id}
  nr: {const: 1}
  found: {from: date, format: "%d.%m.%Y"}
  leak_cm: {from: leak_mm, unit: mm}
decimal: ','
"""
    bench = staged("id;sex;date;leak_mm\nA;1;31.12.2020;12,5\nB;2;;\n", text)
    assert bench.run("SELECT _record, sex FROM form_person ORDER BY 1") == [("A", "1"), ("B", "2")]
    assert bench.run("SELECT _record, nr, leak_cm FROM form_defect") == [("A", 1, 1.25)]


def test_rows_of_a_plain_table_may_repeat_the_patients_cells(staged: Staged) -> None:
    bench = staged("code,sex,seen\nA,1,2020-01-01\nA,1,2020-02-01\nA,2,2020-03-01\n")
    assert bench.value("SELECT count(*) FROM form_visit") == 3
    assert bench.run("SELECT sex FROM form_person") == [("1",)]
    assert bench.run("SELECT rule, says FROM fix") == [
        ("duplicate", "the record has this form twice, with different answers; the first is kept")
    ]


@pytest.mark.parametrize("again", ["A,1,2021-03-01\n", "A,01,2021-04-01\n"])
def test_a_key_twice_in_a_plain_table_is_one_row(staged: Staged, again: str) -> None:
    bench = staged("code,nr,found\nA,1,2021-03-01\nA,2,2021-03-01\nB,1,2021-03-01\n" + again)
    assert bench.run("SELECT _at, nr FROM form_defect ORDER BY _at") == [(1, 1), (2, 2), (3, 1)]
    assert bench.run("SELECT _at, _first, rule, fields FROM fix") == [(4, 1, "duplicate", "nr")]


def test_rows_without_a_key_are_one_only_if_every_cell_is_alike(staged: Staged) -> None:
    bench = staged("code,seen,beats,sex\nA,2021-03-01,70,1\nA,2021-03-01,71,1\nA,2021-03-01,70,1\n")
    assert bench.run("SELECT _at FROM form_visit ORDER BY _at") == [(1,), (2,)]
    assert bench.run("SELECT _at, _first, fields FROM fix") == [(3, 1, "visit")]


def test_rows_that_lack_their_key_are_not_one(staged: Staged) -> None:
    bench = staged("code,nr,found\nA,,2021-03-01\nA,,2021-03-02\n")
    assert bench.value("SELECT count(*) FROM form_defect") == 2
    assert bench.value("SELECT count(*) FROM fix") == 0


def test_a_table_of_patients_has_each_patient_once(staged: Staged) -> None:
    bench = staged("code,sex\nA,1\nA,1\n")
    assert bench.run("SELECT rule FROM fix") == [("duplicate",)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rows: [person, vist]", 'unknown instrument "vist"'),
        ("rows: [person]", 'belongs to "visit", which rows does not list'),
    ],
)
def test_rows_and_elements_must_agree(staged: Staged, text: str, message: str) -> None:
    with pytest.raises(DeclarationError, match=message):
        staged("code,sex,seen\nA,1,2020-01-01\n", text)
