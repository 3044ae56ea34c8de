"""The tables of a ledger file, and how it is opened.

Invariant: content stands in `said` alone, and only as long as the bus says it: what is held and
what is due are keys, numbers and digests, so that erasing a record is erasing its rows there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import apsw

from recordbus.errors import Misconfigured

SCHEMA_VERSION: Final = 1
_CACHE_KIB: Final = 65_536
_CHECKPOINT_PAGES: Final = 4000
"""Keys are digests, so nearly every row of a batch is on a page of its own."""
BUSY_MS: Final = 5000
_TABLES: Final = """
CREATE TABLE progress (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    complete_to_us INTEGER NOT NULL, PRIMARY KEY (topic, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE said (
    record_key TEXT NOT NULL, part INTEGER NOT NULL, name TEXT NOT NULL, origin TEXT NOT NULL,
    version INTEGER NOT NULL, department TEXT, record_kind TEXT, entity TEXT, value BLOB,
    is_ended INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (record_key, part, name)) STRICT, WITHOUT ROWID;
CREATE INDEX said_entity ON said (entity) WHERE entity IS NOT NULL;
CREATE INDEX said_association ON said (name) WHERE part = 1;
CREATE TABLE subscription (
    subscription_id TEXT PRIMARY KEY, content TEXT NOT NULL, standing TEXT NOT NULL,
    seen TEXT NOT NULL, scanned_to TEXT, watching TEXT NOT NULL,
    attempts INTEGER NOT NULL, not_before_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE held (
    record_key TEXT NOT NULL, subscription_id TEXT NOT NULL, subject TEXT NOT NULL,
    sequence INTEGER NOT NULL, digest BLOB, substance BLOB, coverage BLOB,
    status TEXT NOT NULL, reason TEXT, needs_receipt INTEGER NOT NULL,
    is_confirmed INTEGER NOT NULL,
    PRIMARY KEY (record_key, subscription_id, subject)) STRICT, WITHOUT ROWID;
CREATE INDEX held_subscription ON held (subscription_id, record_key);
CREATE TABLE due (
    subscription_id TEXT NOT NULL, record_key TEXT NOT NULL, place INTEGER NOT NULL,
    urgency INTEGER NOT NULL, not_before_us INTEGER NOT NULL, attempts INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, record_key)) STRICT, WITHOUT ROWID;
CREATE INDEX due_order ON due (subscription_id, urgency, place);
CREATE TABLE receipt (
    delivery_id TEXT PRIMARY KEY, subscription_id TEXT NOT NULL, subject TEXT NOT NULL,
    sequence INTEGER NOT NULL, sent_us INTEGER NOT NULL, due_us INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE INDEX receipt_due ON receipt (subscription_id, due_us);
"""
_LATER: Final = """
CREATE TABLE IF NOT EXISTS fetched (
    subscription_id TEXT PRIMARY KEY, acknowledged TEXT, current TEXT, waits_since_us INTEGER)
    STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handed (
    subscription_id TEXT NOT NULL, record_key TEXT NOT NULL, delivery_id TEXT NOT NULL,
    subject TEXT NOT NULL, sequence INTEGER NOT NULL, status TEXT NOT NULL,
    needs_receipt INTEGER NOT NULL, place INTEGER,
    PRIMARY KEY (subscription_id, record_key, delivery_id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quota (
    subscription_id TEXT NOT NULL, name TEXT NOT NULL, day INTEGER NOT NULL,
    used INTEGER NOT NULL, PRIMARY KEY (subscription_id, name)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempt (
    subscription_id TEXT NOT NULL, number INTEGER NOT NULL, at_us INTEGER NOT NULL,
    record_key TEXT NOT NULL, channel TEXT NOT NULL, result TEXT NOT NULL, code TEXT NOT NULL,
    messages INTEGER NOT NULL, PRIMARY KEY (subscription_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (
    subscription_id TEXT NOT NULL, record_key TEXT NOT NULL, at_us INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, record_key)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipted (
    delivery_id TEXT PRIMARY KEY, subscription_id TEXT NOT NULL, subject TEXT NOT NULL,
    sequence INTEGER NOT NULL, sent_us INTEGER NOT NULL, receipted_us INTEGER NOT NULL,
    receipted_by TEXT NOT NULL, entry_id TEXT NOT NULL, leaf TEXT NOT NULL,
    place INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS receipted_at ON receipted (subscription_id, receipted_us);
"""
"""Tables that ledgers of the first version may lack; they are made where they are missing."""


def open_ledger(path: Path) -> apsw.Connection:
    """Open a ledger, making it first when there is none; raises Misconfigured when it is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(BUSY_MS)
        connection.transaction_mode = "IMMEDIATE"  # what waits for another process waits at once
        connection.pragma("journal_mode", "wal")
        version = connection.pragma("user_version")
    except (apsw.CantOpenError, apsw.NotADBError) as error:
        raise Misconfigured(
            f"{path} is no ledger of feeds: {error}",
            hint="check the path; what subscribers hold is only known there, so restore it "
            "from the last copy rather than starting anew",
        ) from error
    if version == 0:
        with connection:
            connection.execute(_TABLES)
            connection.pragma("user_version", SCHEMA_VERSION)
    elif version != SCHEMA_VERSION:
        connection.close()
        raise Misconfigured(
            f"the ledger {path} has version {version}, this program needs {SCHEMA_VERSION}",
            hint="run the version of recordbus that wrote it",
        )
    connection.execute(_LATER)
    connection.pragma("synchronous", "full")
    connection.pragma("secure_delete", 1)
    connection.pragma("cache_size", -_CACHE_KIB)
    connection.pragma("wal_autocheckpoint", _CHECKPOINT_PAGES)
    return connection


def rows(
    connection: apsw.Connection, statement: str, values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement and give its rows."""
    return connection.execute(statement, tuple(values)).fetchall()
