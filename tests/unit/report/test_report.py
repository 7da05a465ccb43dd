"""The report is one file that tells everything; the charts say what the rows say."""

from __future__ import annotations

import dataclasses
import io
import re
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from rich.console import Console

from federated.combine import Result, combine
from federated.report import print_result, render_report, write_report
from federated.report.plots import all_charts, figures, to_png, to_svg
from federated.report.words import NOISY_ROWS
from federated.study.outcome import Outcome
from tests.unit.combine.layouts import (
    answer,
    binned,
    count,
    exits,
    leaning,
    plan,
    proportion,
    quantiles,
    ratio,
    risks,
    survival,
)
from tests.unit.report.pages import read


@pytest.fixture(scope="module")
def result() -> Result:
    layout = plan(
        count(strata=True), proportion(start=3, strata=True), survival(start=9, strata=True)
    )
    outcomes = [Outcome("Site 11", "refused", ("budget_year",))]
    for site in (1, 2, 10):
        rng = np.random.default_rng(site)
        values = [120, 90, 0, 70, 100, 60, 80, 1, 2]
        values += [cell for mean in (4000, 900) for cell in exits(rng, 150, mean_days=mean)]
        noisy = np.rint(np.array(values + [0] * 42) + rng.normal(0, 1, 135))
        outcomes.append(answer(layout, f"Site {site}", noisy.astype(int).tolist()))
    return combine(
        layout,
        outcomes,
        title="Margins <and> survival",
        epsilon="ε ≤ 3.0 at δ = 10⁻⁶",
        titles={"stage": "AJCC stage"},
        labels={"stage": {"1": "Stage I", "2": "Stage II"}},
    )


def test_the_file_needs_nothing_else(result: Result) -> None:
    html = render_report(result)
    reader = read(html)
    assert reader.addresses == []
    assert not re.search(r"@import|<script|<link|<iframe", html)
    assert set(re.findall(r"https?://([a-z0-9.]+)", html)) <= {"www.w3.org"}  # SVG namespace
    assert len(reader.ids) == len(set(reader.ids))
    for name in re.findall(r"url\(#([^)]+)\)", html):
        assert name in reader.ids


def test_it_names_sites_reasons_cost_and_every_pooled_row(result: Result) -> None:
    text = " ".join(read(render_report(result)).text)
    assert "3 of 4" in text
    assert "refused: it does not fit the site's budget of this year" in text
    assert "ε ≤ 3.0" in text
    assert "Margins <and> survival" in text  # escaped in the source, plain when read
    assert "AJCC stage" in text
    assert "too noisy to tell" in text
    for label in ("Stage I", "Stage II", "(missing)", "(all)"):
        assert label in text
    assert "<and>" not in render_report(result)


def test_the_test_of_difference_stands_under_its_table_and_is_explained(result: Result) -> None:
    text = " ".join(read(render_report(result)).text)
    assert "Difference between strata: p ≤ .001 (log-rank, noise included): Stage I, " in text
    assert "log-rank test" in text
    assert re.search(r"Difference between strata: p = \.\d\d \(test of proportions", text)
    assert "the first less the second: " in text
    untested = result.model_copy(update={"tests": ()})
    assert "log-rank" not in render_report(untested)


def test_sites_come_in_natural_order(result: Result) -> None:
    html = render_report(result)
    places = [html.index(f'<th scope="row">Site {i}</th>') for i in (1, 2, 10, 11)]
    assert places == sorted(places)


def test_exact_values_appear_only_if_given_and_are_marked(result: Result) -> None:
    assert "synthetic data only" not in render_report(result)
    html = render_report(result, truth=lambda row: 0.01 if row.quantity == "proportion" else None)
    assert html.count("Exact, synthetic data only") == 2  # column and explanation
    assert "1% (outside)" in html or "1.0% (outside)" in html


def test_the_report_is_written_where_asked(result: Result, tmp_path: Path) -> None:
    path = write_report(result, tmp_path / "report.html", prepared="12 May 2026")
    assert "12 May 2026" in path.read_text(encoding="utf-8")
    assert path.stat().st_size < 400_000


def test_quantiles_are_in_the_table_and_the_median_is_drawn() -> None:
    layout = plan(quantiles(levels=(0.25, 0.5, 0.9)))
    rng = np.random.default_rng(4)
    sites = {f"Site {i}": rng.normal(45 + i, 9, 200) for i in (1, 2, 3)}
    outcomes = [answer(layout, site, binned(values)) for site, values in sites.items()]
    result = combine(layout, outcomes)
    text = " ".join(read(render_report(result)).text)
    for words in ("quantile .25", "median", "quantile .9", "Quantiles of a value"):
        assert words in text
    (figure,) = figures(result)
    assert figure.heading == "Age: median by site"
    svg = to_svg(figure.chart)
    for label in (*sites, "All sites"):
        assert label in svg
    assert svg.count("quantile") == 0
    assert to_png(figure.chart).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("kind", "rows", "question"),
    [
        (
            "rate",
            ("rate per 100 person-years", "events", "time, in person-days"),
            "Events per time",
        ),
        (
            "observed_expected",
            ("observed / expected", "observed", "expected"),
            "Events over those expected",
        ),
    ],
)
def test_ratios_are_in_the_table_and_drawn(
    kind: Literal["rate", "observed_expected"], rows: tuple[str, ...], question: str
) -> None:
    layout = plan(ratio(kind), scale=9000.0)
    sites = {f"Site {i}": leaning(12 * i, 40.0) for i in (1, 2, 3)} | {"Tiny": leaning(1, 0.5)}
    result = combine(layout, [answer(layout, *each) for each in sites.items()])
    parsed = read(render_report(result))
    for words in (*rows, question, "or more"):
        assert words in " ".join(parsed.text)
    (figure,) = figures(result)
    assert figure.heading == "Deaths by site"
    svg = to_svg(figure.chart)
    for label in (*sites, "All sites", "too noisy to tell"):
        assert label in svg
    assert max(map(float, re.findall(r"\d+\.?\d*", svg))) < 1e6  # what has no end is cut off
    out = io.StringIO()
    print_result(result, Console(file=out, width=160), by_site=True)
    assert all(words in out.getvalue() for words in rows)


def test_charts_cover_what_was_asked(result: Result) -> None:
    headings = [figure.heading for figure in figures(result)]
    assert headings == [
        "Cases by AJCC stage",
        "R0 margins by AJCC stage",
        "R0 margins by site",
        "Overall survival by AJCC stage",
        "Overall survival, all",
    ]


def test_drawings_hold_the_numbers_as_text(result: Result) -> None:
    by_site = next(f for f in figures(result) if f.heading == "R0 margins by site")
    svg = to_svg(by_site.chart)
    for label in ("Site 1", "Site 2", "Site 10", "All sites"):
        assert f">{label}<" in svg
    assert svg.index(">Site 2<") < svg.index(">Site 10<")
    curves = next(f for f in figures(result) if f.heading.startswith("Overall survival by"))
    assert "1 of 3 strata are not drawn" in curves.description
    drawn = to_svg(curves.chart)
    assert ">Stage I<" in drawn
    assert "role-legend" in drawn
    assert ">(missing)<" not in drawn


def test_all_charts_render_to_png(result: Result) -> None:
    png = to_png(result.plot(), scale=0.5)
    assert png.startswith(b"\x89PNG")
    assert len(all_charts(result).vconcat) == 5


def test_a_result_of_nothing_but_noise_still_renders() -> None:
    layout = plan(proportion(strata=True), survival(start=6), count(start=48), scale=60.0)
    result = combine(layout, [answer(layout, "a", [0] * 49)])
    assert "too noisy to tell" in render_report(result)
    to_png(result.plot(), scale=0.3)


def test_terminal_tables_show_names_as_they_are(result: Result) -> None:

    out = io.StringIO()
    named = result.model_copy(update={"title": "[red]not a colour[/red]"})
    print_result(named, Console(file=out, width=160), by_site=True)
    text = out.getvalue()
    assert "[red]not a colour[/red]" in text
    assert "3 of 4 sites answered" in text
    assert "refused: it does not fit the site's budget of this year" in text
    assert "Site 10" in text
    assert "event-free at 5 years" in text
    assert "difference between strata: p ≤ .001 (log-rank, noise included): Stage I" in text


def test_a_curve_with_a_competing_event_is_drawn_rising_and_explained() -> None:
    layout = plan(survival("lr", competing=True))
    cells = risks(np.random.default_rng(3), 900, means_days=(9000, 4000))
    found = combine(layout, [answer(layout, "a", cells)])
    (figure,) = figures(found)
    assert ">Cumulative incidence<" in to_svg(figure.chart)
    text = " ".join(read(render_report(found)).text)
    for words in ("event by 5 years", "competing event by 5 years", "event-free at 5 years"):
        assert words in text
    assert "beside an event that rules it out" in text
    assert "Aalen–Johansen" in text
    alone = plan(survival())
    plain = combine(alone, [answer(alone, "a", [9] * 42)])
    assert "Aalen–Johansen" not in render_report(plain)


def test_axes_of_means_and_rates_have_no_powers_of_ten() -> None:
    layout = plan(dataclasses.replace(ratio(strata=True), per=36525.0))
    values = [*leaning(40, 800), *leaning(90, 900), *leaning(4, 60)]
    rates = combine(layout, [answer(layout, "a", values)])
    for figure in figures(rates):
        assert "e+1" not in to_svg(figure.chart)


def test_what_holds_the_noise_only_is_said_of_all_that_does() -> None:
    layout = plan(ratio("observed_expected"))
    result = combine(layout, [answer(layout, "a", leaning(8, 10))])
    out = io.StringIO()
    print_result(result, Console(file=out, width=200))
    html = render_report(result)
    for shown in (out.getvalue(), html):
        assert "Numbers of rows and events, times and sums" in " ".join(shown.split())
    assert "<dt>Rate, observed / expected</dt>" in html
    assert "<dt>Rate, observed / expected</dt>" not in render_report(
        combine(plan(count()), [answer(plan(count()), "a", [9])])
    )


def test_numbers_below_zero_are_explained_in_the_same_words(result: Result) -> None:
    out = io.StringIO()
    print_result(result, Console(file=out, width=160))
    for text in (out.getvalue(), render_report(result)):
        assert NOISY_ROWS in " ".join(text.split())


def test_curves_beyond_the_most_that_are_drawn_are_not_called_noisy() -> None:
    strata = tuple((str(i),) for i in range(9))
    block = dataclasses.replace(survival(), by=("stage",), strata=(*strata, (None,)))
    rng = np.random.default_rng(1)
    values = [v for _ in strata for v in exits(rng, 400, mean_days=2000)] + [0] * 42
    layout = plan(block, scale=0.5)
    by_stage = figures(combine(layout, [answer(layout, "a", values)]))[0]
    assert by_stage.description.endswith(
        "1 of 10 strata are not drawn (too noisy to tell). Of the others the first 7 are drawn."
    )
