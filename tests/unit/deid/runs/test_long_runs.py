"""Runs of signs without a blank: spaCy's tokeniser gets them in pieces, names keep their place."""

import time

import pytest

from deid.adapter import _Picked, _without_long_runs

LONG = "see (((" + "x-" * 120 + " Roe " + "y" * 250 + "\n"


def test_the_pieces_are_the_text_and_short():
    pieces = list(_without_long_runs(LONG, [(0, len(LONG))]))
    assert "".join(LONG[start:end] for start, end in pieces) == LONG
    assert max(len(word) for start, end in pieces for word in LONG[start:end].split()) <= 100
    assert all(LONG[end - 1] == "-" for start, end in pieces[:2])  # cut behind a sign


def test_sentences_without_a_long_run_stay_whole():
    text = "Seen by Dr. Roe. " + "x" * 100 + " is no long run."
    assert list(_without_long_runs(text, [(0, 17), (17, len(text))])) == [(0, 17), (17, len(text))]


def test_what_is_found_in_the_pieces_is_found_in_the_text():
    picked = _Picked(LONG, [(0, len(LONG))])
    at = picked.text.index("Roe")
    assert [LONG[a:b] for a, b in picked.origins(at, at + 3)] == ["Roe"]


@pytest.mark.parametrize("unit", ["(", "'", "::", ")."])
def test_a_long_run_takes_seconds_not_hours(engine, patient, unit):
    started = time.process_time()
    engine.clean("Dr. Roe, 704 555 0101 " + (unit * 40_000)[:40_000], patient)
    assert time.process_time() - started < 60  # minutes before the runs were cut
