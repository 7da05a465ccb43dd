"""A block read as a regression, in the words of a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from federated.combine.projection import Floats
from federated.combine.regression import Model, estimate_regression
from federated.combine.result import Factor, Regression
from federated.study.plan import Block

__all__ = ["MODELS", "regress"]

MODELS: Mapping[str, Model] = {"proportion": "logistic", "mean": "linear", "rate": "poisson"}
"""The model that each kind of statistic gives."""


def regress(
    block: Block,
    cells: Floats,
    variances: Floats,
    *,
    titles: Mapping[str, str],
    in_words: Callable[[str, str], str],
    confidence: float,
) -> Regression:
    """From pooled readings of shape (strata, ·) with the noise ``variances`` of each;
    ``in_words`` gives the label of an element's level.
    """
    model = MODELS[block.kind]
    found = estimate_regression(
        model,
        cells,
        variances,
        block.strata,
        block.references,
        bounds=block.bounds,
        lean=block.lean if model == "poisson" else 0.0,
        confidence=confidence,
    )
    factors = tuple(
        Factor(
            element=element,
            title=titles.get(element, element),
            reference=in_words(element, factor.reference),
            effects=tuple(
                effect.model_copy(update={"level": in_words(element, effect.level)})
                for effect in factor.effects
            ),
            tested=tuple(in_words(element, level) for level in factor.tested),
            p_value=factor.p_value,
        )
        for element, factor in zip(block.by, found.factors, strict=True)
    )
    return Regression(
        statistic=block.name, model=model, factors=factors, n=found.n, left_out=found.left_out
    )
