"""A de-identified table of one unit with its codebook, for use outside the query gateway.

An extract is another door than queries: it needs an agreement of its own, and no noise is in it.
Rare combinations of what others may know are generalised until k patients share each
(:mod:`deid.rare.generalise`), and a report says what that cost. Free text is in no extract.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from deid.pseudonym import Keys
from deid.rare.generalise import NOT_PROMISED, PROMISED, Cost, Generalised, generalise
from deid.rare.ladder import Rung, bands, cuts, groups, prefix, rare_as_other
from federated.study.plan import unit_table
from gateway.errors import SiteError
from gateway.registry.codebook import write_codebook
from gateway.registry.extract_ages import age_columns, opened_ages
from gateway.registry.extract_files import check_ending, write_table
from gateway.registry.store.store import Version
from policies.decode import digest
from policies.derivation import Derivations, Derived
from policies.dictionary import Dictionary, Element
from policies.dictionary.hints import is_code
from policies.expression import names
from policies.extract import Extracts, RungDeclared

__all__ = ["Extract", "extract", "free_text", "summary"]

_PATIENT, _ORDER = "_patient", "_order"


@dataclass(frozen=True)
class Extract:
    """What was written. ``revealing`` columns share every combination among k patients;
    ``followers`` lost cells that would have told what those no longer tell; ``dropped`` are
    columns of free text; ``opened`` counts ages that read an open class because of the days
    beside them. ``id`` names the extract, and its pseudonyms are made with it.
    """

    id: str
    rows: int
    path: Path
    codebook: Path
    report: Path
    revealing: tuple[str, ...]
    followers: dict[str, int]
    dropped: tuple[str, ...]
    opened: dict[str, int]
    cost: Cost


def extract(
    version: Version,
    unit: str,
    path: Path,
    dictionary: Dictionary,
    derivations: Derivations,
    extracts: Extracts,
    *,
    k: int,
    age_cap: int | None,
    keys: Keys,
) -> Extract:
    """Write ``path`` (its ending says the format, see :mod:`gateway.registry.extract_files`; dates
    as days from the patient's anchor), ``<path>.codebook.csv`` and ``<path>.report.json``.

    ``age_cap`` is the profile's. Pseudonyms and hashes are made with the site's ``keys`` for
    this extract alone: the same data extracted in the same way has the same ones, anything else
    has others.

    Raises SiteError for an unknown unit, a file that exists or cannot be written, DeclarationError
    for ladders that do not suit the dictionary.
    """
    if unit not in derivations.units:
        known = ", ".join(derivations.units)
        raise SiteError(f'no unit "{unit}"', hint=f"units: {known}")
    check_ending(path)
    extracts.check_against(dictionary, derivations)
    codebook, report = (path.with_name(f"{path.name}.{x}") for x in ("codebook.csv", "report.json"))
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise SiteError(f"{path}: cannot be written", hint="choose a file in a folder of yours")
    for target in (path, codebook, report):
        if target.exists():
            raise SiteError(f"{target} exists", hint="choose another file")
    table, dropped = _without_text(version.arrow(unit_table(unit), (_PATIENT, _ORDER)), dictionary)
    ages = age_columns(dictionary, derivations, extracts)
    declared: dict[str, Element | Derived] = {**dictionary.elements, **derivations.elements}
    table, opened = opened_ages(table, ages, declared, _PATIENT, age_cap)
    revealing = _revealing(table, declared, extracts)
    tops = {name: _top(declared[name], age_cap) for name in ages}
    ladders = {name: _ladder(name, dictionary, extracts, tops.get(name)) for name in revealing}
    done = _generalised(table, revealing, ladders, extracts, k)
    for name, where in opened.items():
        done.changed[name] = done.changed.get(name, where) | where
    safe, followers = _blank_followers(done, dictionary, derivations, extracts)
    how = {"load": version.meta()["load"], "unit": unit, "k": k, "age_cap": age_cap}
    parts = {"dictionary": dictionary, "derivations": derivations, "extracts": extracts}
    extract_id = digest({**how, **{part: digest(of) for part, of in parts.items()}})
    safe = _renamed(safe, dictionary, keys, extract_id)
    renamed = write_table(safe, path, dictionary, derivations)
    counts = {name: int(where.sum()) for name, where in opened.items() if where.any()}
    write_codebook(codebook, safe.column_names, dictionary, derivations, done.cost, counts, renamed)
    told = tuple(revealing), followers, dropped, counts, done.cost
    made = Extract(extract_id, safe.num_rows, path, codebook, report, *told)
    _write_report(made, unit, extracts)
    return made


def _renamed(table: Any, dictionary: Dictionary, keys: Keys, extract_id: str) -> Any:
    """Pseudonyms and keyed hashes of this extract, and rows in their order: the order of the
    site's own would join two extracts as well as the pseudonyms themselves.
    """
    hashed = [
        name
        for name in table.column_names
        if name in dictionary.elements and dictionary.elements[name].deid == "hash"
    ]
    for name in (_PATIENT, *hashed):
        scope = f"extract {extract_id} {name}"
        own = [
            None if value is None else keys.hash(scope, str(value))
            for value in table.column(name).to_pylist()
        ]
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(own, pa.string()))
    order = [(column, "ascending") for column in (_PATIENT, _ORDER)]
    return table.sort_by(order).drop_columns([_ORDER])


def free_text(element: Element) -> bool:
    """May the element hold prose? Of texts, a code does not (:func:`is_code`), nor what stands
    for a value.
    """
    if element.type == "text":
        return element.deid not in ("hash", "zip3") and not is_code(element.pattern)
    return element.type == "note"


def _without_text(table: Any, dictionary: Dictionary) -> tuple[Any, tuple[str, ...]]:
    dropped = tuple(
        column
        for column in table.column_names
        if column in dictionary.elements and free_text(dictionary.elements[column])
    )
    return table.drop_columns(list(dropped)), dropped


def _revealing(
    table: Any, declared: Mapping[str, Element | Derived], extracts: Extracts
) -> dict[str, tuple[str, ...]]:
    """Columns of the table by the revealing element that they belong to."""
    held: dict[str, list[str]] = {}
    for column in table.column_names:
        held.setdefault(column.partition("___")[0], []).append(column)
    return {
        name: tuple(columns)
        for name, columns in held.items()
        if name in declared and extracts.revealing(name, declared[name])
    }


def _generalised(
    table: Any,
    revealing: Mapping[str, tuple[str, ...]],
    ladders: Mapping[str, Sequence[Rung]],
    extracts: Extracts,
    k: int,
) -> Generalised:
    """The table made common; an element with several answers is one value, told or missing."""
    several = {name: columns for name, columns in revealing.items() if columns != (name,)}
    joined = table.select([_PATIENT, *(n for n in revealing if n not in several)])
    for name, columns in several.items():
        boxes = zip(*(table.column(column).to_pylist() for column in columns), strict=True)
        said = [None if None in row else "".join("01"[box] for box in row) for row in boxes]
        joined = joined.append_column(name, pa.array(said, pa.string()))
    done = generalise(joined, ladders, patient=_PATIENT, k=k, weights=extracts.weights)
    for name in revealing:
        if name in several:
            for column in several[name]:
                table = _blank(table, column, done.changed[name])
        else:
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, done.table.column(name))
    return Generalised(table, done.changed, done.cost)


def _ladder(name: str, dictionary: Dictionary, extracts: Extracts, top: int | None) -> list[Rung]:
    """The declared rungs; without any, coded values can be put together where they are rare.
    ``top`` stands for itself and all above it.
    """
    if name in extracts.ladders:
        return [_rung(declared, top) for declared in extracts.ladders[name]]
    element = dictionary.elements[name]
    return [rare_as_other()] if element.type in ("category", "text") else []


def _top(element: Element | Derived, age_cap: int | None) -> int | None:
    """The age that may stand for all above it: the profile's, or the largest that is declared,
    since a derivation may cap ages where the profile does not.
    """
    largest = element.bounds[1]
    if age_cap is not None or largest is None:
        return age_cap
    return int(largest)


def _rung(declared: RungDeclared, top: int | None) -> Rung:
    if declared.width is not None:
        return bands(declared.width, top)
    if declared.cuts is not None:
        return cuts(declared.cuts, top)
    if declared.groups is not None:
        return groups(declared.groups, fold=declared.fold)
    if declared.prefix is not None:
        return prefix(declared.prefix)
    return rare_as_other()


def _blank(table: Any, column: str, where: Any) -> Any:
    kept = [
        None if gone else value
        for gone, value in zip(where.tolist(), table.column(column).to_pylist(), strict=True)
    ]
    place = table.schema.get_field_index(column)
    return table.set_column(place, column, pa.array(kept, table.schema.field(place).type))


def _blank_followers(
    done: Generalised, dictionary: Dictionary, derivations: Derivations, extracts: Extracts
) -> tuple[Any, dict[str, int]]:
    """Cells go that would tell what a generalised cell of their row no longer does."""
    sources = _sources(dictionary, derivations, extracts)
    table, lost = done.table, dict[str, int]()
    for column in table.column_names:
        name = column.partition("___")[0]
        if name in done.changed:
            continue
        by = [done.changed[source] for source in sources.get(name, ()) if source in done.changed]
        where = sum(by[1:], start=by[0]) if by else None
        if where is None or not where.any():
            continue
        known = sum(
            1 for gone, v in zip(where, table.column(column).to_pylist(), strict=True)
            if gone and v is not None
        )  # fmt: skip
        table = _blank(table, column, where)
        if known:
            lost[name] = max(lost.get(name, 0), known)
    return table, lost


def _sources(
    dictionary: Dictionary, derivations: Derivations, extracts: Extracts
) -> dict[str, set[str]]:
    """Of each element, those from which it is computed or whose answer it tells, however far."""
    checked = derivations.check_against(dictionary, where=derivations.derivations)
    direct: dict[str, set[str]] = {name: set(of) for name, of in extracts.follows.items()}
    for name, parts in checked.items():
        used = {n.rpartition(".")[2] for node in parts.values() for n in names(node)}
        direct[name] = direct.get(name, set()) | used
        # Two computed from the same birth date tell each other: so do entered and recomputed.
        entered = derivations.elements[name].checks
        if entered is not None:
            direct.setdefault(entered, set()).add(name)
    found: dict[str, set[str]] = {}
    for name in direct:
        seen, waiting = set[str](), [name]
        while waiting:
            for source in direct.get(waiting.pop(), ()):
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
        found[name] = seen
    return found


def _write_report(made: Extract, unit: str, extracts: Extracts) -> None:
    k = made.cost.k
    plain = {
        "extract": made.id,
        "unit": unit,
        "file": made.path.name,
        "promised": PROMISED.format(k=k) if made.revealing else None,
        "not_promised": NOT_PROMISED,
        **asdict(made.cost),
        "followers": made.followers,
        "ages_opened": made.opened,
        "free_text_dropped": list(made.dropped),
        "exempt": dict(extracts.exempt),
    }
    with os.fdopen(
        os.open(made.report, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as stream:
        json.dump(plain, stream, indent=2, ensure_ascii=False)
        stream.write("\n")


def summary(made: Extract) -> Sequence[str]:
    """The report's main lines."""
    cost = made.cost
    if not made.revealing:
        warning = (
            "WARNING: no column is declared as one that others may know of a person: nothing was "
            "generalised (give columns a role such as quasi_identifier, or a ladder)"
        )
        return [
            warning,
            *([f"free text left out: {', '.join(made.dropped)}"] if made.dropped else ()),
            NOT_PROMISED,
        ]
    rare = f"{cost.rare_rows} of {cost.rows} rows had a combination of fewer than {cost.k} patients"
    lines = [f"{rare} (smallest: {cost.smallest_before}); now the smallest has "]
    lines[0] += str(cost.smallest_after)
    lines.append(
        f"cost: {100 * cost.cells_changed:.1f} % of these cells changed, "
        f"{100 * cost.entropy_loss:.1f} % of their information lost, "
        f"{cost.emptied_rows} rows without any of them"
    )
    for name, column in cost.columns.items():
        if column.changed:
            rungs = ", ".join(f"{rung} {rows}" for rung, rows in column.rungs.items())
            lines.append(f"  {name}: {rungs}; {100 * column.entropy_loss:.0f} % lost")
    if made.followers:
        told = ", ".join(f"{name} {cells}" for name, cells in made.followers.items())
        lines.append(f"made missing with them: {told}")
    for name, rows in made.opened.items():
        lines.append(
            f"{name}: {rows} rows read an open class such as 80+, since days beside it would have "
            "told an age above the highest class"
        )
    if not cost.refined:
        lines.append("not all classes were split as far as possible: the table is large")
    if made.dropped:
        lines.append(f"free text left out: {', '.join(made.dropped)}")
    return [*lines, PROMISED.format(k=cost.k), NOT_PROMISED]
