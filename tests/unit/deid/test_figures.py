"""Which of the model's days and numbers are believed."""

from __future__ import annotations

import pytest

from deid.figures import Figures
from deid.span import Span


def _judged(text: str) -> tuple[Figures, Span]:
    """``text`` without its brackets, and the stretch that they marked."""
    start, end = text.index("["), text.index("]") - 1
    plain = text.replace("[", "").replace("]", "")
    return Figures(plain, []), Span(start, end, "OTHER", "model")


def _is_day(text: str) -> bool:
    figures, span = _judged(text)
    return figures.has_day(span)


def _is_number(text: str) -> bool:
    figures, span = _judged(text)
    return figures.has_number(span)


@pytest.mark.parametrize(
    "text",
    [
        "mw [6/10]",
        "Back [8/16] to Skinner.",
        "photographer, took pics [3-1].",
        "Review [17 Novemba], with Were",
        "tomorrow [the sixth]",
        "[Hulyo 6, 2018] Tumawag si Aling Nena",
        "neg. [l1-62] lung films",
        "Op [29.1O.] Dr. Tunn",
        "on the [thirteenth] and he has not gone",
        "went home [1.11]\n",
    ],
)
def test_days_that_stand_bare_are_believed(text):
    assert _is_day(text)


@pytest.mark.parametrize(
    "text",
    [
        "recurrence [2021]; Ms. Tally to send",
        "served [1968-70], has beds",
        "strength [4/5] in the deltoid",
        "pain [7/10] at night",
        "for [3-5] days",
        "good til [noon]",
        "nodule ([3/88]), unchanged",
        "for [6/52]",
        "planned [week 11] with",
        "Mood low, [GAD-7 14].",
        "a [19-year-old] woman",
        "at [10:14]",
        "Tm [2300]",
        "VISIT [6 OF 12]",
        "G8 = [11/17].",
        "bed [14-2]",
        "oxycodone [5-10] q4 prn",
        "Smokes [1/2] ppd",
        "ulnar [2/5], median 4/5",
        "Mitoses [7/10] HPF",
        "and [with] it",
    ],
)
def test_years_scores_and_amounts_are_no_days(text):
    assert not _is_day(text)


@pytest.mark.parametrize(
    "text",
    [
        "chart [77-301]\n",
        "record [5 5 1 0 9 2] period",
        "MCP [415 520 881].",
        "number [j five five two one]",
        "nr [A 447 820 115]",
        "boardrunner [3-1180]",
    ],
)
def test_numbers_without_a_label_are_believed(text):
    assert _is_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "disc at [L4-5] bulges",
        "[T2N0M0] disease",
        "trial [NCT03618381]",
        "model [4417-22] stem",
        "gave [1500] mL",
        "since [2019] in Ohio",
        "CD[99] positive",
        "Codman triangle [A]",
        "FSBG [132-188], SSI",
        "CPT: [27365]",
        "QTcF [441 / 438 / 444].",
        "nocs [1900-0730]",
        "room [118-B]",
        "lungs [780 / 610 g]",
    ],
)
def test_what_medicine_writes_so_is_no_number(text):
    assert not _is_number(text)
