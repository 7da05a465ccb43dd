"""Lines that the width of a page broke are read as one; all others stay."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deid.reading.wrapped import unwrapped

PROSE = (
    "She was seen by Radosław Brzęczyszczykiewicz in the orthopaedic oncology clinic of the county "
    "hospital and the serial number of the distal femoral implant, 4446 9071 98, was read to her."
)


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_wrapped_prose_becomes_one_line(width):
    assert unwrapped(textwrap.fill(PROSE, width)) == PROSE


def test_headings_labels_lists_and_short_lines_stay():
    note = (
        "Patient: Jane Roe\nDOB: 3/4/1950\n\nASSESSMENT\n- margins negative\n- wound healing well\n"
        "1. Continue physical therapy twice a week for the next six weeks at home."
    )
    assert unwrapped(note) == note


def test_a_label_on_a_full_line_keeps_its_line():
    note = f"{'x' * 70}\nMRN: 482913\n"
    assert unwrapped(note) == note


def test_one_long_line_is_no_page():
    line = "Follow up after wide resection of the distal femur, seen with Dr. Cruz"
    assert unwrapped(f"{line}\nWound is healing.") == f"{line}\nWound is healing."
    # a name and a word that goes on may be cut on the only line that is full
    assert unwrapped(f"{line}\nLong is healing.") == f"{line} Long is healing."
    assert unwrapped(f"{line}\nand the team.") == f"{line} and the team."


def test_long_lines_are_no_page():
    note = f"{'word ' * 60}\nNext paragraph starts here.\n"
    assert unwrapped(note) == note


@given(st.text(alphabet="ab \n.:-1", max_size=400))
def test_only_line_ends_change_and_the_length_stays(text):
    read = unwrapped(text)
    assert len(read) == len(text)
    assert all(a == b or (a == "\n" and b == " ") for a, b in zip(text, read, strict=True))
