"""Charges, releases and files of ledgers, for the tests of them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from federated.privacy.head import CONTEXT
from federated.privacy.ledger import Budgets, Charge
from federated.privacy.release import Release
from policies.signing import SigningKey

BUDGETS = Budgets(year=1000, life=2500, researcher_year=800)
COORDINATOR = SigningKey.generate()


class Clock:
    def __init__(self):
        self.now = datetime(2026, 3, 1, tzinfo=UTC).timestamp()

    def __call__(self):
        return self.now


def charge(key: str, nano: int = 100, *, researcher="ada", envelope="e1", most=10_000) -> Charge:
    return Charge(key, envelope, researcher, nano, most)


def release(key: str, nano: int = 100) -> Release:
    return Release(key, "d" * 64, "north", "s1", (1, -2, 3), 4.5, nano)


def countersigned(head):
    return COORDINATOR.sign(head.to_bytes(), CONTEXT)


def checkpoint(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def rows(path, query):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def execute(path, statement, *values):
    connection = sqlite3.connect(path)
    connection.execute(statement, values)
    connection.commit()
    connection.close()
