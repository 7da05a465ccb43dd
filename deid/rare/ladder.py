"""Ladders of generalisation: how a quasi-identifier can be said more coarsely.

Every rung maps a value to a label that stands for a set of values, the value among them. Rungs
need not nest (2-year and 5-year classes may both be tried): the search compares what they cost.
The top of every ladder, the missing value, is implied.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["OTHER", "Rung", "Value", "bands", "cuts", "groups", "prefix", "rare_as_other"]

Value = str | int | float | bool

OTHER = "(other)"
"""What rare values together read. No choice code has brackets, so it is never one."""


@dataclass(frozen=True)
class Rung:
    """``of`` gives the label of a value. With ``fold``, labels that fewer patients than k have
    are put together as :data:`OTHER`; that is the one thing here that depends on the table.
    """

    name: str
    of: Callable[[Value], str]
    fold: bool = False


def bands(width: int, top: int | None = None) -> Rung:
    """Classes of ``width`` whole numbers, starting at multiples of it: ``40-44``.

    ``top`` is the number that stands for itself and all above it; the class that holds it is
    open: with 90, ``90+`` for a width of 5 and ``80+`` for one of 20.
    """
    last = None if top is None else top // width * width

    def label(value: Value) -> str:
        start = _open_from(value)
        low = int(float(value if start is None else start) // width) * width
        if last is not None and low >= last:
            return f"{last}+"
        return f"{low}-{low + width - 1}" if start is None else f"{low}+"

    return Rung(f"classes of {width}", label)


def cuts(edges: Sequence[int], top: int | None = None) -> Rung:
    """Classes that begin at the given values: with 18, ``<18`` and ``18+``. No class begins above
    ``top``, which stands for itself and all above it.
    """
    ordered = sorted({edge if top is None else min(edge, top) for edge in edges})

    def label(value: Value) -> str:
        start = _open_from(value)
        place = bisect.bisect_right(ordered, float(value if start is None else start))
        if start is not None:
            return f"{ordered[place - 1]}+" if place else f"{start}+"
        if place == 0:
            return f"<{ordered[0]}"
        if place == len(ordered):
            return f"{ordered[-1]}+"
        return f"{ordered[place - 1]}-{ordered[place] - 1}"

    return Rung(f"classes from {', '.join(map(str, ordered))}", label)


def _open_from(value: Value) -> int | None:
    """Where an open class, ``80+``, begins; None for a plain number."""
    return int(value[:-1]) if isinstance(value, str) and value.endswith("+") else None


def prefix(length: int) -> Rung:
    """The first characters of a hierarchical code: of ``C49.2`` three are ``C49``."""
    return Rung(f"first {length} characters", lambda value: str(value)[:length])


def groups(members: Mapping[str, Sequence[str]], *, fold: bool = False) -> Rung:
    """The declared group of a code; a code in none reads :data:`OTHER`. ``fold`` also puts rare
    groups together.
    """
    of = {code: group for group, codes in members.items() for code in codes}
    name = "groups, rare ones as other" if fold else "groups"
    return Rung(name, lambda value: of.get(str(value), OTHER), fold)


def rare_as_other() -> Rung:
    """Values that fewer than k patients have are put together."""
    return Rung("rare values as other", str, fold=True)
