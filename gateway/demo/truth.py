"""What the pooled truth was: possible to say only because nobody in the data exists."""

from __future__ import annotations

from collections.abc import Sequence

from federated.combine.result import ALL, Row
from gateway.demo.synthetic.truth import CaseTruth

__all__ = ["PooledTruth"]

_RESECTIONS = (1, 2, 3, 6, 7)
_LIMB_KEPT, _AMPUTATION = (1, 3, 7), 2
_REPORTED_APART = (201, 241)
"""Atypical lipomatous tumour and desmoid: not in the margin rate (measure r0_margin_rate)."""


class PooledTruth:
    """Exact answers to the demo's question over the patients as generated, before missing
    answers and entry errors. Callable as the truth of a report's row.
    """

    def __init__(self, patients: Sequence[CaseTruth]) -> None:
        self._cases = [
            case
            for case in patients
            if case["index_case"] and not case["opted_out"] and case["tumor_category"] in (1, 2)
        ]

    def __call__(self, row: Row) -> float | None:
        """The truth of a pooled row; None where it is not known (sites, missing strata)."""
        if row.site is not None:
            return None
        if row.statistic == "r0_margin_rate":
            return self._share(self._margins(), lambda case: case["margin_r"] == 0)
        if row.statistic == "limb_salvage":
            return self._share(self._limbs(), lambda case: case["surg_type"] in _LIMB_KEPT)
        if row.quantity == "survival" and row.time_days is not None:
            return self._survival(row.stratum.get("stage_group", ALL), row.time_days)
        return None

    def _margins(self) -> list[CaseTruth]:
        return [
            case
            for case in self._cases
            if case["surg_intent"] == 1
            and case["surg_type"] in _RESECTIONS
            and case["margin_r"] in (0, 1, 2)
            and case["histology_who"] not in _REPORTED_APART
        ]

    def _limbs(self) -> list[CaseTruth]:
        return [
            case
            for case in self._cases
            if case["extremity"]
            and case["surg_intent"] == 1
            and case["surg_type"] in (*_LIMB_KEPT, _AMPUTATION)
        ]

    @staticmethod
    def _share(cases: list[CaseTruth], holds: object) -> float | None:
        if not cases or not callable(holds):
            return None
        return sum(bool(holds(case)) for case in cases) / len(cases)

    def _survival(self, stage: str, days: int) -> float | None:
        """Kaplan–Meier at ``days`` (Kaplan & Meier 1958), the exact curve without bins."""
        cases = [case for case in self._cases if stage in (ALL, _stage_label(case))]
        if not cases:
            return None
        share, at_risk = 1.0, len(cases)
        for time, event in sorted(
            ((int(case["os_days"] or 0), int(case["os_event"] or 0)) for case in cases),
            key=lambda pair: (pair[0], -pair[1]),
        ):
            if time > days:
                break
            share *= 1 - event / at_risk
            at_risk -= 1
        return share


def _stage_label(case: CaseTruth) -> str:
    roman = {"i": "I", "ia": "I", "ib": "I", "ii": "II", "iia": "II", "iib": "II"}
    roman |= {"iii": "III", "iiia": "III", "iiib": "III", "iv": "IV", "iva": "IV", "ivb": "IV"}
    stage = roman.get(str(case["ajcc_stage"]))
    return f"Stage {stage}" if stage else "(missing)"
