"""AJCC 8 stage groups (chapters 38, 41 and 44), FNCLCC, Huvos, Mirels and MSTS as tables."""

from __future__ import annotations

import itertools

import pytest

from tests.spec.records import case, follow_up, pathology, tumor, units

BONE = {  # T, grade → group at N0 M0
    "t1": {"1": "ia", "8": "ia", "9": "ia", "2": "iia", "3": "iia"},
    "t2": {"1": "ib", "8": "ib", "9": "ib", "2": "iib", "3": "iib"},
    "t3": {"1": "ib", "8": "ib", "9": "ib", "2": "iii", "3": "iii"},
}
SOFT = {
    "t1": {"1": "ia", "8": "ia", "9": "ia", "2": "ii", "3": "ii"},
    "t2": {"1": "ib", "8": "ib", "9": "ib", "2": "iiia", "3": "iiia"},
    "t3": {"1": "ib", "8": "ib", "9": "ib", "2": "iiib", "3": "iiib"},
    "t4": {"1": "ib", "8": "ib", "9": "ib", "2": "iiib", "3": "iiib"},
}
GROUPS = {"1": BONE, "4": SOFT, "5": SOFT}


def stage(schema: str, t: str | None, n: str | None, m: str | None, grade: str | None) -> object:
    biopsy = pathology(0, specimen_type="1", grade=grade)
    staged = tumor(ajcc_schema=schema, ajcc_t=t, ajcc_n=n, ajcc_m=m)
    return case(tumor=staged, pathology=[biopsy] if grade else [])["ajcc_stage_derived"]


@pytest.mark.parametrize(
    ("schema", "t", "grade", "group"),
    [
        (schema, t, grade, group)
        for schema, table in GROUPS.items()
        for t, row in table.items()
        for grade, group in row.items()
    ],
)
@pytest.mark.parametrize("n", ["n0", "nx"])
def test_localized_disease_is_grouped_by_t_and_grade(schema, t, grade, group, n):
    assert stage(schema, t, n, "m0", grade) == group


@pytest.mark.parametrize(
    ("schema", "n", "m", "group"),
    [
        ("1", "n1", "m0", "ivb"),
        ("1", "n1", "m1a", "ivb"),
        ("1", "n0", "m1a", "iva"),
        ("1", "nx", "m1a", "iva"),
        ("1", "n0", "m1b", "ivb"),
        ("1", None, "m1b", "ivb"),
        ("4", "n1", "m0", "iv"),
        ("4", "n0", "m1", "iv"),
        ("4", None, "m1", "iv"),
        ("5", "n1", "m0", "iiib"),
        ("5", "n1", "m1", "iv"),
        ("5", "n0", "m1", "iv"),
    ],
)
@pytest.mark.parametrize(("t", "grade"), [("t1", "1"), ("t3", "3"), ("tx", "9"), (None, None)])
def test_spread_decides_whatever_t_and_grade(schema, n, m, group, t, grade):
    assert stage(schema, t, n, m, grade) == group


@pytest.mark.parametrize("schema", ["2", "3", "6"])
def test_pelvis_spine_and_head_have_no_groups(schema):
    assert stage(schema, "t1", "n0", "m0", "1") == "na"


@pytest.mark.parametrize(
    ("schema", "t", "n", "m", "grade"),
    [
        ("1", "t4", "n0", "m0", "1"),  # chapter 38 has no T4
        ("1", "t1", "n0", "m1", "1"),  # plain M1 tells nothing apart in bone
        ("1", "t1", None, "m1a", "1"),  # N1 would be IVB
        ("4", "tx", "n0", "m0", "1"),
        ("4", "t0", "n0", "m0", "1"),
        ("4", "t1", "n0", None, "1"),
        ("4", "t1", None, "m0", "1"),
        ("4", "t1", "n0", "m0", None),  # no pathology is not GX
        ("9", "t1", "n0", "m0", "1"),
    ],
)
def test_what_the_tables_do_not_hold_is_missing(schema, t, n, m, grade):
    assert stage(schema, t, n, m, grade) is None


@pytest.mark.parametrize(
    ("derived_from", "entered", "group"),
    [
        (("4", "t1", "n0", "m0"), "iv", "I"),  # derived wins over entered
        (("4", "t2", "n0", "m1"), None, "IV"),
        (("9", None, None, None), "iiib", "III"),
        (("9", None, None, None), "unk", None),
        (("2", "t1", "n0", "m0"), "iia", None),  # no groups in the pelvis
    ],
)
def test_stage_group_is_derived_or_else_entered(derived_from, entered, group):
    schema, t, n, m = derived_from
    staged = tumor(ajcc_schema=schema, ajcc_t=t, ajcc_n=n, ajcc_m=m, ajcc_stage=entered)
    row = case(tumor=staged, pathology=pathology(0, specimen_type="1", grade="1"))
    assert row["stage_group"] == group


@pytest.mark.parametrize(
    ("specimens", "grade"),
    [
        ([], None),
        ([("1", "3")], "3"),
        ([("1", "9"), ("4", "2")], "2"),  # an ungraded biopsy gives way to the resection
        ([("4", "3"), ("1", "1")], "1"),  # treatment changes grade: the biopsy decides
        ([("1", "2"), ("2", "3")], "2"),  # the first of two biopsies
        ([("1", "8")], "9"),
        ([("7", "3")], None),  # a metastasis does not grade the tumour
    ],
)
def test_grade_of_the_tumour(specimens, grade):
    rows = [pathology(i, specimen_type=kind, grade=g) for i, (kind, g) in enumerate(specimens)]
    assert case(pathology=rows)["tumor_grade"] == grade


@pytest.mark.parametrize("parts", list(itertools.product((1, 2, 3), (1, 2, 3), (0, 1, 2))), ids=str)
def test_fnclcc_grade_is_the_sum_of_its_parts(parts):
    wanted = "1" if sum(parts) <= 3 else "2" if sum(parts) <= 5 else "3"
    names = ("fnclcc_diff", "fnclcc_mitoses", "fnclcc_necrosis")
    scores = dict(zip(names, map(str, parts), strict=True))
    [row] = units(pathology=pathology(0, grade="9", **scores))["pathology"]
    assert row["fnclcc_derived"] == wanted
    assert row["specimen_grade"] == wanted
    [bone] = units(tumor=tumor(tumor_category="1"), pathology=pathology(0, grade="2", **scores))[
        "pathology"
    ]
    assert bone["fnclcc_derived"] is None
    assert bone["specimen_grade"] == "2"


def test_fnclcc_needs_all_three_parts():
    [row] = units(pathology=pathology(0, fnclcc_diff="1", fnclcc_mitoses="1"))["pathology"]
    assert row["fnclcc_derived"] is None


@pytest.mark.parametrize(
    ("necrosis", "grade"),
    [(None, None), (0, 1), (49.9, 1), (50, 2), (89.9, 2), (90, 3), (99.9, 3), (100, 4)],
)
def test_huvos(necrosis, grade):
    [row] = units(pathology=pathology(0, necrosis_pct=necrosis))["pathology"]
    assert row["huvos_derived"] == grade


@pytest.mark.parametrize(
    ("parts", "total", "risk"),
    [
        ("1111", 4, "low"),
        ("2221", 7, "low"),
        ("2222", 8, "borderline"),
        ("3222", 9, "high"),
        ("3333", 12, "high"),
        ("333", None, None),
    ],
)
def test_mirels(parts, total, risk):
    names = ("mirels_site", "mirels_pain", "mirels_lesion", "mirels_size")
    row = case(tumor=tumor(tumor_category="3", **dict(zip(names, parts, strict=False))))
    assert (row["mirels_derived"], row["mirels_risk"]) == (total, risk)


@pytest.mark.parametrize(("items", "total"), [("000000", 0), ("555555", 30), ("54321", None)])
def test_msts_is_the_sum_of_six_items(items, total):
    names = ("pain", "function", "emotional", "item4", "item5", "item6")
    scores = {f"msts_{name}": item for name, item in zip(names, items, strict=False)}
    [row] = units(follow_up=follow_up(10, **scores))["follow_up"]
    assert row["msts_derived"] == total


@pytest.mark.parametrize(
    ("size", "band"),
    [(0.1, "le5"), (5, "le5"), (5.1, "5-10"), (10, "5-10"), (15, "10-15"), (15.1, "gt15")],
)
def test_size_bands_follow_ajcc(size, band):
    assert case(tumor=tumor(size_max_cm=size))["size_band"] == band


def test_bmi():
    row = case(patient={"record_id": "p", "height_cm": 180, "weight_kg": 81})
    assert row["bmi_derived"] == pytest.approx(25)
    assert case(patient={"record_id": "p", "height_cm": 18, "weight_kg": 81})["bmi_derived"] is None
