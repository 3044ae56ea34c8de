"""What every producer shares: its settings, and waiting while the queue is full."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from recordbus.errors import RecordbusError, Rejected, Retryable
from recordbus.kafka.failures import explain

Headers = Sequence[tuple[str, str | bytes | None]]

PARTITIONER: Final = "murmur2_random"  # the one that the Java clients use for keys, too
WRITING: Final[dict[str, Any]] = {
    "acks": "all",
    "compression.type": "lz4",
    "batch.size": 262_144,
    "partitioner": PARTITIONER,
    "topic.metadata.refresh.interval.ms": 60_000,
}
_POLL_SECONDS: Final = 0.05


def wait_for_room(producer: Producer, topic: str, deadline: float) -> None:
    """Serve reports until some left the full queue; Retryable once `deadline` has passed.

    `deadline` is on the monotonic clock, in seconds.
    """
    if time.monotonic() >= deadline:
        raise Retryable(
            f"the queue of messages for {topic} stayed full",
            hint="the broker takes none: `recordbus status` shows whether it is up",
        )
    producer.poll(_POLL_SECONDS)


def refusal(error: KafkaException, topic: str, size_bytes: int) -> RecordbusError:
    """Say why a message could not even be queued."""
    cause: KafkaError = error.args[0]
    if cause.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return Rejected("too_large", f"{size_bytes} bytes are too many for {topic}")
    return explain(cause, f"writing to {topic}")
