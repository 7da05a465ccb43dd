"""How often a key has sealed: AES-GCM with random nonces bears 2^32 times, and not once more.

NIST SP 800-38D, 8.3: with random 96-bit nonces one key encrypts at most 2^32 times; beyond, the
odds that a nonce comes twice pass 2^-32, and two texts under one nonce give each other away. The
count stands in the database that the key seals and rises in the transaction of the sealed rows. A
killed transaction has used nonces that it did not count; so half of the bound is left to those.
"""

from __future__ import annotations

import sqlite3

from gateway.errors import StoreError

__all__ = ["SEALS_MAX", "count_seals", "seals"]

SEALS_MAX = 2**31
"""Counted seals of one key; the other half of 2^32 is for writes that were killed."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS seals (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL  -- rows sealed under the key of this file, replaced ones included
)
"""


def count_seals(connection: sqlite3.Connection, count: int) -> None:
    """Add ``count`` within the caller's transaction; 0 asks whether one more may be sealed.

    Raises StoreError at the bound; the caller's transaction must then be undone.
    """
    connection.execute(_SCHEMA)
    connection.execute(
        "INSERT INTO seals VALUES (1, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        (count,),
    )
    if seals(connection) + (count == 0) > SEALS_MAX:
        raise StoreError(
            "the vault's key has sealed as often as one key may (AES-GCM, 2^31 of 2^32)",
            hint="osteon site vault rotate SITE_DIR gives a fresh key; nothing was changed",
        )


def seals(connection: sqlite3.Connection) -> int:
    """Rows that the key of this file has sealed so far."""
    try:
        found = connection.execute("SELECT count FROM seals").fetchone()
    except sqlite3.OperationalError:  # a file from before there was a count
        return 0
    return 0 if found is None else int(found[0])
