"""A site that declares another noise, charge or name than its study's: in no result, and named."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from federated.combine import Result
from federated.combine.intake import MISFITS
from federated.errors import TooFewSites
from federated.privacy.release import Release
from federated.study.envelope import Envelope, open_envelope
from federated.study.model import Study
from federated.study.outcome import Outcome
from gateway.coordinator.journal import OutcomeRow
from gateway.coordinator.outcomes import CONTEXT, checked, outcome_of
from gateway.coordinator.result import Combiner
from gateway.site.answer import AnsweringSite
from gateway.wire.frames import Reply
from policies.roster import Site
from policies.signing import SigningKey
from tests.attack.world import ADA, Hub, ask, sealed, study_of

CURVE = {"time": "follow_days", "event": "died = 1", "grid": [91, 365]}
VALVES = {"unit": "visit", "cohort": "first_visit"}
LEAKS = {
    "proportion": {"numerator": "leak = 1", "known": "leak = 0 or leak = 1"},
    "name": "leaks",
}

STUDIES: dict[str, dict[str, Any]] = {
    "a count": {},
    "weights": {"ask": [{"count": True, "weight": 3}, {"survival": CURVE}]},
    "known rows and a parent": VALVES
    | {"ask": [LEAKS, {"mean": {"of": "risk"}}]},
    "by precision": VALVES | {"ask": [LEAKS, {"count": True}], "privacy": {"within": {"leaks": 0.1}}},
    "by rho": {"privacy": {"rho": 0.0123456789}},
    "many rows of a patient": {
        "unit": "visit", "rows_max": 3,
        "ask": [{"count": True}, {"rate": {"events": "died = 1", "time": "follow_days"}}],
    },
    "next to nothing": {"privacy": {"rho": 2e-5}},
}  # fmt: skip


def envelope_of(study: Study) -> Envelope:
    return open_envelope(sealed(study), ADA.public_key)


def told(release: Release, key: SigningKey) -> OutcomeRow:
    """As the coordinator journals it, signed by its site and read back from its bytes."""
    site = Site(name="north", key=key.public_key, officer=key.public_key)
    reply = Reply("ab" * 16, "answered", release=key.sign(release.to_bytes(), CONTEXT))
    return checked(reply, site)


@pytest.mark.parametrize("kind", STUDIES)
def test_what_a_site_declares_is_what_the_study_gives(
    site: AnsweringSite, hub: Hub, heart: Path, kind: str
) -> None:
    study = study_of(site, **STUDIES[kind])
    release = ask(site, hub, study).release
    assert release is not None
    # By other means: σ² = 16 Δ²/(2·15 ρ), the factor that keeps it above rounding aside.
    combiner, envelope = Combiner(heart), envelope_of(study)
    l2_squared = combiner.plan_of(envelope).l2_squared
    of_values = release.nano_rho - release.nano_rho // 16
    variance = Fraction(l2_squared * 10**9, 2 * of_values)
    assert variance < Fraction(release.scale) ** 2 < variance * (1 + Fraction(1, 10**13))
    row = told(release, SigningKey.generate())
    planned = combiner.planned(envelope)
    assert planned.misfits([outcome_of(row)]) == {}
    result = Result.from_json(planned.combine([outcome_of(row)]))
    assert [one.site for one in result.answered] == ["north"]


WRONG = {
    "half the noise": (lambda r: {"scale": r.scale / 2}, "noise_mismatch"),
    "a bit less noise": (lambda r: {"scale": math.nextafter(r.scale, 0)}, "noise_mismatch"),
    "noise of the whole charge": (lambda r: {"scale": r.scale * math.sqrt(15 / 16)}, "noise_mismatch"),
    "no noise": (lambda r: {"scale": 0.0}, "noise_mismatch"),
    "twice the charge": (lambda r: {"nano_rho": 2 * r.nano_rho}, "charge_mismatch"),
    "twice the charge and its noise": (
        lambda r: {"nano_rho": 2 * r.nano_rho, "scale": r.scale / math.sqrt(2)}, "charge_mismatch"),
    "half the charge": (lambda r: {"nano_rho": r.nano_rho // 2}, "charge_mismatch"),
    "a key of its choice": (lambda r: {"key": "0" * 64}, "key_mismatch"),
    "another snapshot than it is of": (lambda r: {"snapshot": "0" * 32}, "key_mismatch"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_another_noise_charge_or_key_enters_no_result(
    site: AnsweringSite, hub: Hub, heart: Path, kind: str
) -> None:
    study = study_of(site)
    release = ask(site, hub, study).release
    assert release is not None
    changes, reason = WRONG[kind]
    row = told(replace(release, **changes(release)), SigningKey.generate())
    assert row.state == "answered"  # what its own key signed
    planned = Combiner(heart).planned(envelope_of(study))
    assert planned.misfits([outcome_of(row)]) == {"north": reason}
    with pytest.raises(TooFewSites, match=rf"north: failed \({reason}\)"):
        planned.combine([outcome_of(row)])
    good = Outcome("south", "answered", release=replace(release, site="south"))
    result = Result.from_json(planned.combine([good, outcome_of(row)]))
    assert [(one.site, one.reasons) for one in result.missing] == [("north", (reason,))]
    assert {one.site for one in result.rows} == {None, "south"}
    assert reason in MISFITS


def test_the_scale_is_the_same_after_it_travelled(site: AnsweringSite, hub: Hub) -> None:
    release = ask(site, hub, study_of(site, privacy={"rho": 0.0123456789})).release
    assert release is not None
    assert Release.from_bytes(release.to_bytes()).scale.hex() == release.scale.hex()
    assert json.loads(release.to_bytes())["scale"] == release.scale
