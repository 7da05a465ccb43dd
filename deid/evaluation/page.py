"""An evaluation as one HTML file that needs nothing else: tables, and a picture of the recall."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deid.evaluation.table import interval, percent

__all__ = ["recall_picture", "render_page", "write_page"]

_COLOUR, _PALE, _WIDTH = "#0072B2", "#9ecae1", 460  # Okabe & Ito's blue: any colour vision


def write_page(found: dict[str, Any], path: Path) -> None:
    """Write the page for a :func:`deid.evaluation.summary.summary` to ``path``."""
    path.write_text(render_page(found), encoding="utf-8", newline="\n")


def render_page(found: dict[str, Any]) -> str:
    """The page's HTML, without a single outside reference and without text of notes."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        found=found,
        leaks=found["notes_with_leak"],
        picture=recall_picture(found["recall"]) if found["recall"] else "",
        layers=crossed(found["layers"], "source", "gold"),
        categories=crossed(found["categories"], "gold", "found"),
        percent=percent,
        interval=interval,
    )


def crossed(pairs: Sequence[dict[str, Any]], row: str, column: str) -> dict[str, Any]:
    """Counts of pairs as a table: ``none`` stands last in either direction."""

    def last(name: str) -> tuple[bool, str]:
        return name == "none", name

    columns = sorted({pair[column] for pair in pairs}, key=last)
    rows = sorted({pair[row] for pair in pairs}, key=last)
    counts = {(pair[row], pair[column]): pair["spans"] for pair in pairs}
    return {
        "columns": columns,
        "rows": [(name, [counts.get((name, other), 0) for other in columns]) for name in rows],
    }


def recall_picture(recall: Sequence[dict[str, Any]]) -> str:
    """SVG: recall of each category as a dot with its interval; drawn without a network call."""
    import altair as alt
    import vl_convert

    values = [
        {
            "category": f"{row['category']} ({row['spans']:,})",
            "recall": row["recall"],
            "lower": row["interval"][0],
            "upper": row["interval"][1],
        }
        for row in recall
    ]
    floor = min(value["lower"] for value in values)
    low = 0.9 if floor >= 0.9 else 0.5 if floor >= 0.5 else 0.0
    base = alt.Chart(alt.Data(values=values)).encode(  # type: ignore[no-untyped-call]
        y=alt.Y("category:N", sort=None, title=None)
    )
    scale = alt.Scale(domain=[low, 1.0])
    line = base.mark_rule(color=_PALE, strokeWidth=5).encode(
        x=alt.X("lower:Q", scale=scale, title="recall", axis=alt.Axis(format=".0%")), x2="upper:Q"
    )
    dot = base.mark_point(filled=True, size=70, color=_COLOUR, opacity=1).encode(
        x=alt.X("recall:Q", scale=scale)
    )
    chart = (
        alt.layer(line, dot)
        .properties(width=_WIDTH, height={"step": 26})
        .configure(font="Helvetica, Arial, 'DejaVu Sans', sans-serif")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, gridColor="#e6e6e6", labelLimit=200)
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_json())
    return svg
