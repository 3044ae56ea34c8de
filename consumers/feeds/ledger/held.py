"""What each subscriber holds of each record, and which receipts are still to come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

import apsw

from consumers.feeds.copies import Copy
from consumers.feeds.difference import Held
from consumers.feeds.ledger.tables import rows

_COLUMNS = "subject, sequence, digest, substance, coverage, status, reason, needs_receipt"


class Awaited(NamedTuple):
    """A receipt that a subscriber owes; times are microseconds since 1970, UTC."""

    delivery_id: str
    subject: str
    sequence: int
    sent_us: int
    due_us: int


class HeldRows:
    """Reads and writes copies and receipts within its caller's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def copies(
        self, subscription_id: str, record_keys: Sequence[str]
    ) -> dict[str, dict[str, Copy]]:
        """Give what a subscriber was told of some records: by record key, then by subject."""
        found = rows(
            self._connection,
            f"SELECT record_key, {_COLUMNS}, is_confirmed FROM held "  # noqa: S608 - ours
            "WHERE subscription_id = ? AND record_key IN (SELECT value FROM json_each(?))",
            (subscription_id, json.dumps(record_keys)),
        )
        copies: dict[str, dict[str, Copy]] = {}
        for record_key, subject, *held, status, reason, needs_receipt, is_confirmed in found:
            copies.setdefault(record_key, {})[subject] = Copy(
                Held(*held), status, reason, bool(needs_receipt), bool(is_confirmed)
            )
        return copies

    def put(self, subscription_id: str, copies: Mapping[str, Mapping[str, Copy]]) -> None:
        """Note what a subscriber holds, or may hold, of some subjects of some records."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (record_key, subscription_id, subject, *copy.held, copy.status, copy.reason,
                 int(copy.needs_receipt), int(copy.is_confirmed))
                for record_key, news in copies.items()
                for subject, copy in news.items()
            ),
        )  # fmt: skip

    def confirm(self, subscription_id: str, taken: Iterable[tuple[str, str, int]]) -> None:
        """Note what a subscriber has taken in: record key, subject and number of each message.

        Only the last message about a subject counts.
        """
        self._connection.executemany(
            "UPDATE held SET is_confirmed = 1 WHERE record_key = ?2 AND subscription_id = ?1 "
            "AND subject = ?3 AND sequence = ?4",
            ((subscription_id, *each) for each in taken),
        )

    def holders(self, record_key: str) -> frozenset[str]:
        """Give the subscriptions that hold, or may hold, something of a record."""
        sql = (
            "SELECT DISTINCT subscription_id FROM held WHERE record_key = ? "
            "AND (digest IS NOT NULL OR is_confirmed = 0)"
        )
        return frozenset(each for (each,) in rows(self._connection, sql, (record_key,)))

    def holdings(self, subscription_id: str) -> list[tuple[str, int, bytes]]:
        """Give subject, number and digest of all that a subscriber is known to hold, in order."""
        sql = (
            "SELECT subject, sequence, digest FROM held WHERE subscription_id = ? "
            "AND digest IS NOT NULL AND is_confirmed = 1 ORDER BY subject"
        )
        return cast("list[tuple[str, int, bytes]]", rows(self._connection, sql, (subscription_id,)))

    def await_receipts(self, subscription_id: str, awaited: Iterable[Awaited]) -> None:
        """Note receipts that are due; one that is awaited already keeps its time."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO receipt VALUES (?, ?, ?, ?, ?, ?)",
            ((each.delivery_id, subscription_id, *each[1:]) for each in awaited),
        )

    def receipted(self, subscription_id: str, delivery_id: str) -> bool:
        """Take a receipt in; False for one that nobody awaits (catalogue row 81)."""
        before = self._connection.total_changes()
        self._connection.execute(
            "DELETE FROM receipt WHERE subscription_id = ? AND delivery_id = ?",
            (subscription_id, delivery_id),
        )
        return self._connection.total_changes() > before

    def awaited(self, subscription_id: str) -> list[Awaited]:
        """Give the receipts that a subscriber owes, the oldest first."""
        sql = (
            "SELECT delivery_id, subject, sequence, sent_us, due_us FROM receipt "
            "WHERE subscription_id = ? ORDER BY due_us, delivery_id"
        )
        return [Awaited(*row) for row in rows(self._connection, sql, (subscription_id,))]

    def overdue(self, subscription_id: str, now_us: int) -> int:
        """Give how many receipts are late."""
        sql = "SELECT count(*) FROM receipt WHERE subscription_id = ? AND due_us <= ?"
        return int(rows(self._connection, sql, (subscription_id, now_us))[0][0])
