"""From resources to tables on the bench: one row per resource, value, reference and flaw.

Only what the site map asks for is kept; resources themselves go as they come.

``res``   every resource: who it is, about whom, when, and what to call it if nothing reads it
``inst``  which resource is an instance of which form
``vals``  the values of fields: ``n`` is the place among those of one path
``refs``  what a resource refers to
``flaws`` values that are there and cannot be read
``gone``  what the export says is deleted
``named`` every name, number and address of a patient
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa

from gateway.errors import SourceError
from gateway.registry.bench import Bench
from gateway.registry.sources.fhir.files import Entry
from gateway.registry.sources.fhir.identity import IDENTITY_MAX, identifying
from gateway.registry.sources.fhir.path import Condition
from gateway.registry.sources.fhir.plan import PATIENT, Asked, Plan
from gateway.registry.sources.fhir.reference import (
    day_of,
    identity,
    moment,
    referred,
    subject,
    survey,
)
from gateway.registry.sources.fhir.standing import rank, untrue
from gateway.registry.sources.fhir.values import (
    Unreadable,
    attachments,
    clean,
    holds,
    plain_values,
    quantities,
    texts,
)

__all__ = ["REPLACED", "Collector"]

REPLACED = "Patient replaced by another (its link was not followed)"

_BATCH_ROWS = 20_000
_BATCH_CHARACTERS = 64 << 20
_CODE = re.compile(r"[A-Za-z0-9._:/|-]{1,120}")
_DAY_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T")
_TABLES: dict[str, dict[str, pa.DataType]] = {
    "res": {
        "seq": pa.int64(),
        "parent": pa.int64(),
        "file": pa.int32(),
        "line": pa.int64(),
        "type": pa.string(),
        "id": pa.string(),
        "key": pa.string(),
        "urn": pa.string(),
        "about": pa.string(),
        "day": pa.string(),
        "updated": pa.string(),
        "rank": pa.int32(),
        "born": pa.string(),
        "void": pa.string(),
        "spare": pa.string(),
        "masked": pa.int64(),
    },
    "inst": {"seq": pa.int64(), "form": pa.string()},
    "vals": {
        "seq": pa.int64(),
        "field": pa.int32(),
        "alt": pa.int32(),
        "n": pa.int32(),
        "text": pa.string(),
    },
    "refs": {"seq": pa.int64(), "target": pa.string()},
    "flaws": {
        "seq": pa.int64(),
        "field": pa.int32(),
        "rule": pa.string(),
        "says": pa.string(),
        "fix": pa.string(),
    },
    "gone": {"key": pa.string()},
    "named": {"seq": pa.int64(), "record": pa.string(), "holds": pa.string(), "text": pa.string()},
}
_SQL = {pa.int64(): "BIGINT", pa.int32(): "INTEGER", pa.string(): "VARCHAR"}


class Collector:
    """Takes resources in the order of the files and fills the tables."""

    def __init__(self, bench: Bench, plan: Plan) -> None:
        self._bench, self._plan = bench, plan
        self._relating = plan.relating
        self._known = {PATIENT, "Observation", *plan.asked} | {
            path.resource for path in plan.forms.values()
        }
        self._seq, self._file = 0, ""
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
        self._rows = self._characters = 0
        for name, columns in _TABLES.items():
            declared = ", ".join(f"{c} {_SQL[t]}" for c, t in columns.items())
            bench.run(f"CREATE OR REPLACE TABLE {name} ({declared})")

    def take(self, entry: Entry, file: int, name: str) -> None:
        """One entry of the file with that number and name."""
        self._file = name
        if entry.resource is None:
            self._put("gone", referred({"reference": entry.deleted}))
        else:
            self._take(entry.resource, entry.url, file, entry.place)
        if self._rows >= _BATCH_ROWS or self._characters >= _BATCH_CHARACTERS:
            self.flush()

    def _take(self, resource: Mapping[str, Any], url: str | None, file: int, place: int) -> None:
        kind = clean(resource["resourceType"])
        given, urn = identity(resource, url)
        key = None if given is None else f"{kind}/{given}"
        updated = _updated(resource)
        self._seq += 1
        container = self._seq
        base = key or f"{kind}/ {container}"
        self._resource(resource, (None, file, place, kind, given, key, urn), updated, base)
        contained = resource.get("contained")
        for part in contained if isinstance(contained, list) else ():
            name = part.get("id") if isinstance(part, dict) else None
            if not isinstance(name, str) or not isinstance(part.get("resourceType"), str):
                continue
            # What is contained is known inside its container only: the same "#p" in another
            # resource is somebody else.
            mine, inside = f"{given or container}#{clean(name)}", f"{base}#{clean(name)}"
            self._seq += 1
            who = (container, file, place, clean(part["resourceType"]), mine, inside, None)
            self._resource(part, who, updated, base)

    def _resource(
        self,
        resource: Mapping[str, Any],
        who: tuple[Any, ...],
        updated: str | None,
        inside: str,
    ) -> None:
        kind, invalid = who[3], untrue(resource, who[3])
        if kind == PATIENT:
            self._name(resource, who)
        spare = None if invalid or self._read(resource, kind) else self._called(resource, kind)
        if spare is None and not invalid and kind == PATIENT and _replaced(resource):
            spare = REPLACED
        about, (targets, masked) = subject(resource, inside), survey(resource, inside)
        born = moment(resource.get("birthDate")) if kind == PATIENT else None
        when = (day_of(resource), updated, rank(resource), born)
        self._put("res", *who, about, *when, invalid, spare, masked)
        if kind in self._relating and not invalid:
            for target in dict.fromkeys(targets):
                self._put("refs", target)

    def _read(self, resource: Mapping[str, Any], kind: str) -> bool:
        """Keep what the map asks of the resource; whether it asks anything."""
        met = _Filters(resource)
        forms = {
            name
            for name, path in self._plan.forms.items()
            if path.resource == kind and met.all(path.filters)
        }
        if kind == PATIENT:
            forms.add(self._plan.root)
        for form in forms:
            self._put("inst", form)
        found = bool(forms)
        for asked in self._plan.asked.get(kind, ()):
            if (asked.own and asked.field.form not in forms) or not met.all(asked.path.filters):
                continue
            try:
                for n, text in enumerate(_values(resource, asked)):
                    self._put("vals", asked.field.index, asked.alternative, n, text)
                    found = True
            except Unreadable as fault:
                self._put("flaws", asked.field.index, fault.rule, fault.says, fault.fix)
                found = True
        return found

    def _name(self, patient: Mapping[str, Any], who: tuple[Any, ...]) -> None:
        """Keep what names the patient, also of an earlier version: a former name is still one."""
        _, _, place, _, record, *_ = who
        found = dict.fromkeys(islice(identifying(patient), IDENTITY_MAX + 1))
        if len(found) > IDENTITY_MAX:
            raise SourceError(
                f"is a Patient with more than {IDENTITY_MAX} names, numbers and addresses",
                file=self._file,
                row=place,
            )
        for named, text in found:
            self._put("named", record, named, text)

    def _called(self, resource: Mapping[str, Any], kind: str) -> str:
        name = kind if _CODE.fullmatch(kind) else "a type that FHIR does not have"
        if kind not in self._known:
            return name
        coded = resource.get("code") or resource.get("type")
        codings = coded.get("coding") if isinstance(coded, dict) else None
        first = codings[0] if isinstance(codings, list) and codings else None
        if not isinstance(first, dict) or not isinstance(first.get("code"), str):
            return f"{name} without a code"
        system = first.get("system")
        code = f"{system}|{first['code']}" if isinstance(system, str) else str(first["code"])
        # A code that is not written like one may be anything, also a name.
        return f"{name} {code}" if _CODE.fullmatch(code) else f"{name} with an unusual code"

    def _put(self, table: str, *cells: Any) -> None:
        row = cells if table == "gone" else (self._seq, *cells)
        self._waiting[table].append(row)
        self._rows += 1
        if table in ("vals", "named"):
            self._characters += len(cells[-1])

    def flush(self) -> None:
        """Move what waits into the tables."""
        for name, rows in self._waiting.items():
            if not rows:
                continue
            arrays = [
                pa.array(column, kind)
                for column, kind in zip(
                    zip(*rows, strict=True), _TABLES[name].values(), strict=True
                )
            ]
            self._bench.connection.register("_rows", pa.table(arrays, list(_TABLES[name])))
            self._bench.run(f"INSERT INTO {name} SELECT * FROM _rows")
            self._bench.connection.unregister("_rows")
            rows.clear()
        self._rows = self._characters = 0


class _Filters:
    """The filters of paths on one resource: many ask for the same code, which is read once."""

    def __init__(self, resource: Mapping[str, Any]) -> None:
        self._resource = resource
        self._found: dict[int, list[str | None]] = {}

    def all(self, filters: tuple[Condition, ...]) -> bool:
        for condition in filters:
            # The plan gives equal steps the same identity.
            steps = condition.steps
            found = self._found.get(id(steps))
            if found is None:
                found = self._found[id(steps)] = plain_values(self._resource, steps)
            if not holds(condition, found):
                return False
        return True


def _replaced(patient: Mapping[str, Any]) -> bool:
    links = patient.get("link")
    return isinstance(links, list) and any(
        isinstance(link, dict) and link.get("type") == "replaced-by" for link in links
    )


def _updated(resource: Mapping[str, Any]) -> str | None:
    meta = resource.get("meta")
    return moment(meta.get("lastUpdated")) if isinstance(meta, dict) else None


def _values(resource: Mapping[str, Any], asked: Asked) -> Iterator[str]:
    steps, field = asked.path.steps, asked.field
    if field.kind == "attachment":
        # Several pages, or parts, of one note: a cell that took one would lose the others.
        pages = list(dict.fromkeys(attachments(resource, steps)))
        yield from ["\n\n".join(pages)] if pages else []
    elif field.kind == "number":
        yield from quantities(resource, steps, field.unit)
    elif field.kind == "date":
        for text in texts(resource, steps):
            yield text[:10] if _DAY_TIME.match(text) else text
    else:
        yield from texts(resource, steps)
