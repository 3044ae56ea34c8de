"""What intake writes to `records.v1`: a record in full, or the marker of a removal (pure).

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
from recordbus.avro.writer import PlainWriter
from recordbus.kafka.wire import frame
from streams.intake.decode import Decoded

BODY: Final = "body"
NO_CONTACT: Final[Mapping[str, str | None]] = {"unit": "", "phone": None, "email": None}


class RecordWriter:
    """Writes values of `records.v1` with one registered schema.

    `change_schema` is the schema of the messages whose bodies are passed on.
    """

    def __init__(self, schema_id: int, schema: Any, change_schema: Any) -> None:
        node = build(schema)
        before, after = split_at(node, BODY)
        self._header = frame(schema_id, b"")
        self._whole, self._before, self._after = map(PlainWriter, (node, before, after))
        self._passes_bodies = _ends_with_same_body(build(change_schema), node)

    def write(self, value: Mapping[str, Any], decoded: Decoded) -> bytes:
        """Give the framed bytes of a record whose body came in `decoded`."""
        if not (decoded.is_plain and self._passes_bodies):
            return self._header + self._whole.write(value)
        before, after = self._before.write(value), self._after.write(value)
        return self._header + before + decoded.marked + after


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
    flags: list[str],
    normalised: Mapping[str, Any],
    relations: list[dict[str, Any]],
) -> dict[str, Any]:
    """Give the fields that only a live record fills."""
    return {
        "content_hash": content_hash,
        "occurred_at": change["occurred_at"],
        "contact": change["contact"],
        "disputes": change["disputes"],
        "reviews": change["reviews"],
        "flags": flags,
        "body": change["body"],
        "normalised": normalised,
        "relations": relations,
    }
