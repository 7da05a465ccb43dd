"""Errors of the processes: a site, a coordinator, their commands.

::

    OsteonError
    └── GatewayError            exit 1
        ├── SourceError         exit 2   a source file cannot be read as what it claims to be
        │   └── LoadRefused     exit 2   cells are wrong; carries the first problems and a count
        ├── SiteError           exit 2   a site folder is missing, incomplete or would be overwritten
        └── StoreError          exit 1   the registry store is damaged, locked or empty

Messages name file, row, field and rule. They never hold a cell's value.
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.errors import OsteonError

__all__ = ["GatewayError", "LoadRefused", "SiteError", "SourceError", "StoreError"]


class GatewayError(OsteonError):
    """Base of the errors of the gateway package."""

    code = "gateway"


class SourceError(GatewayError):
    """A source file is wrong. ``row`` is the line of the file, counted from 1."""

    exit_code = 2
    code = "source"

    def __init__(
        self,
        message: str,
        *,
        file: str,
        row: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        place = file if row is None else f"{file}: row {row}"
        super().__init__(f"{place}: field '{field}': {message}" if field else f"{place}: {message}")
        self.hint = hint
        self.file = file
        self.row = row
        self.field = field


class LoadRefused(SourceError):
    """Nothing was loaded because cells are wrong. ``problems`` are the first, as sentences."""

    code = "load_refused"

    def __init__(self, problems: Sequence[str], *, file: str, count: int) -> None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        more = f"\n  … and {count - len(problems)} more" if count > len(problems) else ""
        super().__init__(
            f"nothing was loaded: {count} cells are wrong{listed}{more}",
            file=file,
            hint="correct the source, or load with --accept-bad-values: "
            "wrong cells become missing and are written to the fix list",
        )
        self.problems = tuple(problems)
        self.count = count


class SiteError(GatewayError):
    """A site folder is missing, incomplete, or would be overwritten."""

    exit_code = 2
    code = "site"


class StoreError(GatewayError):
    """The registry store is damaged, locked, or holds no version."""

    code = "store"
