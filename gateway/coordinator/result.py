"""What the coordinator does with a study's content: check that it compiles, combine answers.

The hub knows nothing of statistics; it calls :class:`Science`, and for a study that ends one
:class:`Planned`. All methods may take seconds and are run in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from federated.errors import StudyError
from federated.study.envelope import Envelope
from federated.study.outcome import Outcome
from federated.study.plan import Plan
from policies.derivation import Derived
from policies.dictionary import Element

__all__ = ["Combiner", "Planned", "PlannedStudy", "Science"]

_VALUES_MAX = 150_000
"""Integers in a release: more would not fit into one message (20 digits and quotes each)."""


class Science(Protocol):
    """What the hub needs to know about studies."""

    def check(self, envelope: Envelope) -> None:
        """Raise StudyError or DeclarationError for a study that cannot be asked."""
        ...

    def planned(self, envelope: Envelope) -> Planned:
        """The study ready to combine: what is compiled for it is compiled once."""
        ...


class Planned(Protocol):
    """One study's answers, judged and combined."""

    def misfits(self, outcomes: Sequence[Outcome]) -> Mapping[str, str]:
        """Sites whose answer does not fit the study, each with the reason's code."""
        ...

    def combine(self, outcomes: Sequence[Outcome]) -> bytes:
        """The result as JSON; TooFewSites if fewer than the envelope's ``min_sites`` are usable."""
        ...


class Combiner:
    """The real thing: plans from the declarations, results from ``federated.combine``.

    ``folder`` may hold the network's own ``dictionaries/``, ``derivations/`` and ``measures/``;
    ``sites_per_patient_max`` is the network's, for the cost told beside results (D17).
    """

    def __init__(self, folder: Path | None = None, *, sites_per_patient_max: int = 1) -> None:
        from federated.study.catalogue import Catalogue

        self._catalogue = Catalogue(folder)
        self._sites_per_patient_max = sites_per_patient_max

    def plan_of(self, envelope: Envelope) -> Plan:
        """The study's plan."""
        from federated.study.compile import compile_study
        from federated.study.model import Study
        from policies.decode import decode

        return compile_study(decode(Study, envelope.study, where="study"), self._catalogue)

    def check(self, envelope: Envelope) -> None:
        """See :class:`Science`."""
        plan = self.plan_of(envelope)
        if plan.length > _VALUES_MAX:
            raise StudyError(
                f"a release of {plan.length} integers does not fit into one message",
                where="study",
                hint=f"ask for fewer strata; {_VALUES_MAX} integers fit",
            )
        if plan.nano_rho > envelope.nano_rho_max:
            raise StudyError("the study costs more than its envelope allows", where="envelope")

    def planned(self, envelope: Envelope) -> PlannedStudy:
        """See :class:`Science`."""
        registry = self._catalogue.registry(str(envelope.study["dictionary"]))
        return PlannedStudy(
            plan=self.plan_of(envelope),
            envelope=envelope,
            elements={**registry.dictionary.elements, **registry.derivations.elements},
            sites_per_patient_max=self._sites_per_patient_max,
        )


@dataclass(frozen=True)
class PlannedStudy:
    """A study with its plan; ``elements`` give the words for its strata."""

    plan: Plan
    envelope: Envelope
    elements: Mapping[str, Element | Derived]
    sites_per_patient_max: int

    def misfits(self, outcomes: Sequence[Outcome]) -> Mapping[str, str]:
        """See :class:`Planned`."""
        from federated.combine.intake import misfit

        answered = (one for one in outcomes if one.state == "answered")
        found = ((one.site, misfit(self.plan, one.site, one.release)) for one in answered)
        return {site: reason for site, reason in found if reason is not None}

    def combine(self, outcomes: Sequence[Outcome]) -> bytes:
        """See :class:`Planned`."""
        from federated.combine.pool import combine
        from federated.study.preview import cost_in_words

        title = self.envelope.study.get("title")
        result = combine(
            self.plan,
            outcomes,
            title=title if isinstance(title, str) else "",
            min_sites=self.envelope.min_sites,
            epsilon=cost_in_words(self.plan, self.sites_per_patient_max),
            titles={name: element.label for name, element in self.elements.items()},
            labels={name: dict(element.choices) for name, element in self.elements.items()},
        )
        return result.to_json()
