"""Broken ledgers: each is one fault that a ledger could have. Frozen (tests/attack/README.md)."""

from __future__ import annotations

from dataclasses import replace

from federated.privacy import budgets, ledger, totals, witness
from federated.privacy.chain import Chain
from federated.privacy.ledger import Ledger, Stored

__all__ = ["FAULTS"]

_append, _reserve, _post = Chain._append, Ledger.reserve, Ledger.post
_shortfalls = budgets.shortfalls


def post_without_charge(patch):
    def append(self, connection, kind, **columns):
        free = {"nano_rho": 0} if kind == "reserve" else {}
        return _append(self, connection, kind, **(columns | free))

    patch.setattr(Chain, "_append", append)


def pending_forgotten(patch):
    """A question found pending is charged anew."""

    def reserve(self, charge, limits):
        with patch.context() as now:
            now.setattr(totals.Totals, "pending", lambda *_: [])
            return _reserve(self, charge, limits)

    patch.setattr(Ledger, "reserve", reserve)


def void_after_read(patch):
    patch.setattr(Ledger, "touch", lambda *_: 0.0)


def year_off_by_one(patch):
    def one_more(nano_rho, most, limits, spending, now_s):
        return _shortfalls(nano_rho, most, replace(limits, year=limits.year + 1), spending, now_s)

    patch.setattr(ledger, "shortfalls", one_more)


def without_budget(*names):
    def fault(patch):
        def some(nano_rho, most, limits, spending, now_s):
            found = _shortfalls(nano_rho, most, limits, spending, now_s)
            return tuple(one for one in found if one.budget not in names)

        patch.setattr(ledger, "shortfalls", some)

    return fault


def replay_charges_again(patch):
    def reserve(self, charge, limits):
        got = _reserve(self, charge, limits)
        if isinstance(got, Stored):
            with self._write() as connection:
                _append(
                    self, connection, "reserve", release_key=charge.key, nano_rho=charge.nano_rho
                )
        return got

    patch.setattr(Ledger, "reserve", reserve)


def void_gives_back_nothing(patch):
    def charge(self, to, nano_rho):
        if nano_rho > 0:
            _charge(self, to, nano_rho)

    _charge = totals.Totals._charge
    patch.setattr(totals.Totals, "_charge", charge)


def reply_before_its_post_is_countersigned(patch):
    patch.setattr(Ledger, "covered", lambda *_: True)


def adoption_charges_nothing(patch):
    def append(self, connection, kind, **columns):
        free = {"nano_rho": 0} if kind == "adopt" else {}
        return _append(self, connection, kind, **(columns | free))

    patch.setattr(Chain, "_append", append)


def adoption_counts_against_nobody(patch):
    def spent(years, year, lost=None):
        return _spent(years, year)

    _spent = totals._spent
    patch.setattr(totals, "_spent", spent)


def behind_is_not_noticed(patch):
    patch.setattr(witness.Witnessed, "_is_behind", lambda *_: False)


def an_older_envelope_is_charged_after_an_adoption(patch):
    def reserve(self, charge, limits):
        return _reserve(self, replace(charge, envelope_created_s=None), limits)

    patch.setattr(Ledger, "reserve", reserve)


def pending_completed_after_an_adoption(patch):
    def add(self, entry):
        _add(self, entry)
        self.adopted = 0

    _add = totals.Totals.add
    patch.setattr(totals.Totals, "add", add)


def release_stored_apart_from_its_post(patch):
    """The post is committed first and the release in a transaction of its own."""

    def post(self, reservation, release):
        with self._write() as connection:
            _append(
                self,
                connection,
                "post",
                reservation=reservation.seq,
                release_key=reservation.charge.key,
                envelope=reservation.charge.envelope,
                researcher=reservation.charge.researcher,
                vouches=ledger._digest(release.to_bytes() if release else b""),
            )
            seq = self.totals.seq + 1
        with self._write() as connection:
            connection.execute(
                "INSERT INTO release VALUES (?, ?, ?, ?)",
                (
                    reservation.charge.key,
                    seq,
                    "answered" if release else "failed",
                    release.to_bytes() if release else b"",
                ),
            )
        return Stored(release)

    patch.setattr(Ledger, "post", post)


def first_post_does_not_win(patch):
    """The caller sends its own draw though another process posted before."""

    def post(self, reservation, release):
        _post(self, reservation, release)
        return Stored(release)

    patch.setattr(Ledger, "post", post)


FAULTS = {
    "post without charge": post_without_charge,
    "pending forgotten": pending_forgotten,
    "void after read": void_after_read,
    "year off by one": year_off_by_one,
    "no year budget": without_budget("year"),
    "no life budget": without_budget("life"),
    "no researcher budget": without_budget("researcher_year", "researcher_life"),
    "no researcher life budget": without_budget("researcher_life"),
    "no project budget": without_budget("project_year", "project_life"),
    "no envelope budget": without_budget("envelope"),
    "replay charges again": replay_charges_again,
    "void gives back nothing": void_gives_back_nothing,
    "reply before its post is countersigned": reply_before_its_post_is_countersigned,
    "adoption charges nothing": adoption_charges_nothing,
    "adoption counts against nobody": adoption_counts_against_nobody,
    "behind is not noticed": behind_is_not_noticed,
    "an older envelope is charged after an adoption": an_older_envelope_is_charged_after_an_adoption,
    "pending completed after an adoption": pending_completed_after_an_adoption,
    "release stored apart from its post": release_stored_apart_from_its_post,
    "first post does not win": first_post_does_not_win,
}
