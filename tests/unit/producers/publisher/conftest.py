"""A broker in memory, an owner and records for the publisher's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from producers.publisher import Limits, Owner, Publisher
from producers.publisher.encoding import ChangeEncoder
from recordbus.errors import RecordbusError
from recordbus.testing.clock import ManualClock
from schemas import catalog

CONTACT = {"unit": "Records", "phone": "+1 617 555 0100", "email": None}
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class MemoryProducer:
    """Queues messages; `poll` delivers at most `per_poll` of them, `fails` with an error."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes | None, bytes | None]] = []
        self.waiting: list[Callable[..., None]] = []
        self.per_poll = 1_000_000
        self.fails: RecordbusError | None = None
        self.on_poll: Callable[[], None] = lambda: None

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: Any
    ) -> None:
        self.messages.append((topic, key, value))
        self.waiting.append(on_delivery)

    def poll(self, timeout_seconds: float = 0.0) -> int:
        self.on_poll()
        now, self.waiting = self.waiting[: self.per_poll], self.waiting[self.per_poll :]
        for report in now:
            report(self.fails, "t", 0, 7)
        return len(now)

    def flush(self, timeout_seconds: float = 60.0) -> None:
        while self.waiting:
            self.poll()
        if self.fails is not None:
            raise self.fails


class FixedRegistry:
    """Has the same versions for every subject: id to full name of the type."""

    def __init__(self, versions: dict[int, str]) -> None:
        self._versions = versions

    def texts_of(self, subject: str) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(id=number, parsed=catalog.avro_schema(name))
            for number, name in self._versions.items()
        ]


@pytest.fixture
def owner() -> Owner:
    return Owner("test-pd", "ZZ0000100", "ingest.test-pd.v1", CONTACT, b"k" * 32)


@pytest.fixture
def producer() -> MemoryProducer:
    return MemoryProducer()


@pytest.fixture
def encoder() -> ChangeEncoder:
    return ChangeEncoder(FixedRegistry({7: "recordbus.v1.RecordChange"}), "ingest.test-pd.v1")


@pytest.fixture
def publisher(owner: Owner, encoder: ChangeEncoder, producer: MemoryProducer) -> Publisher:
    limits = Limits(records=10, bytes=3_000_000, patience_seconds=5)
    return Publisher(owner, encoder, producer, clock=ManualClock(), limits=limits)


def record(number: str = "C-1", sequence: int = 1, **body: Any) -> dict[str, Any]:
    """A service call as a plain dict; defaults are left to the schema."""
    return {
        "record_kind": "service_call",
        "source_seq": sequence,
        "recorded_at": AT,
        "body": {
            "record_id": number,
            "details": ("recordbus.v1.ServiceCallDetails", {"priority": "2"}),
            **body,
        },
    }
