"""Pictures of a load's quality (Vega-Lite through Altair), drawn to SVG without a network call.

Colours are Okabe & Ito's, told apart with any colour vision and in grey; every number in a picture
stands in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deid.evaluation.interval import wilson
from gateway.console.picture import COLOURS, DASHES, GREY, PALE, chart_of, svg_of

__all__ = ["answers_picture", "capture_picture", "follow_up_picture", "trend_picture"]

_BLUE, _ORANGE = COLOURS[:2]
_WIDTH, _HEIGHT = 520, 190
_STATES = ("value", "missing with a reason", "does not fit", "blank")
_STATE_COLOURS = (_BLUE, PALE, _ORANGE, GREY)

Share = tuple[str, int, int]
"""A label, and how many of how many."""


def answers_picture(tiers: Sequence[tuple[str, Sequence[int]]]) -> str:
    """Per tier the shares of cells by state, in the order value, missing with a reason, does not
    fit, blank. Tiers that nothing asks for are left out.
    """
    values = [
        {"tier": tier, "state": state, "order": i, "share": count / sum(counts)}
        for tier, counts in tiers
        if sum(counts)
        for i, (state, count) in enumerate(zip(_STATES, counts, strict=True))
    ]
    if not values:
        return ""
    import altair as alt

    chart = (
        chart_of(values)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("share:Q", title="share of the cells asked for", axis=alt.Axis(format=".0%")),
            y=alt.Y("tier:N", sort=None, title=None),
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=list(_STATES), range=list(_STATE_COLOURS)),
                legend=alt.Legend(title=None, orient="top"),
            ),
            order="order:Q",
        )
    )
    return svg_of(chart.properties(width=_WIDTH, height={"step": 30}))


def capture_picture(windows: Sequence[Share]) -> str:
    """Per window the share captured as a dot with its 95 % interval (Wilson)."""
    values = []
    for label, part, whole in windows:
        ends = wilson(part, whole)
        if ends is not None:
            named = f"{label} ({part:,} of {whole:,})"
            values.append({"window": named, "share": part / whole, "low": ends[0], "high": ends[1]})
    if not values:
        return ""
    import altair as alt

    base = chart_of(values).encode(y=alt.Y("window:N", sort=None, title=None))
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format=".0%")
    line = base.mark_rule(color=PALE, strokeWidth=6).encode(
        x=alt.X("low:Q", scale=scale, axis=axis, title="share of the patients who were due"),
        x2="high:Q",
    )
    dot = base.mark_point(filled=True, size=80, color=_BLUE, opacity=1).encode(
        x=alt.X("share:Q", scale=scale)
    )
    return svg_of(alt.layer(line, dot).properties(width=_WIDTH - 120, height={"step": 28}))


def follow_up_picture(
    curves: Sequence[tuple[str, Sequence[tuple[str, float]]]], target: float | None
) -> str:
    """Completeness of follow-up by closing date (ISO days), a line each; the target as a rule."""
    import altair as alt

    across = alt.X("at:T", title="closing date", axis=alt.Axis(format="%b %Y", tickCount=6))
    return _lines(curves, across, "completeness of follow-up (C)", target)


def trend_picture(curves: Sequence[tuple[str, Sequence[tuple[str, float]]]]) -> str:
    """Shares by load, a line each; nothing before there are two loads."""
    if max((len(points) for _, points in curves), default=0) < 2:
        return ""
    import altair as alt

    across = alt.X("at:O", title="load", sort=None, axis=alt.Axis(labelAngle=-40))
    return _lines(curves, across, "share", None)


def _lines(
    curves: Sequence[tuple[str, Sequence[tuple[str, float]]]],
    across: Any,
    up: str,
    target: float | None,
) -> str:
    values = [
        {"curve": name, "at": at, "share": share} for name, points in curves for at, share in points
    ]
    if not values:
        return ""
    import altair as alt

    names = [name for name, points in curves if points]
    low = min(share for _, points in curves for _, share in points)
    floor = 0.0 if low < 0.5 or (target is not None and target < 0.5) else 0.5
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(names))]
    dashes = [DASHES[i % len(DASHES)] for i in range(len(names))]
    legend = alt.Legend(
        title=None, orient="bottom", direction="vertical", symbolType="stroke", symbolSize=500
    )
    line = (
        chart_of(values)
        .mark_line(point=alt.OverlayMarkDef(size=36), strokeWidth=2.2)
        .encode(
            x=across,
            y=alt.Y(
                "share:Q",
                title=up,
                scale=alt.Scale(domain=[floor, 1]),
                axis=alt.Axis(format=".0%", tickCount=6),
            ),
            color=alt.Color("curve:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
            strokeDash=alt.StrokeDash(
                "curve:N", scale=alt.Scale(domain=names, range=dashes), legend=legend
            ),
        )
    )
    if target is None:
        return svg_of(line.properties(width=_WIDTH, height=_HEIGHT))
    rule = (
        chart_of([{"share": target}])
        .mark_rule(color="#555555", strokeDash=[3, 3])
        .encode(y=alt.Y("share:Q"))
    )
    return svg_of(alt.layer(line, rule).properties(width=_WIDTH, height=_HEIGHT))
