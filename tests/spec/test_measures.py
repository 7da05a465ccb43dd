"""Who is counted by a measure, and what is known of them."""

from __future__ import annotations

from functools import cache

import pytest

from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.library import load_named
from policies.measure import Measure
from tests.spec.answers import Reader
from tests.spec.interpreter import Interpreter
from tests.spec.records import (
    complication,
    day,
    derivations,
    dictionary,
    follow_up,
    pathology,
    surgery,
    tumor,
    units,
)


@cache
def reader(name: str) -> Reader:
    measure = load_named("measures", Measure, f"sarcoma_v1/{name}")
    return Reader(measure, dictionary(), derivations())


def answer(name, **forms):
    return reader(name).proportion(units(**forms)["case"])


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ({}, (1, 1)),
        ({"margin": "1"}, (0, 1)),
        ({"margin": "2"}, (0, 1)),
        ({"margin": "9"}, (0, 0)),  # RX is missing
        ({"margin": None}, (0, 0)),
        ({"intent": "2"}, (0, 0)),  # palliative
        ({"kind": "4"}, (0, 0)),  # curettage is no resection
        ({"category": "3"}, (0, 0)),  # metastatic bone disease
        ({"category": "5"}, (0, 0)),
        ({"category": "1"}, (1, 1)),
        ({"histology": "201"}, (0, 0)),  # reported apart
        ({"histology": None}, (0, 0)),
    ],
)
def test_r0_margin_rate(given, answered):
    said = {"margin": "0", "intent": "1", "kind": "1", "category": "2", "histology": "213"} | given
    got = answer(
        "r0_margin_rate",
        tumor=tumor(tumor_category=said["category"], histology_who=said["histology"]),
        surgery=surgery(30, surg_intent=said["intent"], surg_type=said["kind"]),
        pathology=pathology(30, margin_r=said["margin"]),
    )
    assert got == answered


def test_only_the_index_case_counts():
    got = answer(
        "r0_margin_rate",
        tumor=[tumor(histology_who="213"), tumor(tumor_seq=2, histology_who="213", dx_date=day(9))],
        surgery=[surgery(30), surgery(40, surg_tumor_ref=2)],
        pathology=[pathology(30, margin_r="1"), pathology(40, path_tumor_ref=2, margin_r="0")],
    )
    assert got == (0, 1)


@pytest.mark.parametrize(
    ("status", "category", "answered"),
    [
        ("1", "2", (0, 1)),
        ("2", "2", (1, 1)),
        ("3", "2", (0, 0)),
        ("4", "2", (0, 0)),
        (None, "2", (0, 0)),
        ("2", "1", (0, 0)),
    ],
)
def test_unplanned_excision(status, category, answered):
    row = tumor(tumor_category=category, disease_status_ref=status)
    assert answer("unplanned_excision", tumor=row) == answered


@pytest.mark.parametrize(
    ("board", "fracture", "answered"),
    [
        (29, "0", (1, 1)),
        (30, None, (1, 1)),
        (31, "0", (0, 1)),
        (None, "0", (0, 0)),
        (29, "2", (0, 0)),
    ],
)
def test_tumour_board_before_treatment(board, fracture, answered):
    row = tumor(
        tumor_category="1",
        disease_status_ref="1",
        pathologic_fx_dx=fracture,
        mdt_date=None if board is None else day(board),
    )
    assert answer("tumour_board_before_treatment", tumor=row, surgery=surgery(30)) == answered


@pytest.mark.parametrize(
    ("kind", "site", "answered"),
    [
        ("1", "3", (1, 1)),
        ("2", "3", (0, 1)),
        ("4", "3", (0, 0)),
        ("1", "13", (0, 0)),
        (None, "3", (0, 0)),
    ],
)
def test_limb_salvage(kind, site, answered):
    row = tumor(tumor_category="1", anat_site=site)
    assert answer("limb_salvage", tumor=row, surgery=surgery(30, surg_type=kind)) == answered


@pytest.mark.parametrize("category", ["2", "3"])
@pytest.mark.parametrize("name", ["ssi_90d", "reoperation_90d", "mortality_30d", "mortality_90d"])
def test_sarcoma_and_metastatic_disease_are_never_mixed(category, name):
    forms = {
        "tumor": tumor(tumor_category=category),
        "surgery": surgery(0, surg_intent="2" if category == "3" else "1"),
        "complication": complication(9, comp_type="2", comp_reop="1"),
        "follow_up": follow_up(20, vital_status="2", death_date=day(20)),
    }
    mine, other = (name, f"{name}_metastatic") if category == "2" else (f"{name}_metastatic", name)
    assert answer(mine, **forms) == (1, 1)
    assert answer(other, **forms) == (0, 0)


def test_overall_survival_of_a_few_patients():
    rows = []
    for days, died in [(100, True), (200, False), (365, True), (366, False), (2000, False)]:
        last = {"vital_status": "2", "death_date": day(days)} if died else {}
        rows += units(follow_up=follow_up(days, **last))["case"]
    curve = reader("overall_survival").survival(rows)
    # 182: 1 of 5 dies; 365: 1 of 4 dies, and one of them leaves (counts half).
    assert curve[365] == pytest.approx(4 / 5 * (1 - 1 / 3.5))
    assert curve[1826] == pytest.approx(curve[365])


def test_local_recurrence_counts_death_as_an_event():
    forms = {
        "tumor": tumor(ajcc_m="m0"),
        "surgery": surgery(30),
        "pathology": pathology(30, margin_r="0"),
    }
    dead = follow_up(300, vital_status="2", death_date=day(300))
    assert (
        reader("local_recurrence_free").survival(units(**forms, follow_up=dead)["case"])[365] == 0
    )
    alive = follow_up(3000)
    assert (
        reader("local_recurrence_free").survival(units(**forms, follow_up=alive)["case"])[365] == 1
    )


def test_local_recurrence_knows_that_the_dead_have_none_any_more():
    forms = {
        "tumor": tumor(ajcc_m="m0"),
        "surgery": surgery(30),
        "pathology": pathology(30, margin_r="0"),
    }
    rows = []
    for days, died in [(330, False), (430, True), (2500, False), (2500, False)]:
        last = {"vital_status": "2", "death_date": day(days)} if died else {}
        rows += units(**forms, follow_up=follow_up(days, **last))["case"]
    recurred = follow_up(400, lr_event="1", lr_date=day(230), vital_status="2", death_date=day(400))
    rows += units(**forms, follow_up=recurred)["case"]
    event, competing = reader("local_recurrence").incidence(rows)[1826]
    # In the second half-year from surgery one of 5 recurs and one leaves (counts half); of the 3
    # left one dies.
    assert event == pytest.approx(1 / 4.5)
    assert competing == pytest.approx((1 - 1 / 4.5) / 3)
    assert reader("local_recurrence_free").survival(rows)[1826] == pytest.approx(
        1 - event - competing
    )


def test_a_lung_registry_needs_declarations_only():
    from lifelines import KaplanMeierFitter
    from lifelines.datasets import load_lung

    table = load_lung()
    plain = Interpreter(
        load_named("dictionaries", Dictionary, "lung"),
        load_named("derivations", Derivations, "lung"),
    )
    rows = []
    for record in table.astype(object).where(table.notna(), None).to_dict("records"):
        ecog = record["ph.ecog"]
        patient = {
            "os_days": int(record["time"]),
            "died": str(record["status"]),
            "age": int(record["age"]),
            "sex": str(record["sex"]),
            "ecog": None if ecog is None else str(int(ecog)),
        }
        rows += plain.derive({"patient": [patient]})["patient"]

    def read(name: str) -> Reader:
        measure = load_named("measures", Measure, f"lung/{name}")
        return Reader(measure, plain.dictionary, plain.derivations)

    assert read("male_share").proportion(rows) == (138, 228)
    assert read("good_performance").proportion(rows) == (176, 227)
    assert read("patients").count(rows) == 228
    exact = KaplanMeierFitter().fit(table["time"], table["status"])
    for days, alive in read("overall_survival").survival(rows).items():
        assert alive == pytest.approx(float(exact.predict(days)), abs=0.006)
