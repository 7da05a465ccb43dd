"""A site whose processes are killed, overtaken and restored from backups, beside the model.

The door (:func:`gateway.site.answer.answer`), the ledger, its SQLite file and the coordinator's
countersigning are the real ones. Only the data is not there: an aggregate with noise is a number
that was never drawn before, so that a second draw is seen at once.

Two processes are two ledgers open on one file; one may run a whole answer while the other is
between two steps of its own. A process is killed before any statement that it sends to SQLite,
after any commit, before and after the coordinator signs, and after data was read.
"""

from __future__ import annotations

import copy
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from federated.admission import budgets_of
from federated.errors import LedgerError
from federated.privacy.ledger import Ledger
from federated.privacy.release import Release, release_key
from federated.study.catalogue import Catalogue
from federated.study.outcome import Outcome
from gateway.site import answer as door
from policies.signing import Signed
from tests.attack.world import ADA, BOB, Hub, policy_of, sealed, site_of, study_of
from tests.generative.ledger_model import PENDING, POSTED, VOID, Asking, Charged, Model, World

POLICY = policy_of(
    budget={
        "study_epsilon": 1.0,
        "year_epsilon": 1.0,
        "life_epsilon": 1.15,
        "researcher_year_epsilon": 0.9,
        "researcher_life_epsilon": 1.0,
    },
    projects={"alpha": {"year_epsilon": 0.8, "life_epsilon": 0.9}, "beta": {}},
    valid_until="2099-12-31",
)
YEAR = budgets_of(POLICY).year
FOURTH = YEAR // 4
COSTS = (FOURTH, FOURTH, FOURTH, FOURTH, YEAR - 3 * FOURTH, YEAR - 3 * FOURTH + 1, YEAR // 2, 1000)
"""Three fourths and the fifth are the year's budget to the last nano-rho; the sixth is one over."""
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


class LedgerMachine(RuleBasedStateMachine):
    """See the module. ``declarations`` is set by the test."""

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

    # -- rules -------------------------------------------------------------------------------

    questions = st.integers(0, len(COSTS) - 1)
    processes = st.integers(0, 1)
    people, projects = st.sampled_from(sorted(KEYS)), st.sampled_from(["alpha", "beta"])

    def _tick(self) -> None:
        self.now_s += 1

    @rule(process=processes, question=questions, who=people, project=projects,
          allowed=st.integers(1, 2), fails=st.sampled_from([False] * 5 + [True]))  # fmt: skip
    def ask(self, process, question, who, project, allowed, fails) -> None:
        self._tick()
        self.fails = fails
        self._complete(process, *self._new(question, who, project, allowed))

    @precondition(lambda self: self.sent)
    @rule(process=processes, which=st.integers(0, 30))
    def replay_an_envelope(self, process, which) -> None:
        self._tick()
        self.fails = False
        self._complete(process, *self._again(which))

    @precondition(lambda self: self.hub.away is None and not self.stale)
    @rule(process=processes, question=questions, who=people, project=projects,
          at=st.sampled_from(["countersign", "measure"]), other=questions, same=st.booleans(),
          whose=people)  # fmt: skip
    def overtake(self, process, question, who, project, at, other, same, whose) -> None:
        """Another process answers a question while this one is on its way with its own."""
        self._tick()
        self.fails = False
        mine = self._new(question, who, project, 1)
        theirs = self._new(question if same else other, whose, project, 1)
        before = self.model.of(mine[0].key)
        if before is not None or self.model.refusals(mine[0], POLICY_BUDGETS[project], self.year):
            return
        one = self.model.reserve(mine[0], self.year)
        self.hooks[at] = lambda: self._complete(1 - process, *theirs)
        site = self.sites[process]
        outcome = door.answer(mine[1], site, self._countersign(site))
        if one.state == PENDING:
            one.state, one.draw, one.read = POSTED, self.draws, True
        self._given(one, outcome)
        assert outcome.charged

    @rule(process=processes, question=questions, who=people, project=projects,
          steps=st.integers(0, 75))  # fmt: skip
    def kill(self, process, question, who, project, steps) -> None:
        self._tick()
        self.fails = False
        asking, signed = self._new(question, who, project, 1)
        site = self.sites[process]
        life = Life(steps)
        with suppress(Killed), self._mortal(life):
            outcome = door.answer(signed, site, self._countersign(site))
            life.left = None
        self.sites[process] = replace(site, ledger=self._open())
        self._reconcile(asking)
        if not life.dead and outcome.state == "answered":
            one = self.model.of(asking.key)
            assert one is not None
            self._given(one, outcome)

    @precondition(lambda self: self.hub.away is None and not self.stale)
    @rule(process=processes, question=questions, who=people, project=projects)
    def kill_while_reading(self, process, question, who, project) -> None:
        """Data was read, and nothing of it is on disk but the mark that it may have been."""
        self._tick()
        asking, signed = self._new(question, who, project, 1)

        def die() -> None:
            raise Killed

        self.hooks["measure"] = die
        site = self.sites[process]
        with suppress(Killed):
            door.answer(signed, site, self._countersign(site))
        self.hooks.clear()
        self.sites[process] = replace(site, ledger=self._open())
        self._reconcile(asking)
        one = self.model.of(asking.key)
        if one is not None:
            one.read = True

    @rule(which=st.integers(0, 5), process=processes)
    def void(self, which, process) -> None:
        self._tick()
        ledger = self.sites[process].ledger
        open_ = [one for one in self.model.charges if one.state == PENDING]
        if not open_:
            return
        one = open_[which % len(open_)]
        with closing(sqlite3.connect(self.path)) as db:
            query = (
                "SELECT seq, seq IN (SELECT seq FROM touched) FROM entry AS e WHERE release_key = ?"
                " AND kind = 'reserve' AND NOT EXISTS (SELECT 1 FROM entry AS p WHERE"
                " p.reservation = e.seq) ORDER BY seq"
            )
            rows = db.execute(query, (one.key,)).fetchall()
        alike = [other for other in open_ if other.key == one.key]
        seq, touched = rows[alike.index(one)]
        try:
            ledger.void(seq)
        except LedgerError:
            assert touched or one.lapsed
        else:
            assert not one.read, "voided after data was read"
            assert not one.lapsed
            one.state = VOID

    @rule()
    def back_up(self) -> None:
        path = self.folder / f"backup_{len(self.backups)}.sqlite"
        with closing(sqlite3.connect(self.path)) as live, closing(sqlite3.connect(path)) as copied:
            live.backup(copied)
        self.backups.append((path, copy.deepcopy(self.model)))

    @precondition(lambda self: self.backups)
    @rule(which=st.integers(0, 10), meet=st.booleans(), resolve=st.booleans())
    def restore(self, which, meet, resolve) -> None:
        """Put a backup in the file's place and start the node; it may meet the coordinator, and
        the officer may resolve it at once.
        """
        path, model = self.backups[which % len(self.backups)]
        for left in self.folder.glob("ledger.sqlite*"):
            left.unlink()
        with closing(sqlite3.connect(path)) as kept, closing(sqlite3.connect(self.path)) as live:
            kept.backup(live)
            live.execute("PRAGMA journal_mode = WAL")
        self.model = copy.deepcopy(model)
        self.sites = [replace(site, ledger=self._open()) for site in self.sites]
        last = self.hub.heads.get("north")
        if meet and last is not None:
            try:
                self.sites[0].ledger.witness(*last, self.hub.key.public_key)
            except LedgerError:
                assert self.stale
                self.model.knows = True
            else:
                assert not self.stale
        if resolve and self.model.knows:
            self._adopt(self.sites[0].ledger)

    @precondition(lambda self: self.stale and self.sites[0].ledger.behind)
    @rule(process=processes)
    def adopt(self, process) -> None:
        self._adopt(self.sites[process].ledger)

    def _adopt(self, ledger: Ledger) -> None:
        self._tick()
        own = self.model.total()
        last = self.hub.heads["north"][0]
        if ledger.witnessed() != last:
            with suppress(LedgerError):
                ledger.witness(*self.hub.heads["north"], self.hub.key.public_key)
        ledger.adopt()
        for one in self.model.charges:
            one.lapsed = one.lapsed or one.state == PENDING
        lost = ledger.spent().life - own
        assert lost >= 0
        self.model.lost.append((self.year, lost))
        self.world.adoptions += 1
        self.model.adopted_s, self.model.knows = self.now_s, False
        self.model.held.add(last.hash)

    @rule(away=st.booleans())
    def coordinator(self, away) -> None:
        self.hub.away = TimeoutError() if away else None

    @rule()
    def publish(self) -> None:
        self.version += 1

    @precondition(lambda self: self.model.total(year=self.year) > YEAR // 2)
    @rule()
    def new_year(self) -> None:
        self.now_s = int(datetime(self.year + 1, 1, 1, tzinfo=UTC).timestamp())

    @rule(process=processes)
    def restart(self, process) -> None:
        self.sites[process] = replace(self.sites[process], ledger=self._open())

    # -- what must always hold ---------------------------------------------------------------

    @invariant()
    def the_file_is_what_the_model_says(self) -> None:
        if not hasattr(self, "sites"):
            return
        for site in self.sites:
            found = site.ledger.summary()
            assert found.site.life == self.model.total()
            assert found.site.year == self.model.total(year=self.year)
            for name, used in found.researchers.items():
                assert used.life == self.model.total(researcher=name)
            for name, used in found.projects.items():
                assert used.year == self.model.total(project=name, year=self.year)
        pending = sorted(key for _, key, _ in self.sites[0].ledger.pending())
        assert pending == sorted(
            one.key for one in self.model.charges if one.state == PENDING and not one.lapsed
        )

    @invariant()
    def nothing_was_seen_uncharged_or_beyond_a_budget(self) -> None:
        if not hasattr(self, "sites"):
            return
        if not self.stale:
            assert self.world.lost() <= self.sites[0].ledger.spent().life
        years = {one.year for one in self.world.seen.values()}
        general = POLICY_BUDGETS["beta"]
        assert self.world.lost() <= general.life
        assert all(self.world.lost(year=year) <= general.year for year in years)
        for who in KEYS:
            assert self.world.lost(researcher=who) <= (general.researcher_life or 0)
            for year in years:
                assert self.world.lost(researcher=who, year=year) <= general.researcher_year
        alpha = POLICY_BUDGETS["alpha"]
        assert self.world.lost(project="alpha") <= (alpha.project_life or 0)
        for year in years:
            assert self.world.lost(project="alpha", year=year) <= (alpha.project_year or 0)
        for envelope, most in self.world.envelopes.items():
            assert self.world.lost(envelope=envelope) <= most

    @invariant()
    def a_question_has_one_charge_and_one_draw(self) -> None:
        if not hasattr(self, "sites"):
            return
        standing = [o.key for o in self.model.charges if o.state != VOID and not o.lapsed]
        assert len(standing) == len(set(standing))
        # A release that was lost with its entries is a new charge, so a new draw.
        drawn = [key for key, _ in self.world.seen]
        assert all(drawn.count(key) <= 1 + self.world.adoptions for key in set(drawn))


POLICY_BUDGETS = {name: budgets_of(POLICY, name) for name in ("alpha", "beta")}
