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


def bands(width: int) -> Rung:
    """Classes of ``width`` whole numbers, starting at multiples of it: ``40-44``."""

    def label(value: Value) -> str:
        low = int(float(value) // width) * width
        return f"{low}-{low + width - 1}"

    return Rung(f"classes of {width}", label)


def cuts(edges: Sequence[int]) -> Rung:
    """Classes that begin at the given values: with 18, ``<18`` and ``18+``."""
    ordered = sorted(edges)

    def label(value: Value) -> str:
        place = bisect.bisect_right(ordered, float(value))
        if place == 0:
            return f"<{ordered[0]}"
        if place == len(ordered):
            return f"{ordered[-1]}+"
        return f"{ordered[place - 1]}-{ordered[place] - 1}"

    return Rung(f"classes from {', '.join(map(str, ordered))}", label)


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
