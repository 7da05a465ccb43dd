"""Does a resolved statistic really ask what the measure it names defines?"""

from __future__ import annotations

from federated.study.catalogue import Registry
from federated.study.model import Statistic
from policies.decode import digest
from policies.expression import Scope, canonical_text, check, conjuncts, parse
from policies.measure import Mean, Measure, ObservedExpected, Quantiles, Rate

__all__ = ["follows_measure"]


def follows_measure(statistic: Statistic, measure: Measure, registry: Registry) -> bool:
    """True if the statistic has the measure's digest, kind, unit, numerator, known, times,
    value and ratio, and a cohort that demands all that the measure's cohort demands. Narrower is
    allowed, different is not: a digest alone could be pasted onto another question.
    """
    if (statistic.measure_digest, statistic.kind, statistic.unit) != (
        digest(measure),
        measure.kind,
        measure.unit,
    ):
        return False
    scope = registry.scopes[measure.unit]

    def settled(text: str | None) -> str | None:
        if text is None:
            return None
        return canonical_text(check(parse(text), scope, expect="boolean")[0])

    def demands(text: str) -> set[str]:
        node = check(parse(text), scope, expect="boolean")[0]
        return {canonical_text(part) for part in conjuncts(node)}

    survival = measure.survival
    if survival is not None:
        survival = survival.model_copy(
            update={
                "event": settled(survival.event),
                "competing": settled(survival.competing),
            }
        )
    return (
        statistic.numerator == settled(measure.numerator)
        and statistic.known == settled(measure.known)
        and statistic.survival == survival
        and _same_value(statistic.mean, measure.mean, scope)
        and _same_value(statistic.quantiles, measure.quantiles, scope)
        and _same_rate(statistic.rate, measure.rate, scope)
        and _same_risk(statistic.observed_expected, measure.observed_expected, scope)
        and demands(measure.cohort) - {"true"} <= demands(statistic.cohort)
    )


def _same_value(
    asked: Mean | Quantiles | None, defined: Mean | Quantiles | None, scope: Scope
) -> bool:
    """The same number within the same bounds, which an element may lend it, told the same way."""
    if asked is None or defined is None:
        return asked is defined
    node, field = check(parse(defined.of), scope, expect="number")
    bounds = defined.bounds or (field.low, field.high)
    return asked == defined.model_copy(update={"of": canonical_text(node), "bounds": bounds})


def _same_rate(asked: Rate | None, defined: Rate | None, scope: Scope) -> bool:
    if asked is None or defined is None:
        return asked is defined
    time, field = check(parse(defined.time), scope, expect="number")
    settled = {
        "events": canonical_text(check(parse(defined.events), scope, expect="boolean")[0]),
        "time": canonical_text(time),
        "bounds": defined.bounds or (0.0, field.high),
    }
    return asked == defined.model_copy(update=settled)


def _same_risk(
    asked: ObservedExpected | None, defined: ObservedExpected | None, scope: Scope
) -> bool:
    if asked is None or defined is None:
        return asked is defined
    observed, _ = check(parse(defined.observed), scope, expect="boolean")
    expected, _ = check(parse(defined.expected), scope, expect="number")
    settled = {"observed": canonical_text(observed), "expected": canonical_text(expected)}
    return asked == defined.model_copy(update=settled)
