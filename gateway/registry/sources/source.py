"""What every source is to the rest of a load: a table of text, and the places of its rows.

A reader knows one format. It names the columns, gives the rows as text in the order of the file,
and says where in the file each one stands. What the columns mean, the site map and the dictionary
say; which rows make up a form, the ``shape`` does: rows that name form and instance themselves
(:mod:`gateway.registry.sources.redcap`), or rows of a plain table
(:mod:`gateway.registry.sources.table`).
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from gateway.errors import SourceError
from gateway.registry.bench import Bench
from gateway.registry.sources.about import About

__all__ = [
    "COLUMNS_MAX",
    "PlacedSource",
    "RowSource",
    "Shape",
    "Source",
    "check_header",
    "cleaned",
    "file_digest",
    "readable",
]

Shape = Literal["redcap", "table"]
COLUMNS_MAX = 16_384
"""As many as a worksheet has; a file with more is no table that a person made."""
_BLANKS = " \t\r\n\u00a0"
_BATCH_ROWS = 2_000
_BATCH_LENGTH_MAX = 32 << 20
"""Characters of a batch's cells; one more row comes on top."""
_CHUNK_BYTES = 1 << 20


class Source(Protocol):
    """A source that has been looked through once. The same content gives the same load."""

    @property
    def name(self) -> str:
        """Of the file or folder, without its place."""

    @property
    def sha256(self) -> str:
        """Of the content."""

    @property
    def kind(self) -> str:
        """The format as people call it."""

    @property
    def shape(self) -> Shape:
        """How rows make up forms."""

    @property
    def header(self) -> tuple[str, ...]:
        """The columns in order."""

    @property
    def about(self) -> About:
        """What else it says of the project that it comes from."""

    def fill(self, bench: Bench) -> None:
        """Make the table ``raw``: ``_at`` (1 = first row) and ``c0`` … as text, blank is NULL.

        SourceError names the row that cannot be read.
        """

    def lines(self, bench: Bench, wanted: Iterable[int]) -> Mapping[int, int | str]:
        """Where in the file the rows ``_at`` start, as a person would count (1 = first line);
        of a source with several files, ``file:line``.
        """

    def report(self, bench: Bench) -> None:
        """Add to the fix list what was found while filling and shows in no cell."""

    def unread(self, bench: Bench) -> Mapping[str, int]:
        """What the source holds and nothing reads, by name and count; after filling."""


@dataclass(frozen=True)
class PlacedSource:
    """A source whose rows have their places in the table ``places`` once it is filled."""

    name: str
    sha256: str
    kind: str
    shape: Shape
    header: tuple[str, ...]

    @property
    def about(self) -> About:
        """See :class:`Source`. Most formats say nothing."""
        return About()

    def lines(self, bench: Bench, wanted: Iterable[int]) -> Mapping[int, int | str]:
        """See :class:`Source`."""
        listed = pa.table({"_at": pa.array(wanted, pa.int64())})
        bench.connection.register("_wanted", listed)
        found = dict(bench.run("SELECT _at, line FROM places WHERE _at IN (FROM _wanted)"))
        bench.connection.unregister("_wanted")
        return found

    def report(self, bench: Bench) -> None:  # noqa: ARG002
        """See :class:`Source`. Most readers find everything in cells."""
        return

    def unread(self, bench: Bench) -> Mapping[str, int]:  # noqa: ARG002
        """See :class:`Source`. Columns that nothing reads are refused, so there is nothing."""
        return {}


@dataclass(frozen=True)
class RowSource(PlacedSource, ABC):
    """A source whose reader gives one row after the other."""

    @abstractmethod
    def rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        """Every row with its place in the file, and a cell of text or None for each column."""

    def fill(self, bench: Bench) -> None:
        """See :class:`Source`. Places are kept in the table ``places``."""
        names = [f"c{i}" for i in range(len(self.header))]
        columns = "".join(f", {name} VARCHAR" for name in names)
        bench.run("DROP TABLE IF EXISTS raw")
        bench.run(f"CREATE TABLE raw (_at BIGINT{columns})")
        bench.run("CREATE OR REPLACE TABLE places (_at BIGINT, line BIGINT)")
        done = length = 0
        batch: list[tuple[int, Sequence[str | None]]] = []
        for row in self.rows():
            batch.append(row)
            length += sum(map(len, filter(None, row[1])))
            if len(batch) == _BATCH_ROWS or length > _BATCH_LENGTH_MAX:
                done = _append(bench, names, batch, done)
                batch, length = [], 0
        if batch:
            _append(bench, names, batch, done)


def _append(
    bench: Bench, names: list[str], batch: list[tuple[int, Sequence[str | None]]], done: int
) -> int:
    ats = pa.array(range(done + 1, done + len(batch) + 1), pa.int64())
    columns = zip(*(cells for _, cells in batch), strict=True)
    arrays = [_without_blanks(pa.array(column, pa.string())) for column in columns]
    lines = pa.array([line for line, _ in batch], pa.int64())
    bench.connection.register("_batch", pa.table([ats, lines, *arrays], ["_at", "_line", *names]))
    bench.run("INSERT INTO raw SELECT * EXCLUDE (_line) FROM _batch")
    bench.run("INSERT INTO places SELECT _at, _line FROM _batch")
    bench.connection.unregister("_batch")
    return done + len(batch)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Make a SourceError of what the operating system says when a file or folder cannot be read;
    it names the file that it is about, or else ``name``.
    """
    try:
        yield
    except OSError as error:
        file = Path(error.filename).name if isinstance(error.filename, str) else name
        match error:
            case PermissionError():
                says = "may not be read by this account"
                hint = "give it the right to read the file, and to list its folder"
            case FileNotFoundError():
                says = "is no longer there"
                hint = "was it moved or replaced meanwhile? Load it again where it is"
            case _:
                says = f"cannot be read ({error.strerror or type(error).__name__})"
                hint = (
                    "is its disk or network folder reachable? Copy it to this machine and try again"
                )
        raise SourceError(says, file=file or name, hint=hint) from None


def _without_blanks(column: pa.StringArray) -> pa.Array:
    """As :func:`cleaned`: the engine would think over every column once per batch."""
    trimmed = pc.utf8_trim(column, characters=_BLANKS)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def cleaned(column: str) -> str:
    """SQL: the text of a cell without blanks around it; NULL where nothing is left."""
    return f"nullif(trim({column}, '{_BLANKS}'), '') AS {column}"


def check_header(header: Sequence[str], name: str, *, row: int | None = 1) -> tuple[str, ...]:
    """The header without blanks around names; SourceError if columns have no name or the same."""
    if len(header) > COLUMNS_MAX:
        raise SourceError(
            f"has {len(header)} columns, more than {COLUMNS_MAX}",
            file=name,
            row=row,
            hint="is the first row the header, and the delimiter right?",
        )
    seen: set[str] = set()
    found = tuple(column.strip() for column in header)
    for i, column in enumerate(found):
        if not column:
            raise SourceError(f"column {i + 1} has no name", file=name, row=row)
        if column in seen:
            raise SourceError("the column appears twice", file=name, row=row, field=column)
        seen.add(column)
    return found


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
