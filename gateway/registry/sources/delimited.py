"""Delimited text: comma, semicolon, tab or bar; read by DuckDB, or row by row where it cannot."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from gateway.errors import SourceError
from gateway.registry.bench import Bench, file_literal, literal
from gateway.registry.sources.source import COLUMNS_MAX, RowSource, check_header, cleaned

__all__ = ["Delimited", "header_of", "open_delimited"]

_CHUNK_BYTES = 1 << 20
_CELL_LENGTH_MAX = 32 << 20
_LINE_BYTES_MAX = 33_554_432
_WIDE_COLUMNS = 400
"""From here on the engine does not look for parts that expressions have in common: its time for
that grows with the square of their number and more (4,000 columns: 110 s, without it 7 s).
"""
_DELIMITERS = (",", ";", "\t", "|")
_UTF8 = "utf-8-sig"


@dataclass(frozen=True)
class Delimited(RowSource):
    """A delimited text file. ``records`` is how many it holds, once it is read."""

    path: Path
    encoding: str
    delimiter: str

    @property
    def _by_engine(self) -> bool:
        """Whether the fast reader knows the encoding, and can be told the name as it is: before a
        backslash no pattern of its own is literal.
        """
        return self.encoding == _UTF8 and "\\" not in str(self.path.absolute())

    def fill(self, bench: Bench) -> None:
        """See :class:`~gateway.registry.sources.source.Source`."""
        if not self._by_engine:
            super().fill(bench)
            return
        names = [f"c{i}" for i in range(len(self.header))]
        declared = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
        reader = (
            f"read_csv({file_literal(self.path)}, auto_detect = false, header = true, "
            "hive_partitioning = false, compression = 'none', "
            f"delim = {literal(self.delimiter)}, quote = '\"', escape = '\"', "
            f"max_line_size = {_LINE_BYTES_MAX}, columns = {{{declared}}})"
        )
        cells = ", ".join(cleaned(name) for name in names)
        bench.run("DROP TABLE IF EXISTS raw")
        if len(names) > _WIDE_COLUMNS:
            bench.run("SET disabled_optimizers = 'common_subexpressions'")
        try:
            bench.run(
                f"CREATE TABLE raw AS SELECT row_number() OVER () AS _at, {cells} FROM {reader}"
            )
        except duckdb.Error:
            # DuckDB's message quotes the line; the exact reader names the row instead.
            for _ in self.rows():
                pass
            raise SourceError(
                "cannot be read as delimited text (mixed line ends or stray quotes)",
                file=self.name,
            ) from None
        finally:
            bench.run("RESET disabled_optimizers")

    def lines(self, bench: Bench, wanted: Iterable[int]) -> Mapping[int, int | str]:
        """Where no cell holds a line break and no line is blank, the record's number says it."""
        if not self._by_engine:
            return super().lines(bench, wanted)
        if _breaks(self.path) == int(bench.value("SELECT n FROM read")):
            return {at: at + 1 for at in wanted}
        listed = set(wanted)
        return {at: line for at, (line, _) in enumerate(self.rows(), start=1) if at in listed}

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every record after the header with the line on which it starts, blank lines skipped.

        The slow, exact reader: for encodings that the fast one does not know, for line numbers,
        and to find what is wrong. SourceError names the row that is not well-formed.
        """
        csv.field_size_limit(_CELL_LENGTH_MAX)
        with self.path.open(encoding=self.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
            line = 1
            try:
                for i, record in enumerate(reader):
                    if i and record:
                        if len(record) != len(self.header):
                            raise SourceError(
                                f"has {len(record)} cells, the header has {len(self.header)}",
                                file=self.name,
                                row=line,
                            )
                        yield line, record
                    line = reader.line_num + 1
            except csv.Error:
                raise SourceError(
                    "a quoted cell is not closed, or text follows its closing quote",
                    file=self.name,
                    row=line,
                ) from None


def open_delimited(
    path: Path, *, encoding: str, delimiter: str | None, redcap: Collection[str], shape: str | None
) -> Delimited:
    """Read the whole file once and say what it is; SourceError names file, row and column.

    A file with one of the columns ``redcap`` is a REDCap export, unless ``shape`` says otherwise.
    """
    encoding = _UTF8 if codecs.lookup(encoding).name == "utf-8" else encoding
    sha256 = _read_through(path, encoding)
    delimiter, header = header_of(path, encoding, delimiter)
    header = check_header(header, path.name)
    is_redcap = shape == "redcap" if shape else any(column in redcap for column in header)
    return Delimited(
        name=path.name,
        sha256=sha256,
        kind="redcap" if is_redcap else "csv",
        shape="redcap" if is_redcap else "table",
        header=header,
        path=path,
        encoding=encoding,
        delimiter=delimiter,
    )


def _read_through(path: Path, encoding: str) -> str:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    done_bytes, rows, empty = 0, 1, True
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            if encoding == _UTF8 and b"\0" in chunk:
                at = chunk.index(b"\0")
                row = rows + chunk[:at].count(b"\n")
                raise SourceError(
                    f"holds a zero byte (byte {done_bytes + at})", file=path.name, row=row
                )
            try:
                empty = not decoder.decode(chunk).strip() and empty
            except UnicodeDecodeError as error:
                row = rows + chunk[: error.start].count(b"\n")
                raise SourceError(
                    f"is not {encoding.removesuffix('-sig')} text "
                    f"(byte {done_bytes + error.start})",
                    file=path.name,
                    row=row,
                    hint="give the file's encoding in the site map, e.g. encoding: cp1252",
                ) from None
            done_bytes += len(chunk)
            rows += chunk.count(b"\n")
    if empty:
        raise SourceError("is empty", file=path.name)
    return digest.hexdigest()


def header_of(path: Path, encoding: str, given: str | None) -> tuple[str, tuple[str, ...]]:
    """The delimiter (``given``, else the one that gives most columns) and the first record."""
    csv.field_size_limit(_CELL_LENGTH_MAX)
    best: tuple[str, tuple[str, ...]] = (",", ())
    for delimiter in (given,) if given else _DELIMITERS:
        with path.open(encoding=encoding, newline="") as stream:
            try:
                found = next(csv.reader(stream, delimiter=delimiter, strict=True), [])
            except csv.Error:
                continue
        if len(found) > len(best[1]):
            best = delimiter, tuple(found)
        if len(found) > COLUMNS_MAX:
            break
    if not best[1]:
        raise SourceError("the header cannot be read", file=path.name, row=1)
    return best


def _breaks(path: Path) -> int:
    """Line breaks in the file after the header's, a missing last one included."""
    last, breaks = b"\n", 0
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK_BYTES), b""):
            breaks += chunk.count(b"\n")
            last = chunk[-1:]
    return breaks + (last != b"\n") - 1
