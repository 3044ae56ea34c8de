"""What a consumer sets aside: where it stands and why, and no second copy of its bytes."""

from __future__ import annotations

from typing import Any

from consumers.quarantine import TOPIC, KafkaQuarantine
from recordbus.errors import Rejected
from recordbus.kafka.codec import Decoder
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from schemas import catalog


class MemoryProducer:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes, bytes]] = []

    def produce(self, topic: str, key: bytes, value: bytes) -> None:
        self.said.append((topic, key, value))

    def flush(self) -> None:
        """Keep it for good."""


def test_what_is_set_aside_names_its_place_and_holds_no_content() -> None:
    """R-25: a removal would not find a copy of a record that a consumer made."""
    registry = SchemaRegistry("mock://quarantine-of-a-consumer")
    registry.register(f"{TOPIC}-value", catalog.self_contained_text("recordbus.v1.Quarantined"))
    producer: Any = MemoryProducer()
    message = Message("records.v1", 0, 7, b"k" * 64, b"jane roe", 1_700_000_000_000, ())
    KafkaQuarantine(producer, registry, "index").put(message, Rejected("decoder_crash", "why"))

    ((topic, key, value),) = producer.said
    found = Decoder(registry, f"{TOPIC}-value").decode(value)
    assert (topic, key) == (TOPIC, b"records.v1/0/7")
    assert (found["reason"], found["key"], found["value"]) == ("decoder_crash", b"k" * 64, None)
    assert b"jane" not in value
    registry.close()
