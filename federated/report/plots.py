"""Charts of a result (Vega-Lite through Altair), drawn to SVG or PNG without any network call.

Colours are Okabe & Ito's, told apart with any colour vision. A dot is the estimate, a thin
line its interval and the wide pale bar the privacy margin in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import altair as alt

from federated.combine.estimate import two_sided_z
from federated.combine.result import Asked, Curve, Result, Row
from federated.report import words
from federated.report.curves import CURVES_MAX, draw_curves
from federated.report.effects import effect_name
from federated.report.forest import describe, forest
from federated.report.style import drawn, styled
from federated.study.plan import RATIOS

__all__ = ["Figure", "all_charts", "figures", "to_png", "to_svg"]

_SITE, _POOLED, _UNSURE = "#0072B2", "#222222", "#8a8a8a"
_WIDTH = 430
_POOLED_LABEL = "All sites"

_Chart: TypeAlias = alt.LayerChart | alt.FacetChart | alt.VConcatChart


@dataclass(frozen=True)
class Figure:
    """One chart with its place in the report: ``description`` says in words what it shows."""

    statistic: str
    heading: str
    description: str
    chart: _Chart


def figures(result: Result) -> tuple[Figure, ...]:
    """Every chart that the result supports, in the order of what was asked."""
    return tuple(
        figure
        for asked in result.asked
        for figure in (*_of(result, asked), *_regressions(result, asked))
    )


def _regressions(result: Result, asked: Asked) -> Iterator[Figure]:
    for regression in result.regressions:
        if regression.statistic == asked.statistic:
            yield Figure(
                asked.statistic,
                f"{asked.title}: {effect_name(regression)}s",
                describe(regression, asked),
                forest(regression, result.confidence),
            )


def all_charts(result: Result) -> alt.VConcatChart:
    """All figures one under the other, with the result's title."""
    charts = [figure.chart.properties(title=_heading(figure.heading)) for figure in figures(result)]
    whole = alt.vconcat(*charts, spacing=36).resolve_scale(
        x="independent", y="independent", color="independent", strokeDash="independent"
    )
    return cast(
        "alt.VConcatChart",
        styled(whole.properties(title=alt.TitleParams(result.title, fontSize=17, offset=18))),
    )


def to_svg(chart: _Chart) -> str:
    """Inline SVG."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(styled(chart).to_json())
    return svg


def to_png(chart: _Chart, *, scale: float = 2.0) -> bytes:
    """PNG, ``scale`` pixels per point."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(styled(chart).to_json(), scale=scale)
    return png


def _heading(text: str) -> alt.TitleParams:
    return alt.TitleParams(text, anchor="start")


def _of(result: Result, asked: Asked) -> Iterator[Figure]:
    rows = [row for row in result.rows if row.statistic == asked.statistic]
    title, by = asked.title, ", ".join(asked.by_titles)
    if asked.kind in ("mean", *RATIOS):
        rows = [row for row in rows if row.quantity == asked.kind]
    if asked.kind == "quantiles":
        # One of them is drawn, the nearest to the median; the table has them all.
        level = min((row.level or 0.0 for row in rows), key=lambda at: abs(at - 0.5))
        rows = [row for row in rows if row.level == level]
        title = f"{title}: {words.quantile(level)}"
    if asked.kind == "survival":
        curves = [c for c in result.curves if c.statistic == asked.statistic]
        yield from _survival(asked, curves, rows, by)
        return
    if asked.by:
        # The total of a count would dwarf its parts; that of a share belongs among them.
        strata = [
            row for row in rows if row.site is None and not (asked.kind == "count" and row.overall)
        ]
        yield Figure(
            asked.statistic,
            f"{title} by {by}",
            f"{title} over all sites for each level of {by}, with intervals.",
            _dots(
                strata,
                [words.stratum(row.stratum, asked.by) for row in strata],
                last="all",
                result=result,
            ),
        )
    overall = [row for row in rows if row.overall]
    sites = sorted(
        (row for row in overall if row.site is not None),
        key=lambda row: words.natural_key(row.site or ""),
    )
    if asked.kind in ("proportion", "mean", "quantiles", *RATIOS):
        shown = [*sites, *(row for row in overall if row.site is None)]
        yield Figure(
            asked.statistic,
            f"{title} by site",
            f"{title} at each site and over all sites, with intervals.",
            _dots(
                shown,
                [row.site or _POOLED_LABEL for row in shown],
                last=_POOLED_LABEL,
                result=result,
            ),
        )


def _dots(rows: Sequence[Row], labels: Sequence[str], *, last: str, result: Result) -> _Chart:
    """Dots with intervals, one line each; a dashed line at the one labelled ``last``."""
    scale, axis, end = _axis(rows)
    data = [
        _dot(row, label, pooled=label == last, z=two_sided_z(result.confidence), end=end)
        for row, label in zip(rows, labels, strict=True)
    ]

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    base = drawn(data).encode(
        y=alt.Y(
            "label:N",
            sort=list(labels),
            axis=alt.Axis(title=None, ticks=False, domain=False, labelPadding=10),
        ),
        color=alt.Color(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=["one", "pooled", "unsure"], range=[_SITE, _POOLED, _UNSURE]),
        ),
    )
    one = base.transform_filter("datum.kind === 'one'")
    pooled = base.transform_filter("datum.kind === 'pooled'")
    head = f"estimate ({result.confidence:.0%} interval)"
    return alt.layer(
        pooled.mark_rule(strokeDash=[4, 4], opacity=0.55).encode(
            x=x("estimate"), y=alt.value(0), y2=alt.value("height")
        ),
        base.transform_filter("datum.kind !== 'unsure'")
        .mark_bar(height=9, opacity=0.22, cornerRadius=2, clip=True)
        .encode(x=x("margin_lower"), x2="margin_upper:Q"),
        base.mark_rule(strokeWidth=1.8, clip=True).encode(x=x("lower"), x2="upper:Q"),
        one.mark_point(filled=True, size=70, opacity=1).encode(x=x("estimate")),
        pooled.mark_point(filled=True, shape="diamond", size=150, opacity=1).encode(
            x=x("estimate")
        ),
        base.mark_text(align="left", fontSize=12).encode(x=alt.value(_WIDTH + 16), text="text:N"),
        drawn([{"head": head}])
        .mark_text(align="left", fontSize=12, color="#444444")
        .encode(x=alt.value(_WIDTH + 16), y=alt.value(-8), text="head:N"),
    ).properties(width=_WIDTH, height=max(2, len(rows)) * 27)


def _dot(row: Row, label: str, *, pooled: bool, z: float, end: float) -> dict[str, Any]:
    numbers = f"{words.estimate(row)} ({words.interval(row).removesuffix('%')})"
    return {
        "label": label,
        "estimate": row.estimate,
        "lower": row.lower,
        "upper": min(row.upper, end),
        "margin_lower": max(row.lower, row.estimate - z * row.noise_sd),
        "margin_upper": min(row.upper, row.estimate + z * row.noise_sd),
        "text": words.TOO_NOISY if row.uninformative else numbers,
        "kind": "unsure" if row.uninformative else "pooled" if pooled else "one",
    }


def _axis(rows: Sequence[Row]) -> tuple[alt.Scale, alt.Axis, float]:
    """Counts and ratios from 0; shares over the tenths that hold every informative interval; means
    and quantiles over what their intervals span. Beyond the last number, which the scale does not
    show, no line needs to go. The scale chooses the decimals of ``f``; of ``g`` it would make
    powers of ten.
    """
    sure = [row for row in rows if not row.uninformative]
    lowest, highest = (
        min((r.lower for r in sure), default=0),
        max((r.upper for r in sure), default=1),
    )
    if rows[0].quantity == "count":
        title, form, domain = "Number", ",.0f", [0.0, max(1.0, highest * 1.04)]
    elif rows[0].quantity in RATIOS:
        title, form, domain = (
            words.quantity(rows[0]).capitalize(),
            ",f",
            [0.0, max(highest, 1e-9) * 1.04],
        )
    elif rows[0].quantity in ("mean", "quantile"):
        room = max(highest - lowest, 1e-9) * 0.06
        title = words.quantity(rows[0]).capitalize()
        form, domain = ",f", [lowest - room, highest + room]
    else:
        title, form = "Share", ".0%"
        domain = [
            0.0 if lowest < 0.3 else math.floor(lowest * 10) / 10,
            1.0 if highest > 0.7 else math.ceil(highest * 10) / 10,
        ]
    end = domain[1] + (domain[1] - domain[0])
    return (
        alt.Scale(domain=domain, nice=False),
        alt.Axis(format=form, tickCount=6, title=title),
        end,
    )


def _survival(
    asked: Asked, curves: Sequence[Curve], rows: Sequence[Row], by: str
) -> Iterator[Figure]:
    """Curves by stratum, and over all where there are strata."""
    read = sorted({row.time_days for row in rows if row.time_days and row.quantity == "survival"})
    strata = [c for c in curves if words.stratum(c.stratum, asked.by) != "all"]
    whole = [c for c in curves if words.stratum(c.stratum, asked.by) == "all"]
    shown = [c for c in strata if not c.uninformative][:CURVES_MAX]
    if shown:
        left_out = _notdrawn(len(strata), sum(c.uninformative for c in strata))
        yield Figure(
            asked.statistic,
            f"{asked.title} by {by}",
            f"{asked.title} over all sites for each level of {by}, with bands.{left_out}",
            draw_curves(shown, read, asked),
        )
    yield Figure(
        asked.statistic,
        asked.title + (", all" if strata else ""),
        f"{asked.title} over all sites and strata, with its band.",
        draw_curves(whole, read, asked),
    )


def _notdrawn(strata: int, noisy: int) -> str:
    """Which curves the reader looks for in vain, and why."""
    told = ""
    if noisy:
        told += f" {noisy} of {strata} strata are not drawn (too noisy to tell)."
    if strata - noisy > CURVES_MAX:
        told += f" Of the others the first {CURVES_MAX} are drawn."
    return told
