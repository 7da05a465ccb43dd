"""A small hospital of invented patients, loaded once, and a browser that needs no socket."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from federated.admission import budgets_of
from federated.privacy.ledger import Charge, Ledger
from federated.privacy.loss import nano_rho_for
from gateway.console.pages import create_app
from gateway.demo.synthetic import generate
from gateway.identity.folder import accept, make_request
from gateway.identity.grant import grant_bytes
from gateway.identity.network import NetworkFolder
from gateway.identity.request import open_request
from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.audit import AuditEntry, AuditLog
from gateway.site.config import SiteFolder, create_site, open_site
from policies.signing import SigningKey
from policies.site import sign_policy

NOW = datetime.now(UTC)
Get = Callable[..., httpx.Response]


def browser(site: SiteFolder, *, remote: bool = False, now: datetime = NOW) -> Get:
    """``get(path)`` against the site's console."""
    app = create_app(site, remote=remote, now=lambda: now)

    async def request(method: str, path: str, host: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, path)

    def get(path: str, *, host: str = "127.0.0.1:8080", method: str = "GET") -> httpx.Response:
        return asyncio.run(request(method, path, host))

    return get


def text(reply: httpx.Response) -> str:
    """The page with every run of white space as one blank."""
    return " ".join(reply.text.split())


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Path:
    """A member of a network with a load, a published snapshot, a signed policy, two answers, one
    pending reservation and an audit log.
    """
    folder = tmp_path_factory.mktemp("console")
    truth = generate(folder / "exports", seed=11, sites=1, operations=12, notes=0)
    site = create_site(
        folder / "site", dictionary="sarcoma_v1", name="north", sitemap="sarcoma_redcap_map"
    )
    export = folder / "exports" / truth.sites[0].site / "redcap.csv"
    ingest(site, export, accept_bad_values=True, notes=False)
    DuckDBStore(site.store_path).publish(every_days=0, force=False, now=NOW)
    _join(folder, site)
    sign(site)
    _ask(site)
    return site.path


def _join(folder: Path, site: SiteFolder) -> None:
    network = NetworkFolder.create(folder / "network", name="midwest", address="localhost:1")
    request = make_request(site.path, "site", site.config.site)
    accept(site.path, grant_bytes(network.admit(open_request(request.read_bytes()))))


def sign(site: SiteFolder) -> None:
    """The officer signs policy.yaml as it is now."""
    officer = SigningKey.load(site.path / "identity" / "officer_key.pem")
    signed = sign_policy(site.policy(), officer)
    (site.path / "policy.signed.json").write_bytes(signed.to_bytes())


def _ask(site: SiteFolder) -> None:
    ledger, budgets = Ledger(site.path / "ledger.sqlite"), budgets_of(site.policy())
    for number, epsilon in enumerate((1.0, 0.5, 0.25)):
        cost = nano_rho_for(epsilon)
        reserved = ledger.reserve(Charge(f"k{number}", "e", "ada", cost, 10**12), budgets)
        if number < 2:
            ledger.touch(reserved)
            ledger.post(reserved, None)
    log = AuditLog(site.path / "audit.sqlite")
    duo = "DUO:0000006"
    for entry in (
        AuditEntry("answer", "answered", actor="ada", purpose=duo, nano_rho=nano_rho_for(1.0)),
        AuditEntry("answer", "answered", actor="ada", purpose=duo),
        AuditEntry("answer", "refused", actor="bea", reasons=("purpose_not_allowed",)),
        AuditEntry("answer", "refused", purpose="<b>me</b>", reasons=("envelope_not_valid",)),
    ):
        log.append(entry)


@pytest.fixture
def site(served, tmp_path) -> SiteFolder:
    """A copy of the served site that a test may damage."""
    shutil.copytree(served, tmp_path / "site")
    return open_site(tmp_path / "site")


@pytest.fixture
def empty(tmp_path) -> SiteFolder:
    """A new site folder in which nothing has happened."""
    return create_site(tmp_path / "empty", dictionary="sarcoma_v1", name="north")
