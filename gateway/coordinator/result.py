"""What the coordinator does with a study's content: check that it compiles, combine answers.

The hub knows nothing of statistics; it calls :class:`Science`. Both methods may take seconds
and are run in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from federated.errors import StudyError
from federated.study.envelope import Envelope
from federated.study.outcome import Outcome
from federated.study.plan import Plan
from policies.derivation import Derived
from policies.dictionary import Element

__all__ = ["Combiner", "Science"]

_VALUES_MAX = 150_000
"""Integers in a release: more would not fit into one message (20 digits and quotes each)."""


class Science(Protocol):
    """What the hub needs to know about studies."""

    def check(self, envelope: Envelope) -> None:
        """Raise StudyError or DeclarationError for a study that cannot be asked."""
        ...

    def misfits(self, envelope: Envelope, outcomes: Sequence[Outcome]) -> Mapping[str, str]:
        """Sites whose answer does not fit the study, each with the reason's code."""
        ...

    def combine(self, envelope: Envelope, outcomes: Sequence[Outcome]) -> bytes:
        """The result as JSON; TooFewSites if fewer than ``envelope.min_sites`` are usable."""
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

    def misfits(self, envelope: Envelope, outcomes: Sequence[Outcome]) -> Mapping[str, str]:
        """See :class:`Science`."""
        from federated.combine.intake import misfit

        plan = self.plan_of(envelope)
        answered = (one for one in outcomes if one.state == "answered")
        found = ((one.site, misfit(plan, one.site, one.release)) for one in answered)
        return {site: reason for site, reason in found if reason is not None}

    def combine(self, envelope: Envelope, outcomes: Sequence[Outcome]) -> bytes:
        """See :class:`Science`."""
        from federated.combine.pool import combine
        from federated.study.preview import cost_in_words

        plan = self.plan_of(envelope)
        title = envelope.study.get("title")
        result = combine(
            plan,
            outcomes,
            title=title if isinstance(title, str) else "",
            min_sites=envelope.min_sites,
            epsilon=cost_in_words(plan, self._sites_per_patient_max),
            titles={name: element.label for name, element in self._elements(envelope).items()},
            labels={name: dict(e.choices) for name, e in self._elements(envelope).items()},
        )
        return result.to_json()

    def _elements(self, envelope: Envelope) -> Mapping[str, Element | Derived]:
        registry = self._catalogue.registry(str(envelope.study["dictionary"]))
        return {**registry.dictionary.elements, **registry.derivations.elements}
