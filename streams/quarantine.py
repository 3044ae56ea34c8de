"""Writes what was set aside as `recordbus.v1.Quarantined`, for the operators' topic."""

from __future__ import annotations

from recordbus.departments import Departments
from recordbus.kafka.codec import Encoder
from recordbus.kafka.registry import SchemaRegistry
from streams.runtime.effects import Quarantined

TOPIC = "quarantine.v1"


class QuarantineEncoder:
    """Encodes set-aside inputs; the schema is looked up once, before any input is read."""

    def __init__(self, registry: SchemaRegistry, departments: Departments) -> None:
        """Raises Retryable while the registry is away."""
        self._encoder = Encoder(registry, f"{TOPIC}-value")
        self._departments = departments

    def __call__(self, aside: Quarantined) -> bytes:
        """Give the framed bytes of one set-aside input."""
        return self._encoder.encode(
            {
                "reason": aside.reason,
                "detail": aside.detail,
                "stage": aside.stage,
                "department": self.department_of(aside.topic) or None,
                "source_topic": aside.topic,
                "source_partition": aside.partition,
                "source_offset": aside.offset,
                "source_timestamp": aside.timestamp_ms * 1000,
                "key": aside.key,
                "value": aside.value,
            }
        )

    def department_of(self, topic: str) -> str:
        """Name the department whose topic this is; empty for a topic of the bus."""
        department = self._departments.by_topic(topic)
        return department.name if department is not None else ""
