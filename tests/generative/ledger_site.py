"""A site whose processes can be killed at any step, and one answer of it beside the model.

The door (:func:`gateway.site.answer.answer`), the ledger, its SQLite file and the coordinator's
countersigning are the real ones. Only the data is not there: an aggregate with noise is a number
that was never drawn before, so that a second draw is seen at once.

A process is killed before any statement that it sends to SQLite, after any commit, before and after
the coordinator signs, and after data was read.
"""

from __future__ import annotations

import copy
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, initialize

from federated.admission import budgets_of
from federated.privacy.ledger import Ledger
from federated.privacy.release import Release, release_key
from federated.study.catalogue import Catalogue
from federated.study.outcome import Outcome
from gateway.site import answer as door
from policies.signing import Signed
from tests.attack.world import ADA, BOB, Hub, policy_of, sealed, site_of, study_of
from tests.generative.ledger_model import PENDING, POSTED, Asking, Charged, Model, World

POLICY = policy_of(
    budget={
        "study_epsilon": 1.0,
        "year_epsilon": 1.0,
        "life_epsilon": 1.15,
        "researcher_year_epsilon": 0.9,
        "researcher_life_epsilon": 1.0,
    },
    projects={"alpha": {"year_epsilon": 0.8, "life_epsilon": 0.9}, "beta": {}},
    limits={"wait_s_max": 120},  # on a real clock the smallest charge waits for 75 s
    valid_until="2099-12-31",
)
YEAR = budgets_of(POLICY).year
FOURTH = YEAR // 4
COSTS = (FOURTH, FOURTH, FOURTH, FOURTH, YEAR - 3 * FOURTH, YEAR - 3 * FOURTH + 1, YEAR // 2, 1000)
"""Three fourths and the fifth are the year's budget to the last nano-rho; the sixth is one over."""
POLICY_BUDGETS = {name: budgets_of(POLICY, name) for name in ("alpha", "beta")}
KEYS = {"ada": ADA, "bob": BOB}
START = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp())


class Killed(BaseException):
    """The process is no more."""


class Life:
    """Counts the steps of a process and ends it before the given one."""

    def __init__(self, last: int | None = None) -> None:
        self.left, self.dead = last, False

    def step(self) -> None:
        if self.left is not None and self.left <= 0:
            self.dead = True
        if self.dead:
            raise Killed
        if self.left is not None:
            self.left -= 1


class Snapshot:
    """A published version that nobody opens."""

    def __init__(self, name: str) -> None:
        self.id = name

    def connect(self) -> Snapshot:
        return self

    def disconnect(self) -> None:
        pass


class LedgerSite(RuleBasedStateMachine):
    """Two processes of a site, the model, and what a question does to both. ``declarations`` is set
    by the test.
    """

    declarations: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ledger_machine_"))
        self.path = self.folder / "ledger.sqlite"
        self.now_s = START
        self.hub, self.model, self.world = Hub(), Model(), World()
        self.version, self.draws, self.fails = 0, 0, False
        self.backups: list[tuple[Path, Model]] = []
        self.sent: list[tuple[Asking, Signed]] = []
        self.life, self.hooks = Life(), {}
        self._real_measure, door._measure = door._measure, self._measure
        Ledger.create(self.path, "north")
        catalogue = Catalogue(self.declarations)
        plain = site_of(self.folder, self.declarations, Snapshot("v0"), catalogue=catalogue)
        self.sites = [
            replace(
                plain,
                policy=POLICY,
                ledger=self._open(),
                published=lambda: Snapshot(f"v{self.version}"),
                now=lambda: datetime.fromtimestamp(self.now_s, UTC),
            )
            for _ in range(2)
        ]
        base = study_of(plain)
        self.studies = [
            base.model_copy(
                update={
                    "nano_rho": cost,
                    "statistics": (
                        base.statistics[0].model_copy(update={"cohort": f"risk > {number}"}),
                    ),
                }
            )
            for number, cost in enumerate(COSTS)
        ]
        self.back_up()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            door._measure = self._real_measure
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- the site ----------------------------------------------------------------------------

    def _open(self) -> Ledger:
        return Ledger(self.path, lambda: self.now_s)

    def _measure(
        self, plan: Any, charge: Any, site: str, snapshot: str, backend: Any
    ) -> Release | None:
        one = self.model.of(charge.key)
        if one is not None:
            one.read = True
        self._hook("measure")
        self.draws += 1
        self.life.step()
        if self.fails:
            return None
        values = (self.draws,)
        return Release(
            charge.key, plan.study_digest, site, snapshot, values, plan.scale, plan.nano_rho
        )

    def _hook(self, name: str) -> None:
        hook = self.hooks.pop(name, None)
        if hook is not None:
            hook()

    def _countersign(self, site: Any) -> Callable[..., Signed]:
        ask = self.hub.asked_by(site)

        def through(head: Any, previous: Any) -> Signed:
            self._hook("countersign")
            self.life.step()
            signed = ask(head, previous)
            self.model.held.add(head.hash)
            self.life.step()
            return signed

        return through

    @contextmanager
    def _mortal(self, life: Life) -> Any:
        """Until it ends, this process takes a step before every statement and after a commit."""

        class Mortal(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                life.step()
                done = super().execute(sql, *values)
                if sql == "COMMIT":
                    life.step()
                return done

        connect, self.life = sqlite3.connect, life
        sqlite3.connect = lambda *a, **k: connect(*a, **{**k, "factory": Mortal})
        try:
            yield
        finally:
            sqlite3.connect, self.life = connect, Life()

    @property
    def year(self) -> int:
        return datetime.fromtimestamp(self.now_s, UTC).year

    @property
    def stale(self) -> bool:
        """The file lacks what the coordinator signed last."""
        last = self.hub.heads.get("north")
        return last is not None and last[0].hash not in self.model.held

    # -- asking ------------------------------------------------------------------------------

    def _new(self, question: int, who: str, project: str, allowed: int) -> tuple[Asking, Signed]:
        study = self.studies[question].model_copy(update={"project": project})
        most = study.nano_rho * allowed
        signed = sealed(
            study,
            key=KEYS[who],
            researcher=who,
            created_s=self.now_s,
            expires_s=self.now_s + 10**9,
            nano_rho_max=most,
        )
        envelope = door.open_envelope(signed, KEYS[who].public_key)
        key = release_key(study.question, f"v{self.version}", "per_site")
        self.world.envelopes[envelope.nonce] = most
        asking = Asking(key, study.nano_rho, who, project, envelope.nonce, most, self.now_s)
        self.sent.append((asking, signed))
        return asking, signed

    def _again(self, which: int) -> tuple[Asking, Signed]:
        asking, signed = self.sent[which % len(self.sent)]
        envelope = door.open_envelope(signed, KEYS[asking.researcher].public_key)
        study = door.decode(door.Study, envelope.study, where="study")
        key = release_key(study.question, f"v{self.version}", "per_site")
        return replace(asking, key=key), signed

    def _complete(self, process: int, asking: Asking, signed: Signed) -> Outcome:
        """One answer that nothing kills: exactly what the model says."""
        site, before = self.sites[process], self.model.of(asking.key)
        covered = before is not None and site.ledger.covered(asking.key)
        refused = (
            ()
            if before is not None
            else self.model.refusals(asking, POLICY_BUDGETS[asking.project], self.year)
        )
        if not self.stale and before is None and not refused:
            self.model.reserve(asking, self.year)
        first = self.draws
        outcome = door.answer(signed, site, self._countersign(site))
        if self.stale or (self.model.of(asking.key) is None and before is None and not refused):
            return self._of_a_stale_file(asking, outcome, before)
        one = self.model.of(asking.key)
        if before is None and refused:
            assert (outcome.state, outcome.reasons) == ("refused", refused), outcome
            assert one is None
            return outcome
        assert one is not None
        assert outcome.charged == (before is None), outcome
        if self.hub.away is not None and not covered:
            assert outcome.reasons == ("countersign_unreachable",), outcome
            return outcome
        if one.state == PENDING:
            assert self.draws == first + 1
            one.state, one.draw = POSTED, None if self.fails else self.draws
        self._given(one, outcome)
        return outcome

    def _given(self, one: Charged, outcome: Outcome) -> None:
        """What was charged is answered, always the same."""
        if one.draw is None:
            assert (outcome.state, outcome.reasons) == ("failed", ("could_not_answer",)), outcome
            return
        assert outcome.state == "answered", outcome
        assert outcome.release is not None
        assert outcome.release.values == (one.draw,)
        self.world.seen.setdefault((one.key, one.draw), copy.copy(one))

    def _of_a_stale_file(self, asking: Asking, outcome: Outcome, before: Charged | None) -> Outcome:
        """An old copy gives what it had posted under a countersigned head, and nothing else."""
        if before is not None and before.state == POSTED and outcome.state == "answered":
            self._given(before, outcome)
        else:
            assert outcome.state != "answered", outcome
        assert not (self.model.knows and outcome.charged), "charged though known to be old"
        if self.hub.away is None and outcome.reasons == ("ledger_not_ready",):
            self.model.knows = True
        self._reconcile(asking)
        return outcome

    def _reconcile(self, asking: Asking | None) -> None:
        """After a death, read what is on disk; only the question asked may have moved, and only
        from nothing to pending to posted.
        """
        ledger = self._open()
        pending = {key: nano_rho for _, key, nano_rho in ledger.pending()}
        if asking is None:
            return
        one, stored = self.model.of(asking.key), ledger.stored(asking.key)
        if one is None and (asking.key in pending or stored is not None):
            assert not self.model.refusals(asking, POLICY_BUDGETS[asking.project], self.year)
            one = self.model.reserve(asking, self.year)
        if one is None:
            return
        if stored is None:
            assert one.state == PENDING
            assert pending.get(asking.key) == one.nano_rho
            return
        drawn = None if stored.release is None else stored.release.values[0]
        if one.state == PENDING:
            assert drawn in (None, self.draws)
            one.state, one.draw, one.read = POSTED, drawn, True
        assert one.draw == drawn
