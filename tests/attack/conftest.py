"""One small store for all attacks; a fresh ledger and coordinator for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from federated.study.outcome import Outcome
from gateway.site.answer import AnsweringSite
from tests.attack.world import Hub, Snapshot, people, site_of, write_store


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    return write_store(tmp_path_factory.mktemp("attacked") / "v1.duckdb", people())


@pytest.fixture
def snapshot(store) -> Snapshot:
    return Snapshot(store)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def site(tmp_path, heart, snapshot) -> AnsweringSite:
    return site_of(tmp_path, heart, snapshot)


@pytest.fixture
def untouched(site, snapshot):
    """Says that an attack was refused, and neither charged nor let near the data."""

    def check(outcome: Outcome) -> None:
        assert outcome.state == "refused", outcome
        assert outcome.release is None
        assert not outcome.charged
        assert site.ledger.head() is None
        assert snapshot.opened == 0

    return check
