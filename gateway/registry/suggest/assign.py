"""One column for one element: the assignment with the highest total score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from gateway.registry.suggest.columns import Column, Told
from gateway.registry.suggest.compare import Comparer, Match
from gateway.registry.suggest.persons import counts_rows, names_patient

__all__ = ["Choice", "assign"]

TAKEN_MIN = 0.45
"""Below this a column is left open and the best guess named."""
_CONTEXT = 0.12
"""What neighbours of the same form add in a plain table."""


@dataclass(frozen=True)
class Choice:
    """``element`` None: left open; ``guess`` is the element that came nearest. ``rival`` suits the
    column nearly as well as the element.
    """

    column: Column
    element: str | None
    match: Match
    guess: str | None = None
    rival: str | None = None


def assign(
    columns: Sequence[Column], comparer: Comparer, *, table: bool, told: Told = lambda *_: None
) -> list[Choice]:
    """A choice for each column, in their order."""
    names = list(comparer.dictionary.elements)
    if not columns:
        return []
    matches = []
    for done, column in enumerate(columns):
        told("compare", done, len(columns))
        matches.append([comparer.compare(column, name) for name in names])
    scores = np.array([[match.score for match in row] for row in matches])
    taken = _solve(scores)
    if table:
        scores = scores + _context(scores, taken, comparer, names)
        taken = _solve(scores)
    taken = _with_key(scores, taken, matches, columns, names.index(comparer.dictionary.key))
    free = set(range(len(names))) - set(taken.values())
    found = []
    for i, column in enumerate(columns):
        order = np.argsort(-scores[i], kind="stable")
        best = int(order[0])
        if i not in taken:
            found.append(Choice(column, None, matches[i][best], guess=names[best]))
            continue
        j = taken[i]
        near = [int(k) for k in order[:4] if k != j and scores[i, j] - scores[i, k] < 0.06]
        rival = next((names[k] for k in near if k in free), None)
        found.append(Choice(column, names[j], matches[i][j], rival=rival))
    return found


def _solve(scores: np.ndarray) -> dict[int, int]:
    useful = np.where(scores >= TAKEN_MIN, scores, 0.0)
    rows, elements = linear_sum_assignment(useful, maximize=True)
    pairs = zip(rows.tolist(), elements.tolist(), strict=True)
    return {i: j for i, j in pairs if scores[i, j] >= TAKEN_MIN}


def _context(
    scores: np.ndarray, taken: Mapping[int, int], comparer: Comparer, names: Sequence[str]
) -> np.ndarray:
    """Elements of forms that the file surely feeds are likelier than those of others."""
    elements = comparer.dictionary.elements
    weight: dict[str, float] = {}
    for i, j in taken.items():
        form = elements[names[j]].instrument
        weight[form] = weight.get(form, 0.0) + float(scores[i, j])
    most = max(weight.values(), default=1.0)
    own = {j: float(scores[i, j]) for i, j in taken.items()}
    # Not counting itself: a form of which one element alone was found is no context for it.
    shares = [
        (weight.get(elements[name].instrument, 0.0) - own.get(j, 0.0)) / most
        for j, name in enumerate(names)
    ]
    return np.where(scores > 0.2, _CONTEXT * np.array([shares]), 0.0)


def _with_key(
    scores: np.ndarray,
    taken: dict[int, int],
    matches: Sequence[Sequence[Match]],
    columns: Sequence[Column],
    key: int,
) -> dict[int, int]:
    """A map needs the key: of the columns that every row has, the likeliest; one that nothing else
    wants before one that something does.
    """
    at = next((i for i, j in taken.items() if j == key), None)
    if at is not None:
        # A number of its own in every row counts rows where another column repeats by patient.
        named = [i for i, column in enumerate(columns) if names_patient(column)]
        better = [i for i in named if not columns[i].unique and i not in taken]
        if not (counts_rows(columns[at]) and better) or matches[at][key].name == 1.0:
            return taken
        rest = {i: j for i, j in taken.items() if i != at}
        return {**rest, max(better, key=lambda i: (columns[i].distinct, -i)): key}
    able = [i for i, column in enumerate(columns) if column.always and matches[i][key].score > 0]
    if not able:
        return taken
    best = max(able, key=lambda i: (i not in taken, scores[i, key], columns[i].unique, -i))
    return {**taken, best: key}
