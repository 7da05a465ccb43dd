"""What a spreadsheet would run, in Python and on the bench alike."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.formulas import (
    bare,
    bare_sql,
    guarded,
    guarded_sql,
    harmless,
    is_formula,
    is_formula_sql,
)

RUN = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "\x01=1", "-", "＝1"]
QUIET = ["", "A-1", "-5", "-5.25", "-0,5", "'=1", "1=1", "x\n=1"]


@pytest.mark.parametrize("text", RUN)
def test_a_text_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert is_formula(text)
    assert harmless(text).startswith("'")
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", QUIET)
def test_other_texts_and_negative_numbers_stay(text: str) -> None:
    assert not is_formula(text)
    assert harmless(text) == text


@given(st.text(st.sampled_from("=+-@'＝ \t\r\n\u00a0\ufeff\x01a5.,"), max_size=6) | st.text())
def test_guarding_is_undone_and_the_engine_says_the_same(text: str) -> None:
    assert bare(guarded(text)) == text
    assert not is_formula(guarded(text))
    if "\0" in text:
        return  # no reader lets a zero byte through
    sql = f"SELECT {guarded_sql('t')}, {bare_sql(guarded_sql('t'))}, {is_formula_sql('t')}"
    with duckdb.connect(":memory:") as connection:
        row = connection.execute(f"{sql} FROM (SELECT ? AS t)", [text]).fetchone()
    assert row == (guarded(text), text, is_formula(text))
