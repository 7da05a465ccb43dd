"""The fix list as a file that REDCap imports: blank cells to fill in, row by row.

REDCap's import template names a row by record, event, repeat instrument and instance, and ignores
blank cells unless told to overwrite. So what nobody fills in changes nothing. A line of the list
that is no cell of such a row (a form entered twice, a computed field, an answer to be cleared) is
left to the fix list and counted.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import SiteError, StoreError
from gateway.registry.fixlist import PLACE_COLUMNS
from gateway.registry.sitemap import SiteMap, redcap_code
from gateway.registry.store.opening import open_store
from gateway.site.config import SiteFolder
from policies.decode import digest, load
from policies.dictionary import Dictionary
from policies.library import find

__all__ = ["Corrections", "write_corrections"]

_FOREIGN = ("fhir", "smartdata")
_NO_CELL = frozenset({"record", "duplicate", "patient", "branch"})
"""Rules whose fix is to delete, merge or clear, not to enter a value."""


@dataclass(frozen=True)
class Corrections:
    """What was written. ``left`` counts lines of ``listed`` that REDCap's import cannot mend."""

    listed: str
    rows: int
    cells: int
    left: int


def write_corrections(site: SiteFolder, out: Path, sitemap: str | None = None) -> Corrections:
    """Write the cells of the last load's fix list, or of the list of why it was refused.

    ``out`` is complete or absent, and its owner's only. It is not written when no line is a cell.
    ``sitemap`` is the map of that load (default: that of ``site.yaml``): it names the project's
    fields. StoreError without a list; SiteError if ``out`` exists, there is no map or it is not the
    load's, or the load was of no REDCap export or of labels.
    """
    listed = site.path / "refused.csv"
    listed = listed if listed.is_file() else site.fixlist_path
    if not listed.is_file():
        raise StoreError("nothing is loaded yet", hint=f"osteon site ingest {site.path} SOURCE")
    if out.exists():
        raise SiteError(f"{out} exists", hint="choose a new file")
    given = sitemap or site.config.map
    if given is None:
        raise SiteError("no site map", hint="give --map, or name one in site.yaml")
    mapping, dictionary = load(SiteMap, find("examples", given)), site.dictionary()
    _check_source(site, mapping, given, refused=listed != site.fixlist_path)
    wanted: dict[tuple[str, ...], set[str]] = {}
    left = 0
    with listed.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            columns = list(_columns(line, mapping, dictionary))
            if not columns:
                left += 1
                continue
            place = (line["record"], *(line.get(name) or "" for name in PLACE_COLUMNS))
            wanted.setdefault(place, set()).update(columns)
    _check_events(wanted)
    if wanted:
        _write(out, wanted, mapping, dictionary)
    return Corrections(listed.name, len(wanted), sum(map(len, wanted.values())), left)


def _check_source(site: SiteFolder, sitemap: SiteMap, given: str, *, refused: bool) -> None:
    """SiteError unless the list may be of a REDCap export, read through this map. A project without
    events and repeating forms exports a plain table; of a refused load only the map tells.
    """
    version = None if refused else open_store(site).current()
    meta = {} if version is None else version.meta()
    foreign = sitemap.source not in (None, "redcap") or bool(sitemap.rows)
    if foreign or meta.get("source", {}).get("kind") in _FOREIGN:
        raise SiteError(
            "the load was of no REDCap export: there is nothing to import corrections into",
            hint="osteon site fixes writes the fix list as CSV or Excel",
        )
    if meta.get("map", digest(sitemap)) != digest(sitemap):
        raise SiteError(
            f"{given}: the last load had another site map", hint="give the one that it had"
        )


def _check_events(wanted: Collection[tuple[str, ...]]) -> None:
    """SiteError where events are named by labels: REDCap's import knows unique names only."""
    events = {place[1] for place in wanted} - {""}
    if not all(re.fullmatch(r"[a-z0-9_]+", event) for event in events):
        raise SiteError(
            "the load was of a labelled export, whose events have no names that REDCap imports",
            hint='export "raw data", not "labels", load it, and write the corrections again',
        )


def _columns(line: Mapping[str, str], sitemap: SiteMap, dictionary: Dictionary) -> Iterator[str]:
    """The project's columns that the line is about, in the row that it names."""
    form = line["instrument"]
    if not line["record"] or line["rule"] in _NO_CELL or form not in dictionary.instruments:
        return
    placed = line.get("redcap_event_name") or line.get("redcap_repeat_instance")
    if dictionary.instruments[form].repeats and not placed:
        return
    for field in line["fields"].split():
        name, boxed, code = field.partition("___")
        element = dictionary.elements.get(name)
        if element is None or element.instrument != form or element.derived:
            continue
        if name != dictionary.key:
            yield from _named(name, sitemap, [code] if boxed else element.choices, element.type)


def _named(
    name: str, sitemap: SiteMap, codes: Sequence[str] | Mapping[str, str], kind: str
) -> Iterator[str]:
    given = sitemap.maps.get(name)
    if given is not None and given.from_ is None:
        return
    column = name if given is None or given.from_ is None else given.from_
    if kind == "multi" and (given is None or given.split is None):
        yield from (f"{column}___{redcap_code(code)}" for code in codes)
    else:
        yield column


def _write(
    out: Path,
    wanted: Mapping[tuple[str, ...], set[str]],
    sitemap: SiteMap,
    dictionary: Dictionary,
) -> None:
    key = next(_named(dictionary.key, sitemap, [], "text"), dictionary.key)
    used = [i for i, name in enumerate((key, *PLACE_COLUMNS)) if i == 0 or _any(wanted, i)]
    asked = set().union(*wanted.values())
    fields = [
        column
        for name, element in dictionary.elements.items()
        for column in _named(name, sitemap, element.choices, element.type)
        if column in asked
    ]
    header = [(key, *PLACE_COLUMNS)[i] for i in used] + list(dict.fromkeys(fields))
    temporary = out.with_name(f".{out.name}.new")
    os.close(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for place in wanted:
            writer.writerow([place[i] for i in used] + [""] * (len(header) - len(used)))
    temporary.replace(out)


def _any(wanted: Mapping[tuple[str, ...], set[str]], at: int) -> bool:
    """Whether some row has a name of this part; REDCap wants both parts of a repeating row."""
    parts = (2, 3) if at in (2, 3) else (at,)
    return any(place[i] for place in wanted for i in parts)
