"""What subscribers that fetch were handed, and by which cursor they say that they have it.

Invariant: a subscription has one answer on its way at most, under the cursor that was given last;
a row names a message and never holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import apsw

from consumers.feeds.ledger.tables import rows

_DAY_US: Final = 86_400_000_000
_NEXT: Final = """
SELECT record_key, place, urgency FROM due
WHERE subscription_id = ?1 AND not_before_us <= ?2 ORDER BY urgency, place LIMIT ?3
"""


class Waiting(NamedTuple):
    """One record that a subscriber is to be told of; `urgency` as in `ledger.due`."""

    record_key: str
    place: int
    urgency: int


class Place(NamedTuple):
    """How far a subscriber has fetched.

    `acknowledged` is the last cursor that it sent back, `current` the one it was given since.
    `waits_since_us` is since when it lets corrections wait, None while there are none.
    """

    acknowledged: str | None = None
    current: str | None = None
    waits_since_us: int | None = None


class Handed(NamedTuple):
    """A message of the answer on its way; `place` is None where its record has more to tell."""

    record_key: str
    delivery_id: str
    subject: str
    sequence: int
    status: str
    needs_receipt: bool
    place: int | None


class FetchedRows:
    """Reads and writes how far subscribers have fetched, within its caller's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def place(self, subscription_id: str) -> Place:
        """Give how far a subscriber has fetched."""
        sql = "SELECT acknowledged, current, waits_since_us FROM fetched WHERE subscription_id = ?"
        found = rows(self._connection, sql, (subscription_id,))
        return Place(*found[0]) if found else Place()

    def put(self, subscription_id: str, place: Place) -> None:
        """Note how far a subscriber has fetched."""
        self._connection.execute(
            "INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?)", (subscription_id, *place)
        )

    def next(self, subscription_id: str, now_us: int, limit: int) -> list[Waiting]:
        """Give what is to be looked at now, the urgent first, then in the order it came."""
        found = rows(self._connection, _NEXT, (subscription_id, now_us, limit))
        return [Waiting(*row) for row in found]

    def urgent(self, subscription_id: str) -> int:
        """Give how many records wait of which a subscriber holds, or may hold, something."""
        sql = "SELECT count(*) FROM due WHERE subscription_id = ? AND urgency = 0"
        return int(rows(self._connection, sql, (subscription_id,))[0][0])

    def attempted(self, subscription_id: str, record_keys: Iterable[str]) -> None:
        """Let records be urgent from now on: something of them may be held."""
        self._connection.executemany(
            "UPDATE due SET urgency = 0 WHERE subscription_id = ? AND record_key = ?",
            ((subscription_id, each) for each in record_keys),
        )

    def hand(self, subscription_id: str, handed: Iterable[Handed]) -> None:
        """Note what the answer holds that goes out now, in place of the one before."""
        self._connection.execute("DELETE FROM handed WHERE subscription_id = ?", (subscription_id,))
        self._connection.executemany(
            "INSERT INTO handed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((subscription_id, *each) for each in handed),
        )

    def handed(self, subscription_id: str) -> list[Handed]:
        """Give what the answer on its way holds, the messages of a record next to each other."""
        sql = (
            "SELECT record_key, delivery_id, subject, sequence, status, needs_receipt, place "
            "FROM handed WHERE subscription_id = ? ORDER BY record_key, delivery_id"
        )
        found = rows(self._connection, sql, (subscription_id,))
        return [
            Handed(key, delivery_id, subject, sequence, status, bool(needs_receipt), place)
            for key, delivery_id, subject, sequence, status, needs_receipt, place in found
        ]

    def used(self, subscription_id: str, quota: str, now_us: int) -> int:
        """Give how much of a day's quota was used today (UTC)."""
        sql = "SELECT used FROM quota WHERE subscription_id = ? AND name = ? AND day = ?"
        found = rows(self._connection, sql, (subscription_id, quota, now_us // _DAY_US))
        return int(found[0][0]) if found else 0

    def use(self, subscription_id: str, quota: str, now_us: int, count: int) -> None:
        """Count what was used of a day's quota."""
        used = self.used(subscription_id, quota, now_us) + count
        self._connection.execute(
            "INSERT OR REPLACE INTO quota VALUES (?, ?, ?, ?)",
            (subscription_id, quota, now_us // _DAY_US, used),
        )
