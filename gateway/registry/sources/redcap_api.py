"""A REDCap project as a source: exported through the API, straight into memory.

Identified rows never touch the disk: what the API gives is kept compressed in memory until the
load's workbench takes it. The records come in batches; the digest is over the rows in a fixed
order, so that the same content is the same load, whenever and in whatever order it is exported.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import SourceError
from gateway.registry.export_rights import metadata_traits
from gateway.registry.missing_codes import codes_of
from gateway.registry.sources.about import About, Trait
from gateway.registry.sources.redcap_answers import TooLarge
from gateway.registry.sources.redcap_client import RedcapClient, RedcapProject
from gateway.registry.sources.source import RowSource, check_header

__all__ = ["SCHEME", "ApiRows", "project_at", "read_project"]

SCHEME = "redcap+"
BATCH_RECORDS = 100
KEPT_BYTES_MAX = 2 << 30
"""Of compressed rows in memory: far above any registry's, far below what a node has."""
_GROUP = "redcap_data_access_group"
_ONE_GROUP = (
    "the token's user is in a data access group: the records of other groups are not in this load"
)
_PERHAPS_ONE_GROUP = (
    "cannot tell whether this token sees the records of all data access groups: it may not list "
    "them. If the project has such groups, use the token of a user who is in none"
)
_TOKEN = re.compile(r"[0-9A-Fa-f]{32}")
_OWN = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")


@dataclass(frozen=True)
class ApiRows(RowSource):
    """The rows of a project, in order of record, event, form and instance.

    ``batches`` are lists of rows as compressed JSON, blank cells left out; ``labels`` are what
    the project calls its fields.
    """

    batches: tuple[bytes, ...] = field(repr=False)
    project: About
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def about(self) -> About:
        """See :class:`~gateway.registry.sources.source.Source`."""
        return self.project

    def rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        """See :class:`~gateway.registry.sources.source.RowSource`; places count the rows."""
        number = 0
        for batch in self.batches:
            for row in json.loads(zlib.decompress(batch)):
                number += 1
                yield number, [row.get(column) for column in self.header]


def project_at(address: str, token: str) -> RedcapProject:
    """The project at ``redcap+https://…/api/``. SourceError for an address or token that cannot
    be one; http is for this machine only.
    """
    url = address.removeprefix(SCHEME)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        right = parts.port != 0
    except ValueError:
        raise SourceError("is no web address", file=SCHEME, hint=_EXAMPLE) from None
    if not host or not right or parts.scheme not in ("https", "http"):
        raise SourceError("is no web address", file=SCHEME, hint=_EXAMPLE)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SourceError("the address holds more than a place", file=host, hint=_EXAMPLE)
    project = RedcapProject(url.rstrip("/") + "/", token)
    if parts.scheme == "http" and not project.is_local:
        raise SourceError("patients' data travels over https only", file=host, hint=_EXAMPLE)
    if not parts.path.rstrip("/").endswith("/api"):
        raise SourceError("the address does not end in /api/", file=host, hint=_EXAMPLE)
    if not _TOKEN.fullmatch(token):
        raise SourceError(
            "the token is not 32 hexadecimal digits",
            file=host,
            hint="copy the project's token from REDCap's API page",
        )
    return project


_EXAMPLE = "write it as redcap+https://redcap.example.org/api/"


def read_project(
    project: RedcapProject,
    *,
    heard: Callable[[int, int], object] = lambda *_: None,
    sleep: Callable[[float], object] = time.sleep,
) -> ApiRows:
    """Export the whole project. ``heard`` learns how many of the records are here.

    Raises SourceError or NetworkError; nothing is kept then.
    """
    client = RedcapClient(project, sleep=sleep)
    info, metadata = client.info(), client.metadata()
    name = _name(project, info)
    said = info.get("missing_data_codes")
    codes = codes_of(said) if isinstance(said, str) else None
    export = _Export(client, metadata[0]["field_name"], name)
    export.run(client.events() if str(info.get("is_longitudinal")) == "1" else [], heard)
    traits = metadata_traits(metadata)
    digest = hashlib.sha256(json.dumps([export.digest(), sorted((codes or {}).items())]).encode())
    return ApiRows(
        name=name,
        sha256=digest.hexdigest(),
        kind="redcap api",
        shape="redcap",
        header=check_header(tuple(export.columns), name, row=None),
        batches=tuple(export.batches),
        project=About(
            codes=codes,
            project=traits,
            withheld=tuple(_withheld(traits, export.columns)),
            told=() if _GROUP in export.columns else _of_groups(client.groups()),
        ),
        labels={one["field_name"]: str(one.get("field_label") or "") for one in metadata},
    )


def _of_groups(known: bool | None) -> tuple[str, ...]:
    """What an export without the groups' column may mean. REDCap leaves it out for users who are
    in a group, and where there are no groups.
    """
    if known is None:
        return (_PERHAPS_ONE_GROUP,)
    return (_ONE_GROUP,) if known else ()


class _Export:
    """The rows of a project, batch by batch, with the digest of their content."""

    def __init__(self, client: RedcapClient, key: str, name: str) -> None:
        self.batches: list[bytes] = []
        self.columns: dict[str, None] = {}
        self._client, self._key, self._name = client, key, name
        self._digest = hashlib.sha256()

    def digest(self) -> str:
        """Of rows and columns: the same content gives the same, in whatever order it came."""
        found = self._digest.copy()
        found.update(json.dumps(sorted(self.columns)).encode())
        return found.hexdigest()

    def run(self, events: Sequence[str], heard: Callable[[int, int], object]) -> None:
        """All records in their order; SourceError if there is none, or too much for memory."""
        records = self._client.records(self._key)
        if not records:
            raise SourceError(
                "the project has no records that the token may export", file=self._name
            )
        kept_bytes = 0
        for start in range(0, len(records), BATCH_RECORDS):
            asked = records[start : start + BATCH_RECORDS]
            rows = self._rows(asked)
            rows.sort(key=_order(asked, self._key, events))
            self._keep(rows)
            kept_bytes += len(self.batches[-1])
            if kept_bytes > KEPT_BYTES_MAX:
                raise SourceError(
                    "the project is larger than memory may hold",
                    file=self._name,
                    hint="export it to a file and load that",
                )
            heard(start + len(asked), len(records))

    def _rows(self, asked: Sequence[str]) -> list[dict[str, str | None]]:
        """The rows of these records; asked for by halves where the answer is too large."""
        try:
            return _checked(self._client.rows(asked), asked, self._key, self._name)
        except TooLarge:
            if len(asked) == 1:
                raise
        half = len(asked) // 2
        return self._rows(asked[:half]) + self._rows(asked[half:])

    def _keep(self, rows: list[dict[str, str | None]]) -> None:
        self.columns |= dict.fromkeys(column for row in rows for column in row)
        filled = [{c: v for c, v in row.items() if v is not None} for row in rows]
        for row in filled:
            self._digest.update(json.dumps(sorted(row.items())).encode() + b"\n")
        self.batches.append(zlib.compress(json.dumps(filled).encode(), 1))


def _name(project: RedcapProject, info: dict[str, Any]) -> str:
    number = str(info.get("project_id", ""))
    return f"{project.host} project {number}" if number.isdecimal() else project.host


def _checked(
    rows: list[dict[str, Any]], asked: Sequence[str], key: str, name: str
) -> list[dict[str, str | None]]:
    """The rows as text, if they are those of the records asked for."""
    texts = [{column: _text(value, name, column) for column, value in row.items()} for row in rows]
    given = {row.get(key) for row in texts}
    if given - set(asked):
        raise SourceError("answers with records that were not asked for", file=name)
    lacking = len(set(asked) - given)
    if lacking:
        hashed = all(re.fullmatch(r"[0-9a-f]{32}", record) for record in asked)
        raise SourceError(
            f"{lacking} of {len(asked)} records asked for are not in the answer",
            file=name,
            hint="the token's export right hides the records' names: "
            'ask for the right "Full Data Set"'
            if hashed
            else "were they deleted meanwhile? Load again",
        )
    return texts


def _order(
    records: Sequence[str], key: str, events: Sequence[str]
) -> Callable[[dict[str, str | None]], tuple[Any, ...]]:
    """The order in which REDCap itself shows rows: record, event, form, instance."""
    place = {record: i for i, record in enumerate(records)}
    day = {event: i for i, event in enumerate(events)}

    def order(row: dict[str, str | None]) -> tuple[Any, ...]:
        event, form, instance = (row.get(column) or "" for column in _OWN)
        number = int(instance) if re.fullmatch(r"[0-9]{1,9}", instance) else 0
        return place[row[key] or ""], day.get(event, len(day)), event, form, number, instance

    return order


def _text(value: Any, name: str, column: str) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str | int | float):
        return str(value)
    raise SourceError("is no single value in the API's answer", file=name, field=column)


def _withheld(traits: Iterable[Trait], columns: Iterable[str]) -> Iterator[str]:
    """Fields of the project that the export has no column for, boxes taken together."""
    given = {column.partition("___")[0] for column in columns} | set(columns)
    return (trait.name for trait in traits if trait.name not in given)
