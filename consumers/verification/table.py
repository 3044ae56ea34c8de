"""Reads what was asked and answered so far, from the log's beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, cast

from recordbus.errors import Misconfigured
from recordbus.kafka.admin import Admin
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.verification import VERIFICATIONS
from schemas.types import RecordVerifications

_AT_ONCE: Final = 1000
_WAIT_SECONDS: Final = 1.0


def read_verifications(
    connection: Connection, registry: SchemaRegistry
) -> list[RecordVerifications]:
    """Give what stands of every record; raises Retryable, and Misconfigured without the topic."""
    partitions = Admin(connection).list_topics().get(VERIFICATIONS, 0)
    if not partitions:
        raise Misconfigured(
            f"there is no topic {VERIFICATIONS}",
            hint="create the topics with `recordbus topics apply`",
        )
    reader = LogReader(connection)
    try:
        reader.assign({(VERIFICATIONS, partition): EARLIEST for partition in range(partitions)})
        decode = Decoder(registry, f"{VERIFICATIONS}-value").decode
        return standing(_to_the_end(reader), decode)
    finally:
        reader.close()


def standing(
    messages: Iterable[Message], decode: Callable[[bytes | None], object]
) -> list[RecordVerifications]:
    """Give the last value of every key that has one (pure)."""
    last: dict[bytes, bytes | None] = {message.key or b"": message.value for message in messages}
    return [cast(RecordVerifications, decode(value)) for value in last.values() if value]


def _to_the_end(reader: LogReader) -> Iterator[Message]:
    while not reader.at_end():
        yield from reader.consume(_AT_ONCE, _WAIT_SECONDS)
