"""Which rows of a patient belong together, as SQL; every relation stays within one record (D3).

A form that references another belongs to the row whose key it names (a pathology to a tumour);
the form that is referenced belongs to itself. Rows of two forms that both belong to the same
form are related where they name the same key; a row that names none is related to no such row.
All other rows are related by patient.
"""

from __future__ import annotations

from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import form_table
from policies.derivation import Derivations
from policies.dictionary import Dictionary
from policies.errors import DeclarationError

__all__ = [
    "belongs_to",
    "create_unit",
    "derived_rows",
    "refresh_rows",
    "refresh_wide",
    "relation",
    "unit_rows",
    "wide_view",
]


def unit_rows(unit: str) -> str:
    """View of a unit's rows: its own elements, then derived ones as they are computed."""
    return f"rows_{unit}"


def derived_rows(unit: str) -> str:
    """Table of a unit's derived elements by ``_at``; apart, so that a layer copies little."""
    return f"derived_{unit}"


def _entered_rows(unit: str) -> str:
    return f"entered_{unit}"


def wide_view(unit: str) -> str:
    """View of a unit's rows with the elements of the units that hold them."""
    return f"wide_{unit}"


def belongs_to(dictionary: Dictionary, instrument: str) -> tuple[str, str] | None:
    """``(target instrument, key element of this one)``, or None where rows belong to nothing."""
    reference = dictionary.reference(instrument)
    if reference is not None:
        return reference[1], reference[0]
    for element in dictionary.elements.values():
        target, _, key = (element.references or "").partition(".")
        if target == instrument:
            return instrument, key
    return None


def relation(dictionary: Dictionary, one: str, other: str) -> str:
    """SQL condition between rows ``a`` of instrument ``one`` and ``b`` of ``other``."""
    mine, theirs = belongs_to(dictionary, one), belongs_to(dictionary, other)
    condition = "a._record = b._record"
    if mine is not None and theirs is not None and mine[0] == theirs[0]:
        condition += " AND a._key = b._key"
    return condition


def create_unit(bench: Bench, unit: str, derivations: Derivations, dictionary: Dictionary) -> None:
    """Make the unit's rows from its form, with ``_key`` and ``_holder`` (``_at`` of its holder)."""
    declared = derivations.units[unit]
    belongs = belongs_to(dictionary, declared.instrument)
    key = "NULL" if belongs is None else f"a.{quoted(belongs[1])}"
    form = quoted(form_table(declared.instrument))
    sql = f"SELECT a.*, CAST({key} AS VARCHAR) AS _key, NULL::BIGINT AS _holder FROM {form} a"
    if declared.within is not None:
        holder = derivations.units[declared.within].instrument
        above = quoted(form_table(holder))
        if holder == dictionary.root:
            match = "a._record = b._record"
        else:
            theirs = belongs_to(dictionary, holder)
            if belongs is None or theirs is None or belongs[0] != theirs[0]:
                raise DeclarationError(
                    f'"{declared.instrument}" does not reference "{holder}"',
                    where=f"units.{unit}",
                )
            match = f"a._record = b._record AND a.{quoted(belongs[1])} = b.{quoted(theirs[1])}"
        # Of two holders with the same key the first in the record holds.
        sql = (
            f"SELECT a.*, CAST({key} AS VARCHAR) AS _key, h._holder FROM {form} a LEFT JOIN ("
            f"SELECT a._at, min_by(b._at, b._seq) AS _holder FROM {form} a JOIN {above} b "
            f"ON {match} GROUP BY a._at) h ON a._at = h._at"
        )
    bench.make(_entered_rows(unit), sql)
    bench.keep(_entered_rows(unit))
    bench.make(derived_rows(unit), f"SELECT _at FROM {quoted(_entered_rows(unit))}")
    refresh_rows(bench, unit)


def refresh_rows(bench: Bench, unit: str) -> None:
    """(Re)define the view of a unit's rows after its derived elements have changed."""
    entered, derived = bench.columns(_entered_rows(unit)), bench.columns(derived_rows(unit))
    sql = f"SELECT e.*, d.* EXCLUDE (_at) FROM {quoted(_entered_rows(unit))} e "
    sql += f"JOIN {quoted(derived_rows(unit))} d USING (_at)"
    if len(derived) == 1:
        sql = f"SELECT * FROM {quoted(_entered_rows(unit))}"
    bench.view(unit_rows(unit), sql, entered | derived)
    if len(derived) > 1:
        bench.keep(unit_rows(unit))


def refresh_wide(bench: Bench, unit: str, derivations: Derivations) -> None:
    """(Re)define the wide view; ``_in_<unit>`` is the ``_at`` of each row that holds the row."""
    chain = (unit, *derivations.ancestors(unit))
    cells, joins, columns = ["t0.*"], "", bench.columns(unit_rows(unit))
    for i, holder in enumerate(chain[1:], start=1):
        theirs = {c: t for c, t in bench.columns(unit_rows(holder)).items() if c[0] != "_"}
        cells += [f"t{i}._at AS {quoted(f'_in_{holder}')}"]
        cells += [f"t{i}.{quoted(name)}" for name in theirs]
        joins += f" LEFT JOIN {quoted(unit_rows(holder))} t{i} ON t{i - 1}._holder = t{i}._at"
        columns |= {f"_in_{holder}": "BIGINT"} | theirs
    bench.view(
        wide_view(unit),
        f"SELECT {', '.join(cells)} FROM {quoted(unit_rows(unit))} t0{joins}",
        columns,
    )
    if len(chain) > 1:
        bench.keep(wide_view(unit))
