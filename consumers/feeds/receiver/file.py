"""The file that a receiver keeps: how it is opened, and its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_VERSION: Final = 1
_TABLES: Final = """
CREATE TABLE seen (message_id TEXT PRIMARY KEY, at_seconds REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX seen_at ON seen (at_seconds);
CREATE TABLE newest (
    subject TEXT PRIMARY KEY, sequence INTEGER NOT NULL, body BLOB) WITHOUT ROWID;
"""


def opened(path: Path) -> sqlite3.Connection:
    """Open a file of received messages, making it; raises sqlite3.DatabaseError when it is none.

    The connection is for one thread at a time; other threads open one of their own.
    """
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA secure_delete = ON")
    if database.execute("PRAGMA user_version").fetchone()[0] == 0:
        database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Let a block happen as a whole, durably, or not at all."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
