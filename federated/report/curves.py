"""Survival or cumulative incidence drawn as steps with bands, the noisy numbers at risk below.

Colours are Okabe & Ito's, told apart with any colour vision; curves differ in dashes as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from federated.combine.result import Asked, Curve
from federated.report import words
from federated.report.style import drawn

__all__ = ["CURVES_MAX", "draw_curves"]

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [5, 2], [3, 3], [12, 3])
CURVES_MAX = len(_COLOURS)
_WIDTH = 530


def draw_curves(curves: Sequence[Curve], read: Sequence[int], asked: Asked) -> alt.VConcatChart:
    """Steps with bands, and below them the noisy numbers at risk."""
    names = [words.stratum(curve.stratum, asked.by) for curve in curves]
    years = curves[0].time_days[-1] / 365.25
    # Steps run a little past the last edge: its value is reached only there.
    x_scale = alt.Scale(domain=[0, years * 1.02], nice=False)
    every = max(1, round(years / 6))
    x = alt.X(
        "years:Q",
        scale=x_scale,
        axis=alt.Axis(
            title="Years", values=[*range(0, int(years + 0.01) + 1, every)], format="d", grid=False
        ),
    )
    # Colour and dash carry the same legend, so that they share it; None takes it away.
    legend = (
        None
        if len(names) == 1
        else alt.Legend(
            title=None,
            orient="top",
            columns=4,
            symbolType="stroke",
            symbolOpacity=1,
            symbolSize=500,
        )
    )
    colour = alt.Color("stratum:N", sort=names, legend=legend, scale=_among(names, _COLOURS))
    dash = alt.StrokeDash("stratum:N", sort=names, legend=legend, scale=_among(names, _DASHES))
    rising = curves[0].quantity == "incidence"
    # A low incidence would lie on the axis of a scale to 1.
    top = math.ceil(10 * max(max(c.upper) for c in curves)) / 10 if rising else 1
    share = alt.Scale(domain=[0, top])
    base = drawn(_points(names, curves)).encode(x=x)
    plot = alt.layer(
        base.mark_area(interpolate="step-after", opacity=0.12).encode(
            y=alt.Y("lower:Q", scale=share), y2="upper:Q", color=colour
        ),
        base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(
            y=alt.Y(
                "s:Q",
                scale=share,
                axis=alt.Axis(
                    format=".0%",
                    title="Cumulative incidence" if rising else asked.title,
                    tickCount=5,
                ),
            ),
            color=colour,
            strokeDash=dash,
        ),
    ).properties(width=_WIDTH, height=270)
    return alt.vconcat(plot, _at_risk(names, curves, read, x_scale, colour), spacing=4)


def _among(names: Sequence[str], styles: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=list(styles[: len(names)]))


def _points(names: Sequence[str], curves: Sequence[Curve]) -> list[dict[str, Any]]:
    points = []
    for name, c in zip(names, curves, strict=True):
        edges = [*c.time_days, c.time_days[-1] * 1.02]
        for i, day in enumerate(edges):
            j = min(i, len(c.time_days) - 1)
            points.append(
                {
                    "stratum": name,
                    "years": day / 365.25,
                    "s": c.estimate[j],
                    "lower": c.lower[j],
                    "upper": c.upper[j],
                }
            )
    return points


def _at_risk(
    names: Sequence[str],
    curves: Sequence[Curve],
    read: Sequence[int],
    x_scale: alt.Scale,
    colour: alt.Color,
) -> alt.LayerChart | alt.FacetChart:
    numbers = [
        {
            "stratum": name,
            "years": day / 365.25,
            "rows": f"{round(c.at_risk[c.time_days.index(day)]):,}",
        }
        for name, c in zip(names, curves, strict=True)
        for day in (0, *read)
    ]
    text = (
        drawn(numbers)
        .mark_text(fontSize=11.5)
        .encode(
            x=alt.X("years:Q", scale=x_scale, axis=None),
            y=alt.Y(
                "stratum:N",
                sort=list(names),
                axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=26),
            ),
            text="rows:N",
            color=colour,
        )
    )
    return alt.layer(text).properties(
        width=_WIDTH,
        height=18 * len(names),
        title=alt.TitleParams("At risk (noisy)", fontSize=12, fontWeight="normal", offset=4),
    )
