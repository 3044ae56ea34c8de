"""The promise that a record is held durably, or the news that it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from recordbus.errors import RecordbusError, Retryable

Notify = Callable[["Receipt"], None]


class Waits(Protocol):
    """Serves delivery reports until a receipt is settled."""

    def wait_for(self, receipt: Receipt, timeout_seconds: float) -> None:
        """Return once the receipt is settled or the time is up."""


class Receipt:
    """Settled once: by the position of the durable message, or by the error that prevented it.

    Not settled by itself: `result`, and the publisher's `publish`, `poll` and `flush`, serve
    the broker's reports. `size_bytes` is that of the encoded record.
    """

    __slots__ = (
        "_notify",
        "_waits",
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

    def __init__(
        self,
        waits: Waits,
        change_ids: tuple[str, str, int],
        topic: str,
        size_bytes: int,
        sent_at_seconds: float,
        notify: Notify | None,
    ) -> None:
        self._waits = waits
        self._notify = notify
        self.record_key, self.event_id, self.source_seq = change_ids
        self.topic = topic
        self.size_bytes = size_bytes
        self.sent_at_seconds = sent_at_seconds
        self.settled = False
        self.error: RecordbusError | None = None
        self.partition = -1
        self.offset = -1

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
            self._waits.wait_for(self, timeout_seconds)
        if self.error is not None:
            raise self.error
        if not self.settled:
            raise Retryable(
                f"no acknowledgement for record {self.record_key} in {timeout_seconds:g} s",
                hint="publish it again with the same source_seq: a repeat does nothing",
            )
        return self.topic, self.partition, self.offset

    def settle(
        self, error: RecordbusError | None, _topic: str, partition: int, offset: int
    ) -> None:
        """Take the broker's report; the publisher calls it once."""
        self.error, self.partition, self.offset = error, partition, offset
        self.settled = True
        if self._notify is not None:
            self._notify(self)
