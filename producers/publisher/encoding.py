"""Encodes changes for one department's topic, with this version's own schema.

The schema is the one that this version of recordbus was written for, found among those of the
topic's subject: so an older publisher goes on writing what it knows after a newer schema was
registered, and its event ids stay those of the bytes it writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from recordbus.avro.shapes import field_node, split_at
from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.errors import Misconfigured, Rejected
from recordbus.kafka.wire import frame
from schemas import catalog

_BODY = "body"
_CHANGE = f"{catalog.NAMESPACE}.RecordChange"


class RegisteredSchema(Protocol):
    """A version of a subject."""

    @property
    def id(self) -> int:
        """Its id in the registry."""

    @property
    def parsed(self) -> Any:
        """The schema, self-contained."""


class Registry(Protocol):
    """The part of a schema registry that an encoder needs."""

    def texts_of(self, subject: str) -> Sequence[RegisteredSchema]:
        """Give every version of a subject, oldest first."""


class ChangeEncoder:
    """Writes framed Avro; values must be complete, which `checked_value` sees to."""

    def __init__(self, registry: Registry, topic: str) -> None:
        own = build(catalog.avro_schema(_CHANGE))
        versions = registry.texts_of(f"{topic}-value")
        ids = [version.id for version in versions if build(version.parsed) == own]
        if not ids:
            raise Misconfigured(
                f"none of the {len(versions)} schemas registered for {topic} is the one that "
                "this version of recordbus writes",
                hint="register the schemas of this version: recordbus schemas register",
            )
        self.schema_id = ids[-1]
        head, after = split_at(own, _BODY)
        assert not after.fields, "a change ends with its body"
        self._head = PlainWriter(head, complete=True).write
        self._body = PlainWriter(field_node(own, _BODY), complete=True).write
        self._header = frame(self.schema_id, b"")

    def body(self, body: Mapping[str, Any] | None) -> bytes:
        """Give the bytes of a body; Rejected `invalid_record` when it does not fit the schema."""
        try:
            return self._body(body)
        except Rejected as error:
            raise Rejected("invalid_record", f"body: {error.detail}") from None

    def encode(self, change: Mapping[str, Any], body: bytes) -> bytes:
        """Give the message of a change whose body was encoded before; Rejected as `body`."""
        try:
            return self._header + self._head(change) + body
        except Rejected as error:
            raise Rejected(
                "invalid_record", f"record {change['record_key']}: {error.detail}"
            ) from None
