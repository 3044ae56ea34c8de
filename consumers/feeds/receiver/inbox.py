"""Keeps what was received: the newest message of each subject, and the ids of seven days.

Invariant: what is answered with 2xx is on disk first, and a message that comes twice counts once.
What is retracted leaves the file; its number stays, so that an older message cannot bring it back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

from consumers.feeds.receiver.message import Message
from recordbus.errors import Misconfigured

REMEMBERED_SECONDS: Final = 7 * 86_400
_VERSION: Final = 1
_TABLES: Final = """
CREATE TABLE seen (message_id TEXT PRIMARY KEY, at_seconds REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX seen_at ON seen (at_seconds);
CREATE TABLE newest (
    subject TEXT PRIMARY KEY, sequence INTEGER NOT NULL, body BLOB) WITHOUT ROWID;
"""
_PUT: Final = (
    "INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE "
    "SET sequence = excluded.sequence, body = excluded.body"
)


class Taken(Enum):
    """What became of a message that was believed."""

    NEW = "new"
    REPEAT = "repeat"
    """Its id was here before: nothing is done twice."""
    OLDER = "older"
    """A newer message of its subject was here first: nothing is brought back."""


class Inbox:
    """One file of received messages. For one thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, making it when there is none; raises Misconfigured."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._database = _opened(path)
        except sqlite3.DatabaseError as error:
            raise Misconfigured(
                f"{path} is no file of received messages: {type(error).__name__}",
                hint="give another folder, or move that file away",
            ) from error

    def take(self, message: Message, at_seconds: float) -> Taken:
        """Take a message in, durably; raises sqlite3.Error when it cannot be kept."""
        with self._transaction():
            self._execute("DELETE FROM seen WHERE at_seconds < ?", at_seconds - REMEMBERED_SECONDS)
            known = "SELECT 1 FROM seen WHERE message_id = ?"
            if self._execute(known, message.message_id).fetchone():
                return Taken.REPEAT
            self._execute("INSERT INTO seen VALUES (?, ?)", message.message_id, at_seconds)
            number = "SELECT sequence FROM newest WHERE subject = ?"
            found = self._execute(number, message.subject).fetchone()
            if found is not None and found[0] >= message.sequence:
                return Taken.OLDER
            body = None if message.is_retraction else message.body
            self._execute(_PUT, message.subject, message.sequence, body)
        if message.is_retraction:  # else its content would stand in the write-ahead log for a while
            self._execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Taken.NEW

    def held(self) -> dict[str, bytes]:
        """Give the newest message of each subject that is held, by subject."""
        sql = "SELECT subject, body FROM newest WHERE body IS NOT NULL ORDER BY subject"
        return dict(self._execute(sql).fetchall())

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._execute("ROLLBACK")
            raise
        self._execute("COMMIT")

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._database.execute(statement, values)


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA secure_delete = ON")
    if database.execute("PRAGMA user_version").fetchone()[0] == 0:
        database.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
    return database
