"""A naive interpreter of plans: every row is looked at in plain Python. Shares no code with SQL."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from federated.study.plan import Block, Plan
from policies.expression import evaluate, holds
from tests.generative.visits import Patient, Row


def naive_block(block: Block, people: list[Patient]) -> list[int]:
    values = [0] * block.length
    for person in people:
        rows = [r for r in person[f"unit_{block.unit}"] if holds(block.cohort, r)]
        if block.by_order:
            rows = [r for r in rows if (r["_order"] or math.inf) <= block.rows_max]
        for row in rows:
            stratum = tuple(level(row[name]) for name in block.by)
            if stratum not in block.strata:
                continue  # no public stratum: nothing can be shown of it
            start = block.strata.index(stratum) * block.width
            if block.kind == "count":
                values[start] += block.steps[0]
            elif block.kind == "proportion":
                answer, known, unknown = block.steps
                told = evaluate(block.numerator, row)
                inside = block.inside is None or holds(block.inside, row)
                if inside and holds(block.known, row) and told is not None:
                    values[start] += answer if told else -answer
                    values[start + 1] += known
                else:
                    values[start + 1] -= unknown
            elif block.kind == "mean":
                for i, value in enumerate(naive_moments(block, row)):
                    values[start + i] += value
            elif block.kind in ("rate", "observed_expected"):
                for i, value in enumerate(naive_ratio(block, row)):
                    values[start + i] += value
            elif block.kind == "quantiles":
                value = evaluate(block.value, row)
                if value is not None and abs(value) <= 1e15:
                    place = naive_bin(block, value)
                    for step in block.steps:
                        if place < block.bins:
                            values[start + place] += step
                        place += 1
            else:
                time, status = row[block.time], naive_status(block, row)
                if time is not None and status is not None:
                    place = sum(time > edge for edge in block.grid)
                    for step in block.steps:
                        if place < block.bins:
                            values[start + status * block.bins + place] += step
                        place += 1
    return values


def level(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else value


def naive_status(block: Block, row: Row) -> int | None:
    """Event, competing event (if there is one), censored: by number; None where not known."""
    ends = [end for end in (block.event, block.competing) if end is not None]
    for i, end in enumerate(ends):
        held = evaluate(end, row)
        if held is None or held:
            return None if held is None else i
    return len(ends)


def naive_moments(block: Block, row: Row) -> tuple[int, int, int]:
    value = evaluate(block.value, row)
    if value is None or not abs(value) <= 1e15:
        return 0, 0, 0
    low, high = block.bounds
    middle, half = (low + high) / 2, (high - low) / 2
    most, square, number = block.steps
    held = min(max(float(value), low), high)
    # Counted from the middle; from below where the middle is 0 (see exact._scale).
    origin, shift = (middle, 0.5) if middle else (low, 0.5 - most)
    s = math.floor((held - origin) * (most / half) + shift)
    s = min(max(s, -most), most)
    q = math.floor(Fraction(2 * square * s**2, most**2) + Fraction(1, 2)) - square
    return s, q, number


def naive_ratio(block: Block, row: Row) -> tuple[int, int]:
    value, event = evaluate(block.value, row), evaluate(block.event, row)
    if value is None or not abs(value) <= 1e15 or event is None:
        return 0, 0
    step, most = block.steps
    longest = block.bounds[1]
    held = min(max(float(value), 0.0), longest)
    # Counted from the upper end (see exact.events_and_sums).
    s = math.floor((held - longest) * (most / longest) + (most + 0.5))
    s = min(max(s, 0), most)
    return (step if event else 0) - 3 * s, 5 * s


def naive_bin(block: Block, value: float) -> int:
    low, high = block.bounds
    edges = [low + (high - low) * i / block.width for i in range(1, block.width)]
    return sum(value > edge for edge in edges)


def naive_vector(plan: Plan, people: list[Patient]) -> list[int]:
    return [value for block in plan.blocks for value in naive_block(block, people)]
