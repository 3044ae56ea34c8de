"""Which records each subscription is still to be looked at for, and in which order.

Invariant: there is one row a subscription and record however often the record changes, so a
subscriber that is away for days leaves a list no longer than the records there are. A row goes
only when it was looked at after the last thing that made it due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import apsw

from consumers.feeds.ledger.tables import rows

URGENT: Final = 0
"""Somebody holds something of it: what must go or be put right comes before what is new."""
NEW: Final = 1
_NEVER: Final = -1
_MARK: Final = """
INSERT INTO due VALUES (?1, ?2, ?3, ?4, 0, 0)
ON CONFLICT (subscription_id, record_key) DO UPDATE SET
    place = ?3, urgency = min(urgency, ?4), not_before_us = 0
"""
_NEXT: Final = """
SELECT record_key, place, attempts FROM due
WHERE subscription_id = ? AND not_before_us <= ? ORDER BY urgency, place LIMIT ?
"""


class Due(NamedTuple):
    """One record to look at; `place` tells whether it became due again meanwhile."""

    record_key: str
    place: int
    attempts: int


class DueRows:
    """Reads and writes the list within its caller's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._place, self._place_at = 0, _NEVER

    def mark(self, marks: Iterable[tuple[str, str, int]]) -> None:
        """Make records due: subscription, record key and urgency of each."""
        numbered = []
        self._follow_others()
        for subscription_id, record_key, urgency in marks:
            self._place += 1
            numbered.append((subscription_id, record_key, self._place, urgency))
        self._connection.executemany(_MARK, numbered)

    def _follow_others(self) -> None:
        """Go on behind whatever other processes marked: a place must tell two marks apart."""
        written_at = int(self._connection.pragma("data_version"))  # moves when others write
        if written_at != self._place_at:
            last = int(rows(self._connection, "SELECT coalesce(max(place), 0) FROM due")[0][0])
            self._place, self._place_at = max(self._place, last), written_at

    def mark_new(self, subscription_id: str, record_keys: Iterable[str]) -> None:
        """Make records due of which a subscription may hold nothing yet."""
        self.mark((subscription_id, record_key, NEW) for record_key in record_keys)

    def mark_held(self, subscription_id: str) -> None:
        """Make due all records of which a subscription holds something."""
        sql = "SELECT DISTINCT record_key FROM held WHERE subscription_id = ? ORDER BY record_key"
        held = rows(self._connection, sql, (subscription_id,))
        self.mark((subscription_id, record_key, URGENT) for (record_key,) in held)

    def next(self, subscription_id: str, now_us: int, limit: int) -> list[Due]:
        """Give what is to be looked at now, the urgent first, then in the order it came."""
        return [
            Due(*row) for row in rows(self._connection, _NEXT, (subscription_id, now_us, limit))
        ]

    def done(self, subscription_id: str, looked_at: Sequence[Due]) -> None:
        """Take records off, but those that something made due again since they were looked at."""
        self._connection.executemany(
            "DELETE FROM due WHERE subscription_id = ? AND record_key = ? AND place = ?",
            [(subscription_id, due.record_key, due.place) for due in looked_at],
        )
        self._connection.executemany(
            "UPDATE due SET attempts = 0, not_before_us = 0 "
            "WHERE subscription_id = ? AND record_key = ?",
            [(subscription_id, due.record_key) for due in looked_at],
        )

    def later(self, subscription_id: str, record_key: str, not_before_us: int) -> None:
        """Look at a record again from an instant on, one failed attempt further."""
        self._connection.execute(
            "UPDATE due SET attempts = attempts + 1, not_before_us = ? "
            "WHERE subscription_id = ? AND record_key = ?",
            (not_before_us, subscription_id, record_key),
        )

    def count(self, subscription_id: str) -> int:
        """Give how many records a subscription is to be looked at for."""
        sql = "SELECT count(*) FROM due WHERE subscription_id = ?"
        return int(rows(self._connection, sql, (subscription_id,))[0][0])
