"""Read what was set aside, newest last: which message, why, and what to do next.

    python examples/read_quarantine.py [DEPARTMENT]

Where the bus is comes from the settings: RECORDBUS_CONFIG names the file that `recordbus up`
wrote. It prints positions, keys and reasons, and never the content of a record.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, LogReader, Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import load
from schemas import catalog

TOPIC = "quarantine.v1"


def latest(messages: Iterable[Message], decoder: Decoder) -> list[dict[str, Any]]:
    """Give the entries that stand: the last one of each position, without the erased ones."""
    standing: dict[bytes, dict[str, Any]] = {}
    for message in messages:
        key = message.key or b""
        standing.pop(key, None)
        if message.value is not None:
            standing[key] = decoder.decode(message.value)
    return list(standing.values())


def line(entry: dict[str, Any]) -> str:
    """Say in one line what was set aside and what to do about it."""
    where = f"{entry['source_topic']}/{entry['source_partition']}/{entry['source_offset']}"
    key = (entry["key"] or b"no key").decode(errors="replace")[:12]
    reason = catalog.reasons()[entry["reason"]]
    return f"{where}  {key}  {entry['reason']}: {entry['detail']}\n    next: {reason.what_to_do}"


def messages(reader: LogReader) -> Iterator[Message]:
    """Give every message from the beginning to the present end."""
    reader.assign({(TOPIC, 0): EARLIEST})
    while not reader.at_end():
        yield from reader.consume(1000, 1.0)


def main(department: str | None) -> None:
    """Print what was set aside, of one department or of all."""
    settings = load()
    registry = SchemaRegistry.from_settings(settings.registry)
    reader = LogReader(Connection.from_settings(settings.kafka))
    try:
        for entry in latest(messages(reader), Decoder(registry, f"{TOPIC}-value")):
            if department in (None, entry["department"]):
                print(line(entry))
    finally:
        reader.close()
        registry.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
