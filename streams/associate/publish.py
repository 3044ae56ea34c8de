"""What associate writes: association updates, identities, and their markers (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from recordbus.avro.shapes import field_node, split_at
from recordbus.avro.tree import Node, build
from recordbus.avro.writer import PlainWriter, varint
from recordbus.kafka.wire import frame

ASSOCIATION: Final = "association"
_DIGEST_BYTES: Final = 12


class UpdateWriter:
    """Writes association updates with one registered schema.

    It may have an id of its own for designations, which go to a topic of their own (R-13).
    """

    def __init__(self, schema_id: int, designations_id: int, schema: Any) -> None:
        node = build(schema)
        before, after = split_at(node, ASSOCIATION)
        nullable = field_node(node, ASSOCIATION)
        self._headers = (frame(schema_id, b""), frame(designations_id, b""))
        self._before, self._after = PlainWriter(before), PlainWriter(after)
        self._content = PlainWriter(_branch(nullable, "record"))
        self._present = varint(2 * _place(nullable, "record"))
        self._absent = varint(2 * _place(nullable, "null"))

    def content(self, association: Mapping[str, Any]) -> bytes:
        """Give the bytes of an association, which its updates contain as they are."""
        return self._content.write(association)

    def write(self, update: Mapping[str, Any], content: bytes | None, *, sensitive: bool) -> bytes:
        """Give the framed bytes of an update with this content, or with none."""
        association = self._absent if content is None else self._present + content
        before, after = self._before.write(update), self._after.write(update)
        return self._headers[sensitive] + before + association + after


class IdentityWriter:
    """Writes identities with one registered schema."""

    def __init__(self, schema_id: int, schema: Any) -> None:
        self._header = frame(schema_id, b"")
        self._whole = PlainWriter(build(schema))

    def write(self, identity: Mapping[str, Any]) -> bytes:
        """Give the framed bytes of an identity."""
        return self._header + self._whole.write(identity)


def digest(content: bytes) -> bytes:
    """Give what tells one content of an association from another."""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _place(union: Node, kind: str) -> int:
    return [branch.kind for branch in union.branches].index(kind)


def _branch(union: Node, kind: str) -> Node:
    return union.branches[_place(union, kind)]
