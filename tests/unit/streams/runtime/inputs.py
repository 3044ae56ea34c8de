"""Messages as a consumer hands them over, for tests of the runtime."""

from __future__ import annotations

from tests.simulator.broker import Message

TOPIC = "ingest.alpha.v1"


def message(
    offset: int,
    key: bytes | None = b"k",
    value: bytes | None = b"v",
    *,
    topic: str = TOPIC,
    headers: tuple[tuple[str, bytes], ...] = (),
) -> Message:
    """Make one message of partition 0."""
    return Message(topic, 0, offset, key, value, 1000 + offset, headers)
