"""A look into the bus's own topics: some records, and what was quarantined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from recordbus.errors import Retryable
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, LogReader, Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.local.demo.bus import DemoBus

_AT_ONCE: Final = 1000
_PATIENCE_SECONDS: Final = 10.0


def sample(bus: DemoBus, count: int) -> list[dict[str, Any]]:
    """Give up to `count` live records from the beginning of `records.v1`."""
    live = (record for record in records(bus) if record["status"] == "live")
    return list(islice(live, count))


def records(bus: DemoBus) -> Iterator[dict[str, Any]]:
    """Give every message of `records.v1` in order, markers included, up to its present end."""
    return values(bus, "records.v1")


def values(bus: DemoBus, topic: str) -> Iterator[dict[str, Any]]:
    """Give every value of a topic of one partition in order, up to its present end."""
    with _decoder(bus, topic) as decoder:
        for message in _messages(bus, topic):
            if message.value is not None:
                yield decoder.decode(message.value)


def quarantined(bus: DemoBus) -> dict[str, Counter[str]]:
    """Count what stands in quarantine: department -> reason -> messages."""
    found: dict[str, Counter[str]] = {}
    with _decoder(bus, "quarantine.v1") as decoder:
        for message in _messages(bus, "quarantine.v1"):
            if message.value is not None:
                value = decoder.decode(message.value)
                found.setdefault(value["department"] or "", Counter())[value["reason"]] += 1
    return found


@contextmanager
def _decoder(bus: DemoBus, topic: str) -> Iterator[Decoder]:
    registry = SchemaRegistry(bus.state().registry_url)
    try:
        yield Decoder(registry, f"{topic}-value")
    finally:
        registry.close()


def _messages(bus: DemoBus, topic: str) -> Iterator[Message]:
    """Give a one-partition topic's messages up to its present end."""
    reader = LogReader(Connection(bus.state().bootstrap_servers))
    try:
        reader.assign({(topic, 0): EARLIEST})
        while not reader.at_end():
            messages = reader.consume(_AT_ONCE, _PATIENCE_SECONDS)
            if not messages and not reader.at_end():
                raise Retryable(f"{topic} could not be read to its end", hint="try again")
            yield from messages
    finally:
        reader.close()
