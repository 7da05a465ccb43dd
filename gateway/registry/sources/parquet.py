"""Parquet files: columns of numbers, dates and texts as a table of text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from gateway.errors import SourceError
from gateway.registry.sources.source import RowSource, check_header, file_digest

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

__all__ = ["ParquetTable", "open_parquet"]

_BATCH_ROWS = 4_096
_TEXT_LENGTH_MIN = 256 << 20
_RATIO_MAX = 200
"""Characters of all cells for each byte of the file: tables of hospitals have ten or so."""


@dataclass(frozen=True)
class ParquetTable(RowSource):
    """A Parquet file with a flat schema."""

    path: Path

    def rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        """See :class:`~gateway.registry.sources.source.RowSource`."""
        done = 0
        left = max(_TEXT_LENGTH_MIN, _RATIO_MAX * self.path.stat().st_size)
        try:
            for batch in _opened(self.path).iter_batches(_BATCH_ROWS):
                columns = [_texts(column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    done += 1
                    left -= sum(map(len, filter(None, cells)))
                    if left < 0:
                        raise SourceError(
                            f"unpacks to more than {_RATIO_MAX} times its size",
                            file=self.name,
                            row=done,
                        )
                    yield done, cells
        except (pa.ArrowException, OSError, OverflowError) as error:
            raise SourceError(
                f"is a damaged Parquet file ({type(error).__name__})",
                file=self.name,
                row=done + 1,
            ) from None


def open_parquet(path: Path, *, redcap: Collection[str], shape: str | None) -> ParquetTable:
    """The file's columns; SourceError for a damaged file and for nested columns."""
    sha256 = file_digest(path)
    schema = _opened(path).schema_arrow
    header = check_header(schema.names, path.name, row=None)
    for column in schema:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise SourceError(
                "holds lists, structures or bytes, not one value in a cell",
                file=path.name,
                field=column.name,
            )
    is_redcap = shape == "redcap" if shape else any(column in redcap for column in header)
    return ParquetTable(
        name=path.name,
        sha256=sha256,
        kind="parquet",
        shape="redcap" if is_redcap else "table",
        header=header,
        path=path,
    )


def _opened(path: Path) -> ParquetFile:
    from pyarrow.parquet import ParquetFile

    try:
        # Texts stay in the file's dictionaries: unpacked, kilobytes of a file can be gigabytes.
        schema = ParquetFile(path).schema_arrow
        texts = [c.name for c in schema if pa.types.is_string(c.type)]
        return ParquetFile(path, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"is a damaged Parquet file ({type(error).__name__})", file=path.name
        ) from None


def _texts(column: pa.Array) -> list[str | None]:
    if pa.types.is_dictionary(column.type):
        known = _texts(column.dictionary)
        return [None if i is None else known[i] for i in column.indices.to_pylist()]
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    texts: list[str | None] = column.cast(pa.string()).to_pylist()
    if pa.types.is_floating(column.type):  # data frames write NaN for missing
        return [None if text == "nan" else text for text in texts]
    return texts
