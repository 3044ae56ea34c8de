"""A topic with its reader, for the contract suite: a log in memory behind the producer's interface.

How a real producer behaves on real brokers is shown where that producer is tested, and once for
the whole channel on a Kafka.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.feeds.channels import topic
from consumers.feeds.channels.topic_schema import register, subject_of
from consumers.feeds.formats.avro import from_avro
from recordbus.errors import RecordbusError, Rejected, Retryable
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.producer import DeliveryError, OnDelivery
from recordbus.kafka.registry import SchemaRegistry
from recordbus.testing.clock import ManualClock
from schemas import catalog
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in

TOPIC = catalog.topic_for_agency(made.AGENCY).name
NOWHERE = Connection("127.0.0.1:1")


class MemoryLog:
    """One partition, and a producer into it. `trouble` keeps messages from being written."""

    def __init__(self) -> None:
        self.entries: list[tuple[bytes | None, bytes | None]] = []
        self.trouble: RecordbusError | None = None
        self.opened = self.closed = 0
        self._failures: list[DeliveryError] = []

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *,
        on_delivery: OnDelivery | None = None,
    ) -> None:  # fmt: skip
        """Write one message, or report that it was not."""
        assert topic == TOPIC
        assert on_delivery is not None
        if len(value or b"") > 2_000_000:
            raise Rejected("too_large", "too many bytes")
        failure = None
        if self.trouble is None:
            self.entries.append((key, value))
        else:
            failure = DeliveryError(topic, self.trouble)
            self._failures.append(failure)
        on_delivery(failure, topic, 0, len(self.entries))

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Say what was not written."""
        failures, self._failures = self._failures, []
        if failures:
            raise failures[0]

    def close(self, timeout_seconds: float = 10.0) -> None:
        """Be closed."""
        self.closed += 1

    def open(self, _connection: Connection) -> MemoryLog:
        """Be opened."""
        self.opened += 1
        return self


class TopicSide:
    """An agency that reads its topic."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        self.log = MemoryLog()
        monkeypatch.setattr(topic, "producer_of", self.log.open)
        self.registry = SchemaRegistry(f"mock://{folder.name}")
        register(self.registry, TOPIC)
        self.channel = channel_of(
            "topic", {}, ManualClock(), settings_in(folder), connection=NOWHERE,
            registry=self.registry,
        )  # fmt: skip

    def arrived(self) -> list[bytes]:
        """Decode the log, as any reader of the topic does, and give the envelopes."""
        return list(envelopes(self.registry, self.log.entries))

    def go_away(self) -> None:
        """Let no broker answer."""
        self.log.trouble = Retryable("no broker")

    def come_back(self) -> None:
        """Let them answer."""
        self.log.trouble = None

    def close(self) -> None:
        """Close the registry."""
        self.registry.close()


def envelopes(
    registry: SchemaRegistry, entries: list[tuple[bytes | None, bytes | None]]
) -> Iterator[bytes]:
    """Give the envelope of every message."""
    decoder = Decoder(registry, subject_of(TOPIC))
    for key, value in entries:
        assert value is not None, "a retraction is never a tombstone"
        said = decoder.decode(value)
        assert (key or b"").decode() == f"{said['subscription_id']}/{said['subject']}"
        yield from_avro(said)
