"""Drafts of maps for small files in the terms of a small registry."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from gateway.errors import SourceError
from gateway.registry.bench import open_bench
from gateway.registry.sources.detect import inspect
from gateway.registry.staging import stage
from gateway.registry.suggest.suggest import Draft, suggest
from policies.decode import decode, parse_yaml
from policies.dictionary import Dictionary

SHOP = """
dictionary: shop
version: 1
title: A bicycle repair shop
key: ticket
instruments: {customer: {label: Customer}, repair: {label: Repair, repeats: true}}
elements:
  ticket: {instrument: customer, label: Ticket number, type: text, required: true}
  surname: {instrument: customer, label: Last name, type: text, identifier: true, deid: drop}
  joined: {instrument: customer, label: Date of first visit, type: date}
  saddle_cm: {instrument: customer, label: Saddle height, type: number, bounds: [40, 120], unit: cm}
  colour:
    instrument: customer
    label: Colour of the frame
    type: category
    choices: {'1': Red, '2': Blue, '3': Dark green}
  wants: {instrument: customer, label: Services wanted, type: multi,
    choices: {wash: Wash, oil: Oil, tune: Tune}}
  nr: {instrument: repair, label: Number of the repair, type: integer, bounds: [1, 99]}
  part: {instrument: repair, label: Part repaired, type: category, required: true,
    choices: {'1': Wheel, '2': Brake}}
  repair_ref: {instrument: repair, label: Repair that this belongs to, type: integer,
    bounds: [1, 99]}
"""


@pytest.fixture
def shop() -> Dictionary:
    return decode(Dictionary, parse_yaml(SHOP, where="shop"), where="shop")


def table(folder: Path, columns: dict[str, Any], rows: int = 12, name: str = "t.csv") -> Path:
    """Each column a list that is repeated, or a function of the row's number."""
    with (folder / name).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for i in range(rows):
            writer.writerow(
                [give(i) if callable(give) else give[i % len(give)] for give in columns.values()]
            )
    return folder / name


def column_of(draft: Draft) -> dict[str, str | None]:
    return {line.element: line.column for line in draft.lines}


def loads(path: Path, draft: Draft, dictionary: Dictionary, spill: Path) -> dict[str, Any]:
    """The first customer's form, loaded through the draft as it is."""
    with open_bench(spill) as bench:
        source = inspect(path, draft.sitemap, dictionary)
        stage(bench, source, draft.sitemap, dictionary, where="draft", accept_bad_values=False)
        names = list(bench.columns("form_customer"))
        return dict(
            zip(names, bench.run("SELECT * FROM form_customer ORDER BY _at")[0], strict=True)
        )


def test_a_draft_reads_other_names_labels_units_and_dates(tmp_path: Path, shop: Dictionary) -> None:
    path = table(
        tmp_path,
        {
            "TicketNo": lambda i: f"T{i}",
            "First Visit": lambda i: f"{i + 13}/05/2020",
            "SaddleHeight": lambda i: 700 + 10 * i,
            "FrameColour": ["red", "Blue", "dark green"],
            "Services": ["wash;oil", "tune", "oil;tune"],
        },
    )
    draft = suggest(path, shop)
    assert column_of(draft) == {
        "ticket": "TicketNo",
        "joined": "First Visit",
        "saddle_cm": "SaddleHeight",
        "colour": "FrameColour",
        "wants": "Services",
    }
    first = loads(path, draft, shop, tmp_path / "spill")
    assert (first["joined"].isoformat(), first["saddle_cm"]) == ("2020-05-13", 70.0)
    assert (first["colour"], first["wants___oil"], first["wants___tune"]) == ("1", True, False)


def test_a_value_of_a_person_stands_nowhere(tmp_path: Path, shop: Dictionary) -> None:
    path = table(
        tmp_path,
        {
            "ticket": lambda i: f"T{i}",
            "surname": ["Quixworthy"],
            "contact": ["zed@example.org"],
            "Phone 2": ["555-010-9999"],
            "mood": ["Zanypants"],
            # Of one patient in many rows, beside labels.
            "colour": ["Red", "Blue", "Ottoline Frobisher"],
        },
        rows=60,
    )
    text = suggest(path, shop).text
    for value in ("Quixworthy", "zed@", "555-010", "Zanypants", "T1", "Ottoline", "Frobisher"):
        assert value not in text
    assert "1 more value needs a recode and is not shown here" in text
    assert "# and 1 more of the column: CHECK" in text
    assert re.search(r"- contact +# looks like a direct identifier \(e-mail", text)


def test_the_number_of_a_patient_goes_before_that_of_a_row(
    tmp_path: Path, shop: Dictionary
) -> None:
    columns = {
        "pid": lambda i: f"P{i % 5}",
        "ticket_nr": lambda i: i + 1,
        "part": ["Wheel", "Brake"],
    }
    draft = suggest(table(tmp_path, columns, rows=20), shop)
    [line] = [line for line in draft.lines if line.element == "ticket"]
    assert line.column == "pid"
    assert any("and not ticket_nr?" in point for point in line.check)


@pytest.mark.parametrize(
    ("key", "other", "asked"),
    [
        ("ticket", "mrn", True),  # every row has a ticket of its own, and patients repeat
        ("TicketNo", "visit_id", True),
        ("ticket", "visit_id", False),  # the key's own name, and nothing that names patients
    ],
)
def test_a_key_is_asked_about_where_another_may_be_it(
    tmp_path: Path, shop: Dictionary, key: str, other: str, asked: bool
) -> None:
    columns = {key: lambda i: f"T{i}", other: lambda i: f"M{i % 4}", "colour": ["Red"]}
    draft = suggest(table(tmp_path, columns, rows=20), shop)
    [line] = [line for line in draft.lines if line.element == "ticket"]
    assert line.column == key
    assert any(f"and not {other}?" in point for point in line.check) is asked


def test_day_and_month_that_cannot_be_told_are_said(tmp_path: Path, shop: Dictionary) -> None:
    either = {"ticket": lambda i: f"T{i}", "joined": lambda i: f"0{i % 9 + 1}/02/2020"}
    draft = suggest(table(tmp_path, either), shop)
    [line] = [line for line in draft.lines if line.element == "joined"]
    assert line.format == "%m/%d/%Y"
    assert any("nothing here tells" in point for point in line.check)
    assert line.level != "sure"


def test_another_column_tells_day_from_month(tmp_path: Path, shop: Dictionary) -> None:
    columns = {
        "ticket": lambda i: f"T{i}",
        "joined": lambda i: f"0{i % 9 + 1}/02/2020",
        "printed": lambda i: f"{i + 15}/02/2020",
    }
    draft = suggest(table(tmp_path, columns), shop)
    [line] = [line for line in draft.lines if line.element == "joined"]
    assert line.format == "%d/%m/%Y"
    assert any("as in other columns" in point for point in line.check)


def test_missing_codes_of_many_columns_are_found(tmp_path: Path, shop: Dictionary) -> None:
    columns = {
        "ticket": lambda i: f"T{i}",
        "saddle_cm": [70, -999, 80],
        "colour": [1, 2, -999],
        "joined": ["2020-01-02", "-999", "2020-01-03"],
    }
    path = table(tmp_path, columns)
    draft = suggest(path, shop)
    assert draft.missing == {"-999": 3}
    assert loads(path, draft, shop, tmp_path / "spill")["saddle_cm"] == 70.0


def test_boxes_of_a_redcap_export_are_one_field(tmp_path: Path, shop: Dictionary) -> None:
    columns = {
        "ticket": lambda i: f"T{i}",
        "redcap_repeat_instrument": [""],
        "redcap_repeat_instance": [""],
        "services___wash": [0, 1],
        "services___oil": [1, 0],
        "services___shine": [0],
    }
    path = table(tmp_path, columns)
    draft = suggest(path, shop)
    assert column_of(draft)["wants"] == "services"
    assert [item.column for item in draft.left] == ["services___shine"]
    assert loads(path, draft, shop, tmp_path / "spill")["wants___oil"] is True


def test_a_decimal_comma_is_said(tmp_path: Path, shop: Dictionary) -> None:
    path = table(tmp_path, {"ticket": lambda i: f"T{i}", "saddle_cm": ["70,5", "81,25"]})
    draft = suggest(path, shop)
    assert "decimal: ','" in draft.text
    assert loads(path, draft, shop, tmp_path / "spill")["saddle_cm"] == 70.5


def test_what_the_dictionary_requires_and_the_file_lacks_is_listed(
    tmp_path: Path, shop: Dictionary
) -> None:
    draft = suggest(table(tmp_path, {"ticket": lambda i: f"T{i}", "nr": [1]}), shop)
    assert draft.absent == ("part",)


def test_a_file_without_a_key_is_refused(tmp_path: Path, shop: Dictionary) -> None:
    path = table(tmp_path, {"colour": ["Red", ""], "joined": ["", "2020-01-01"]})
    with pytest.raises(SourceError, match="none can be the key"):
        suggest(path, shop)


def test_names_that_yaml_would_misread_come_back(tmp_path: Path, shop: Dictionary) -> None:
    path = table(
        tmp_path, {"ticket": lambda i: f"T{i}", "no": ["z"], "a: #b'": ["z"], "é\t": ["z"]}
    )
    assert set(suggest(path, shop).sitemap.ignore) == {"no", "a: #b'", "é"}


def test_labels_of_a_statistics_file_say_what_its_names_do_not(
    tmp_path: Path, shop: Dictionary
) -> None:
    pyreadstat.write_sav(
        pd.DataFrame({"V1": [f"T{i}" for i in range(9)], "V2": [1.0, 2.0, 3.0] * 3}),
        tmp_path / "t.sav",
        column_labels=["Ticket number", "Colour of the frame"],
    )
    draft = suggest(tmp_path / "t.sav", shop)
    assert column_of(draft) == {"ticket": "V1", "colour": "V2"}


def test_values_of_an_eav_export_are_columns_too(tmp_path: Path, shop: Dictionary) -> None:
    lines = [
        f"T{i},{field},{value}\n"
        for i in range(6)
        for field, value in (("ticket", f"T{i}"), ("frame_colour", "Red"), ("saddle_height", "70"))
    ]
    path = tmp_path / "eav.csv"
    path.write_text("record,field_name,value\n" + "".join(lines))
    assert column_of(suggest(path, shop)) == {
        "ticket": "ticket",
        "colour": "frame_colour",
        "saddle_cm": "saddle_height",
    }
