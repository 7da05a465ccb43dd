"""Pictures of a site's own outcomes: curves with numbers at risk, shares and patterns by year.

Every number in a picture stands in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.console.picture import COLOURS, DASHES, GREY, PALE, chart_of, svg_of
from gateway.registry.outcomes.curve import Curve
from gateway.registry.outcomes.read import Patterns, Rate

__all__ = ["curves_picture", "patterns_picture", "rate_picture"]

_WIDTH, _HEIGHT = 520, 230
_YEAR = 365.25
_BAND = 0.14
_MANY = 3
"""Of more curves than these, bands would hide one another."""


def curves_picture(curves: Sequence[Curve], until: int) -> str:
    """Steps with 95 % bands up to the day ``until``, and the numbers at risk below."""
    shown = [one for one in curves if one.rows][: len(COLOURS)]
    if not shown:
        return ""
    import altair as alt

    names = [one.label for one in shown]
    scale = alt.Scale(domain=[0, _years(until)], nice=False)
    ticks = alt.Axis(title="Years", tickMinStep=0.5 if until < 2 * _YEAR else 1, grid=False)
    legend = (
        None
        if len(names) == 1
        else alt.Legend(
            title=None, orient="top", symbolType="stroke", symbolOpacity=1, symbolSize=500
        )
    )
    colours = alt.Scale(domain=names, range=list(COLOURS[: len(names)]))
    dashes = alt.Scale(domain=names, range=list(DASHES[: len(names)]))
    colour = alt.Color("curve:N", sort=names, legend=legend, scale=colours)
    base = chart_of([step for one in shown for step in _steps(one, until)]).encode(
        x=alt.X("years:Q", scale=scale, axis=ticks), color=colour
    )
    share = alt.Scale(domain=[0, 1])
    line = base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(
        y=alt.Y("s:Q", scale=share, axis=alt.Axis(format=".0%", title="without the event")),
        strokeDash=alt.StrokeDash("curve:N", sort=names, legend=legend, scale=dashes),
    )
    band = base.mark_area(interpolate="step-after", opacity=_BAND).encode(
        y=alt.Y("low:Q", scale=share), y2="high:Q"
    )
    layers = [band, line] if len(names) <= _MANY else [line]
    plot = alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT)
    return svg_of(alt.vconcat(plot, _at_risk(shown, names, scale, colour), spacing=6))


def _years(days: int) -> float:
    """Whole years where the day is about one: 1,826 days end the axis at 5."""
    years = days / _YEAR
    return float(round(years)) if abs(years - round(years)) < 0.005 else years


def _steps(curve: Curve, until: int) -> list[dict[str, Any]]:
    """The steps up to the last row's time, no further: beyond it nothing is known."""
    found = [
        {"curve": curve.label, "years": day / _YEAR, "s": s, "low": low, "high": high}
        for day, s, low, high in zip(
            curve.days, curve.survival, curve.lower, curve.upper, strict=True
        )
        if day <= until
    ]
    if curve.days[-1] > until:
        found.append({**found[-1], "years": until / _YEAR})
    return found


def _at_risk(shown: Sequence[Curve], names: Sequence[str], scale: Any, colour: Any) -> Any:
    import altair as alt

    values = [
        {"curve": one.label, "years": reading.day / _YEAR, "rows": f"{reading.at_risk:,}"}
        for one in shown
        for reading in one.readings
    ]
    text = (
        chart_of(values)
        .mark_text(fontSize=11.5)
        .encode(
            x=alt.X("years:Q", scale=scale, axis=None),
            y=alt.Y(
                "curve:N",
                sort=list(names),
                axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=22),
            ),
            text="rows:N",
            color=colour,
        )
    )
    title = alt.TitleParams("At risk", fontSize=12, fontWeight="normal", anchor="start", offset=4)
    return text.properties(width=_WIDTH, height=18 * len(names), title=title)


def rate_picture(rate: Rate, small: int) -> str:
    """Shares by year with their 95 % intervals; hollow where fewer than ``small`` rows count."""
    if not rate.shares:
        return ""
    import altair as alt

    values = [
        {
            "year": str(one.year),
            "share": one.part / one.whole,
            "low": one.lower,
            "high": one.upper,
            "kind": "few" if one.whole < small else "enough",
        }
        for one in rate.shares
    ]
    scale = alt.Scale(domain=[0, 1])
    base = chart_of(values).encode(x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)))
    line = base.mark_rule(color=PALE, strokeWidth=6).encode(
        y=alt.Y("low:Q", scale=scale, axis=alt.Axis(format=".0%", title="share", tickCount=5)),
        y2="high:Q",
    )
    dot = base.mark_point(size=70, opacity=1, color=COLOURS[0], strokeWidth=1.8).encode(
        y=alt.Y("share:Q", scale=scale),
        fill=alt.Fill(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=["few", "enough"], range=["#ffffff", COLOURS[0]]),
        ),
    )
    return svg_of(alt.layer(line, dot).properties(width=_WIDTH, height=150))


def patterns_picture(found: Patterns) -> str:
    """Shares of the parts by year as stacked bars; the number of rows stands above each."""
    if not found.years:
        return ""
    import altair as alt

    used = [i for i in range(len(found.parts)) if any(row[i] for _, row in found.years)]
    names = [found.parts[i] for i in used]
    last = len(found.parts) - 1  # rows that belong to no part
    colours = [GREY if i == last else COLOURS[i % len(COLOURS)] for i in used]
    values = [
        {"year": str(year), "part": found.parts[i], "order": i, "share": row[i] / sum(row)}
        for year, row in found.years
        for i in used
    ]
    totals = [{"year": str(year), "rows": f"{sum(row):,}"} for year, row in found.years]
    years = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))
    bars = (
        chart_of(values)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            x=years,
            y=alt.Y(
                "share:Q",
                title="share",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", tickCount=5),
            ),
            color=alt.Color(
                "part:N",
                sort=names,
                scale=alt.Scale(domain=names, range=colours),
                legend=alt.Legend(title=None, orient="right"),
            ),
            order="order:Q",
        )
    )
    told = (
        chart_of(totals)
        .mark_text(dy=-8, fontSize=11.5)
        .encode(x=years, y=alt.value(0), text="rows:N")
    )
    return svg_of(alt.layer(bars, told).properties(width=_WIDTH - 60, height=190))
