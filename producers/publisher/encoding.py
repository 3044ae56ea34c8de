"""Encodes changes for one department's topic, with the schema that its registry subject has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.errors import Rejected
from recordbus.kafka.wire import frame


class Registry(Protocol):
    """The part of a schema registry that an encoder needs."""

    def id_of(self, subject: str) -> int:
        """Give the id of a subject's latest schema."""

    def schema_by_id(self, schema_id: int) -> Any:
        """Give a schema; its `parsed` is self-contained."""


class ChangeEncoder:
    """Writes framed Avro, with the latest schema that the topic's subject has."""

    def __init__(self, registry: Registry, topic: str) -> None:
        self.schema_id = registry.id_of(f"{topic}-value")
        self._write = PlainWriter(build(registry.schema_by_id(self.schema_id).parsed)).write
        self._header = frame(self.schema_id, b"")

    def encode(self, change: Mapping[str, Any]) -> bytes:
        """Give the bytes of a change; Rejected `invalid_record` when it does not fit the schema."""
        try:
            return self._header + self._write(change)
        except Rejected as error:
            raise Rejected(
                "invalid_record", f"record {change['record_key']}: {error.detail}"
            ) from None
