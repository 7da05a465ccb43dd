"""What may explain many wrong cells at once: a decimal comma, a form that repeats unsaid.

A hint counts and names fields and forms; it holds no cell's value.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.counted import counted
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.fixlist import PLACE_COLUMNS
from gateway.registry.forms import text_table
from gateway.registry.sitemap import Cell, SiteMap
from gateway.registry.sources.source import Source
from policies.dictionary import Dictionary

__all__ = ["load_hints"]

_COMMA = "[-+]?[0-9]*,[0-9]+"
_THOUSANDS = "[-+]?[1-9][0-9]{0,2},[0-9]{3}"
"""Has the form of a decimal too: where nothing but such stands, nobody can tell."""
_POINT = r"[-+]?[0-9]*\.[0-9]+"
_NAMED_MAX = 5


def load_hints(
    bench: Bench,
    source: Source,
    cells: Sequence[Cell],
    dictionary: Dictionary,
    sitemap: SiteMap,
) -> tuple[str, ...]:
    """Sentences about the faults on the fix list; while the text of the forms is on the bench."""
    return (
        *_decimal_comma(bench, cells, sitemap),
        *(_repeating(bench, dictionary) if set(PLACE_COLUMNS) & set(source.header) else ()),
    )


def _decimal_comma(bench: Bench, cells: Sequence[Cell], sitemap: SiteMap) -> tuple[str, ...]:
    numeric = [
        cell
        for cell in cells
        if cell.declared.type in ("integer", "number")
        and cell.column is not None
        and (cell.map.decimal or sitemap.decimal) == "."
    ]
    wrong = set(bench.run("SELECT DISTINCT instrument, fields FROM fix WHERE rule = 'type'"))
    named, commas, points, elsewhere = [], 0, 0, 0
    for cell in numeric:
        form, text = cell.declared.instrument, f"trim({quoted(cell.name)})"
        if (form, cell.name) not in wrong:
            continue
        failed = (
            f"_at IN (SELECT _at FROM fix WHERE rule = 'type' AND instrument = {literal(form)} "
            f"AND fields = {literal(cell.name)})"
        )
        comma = f"{failed} AND {_is(text, _COMMA)}"
        [(failing, fitting, telling, pointed)] = bench.run(
            f"SELECT {_count(failed)}, {_count(comma)}, "
            f"{_count(f'{comma} AND NOT {_is(text, _THOUSANDS)}')}, {_count(_is(text, _POINT))} "
            f"FROM {quoted(text_table(form))}"
        )
        if telling and 2 * fitting >= failing:
            named.append(cell.name)
            commas, points = commas + fitting, points + pointed
    if not named:
        return ()
    for cell in numeric:
        if cell.name not in named:
            elsewhere += bench.value(
                f"SELECT {_count(_is(f'trim({quoted(cell.name)})', _POINT))} "
                f"FROM {quoted(text_table(cell.declared.instrument))}"
            )
    where = "at these elements of the site map" if elsewhere else "in the site map"
    broken = f"; with a decimal point there: {counted(points, 'value')}, wrong then"
    told = (
        f"{counted(commas, 'wrong value')} ({_some(named)}) "
        f"{'has' if commas == 1 else 'have'} a decimal comma: if numbers are written so, "
        f'say decimal: "," {where}{broken if points else ""}'
    )
    return (told,)


def _repeating(bench: Bench, dictionary: Dictionary) -> tuple[str, ...]:
    found = {
        form
        for (form,) in bench.run("SELECT DISTINCT instrument FROM fix WHERE rule = 'duplicate'")
        if form != dictionary.root and not dictionary.instruments[form].repeats
    }
    forms = [form for form in dictionary.instruments if form in found]
    if not forms:
        return ()
    given = " ".join(f"--repeats {form}" for form in forms)
    told = (
        f"{counted(len(forms), 'form')} ({_some(forms)}) that the dictionary does not let repeat "
        f"{'stands' if len(forms) == 1 else 'stand'} in a record more than once: if so it is, "
        f"osteon dictionary import DICTIONARY.csv OUT.yaml --name NAME {given}"
    )
    return (told,)


def _count(test: str) -> str:
    return f"count(*) FILTER (WHERE {test})"


def _is(text: str, pattern: str) -> str:
    return f"coalesce(regexp_full_match({text}, {literal(pattern)}), false)"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
    return ", ".join(names[:_NAMED_MAX]) + more
