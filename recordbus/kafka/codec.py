"""Encodes and decodes the Avro values of topics that the bus itself writes.

The schema is compiled once; a value costs one fastavro call. Bytes from outside need the
guarded decoder of the intake instead: this one trusts the writer not to be hostile.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, cast

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from recordbus.errors import Rejected
from recordbus.kafka.registry import SchemaRegistry
from recordbus.kafka.wire import HEADER_BYTES, frame, unframe


class Encoder:
    """Writes values of one subject with its latest schema, or with the version named."""

    def __init__(
        self, registry: SchemaRegistry, subject: str, *, schema_id: int | None = None
    ) -> None:
        self.subject = subject
        self.schema_id = registry.id_of(subject) if schema_id is None else schema_id
        self._schema = parse_schema(registry.schema_by_id(self.schema_id).parsed)
        self._header = frame(self.schema_id, b"")

    def encode(self, value: Mapping[str, Any]) -> bytes:
        """Give the framed bytes of `value`.

        Raises Rejected `not_encodable`, without the offending content, when it does not fit.
        """
        buffer = BytesIO()
        buffer.write(self._header)
        try:
            schemaless_writer(buffer, self._schema, cast(dict[str, Any], value))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise _misfit("not_encodable", self.subject, error) from None
        return buffer.getvalue()


class Decoder:
    """Reads values of one subject, whichever of its versions wrote them."""

    def __init__(self, registry: SchemaRegistry, subject: str, reader_schema: Any = None) -> None:
        self.subject = subject
        self._registry = registry
        self._reader = None if reader_schema is None else parse_schema(reader_schema)
        self._writers: dict[int, Any] = {}

    def decode(self, framed: bytes | None) -> dict[str, Any]:
        """Give the value of framed bytes as the reader's schema sees it.

        Raises Rejected `not_framed`, `unknown_schema`, `schema_not_for_topic`, `truncated`,
        `trailing_bytes` or `not_decodable`, and Retryable when the registry is needed and away.
        """
        schema_id, _ = unframe(framed)
        writer = self._writers.get(schema_id)
        if writer is None:
            writer = self._writer(schema_id)
        buffer = BytesIO(framed or b"")
        buffer.seek(HEADER_BYTES)
        value = self._read(buffer, writer)
        if buffer.read(1):
            raise Rejected("trailing_bytes", f"bytes are left after a value of {self.subject}")
        return value

    def _read(self, buffer: BytesIO, writer: Any) -> dict[str, Any]:
        try:
            return cast(dict[str, Any], schemaless_reader(buffer, writer, self._reader))
        except EOFError:
            raise Rejected("truncated", f"a value of {self.subject} ends too early") from None
        except Exception as error:  # noqa: BLE001 - fastavro raises whatever its C code meets
            raise _misfit("not_decodable", self.subject, error) from None

    def _writer(self, schema_id: int) -> Any:
        schema = self._registry.schema_by_id(schema_id)
        if not self._registry.owns(self.subject, schema_id):
            raise Rejected(
                "schema_not_for_topic", f"schema {schema_id} is not one of {self.subject}"
            )
        parsed = self._writers[schema_id] = parse_schema(schema.parsed)
        return parsed


def _misfit(reason: str, subject: str, error: Exception) -> Rejected:
    # The text of the original error quotes the value, which may be personal data.
    return Rejected(reason, f"{type(error).__name__} with the schema of {subject}")
