"""Regressions for people: one wording in terminal, page and forest, and nothing that is not told."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import re

import numpy as np
import pytest
from rich.console import Console

from federated.combine import Effect, Factor, Regression, Result, combine
from federated.report import effects, print_result, render_report
from federated.report.forest import forest
from federated.report.plots import figures, to_png, to_svg
from federated.study.plan import Block
from tests.unit.combine.layouts import EVERYONE, answer, plan

STAGES = ("1", "2", "3", "4", None)
ROWS = {"1": 30, "2": 40, "3": 20, "4": 0, None: 6}


def block(**of: object) -> Block:
    strata = tuple(itertools.product(STAGES, ("f", "m", None)))
    made = Block(
        name="r0", title="R0 <margins>", kind="proportion", unit="surgery", cohort=EVERYONE,
        by=("stage", "sex"), strata=strata, start=0, steps=(2, 2, 0), numerator=EVERYONE,
        known=EVERYONE, references=("1", "f"),
    )  # fmt: skip
    return dataclasses.replace(made, **of)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def result() -> Result:
    age = block(
        name="age", title="Age", kind="mean", steps=(40, 20, 20), start=30, bounds=(0.0, 100.0)
    )
    layout = plan(block(), age, scale=4.0)
    outcomes = []
    for site in range(4):
        rng = np.random.default_rng(site)
        shares, ages = [], []
        for stage, sex in block().strata:
            rows = rng.poisson(ROWS[stage] * (1 if sex else 0.2))
            eta = 2 - 0.9 * int(stage or 0) + 0.5 * (sex == "m")
            yes = rng.binomial(rows, 1 / (1 + np.exp(-eta)))
            z = np.clip(rng.normal(0.2 * (stage == "2"), 0.25, rows), -1, 1)
            shares += [2 * (2 * yes - rows), 2 * rows]
            ages += [40 * z.sum(), 20 * (2 * z**2 - 1).sum(), 20 * rows]
        noisy = np.rint(np.array(shares + ages) + rng.normal(0, 4, 75))
        outcomes.append(answer(layout, f"Site {site}", noisy.astype(int).tolist()))
    return combine(
        layout,
        outcomes,
        title="Margins",
        titles={"stage": "AJCC stage", "sex": "Sex"},
        labels={"stage": {s: f"Stage [{s}]" for s in "1234"}, "sex": {"f": "female", "m": "male"}},
    )


def effect(**of: object) -> Effect:
    plain: dict[str, object] = {
        "level": "II", "estimate": 2.0, "lower": 1.25, "upper": 3.2, "standard_error": 0.24,
        "noise_sd": 0.1, "p_value": 0.004, "n": 80.4, "uninformative": False,
    }  # fmt: skip
    return Effect.model_validate(plain | of)


def regression(model: str = "logistic", *found: Effect) -> Regression:
    factor = Factor(
        element="stage", title="Stage", reference="I", effects=found or (effect(),),
        tested=("I", "II"), p_value=0.0004,
    )  # fmt: skip
    return Regression.model_validate(
        {"statistic": "r0", "model": model, "factors": (factor,), "n": 100.2, "left_out": 12.4}
    )


def test_an_effect_in_words() -> None:
    reference, line = effects.lines(regression(), 0.95)
    assert (reference.factor, reference.level, reference.estimate, reference.joint_p) == (
        "Stage",
        "I (reference)",
        "1",
        "< .001",
    )
    assert (line.level, line.estimate, line.interval) == ("II", "2.00", "1.25–3.20")
    assert (line.margin, line.p, line.rows) == ("×÷ 1.22", ".004", "80")


@pytest.mark.parametrize(
    ("model", "of", "shown", "interval", "margin"),
    [
        ("poisson", {"estimate": 21.04, "upper": 230.4}, "21.0", "1.25–230", "×÷ 1.22"),
        ("linear", {"lower": -0.6, "upper": 4.6}, "2.0", "-0.6 to 4.6", "± 0.2"),
        ("linear", {"estimate": -40.0, "lower": -60.0, "upper": -21.0}, "-40", "-60 to -21", "± 0"),
        ("logistic", {"estimate": None, "lower": 2.0, "upper": None, "uninformative": True},
         "–", "too noisy to tell (2.00 and more)", "–"),
        ("logistic", {"estimate": None, "lower": 0.0, "upper": None, "uninformative": True},
         "–", "too noisy to tell", "–"),
        ("logistic", {"estimate": None, "lower": 0.0, "upper": 0.3, "uninformative": True},
         "–", "too noisy to tell (0.00–0.30)", "–"),
        ("logistic", {"estimate": 0.0042, "lower": 0.00081, "upper": 0.021}, "0.0042",
         "0.00081–0.021", "×÷ 1.22"),
        ("linear", {"estimate": None, "lower": None, "upper": None, "uninformative": True},
         "–", "too noisy to tell", "–"),
    ],
)  # fmt: skip
def test_effects_of_every_kind(
    model: str, of: dict[str, object], shown: str, interval: str, margin: str
) -> None:
    line = effects.lines(regression(model, effect(**of)), 0.95)[1]
    assert (line.estimate, line.interval, line.margin) == (shown, interval, margin)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.9995, "> .99"), (0.0004, "< .001"), (0.0042, ".004"), (0.0421, ".04")],
)
def test_p_in_words(value: float | None, text: str) -> None:
    assert effects.p(value) == text


def test_the_terminal_shows_effects_and_what_is_left_out(result: Result) -> None:
    out = io.StringIO()
    print_result(result, Console(file=out, width=160))
    text = re.sub(r"\s+", " ", out.getvalue())
    assert "R0 <margins>: odds ratios" in text
    assert "Age: differences" in text
    assert "Stage [1] (reference)" in text
    assert "│ Stage [4] │ – │ too noisy to tell" in text
    found = result.regressions[0]
    assert f"main effects: {found.n:,.0f} surgery rows (noisy); {found.left_out:,.0f} left" in text


def test_the_report_shows_effects_and_how_to_read_them(result: Result) -> None:
    page = render_report(result)
    assert "<h3>Odds ratios</h3>" in page
    assert "<h3>Differences</h3>" in page
    assert "Logistic regression on AJCC stage and Sex, main effects" in page
    assert "It is no cause and effect." in page
    assert 'aria-label="Odds ratio of R0 &lt;margins&gt; for each level of AJCC stage, Sex' in page
    first = effects.lines(result.regressions[0], 0.95)[1]
    assert f'<td class="number">{first.estimate}</td>' in page
    plain = render_report(result.model_copy(update={"regressions": ()}))
    assert "Odds ratio" not in plain
    assert "cause and effect" not in plain


def test_the_forest_says_what_the_table_says(result: Result) -> None:
    drawn = [figure for figure in figures(result) if "odds ratio" in figure.heading]
    assert [figure.statistic for figure in drawn] == ["r0"]
    text = re.sub(r"<[^>]+>", " ", to_svg(drawn[0].chart))
    for line in effects.lines(result.regressions[0], 0.95):
        if not line.reference and line.estimate != "–":
            assert f"{line.estimate} ({line.interval}), p" in text.replace("&lt;", "<")
    assert "too noisy to tell" in text
    assert "AJCC stage (reference: Stage [1])" in text
    assert to_png(drawn[0].chart, scale=1).startswith(b"\x89PNG")


@pytest.mark.parametrize("model", ["logistic", "poisson", "linear"])
@pytest.mark.parametrize(
    "of",
    [
        {},
        {"lower": 0.0, "estimate": 1e-4, "upper": 0.002},
        {"lower": 300.0, "estimate": 4000.0, "upper": 20000.0},
        {"estimate": None, "lower": None, "upper": None, "noise_sd": None, "uninformative": True},
    ],
)
def test_a_forest_is_drawn_of_any_effect(model: str, of: dict[str, object]) -> None:
    svg = to_svg(forest(regression(model, effect(**of), effect(level="III")), 0.95))
    assert "NaN" not in svg
    assert "III" in svg


def test_an_interval_that_ends_at_no_difference_is_drawn_to_there() -> None:
    ends = effect(estimate=4.0, lower=0.0, upper=8.0), effect(estimate=-30.0, lower=-60.0, upper=0)
    drawn = json.loads(forest(regression("linear", *ends), 0.95).to_json())
    rows = [row for layer in drawn["layer"] for row in layer["data"]["values"]]
    lines = [row for row in rows if "upper" in row]
    assert {(row["lower"], row["upper"]) for row in lines} == {(0.0, 8.0), (-60.0, 0.0)}


def test_the_axis_of_differences_has_no_powers_of_ten() -> None:
    wide = effect(estimate=4.0, lower=-30.0, upper=38.0)
    assert "e+1" not in to_svg(forest(regression("linear", wide), 0.95))
