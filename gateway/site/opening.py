"""A site folder, opened for answering: policy and roster verified, ledger checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from federated.privacy.ledger import Ledger
from federated.study.catalogue import Catalogue, Registry
from gateway.errors import SiteError
from gateway.identity.folder import IdentityFolder
from gateway.registry.store.opening import open_store
from gateway.registry.store.store import Snapshot, Store
from gateway.site.answer import AnsweringSite
from gateway.site.config import SiteFolder, open_site
from policies.site import SitePolicy

__all__ = ["opener"]


def opener(site_dir: Path) -> Callable[[], AnsweringSite]:
    """A function that opens ``site_dir`` afresh: the roster, the policy and the published
    snapshot are read each time, declarations and the ledger's whole chain are checked once.

    Raises SiteError, DeclarationError, SignatureError or LedgerError with the next step.
    """
    folder = open_site(site_dir)
    catalogue = Catalogue(site_dir, Registry(folder.dictionary(), folder.derivations()))
    ledger = Ledger(site_dir / "ledger.sqlite")
    ledger.verify()
    store = open_store(folder)
    identity = IdentityFolder.load(site_dir)
    if not folder.config.site == ledger.site == identity.member.name:
        raise SiteError(
            f"{site_dir}: site.yaml, ledger and identity name different sites",
            hint="one folder is one site; request the identity under the name in site.yaml",
        )

    published = _published(store, catalogue.registry(folder.config.dictionary))

    def load() -> AnsweringSite:
        roster = identity.roster()
        officer = roster.site(folder.config.site).officer
        return AnsweringSite(
            name=folder.config.site,
            policy=_policy(folder, officer, ledger),
            roster=roster,
            ledger=ledger,
            catalogue=catalogue,
            published=published,
        )

    return load


def _published(store: Store, registry: Registry) -> Callable[[], Snapshot | None]:
    """What gives the published snapshot, or SiteError where it was loaded under other declarations.

    Nobody writes to a version, so each is opened once to see. A stored answer and a refusal for
    want of budget are free and may be asked for without end: they must not open the data each time.
    """
    seen = ""

    def published() -> Snapshot | None:
        nonlocal seen
        snapshot = store.published()
        if snapshot is not None and snapshot.version.name != seen:
            _check_meaning(snapshot, registry)
            seen = snapshot.version.name
        return snapshot

    return published


def _check_meaning(snapshot: Snapshot, registry: Registry) -> None:
    """What bounds a patient's rows is read from the declarations (PROOFS.md §2), so it holds
    only for a snapshot that was loaded under the same ones.
    """
    loaded = snapshot.version.meta()["digests"]
    if {name: loaded.get(name) for name in registry.digests} != dict(registry.digests):
        raise SiteError(
            "the published snapshot was loaded under other declarations",
            hint="osteon site ingest and publish, then start the node again",
        )


def _policy(folder: SiteFolder, officer: str, ledger: Ledger) -> SitePolicy:
    policy = folder.signed_policy(officer)
    if policy is None:
        raise SiteError(
            f"{folder.path}: the policy is not signed, so nothing is answered",
            hint=f"the officer reads policy.yaml, then: osteon policy sign {folder.path}",
        )
    ledger.accept_policy(policy.serial)
    return policy
