"""A coordinator process whose science adds up the first integer of each release.

python -m tests.integration.fake_coordinator NETWORK_DIR [LISTEN]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from federated.errors import StudyError, TooFewSites
from federated.study.envelope import Envelope
from federated.study.outcome import Outcome
from gateway.coordinator.serve import serve
from gateway.identity.network import NetworkFolder
from policies.errors import OsteonError


class Sums:
    """A science of one number."""

    def check(self, envelope: Envelope) -> None:
        if "ask" not in envelope.study:
            raise StudyError("asks nothing", where="study: ask")

    def planned(self, envelope: Envelope) -> Sum:
        return Sum(envelope)


class Sum:
    """One study's answers."""

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope

    def misfits(self, outcomes: Sequence[Outcome]) -> dict[str, str]:
        return {}

    def combine(self, outcomes: Sequence[Outcome]) -> bytes:
        releases = [outcome.release for outcome in outcomes if outcome.release]
        if len(releases) < self.envelope.min_sites:
            raise TooFewSites("too few")
        if self.envelope.study["ask"] == "crash":
            raise ZeroDivisionError
        total = sum(release.values[0] for release in releases)
        return json.dumps({"total": total, "sites": [r.site for r in releases]}).encode()


if __name__ == "__main__":
    try:
        serve(
            NetworkFolder.load(Path(sys.argv[1])),
            listen=sys.argv[2] if len(sys.argv) > 2 else None,
            science=Sums(),
        )
    except OsteonError as error:
        sys.exit(f"{error.code}: {error.message} | next: {error.hint}")
