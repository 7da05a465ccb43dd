"""The report: one HTML file that needs nothing else, on screen, on paper or read aloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from federated.combine.result import Asked, Regression, Result, Row
from federated.report import effects, words
from federated.report.effects import EffectLine
from federated.study.plan import RATIOS

__all__ = ["Truth", "render_report", "write_report"]

Truth: TypeAlias = Callable[[Row], float | None]
"""The exact value of a pooled row where it is known, that is, for synthetic data only."""


@dataclass(frozen=True)
class _Picture:
    heading: str
    description: str
    svg: str


@dataclass(frozen=True)
class _Line:
    """A table line; ``truth`` is empty where the caller knows none."""

    site: str
    strata: tuple[str, ...]
    quantity: str
    estimate: str
    interval: str
    margin: str
    rows: str
    truth: str
    overall: bool


@dataclass(frozen=True)
class _Effects:
    sentence: str
    name: str
    rows: str
    lines: tuple[EffectLine, ...]


@dataclass(frozen=True)
class _Section:
    asked: Asked
    question: str
    terms: tuple[tuple[str, str], ...]
    pictures: tuple[_Picture, ...]
    pooled: tuple[_Line, ...]
    by_site: tuple[_Line, ...]
    tests: tuple[str, ...]
    regressions: tuple[_Effects, ...]
    has_truth: bool
    has_rows: bool


@dataclass(frozen=True)
class _Group:
    """Statistics that count the same rows, so that it is said once which."""

    reach: str
    condition: str
    sections: tuple[_Section, ...]


def write_report(
    result: Result, path: Path, *, truth: Truth | None = None, prepared: str = ""
) -> Path:
    """Write the report to ``path`` and return it.

    ``truth`` adds a column that says so; never give it for real patients: exact figures are what
    the noise protects. ``prepared`` is a line such as the date, shown under the title.
    """
    path.write_text(render_report(result, truth=truth, prepared=prepared), encoding="utf-8")
    return path


def render_report(result: Result, *, truth: Truth | None = None, prepared: str = "") -> str:
    """The report's HTML, charts inline as SVG, without a single outside reference."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = _sections(result, truth)
    return environment.get_template("report.html.j2").render(
        result=result,
        sections=sections,
        groups=_groups(sections),
        reaches=tuple(dict.fromkeys(words.reach(asked) for asked in result.asked)),
        sites=sorted(result.sites, key=lambda site: words.natural_key(site.site)),
        kinds={test.kind for test in result.tests},
        ratios=any(asked.kind in RATIOS for asked in result.asked),
        reasons=words.reasons,
        noisy_rows=words.NOISY_ROWS,
        confidence=f"{result.confidence:.0%}",
        prepared=prepared,
    )


def _groups(sections: Sequence[_Section]) -> tuple[_Group, ...]:
    found: dict[tuple[str, str], list[_Section]] = {}
    for section in sections:
        rows = words.reach(section.asked), words.condition(section.asked)
        found.setdefault(rows, []).append(section)
    return tuple(_Group(*rows, tuple(of)) for rows, of in found.items())


def _sections(result: Result, truth: Truth | None) -> tuple[_Section, ...]:
    from federated.report.plots import figures, to_svg

    drawn: dict[str, list[_Picture]] = {}
    for i, figure in enumerate(figures(result)):
        svg = _own_ids(to_svg(figure.chart), f"figure{i}")
        picture = _Picture(figure.heading, figure.description, svg)
        drawn.setdefault(figure.statistic, []).append(picture)
    sections = []
    for asked in result.asked:
        rows = [row for row in result.rows if row.statistic == asked.statistic]
        pooled = tuple(_line(row, asked, result, truth) for row in rows if row.site is None)
        by_site = sorted(
            (row for row in rows if row.site is not None),
            key=lambda row: words.natural_key(row.site or ""),
        )
        sections.append(
            _Section(
                asked=asked,
                question=words.counted(asked),
                terms=words.terms(asked),
                pictures=tuple(drawn.get(asked.statistic, ())),
                pooled=pooled,
                by_site=tuple(_line(row, asked, result, None) for row in by_site),
                tests=tuple(
                    words.difference(test)
                    for test in result.tests
                    if test.statistic == asked.statistic
                ),
                regressions=tuple(
                    _effects(regression, asked, result.confidence)
                    for regression in result.regressions
                    if regression.statistic == asked.statistic
                ),
                has_truth=any(line.truth for line in pooled),
                has_rows=any(words.has_rows(row) for row in rows),
            )
        )
    return tuple(sections)


def _effects(regression: Regression, asked: Asked, confidence: float) -> _Effects:
    return _Effects(
        sentence=effects.sentence(regression, asked),
        name=effects.effect_name(regression).capitalize(),
        rows="Time (noisy)" if regression.model == "poisson" else "Rows (noisy)",
        lines=effects.lines(regression, confidence),
    )


def _own_ids(svg: str, prefix: str) -> str:
    """Give the drawing's ids a name of their own: several drawings share one document."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)


def _line(row: Row, asked: Asked, result: Result, truth: Truth | None) -> _Line:
    exact = truth(row) if truth is not None else None
    known = ""
    if exact is not None:
        held = row.lower <= exact <= row.upper
        known = f"{words.number(row, exact)} ({'inside' if held else 'outside'})"
    return _Line(
        site=row.site or "",
        strata=tuple(row.stratum[element] for element in asked.by),
        quantity=words.quantity(row),
        estimate=words.estimate(row),
        interval=words.interval(row),
        margin=words.privacy_margin(row, result.confidence),
        rows=words.rows(row),
        truth=known,
        overall=row.overall,
    )
