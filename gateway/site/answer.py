"""The one door through which anything computed from data can leave a site.

:func:`answer` reads as the protocol of DESIGN §2: verify → admit → stored release? → reserve →
countersign → exact aggregate → noise → wait → post → countersign. Every path that returns before
*reserve* has read no data; every path after it is charged, and none that gives a release does
so before the coordinator knows of its post. Nothing that is seen once data was read, on the
wire or on disk, comes before the wait (:mod:`federated.privacy.reply_time`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from federated.admission import admit, budgets_of
from federated.errors import BudgetExhausted, LedgerError, StudyError
from federated.privacy.head import Countersign, Head
from federated.privacy.ledger import Charge, Ledger, Reservation, Stored
from federated.privacy.release import Release, release_key
from federated.privacy.reply_time import values_share, wait_s
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.envelope import Envelope, open_envelope
from federated.study.model import Study
from federated.study.outcome import Outcome
from federated.study.plan import Plan
from policies.decode import decode
from policies.errors import DeclarationError, OsteonError, SignatureError
from policies.roster import Roster
from policies.signing import Signed
from policies.site import SitePolicy

__all__ = ["AnsweringSite", "PublishedSnapshot", "answer"]


class PublishedSnapshot(Protocol):
    """The store version that queries read."""

    @property
    def id(self) -> str:
        """Random and opaque; changes with every publish."""
        ...

    def connect(self) -> Any:
        """An Ibis backend that can only read this version; closed with ``disconnect``."""
        ...


@dataclass(frozen=True)
class AnsweringSite:
    """What a site needs to answer: its name, rules, members, ledger and published data, and a
    clock: what time it is, and waiting so many seconds.
    """

    name: str
    policy: SitePolicy
    roster: Roster
    ledger: Ledger
    catalogue: Catalogue
    published: Callable[[], PublishedSnapshot | None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


def answer(signed: Signed, site: AnsweringSite, countersign: Countersign) -> Outcome:
    """Answer a signed envelope, or say why not.

    Never raises on what the envelope or the data hold: the outcome says what became of it.
    ``countersign`` asks the coordinator; without it nothing new leaves.
    """
    try:
        envelope = _verified(signed, site)
        study = decode(Study, envelope.study, where="envelope: study")
        plan = compile_study(study, site.catalogue)
        reasons = admit(
            study,
            plan,
            site.policy,
            site.catalogue,
            researcher=envelope.researcher,
            today=site.now().date(),
        )
    except SignatureError:
        return _refused(site, "envelope_not_valid")
    except StudyError as error:
        return _refused(
            site, "dictionary_differs" if "digests" in error.where else "study_not_valid"
        )
    except DeclarationError:
        return _refused(site, "study_not_valid")
    if reasons:
        return _refused(site, *reasons)

    try:
        snapshot = site.published()
    except OsteonError:
        return Outcome(site.name, "failed", ("store_not_ready",))
    if snapshot is None:
        return _refused(site, "nothing_published")

    charge = Charge(
        key=release_key(plan.study_digest, snapshot.id, plan.mode),
        envelope=envelope.nonce,
        researcher=envelope.researcher,
        nano_rho=plan.nano_rho,
        envelope_nano_rho_max=envelope.nano_rho_max,
        project=study.project or "",
        envelope_created_s=envelope.created_s,
    )
    charged = False
    try:
        stored = site.ledger.reserve(charge, budgets_of(site.policy, study.project))
        if isinstance(stored, Reservation):
            charged = stored.new
            _witness(site, stored.head, countersign)
            backend = _connected(snapshot)
            if backend is None:
                return Outcome(site.name, "failed", ("store_not_ready",), charged=charged)
            stored = _drawn(plan, stored, site, snapshot.id, backend)
        if not site.ledger.covered(charge.key):
            _witness(site, site.ledger.head(), countersign)
    except BudgetExhausted as error:
        return Outcome(site.name, "refused", error.reasons, shortfalls=error.shortfalls)
    except OsteonError:
        return Outcome(site.name, "failed", ("ledger_not_ready",), charged=charged)
    except TimeoutError:
        return Outcome(site.name, "failed", ("countersign_unreachable",), charged=charged)
    return _reply(site, stored, charged=charged)


def _verified(signed: Signed, site: AnsweringSite) -> Envelope:
    """The envelope, if a researcher of the roster signed it for this site and it is in time."""
    for researcher in site.roster.researchers:
        try:
            envelope = open_envelope(signed, researcher.key)
        except SignatureError:
            continue
        now_s = int(site.now().timestamp())
        if (
            envelope.researcher != researcher.name
            or envelope.network != site.roster.network
            or site.name not in envelope.sites
            or envelope.expires_s < now_s
        ):
            raise SignatureError("the envelope is not for this site, or out of time")
        return envelope
    raise SignatureError("nobody in the roster signed this envelope")


def _witness(site: AnsweringSite, head: Head | None, countersign: Countersign) -> None:
    if head is None:
        raise LedgerError("the ledger is empty")
    try:
        signed = countersign(head, site.ledger.witnessed())
    except LedgerError:
        if site.ledger.covers(head):
            return
        raise
    site.ledger.witness(head, signed, site.roster.coordinator.key)


def _connected(snapshot: PublishedSnapshot) -> Any:
    """A connection, or None. Made before the ledger is told that data may be read: where a server
    is down the same question can be put again, on the same reservation, when it is back.
    """
    try:
        return snapshot.connect()
    except Exception:  # noqa: BLE001 - each engine has errors of its own, and none read data
        return None


def _drawn(
    plan: Plan, reserved: Reservation, site: AnsweringSite, snapshot: str, backend: Any
) -> Stored:
    """Read, wait and post: nothing that anybody sees comes between reading and the wait's end."""
    try:
        waits = wait_s(plan.nano_rho, plan.parts, site.ledger.touch(reserved))
        release = _measure(plan, reserved.charge, site.name, snapshot, backend)
    finally:
        _disconnect(backend)
    site.sleep(waits)
    return site.ledger.post(reserved, release)


def _measure(plan: Plan, charge: Charge, site: str, snapshot: str, backend: Any) -> Release | None:
    """Exact aggregate and noise; None if it failed, without a word of why (D8)."""
    from federated.aggregate.exact import aggregate
    from federated.privacy.measurement import release_values

    try:
        values = release_values(
            aggregate(plan, backend),
            scale=plan.scale,
            l2_squared=plan.l2_squared,
            nano_rho=values_share(plan.nano_rho),
        )
    except Exception:  # noqa: BLE001 - a failure may depend on data: charged, stored, silent
        return None
    return Release(
        key=charge.key,
        study_digest=plan.study_digest,
        site=site,
        snapshot=snapshot,
        values=values,
        scale=plan.scale,
        nano_rho=plan.nano_rho,
    )


def _disconnect(backend: Any) -> None:
    # Whether a connection that read data closes well may depend on what was read.
    with suppress(Exception):
        backend.disconnect()


def _reply(site: AnsweringSite, stored: Stored, *, charged: bool) -> Outcome:
    if stored.release is None:
        return Outcome(site.name, "failed", ("could_not_answer",), charged=charged)
    return Outcome(site.name, "answered", release=stored.release, charged=charged)


def _refused(site: AnsweringSite, *reasons: str) -> Outcome:
    return Outcome(site.name, "refused", reasons)
