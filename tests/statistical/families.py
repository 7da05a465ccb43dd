"""Two shares of one cohort, told through its count, and registries whose shares are known. Frozen
(tests/attack/README.md).
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.plan import Plan
from federated.study.resolve import resolve
from policies.decode import decode
from tests.generative.interpreter import naive_vector
from tests.generative.visits import Patient

__all__ = ["TRUE_SHARES", "drawn", "family", "kinds"]

TRUE_SHARES = {"leaks": 0.97, "aortic": 0.03}
"""Far from a half: there the noise of the number known matters most."""
_ASKS: list[dict[str, Any]] = [
    {"proportion": {"numerator": "leak = 1"}, "name": "leaks", "where": "follow_days > 100"},
    {"proportion": {"numerator": "valve = 'a'"}, "name": "aortic", "where": "risk > 50"},
]
_SHARES: dict[str, dict[Any, float]] = {
    "sex": {"1": 0.4, "2": 0.4, None: 0.2},
    "risk_band": {"low": 0.4, "high": 0.4, None: 0.2},
    # Of those where it is known the true shares.
    "leak": {"1": 0.9 * 0.97, "0": 0.9 * 0.03, None: 0.1},
    "valve": {"a": 0.8 * 0.03, "m": 0.8 * 0.97, None: 0.2},
    "follow_days": {50: 0.3, 150: 0.7},
    "risk": {20.0: 0.4, 80.0: 0.6},
}


def family(heart: Path, rho: float) -> Plan:
    """The plan of both shares, by sex and risk band."""
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "heart", "unit": "visit",
        "cohort": "first_visit", "privacy": {"rho": rho},
        "ask": [ask | {"by": ["sex", "risk_band"]} for ask in _ASKS],
    }  # fmt: skip
    catalogue = Catalogue(heart)
    return compile_study(resolve(decode(StudyFile, plain, where="t"), catalogue), catalogue)


def kinds() -> list[Patient]:
    """One patient of each kind."""
    found = []
    for i, values in enumerate(itertools.product(*_SHARES.values())):
        row = dict(zip(_SHARES, values, strict=True))
        row |= {"_patient": f"p{i}", "_order": 1, "visit_no": 1, "died": "0", "first_visit": True}
        found.append({"unit_person": [row], "unit_visit": [row]})
    return found


def drawn(rng: np.random.Generator, plan: Plan, patients: int, studies: int) -> NDArray[np.int64]:
    """Exact integers of so many registries of so many patients, shape (studies, integers), added up
    from those that the naive interpreter has of one.
    """
    shares = np.array(
        [math.prod(of) for of in itertools.product(*map(dict.values, _SHARES.values()))]
    )
    told = np.array([naive_vector(plan, [patient]) for patient in kinds()])
    return rng.multinomial(patients, shares / shares.sum(), studies) @ told
