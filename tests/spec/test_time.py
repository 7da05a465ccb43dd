"""Index case and surgery, the specimen of a surgery, and the times of what followed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.spec.records import (
    case,
    complication,
    day,
    follow_up,
    pathology,
    surgery,
    tumor,
    units,
)


@pytest.mark.parametrize(
    ("tumors", "index"),
    [
        ([(1, 0)], 1),
        ([(1, 10), (2, 0)], 2),  # the earlier diagnosis
        ([(2, 0), (1, 0)], 1),  # a tie goes by sequence number
        ([(1, None), (2, 5)], 2),  # an unknown date comes last
        ([(2, None), (1, None)], 1),
    ],
)
def test_index_case_is_the_first_by_diagnosis(tumors, index):
    rows = [tumor(tumor_seq=s, dx_date=None if d is None else day(d)) for s, d in tumors]
    marked = [row["tumor_seq"] for row in units(tumor=rows)["case"] if row["index_case"]]
    assert marked == [index]


@pytest.mark.parametrize(
    ("surgeries", "index"),
    [
        ([], []),
        ([(30, "1", "1")], [30]),
        ([(60, "1", "1"), (30, "1", "1")], [30]),
        ([(10, "0", "1"), (30, "1", "2")], [30]),  # marked as index wins over curative
        ([(-5, "1", "2"), (30, "0", "1")], [30]),  # before diagnosis is not index
        ([(-5, "1", "1"), (30, "1", "2")], [30]),
        ([(40, "0", "1"), (30, "9", "1")], [30]),  # none marked: the first curative
        ([(30, "0", "2"), (40, "0", "3")], []),
    ],
)
def test_index_surgery(surgeries, index):
    rows = [surgery(d, surg_index=i, surg_intent=intent) for d, i, intent in surgeries]
    got = units(surgery=rows)
    assert [r["surgery_date"] for r in got["surgery"] if r["index_surgery"]] == [
        day(d) for d in index
    ]
    [row] = got["case"]
    assert row["has_index_surgery"] is bool(index)
    assert row["index_surgery_date"] == (day(index[0]) if index else None)


def test_each_tumour_has_its_own_index_surgery_and_events():
    got = units(
        tumor=[tumor(), tumor(tumor_seq=2, dx_date=day(100))],
        surgery=[surgery(30), surgery(130, surg_tumor_ref=2, surg_type="2")],
        follow_up=[follow_up(500), follow_up(400, fu_tumor_ref=2, lr_event="1", lr_date=day(390))],
    )
    first, second = got["case"]
    assert (first["index_surg_type"], second["index_surg_type"]) == ("1", "2")
    assert (first["lr_status"], second["lr_status"]) == ("censored", "recurrence")
    assert second["lr_days"] == 260
    assert first["last_contact"] == second["last_contact"] == day(500)


@pytest.mark.parametrize(
    ("specimens", "margin"),
    [
        ([], None),
        ([(30, "4", "0", None)], "0"),
        ([(29, "4", "1", None)], "1"),  # one day before
        ([(28, "4", "1", None)], None),  # two days before
        ([(60, "4", "1", None)], "1"),  # thirty days after
        ([(61, "4", "1", None)], None),
        ([(30, "1", "2", None), (33, "4", "0", None)], "0"),  # a biopsy is no resection
        ([(30, "3", "2", None)], None),
        ([(40, "5", "1", None), (31, "4", "0", None)], "0"),  # the nearest
        ([(31, "4", "0", 5.0), (29, "6", "1", 0.5)], "1"),  # a tie: the closest margin
        ([(31, "4", "0", None), (29, "6", "1", 7.0)], "1"),  # a recorded margin before none
        ([(31, "4", "0", None), (31, "4", "1", None)], "0"),  # then the order of the record
    ],
)
def test_specimen_of_a_surgery(specimens, margin):
    rows = [pathology(d, specimen_type=k, margin_r=r, margin_mm=mm) for d, k, r, mm in specimens]
    assert case(surgery=surgery(30), pathology=rows)["index_margin_r"] == margin


def test_specimen_of_another_tumour_does_not_count():
    row = units(
        tumor=[tumor(), tumor(tumor_seq=2, dx_date=day(5))],
        surgery=surgery(30),
        pathology=pathology(30, path_tumor_ref=2, margin_r="0"),
    )["case"][0]
    assert row["index_margin_r"] is None
    assert row["index_has_pathology"] is False


DEAD = {"vital_status": "2"}


@pytest.mark.parametrize(
    ("contacts", "days", "died"),
    [
        ([], None, False),
        ([(100, {}), (400, {})], 400, False),
        ([(100, {}), (400, DEAD | {"death_date": day(390)})], 390, True),
        ([(500, {}), (400, DEAD | {"death_date": day(390)})], 390, True),  # contact after death
        ([(100, {}), (400, DEAD)], 400, True),  # no date: the day it was reported
        ([(100, {"disease_status": "4"})], 100, True),
        ([(100, {"death_date": day(90)})], 90, True),
        ([(-10, {})], None, False),  # before the diagnosis: no time at risk
    ],
)
def test_overall_survival_ends_with_death_or_last_contact(contacts, days, died):
    row = case(follow_up=[follow_up(d, **given) for d, given in contacts])
    assert (row["os_days"], row["os_event"]) == (days, died)


def test_death_reported_with_one_tumour_ends_the_other():
    got = units(
        tumor=[tumor(), tumor(tumor_seq=2, dx_date=day(50))],
        follow_up=[follow_up(80), follow_up(200, fu_tumor_ref=2, **DEAD, death_date=day(190))],
    )
    assert [(r["os_days"], r["os_event"]) for r in got["case"]] == [(190, True), (140, True)]


@pytest.mark.parametrize(
    ("born", "age", "band"),
    [
        (date(2003, 1, 1), 16, "0-17"),  # 17 years are 6,209 days, a quarter day short
        (date(2002, 12, 30), 17, "0-17"),
        (date(1980, 1, 1), 40, "40-59"),
        (date(1929, 12, 31), 90, "80+"),
        (date(1925, 6, 1), 90, "80+"),  # 94 reads 90
        (date(1910, 6, 1), 90, "80+"),
        (date(2021, 1, 1), None, None),  # born after the diagnosis
        (None, None, None),
    ],
)
def test_age_is_in_completed_years_and_capped(born, age, band):
    row = case(patient={"record_id": "p", "dob": born})
    assert (row["age_at_dx"], row["age_band"]) == (age, band)


@pytest.mark.parametrize(
    ("events", "last", "infected"),
    [
        ([], 120, False),
        ([], 119, None),  # 89 days after surgery: not known yet
        ([(120, "2")], 125, True),
        ([(121, "2")], 125, False),
        ([(29, "2")], 125, False),  # before the surgery
        ([(50, "1")], 125, False),  # superficial
        ([(35, "2")], 40, True),  # an event is known before the window ends
    ],
)
def test_infection_within_90_days_of_the_index_surgery(events, last, infected):
    rows = [complication(d, comp_type=kind) for d, kind in events]
    row = case(surgery=surgery(30), complication=rows, follow_up=follow_up(last))
    assert row["index_ssi_90d"] is infected


def test_death_within_the_window_leaves_infection_known():
    row = case(surgery=surgery(30), follow_up=follow_up(70, **DEAD, death_date=day(60)))
    assert row["index_ssi_90d"] is False
    assert row["index_death_30d"] is True


@pytest.mark.parametrize(
    ("reoperated", "known"), [("1", True), ("0", False), ("9", None), (None, None)]
)
def test_unanswered_reoperation_is_unknown(reoperated, known):
    row = case(
        surgery=surgery(0),
        complication=complication(20, comp_type="3", comp_reop=reoperated),
        follow_up=follow_up(200),
    )
    assert row["index_reoperation_90d"] is known


@pytest.mark.parametrize(
    ("contact", "within_30", "within_90"),
    [
        ({"offset": 60}, False, None),  # seen on day 30
        ({"offset": 59}, None, None),
        ({"offset": 120}, False, False),
        ({"offset": 130, **DEAD, "death_date": day(60)}, True, True),
        ({"offset": 130, **DEAD, "death_date": day(61)}, False, True),
        ({"offset": 130, **DEAD, "death_date": day(121)}, False, False),
        ({"offset": 130, **DEAD}, None, None),  # dead by day 100, on no known day
        ({"offset": 50, **DEAD}, True, True),
    ],
)
def test_early_death(contact, within_30, within_90):
    row = case(surgery=surgery(30), follow_up=follow_up(**contact))
    assert (row["index_death_30d"], row["index_death_90d"]) == (within_30, within_90)


@pytest.mark.parametrize(
    ("contacts", "days", "status"),
    [
        ([(400, {})], 370, "censored"),
        ([(400, {"lr_event": "1", "lr_date": day(330)})], 300, "recurrence"),
        ([(400, {"lr_event": "1"})], 370, "recurrence"),  # no date: the day it was reported
        ([(400, {"lr_event": "1", "lr_date": day(30)})], 370, "censored"),  # the day of surgery
        ([(400, DEAD | {"death_date": day(380)})], 350, "death"),
        (
            [(300, {"lr_event": "1", "lr_date": day(290)}), (400, DEAD | {"death_date": day(380)})],
            260,
            "recurrence",
        ),
    ],
)
def test_local_recurrence_is_counted_from_the_index_surgery(contacts, days, status):
    rows = [follow_up(d, **given) for d, given in contacts]
    row = case(surgery=surgery(30), follow_up=rows)
    assert (row["lr_days"], row["lr_status"]) == (days, status)


def test_without_surgery_there_is_no_recurrence_time():
    row = case(follow_up=follow_up(400, lr_event="1", lr_date=day(330)))
    assert (row["lr_days"], row["lr_status"]) == (None, None)


@pytest.mark.parametrize(
    ("site", "kind", "salvage"),
    [
        ("3", "1", "yes"),
        ("3", "3", "yes"),
        ("21", "7", "yes"),
        ("3", "2", "no"),
        ("3", "4", "na"),
        ("16", "6", "na"),
        ("3", None, None),
    ],
)
def test_limb_salvage(site, kind, salvage):
    row = case(tumor=tumor(anat_site=site), surgery=surgery(30, surg_type=kind))
    assert row["limb_salvage"] == salvage


@pytest.mark.parametrize(
    ("operated", "drugs", "rays", "days"),
    [
        (30, None, None, 30),
        (30, 20, None, 20),
        (30, 20, 10, 10),
        (None, 20, 25, 20),
        (None, None, 10, 10),
        (10, 20, 30, 10),
        (None, None, None, None),
    ],
)
def test_first_treatment_is_the_earliest_of_three(operated, drugs, rays, days):
    row = case(
        surgery=[surgery(operated)] if operated is not None else [],
        systemic_therapy=[{"sys_tumor_ref": 1, "sys_start": day(drugs)}] if drugs else [],
        radiation=[{"rt_tumor_ref": 1, "rt_start": day(rays)}] if rays else [],
    )
    assert row["days_to_treatment"] == days


@pytest.mark.parametrize(
    ("necrosis", "started", "good"),
    [(95, 10, True), (90, 10, True), (89, 10, False), (95, None, None), (None, 10, None)],
)
def test_response_needs_chemotherapy_before(necrosis, started, good):
    therapy = {"sys_tumor_ref": 1, "sys_setting": "1", "sys_start": day(started or 0)}
    row = case(
        surgery=surgery(90),
        pathology=pathology(91, necrosis_pct=necrosis),
        systemic_therapy=[therapy] if started else [],
    )
    assert row["good_response"] is good


def test_a_row_without_its_tumour_belongs_to_no_case():
    row = case(surgery=surgery(30, surg_tumor_ref=None))
    assert row["has_index_surgery"] is False
