"""What intake writes, as bytes: records in full, markers of removals, other stages' entries (pure).

The body of a canonical message goes out as the bytes it came in, between the fields before it and
those after it; a property test holds that equal to encoding the whole value. A marker has no
content at all: no body, contact, times of the event, disputes or reviews.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from recordbus.avro.shapes import field_node, same_bytes, split_at
from recordbus.avro.tree import Node, build
from recordbus.avro.writer import PlainWriter, varint
from recordbus.kafka.wire import frame
from schemas import catalog
from schemas.catalog import NAMESPACE
from streams.intake.decode import Decoded

BODY: Final = "body"
RELATIONS_FIELD: Final = "relations"
SAYS_RELATIONS: Final = "RecordRelations"
NO_CONTACT: Final[Mapping[str, str | None]] = {"unit": "", "phone": None, "email": None}


def is_of_this_release(node: Node) -> bool:
    """Say whether a registered type is the one of this release, all of whose fields are written.

    A later one has fields that are not; they have defaults.
    """
    return same_bytes(node, build(catalog.avro_schema(node.name)))


class RecordWriter:
    """Writes values of `records.v1` with one registered schema.

    `change_schema` is the schema of the messages whose bodies are passed on.
    """

    def __init__(self, schema_id: int, schema: Any, change_schema: Any) -> None:
        node = build(schema)
        before, after = split_at(node, BODY)
        between, rest = split_at(after, RELATIONS_FIELD)
        self._header = frame(schema_id, b"")
        full = is_of_this_release(node)
        self._whole, self._before = PlainWriter(node), PlainWriter(before, complete=full)
        self._between = PlainWriter(between, complete=full)
        self._rest = PlainWriter(rest, complete=full)
        self.relations_node = field_node(node, RELATIONS_FIELD)
        self._relations = PlainWriter(self.relations_node, complete=True)
        self._passes_bodies = _ends_with_same_body(build(change_schema), node)

    def relations(self, value: Mapping[str, Any]) -> bytes:
        """Give the bytes of a record's relations, which are those of its offer too."""
        return self._relations.write(value[RELATIONS_FIELD])

    def write(self, value: Mapping[str, Any], decoded: Decoded, relations: bytes) -> bytes:
        """Give the framed bytes of a record whose body came in `decoded`."""
        if not (decoded.is_plain and self._passes_bodies):
            return self._header + self._whole.write(value)
        parts = [self._header]
        self._before.add(value, parts)
        parts.append(decoded.marked)
        self._between.add(value, parts)
        parts.append(relations)
        self._rest.add(value, parts)
        return b"".join(parts)


class EntryWriter:
    """Writes values of a table whose `content` is one of several records of `recordbus.v1`."""

    def __init__(self, schema_id: int, schema: Any) -> None:
        entry = build(schema)
        self._header = frame(schema_id, b"")
        self._whole = PlainWriter(entry, complete=is_of_this_release(entry))

    def write(self, name: str, said: Mapping[str, Any]) -> bytes:
        """Give the framed bytes of an entry; `name` is the content's short type name."""
        parts = [self._header]
        self._whole.add({"content": (f"{NAMESPACE}.{name}", said)}, parts)
        return b"".join(parts)


class ValueWriter:
    """Writes values of a topic whose type is one record."""

    def __init__(self, schema_id: int, schema: Any) -> None:
        node = build(schema)
        self._header = frame(schema_id, b"")
        self._whole = PlainWriter(node, complete=is_of_this_release(node))

    def write(self, value: Mapping[str, Any]) -> bytes:
        """Give the framed bytes of a value."""
        return self._header + self._whole.write(value)


class RelationsWriter(EntryWriter):
    """Writes values of `relations.v1`, with relations that were written for `records.v1`."""

    def __init__(self, schema_id: int, schema: Any, relations_node: Node) -> None:
        super().__init__(schema_id, schema)
        entry = build(schema)
        branches = field_node(entry, "content").branches
        at = [branch.name for branch in branches].index(f"{NAMESPACE}.{SAYS_RELATIONS}")
        before, after = split_at(branches[at], RELATIONS_FIELD)
        self._opening = frame(schema_id, varint(2 * at))
        full = is_of_this_release(entry)
        self._before = PlainWriter(before, complete=full)
        self._after = PlainWriter(after, complete=full)
        same = same_bytes(field_node(branches[at], RELATIONS_FIELD), relations_node)
        self._splices = same and len(entry.fields) == 1

    def relations(self, said: Mapping[str, Any], relations: bytes) -> bytes:
        """Give the framed bytes of a `RecordRelations` whose relations are written already."""
        if not self._splices:
            return self.write(SAYS_RELATIONS, said)
        parts = [self._opening]
        self._before.add(said, parts)
        parts.append(relations)
        self._after.add(said, parts)
        return b"".join(parts)


def _ends_with_same_body(change: Node, record: Node) -> bool:
    """Say whether a change's bytes end with a body that is written as a record's body is."""
    is_last = change.fields[-1].name == BODY
    return is_last and same_bytes(change.fields[-1].node, field_node(record, BODY))


def head(
    change: Mapping[str, Any], department: str, version: int, published_at: datetime
) -> dict[str, Any]:
    """Give the fields that a record and a marker have in common; those of a marker are final."""
    return {
        "record_key": change["record_key"],
        "record_kind": change["record_kind"],
        "department": department,
        "owner_ori": change["owner_ori"],
        "version": version,
        "source_seq": change["source_seq"],
        "status": change["status"],
        "status_reason": change["status_reason"],
        "content_hash": None,
        "published_at": published_at,
        "recorded_at": change["recorded_at"],
        "first_recorded_on": None,
        "occurred_at": None,
        "dissemination_level": change["dissemination_level"],
        "contact": NO_CONTACT,
        "disputes": (),
        "reviews": (),
        "flags": (),
        "body": None,
        "normalised": None,
        "relations": (),
    }


def content(
    change: Mapping[str, Any],
    content_hash: str,
    first_recorded_on: str,
    flags: list[str],
    normalised: Mapping[str, Any],
    relations: list[dict[str, Any]],
) -> dict[str, Any]:
    """Give the fields that only a live record fills."""
    return {
        "content_hash": content_hash,
        "first_recorded_on": first_recorded_on,
        "occurred_at": change["occurred_at"],
        "contact": change["contact"],
        "disputes": change["disputes"],
        "reviews": change["reviews"],
        "flags": flags,
        "body": change["body"],
        "normalised": normalised,
        "relations": relations,
    }
