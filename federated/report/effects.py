"""A regression in words: the same in terminal, chart and report."""

from __future__ import annotations

import math
from dataclasses import dataclass

from federated.combine.estimate import two_sided_z
from federated.combine.result import Asked, Effect, Factor, Regression
from federated.report.words import TOO_NOISY

__all__ = ["EffectLine", "effect_name", "estimate", "interval", "lines", "p", "sentence"]

_NAMES = {"logistic": "odds ratio", "poisson": "rate ratio", "linear": "difference"}
_MODELS = {
    "logistic": "Logistic regression",
    "poisson": "Poisson regression",
    "linear": "Linear regression",
}


@dataclass(frozen=True)
class EffectLine:
    """A line of the table; the first of a factor names it and has its joint test."""

    factor: str
    level: str
    estimate: str
    interval: str
    margin: str
    p: str
    joint_p: str
    rows: str
    reference: bool


def effect_name(regression: Regression) -> str:
    """What the effects are, e.g. ``odds ratio``."""
    return _NAMES[regression.model]


def sentence(regression: Regression, asked: Asked) -> str:
    """Which model on what, and how many rows are in it and not."""
    titles = [factor.title for factor in regression.factors]
    on = " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)
    what = f"{asked.unit} rows" if regression.model != "poisson" else "of time"
    return (
        f"{_MODELS[regression.model]} on {on}, main effects: {regression.n:,.0f} {what} (noisy); "
        f"{regression.left_out:,.0f} left out (a covariate missing, or a level too small to tell)"
    )


def lines(regression: Regression, confidence: float) -> tuple[EffectLine, ...]:
    """Of each factor its reference, then the other levels."""
    return tuple(
        line
        for factor in regression.factors
        for line in (
            _reference(regression, factor),
            *(_line(regression, effect, confidence) for effect in factor.effects),
        )
    )


def estimate(regression: Regression, effect: Effect) -> str:
    """The number shown, e.g. ``2.13``; a dash if uninformative."""
    if effect.uninformative or effect.estimate is None:
        return "–"
    return _number(regression, effect, effect.estimate)


def interval(regression: Regression, effect: Effect) -> str:
    """The confidence interval, e.g. ``1.20–3.80`` or ``-6.0 to 4.4``."""
    if effect.lower is None or (effect.lower == 0 and effect.upper is None):
        return TOO_NOISY
    low = _number(regression, effect, effect.lower)
    if effect.upper is None:
        text = f"{low} and more"
    else:
        between = " to " if regression.model == "linear" else "–"
        text = f"{low}{between}{_number(regression, effect, effect.upper)}"
    return f"{TOO_NOISY} ({text})" if effect.uninformative else text


def p(value: float | None) -> str:
    """A p-value, e.g. ``.03`` or ``< .001``; a dash for None."""
    if value is None:
        return "–"
    if value > 0.99:
        return "> .99"
    if value < 0.001:
        return "< .001"
    return f"{value:.{2 if value >= 0.01 else 3}f}".removeprefix("0")


def _reference(regression: Regression, factor: Factor) -> EffectLine:
    return EffectLine(
        factor=factor.title,
        level=f"{factor.reference} (reference)",
        estimate="0" if regression.model == "linear" else "1",
        interval="",
        margin="",
        p="",
        joint_p=p(factor.p_value),
        rows="",
        reference=True,
    )


def _line(regression: Regression, effect: Effect, confidence: float) -> EffectLine:
    return EffectLine(
        factor="",
        level=effect.level,
        estimate=estimate(regression, effect),
        interval=interval(regression, effect),
        margin=_margin(regression, effect, confidence),
        p=p(effect.p_value),
        joint_p="",
        rows=f"{effect.n:,.0f}",
        reference=False,
    )


def _margin(regression: Regression, effect: Effect, confidence: float) -> str:
    """How far the noise alone may have moved the effect: ``± 2.1``, or a factor, ``×÷ 1.3``."""
    if effect.uninformative or effect.noise_sd is None:
        return "–"
    reach = two_sided_z(confidence) * effect.noise_sd
    if regression.model == "linear":
        return f"± {_number(regression, effect, reach)}"
    return f"×÷ {math.exp(reach):.2f}"


def _number(regression: Regression, effect: Effect, value: float) -> str:
    if regression.model == "linear":
        width = (effect.upper or 0.0) - (effect.lower or 0.0)
        places = 0 if width <= 0 else min(6, max(0, 1 - math.floor(math.log10(width))))
        return f"{value:,.{places}f}"
    if value >= 10:
        return f"{value:,.{1 if value < 100 else 0}f}"
    # Two figures of a small one: .004 is no 0.
    places = 2 if value >= 0.1 or value <= 0 else min(6, 1 - math.floor(math.log10(value)))
    return f"{value:.{places}f}"
