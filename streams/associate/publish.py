"""What associate writes: association updates, identities, and their markers (pure).

Most bytes of a record's messages are the same: whom it is about, where it stands, when it ends.
They are written once and put together. Invariant: that gives the bytes of the schema, whose fields
stand in the order that is named here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from recordbus import ids
from recordbus.avro.shapes import field_node, parted
from recordbus.avro.tree import Node, build
from recordbus.avro.writer import PlainWriter, text, varint, zigzag
from recordbus.kafka.wire import frame
from streams.associate.sides import Dispute, Known, Reaching, Relation, Relations

_UPDATE: Final = (
    ("association_id",), ("record_key", "version"), ("sequence",), ("status",), ("reason",),
    ("association",),
)  # fmt: skip
_ASSOCIATION: Final = (
    ("type", "from_mention_id", "to_mention_id", "from_kind", "to_kind", "from_entity_id",
     "to_entity_id"),
    ("from_category", "to_category", "basis", "contact_basis", "evidence_kind", "grade"),
    ("source",), ("first_date", "last_date"), ("expires_at", "juvenile"),
    ("dissemination_level", "contact"), ("disputes",), ("dispositions",), ("verdicts",),
    ("derived_inputs",),
)  # fmt: skip
_IDENTITY: Final = (
    ("mention_id",), ("record_key", "version"), ("kind",), ("entity_id",),
    ("previous_entity_id",), ("verdicts",), ("reason",),
)  # fmt: skip
_NOTHING: Final = b"\0"
"""An empty array, or what is null."""
_DIGEST_BYTES: Final = 12
_REMEMBERED: Final = 4096


class Source(NamedTuple):
    """The record, and the version of it, that makes a message; `written` is both as bytes."""

    record_key: str
    version: int
    written: bytes


def source_of(record_key: str, version: int) -> Source:
    """Give the source of what is said of a record."""
    return Source(record_key, version, text(record_key) + zigzag(version))


class _Parts(NamedTuple):
    """Writes the parts of an association that are more than a text."""

    kinds: Mapping[str | None, bytes]
    says: Callable[[Any], bytes]
    source: Callable[[Any], bytes]
    dates: Callable[[Any], bytes]
    clock: Callable[[Any], bytes]
    shared: Callable[[Any], bytes]
    disputes: Callable[[Any], bytes]
    dispositions: Callable[[Any], bytes]
    verdicts: Callable[[Any], bytes]
    derived: Callable[[Any], bytes]


class UpdateWriter:
    """Writes association updates with one registered schema.

    It may have an id of its own for designations, which go to a topic of their own (R-13).
    """

    def __init__(self, schema_id: int, designations_id: int, schema: Any) -> None:
        node = build(schema)
        *_, status, reason, nullable = parted(node, *_UPDATE)
        place = _branch_of(field_node(nullable, "association"))
        self._headers = (frame(schema_id, b""), frame(designations_id, b""))
        self._statuses = _choices(field_node(status, "status"))
        self._reasons = _choices(field_node(reason, "reason"))
        self._present, association = varint(2 * place[0]), place[1]
        self._parts = _parts(association)

    def contents(self, record: Relations, entities: Mapping[str, Known]) -> Contents:
        """Give what writes the contents of a record's associations."""
        return Contents(self._parts, record, entities)

    def write(
        self, source: Source, name: str, sequence: int, status: str, reason: str | None,
        content: bytes | None, *, sensitive: bool,
    ) -> bytes:  # fmt: skip
        """Give the framed bytes of an update with this content, or with none."""
        association = _NOTHING if content is None else self._present + content
        return b"".join((
            self._headers[sensitive], text(name), source.written, zigzag(sequence),
            self._statuses[status], self._reasons[reason], association,
        ))  # fmt: skip


_End = tuple[bytes, bytes, bytes, tuple[str, ...]]
"""A mention, its kind and its entity as bytes, and the verdicts that it stands on."""


class Contents:
    """Writes the contents of one record's associations."""

    def __init__(self, parts: _Parts, record: Relations, entities: Mapping[str, Known]) -> None:
        key = record.record_key
        self._parts, self._record_key, self._known = parts, key, entities
        self._ends: dict[str, _End] = {}
        self._source = parts.source(
            ((key, record.record_kind, record.department, record.owner_ori, record.version,
              record.content_hash),)
        )  # fmt: skip
        self._shared = parts.shared((record.dissemination_level, record.contact))

    def of(
        self, relation: Relation, expires_at: int | None, juvenile: bool,
        disputes: Sequence[Dispute], reached: Sequence[Reaching],
    ) -> bytes:  # fmt: skip
        """Give the bytes of an association, which its updates contain as they are."""
        parts, ends = self._parts, self._ends
        start, end = relation.from_local_id, relation.to_local_id
        from_mention, from_kind, from_entity, from_verdicts = ends.get(start) or self._end(start)
        to_mention, to_kind, to_entity, to_verdicts = ends.get(end) or self._end(end)
        verdicts = {*from_verdicts, *to_verdicts}
        inputs = relation.derived_inputs
        return b"".join((
            text(relation.type), from_mention, to_mention, from_kind, to_kind,
            from_entity, to_entity,
            parts.says(
                (relation.from_category, relation.to_category, relation.basis,
                 relation.contact_basis, relation.evidence_kind, relation.grade)
            ),
            self._source,
            parts.dates((relation.first_date, relation.last_date)),
            parts.clock((expires_at, juvenile)),
            self._shared,
            parts.disputes(([each[:4] for each in disputes],)) if disputes else _NOTHING,
            parts.dispositions(([each[1:4] for each in reached],)) if reached else _NOTHING,
            parts.verdicts((sorted(verdicts),)) if verdicts else _NOTHING,
            parts.derived((inputs,)) if inputs else _NOTHING,
        ))  # fmt: skip

    def _end(self, local_id: str) -> _End:
        """Give what associations say of a mention."""
        kind, entity_id, verdicts = self._known[local_id]
        mention = text(ids.mention_id(self._record_key, local_id))
        end = (mention, self._parts.kinds[kind], text(entity_id), verdicts)
        self._ends[local_id] = end
        return end


class IdentityWriter:
    """Writes identities with one registered schema."""

    def __init__(self, schema_id: int, schema: Any) -> None:
        _, _, kind, entity, _, verdicts, reason = parted(build(schema), *_IDENTITY)
        self._header = frame(schema_id, b"")
        self._kinds = _choices(field_node(kind, "kind"))
        self._present = varint(2 * _branch_of(field_node(entity, "entity_id"))[0])
        self._verdicts = PlainWriter(field_node(verdicts, "verdicts"))
        self._reasons = _choices(field_node(reason, "reason"))

    def write(
        self, source: Source, mention_id: str, known: Known, previous: str | None,
        reason: str | None,
    ) -> bytes:  # fmt: skip
        """Give the framed bytes of an identity; with a reason, of the marker of one that is gone.

        `previous` is the entity that the mention belonged to before, when that was another.
        """
        is_gone = reason is not None
        verdicts = () if is_gone else known.verdicts
        return b"".join((
            self._header, text(mention_id), source.written, self._kinds[known.kind],
            _NOTHING if is_gone else self._present + text(known.entity_id),
            _NOTHING if previous is None else self._present + text(previous),
            self._verdicts.write(verdicts) if verdicts else _NOTHING,
            self._reasons[reason],
        ))  # fmt: skip


def digest(content: bytes) -> bytes:
    """Give what tells one content of an association from another."""
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _parts(association: Node) -> _Parts:
    ends, says, source, dates, clock, shared, *rest = parted(association, *_ASSOCIATION)
    kinds = _choices(field_node(ends, "from_kind"))
    often = (_often(says), _plain(source), _often(dates), _often(clock), _often(shared))
    return _Parts(kinds, *often, *map(_plain, rest))


def _plain(part: Node) -> Callable[[Any], bytes]:
    return PlainWriter(part, of_tuples=True).write


def _often(part: Node) -> Callable[[Hashable], bytes]:
    """Give what writes a part that is mostly one of those that were written lately."""
    return lru_cache(maxsize=_REMEMBERED)(_plain(part))


def _choices(node: Node) -> dict[str | None, bytes]:
    """Give how each symbol of an enum is written, and null where it may be null."""
    writer = PlainWriter(node)
    symbols: list[str | None] = [each for branch in _branches(node) for each in branch.symbols]
    symbols += [None for branch in _branches(node) if branch.kind == "null"]
    return {each: writer.write(each) for each in symbols}


def _branches(node: Node) -> Sequence[Node]:
    return node.branches or (node,)


def _branch_of(nullable: Node) -> tuple[int, Node]:
    """Give the branch of a nullable type that is not null, and its place; null is the first."""
    null, branch = nullable.branches
    assert null.kind == "null", "what is nullable names null first"
    return 1, branch
