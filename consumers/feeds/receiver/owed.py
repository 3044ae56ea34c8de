"""The receipts that a receiver owes: noted with the message, kept until the portal has each.

Invariant: a receipt is owed from the transaction on in which its message was kept, so none is
forgotten by a crash; giving one again does no harm.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

from consumers.feeds.receiver.file import transaction
from consumers.feeds.receiver.message import Message

FIRST_SECONDS: Final = 1.0
"""So long the bus has to note that a message was delivered: before that it awaits no receipt."""
TABLE: Final = """
CREATE TABLE IF NOT EXISTS owed (
    message_id TEXT PRIMARY KEY, subscription_id TEXT NOT NULL, taken_seconds REAL NOT NULL,
    attempts INTEGER NOT NULL, next_seconds REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS owed_next ON owed (next_seconds);
"""
_OWE: Final = "INSERT OR REPLACE INTO owed VALUES (?, ?, ?, 0, ?)"
_DUE: Final = (
    "SELECT message_id, subscription_id, taken_seconds, attempts FROM owed WHERE next_seconds <= ? "
    "ORDER BY next_seconds LIMIT ?"
)


class Debt(NamedTuple):
    """A receipt that is owed; `attempts` is how often it was tried to give it."""

    message_id: str
    subscription_id: str
    taken_seconds: float
    attempts: int


class Owed:
    """Reads and writes what is owed. For one thread."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """`database` is a file of received messages, open for this thread."""
        self._database = database
        database.executescript(TABLE)

    def owe(self, message: Message, at_seconds: float) -> None:
        """Note what a message asks for, in a transaction; one that comes again asks again."""
        subscription_id = message.subscription_id
        if message.receipt_within_hours is not None and subscription_id is not None:
            values = (message.message_id, subscription_id, at_seconds, at_seconds + FIRST_SECONDS)
            self._database.execute(_OWE, values)

    def due(self, at_seconds: float, limit: int) -> list[Debt]:
        """Give what is to be tried now, what waits longest first."""
        return [Debt(*row) for row in self._database.execute(_DUE, (at_seconds, limit))]

    def next_seconds(self) -> float | None:
        """Give when something is to be tried again; None while nothing is owed."""
        (found,) = self._database.execute("SELECT min(next_seconds) FROM owed").fetchone()
        return None if found is None else float(found)

    def settled(self, debts: Iterable[Debt]) -> None:
        """Note that receipts are with the portal, or that nobody awaits them.

        One whose message came once more meanwhile is still owed.
        """
        sql = "DELETE FROM owed WHERE message_id = ? AND taken_seconds = ?"
        with transaction(self._database):
            self._database.executemany(
                sql, [(each.message_id, each.taken_seconds) for each in debts]
            )

    def later(self, tries: Iterable[tuple[Debt, float]]) -> None:
        """Note which receipts were tried once more, and when each is tried again."""
        sql = (
            "UPDATE owed SET attempts = attempts + 1, next_seconds = ? "
            "WHERE message_id = ? AND taken_seconds = ?"
        )
        with transaction(self._database):
            self._database.executemany(
                sql, [(at, each.message_id, each.taken_seconds) for each, at in tries]
            )
