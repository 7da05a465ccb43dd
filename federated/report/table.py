"""Results in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federated.combine.result import Asked, Regression, Result, Row
from federated.report import effects, words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["print_result", "result_tables", "sites_table"]


def print_result(result: Result, console: Console, *, by_site: bool = False) -> None:
    """Title, sites, one table per statistic with its test and regression, how to read them."""
    if result.title:
        console.print(f"\n[bold]{_plain(result.title)}[/bold]")
    if result.epsilon:
        console.print(f"Privacy: {_plain(result.epsilon)}")
    console.print(sites_table(result))
    for asked, table in zip(result.asked, result_tables(result, by_site=by_site), strict=True):
        console.print(table)
        for test in result.tests:
            if test.statistic == asked.statistic:
                console.print(_plain(words.difference(test)))
        for regression in result.regressions:
            if regression.statistic == asked.statistic:
                console.print(_effects(regression, asked, result.confidence))
    console.print(
        f"Intervals hold the true value in {result.confidence:.0%} of studies and include the "
        "privacy noise; the privacy margin is the part of the noise. Numbers of rows and events, "
        "times and sums are those of the rows counted: their intervals hold noise only. "
        f"{words.NOISY_ROWS}",
        style="dim",
    )


def result_tables(result: Result, *, by_site: bool = False) -> tuple[Table, ...]:
    """One table per statistic asked for; ``by_site`` adds the rows of each site."""
    return tuple(_table(result, asked, by_site=by_site) for asked in result.asked)


def sites_table(result: Result) -> Table:
    """Who answered, who did not and why."""
    from rich.table import Table

    table = Table(
        title=f"{len(result.answered)} of {len(result.sites)} sites answered", title_justify="left"
    )
    table.add_column("site")
    table.add_column("outcome")
    table.add_column("charge (ρ)", justify="right")
    for site in sorted(result.sites, key=lambda each: words.natural_key(each.site)):
        charge = f"{site.nano_rho / 1e9:g}" if site.nano_rho else "–"
        again = "" if site.charged or not site.nano_rho else " (paid before)"
        table.add_row(_plain(site.site), _plain(words.reasons(site)), charge + again)
    return table


def _table(result: Result, asked: Asked, *, by_site: bool) -> Table:
    from rich.table import Table

    table = Table(
        title=_plain(asked.title),
        caption=_plain(words.question(asked)) + ".",
        title_justify="left",
        caption_justify="left",
    )
    if by_site:
        table.add_column("site")
    for title in asked.by_titles:
        table.add_column(_plain(title))
    table.add_column("what")
    rows = [row for row in result.rows if row.statistic == asked.statistic]
    with_rows = any(words.has_rows(row) for row in rows)
    numbers = ("estimate", f"{result.confidence:.0%} interval", "privacy margin")
    for column in (*numbers, *(["rows (noisy)"] if with_rows else [])):
        table.add_column(column, justify="right")
    for row in rows:
        if by_site or row.site is None:
            cells = _cells(row, asked, result.confidence, by_site=by_site)
            table.add_row(*cells, *([words.rows(row)] if with_rows else []))
    return table


def _effects(regression: Regression, asked: Asked, confidence: float) -> Table:
    from rich.table import Table

    table = Table(
        title=f"{_plain(asked.title)}: {effects.effect_name(regression)}s",
        caption=_plain(effects.sentence(regression, asked)) + ".",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("covariate")
    table.add_column("level")
    for column in (
        effects.effect_name(regression),
        f"{confidence:.0%} interval",
        "privacy margin",
        "p",
        "p, all levels",
        "time (noisy)" if regression.model == "poisson" else "rows (noisy)",
    ):
        table.add_column(column, justify="right")
    for line in effects.lines(regression, confidence):
        cells = (line.factor, line.level, line.estimate, line.interval, line.margin)
        table.add_row(*map(_plain, (*cells, line.p, line.joint_p, line.rows)))
    return table


def _cells(row: Row, asked: Asked, confidence: float, *, by_site: bool) -> list[str]:
    return [
        *([_plain(row.site or "all sites")] if by_site else []),
        *(_plain(row.stratum[element]) for element in asked.by),
        words.quantity(row),
        words.estimate(row),
        words.interval(row),
        words.privacy_margin(row, confidence),
    ]


def _plain(text: str) -> str:
    """Text that the terminal shows as it is, square brackets included."""
    from rich.markup import escape

    return escape(text)
