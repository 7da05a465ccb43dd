"""A site whose processes are killed, overtaken and restored from backups, beside the model.

Two processes (:mod:`tests.generative.ledger_site`) are two ledgers open on one file; one may run a
whole answer while the other is between two steps of its own.
"""

from __future__ import annotations

import copy
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from federated.errors import LedgerError
from federated.privacy.ledger import Ledger
from gateway.site import answer as door
from tests.generative.ledger_model import PENDING, POSTED, VOID
from tests.generative.ledger_site import COSTS, KEYS, POLICY_BUDGETS, YEAR, Killed, LedgerSite, Life


class LedgerMachine(LedgerSite):
    """What may happen in any order (rules), and what holds after each (invariants)."""

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
