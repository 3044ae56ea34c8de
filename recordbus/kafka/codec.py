"""Encodes and decodes the Avro values of topics that the bus itself writes.

A schema is compiled once. What the compiled codec does not cover (maps, a reader's schema of
its own, bytes in an unusual form) goes through fastavro, with the same values. Bytes from
outside need the guarded decoder of the intake instead: this one trusts the writer not to be
hostile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, cast

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from recordbus.avro.reader import NotPlain, PlainReader, Wanted
from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.errors import Rejected
from recordbus.kafka.registry import SchemaRegistry
from recordbus.kafka.wire import HEADER_BYTES, frame, unframe
from schemas.catalog import READ_OPTIONS

Value = Mapping[str, Any]
_OPTIONS: Mapping[str, Any] = READ_OPTIONS


class Encoder:
    """Writes values of one subject with its latest schema, or with the version named."""

    def __init__(
        self, registry: SchemaRegistry, subject: str, *, schema_id: int | None = None
    ) -> None:
        self.subject = subject
        self.schema_id = registry.id_of(subject) if schema_id is None else schema_id
        self._header = frame(self.schema_id, b"")
        self._write = _writer(registry.schema_by_id(self.schema_id).parsed)

    def encode(self, value: Value) -> bytes:
        """Give the framed bytes of `value`.

        Raises Rejected `not_encodable`, without the offending content, when it does not fit.
        """
        try:
            return self._header + self._write(value)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise _misfit("not_encodable", self.subject, error) from None


class Decoder:
    """Reads values of one subject, whichever of its versions wrote them.

    Without a reader's schema a value comes as it was written, unions of several records as
    (full name, fields). Fields that `only` does not name may be absent, which saves time.
    """

    def __init__(
        self,
        registry: SchemaRegistry,
        subject: str,
        reader_schema: Any = None,
        *,
        only: Wanted | None = None,
    ) -> None:
        self.subject = subject
        self._only = only
        self._registry = registry
        self._reader_schema = reader_schema
        self._readers: dict[bytes, _Reader] = {}

    def decode(self, framed: bytes | None) -> dict[str, Any]:
        """Give the value of framed bytes as the reader's schema sees it.

        Raises Rejected `not_framed`, `unknown_schema`, `schema_not_for_topic`, `truncated`,
        `trailing_bytes` or `not_decodable`, and Retryable when the registry is needed and away.
        """
        header = b"" if framed is None else framed[:HEADER_BYTES]
        reader = self._readers.get(header)
        if reader is None:
            reader = self._readers[header] = self._reader(unframe(framed)[0])
        return reader.read(framed or b"")

    def _reader(self, schema_id: int) -> _Reader:
        schema = self._registry.schema_by_id(schema_id)
        if not self._registry.owns(self.subject, schema_id):
            raise Rejected(
                "schema_not_for_topic", f"schema {schema_id} is not one of {self.subject}"
            )
        return _Reader(self.subject, schema.parsed, self._reader_schema, self._only)


class _Reader:
    """Reads what one version of a subject's schema wrote."""

    def __init__(self, subject: str, writer: Any, reader: Any, only: Wanted | None) -> None:
        self._subject = subject
        self._compiled = _compiled_reader(writer, only) if reader in (None, writer) else None
        self._writer = parse_schema(writer)
        self._reader = None if reader is None else parse_schema(reader)

    def read(self, framed: bytes) -> dict[str, Any]:
        if self._compiled is not None:
            try:
                return cast(dict[str, Any], self._compiled.read(framed, HEADER_BYTES)[0])
            except NotPlain:
                pass  # fastavro takes more forms, and says what is wrong
        return self._read_slowly(framed)

    def _read_slowly(self, framed: bytes) -> dict[str, Any]:
        buffer = BytesIO(framed)
        buffer.seek(HEADER_BYTES)
        try:
            value = schemaless_reader(buffer, self._writer, self._reader, **_OPTIONS)
        except EOFError:
            raise Rejected("truncated", f"a value of {self._subject} ends too early") from None
        except Exception as error:  # noqa: BLE001 - fastavro raises whatever its C code meets
            raise _misfit("not_decodable", self._subject, error) from None
        if buffer.read(1):
            raise Rejected("trailing_bytes", f"bytes are left after a value of {self._subject}")
        return cast(dict[str, Any], value)


def _compiled_reader(schema: Any, only: Wanted | None) -> PlainReader | None:
    try:
        return PlainReader(build(schema), only=only)
    except (NotPlain, Rejected):
        return None


def _writer(schema: Any) -> Callable[[Value], bytes]:
    try:
        return PlainWriter(build(schema)).write
    except (NotPlain, Rejected):
        parsed = parse_schema(schema)

    def write(value: Value) -> bytes:
        buffer = BytesIO()
        schemaless_writer(buffer, parsed, cast(dict[str, Any], value))
        return buffer.getvalue()

    return write


def _misfit(reason: str, subject: str, error: Exception) -> Rejected:
    # The text of the original error quotes the value, which may be personal data.
    return Rejected(reason, f"{type(error).__name__} with the schema of {subject}")
