"""Noisy releases combined into results with honest intervals (DESIGN D5, D8, D18, D19)."""

from federated.combine.pool import combine
from federated.combine.result import (
    Asked,
    Curve,
    Difference,
    Effect,
    Factor,
    Gap,
    Regression,
    Result,
    Row,
    SiteRecord,
)

__all__ = [
    "Asked",
    "Curve",
    "Difference",
    "Effect",
    "Factor",
    "Gap",
    "Regression",
    "Result",
    "Row",
    "SiteRecord",
    "combine",
]
