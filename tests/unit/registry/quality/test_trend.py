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
    assert [line["version"] for line in read_trend(path)] == ["v1", "v2"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) < 1024


@pytest.mark.parametrize("torn", [b'{"version": "v', b"\xff\xfe", b'["version"]\n', b"\n\n"])
def test_a_torn_line_is_passed_over(tmp_path, torn):
    path = tmp_path / "quality.jsonl"
    note_load(path, "v1", META)
    with path.open("ab") as stream:
        stream.write(torn)
    note_load(path, "v2", META)
    assert [line["version"] for line in read_trend(path)] == ["v1", "v2"]


def test_no_load_no_line(tmp_path):
    assert read_trend(tmp_path / "quality.jsonl") == []


def test_loads_leave_a_line_each_and_compare_themselves_with_the_last(tmp_path):
    site = make_site(tmp_path)
    load(site, [row(str(i), sex="f", weight=60) for i in range(60)])
    first = read_trend(site.trend_path)
    load(site, [row(str(i), sex="m", weight=90) for i in range(60)])
    assert not load(site, [row(str(i), sex="m", weight=90) for i in range(60)]).changed
    lines = read_trend(site.trend_path)
    assert lines[:1] == first
    assert [line["moved"] for line in lines] == [0, 2]
    assert [line["patients"] for line in lines] == [60, 60]


def test_a_load_killed_before_its_line_gets_it_with_the_next(tmp_path):
    site = make_site(tmp_path)
    people = patient("1", seen="2024-12-01")
    version = load(site, people).version
    site.trend_path.unlink()
    assert not load(site, people).changed
    [line] = read_trend(site.trend_path)
    assert line["version"] == version
    assert json.dumps(line).count("2024") == 0, "no date of a patient"
