"""Sets aside messages that a consumer cannot use, with the reason and where they stand.

Invariant: what was set aside is durable before the sink remembers having passed it, so a crash
can repeat a quarantine entry (same key, same content) but never lose one. The bytes are not kept
here: they stand in the log, under the same key, for as long as the record may; no removal would
find a second copy of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from recordbus.crashpoints import crashpoint
from recordbus.errors import Rejected
from recordbus.kafka.codec import Encoder
from recordbus.kafka.message import Message
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.metrics import QUARANTINE_RECORDS_TOTAL
from schemas import catalog

TOPIC = "quarantine.v1"
DepartmentOf = Callable[[Message], str | None]
"""Gives the department whose record a message of the bus's own topics is, or None."""


class Quarantine(Protocol):
    """Where unusable messages go."""

    def put(self, message: Message, error: Rejected) -> None:
        """Set one message aside; it is durable after the next `flush`."""

    def flush(self) -> None:
        """Wait until everything set aside is durable; raises Retryable when it cannot be."""

    def close(self) -> None:
        """Let the writer go."""


class KafkaQuarantine:
    """The operators' quarantine topic. `stage` names the consumer that sets messages aside."""

    def __init__(
        self,
        producer: IdempotentProducer,
        registry: SchemaRegistry,
        stage: str,
        department_of: DepartmentOf,
    ) -> None:
        """Raises Retryable while the registry is away."""
        self._producer = producer
        self._encoder = Encoder(registry, f"{TOPIC}-value")
        self._stage = stage
        self._department_of = department_of

    def put(self, message: Message, error: Rejected) -> None:
        """Set one message aside; it is durable after the next `flush`."""
        department = catalog.department_of_topic(message.topic) or self._department_of(message)
        place = f"{message.topic}/{message.partition}/{message.offset}"
        value = self._encoder.encode(
            {
                "reason": error.reason,
                "detail": error.detail,
                "stage": self._stage,
                "department": department,
                "source_topic": message.topic,
                "source_partition": message.partition,
                "source_offset": message.offset,
                "source_timestamp": message.timestamp_ms * 1000,
                "key": message.key,
                "value": None,
            }
        )
        self._producer.produce(TOPIC, place.encode(), value)
        QUARANTINE_RECORDS_TOTAL.labels(department=department or "", reason=error.reason).inc()

    def flush(self) -> None:
        """Wait until everything set aside is durable; raises Retryable when it cannot be."""
        self._producer.flush()
        crashpoint("sink.quarantined")

    def close(self) -> None:
        """Let the producer go."""
        self._producer.close()
