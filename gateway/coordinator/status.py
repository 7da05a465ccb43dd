"""A look at a network's folder from outside the running coordinator."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from gateway.errors import JournalError
from gateway.identity.network import NetworkFolder

__all__ = ["status_of"]


def _day(time_s: int) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M UTC")


def status_of(folder: NetworkFolder) -> dict[str, Any]:
    """Members, last signs of life and open studies, as plain data. Reads only."""
    roster = folder.roster()
    certificate = x509.load_pem_x509_certificate((folder.identity / "tls_cert.pem").read_bytes())
    seen: dict[str, tuple[int, int]] = {}
    waiting: dict[str, list[str]] = {}
    path = folder.path / "journal.sqlite"
    if path.exists():
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                for name, last_seen_s, serial in db.execute(
                    "SELECT name, last_seen_s, policy_serial FROM site"
                ):
                    seen[name] = (last_seen_s, serial)
                for study, site, state in db.execute(
                    "SELECT study.id, offer.site, outcome.state FROM study"
                    " JOIN offer ON offer.study = study.id"
                    " LEFT JOIN outcome ON outcome.offer = offer.id"
                    " WHERE study.state = 'open' ORDER BY study.created_s, offer.site"
                ):
                    waiting.setdefault(study, []).extend([] if state else [site])
        except sqlite3.Error as error:
            raise JournalError(f"{path}: the journal cannot be read") from error
    return {
        "network": folder.network.network,
        "address": folder.network.address,
        "roster": roster.serial,
        "certificate_until": certificate.not_valid_after_utc.strftime("%Y-%m-%d"),
        "sites": [
            {
                "name": site.name,
                "last_seen": _day(seen[site.name][0]) if site.name in seen else None,
                "policy_serial": seen.get(site.name, (0, 0))[1],
            }
            for site in roster.sites
        ],
        "researchers": [researcher.name for researcher in roster.researchers],
        "open_studies": [{"id": study, "waiting": sites} for study, sites in waiting.items()],
    }
