"""Carries rows from an outbox to the bus: read, send, wait for the acknowledgement, mark.

Killed between any two of these, the next relay sends the same events again, which changes
nothing. A row that cannot be a record is set aside with its reason and the next one goes on;
content that follows a refused removal of its record waits until somebody has looked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from producers.connectors.outbox.row import STATUS_OF, Publish, Row, wanted
from producers.connectors.outbox.store import Outbox, Refusal, Settled
from producers.publisher import Receipt
from producers.publisher.receipt import Notify
from producers.publisher.record import Value
from producers.publisher.stamp import Owner, RemovedStatus
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.errors import Rejected, Retryable

STEPS: Final = ("outbox.read", "outbox.sent", "outbox.acknowledged", "outbox.marked")
"""Where a test may end the process."""


class Publisher(Protocol):
    """The part of the publisher that a relay uses."""

    owner: Owner

    def publish(
        self, record: Value, notify: Notify | None = None, *, checked: bool = False
    ) -> Receipt:
        """Send a record's complete present state."""

    def remove_by_key(
        self,
        record_key: str,
        record_kind: str,
        source_seq: int,
        status: RemovedStatus,
        reason: str | None,
        notify: Notify | None = None,
        *,
        recorded_at: datetime | None = None,
    ) -> Receipt:
        """Send a removal."""

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until everything sent is durable; raises the first failure."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to; `is_standby` says that another relay has the table."""

    read: int = 0
    published: int = 0
    refused: int = 0
    is_standby: bool = False


@dataclass(slots=True)
class _Batch:
    """The rows of one round on their way."""

    publisher: Publisher
    settled: Settled = field(default_factory=Settled)
    held: set[tuple[str, str]] = field(default_factory=set)

    def send(self, row: Row) -> None:
        """Send a row, or set it aside."""
        if row.verb == "publish" and row.record in self.held:
            return
        try:
            self._send(row)
        except Rejected as error:
            refusal = Refusal(row.id, row.record_kind, row.verb, error.reason, error.detail)
            self.settled.refused.append(refusal)
            if row.verb in STATUS_OF:
                self.held.add(row.record)

    def _send(self, row: Row) -> None:
        asked = wanted(row)
        if isinstance(asked, Publish):
            self.publisher.publish(asked.value, self._noted(row), checked=True)
            return
        self.publisher.remove_by_key(
            self.publisher.owner.record_key(*row.record),
            row.record_kind,
            asked.source_seq,
            asked.status,
            asked.reason,
            self._noted(row),
            recorded_at=asked.recorded_at,
        )

    def _noted(self, row: Row) -> Notify:
        def note(receipt: Receipt) -> None:
            if receipt.durable:
                self.settled.published.append(row.id)
                if row.verb == "expunge":
                    self.settled.expunged.append(row.record)

        return note


class Relay:
    """One department's relay; `publisher` is asked for when a round first has something to send."""

    def __init__(
        self,
        outbox: Outbox,
        publisher: Callable[[], Publisher],
        clock: Clock,
        *,
        batch_rows: int = 1000,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._clock = clock
        self._batch_rows = batch_rows

    def round(self) -> Round:
        """Carry one batch; rows that failed on the way wait for the next round.

        Raises Retryable when the database or the broker is away; what the broker holds by then
        is marked.
        """
        if not self._outbox.lease():
            return Round(is_standby=True)
        rows = self._outbox.read(self._batch_rows)
        if not rows:
            return Round()
        crashpoint("outbox.read")
        settled = self._carry(rows)
        return Round(len(rows), len(settled.published), len(settled.refused))

    def _carry(self, rows: Sequence[Row]) -> Settled:
        publisher = self._publisher()
        batch = _Batch(publisher)
        try:
            for row in rows:
                batch.send(row)
            crashpoint("outbox.sent")
            publisher.flush()
        except Retryable:
            self._mark(batch.settled)
            raise
        crashpoint("outbox.acknowledged")
        self._mark(batch.settled)
        crashpoint("outbox.marked")
        return batch.settled

    def _mark(self, settled: Settled) -> None:
        if settled.published or settled.refused:
            self._outbox.settle(settled, self._clock.now())
