"""What the pages' pictures share (Vega-Lite through Altair), drawn to SVG without a network call.

Colours are Okabe & Ito's, told apart with any colour vision; lines differ in dashes as well.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

__all__ = ["COLOURS", "DASHES", "GREY", "PALE", "chart_of", "svg_of"]

PALE, GREY = "#9ecae1", "#d9d9d9"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [5, 2], [3, 3], [12, 3])


def chart_of(values: list[dict[str, Any]]) -> Any:
    """An Altair chart of these rows."""
    import altair as alt

    return alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]


def svg_of(chart: Any) -> str:
    """The chart in the house style, as inline SVG."""
    styled = (
        chart.configure(font="Helvetica, Arial, 'DejaVu Sans', sans-serif", padding=6)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor="#e6e6e6",
            labelLimit=240,
        )
        .configure_legend(labelFontSize=12, labelLimit=440, symbolStrokeWidth=2.5)
    )
    return _drawn(styled.to_json())


@lru_cache(maxsize=64)
def _drawn(specification: str) -> str:
    """A page is read more often than its load changes."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(specification)
    return svg
