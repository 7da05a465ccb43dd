"""Files of statistics programs: SPSS (.sav), Stata (.dta), SAS (.sas7bdat and transport .xpt).

Read with pyreadstat (ReadStat) in pieces. Values are read as they are stored, not as their labels:
the dictionary's choices are codes. What the file declares to be missing (SPSS's user-missing
values, the letters of Stata and SAS) is kept, so that the site map's missing-data codes may name
it: "asked, not known" is not "never asked".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gateway.errors import SourceError
from gateway.registry.sources.source import RowSource, check_header, file_digest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Statistics", "StatisticsKind", "open_statistics"]

StatisticsKind = Literal["spss", "stata", "sas", "sas transport"]
_PIECE_ROWS = 5_000


@dataclass(frozen=True)
class Statistics(RowSource):
    """One data set of a statistics program."""

    path: Path
    format: StatisticsKind
    encoding: str | None

    @property
    def labels(self) -> dict[str, str]:
        """What the file calls its variables for people; variables without a label are left out."""
        meta = _read(self.path, self.format, self.encoding, offset=0, limit=1).attrs["labels"]
        return {name: label for name, label in meta.items() if label}

    def rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        """See :class:`~gateway.registry.sources.source.RowSource`."""
        done = 0
        while True:
            frame = _read(self.path, self.format, self.encoding, offset=done, limit=_PIECE_ROWS)
            columns = [[_text(value) for value in frame[name]] for name in frame.columns]
            for cells in zip(*columns, strict=True):
                done += 1
                yield done, cells
            if len(frame) < _PIECE_ROWS:
                return


def open_statistics(
    path: Path,
    kind: StatisticsKind,
    *,
    encoding: str,
    redcap: Collection[str],
    shape: str | None,
) -> Statistics:
    """The data set's columns; SourceError for a damaged file. ``encoding`` is used where it is
    not UTF-8: these formats mostly say themselves how their texts are written.
    """
    said = None if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    sha256 = file_digest(path)
    frame = _read(path, kind, said, offset=0, limit=1)
    header = check_header([str(name) for name in frame.columns], path.name, row=None)
    is_redcap = shape == "redcap" if shape else any(column in redcap for column in header)
    return Statistics(
        name=path.name,
        sha256=sha256,
        kind=kind,
        shape="redcap" if is_redcap else "table",
        header=header,
        path=path,
        format=kind,
        encoding=said,
    )


def _read(
    path: Path, kind: StatisticsKind, encoding: str | None, *, offset: int, limit: int
) -> pd.DataFrame:
    import pyreadstat

    readers: dict[str, Any] = {
        "spss": pyreadstat.read_sav,
        "stata": pyreadstat.read_dta,
        "sas": pyreadstat.read_sas7bdat,
        "sas transport": pyreadstat.read_xport,
    }
    options: dict[str, Any] = {"encoding": encoding, "row_offset": offset, "row_limit": limit}
    if kind != "sas transport":
        options["user_missing"] = True
    try:
        frame, meta = readers[kind](path, **options)
        found: pd.DataFrame = frame
        found.attrs["labels"] = dict(meta.column_names_to_labels)
    except Exception as error:  # noqa: BLE001 - ReadStat, iconv and numpy each raise their own
        raise SourceError(
            f"cannot be read as a file of {kind.upper() if kind == 'spss' else kind.title()} "
            f"({type(error).__name__})",
            file=path.name,
            row=offset + 1 if offset else None,
            hint="is it whole? Else export it as CSV",
        ) from None
    return found


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case str():
            return value or None
        case bool():
            return str(int(value))
        case datetime():
            return value.isoformat(" ", "seconds") if value == value else None  # noqa: PLR0124
        case date() | time():
            return value.isoformat()
        case float():
            if value != value:  # noqa: PLR0124 - a NaN: missing
                return None
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case _:
            return str(value)
