"""A node process with a hand-written answerer: no registry, no noise, the real stream.

It checks envelopes as a site must, charges a pretended ledger with a countersigned head, keeps
its releases in a file (same question, same answer) and appends one line to ``answers.log`` per
answer drawn anew.

    python -m tests.integration.fake_node SITE_DIR VALUE DELAY_S [ADDRESS]
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

from federated.errors import LedgerError
from federated.privacy.head import Countersign, Head
from federated.privacy.release import Release, release_key
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.envelope import open_envelope
from federated.study.model import Study
from federated.study.outcome import Outcome
from gateway.identity.folder import IdentityFolder
from gateway.site.node import Pace
from gateway.site.serve import serve
from policies.decode import decode
from policies.errors import OsteonError, SignatureError
from policies.signing import Signed

PACE = Pace(heartbeat=0.5, silence=5, countersign=8, reconnect_min=0.1, reconnect_max=0.5)


class FakeDuties:
    """Answers ``value`` to every envelope that is in order."""

    reply_quantum_ms = 50

    def __init__(self, home: Path, value: int, delay_s: float) -> None:
        self.home = home
        self.identity = IdentityFolder.load(home)
        self.value = value
        self.delay_s = delay_s
        self.ledger = home / "fake_ledger.json"
        self.releases = home / "releases"
        self.releases.mkdir(exist_ok=True)

    def _state(self) -> dict[str, object]:
        return json.loads(self.ledger.read_text()) if self.ledger.exists() else {}

    def ledger_head(self) -> Head | None:
        state = self._state().get("head")
        return Head(**state) if state else None

    def witness(self, head: Head, signed: Signed) -> None:
        known = [Head(**entry) for entry in self._state().get("chain", [])]
        if head not in known:
            raise LedgerError("behind")

    def policy(self) -> Signed | None:
        path = self.home / "policy.signed.json"
        return Signed.from_bytes(path.read_bytes()) if path.exists() else None

    def _check(self, signed: Signed) -> dict[str, object]:
        for researcher in self.identity.roster().researchers:
            try:
                envelope = open_envelope(signed, researcher.key)
            except SignatureError:
                continue
            if self.identity.member.name in envelope.sites and envelope.expires_s > time.time():
                return envelope.study
        raise SignatureError("not in order")

    def answer(self, signed: Signed, countersign: Countersign) -> Outcome:
        site = self.identity.member.name
        try:
            study = self._check(signed)
        except SignatureError:
            return Outcome(site, "refused", ("envelope_not_valid",))
        asked = study.get("ask", study.get("title"))
        if asked in (f"refused by {site}", "refused by all"):
            return Outcome(site, "refused", ("purpose_not_allowed",))
        if asked == "budget":
            return Outcome(site, "refused", ("budget_year",))
        if asked == "boom":
            raise RuntimeError("patient 4711 has a secret")
        digest = hashlib.sha256(json.dumps(study).encode()).hexdigest()
        path = self.releases / digest
        if path.exists():
            return Outcome(site, "answered", release=Release.from_bytes(path.read_bytes()))
        chain = list(self._state().get("chain", []))
        previous = Head(**chain[-1]) if chain else None
        seq = previous.seq + 1 if previous else 1
        head = Head(
            site, seq, hashlib.sha256(f"{site}{seq}{digest}".encode()).hexdigest(), 10 * seq
        )
        (self.home / "working").touch()
        time.sleep(self.delay_s)
        countersign(head, previous)
        self.ledger.write_text(
            json.dumps({"head": vars(head), "chain": [*chain, vars(head)]}, default=str)
        )
        release = self._release(study, digest)
        path.write_bytes(release.to_bytes())
        with (self.home / "answers.log").open("a") as file:
            file.write(digest + "\n")
        return Outcome(site, "answered", release=release, charged=True)

    def _release(self, study: dict[str, object], digest: str) -> Release:
        site = self.identity.member.name
        if "statistics" not in study:
            return Release(digest, digest, site, "snapshot", (self.value,), 1.0, 10)
        # A study as researchers write it: every cell of its plan holds the value.
        plan = compile_study(decode(Study, study, where="study"), Catalogue(self.home))
        values = (self.value,) * plan.length
        scale = plan.scale / 2 if study.get("title") == f"half the noise at {site}" else plan.scale
        key = release_key(plan.study_digest, "snapshot", plan.mode)
        return Release(key, plan.study_digest, site, "snapshot", values, scale, plan.nano_rho)


if __name__ == "__main__":
    home = Path(sys.argv[1])
    try:
        serve(
            IdentityFolder.load(home),
            FakeDuties(home, int(sys.argv[2]), float(sys.argv[3])),
            address=sys.argv[4] if len(sys.argv) > 4 else None,
            pace=PACE,
        )
    except OsteonError as error:
        sys.exit(f"{error.code}: {error.message} | next: {error.hint}")
