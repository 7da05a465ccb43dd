"""Plain tables through the site map: each row feeds the forms that ``rows`` lists."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.registry.sitemap import Cell, SiteMap
from gateway.registry.sources.form import FormRows, filled
from gateway.registry.sources.source import Source
from gateway.registry.typed import source_text, typed_value
from policies.dictionary import Dictionary
from policies.errors import DeclarationError

__all__ = ["form_rows"]


def form_rows(
    source: Source,
    sitemap: SiteMap,
    dictionary: Dictionary,
    cells: Sequence[Cell],
    *,
    where: str,
) -> list[FormRows]:
    """Every instrument with its rows: those in which a mapped cell of the form is filled.

    Rows of one patient may repeat the patient's own cells, as long as they agree. Of a repeating
    form, two rows of the record are one if they have the same key, or, where the form has no key
    or the row does not give it, if the file's rows are the same in every cell.
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
        if dictionary.instruments[name].repeats:
            key, apart = _apart(source, sitemap, dictionary, mine)
        else:
            key, apart = dictionary.key, None
        found.append(FormRows(name, rows, None, any_filled, shared, apart, key))
    return found


def _apart(
    source: Source, sitemap: SiteMap, dictionary: Dictionary, cells: Sequence[Cell]
) -> tuple[str | None, str]:
    """The key's fields, None without one, and SQL that is the same for rows that are one."""
    columns = ", ".join(f"coalesce(c{i}, '')" for i in range(len(source.header)))
    whole = f"'row ' || md5(concat_ws(chr(31), {columns}))"
    named = {e.references for e in dictionary.elements.values()}
    keys = [
        cell
        for cell in cells
        if "key" in cell.declared.roles or f"{cell.declared.instrument}.{cell.element}" in named
    ]
    if not keys:
        return None, whole
    # As typed values: 1 and 01 are one number.
    values = [f"CAST({typed_value(cell, source_text(cell), sitemap)} AS VARCHAR)" for cell in keys]
    given = " || chr(31) || ".join(f"({value})" for value in values)
    return " ".join(cell.element for cell in keys), f"coalesce('key ' || {given}, {whole})"
