"""A rate's time has the unit that the dictionary declares, through what a study reckons with it."""

from __future__ import annotations

import pytest

from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from policies.decode import decode


@pytest.mark.parametrize(
    ("time", "unit"),
    [
        ("os_days", "days"),
        ("os_days + 30", "days"),
        ("abs(os_days - mfs_days)", "days"),
        ("os_days / 365.25", "years"),
        ("os_days / 12", None),
        ("os_days * os_days", None),
        ("age_at_dx", "years"),
        ("os_days - age_at_dx", None),
        ("size_max_cm", None),
        ("3", None),
    ],
)
def test_the_unit_follows_the_time_through_what_is_reckoned(time: str, unit: str | None) -> None:
    plain = {
        "title": "t", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
        "ask": [{"rate": {"events": "os_event", "time": time, "bounds": [0, 1000], "per": 100}}],
        "privacy": {"rho": 0.02},
    }  # fmt: skip
    study = resolve(decode(StudyFile, plain, where="t"), Catalogue())
    (block,) = compile_study(study, Catalogue()).blocks
    assert block.per_unit == unit
