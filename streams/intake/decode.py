"""Guarded decoding of bytes that a department wrote: a value, or the exact reason why not.

Invariant: nothing of a message is believed before its schema is known to belong to its topic,
and its schema is not used before it is known to be safe to walk. The only I/O is the schema
look-up that is passed in; what it gave once is kept, for a schema id means one text for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final, NamedTuple, Protocol, cast

from fastavro import parse_schema, schemaless_reader

from recordbus.avro.reader import NotPlain, PlainReader
from recordbus.avro.shapes import same_bytes
from recordbus.avro.tree import Node, build
from recordbus.avro.walker import walk_with_bytes
from recordbus.errors import Rejected
from recordbus.kafka.wire import HEADER_BYTES, unframe
from schemas.limits import RECORD_BYTES

MAX_MESSAGE_BYTES: Final = RECORD_BYTES
_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class RegisteredSchema(Protocol):
    """A schema as the registry keeps it, self-contained."""

    @property
    def parsed(self) -> Any:
        """Give the schema as parsed JSON."""


class SchemaLookup(Protocol):
    """What decoding asks of a schema registry; raises Retryable while it cannot be reached."""

    def schema_by_id(self, schema_id: int) -> RegisteredSchema:
        """Give a schema; raises Rejected `unknown_schema` when there is none of that id."""

    def owns(self, subject: str, schema_id: int) -> bool:
        """Say whether a schema id is a version of a subject."""


class Decoded(NamedTuple):
    """A value in the reader's shape and in the writer's, and the marked field's bytes as written.

    `is_plain` says that the bytes are canonical and of the reader's own shape.
    """

    value: dict[str, Any]
    as_written: dict[str, Any]
    marked: bytes
    is_plain: bool


class _Writer(NamedTuple):
    node: Node
    reader: PlainReader | None
    is_current: bool
    parsed: Any


class GuardedDecoder:
    """Decodes the values of one kind of topic, whatever version of its schema wrote them.

    `current` is the reader's schema, parsed and self-contained; `mark` names the field of it
    whose bytes are wanted.
    """

    def __init__(self, schemas: SchemaLookup, current: Mapping[str, Any], mark: str) -> None:
        self._schemas = schemas
        self._current = build(current)
        self._reader_schema = parse_schema(dict(current))
        self._mark = mark
        self._writers: dict[int, _Writer | Rejected] = {}
        self._bound: set[tuple[str, int]] = set()

    def decode(self, topic: str, message: bytes) -> Decoded:
        """Give the value of a message; raises Rejected with a reason of `schemas/reasons.yaml`."""
        if len(message) > MAX_MESSAGE_BYTES:
            raise Rejected("too_large", f"{len(message)} bytes, {MAX_MESSAGE_BYTES} are allowed")
        schema_id, _ = unframe(message)
        if (topic, schema_id) not in self._bound:
            self._bind(topic, schema_id)
        writer = self._writers.get(schema_id) or self._load(schema_id)
        if isinstance(writer, Rejected):
            raise Rejected(writer.reason, writer.detail)
        return self._read(writer, message)

    def _bind(self, topic: str, schema_id: int) -> None:
        self._schemas.schema_by_id(schema_id)
        if not self._schemas.owns(f"{topic}-value", schema_id):
            raise Rejected("schema_not_for_topic", f"schema {schema_id} is not one of {topic}")
        self._bound.add((topic, schema_id))

    def _load(self, schema_id: int) -> _Writer | Rejected:
        parsed = self._schemas.schema_by_id(schema_id).parsed
        try:
            node = build(parsed)
            writer: _Writer | Rejected = self._compiled(node, parsed)
        except Rejected as refused:
            writer = refused
        self._writers[schema_id] = writer
        return writer

    def _compiled(self, node: Node, parsed: Any) -> _Writer:
        is_current = same_bytes(node, self._current)
        try:
            reader = (
                PlainReader(node, offset_of=self._mark, shares=True)
                if self._ends_marked(node)
                else None
            )
        except NotPlain:
            reader = None
        return _Writer(node, reader, is_current, None if is_current else parse_schema(parsed))

    def _ends_marked(self, node: Node) -> bool:
        """Say whether the marked field, if there is one, is the last: then its bytes end all."""
        return not self._mark or (node.kind == "record" and node.fields[-1].name == self._mark)

    def _read(self, writer: _Writer, message: bytes) -> Decoded:
        if writer.reader is not None:
            try:
                value, mark = writer.reader.read(message, HEADER_BYTES)
            except NotPlain:
                pass
            else:
                current = value if writer.is_current else self._resolve(writer, message)
                marked = message[mark:] if self._mark else b""
                return _make(Decoded, (current, value, marked, writer.is_current))
        value, marked = walk_with_bytes(writer.node, message, HEADER_BYTES, self._mark)
        current = value if writer.is_current else self._resolve(writer, message)
        return Decoded(current, value, marked, is_plain=False)

    def _resolve(self, writer: _Writer, message: bytes) -> dict[str, Any]:
        """Read checked bytes in the reader's shape: defaults filled in, unknown fields left out."""
        buffer = BytesIO(message)
        buffer.seek(HEADER_BYTES)
        try:
            value = schemaless_reader(
                buffer, writer.parsed, self._reader_schema,
                return_record_name=True, return_record_name_override=True,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - fastavro raises whatever its C code meets
            kind = type(error).__name__
            raise Rejected(
                "schema_refused", f"its schema does not resolve to ours ({kind})"
            ) from None
        return cast(dict[str, Any], value)
