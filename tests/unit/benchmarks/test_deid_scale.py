"""The scale benchmark measures what it says: slopes, and notes that differ."""

import json
import math

import pytest

from deid.runs.intake import check_notes, read_patients
from tests.benchmarks.deid_scale import IN_A_ROW, Measured, page, write_inputs


def run(slope_kb, *, warm_kb=0):
    samples = [
        (n * 100, {"command": 50_000 + (warm_kb if n > 1 else 0) + round(slope_kb * n / 10)})
        for n in range(1, 101)
    ]
    return Measured("short", 1, 10_000, samples, done=10_000, cpu_s=5.0, ended="whole")


@pytest.mark.parametrize("slope", [-3.0, 0.0, 250.0])
def test_the_slope_is_that_of_the_samples(slope):
    assert run(slope).slope("command") == pytest.approx(slope, abs=0.5)


def test_warming_up_is_no_slope():
    assert run(0.0, warm_kb=90_000).slope("command") == pytest.approx(0.0, abs=1e-6)


def test_too_few_samples_give_no_slope():
    few = Measured("short", 1, 10, [(n, {"command": n}) for n in range(4)], done=4)
    assert math.isnan(few.slope("command"))


def test_the_page_says_where_a_run_was_stopped():
    stopped = run(250.0)
    stopped.ended, stopped.asked = "stopped after 3 minutes", 1_000_000
    said = page([stopped])
    assert "10,000 short notes, 1 worker (stopped after 3 minutes, of 1,000,000)" in said
    assert "| **slope**, kB per 1,000 notes | +250" in said


def test_no_two_notes_are_alike_and_the_command_reads_them(tmp_path):
    notes, patients, characters = write_inputs("short", 2 * IN_A_ROW["short"], tmp_path)
    found = check_notes(notes, read_patients(patients))
    assert (found.notes, found.characters) == (2 * IN_A_ROW["short"], characters)
    lines = [json.loads(line) for line in notes.read_text().splitlines()]
    assert len({line["text"] for line in lines}) == len(lines)
    assert len({line["patient_id"] for line in lines}) == 2
