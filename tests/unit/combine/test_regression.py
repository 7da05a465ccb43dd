"""Regressions: those of statsmodels without noise, no wild numbers with it, and records that travel."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math

import numpy as np
import pytest

from federated.combine import Regression, Result, combine
from federated.combine.projection import Floats
from federated.combine.regression import (
    Effect,
    Model,
    RegressionEstimate,
    estimate_regression,
)
from federated.study.plan import Block
from tests.unit.combine.layouts import EVERYONE, answer, count, plan

STAGE, SEX = ("1", "2", "3"), ("f", "m")
STRATA = tuple(itertools.product(STAGE, SEX))
ROWS = np.array([30, 25, 40, 35, 12, 18])
YES = np.array([24, 15, 25, 14, 4, 5])
EVENTS = np.array([3, 5, 8, 12, 6, 7])
TIME = np.array([310, 280, 395, 350, 90, 170])
# With stage 2 and f as references: parameters without the first, their standard errors; joint
# p-value of stage. By statsmodels 0.15.0 on the rows: GLM with Binomial and its score_test, with
# Poisson and exposure, and OLS with its f_test.
STATSMODELS: dict[str, tuple[list[float], list[float], float]] = {
    "logistic": (
        [0.8330128237740657, -0.8518710342730365, -0.8209100279596335],
        [0.38399439812801456, 0.46952407190053674, 0.33874157788090736],
        0.0021652,
    ),
    "poisson": (
        [-0.6841539555103215, 0.579474371262926, 0.23499699092981388],
        [0.41833282790145143, 0.36075003331936895, 0.32143096770790514],
        0.01405228,
    ),
    "linear": (
        [-7.549186867137049, 7.14105553850869, 2.6920834611843514],
        [2.6450898943996415, 3.234018911519767, 2.3704997027694295],
        9.305921842764333e-05,
    ),
}
BOUNDS = {"logistic": (0.0, 0.0), "linear": (0.0, 100.0), "poisson": (0.0, 1.0)}
OLS_INTERVALS = [
    [-12.773999892297295, -2.3243738419768025],
    [0.7529383829069882, 13.529172694110391],
    [-1.990334988710841, 7.374501911079544],
]


def values() -> list[Floats]:
    """Of the rows of each stratum, on [0, 100]."""
    return [
        20.0 + 7 * i + 3 * j + (np.arange(rows) * 37) % 50
        for (i, j), rows in zip(itertools.product(range(3), range(2)), ROWS, strict=True)
    ]


def moments(of: list[Floats]) -> Floats:
    """[Σz, Σ(2z² − 1), n] of values on [0, 100]."""
    scaled = [each / 50 - 1 for each in of]
    return np.array([[z.sum(), (2 * z**2 - 1).sum(), z.size] for z in scaled])


def readings(model: Model) -> Floats:
    if model == "logistic":
        return np.stack([2.0 * YES - ROWS, ROWS], axis=1)
    return np.stack([EVENTS, TIME], axis=1) * 1.0 if model == "poisson" else moments(values())


def fit(
    model: Model,
    cells: Floats,
    *,
    variance: float = 0.0,
    strata: tuple[tuple[str | None, ...], ...] = STRATA,
    references: tuple[str, ...] = ("2", "f"),
) -> RegressionEstimate:
    spread = np.full(cells.shape[1], variance)
    return estimate_regression(
        model, cells, spread, strata, references, bounds=BOUNDS[model], confidence=0.95
    )


def effects(found: RegressionEstimate) -> list[Effect]:
    return [effect for factor in found.factors for effect in factor.effects]


@pytest.mark.parametrize("model", ["logistic", "poisson", "linear"])
def test_without_noise_it_is_that_of_statsmodels(model: Model) -> None:
    found = fit(model, readings(model))
    parameters, errors, joint = STATSMODELS[model]
    for effect, parameter, error in zip(effects(found), parameters, errors, strict=True):
        assert effect.estimate is not None
        own = effect.estimate if model == "linear" else math.log(effect.estimate)
        assert own == pytest.approx(parameter, abs=1e-6)
        assert effect.standard_error == pytest.approx(error, abs=1e-6)
        assert effect.noise_sd == 0
    assert found.factors[0].p_value == pytest.approx(joint, rel=1e-4)
    assert (found.n, found.left_out) == (readings(model)[:, -1].sum(), 0)


def test_events_may_be_told_less_a_part_of_the_time() -> None:
    """As a rate has them: [events − τ·time, time], time in parts of the longest; the same fit."""
    cells = readings("poisson") + np.random.default_rng(6).normal(0, 2, (6, 2))
    lean, longest = 0.6, 50.0
    told = np.stack([cells[:, 0] - lean * cells[:, 1], cells[:, 1]], axis=1)
    found = estimate_regression(
        "poisson", told, np.array([4.0, 3.0]), STRATA, ("2", "f"), bounds=(0.0, longest), lean=lean,
        confidence=0.95,
    )  # fmt: skip
    # The same readings with the covariance that the time's noise gives them.
    assert [e.estimate for e in effects(found)] == pytest.approx(
        [e.estimate for e in effects(fit("poisson", cells))]
    )
    assert found.n == pytest.approx(longest * cells[:, 1].sum())
    # And the noise that is told is the one that there is, in 200 draws about exact readings of
    # enough events.
    rng = np.random.default_rng(7)
    exact = 10 * (readings("poisson") - np.outer(lean * TIME, [1, 0]))

    def rate_ratios(told: Floats) -> list[Effect]:
        spread = np.array([4.0, 3.0])
        return effects(
            estimate_regression(
                "poisson", told, spread, STRATA, ("2", "f"), lean=lean, confidence=0.95
            )
        )

    drawn = [
        [math.log(each.estimate or math.nan) for each in rate_ratios(exact + noise)]
        for noise in rng.normal(0, np.sqrt([4.0, 3.0]), (200, *exact.shape))
    ]
    told_sd = [each.noise_sd for each in rate_ratios(exact)]
    assert np.std(drawn, axis=0) == pytest.approx(told_sd, rel=0.2)


def test_without_noise_a_linear_interval_is_students() -> None:
    for effect, ends in zip(effects(fit("linear", readings("linear"))), OLS_INTERVALS, strict=True):
        assert (effect.lower, effect.upper) == pytest.approx(ends, abs=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_without_noise_it_is_the_likelihoods_maximum(seed: int) -> None:
    """By another road: scipy maximises the likelihood of three factors, some of few rows."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    strata = tuple(itertools.product("abc", "xy", "kl"))
    n = rng.integers(4, 40, len(strata))
    y = rng.binomial(n, rng.uniform(0.2, 0.8, len(strata)))
    design = np.array([[1, s[0] == "b", s[0] == "c", s[1] == "y", s[2] == "l"] for s in strata])

    def loss(beta: Floats) -> float:
        eta = design @ beta
        return float((n * np.logaddexp(0, eta) - y * eta).sum())

    best = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-9}).x
    cells = np.stack([2.0 * y - n, n], axis=1)
    found = fit("logistic", cells, strata=strata, references=("a", "x", "k"))
    told = [math.log(effect.estimate or 0) for effect in effects(found)]
    assert told == pytest.approx(best[1:].tolist(), abs=1e-5)


@pytest.mark.parametrize("model", ["logistic", "poisson", "linear"])
def test_any_reference_says_the_same(model: Model) -> None:
    cells = readings(model) + np.random.default_rng(1).normal(0, 1, readings(model).shape)
    one, other = (fit(model, cells, variance=1.0, references=(r, "f")) for r in ("1", "2"))
    forth, back = one.factors[0].effects[0], other.factors[0].effects[0]
    assert (forth.level, back.level) == ("2", "1")
    for value, reverse in (
        (forth.estimate, back.estimate),
        (forth.lower, back.upper),
        (forth.upper, back.lower),
    ):
        assert value is not None
        assert reverse is not None
        mirrored = -reverse if model == "linear" else 1 / reverse
        assert value == pytest.approx(mirrored, rel=1e-3)
    assert forth.p_value == pytest.approx(back.p_value)
    assert one.factors[0].p_value == pytest.approx(other.factors[0].p_value)
    assert one.factors[1] == other.factors[1]


def test_rows_where_a_covariate_is_missing_are_left_out() -> None:
    strata = (*STRATA, (None, "f"), ("1", None))
    cells = np.vstack([readings("logistic"), [[-9.0, 11.0], [7.0, 9.0]]])
    found = fit("logistic", cells, strata=strata)
    assert dataclasses.replace(found, left_out=0.0) == fit("logistic", readings("logistic"))
    assert found.left_out == 20


def test_a_level_whose_rows_may_be_none_spoils_no_other() -> None:
    strata = (*STRATA, ("4", "f"), ("4", "m"))
    cells = np.vstack([readings("logistic"), [[1.0, 3.0], [2.0, -1.0]]])
    found = fit("logistic", cells, variance=4.0, strata=strata)
    alone = fit("logistic", readings("logistic"), variance=4.0)
    lost = found.factors[0].effects[-1]
    assert (lost.level, lost.uninformative, lost.estimate) == ("4", True, None)
    assert (lost.p_value, lost.lower, lost.upper, lost.n) == (None, 0.0, None, 2.0)
    assert found.factors[0].effects[:-1] == alone.factors[0].effects
    assert found.factors[0].tested == STAGE
    assert found.factors[1] == alone.factors[1]
    # As a reference it takes away its own comparisons, and no more.
    against = fit("logistic", cells, variance=4.0, strata=strata, references=("4", "f"))
    assert all(effect.uninformative for effect in against.factors[0].effects)
    assert against.factors[0].p_value == alone.factors[0].p_value
    assert against.factors[1] == alone.factors[1]


@pytest.mark.parametrize("reference", ["1", "2", "3"])
def test_a_separated_level_is_no_finding_and_the_others_stay(reference: str) -> None:
    """All of stage 1 succeed: without noise its odds are infinite; the rest is as without it."""
    cells = readings("logistic")
    cells[:2, 0] = cells[:2, 1]
    found = fit("logistic", cells, references=(reference, "f"))
    rest = fit("logistic", cells[2:], strata=STRATA[2:], references=("2", "f"))
    for effect in found.factors[0].effects:
        separated = "1" in (effect.level, reference)
        assert (effect.estimate is None, effect.uninformative) == (separated, separated)
        if not separated:
            (same,) = rest.factors[0].effects
            kept = 1 / (same.estimate or 0) if reference == "3" else same.estimate
            assert effect.estimate == pytest.approx(kept, rel=5e-3)  # of the limit, e⁻⁸ is left
    assert found.factors[1].effects[0].estimate == pytest.approx(
        rest.factors[1].effects[0].estimate, rel=5e-3
    )
    # That stage 1 is unlike the others is told all the same.
    assert (found.factors[0].p_value or 1) < 1e-4


def test_an_interval_without_an_end_says_so() -> None:
    cells = readings("logistic")
    cells[:2, 0] = cells[:2, 1]
    effect = fit("logistic", cells).factors[0].effects[0]
    assert effect.upper is None
    assert (effect.lower or 0) > 2
    assert (effect.p_value or 1) < 1e-4


@pytest.mark.parametrize("model", ["logistic", "poisson", "linear"])
@pytest.mark.parametrize("variance", [0.0, 4.0])
def test_factors_that_cannot_be_told_apart_are_no_finding(model: Model, variance: float) -> None:
    """Every f is of stage 1 and every m of stage 2."""
    cells = readings(model)[:4]
    cells[1:3] = 0
    found = fit(model, cells, variance=variance, strata=STRATA[:4], references=("1", "f"))
    assert any(effect.uninformative for effect in effects(found))
    for effect in effects(found):
        if not effect.uninformative:
            # One of them was left out, and the other stands for both.
            assert [len(factor.tested) for factor in found.factors].count(1) == 1


@pytest.mark.parametrize("model", ["logistic", "poisson", "linear"])
@pytest.mark.parametrize("cells", [-50.0, 0.0, 3.0])
def test_nothing_but_noise_is_no_finding(model: Model, cells: float) -> None:
    rng = np.random.default_rng(3)
    noisy = cells + rng.normal(0, 10, readings(model).shape)
    found = fit(model, noisy, variance=100.0)
    assert all(effect.uninformative for effect in effects(found))
    assert all(math.isfinite(effect.n) for effect in effects(found))


@pytest.mark.parametrize("model", ["logistic", "poisson", "linear"])
def test_noise_of_any_size_gives_numbers_that_are_possible(model: Model) -> None:
    rng = np.random.default_rng(4)
    for sd in (0.5, 2, 5, 10, 30, 1000):
        for _ in range(8):
            noisy = readings(model) + rng.normal(0, sd, readings(model).shape)
            for effect in effects(fit(model, noisy, variance=sd**2)):
                if effect.estimate is None:
                    assert effect.uninformative
                    continue
                assert effect.lower is not None
                assert effect.lower <= effect.estimate <= (effect.upper or math.inf)
                assert effect.p_value is None or 0 <= effect.p_value <= 1
                assert effect.uninformative or effect.upper is not None


def shares(name: str = "r0", **of: object) -> Block:
    strata = tuple(itertools.product((*STAGE, None), (*SEX, None)))
    block = Block(
        name=name, title="R0 margins", kind="proportion", unit="surgery", cohort=EVERYONE,
        by=("stage", "sex"), strata=strata, start=0, steps=(2, 2, 0), numerator=EVERYONE,
        known=EVERYONE, references=("2", "f"),
    )  # fmt: skip
    return dataclasses.replace(block, **of)  # type: ignore[arg-type]


def integers(seed: int, parent: bool = False) -> list[int]:
    """Of :func:`shares`; with a parent whose count is twice the rows known and steps (2, 2, 1)."""
    rng = np.random.default_rng(seed)
    told: list[int] = []
    counts: list[int] = []
    known = dict(zip(STRATA, zip(YES, ROWS, strict=True), strict=True))
    for stratum in shares().strata:
        yes, rows = known.get(stratum, (2, 3))  # type: ignore[arg-type]
        rows += int(rng.integers(0, 3))
        told += [2 * (2 * int(yes) - int(rows)), 2 * int(rows) - (int(rows) if parent else 0)]
        counts.append(2 * int(rows))
    return told + counts if parent else told


@pytest.fixture(scope="module")
def result() -> Result:
    layout = plan(shares(), shares("plain", start=24, references=()), scale=1.0)
    outcomes = [answer(layout, site, integers(ord(site)) * 2) for site in "ab"]
    labels = {"stage": {stage: f"Stage {stage}" for stage in STAGE}}
    return combine(layout, outcomes, titles={"stage": "AJCC stage"}, labels=labels)


def the(result: Result) -> Regression:
    (found,) = result.regressions
    return found


def test_sites_are_pooled_and_levels_named(result: Result) -> None:
    found = the(result)
    assert (found.statistic, found.model) == ("r0", "logistic")
    stage, sex = found.factors
    assert (stage.title, stage.reference, stage.tested) == (
        "AJCC stage",
        "Stage 2",
        ("Stage 1", "Stage 2", "Stage 3"),
    )
    assert [effect.level for effect in stage.effects] == ["Stage 1", "Stage 3"]
    assert (sex.title, sex.reference) == ("sex", "f")
    cells = sum(np.array(integers(ord(site)), dtype=float).reshape(-1, 2) / 2 for site in "ab")
    same = estimate_regression(
        "logistic", np.asarray(cells), np.full(2, 0.5), shares().strata, ("2", "f"), confidence=0.95
    )
    assert [e.estimate for f in found.factors for e in f.effects] == [
        e.estimate for e in effects(same)
    ]
    assert found.n + found.left_out == pytest.approx(np.asarray(cells)[:, 1].sum())


def test_a_result_with_regressions_travels_exactly(result: Result) -> None:
    assert Result.from_json(result.to_json()) == result


def test_a_result_of_before_regressions_is_read(result: Result) -> None:
    plain = json.loads(result.to_json())
    del plain["regressions"]
    old = Result.from_json(json.dumps(plain).encode())
    assert old.regressions == ()
    assert old.effects_to_pandas().empty


def test_effects_make_a_table(result: Result) -> None:
    frame = result.effects_to_pandas()
    assert frame.columns.tolist() == [
        "statistic", "model", "element", "level", "reference", "estimate", "lower", "upper",
        "standard_error", "noise_sd", "p_value", "joint_p_value", "n", "uninformative",
    ]  # fmt: skip
    assert frame[["element", "level"]].to_numpy().tolist() == [
        ["stage", "Stage 1"],
        ["stage", "Stage 3"],
        ["sex", "m"],
    ]
    assert (frame.lower < frame.estimate).all()
    assert (frame.estimate < frame.upper).all()


def test_the_noise_of_a_parent_is_in_the_effects() -> None:
    """k tells 3·m with the parent's count, whose own noise is then part of m's."""
    within = shares(steps=(2, 2, 1), parent=1)
    over = dataclasses.replace(
        count("cohort", start=24), by=within.by, strata=within.strata, steps=(1,)
    )
    layout = plan(within, over, scale=3.0)
    (found,) = combine(layout, [answer(layout, "a", integers(7, parent=True))]).regressions
    cells = np.array(integers(7), dtype=float).reshape(-1, 2) / 2
    same = estimate_regression(
        "logistic", cells, np.array([9 / 4, 9 * 2 / 9]), within.strata, ("2", "f"), confidence=0.95
    )
    told = [effect for factor in found.factors for effect in factor.effects]
    for effect, expected in zip(told, effects(same), strict=True):
        assert effect.estimate == pytest.approx(expected.estimate)
        assert effect.noise_sd == pytest.approx(expected.noise_sd)
        assert (effect.lower, effect.upper) == pytest.approx((expected.lower, expected.upper))
