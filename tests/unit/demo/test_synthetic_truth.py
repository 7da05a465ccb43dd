"""The truth is reproducible, agrees with the files and looks like the field."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from gateway.demo.synthetic import EXTRACT_DATE, generate
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.sites import Habit, volumes
from gateway.demo.synthetic.staging import stage_group, t_soft_tissue


def _share(values):
    values = list(values)
    return sum(values) / len(values)


def test_same_seed_same_bytes(clean, tmp_path):
    again = generate(tmp_path, seed=5, defects=False)
    assert again == clean.truth
    for site in clean.files:
        one = (tmp_path / site / "redcap.csv").read_bytes()
        assert one == (clean.folder / site / "redcap.csv").read_bytes()


def test_another_seed_gives_other_patients(clean, tmp_path):
    assert generate(tmp_path, seed=6, defects=False).patients != clean.truth.patients


def test_nine_sites_and_exactly_the_operations_asked_for(clean):
    assert len(clean.truth.sites) == 9
    assert len(clean.truth.patients) == 1200
    assert len(clean.truth.notes) == 300
    index = [row for _, row in clean.rows("surgery") if row["surg_index"] == "1"]
    new = next(s for s in clean.truth.sites if s.habit == Habit.NEW_SITE.value)
    known = [p for p in clean.truth.patients if p["site"] != new.site]
    assert len(known) <= len(index) < 1200


@pytest.mark.parametrize(("sites", "operations"), [(1, 1), (2, 30), (12, 60)])
def test_small_networks(tmp_path, sites, operations):
    truth = generate(tmp_path, seed=1, sites=sites, operations=operations, notes=5)
    assert len(truth.sites) == sites
    assert len(truth.patients) == operations
    assert len(truth.notes) == 5


@pytest.mark.parametrize("wrong", [{"sites": 0}, {"operations": 8}, {"years": 0}, {"notes": -1}])
def test_impossible_networks_are_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="at least one"):
        generate(tmp_path, seed=1, **wrong)


def test_volumes_sum_and_leave_no_site_empty():
    for seed in range(20):
        shares = volumes(Draw(seed), 9, 60, 10)
        assert sum(shares) == 60
        assert min(shares) >= 1


def test_no_date_is_after_extract_or_death_and_treatment_is_in_order(clean):
    for site, rows in clean.files.items():
        death, born, events = {}, {}, defaultdict(list)
        for row in rows:
            if row["dob"]:
                born[row["record_id"]] = row["dob"]
            if row["death_date"]:
                death[row["record_id"]] = row["death_date"]
            for name, text in row.items():
                dated = name.endswith(("_date", "_start", "_end"))
                if text and dated:
                    events[row["record_id"]].append(text)
        for record, days in events.items():
            assert min(days) >= born[record], (site, record)
            assert max(days) <= EXTRACT_DATE.isoformat(), (site, record)
            assert max(days) <= death.get(record, "9999"), (site, record)
        operated = {}
        for row in rows:
            if row["redcap_repeat_instrument"] == "surgery":
                key = row["record_id"], row["surg_tumor_ref"]
                operated[key] = min(row["surgery_date"], operated.get(key, "9999"))
        for row in rows:
            if row["dx_date"]:
                assert row["dx_date"] <= operated[row["record_id"], row["tumor_seq"]]
                assert row["symptom_date"] <= row["dx_date"]
            if row["lr_date"]:
                assert row["lr_date"] > operated[row["record_id"], row["fu_tumor_ref"]]
            if row["rt_timing"] == "1":
                assert row["rt_end"] < operated[row["record_id"], row["rt_tumor_ref"]]
            if row["rt_timing"] == "3":
                assert row["rt_start"] > operated[row["record_id"], row["rt_tumor_ref"]]
            if row["admit_date"] and row["discharge_date"]:
                assert row["admit_date"] <= row["surgery_date"] <= row["discharge_date"]


def test_survival_in_the_files_is_the_truth(clean):
    last, dead, diagnosed = {}, set(), {}
    for site, row in clean.rows("tumor"):
        diagnosed[site, row["record_id"], int(row["tumor_seq"])] = date.fromisoformat(
            row["dx_date"]
        )
    for site, row in clean.rows("follow_up"):
        key = site, row["record_id"], int(row["fu_tumor_ref"])
        last[key] = max(last.get(key, date.min), date.fromisoformat(row["fu_date"]))
        if row["vital_status"] == "2":
            dead.add(key)
    for case in clean.truth.patients:
        key = case["site"], case["record_id"], case["tumor_seq"]
        assert case["os_days"] == (last[key] - diagnosed[key]).days
        assert case["os_event"] == (key in dead)


def test_recorded_stage_follows_from_its_parts(clean):
    grades = {
        (p["site"], p["record_id"], str(p["tumor_seq"])): p["grade"] for p in clean.truth.patients
    }
    staged = 0
    for site, row in clean.rows("tumor"):
        if not row["ajcc_t"] or not row["ajcc_stage"]:
            continue
        schema, grade = int(row["ajcc_schema"]), grades[site, row["record_id"], row["tumor_seq"]]
        expected = stage_group(schema, row["ajcc_t"], row["ajcc_n"], row["ajcc_m"], grade)
        assert row["ajcc_stage"] == expected
        if schema == 4 and row["size_max_cm"]:
            assert row["ajcc_t"] == t_soft_tissue(float(row["size_max_cm"]))
        staged += 1
    assert staged > 500


@pytest.mark.parametrize(
    ("schema", "t", "n", "m", "grade", "stage"),
    [
        # AJCC 8 chapter 41, trunk and extremities
        (4, "t1", "n0", "m0", 1, "ia"),
        (4, "t4", "n0", "m0", 1, "ib"),
        (4, "t1", "n0", "m0", 3, "ii"),
        (4, "t2", "n0", "m0", 2, "iiia"),
        (4, "t3", "n0", "m0", 3, "iiib"),
        (4, "t4", "n0", "m0", 2, "iiib"),
        (4, "t1", "n1", "m0", 1, "iv"),
        (4, "t1", "n0", "m1", 1, "iv"),
        # AJCC 8 chapter 38, appendicular skeleton
        (1, "t1", "n0", "m0", 1, "ia"),
        (1, "t3", "n0", "m0", 1, "ib"),
        (1, "t1", "n0", "m0", 2, "iia"),
        (1, "t2", "n0", "m0", 3, "iib"),
        (1, "t3", "n0", "m0", 3, "iii"),
        (1, "t2", "n0", "m1a", 3, "iva"),
        (1, "t2", "n1", "m1a", 3, "ivb"),
        (1, "t2", "n0", "m1b", 3, "ivb"),
        # pelvis and spine have no groups
        (2, "t2b", "n0", "m0", 3, "na"),
        (3, "t4a", "n0", "m1a", 3, "na"),
    ],
)
def test_stage_groups(schema, t, n, m, grade, stage):
    assert stage_group(schema, t, n, m, grade) == stage


def test_case_mix_and_outcomes_are_in_the_range_of_the_field(clean):
    cases = clean.truth.patients
    mix = Counter(case["tumor_category"] for case in cases)
    assert 0.35 < mix[2] / len(cases) < 0.50
    assert 0.14 < mix[1] / len(cases) < 0.27
    assert 0.18 < mix[3] / len(cases) < 0.32
    sarcoma = [case for case in cases if case["tumor_category"] in (1, 2)]
    curative = [c for c in sarcoma if c["surg_intent"] == 1 and c["margin_r"] in (0, 1, 2)]
    assert 0.75 < _share(c["margin_r"] == 0 for c in curative) < 0.92
    assert 0.86 < _share(c["limb_salvage"] for c in sarcoma if c["extremity"]) < 0.97
    assert 0.02 < _share(c["ssi_90"] for c in sarcoma) < 0.12
    assert 0.35 < _share(c["sex"] == 2 for c in cases) < 0.60
    soft = [c for c in sarcoma if c["tumor_category"] == 2]
    assert 0.12 < _share(c["presentation"] == 2 for c in soft) < 0.33
    assert 0.42 < _share(c["grade"] == 3 for c in soft) < 0.65
    assert sum(c["age_years"] > 89 for c in cases) >= 1
    assert sum(c["tumor_seq"] == 2 for c in cases) >= 2
    high = [c for c in soft if c["ajcc_stage"] in ("iiib", "iv")]
    low = [c for c in soft if c["ajcc_stage"] in ("ia", "ib")]
    assert _share(c["os_event"] for c in high) > 2 * _share(c["os_event"] for c in low)
    assert sum(c["lr_event"] == 1 for c in sarcoma) > 15
    assert sum(c["dm_event"] == 1 for c in sarcoma) > 60


def _site(registry, habit):
    return next(s.site for s in registry.truth.sites if s.habit == habit.value)


def test_site_habits_show_in_the_files(clean):
    specimens = defaultdict(list)
    for site, row in clean.rows("pathology"):
        specimens[site].append(row)
    mute, textual = _site(clean, Habit.NO_MARGIN_MM), _site(clean, Habit.NECROSIS_AS_TEXT)
    for site, rows in specimens.items():
        assert any(row["margin_mm"] for row in rows) == (site != mute)
        answers = [row["necrosis_pct"] for row in rows if row["necrosis_pct"]]
        assert answers
        assert all(a.isdecimal() for a in answers) == (site != textual)
    fnclcc = _site(clean, Habit.FNCLCC_ONLY)
    assert not any(row["enneking_stage"] for s, row in clean.rows("tumor") if s == fnclcc)
    gaps = _site(clean, Habit.PRO_GAPS)
    scores = defaultdict(list)
    for site, row in clean.rows("pro"):
        scores[site == gaps].append(row["promis_pf_t"] == "")
    assert _share(scores[True]) > 0.2
    assert _share(scores[False]) < 0.06
    coded = _site(clean, Habit.MISSING_CODES)
    for site, rows in clean.files.items():
        assert any("-999" in row.values() for row in rows) == (site == coded)
    new = _site(clean, Habit.NEW_SITE)
    blank = [row["tumor_category"] == "" for s, row in clean.rows("tumor") if s == new]
    assert 0.4 < _share(blank) < 0.85
    assert min(row["dx_date"] for s, row in clean.rows("tumor") if s == new) > "2022-06-01"
