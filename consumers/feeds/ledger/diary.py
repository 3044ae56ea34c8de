"""What was tried with each subscriber and what it receipted: times, ids and outcomes, no content.

Invariant: a subscription has at most `MOST_ATTEMPTS` attempts and `MOST_RECEIPTS` receipts here,
the newest ones. The audit has all of them for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import apsw

from consumers.feeds.ledger.tables import rows

MOST_ATTEMPTS: Final = 1000
MOST_RECEIPTS: Final = 10_000
_RECEIPT: Final = (
    "delivery_id, subject, sequence, sent_us, receipted_us, receipted_by, entry_id, leaf, place"
)
_TRIM_ATTEMPTS: Final = """
DELETE FROM attempt WHERE subscription_id = ?1 AND number <=
    (SELECT max(number) FROM attempt WHERE subscription_id = ?1) - ?2
"""
_TRIM_RECEIPTS: Final = """
DELETE FROM receipted WHERE delivery_id IN (
    SELECT delivery_id FROM receipted WHERE subscription_id = ?1
    ORDER BY receipted_us DESC, delivery_id LIMIT -1 OFFSET ?2)
"""


class Attempt(NamedTuple):
    """One attempt to tell a subscriber all there was to tell of a record.

    `result` is one of a channel's, `code` says why it was not delivered.
    """

    at_us: int
    record_key: str
    channel: str
    result: str
    code: str
    messages: int


class Receipted(NamedTuple):
    """A receipt that was given: for what, when, by whom, and where the audit has it.

    `place` is the number of the audit's entry and `leaf` its hash in the log, as hex.
    """

    delivery_id: str
    subject: str
    sequence: int
    sent_us: int
    receipted_us: int
    receipted_by: str
    entry_id: str
    leaf: str
    place: int


class DiaryRows:
    """Reads and writes what was tried and receipted, within its caller's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def attempted(self, subscription_id: str, attempts: Iterable[Attempt]) -> None:
        """Note attempts, in order; the oldest go."""
        last = self._last(subscription_id)
        found = list(attempts)
        self._connection.executemany(
            "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((subscription_id, last + at, *each) for at, each in enumerate(found, 1)),
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?)",
            (
                (subscription_id, each.record_key, each.at_us)
                for each in found
                if each.result == "delivered"
            ),
        )
        self._connection.execute(_TRIM_ATTEMPTS, (subscription_id, MOST_ATTEMPTS))

    def attempts(self, subscription_id: str, limit: int) -> list[Attempt]:
        """Give the last attempts, the newest first."""
        sql = (
            "SELECT at_us, record_key, channel, result, code, messages FROM attempt "
            "WHERE subscription_id = ? ORDER BY number DESC LIMIT ?"
        )
        return [Attempt(*row) for row in rows(self._connection, sql, (subscription_id, limit))]

    def keep(self, subscription_id: str, given: Iterable[Receipted]) -> None:
        """Keep receipts that were given; the oldest go."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO receipted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((each.delivery_id, subscription_id, *each[1:]) for each in given),
        )
        self._connection.execute(_TRIM_RECEIPTS, (subscription_id, MOST_RECEIPTS))

    def receipted(self, subscription_id: str, delivery_id: str) -> Receipted | None:
        """Give the receipt of a message; None when none was given, or long ago."""
        sql = f"SELECT {_RECEIPT} FROM receipted WHERE subscription_id = ? AND delivery_id = ?"  # noqa: S608 - ours
        found = rows(self._connection, sql, (subscription_id, delivery_id))
        return Receipted(*found[0]) if found else None

    def _last(self, subscription_id: str) -> int:
        sql = "SELECT coalesce(max(number), 0) FROM attempt WHERE subscription_id = ?"
        return int(rows(self._connection, sql, (subscription_id,))[0][0])
