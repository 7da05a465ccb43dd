"""An evaluation as plain data: what ``--json`` prints, and what the tables and the page show.

It holds counts and shares, and no text of any note.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from deid.evaluation.interval import wilson
from deid.evaluation.run import Evaluation
from deid.evaluation.score import NONE, Precision, Scores
from deid.span import CATEGORIES

__all__ = ["summary"]

_ROWS = ("all", *CATEGORIES[:2], "DATE*", *CATEGORIES[2:])


def summary(evaluation: Evaluation) -> dict[str, Any]:
    """Shares are None where nothing was counted; intervals are ``[lower, upper]`` at 95 %."""
    scores = evaluation.scores
    return {
        "gold": evaluation.gold,
        "profile": evaluation.profile,
        "patients_known": evaluation.patients_known,
        "notes": scores.notes,
        "notes_in_file": evaluation.notes_in_file,
        "seconds": round(evaluation.seconds, 1),
        "withheld": sum(scores.withheld.values()),
        "withheld_reasons": dict(sorted(scores.withheld.items())),
        "notes_with_leak": _notes_with_leak(scores),
        "characters": _characters(scores),
        "recall": _recall(scores),
        "precision": _precision(scores),
        "layers": _pairs(scores.layers, "source", "gold"),
        "categories": _pairs(scores.confusion, "gold", "found"),
        "ignored_spans": scores.ignored,
    }


def _notes_with_leak(scores: Scores) -> dict[str, Any]:
    written = scores.notes - sum(scores.withheld.values())
    return {
        "if_all_written": _share(scores.leaking_found, scores.notes),
        "as_written": _share(scores.leaking_written, scores.notes),
        "of_written": _share(scores.leaking_written, written),
    }


def _characters(scores: Scores) -> dict[str, Any]:
    removed = scores.phi_found + scores.clinical_found
    lost = scores.clinical_found + scores.clinical_lost
    return {
        "recall": _ratio(scores.phi_found, scores.phi),
        "precision": _ratio(scores.phi_found, removed),
        "phi": scores.phi,
        "clinical": scores.clinical,
        "clinical_removed": _ratio(scores.clinical_found, scores.clinical),
        "clinical_lost_with_withheld": _ratio(lost, scores.clinical),
    }


def _recall(scores: Scores) -> list[dict[str, Any]]:
    rows = []
    for category in _ROWS:
        tally = scores.recall.get(category)
        if tally is None:
            continue
        kept = tally.whole + tally.stopped
        rows.append(
            {
                "category": category,
                "spans": tally.spans,
                "whole": tally.whole,
                "in_part": tally.touched - tally.whole if category != "DATE*" else None,
                "missed": tally.spans - tally.touched if category != "DATE*" else None,
                "recall": _ratio(tally.whole, tally.spans),
                "interval": _interval(tally.whole, tally.spans),
                "as_written": _ratio(kept, tally.spans),
                "as_written_interval": _interval(kept, tally.spans),
            }
        )
    return rows


def _precision(scores: Scores) -> list[dict[str, Any]]:
    rows: list[tuple[str, Precision]] = [
        (name, scores.precision[name]) for name in CATEGORIES if name in scores.precision
    ]
    if rows:
        found = [count for _, count in rows]
        whole = Precision(
            sum(count.spans for count in found),
            sum(count.right for count in found),
            sum(count.exact for count in found),
        )
        rows.insert(0, ("all", whole))
    return [
        {
            "category": name,
            "spans": count.spans,
            "right": count.right,
            "exact": count.exact,
            "precision": _ratio(count.right, count.spans),
            "exact_share": _ratio(count.exact, count.spans),
        }
        for name, count in rows
    ]


def _pairs(counts: Counter[tuple[str, str]], row: str, column: str) -> list[dict[str, Any]]:
    def order(pair: tuple[str, str]) -> tuple[str, bool, str]:
        return pair[0], pair[1] == NONE, pair[1]

    return [
        {row: first, column: second, "spans": counts[first, second]}
        for first, second in sorted(counts, key=order)
    ]


def _share(hits: int, of: int) -> dict[str, Any]:
    return {"notes": hits, "of": of, "share": _ratio(hits, of), "interval": _interval(hits, of)}


def _ratio(hits: int, of: int) -> float | None:
    return round(hits / of, 6) if of else None


def _interval(hits: int, of: int) -> list[float] | None:
    bounds = wilson(hits, of)
    return None if bounds is None else [round(bound, 6) for bound in bounds]
