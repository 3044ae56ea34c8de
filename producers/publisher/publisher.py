"""The publisher: validate, stamp, encode, send idempotently, and give a receipt once durable.

Safe to use from several threads: one lock guards the sending side, and whoever waits serves
the broker's reports for all. Nothing runs in the background.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from producers.publisher.outcomes import Outcomes
from producers.publisher.receipt import Notify, Receipt
from producers.publisher.record import checked_value, with_dispute, with_dispute_resolved
from producers.publisher.sizes import oversize
from producers.publisher.stamp import Owner, RemovedStatus, live_change, removal_change
from producers.publisher.window import Limits, Window
from recordbus.clock import Clock, SystemClock
from recordbus.errors import Rejected, Retryable
from schemas.events import Dispute, RecordInput

_SERVE_EVERY = 64
_WAIT_SECONDS = 0.01

Record = RecordInput | Mapping[str, Any]
"""A record to publish: the model, or a plain dict of the same shape, which is checked."""


class Encoder(Protocol):
    """Turns a change into the bytes of a message, its body first: the event id rests on that."""

    def body(self, body: Mapping[str, Any] | None, /) -> bytes:
        """Give the bytes of a body; Rejected when it does not fit the schema."""

    def encode(self, change: Mapping[str, Any], body: bytes, /) -> bytes:
        """Give the framed bytes of a change and its body; Rejected when it does not fit."""


class Producer(Protocol):
    """The part of `recordbus.kafka.producer.IdempotentProducer` that a publisher uses."""

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: Any
    ) -> None:
        """Queue a message."""

    def poll(self, timeout_seconds: float = 0.0) -> int:
        """Serve reports that are there, waiting at most this long for one."""

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until all is durable; raises the first failure."""


class Publisher:
    """Publishes one department's records."""

    def __init__(
        self,
        owner: Owner,
        encoder: Encoder,
        producer: Producer,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.owner = owner
        self.limits = limits or Limits()
        self._topic = owner.topic
        self._encoder = encoder
        self._producer = producer
        self._clock = clock or SystemClock()
        self._lock = threading.RLock()
        self._window = Window(self.limits)
        self._outcomes = Outcomes(owner.name)
        self._until_served = _SERVE_EVERY

    # --- verbs ---------------------------------------------------------------------------

    def publish(
        self, record: Record, notify: Notify | None = None, *, checked: bool = False
    ) -> Receipt:
        """Send a record's complete present state; waits while the window is full.

        `checked` says that the record is a value which `checked_value` gave, and is not looked
        at again; a value that is not complete and sound is then quarantined by the bus.
        `notify` is called with the settled receipt, in whichever thread serves the report.
        Raises Rejected before anything is sent when the record is invalid or too large, and
        Retryable when no room comes up in `patience_seconds`.
        """
        if checked and isinstance(record, dict):
            return self._publish(record, notify)
        return self._publish(self._checked(record), notify)

    def publish_many(self, records: Iterable[Record]) -> list[Receipt]:
        """Send records in order and wait until all are durable; raises the first failure."""
        receipts = [self.publish(record) for record in records]
        self.flush()
        return receipts

    def unseal(self, record: Record, notify: Notify | None = None) -> Receipt:
        """Publish a sealed record again; its source_seq must be above the seal's."""
        return self.publish(record, notify)

    def withdraw(self, record_kind: str, record_id: str, source_seq: int, reason: str) -> Receipt:
        """Take a record back: it was published by mistake, or its source no longer has it."""
        return self._remove(record_kind, record_id, source_seq, "withdrawn", reason)

    def seal(self, record_kind: str, record_id: str, source_seq: int, reason: str) -> Receipt:
        """Seal a record: its content leaves the bus until `unseal` (R-25)."""
        return self._remove(record_kind, record_id, source_seq, "sealed", reason)

    def expunge(self, record_kind: str, record_id: str, source_seq: int, reason: str) -> Receipt:
        """Expunge a record for good: nothing but an expunge is accepted for it after (R-25)."""
        return self._remove(record_kind, record_id, source_seq, "expunged", reason)

    def dispute(self, record: Record, dispute: Dispute) -> Receipt:
        """Publish a record with a dispute added to it; its source_seq must have risen."""
        return self._publish(with_dispute(self._checked(record), dispute), None)

    def resolve_dispute(self, record: Record, dispute_id: str, resolved_at: datetime) -> Receipt:
        """Publish a record with one of its disputes resolved; its source_seq must have risen."""
        value = with_dispute_resolved(self._checked(record), dispute_id, resolved_at)
        return self._publish(value, None)

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
        """Send a removal for a record of which only the key is known.

        `recorded_at` is when the department decided it, by default now.
        """
        change = removal_change(
            self.owner,
            record_key=record_key,
            record_kind=record_kind,
            source_seq=source_seq,
            status=status,
            reason=reason,
            recorded_at=recorded_at or self._clock.now(),
        )
        return self._send(change, self._encoder.body(None), notify)

    # --- waiting -------------------------------------------------------------------------

    @property
    def in_flight(self) -> tuple[int, int]:
        """Records and bytes that wait for acknowledgement."""
        return self._window.records, self._window.bytes

    def poll(self, timeout_seconds: float = 0.0) -> None:
        """Serve reports that are there, waiting at most this long for one."""
        with self._lock:
            self._producer.poll(timeout_seconds)

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until everything sent is durable; raises the first failure since the last flush."""
        with self._lock:
            self._producer.flush(timeout_seconds)
            self._outcomes.report()

    def settled(self, receipt: Receipt) -> None:
        """Take note of a settled receipt; called while a report is served."""
        self._window.leave(receipt.size_bytes)
        self._outcomes.settled(receipt, self._clock)

    def wait_for(self, receipt: Receipt, timeout_seconds: float) -> None:
        """Serve reports until the receipt is settled or the time is up."""
        deadline = self._clock.monotonic() + timeout_seconds
        while not receipt.settled and self._clock.monotonic() < deadline:
            self.poll(_WAIT_SECONDS)

    # --- inside --------------------------------------------------------------------------

    def _remove(
        self, kind: str, record_id: str, source_seq: int, status: RemovedStatus, reason: str
    ) -> Receipt:
        key = self.owner.record_key(kind, record_id)
        return self.remove_by_key(key, kind, source_seq, status, reason)

    def _checked(self, record: Record) -> dict[str, Any]:
        try:
            return checked_value(record)
        except Rejected:
            self._outcomes.refused()
            raise

    def _publish(self, value: Mapping[str, Any], notify: Notify | None) -> Receipt:
        try:
            body = self._encoder.body(value["body"])
        except Rejected:
            self._outcomes.refused()
            raise
        return self._send(live_change(self.owner, value, body), body, notify)

    def _send(self, change: dict[str, Any], body: bytes, notify: Notify | None) -> Receipt:
        value = self._encoded(change, body)
        size = len(value)
        receipt = Receipt(self, change, self._topic, size, notify)
        with self._lock:
            window = self._window
            if not window.has_room(size):
                self._wait_for_room(size)
            window.enter(size)
            try:
                self._produce(receipt, value)
            except BaseException:  # whatever it is, no report will come of it
                window.leave(size)
                raise
        return receipt

    def _encoded(self, change: Mapping[str, Any], body: bytes) -> bytes:
        try:
            value = self._encoder.encode(change, body)
            if len(value) > self.limits.message_bytes:
                raise oversize(change, len(value), self.limits.message_bytes)
        except Rejected:
            self._outcomes.refused()
            raise
        return value

    def _produce(self, receipt: Receipt, value: bytes) -> None:
        self._until_served -= 1
        if not self._until_served:
            self._until_served = _SERVE_EVERY
            receipt.sent_at_seconds = self._clock.monotonic()
            self._producer.poll(0.0)
        key = receipt.record_key.encode()
        self._producer.produce(self._topic, key, value, on_delivery=receipt.settle)

    def _wait_for_room(self, size: int) -> None:
        deadline = self._clock.monotonic() + self.limits.patience_seconds
        while not self._window.has_room(size):
            self._producer.poll(_WAIT_SECONDS)
            if self._clock.monotonic() > deadline:
                records, in_flight = self.in_flight
                raise Retryable(
                    f"{records} records ({in_flight} bytes) wait for Kafka to acknowledge them",
                    hint="check with `recordbus status` that the broker is up, then publish again",
                )
