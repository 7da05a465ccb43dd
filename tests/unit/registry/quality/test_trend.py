"""The main figures of each load: one line each, in order, whatever was torn."""

from __future__ import annotations

import json
import stat

import pytest

from gateway.registry.quality.trend import note_load, read_trend, summary
from tests.unit.registry.quality.beat import load, make_site, row
from tests.unit.registry.quality.test_observation import patient

META = {
    "created_s": 1_700_000_000,
    "patients": 7,
    "quality": {
        "completeness": [
            {"tier": "core", "applies": 4, "answered": 3, "known": 2},
            {"tier": "core", "applies": 6, "answered": 5, "known": 5},
        ],
        "provider_block": {"label": "L", "rows": 7, "present": 2},
    },
}


def test_a_line_sums_tiers_and_does_without_what_an_old_load_did_not_tell():
    line = summary("v1", META)
    assert line["tiers"] == {"core": [10, 8, 7]}
    assert (line["cells"], line["follow_up"], line["duplicates"]) == (0, {}, 0)


def test_lines_are_appended_and_the_same_version_is_not_told_twice(tmp_path):
    path = tmp_path / "quality.jsonl"
    note_load(path, "v1", META)
    first = path.read_bytes()
    note_load(path, "v1", META)
    assert path.read_bytes() == first
    note_load(path, "v2", META)
    assert path.read_bytes().startswith(first)
    assert [line["version"] for line in read_trend(path).loads] == ["v1", "v2"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) < 1024


@pytest.mark.parametrize(
    ("torn", "skipped"),
    [
        (b'{"version": "v', 1),
        (b"\xff\xfe", 1),
        (b'["version"]\n', 1),
        (b'{"version": "v3"}\n{"version": "v4", "patients": "many"}\n', 2),
        (b"[" * 100_000, 1),
        (b"\n\n", 0),
    ],
)
def test_a_line_that_is_torn_or_no_loads_is_passed_over_and_counted(tmp_path, torn, skipped):
    path = tmp_path / "quality.jsonl"
    note_load(path, "v1", META)
    with path.open("ab") as stream:
        stream.write(torn)
    note_load(path, "v2", META)
    trend = read_trend(path)
    assert [line["version"] for line in trend.loads] == ["v1", "v2"]
    assert trend.skipped == skipped
    assert len(trend.told) == bool(skipped)
    assert all(said.startswith(f"quality.jsonl: {skipped} line") for said in trend.told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"created_s": 10**15},
        {"created_s": True},
        {"patients": "7"},
        {"tiers": {"core": [10, 8]}},
        {"tiers": None},
        {"follow_up": {"f": [1]}},
        {"moved": -1},
    ],
)
def test_a_line_of_another_shape_does_not_reach_the_pages(tmp_path, wrong):
    path = tmp_path / "quality.jsonl"
    note_load(path, "v1", META)
    with path.open("a") as stream:
        stream.write(json.dumps(summary("v2", META) | wrong) + "\n")
    assert [line["version"] for line in read_trend(path).loads] == ["v1"]
    assert read_trend(path).skipped == 1


def test_no_load_no_line(tmp_path):
    trend = read_trend(tmp_path / "quality.jsonl")
    assert (trend.loads, trend.told) == ((), ())


def test_loads_leave_a_line_each_and_compare_themselves_with_the_last(tmp_path):
    site = make_site(tmp_path)
    load(site, [row(str(i), sex="f", weight=60) for i in range(60)])
    first = read_trend(site.trend_path).loads
    load(site, [row(str(i), sex="m", weight=90) for i in range(60)])
    assert not load(site, [row(str(i), sex="m", weight=90) for i in range(60)]).changed
    lines = read_trend(site.trend_path).loads
    assert lines[:1] == first
    assert [line["moved"] for line in lines] == [0, 2]
    assert [line["patients"] for line in lines] == [60, 60]


def test_a_load_killed_before_its_line_gets_it_with_the_next(tmp_path):
    site = make_site(tmp_path)
    people = patient("1", seen="2024-12-01")
    version = load(site, people).version
    site.trend_path.unlink()
    assert not load(site, people).changed
    [line] = read_trend(site.trend_path).loads
    assert line["version"] == version
    assert json.dumps(line).count("2024") == 0, "no date of a patient"
