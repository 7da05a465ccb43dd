"""Study file → resolved study: names looked up, expressions checked and spelt canonically."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar, get_args

from federated.errors import StudyError
from federated.study.bound import one_row_per_patient
from federated.study.catalogue import Catalogue, Registry
from federated.study.charge import charged
from federated.study.model import REGRESSED, Ask, AskRegression, Study, StudyFile
from federated.study.plan import Kind
from federated.study.regression import with_references
from policies.decode import decode, digest, load_yaml
from policies.errors import DeclarationError
from policies.expression import (
    And,
    Field,
    IsMissing,
    Name,
    Node,
    Not,
    canonical_text,
    check,
    parse,
)
from policies.measure import Mean, Measure, ObservedExpected, Quantiles, Rate, Survival

__all__ = ["read_study", "resolve"]

_Of = TypeVar("_Of", Mean, Quantiles)
_TITLES = {"observed_expected": "Observed over expected"}


def read_study(path: Path, catalogue: Catalogue) -> Study:
    """Read and resolve a study file; errors name file and place."""
    return resolve(decode(StudyFile, load_yaml(path), where=str(path)), catalogue, where=str(path))


def resolve(study: StudyFile, catalogue: Catalogue, *, where: str = "study") -> Study:
    """Resolve against a catalogue; StudyError or DeclarationError with the place."""
    dictionary = study.dictionary or _dictionary_of(study, catalogue, where)
    try:
        registry = catalogue.registry(dictionary)
    except DeclarationError as error:
        raise StudyError(error.message, where=f"{where}: dictionary", hint=error.hint) from error
    if study.unit not in registry.derivations.units:
        known = ", ".join(registry.derivations.units)
        raise StudyError(
            f'unknown unit "{study.unit}"',
            where=f"{where}: unit",
            hint=f"units: {known}",
        )
    statistics = [
        _Resolver(study, ask, registry, catalogue, f"{where}: ask[{i}]").statistic()
        for i, ask in enumerate(study.ask)
    ]
    names = [str(fields["name"]) for fields in statistics]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise StudyError(
                f'a second statistic is called "{name}"; give it a name',
                where=f"{where}: ask[{i}]",
            )
    fields = {
        "title": study.title,
        "purpose": study.purpose,
        "project": study.project,
        "dictionary": dictionary,
        "digests": dict(registry.digests),
        "mode": study.mode,
    }
    return charged(
        fields, statistics, [ask.weight for ask in study.ask], study.privacy, catalogue, where=where
    )


def _dictionary_of(study: StudyFile, catalogue: Catalogue, where: str) -> str:
    candidates: set[str] | None = None
    for ask in study.ask:
        if ask.measure is not None:
            having = set(catalogue.dictionaries_with(ask.measure))
            candidates = having if candidates is None else candidates & having
    if candidates is None or len(candidates) != 1:
        known = sorted(candidates or catalogue.dictionaries())
        raise StudyError(
            "say which dictionary the study is about",
            where=f"{where}: dictionary",
            hint=f"give dictionary: one of {', '.join(known)}",
        )
    return candidates.pop()


def _kind(ask: Ask) -> Kind:
    kinds: tuple[Kind, ...] = get_args(Kind)
    return next(kind for kind in kinds if getattr(ask, kind) is not None)


class _Resolver:
    def __init__(
        self,
        study: StudyFile,
        ask: Ask,
        registry: Registry,
        catalogue: Catalogue,
        where: str,
    ) -> None:
        self.study = study
        self.ask = ask
        self.registry = registry
        self.catalogue = catalogue
        self.where = where

    def expression(self, text: str, unit: str, part: str) -> Node:
        place = f"{self.where}.{part}"
        scope = self.registry.scopes[unit]
        return check(parse(text, where=place), scope, where=place, expect="boolean")[0]

    def statistic(self) -> dict[str, Any]:
        """The fields of the statistic, all but its share of the charge."""
        ask = self.ask
        measure = None
        if ask.measure is not None:
            try:
                dictionary = self.registry.dictionary.dictionary
                measure = self.catalogue.measure(dictionary, ask.measure)
            except DeclarationError as error:
                raise StudyError(
                    error.message, where=f"{self.where}.measure", hint=error.hint
                ) from error
        unit = measure.unit if measure is not None else self.study.unit
        cohort = self.cohort(unit, measure)
        kind = measure.kind if measure is not None else _kind(ask)
        source = measure if measure is not None else ask
        numerator, known = self.proportion(unit, measure) if kind == "proportion" else (None, None)
        self.strata(unit)
        return {
            "name": ask.name or ask.measure or kind,
            "title": ask.title
            or (measure.title if measure else _TITLES.get(kind, kind.capitalize())),
            "kind": kind,
            "unit": unit,
            "cohort": canonical_text(cohort),
            "numerator": numerator,
            "known": known,
            "survival": self.survival(unit, source.survival) if source.survival else None,
            "mean": self.value(unit, source.mean, "mean") if source.mean else None,
            "quantiles": (
                self.value(unit, source.quantiles, "quantiles") if source.quantiles else None
            ),
            "rate": self.rate(unit, source.rate) if source.rate else None,
            "observed_expected": (
                self.observed_expected(unit, source.observed_expected)
                if source.observed_expected
                else None
            ),
            "by": ask.by,
            "regression": self.regression(unit, kind),
            "rows_max": self.rows_max(unit, cohort),
            "measure": ask.measure,
            "measure_digest": digest(measure) if measure is not None else None,
        }

    def cohort(self, unit: str, measure: Measure | None) -> Node:
        texts = [
            (self.study.cohort, "cohort of the study"),
            (self.ask.where or "true", "where"),
        ]
        if measure is not None:
            texts.append((measure.cohort, "measure.cohort"))
        return And(
            tuple(self.expression(text, unit, part) for text, part in texts if text != "true")
            or (parse("true"),)
        )

    def proportion(self, unit: str, measure: Measure | None) -> tuple[str, str]:
        source = measure if measure is not None else self.ask.proportion
        numerator_text = str(source.numerator)  # type: ignore[union-attr]
        numerator = self.expression(numerator_text, unit, "numerator")
        known_text = source.known  # type: ignore[union-attr]
        known = (
            self.expression(known_text, unit, "known")
            if known_text is not None
            else Not(IsMissing(numerator))
        )
        return canonical_text(numerator), canonical_text(known)

    def value(self, unit: str, given: _Of, part: str) -> _Of:
        """Its expression settled, and its bounds those of the element where it gives none."""
        place = f"{self.where}.{part}"
        of, field = self.number(given.of, unit, part)
        bounds = given.bounds
        if bounds is None:
            if field.low is None or field.high is None:
                raise StudyError(
                    "has no public bounds", where=place, hint="give them: bounds: [low, high]"
                )
            bounds = float(field.low), float(field.high)
        settled = given.model_dump() | {"of": of, "bounds": bounds}
        return decode(type(given), settled, where=place)

    def number(self, text: str, unit: str, part: str) -> tuple[str, Field]:
        place = f"{self.where}.{part}"
        scope = self.registry.scopes[unit]
        node, field = check(parse(text, where=place), scope, where=place, expect="number")
        return canonical_text(node), field

    def rate(self, unit: str, given: Rate) -> Rate:
        """Its expressions settled, and its longest time that of the element where it gives none."""
        place = f"{self.where}.rate"
        time, field = self.number(given.time, unit, "rate.time")
        bounds = given.bounds
        if bounds is None:
            if field.high is None or field.high <= 0:
                raise StudyError(
                    "has no longest time", where=place, hint="give it: bounds: [0, longest]"
                )
            bounds = 0.0, float(field.high)
        events = canonical_text(self.expression(given.events, unit, "rate.events"))
        settled = {"events": events, "time": time, "bounds": bounds, "per": given.per}
        return decode(Rate, settled, where=place)

    def observed_expected(self, unit: str, given: ObservedExpected) -> ObservedExpected:
        part = "observed_expected"
        observed = self.expression(given.observed, unit, f"{part}.observed")
        expected, _ = self.number(given.expected, unit, f"{part}.expected")
        return ObservedExpected(observed=canonical_text(observed), expected=expected)

    def survival(self, unit: str, survival: Survival) -> Survival:
        place = f"{self.where}.survival.time"
        scope = self.registry.scopes[unit]
        field = check(Name(survival.time), scope, where=place)[1]
        if field.type != "integer":
            raise StudyError("must be a whole number of days", where=place)
        if field.low is None or field.high is None:
            raise StudyError(
                f'"{survival.time}" has no public bounds',
                where=place,
                hint="bounds: [0, longest] belong to the element in its dictionary or derivation",
            )
        texts = {"event": survival.event, "competing": survival.competing}
        settled = {
            part: canonical_text(self.expression(text, unit, f"survival.{part}"))
            for part, text in texts.items()
            if text is not None
        }
        return survival.model_copy(update=settled)

    def strata(self, unit: str) -> None:
        for i, name in enumerate(self.ask.by):
            place = f"{self.where}.by[{i}]"
            field = check(Name(name), self.registry.scopes[unit], where=place)[1]
            if field.type not in ("category", "boolean"):
                raise StudyError(
                    f'"{name}" has no public list of values; use a category or a band',
                    where=place,
                )
        if len(set(self.ask.by)) != len(self.ask.by):
            raise StudyError("an element is listed twice", where=f"{self.where}.by")

    def regression(self, unit: str, kind: Kind) -> AskRegression | None:
        """With a reference for every element in ``by``."""
        asked = self.ask.regression
        if asked is None:
            return None
        place = f"{self.where}.regression"
        if kind not in REGRESSED:
            raise StudyError(
                f"no regression is read from a {kind}",
                where=place,
                hint=f"kinds that have one: {', '.join(REGRESSED)}",
            )
        scope = self.registry.scopes[unit]
        return with_references(self.ask.by, asked, scope, place)

    def rows_max(self, unit: str, cohort: Node) -> int:
        """1 where the cohort itself admits one row per patient, else what the study says."""
        return 1 if one_row_per_patient(self.registry, unit, cohort) else self.study.rows_max
