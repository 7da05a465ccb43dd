"""Strata in words: the labels of a dictionary's choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from federated.combine.result import ALL, MISSING
from federated.study.plan import Block, Stratum

__all__ = ["Labels", "label", "labelled", "levels"]

Labels: TypeAlias = Mapping[str, Mapping[str, str]]
"""Element → choice code → label; a code stands in for a label that is lacking."""


def labelled(block: Block, stratum: Stratum | None, labels: Labels) -> dict[str, str]:
    """A stratum (None: all) by element, in words."""
    if stratum is None:
        return dict.fromkeys(block.by, ALL)
    return {
        element: MISSING if level is None else label(labels.get(element, {}), level)
        for element, level in zip(block.by, stratum, strict=True)
    }


def levels(block: Block, labels: Labels) -> tuple[tuple[str, ...], ...]:
    """The labels of each element's levels, as the strata have them: missing last."""
    codes = [dict.fromkeys(column) for column in zip(*block.strata, strict=True)]
    return tuple(
        tuple(MISSING if level is None else label(labels.get(element, {}), level) for level in of)
        for element, of in zip(block.by, codes, strict=True)
    )


def label(words: Mapping[str, str], level: str) -> str:
    """A level in words; with its code where two levels share the same words, or where these would
    pass for those of all levels or of a missing one.
    """
    told = words.get(level, level)
    alike = told in (ALL, MISSING) or list(words.values()).count(told) > 1
    return f"{told} ({level})" if alike else told
