"""How long replies wait before they leave, which no time of an answer here contains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from federated.privacy.reply_time import MEAN_S_MAX, late_s, mean_s
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from policies.decode import decode
from policies.site import Limits

__all__ = ["waits"]

EPSILONS = (1.0, 0.1)


def waits() -> Iterator[tuple[object, ...]]:
    """Of a count and of a study of all shipped measures, by what they are charged: parts, ε, the
    mean and what one in 30,000 waits longer than, in seconds, and whether a site answers at all.
    """
    catalogue = Catalogue()
    names = catalogue.measures("sarcoma_v1")
    studies: dict[str, list[dict[str, Any]]] = {
        "one count": [{"count": True}],
        f"all {len(names)} measures": [{"measure": name} for name in names],
    }
    for words, asks in studies.items():
        for epsilon in EPSILONS:
            plain = {
                "title": "waits", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1",
                "unit": "case", "ask": asks, "privacy": {"epsilon": epsilon},
            }  # fmt: skip
            study = resolve(decode(StudyFile, plain, where="study"), catalogue)
            plan = compile_study(study, catalogue)
            mean, late = (of(plan.nano_rho, plan.parts) for of in (mean_s, late_s))
            yield words, plan.parts, f"{epsilon:g}", f"{mean:.1f}", f"{late:.1f}", _admitted(mean)


def _admitted(mean: float) -> str:
    if mean > MEAN_S_MAX:
        return f"no: over {MEAN_S_MAX:g} s, everywhere"
    most = Limits().wait_s_max
    return "yes" if mean <= most else f"no: over {most} s, unless its policy allows more"
