"""Exact answers to a measure over derived rows: the plainest reading of what a measure means."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from policies.derivation import Derivations, unit_scopes
from policies.dictionary import Dictionary
from policies.expression import Node, Scope, check, holds, parse
from policies.expression.interpret import Row
from policies.measure import Measure

__all__ = ["Reader"]


class Reader:
    """A measure checked as a study checks it: dates only relative to each other."""

    def __init__(self, measure: Measure, dictionary: Dictionary, derivations: Derivations) -> None:
        fields = unit_scopes(dictionary, derivations)[measure.unit].fields
        self.scope = Scope({name: Scope.relative(field) for name, field in fields.items()})
        self.measure = measure
        self.cohort = self.read(measure.cohort)

    def read(self, text: str) -> Node:
        where = self.measure.measure
        return check(parse(text, where=where), self.scope, where=where, expect="boolean")[0]

    def count(self, rows: Iterable[Row]) -> int:
        return sum(holds(self.cohort, row) for row in rows)

    def proportion(self, rows: Iterable[Row]) -> tuple[int, int]:
        """Numerator and number of rows whose answer is known."""
        numerator = self.read(str(self.measure.numerator))
        known = self.read(str(self.measure.known))
        counted = [row for row in rows if holds(self.cohort, row) and holds(known, row)]
        return sum(holds(numerator, row) for row in counted), len(counted)

    def survival(self, rows: Iterable[Row]) -> dict[int, float]:
        """Actuarial estimate at the measure's reading days: in each bin half of those who leave
        without the event count as at risk (Cutler and Ederer 1958)."""
        survival = self.measure.survival
        assert survival is not None
        event = self.read(survival.event)
        exits = [
            (row[survival.time], holds(event, row))
            for row in rows
            if holds(self.cohort, row) and row.get(survival.time) is not None
        ]
        at_risk, alive, curve, before = len(exits), Fraction(1), {}, -1
        for edge in survival.grid:
            bin_ = [died for days, died in exits if before < days <= edge]  # type: ignore[operator]
            exposed = Fraction(at_risk) - Fraction(len(bin_) - sum(bin_), 2)
            alive *= 1 - Fraction(sum(bin_)) / exposed if exposed else 1
            at_risk, before = at_risk - len(bin_), edge
            if edge in survival.read_at:
                curve[edge] = float(alive)
        return curve

    def incidence(self, rows: Iterable[Row]) -> dict[int, tuple[float, float]]:
        """Cumulative incidence of the event and of the competing one at the reading days, in the
        same bins and with the same half (Aalen and Johansen 1978)."""
        survival = self.measure.survival
        assert survival is not None
        ends = [self.read(survival.event), self.read(str(survival.competing))]
        exits = [
            (row[survival.time], next((i for i, end in enumerate(ends) if holds(end, row)), None))
            for row in rows
            if holds(self.cohort, row) and row.get(survival.time) is not None
        ]
        at_risk, alive, risen, found, before = len(exits), Fraction(1), [Fraction(0)] * 2, {}, -1
        for edge in survival.grid:
            ways = [way for days, way in exits if before < days <= edge]  # type: ignore[operator]
            exposed = Fraction(at_risk) - Fraction(ways.count(None), 2)
            shares = [Fraction(ways.count(k)) / exposed if exposed else Fraction(0) for k in (0, 1)]
            risen = [whole + alive * share for whole, share in zip(risen, shares, strict=True)]
            alive *= 1 - sum(shares)
            at_risk, before = at_risk - len(ways), edge
            if edge in survival.read_at:
                found[edge] = (float(risen[0]), float(risen[1]))
        return found
