"""Makes what a subscriber was told due once more, under the same numbers.

Invariant: only what it was told last is told again, and only as what it may then have: to be told
again is to count as never answered.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import apsw

from consumers.feeds.ledger.tables import rows

_TOLD: Final = """
SELECT held.record_key, held.subject FROM held
LEFT JOIN told ON told.subscription_id = held.subscription_id AND told.record_key = held.record_key
WHERE held.subscription_id = ?1 AND held.is_confirmed = 1
"""
_AMONG: Final = " AND held.subject IN (SELECT value FROM json_each(?2))"
_ORDER: Final = " ORDER BY held.record_key, held.subject"


class Told(NamedTuple):
    """One subject that a subscriber was told of, and the record that it is of."""

    record_key: str
    subject: str


class AgainRows:
    """Reads and writes what is to be told again, within its caller's transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def told(self, subscription_id: str) -> list[Told]:
        """Give every subject that a subscriber was told of last, retracted ones too, in order."""
        return self._found(_TOLD + _ORDER, (subscription_id,))

    def told_since(self, subscription_id: str, since_us: int) -> list[Told]:
        """Give the subjects of records that were told from an instant on, or nobody knows when."""
        sql = f"{_TOLD} AND coalesce(told.at_us, ?2) >= ?2{_ORDER}"
        return self._found(sql, (subscription_id, since_us))

    def told_of(self, subscription_id: str, subjects: Sequence[str]) -> list[Told]:
        """Give those of some subjects that a subscriber was told of."""
        sql = _TOLD + _AMONG + _ORDER
        return self._found(sql, (subscription_id, json.dumps(list(subjects))))

    def unanswer(self, subscription_id: str, told: Sequence[Told]) -> None:
        """Let messages count as sent and never answered, so that they are told again."""
        self._connection.executemany(
            "UPDATE held SET is_confirmed = 0 "
            "WHERE record_key = ? AND subscription_id = ? AND subject = ?",
            ((each.record_key, subscription_id, each.subject) for each in told),
        )

    def unsettled(self, subscription_id: str) -> frozenset[str]:
        """Give the subjects whose last message may be on its way."""
        sql = "SELECT subject FROM held WHERE subscription_id = ? AND is_confirmed = 0"
        return frozenset(each for (each,) in rows(self._connection, sql, (subscription_id,)))

    def _found(self, sql: str, values: Sequence[object]) -> list[Told]:
        return [Told(*cast("tuple[str, str]", row)) for row in rows(self._connection, sql, values)]
