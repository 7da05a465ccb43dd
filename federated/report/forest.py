"""The effects of a regression as a forest: a line each, on a scale of logarithms for ratios."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from federated.combine.estimate import two_sided_z
from federated.combine.result import Asked, Effect, Regression
from federated.report import effects
from federated.report.style import drawn
from federated.report.words import TOO_NOISY

__all__ = ["describe", "forest"]

_SURE, _UNSURE, _DARK = "#0072B2", "#8a8a8a", "#222222"
_WIDTH = 300
_LEFT_MAX = 280
"""Points to the left of the axis that levels are written in, at most."""
_LINE = 24
_TICKS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000)


def describe(regression: Regression, asked: Asked) -> str:
    """What the forest shows, for those who cannot see it."""
    name = effects.effect_name(regression).capitalize()
    titles = ", ".join(factor.title for factor in regression.factors)
    return f"{name} of {asked.title} for each level of {titles}, with intervals."


def forest(regression: Regression, confidence: float) -> alt.LayerChart | alt.FacetChart:
    """Dots with intervals and privacy margins; a dashed line where a level makes no difference."""
    linear = regression.model == "linear"
    low, high = _ends(regression)
    data = _rows(regression, confidence, low, high)
    scale = alt.Scale(type="linear" if linear else "log", domain=[low, high], nice=False)
    title = effects.effect_name(regression).capitalize()
    # The scale chooses the decimals of f; of g it would make powers of ten.
    axis = alt.Axis(format=",f", tickCount=6, title=title)
    if not linear:
        axis = alt.Axis(format="~g", values=_ticks(low, high), labelOverlap=False, title=title)
    left = min(max(150, *(7 * len(str(row["label"])) + 20 for row in data)), _LEFT_MAX)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    base = drawn(data).encode(
        y=alt.Y("place:O", axis=None),
        color=alt.Color(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=["sure", "unsure", "head"], range=[_SURE, _UNSURE, _DARK]),
        ),
    )
    told = base.transform_filter("isValid(datum.lower)")
    sure = base.transform_filter("datum.kind === 'sure'")
    words = drawn(data).encode(y=alt.Y("place:O", axis=None))
    head = f"{effects.effect_name(regression)} ({confidence:.0%} interval)"
    return alt.layer(
        drawn([{"none": 0 if linear else 1}])
        .mark_rule(strokeDash=[4, 4], opacity=0.55, color=_DARK)
        .encode(x=x("none"), y=alt.value(0), y2=alt.value("height")),
        sure.mark_bar(height=9, opacity=0.22, cornerRadius=2, clip=True).encode(
            x=x("margin_lower"), x2="margin_upper:Q"
        ),
        told.mark_rule(strokeWidth=1.8, clip=True).encode(x=x("lower"), x2="upper:Q"),
        sure.mark_point(filled=True, shape="square", size=70, opacity=1).encode(x=x("estimate")),
        words.transform_filter("datum.kind === 'head'")
        .mark_text(align="left", fontSize=12, fontWeight="bold", color=_DARK, limit=left - 10)
        .encode(x=alt.value(-left), text="label:N"),
        words.transform_filter("datum.kind !== 'head'")
        .mark_text(align="left", fontSize=12, color=_DARK, limit=left - 24)
        .encode(x=alt.value(-left + 14), text="label:N"),
        base.mark_text(align="left", fontSize=12).encode(x=alt.value(_WIDTH + 16), text="text:N"),
        drawn([{"head": head}])
        .mark_text(align="left", fontSize=12, color="#444444")
        .encode(x=alt.value(_WIDTH + 16), y=alt.value(-8), text="head:N"),
    ).properties(width=_WIDTH, height=len(data) * _LINE)


def _ends(regression: Regression) -> tuple[float, float]:
    """Of the axis: what the informative intervals span, no effect always within."""
    told = [
        (effect.lower or 0.0, effect.upper or 0.0)
        for factor in regression.factors
        for effect in factor.effects
        if not effect.uninformative
    ]
    lows, highs = [low for low, _ in told], [high for _, high in told]
    if regression.model == "linear":
        low, high = min([*lows, 0.0]), max([*highs, 0.0])
        room = 0.06 * (high - low) or 1.0
        return low - room, high + room
    # Ratios to the next tick on either side.
    low, high = min([*lows, 0.5]), max([*highs, 2.0])
    return (
        max([tick for tick in _TICKS if tick <= low], default=_TICKS[0]),
        min([tick for tick in _TICKS if tick >= high], default=_TICKS[-1]),
    )


def _ticks(low: float, high: float) -> list[float]:
    """Few enough to stand side by side."""
    shown = [tick for tick in _TICKS if low <= tick <= high]
    return shown if len(shown) <= 9 else [t for t in shown if math.log10(t).is_integer()]


def _rows(
    regression: Regression, confidence: float, low: float, high: float
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for factor in regression.factors:
        rows.append(
            {
                "label": f"{factor.title} (reference: {factor.reference})",
                "kind": "head",
                "text": "" if factor.p_value is None else f"all levels: {_p(factor.p_value)}",
            }
        )
        rows.extend(
            _row(regression, effect, two_sided_z(confidence), (low, high))
            for effect in factor.effects
        )
    return [row | {"place": place} for place, row in enumerate(rows)]


def _row(
    regression: Regression, effect: Effect, z: float, ends: tuple[float, float]
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "label": effect.level,
        "kind": "unsure" if effect.uninformative else "sure",
        "text": TOO_NOISY,
    }
    if effect.uninformative or effect.estimate is None or effect.noise_sd is None:
        return row
    reach = z * effect.noise_sd
    if regression.model == "linear":
        margin = effect.estimate - reach, effect.estimate + reach
    else:
        margin = effect.estimate / math.exp(reach), effect.estimate * math.exp(reach)
    lower = ends[0] if effect.lower is None else effect.lower
    upper = ends[1] if effect.upper is None else effect.upper
    return row | {
        "estimate": effect.estimate,
        # A scale of logarithms has no 0.
        "lower": max(lower, ends[0]),
        "upper": min(upper, ends[1]),
        "margin_lower": max(lower, margin[0]),
        "margin_upper": min(upper, margin[1]),
        "text": f"{effects.estimate(regression, effect)} "
        f"({effects.interval(regression, effect)}), {_p(effect.p_value)}",
    }


def _p(value: float | None) -> str:
    text = effects.p(value)
    return f"p {text}" if text[0] in "<>" else f"p = {text}"
