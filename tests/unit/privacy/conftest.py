"""A fresh ledger with a clock of its own, and one as the first form wrote it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from federated.privacy.ledger import Ledger
from tests.unit.privacy.ledgers import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    Ledger.create(tmp_path / "ledger.sqlite", "north")
    return Ledger(tmp_path / "ledger.sqlite", clock)


@pytest.fixture
def first_form(tmp_path):
    """A ledger as the first form wrote it: answers, a failure, a void, an adoption, a pending."""
    path = tmp_path / "first.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(Path(__file__).with_name("first_form.sql").read_text("utf-8"))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return path
