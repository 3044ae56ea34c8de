"""The promise that a record is held durably, or the news that it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from recordbus.errors import RecordbusError, Retryable

Notify = Callable[["Receipt"], None]


class Desk(Protocol):
    """Who gives receipts: is told when one is settled, and serves reports on request."""

    def settled(self, receipt: Receipt) -> None:
        """Take note that a receipt was settled."""

    def wait_for(self, receipt: Receipt, timeout_seconds: float) -> None:
        """Return once the receipt is settled or the time is up."""


class Receipt:
    """Settled once: by the position of the durable message, or by the error that prevented it.

    Not settled by itself: `result`, and the publisher's `publish`, `poll` and `flush`, serve
    the broker's reports. `size_bytes` is that of the encoded record; `sent_at_seconds` is on
    the publisher's monotonic clock, and 0 for a record that is not timed.
    """

    __slots__ = (
        "_desk",
        "_notify",
        "error",
        "event_id",
        "offset",
        "partition",
        "record_key",
        "sent_at_seconds",
        "settled",
        "size_bytes",
        "source_seq",
        "topic",
    )

    error: RecordbusError | None
    partition: int
    offset: int

    def __init__(
        self,
        desk: Desk,
        change: dict[str, Any],
        topic: str,
        size_bytes: int,
        notify: Notify | None,
    ) -> None:
        self._desk = desk
        self._notify = notify
        self.record_key: str = change["record_key"]
        self.event_id: str = change["event_id"]
        self.source_seq: int = change["source_seq"]
        self.topic = topic
        self.size_bytes = size_bytes
        self.sent_at_seconds = 0.0
        self.settled = False

    @property
    def durable(self) -> bool:
        """Whether every replica that must have the record has it."""
        return self.settled and self.error is None

    def result(self, timeout_seconds: float = 60.0) -> tuple[str, int, int]:
        """Wait for the record to be durable and give its topic, partition and offset.

        Raises the delivery error, or Retryable when the time is up; a record whose receipt
        timed out may still arrive, and sending it again is harmless (same event id).
        """
        if not self.settled:
            self._desk.wait_for(self, timeout_seconds)
        if not self.settled:
            raise Retryable(
                f"no acknowledgement for record {self.record_key} in {timeout_seconds:g} s",
                hint="publish it again with the same source_seq: a repeat does nothing",
            )
        if self.error is not None:
            raise self.error
        return self.topic, self.partition, self.offset

    def settle(
        self, error: RecordbusError | None, _topic: str, partition: int, offset: int
    ) -> None:
        """Take the broker's report; called once, by whoever serves reports."""
        self.error, self.partition, self.offset = error, partition, offset
        self.settled = True
        self._desk.settled(self)
        if self._notify is not None:
            self._notify(self)
