"""How a study ends: what its sites answered is judged and combined, from one plan."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from federated.privacy.release import Release, release_key
from federated.study import compile as compiling
from federated.study.catalogue import Catalogue
from federated.study.envelope import Envelope, seal
from federated.study.model import StudyFile
from federated.study.resolve import resolve
from gateway.coordinator.hub import Hub
from gateway.coordinator.journal import Journal
from gateway.coordinator.outcomes import CONTEXT
from gateway.coordinator.result import Combiner
from gateway.coordinator.roster import LiveRoster
from gateway.wire import frames
from policies.decode import decode
from tests.integration.network_world import World

STUDY = {
    "title": "margins", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1", "unit": "case",
    "ask": [{"measure": "r0_margin_rate"}], "privacy": {"rho": 0.02},
}  # fmt: skip


@pytest.mark.parametrize("fits", [True, False])
def test_a_study_that_ends_is_compiled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fits: bool
) -> None:
    world = World(tmp_path)
    north = world.join("site", "north")
    rita = world.join("researcher", "rita")
    study = resolve(decode(StudyFile, STUDY, where="t"), Catalogue())
    plan = compiling.compile_study(study, Catalogue())
    compiled: list[str] = []
    real = compiling.compile_study

    def counted(*given: object) -> object:
        compiled.append("once")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(compiling, "compile_study", counted)
    now_s = int(time.time())
    envelope = Envelope(
        network="midwest", researcher="rita", study=study.model_dump(mode="json"),
        sites=("north",), min_sites=1, created_s=now_s, expires_s=now_s + 300, deadline_s=60,
        nano_rho_max=study.nano_rho,
    )  # fmt: skip
    release = Release(
        release_key(plan.study_digest, "s1", plan.mode), plan.study_digest, "north", "s1", (40,) * plan.length,
        plan.scale if fits else plan.scale / 2, plan.nano_rho,
    )  # fmt: skip
    signed = north.signing_key().sign(release.to_bytes(), CONTEXT)

    async def ended(journal: Journal) -> frames.StudyResult:
        roster = LiveRoster(world.network)
        hub = Hub(journal, roster, world.network.signing_key(), Combiner())
        session = hub.attach("north", frames.Hello("north", 1, 1, None, None))
        name = await hub.submit("rita", seal(envelope, rita.signing_key()))
        compiled.clear()
        (offer,) = journal.open_offers("north")
        hub.receive(session, frames.Reply(offer.id, "answered", release=signed, charged=True))
        async for _ in hub.watch(name, "rita"):
            pass
        await hub.stop()
        return hub.result(name, "rita")

    with Journal(tmp_path / "journal.sqlite") as journal:
        result = asyncio.run(asyncio.wait_for(ended(journal), 60))
    assert compiled == ["once"]
    if fits:
        assert result.state == "complete"
        assert json.loads(result.result)["title"] == "margins"
    else:
        assert result.state == "too_few_sites"
        assert result.sites[0].reasons == ("noise_mismatch",)
