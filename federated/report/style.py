"""What all charts of a report share."""

from __future__ import annotations

from typing import Any

import altair as alt

__all__ = ["drawn", "styled"]


def drawn(values: list[dict[str, Any]]) -> alt.Chart:
    """A chart of these values, which Altair's types do not know."""
    return alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]


def styled(chart: Any) -> Any:
    """The house style: few lines, dark text, room to read."""
    return (
        chart.configure(font="Helvetica, Arial, 'DejaVu Sans', sans-serif", padding=8)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor="#222222",
            titleColor="#444444",
            gridColor="#e6e6e6",
            domainColor="#888888",
            tickColor="#888888",
            labelLimit=260,
        )
        .configure_legend(labelFontSize=12, titleFontSize=12, labelLimit=260, symbolStrokeWidth=2.5)
        .configure_title(fontSize=14, anchor="start", fontWeight="bold", color="#222222")
    )
