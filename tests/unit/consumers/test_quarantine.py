"""What a consumer sets aside: where it stands and why, and no second copy of its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from consumers.quarantine import TOPIC, KafkaQuarantine
from recordbus.errors import Rejected
from recordbus.kafka.codec import Decoder
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.metrics import sample
from schemas import catalog

QUARANTINE_SUBJECT = f"{TOPIC}-value"


class MemoryProducer:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes, bytes]] = []

    def produce(self, topic: str, key: bytes, value: bytes) -> None:
        self.said.append((topic, key, value))

    def flush(self) -> None:
        """Keep it for good."""


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    made = SchemaRegistry("mock://quarantine-of-a-consumer")
    made.register(QUARANTINE_SUBJECT, catalog.self_contained_text("recordbus.v1.Quarantined"))
    yield made
    made.close()


def set_aside(registry: SchemaRegistry, topic: str, told: str | None) -> tuple[str, bytes, bytes]:
    """Set a message aside of which the consumer can tell this department."""
    producer: Any = MemoryProducer()
    message = Message(topic, 0, 7, b"k" * 64, b"jane roe", 1_700_000_000_000, ())
    quarantine = KafkaQuarantine(producer, registry, "index", lambda _: told)
    quarantine.put(message, Rejected("decoder_crash", "why"))
    said: tuple[str, bytes, bytes]
    (said,) = producer.said
    return said


def test_what_is_set_aside_names_its_place_and_holds_no_content(registry: SchemaRegistry) -> None:
    """R-25: a removal would not find a copy of a record that a consumer made."""
    topic, key, value = set_aside(registry, "records.v1", None)
    found = Decoder(registry, QUARANTINE_SUBJECT).decode(value)
    assert (topic, key) == (TOPIC, b"records.v1/0/7")
    assert (found["reason"], found["key"], found["value"]) == ("decoder_crash", b"k" * 64, None)
    assert b"jane" not in value


@pytest.mark.parametrize(
    ("topic", "told", "department"),
    [
        ("records.v1", "millbrook-pd", "millbrook-pd"),
        ("records.v1", None, None),
        ("ingest.harbor-city-pd.v1", None, "harbor-city-pd"),
        ("ingest.harbor-city-pd.v1", "millbrook-pd", "harbor-city-pd"),
    ],
)
def test_a_department_is_named_where_it_is_certain(
    registry: SchemaRegistry, topic: str, told: str | None, department: str | None
) -> None:
    """R-44: a department's topic says who spoke; elsewhere it is what intake wrote."""
    labels = {"department": department or "", "reason": "decoder_crash"}
    before = sample("recordbus_quarantine_records_total", **labels) or 0.0
    _, _, value = set_aside(registry, topic, told)
    assert Decoder(registry, QUARANTINE_SUBJECT).decode(value)["department"] == department
    assert sample("recordbus_quarantine_records_total", **labels) == before + 1
