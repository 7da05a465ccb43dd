"""Study file → resolved study: names looked up, expressions checked and spelt canonically."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from federated.errors import StudyError
from federated.privacy.loss import nano_rho_for
from federated.study.bound import one_row_per_patient
from federated.study.catalogue import Catalogue, Registry
from federated.study.model import Ask, Privacy, Statistic, Study, StudyFile
from federated.study.plan import Kind
from federated.study.strategy import Want, share_out
from policies.decode import decode, digest, load_yaml
from policies.errors import DeclarationError
from policies.expression import (
    And,
    IsMissing,
    Name,
    Node,
    Not,
    Scope,
    canonical_text,
    check,
    parse,
)
from policies.measure import Mean, Measure, Survival

__all__ = ["read_study", "resolve"]

NANO = 10**9


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
    return Study(
        title=study.title,
        purpose=study.purpose,
        project=study.project,
        dictionary=dictionary,
        digests=dict(registry.digests),
        statistics=_with_steps(statistics, study.ask, registry),
        nano_rho=_nano_rho(study.privacy, where),
        mode=study.mode,
    )


def _with_steps(
    statistics: Sequence[dict[str, Any]], asks: Sequence[Ask], registry: Registry
) -> tuple[Statistic, ...]:
    """The statistics with their shares of the charge, and the counts that they need as parents."""
    wants = [
        Want(
            kind=fields["kind"],
            unit=fields["unit"],
            cohort=_settled(fields["cohort"], registry.scopes[fields["unit"]]),
            by=fields["by"],
            rows_max=fields["rows_max"],
            weight=ask.weight,
            bins=len(fields["survival"].grid) + 1 if fields["survival"] is not None else 1,
        )
        for fields, ask in zip(statistics, asks, strict=True)
    ]
    shared = share_out(registry, wants)
    names = [fields["name"] for fields in statistics]
    for want in shared[len(wants) :]:
        names.append(_free("cohort", names))
        added = {"name": names[-1], "title": "Rows of the common cohort", "kind": want.kind}
        added |= {"unit": want.unit, "cohort": canonical_text(want.cohort), "by": want.by}
        statistics = [*statistics, added | {"rows_max": want.rows_max}]
    return tuple(
        Statistic(
            **fields,
            steps=want.steps,
            parent=None if want.parent is None else names[want.parent],
        )
        for fields, want in zip(statistics, shared, strict=True)
    )


def _settled(text: str, scope: Scope) -> Node:
    return check(parse(text), scope, expect="boolean")[0]


def _free(name: str, taken: Sequence[str]) -> str:
    return next(
        each
        for each in itertools.chain([name], (f"{name}_{i}" for i in itertools.count(2)))
        if each not in taken
    )


def _nano_rho(privacy: Privacy, where: str) -> int:
    nano = (
        nano_rho_for(privacy.epsilon)
        if privacy.epsilon is not None
        else int((privacy.rho or 0) * NANO)
    )
    if nano < 1:
        raise StudyError("too small to answer anything", where=f"{where}: privacy")
    return nano


def _dictionary_of(study: StudyFile, catalogue: Catalogue, where: str) -> str:
    candidates: set[str] | None = None
    for ask in study.ask:
        if ask.measure is not None:
            having = set(catalogue.dictionaries_with(ask.measure))
            candidates = having if candidates is None else candidates & having
    if candidates is None or len(candidates) != 1:
        raise StudyError("say which dictionary the study is about", where=f"{where}: dictionary")
    return candidates.pop()


def _kind(ask: Ask) -> Kind:
    if ask.mean is not None:
        return "mean"
    if ask.survival is not None:
        return "survival"
    return "count" if ask.count else "proportion"


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
            "title": ask.title or (measure.title if measure else kind.capitalize()),
            "kind": kind,
            "unit": unit,
            "cohort": canonical_text(cohort),
            "numerator": numerator,
            "known": known,
            "survival": self.survival(unit, source.survival) if source.survival else None,
            "mean": self.mean(unit, source.mean) if source.mean else None,
            "by": ask.by,
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

    def mean(self, unit: str, mean: Mean) -> Mean:
        place = f"{self.where}.mean"
        scope = self.registry.scopes[unit]
        node, field = check(parse(mean.of, where=place), scope, where=place, expect="number")
        bounds = mean.bounds
        if bounds is None:
            if field.low is None or field.high is None:
                raise StudyError(
                    "has no public bounds", where=place, hint="give them: bounds: [low, high]"
                )
            bounds = float(field.low), float(field.high)
        return decode(Mean, {"of": canonical_text(node), "bounds": bounds}, where=place)

    def survival(self, unit: str, survival: Survival) -> Survival:
        place = f"{self.where}.survival.time"
        scope = self.registry.scopes[unit]
        field = check(Name(survival.time), scope, where=place)[1]
        if field.type != "integer":
            raise StudyError("must be a whole number of days", where=place)
        if field.low is None or field.high is None:
            raise StudyError(f'"{survival.time}" has no public bounds', where=place)
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

    def rows_max(self, unit: str, cohort: Node) -> int:
        """1 where the cohort itself admits one row per patient, else what the study says."""
        return 1 if one_row_per_patient(self.registry, unit, cohort) else self.study.rows_max
