"""What the report and the terminal say beside every answer: rows, conditions, parts and bounds."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
from rich.console import Console

from federated.combine import Result, combine
from federated.combine.result import Asked
from federated.report import print_result, render_report
from federated.report.words import condition
from federated.report.words import question as in_words
from federated.study.plan import Block, Plan
from policies.expression import parse
from tests.unit.combine.layouts import answer, count, plan, proportion, quantiles, ratio, survival
from tests.unit.report.pages import read


def html_of(layout: Plan, values: int = 1) -> str:
    return render_report(combine(layout, [answer(layout, "a", [9] * values)]))


def test_how_many_rows_of_a_patient_count_is_said_with_every_answer() -> None:
    indexed = plan(count())
    assert "a patient counts once, with the index row" in html_of(indexed)
    bounded = plan(dataclasses.replace(count(), rows_max=3, by_order=True))
    assert "of a patient with more than 3 rows only the first by a secret order" in html_of(bounded)
    out = io.StringIO()
    print_result(combine(bounded, [answer(bounded, "a", [9])]), Console(file=out, width=400))
    assert "of a patient with more than 3 rows only the first by a secret order" in " ".join(
        out.getvalue().split()
    )


def test_which_rows_were_counted_is_said_once_for_all_that_count_them() -> None:
    two = (count(), dataclasses.replace(count(start=1), name="second"))
    text = " ".join(read(html_of(plan(*two), values=2)).text)
    assert text.count("a patient counts once") == 1
    assert text.count("Of all rows") == 1
    apart = dataclasses.replace(two[1], rows_max=3, by_order=True)
    text = " ".join(read(html_of(plan(two[0], apart), values=2)).text)
    assert text.count("Of all rows") == 2
    assert text.count("a patient counts once") == text.count("a patient with more than 3 rows") == 1


@pytest.mark.parametrize(
    ("cohort", "shown"),
    [
        ("true", ""),
        ("index_case", "index_case"),
        ("(a and b)", "a and b"),
        ("(a or b) and (c or d)", "(a or b) and (c or d)"),
        ("((a or b) and (c or d))", "(a or b) and (c or d)"),
        ("(a = ')' and b)", "a = ')' and b"),
        ("(a = '(') and (b = '\\')')", "(a = '(') and (b = '\\')')"),
    ],
)
def test_a_condition_is_shown_without_the_brackets_around_all_of_it(
    cohort: str, shown: str
) -> None:
    asked = Asked(statistic="s", title="s", kind="count", unit="visit", cohort=cohort)
    assert condition(asked) == shown


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (proportion(), {"answer": "numerator"}),
        (survival(competing=True), {"event": "event", "competing event": "competing"}),
        (ratio(), {"event": "event", "time": "value"}),
        (ratio("observed_expected"), {"event": "event", "expected": "value"}),
        (quantiles(), {"value": "value"}),
    ],
    ids=lambda given: given.kind if isinstance(given, Block) else "",
)
def test_what_is_told_of_a_row_is_said_with_every_answer(
    block: Block, told: dict[str, str]
) -> None:
    """A title is whatever the study calls it."""
    parts = {part: parse(f"{part} = 1") for part in told.values()}
    layout = plan(dataclasses.replace(block, **parts))  # type: ignore[arg-type]
    found = Result.from_json(combine(layout, [answer(layout, "a", [9] * layout.length)]).to_json())
    out = io.StringIO()
    print_result(found, Console(file=out, width=400))
    page, terminal = render_report(found), " ".join(out.getvalue().split())
    for role, part in told.items():
        assert f"; {role} <code>{part} = 1</code>" in page
        assert f"; {role}: {part} = 1;" in terminal
    assert ("; time <code>os_days</code>" in page) == (block.kind == "survival")


@pytest.mark.parametrize(
    ("block", "beside"),
    [(proportion(), True), (survival(), True), (count(), False), (ratio(), False)],
    ids=lambda given: given.kind if isinstance(given, Block) else "",
)
def test_a_number_of_rows_stands_beside_what_is_another_number(block: Block, beside: bool) -> None:
    """A count is its own number of rows, and a rate has none."""
    layout = plan(block)
    found = combine(layout, [answer(layout, "a", [9] * layout.length)])
    for by_site in (False, True):
        out = io.StringIO()
        print_result(found, Console(file=out, width=200), by_site=by_site)
        assert ("rows (noisy)" in out.getvalue()) is beside
    page = render_report(found)
    assert ("Rows (noisy)</th>" in page) is beside
    for table in re.findall("(?s)<table>.*?</table>", page):
        rows = re.findall("(?s)<tr.*?</tr>", table)
        assert len({len(re.findall("<t[hd][ >]", row)) for row in rows}) == 1
    # Programs have it whatever the statistic.
    assert found.to_pandas()["n"].notna().all()


def test_what_a_value_is_held_to_is_said_with_every_answer() -> None:
    asked = Asked(
        statistic="s", title="s", kind="mean", unit="visit", cohort="true", bounds=(0, 10.5)
    )
    assert "values held to 0–10.5" in in_words(asked)
