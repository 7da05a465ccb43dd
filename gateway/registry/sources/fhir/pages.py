"""Whether all pages of a search are there: what each Bundle says of the others.

A server gives the result of a search in pages. Each but the last links to the next, and each may
say how many resources were found in all.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from gateway.errors import SourceError

__all__ = ["Pages"]

_HINT = "fetch the other pages, put all into one folder, and name that"


class Pages:
    """Bundles of a source, as they are read."""

    def __init__(self) -> None:
        self._linking = self._last = 0
        self._found: Counter[int] = Counter()

    def take(self, kind: Any, total: Any, *, linking: bool, entries: int) -> None:
        """One Bundle: its type, its total, whether it links to a next page, how many entries."""
        if kind != "searchset" and not linking:
            return
        self._linking += linking
        self._last += not linking
        if isinstance(total, int) and not isinstance(total, bool):
            self._found[total] += entries

    def check(self, name: str) -> None:
        """SourceError if a page is missing. Pages of one search state the same total; what they
        include beside what was sought is counted with it, so that too few is sure.
        """
        if self._linking and not self._last:
            raise SourceError(
                "holds pages of a search that link to the next, and no last page",
                file=name,
                hint=_HINT,
            )
        for total, entries in self._found.items():
            if entries < total:
                raise SourceError(
                    f"holds {entries} entries of a search that found {total}",
                    file=name,
                    hint=_HINT,
                )
