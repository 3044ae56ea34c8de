"""Reads the quarantine from its topic: committed entries only, from its beginning to its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from consumers.quarantine import TOPIC
from consumers.quarantined.entry import Entry, standing
from recordbus.errors import Misconfigured
from recordbus.kafka.admin import Admin
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry

_AT_ONCE: Final = 1000
_WAIT_SECONDS: Final = 1.0


def read_standing(
    connection: Connection, registry: SchemaRegistry, *, bytes_of: str = ""
) -> list[Entry]:
    """Give every entry that stands now, oldest first; that of `bytes_of` with its bytes.

    Raises Retryable while the broker or the registry is away, Misconfigured without the topic.
    """
    partitions = Admin(connection).list_topics().get(TOPIC, 0)
    if not partitions:
        raise Misconfigured(
            f"there is no topic {TOPIC}", hint="create the topics with `recordbus topics apply`"
        )
    reader = LogReader(connection)
    try:
        reader.assign({(TOPIC, partition): EARLIEST for partition in range(partitions)})
        decode = Decoder(registry, f"{TOPIC}-value").decode
        return standing(_to_the_end(reader), decode, bytes_of=bytes_of)
    finally:
        reader.close()


def _to_the_end(reader: LogReader) -> Iterator[Message]:
    while not reader.at_end():
        yield from reader.consume(_AT_ONCE, _WAIT_SECONDS)
