"""Plain tables through the site map: each row feeds the forms that ``rows`` lists."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.registry.sitemap import Cell, SiteMap
from gateway.registry.sources.form import FormRows, filled
from policies.dictionary import Dictionary
from policies.errors import DeclarationError

__all__ = ["form_rows"]


def form_rows(
    sitemap: SiteMap, dictionary: Dictionary, cells: Sequence[Cell], *, where: str
) -> list[FormRows]:
    """Every instrument with its rows: those in which a mapped cell of the form is filled.

    Rows of one patient may repeat the patient's own cells, as long as they agree.
    """
    touched = {cell.declared.instrument for cell in cells}
    feeds = set(sitemap.rows) or touched
    for name in sitemap.rows:
        if name not in dictionary.instruments:
            raise DeclarationError(f'unknown instrument "{name}"', where=f"{where}: rows")
    for cell in cells:
        if cell.declared.instrument not in feeds and cell.element != dictionary.key:
            raise DeclarationError(
                f'belongs to "{cell.declared.instrument}", which rows does not list',
                where=f"{where}: elements.{cell.element}",
            )
    shared = any(dictionary.instruments[name].repeats for name in feeds)
    found = []
    for name in dictionary.instruments:
        mine = [c for c in cells if c.declared.instrument == name and c.element != dictionary.key]
        any_filled = filled(mine)
        rows = "true" if name == dictionary.root else any_filled if name in feeds else "false"
        found.append(FormRows(name, rows, None, any_filled, shared=shared))
    return found
