"""Reading `meetings.v1`, from the log or as the state keeps it.

A bundle is read in two steps: what lets its mentions meet, which an index is made of, and the
mentions, which only those need whom it meets. The one I/O is the schema look-up of a message that
another version of the schema wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Protocol

from recordbus.avro.reader import NotPlain, PlainReader
from recordbus.avro.shapes import field_node, split_at
from recordbus.avro.tree import Node, build
from recordbus.avro.writer import PlainWriter
from recordbus.errors import Rejected
from recordbus.kafka.wire import HEADER_BYTES, frame
from schemas import catalog
from schemas.types import DispositionOutcome, MentionKind, RetractionReason
from streams.meet.digests import keys_in
from streams.meet.mentions import Said, organisation_of, person_of, vehicle_of
from streams.resolution.mentions import Mention

MEETINGS: Final = "meetings.v1"
_CONTENT_AT: Final = HEADER_BYTES + 1

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Decision(NamedTuple):
    """What a court decided, and the local ids of the people it is about."""

    outcome: DispositionOutcome
    people: list[str]


class Member(NamedTuple):
    """What lets a mention meet others here: packed keys and values, and its holder's digest."""

    keys: tuple[bytes, ...]
    values: tuple[bytes, ...]
    holder: bytes


class Head(NamedTuple):
    """A bundle without its mentions; `matters` are pairs of a local id and a packed key.

    `value` is the whole message and `mentions_at` the place where its mentions begin.
    """

    record_key: str
    version: int
    home_partition: int
    parts: list[int]
    is_home: bool
    recorded_at: int
    reached_by_courts: bool
    decision: Decision | None
    matters: list[tuple[str, bytes]]
    members: list[Member]
    value: bytes
    mentions_at: int


class Removed(NamedTuple):
    """A removal: its record has nothing here any more."""

    record_key: str
    version: int
    home_partition: int
    parts: list[int]
    reason: RetractionReason | None


Other = tuple[str, MentionKind, int | None]
"""Local id, kind and age of a mention that is nobody else's."""


class Decoder(Protocol):
    """What is asked of a guarded decoder, for messages in another version of the schema."""

    def decode(self, topic: str, message: bytes) -> Any:
        """Give a decoded message; raises Rejected for one that cannot be believed."""


class EntryReader:
    """Reads entries that were written with one registered schema, or rewrites them so."""

    def __init__(self, schema_id: int, decoder: Decoder) -> None:
        entry = build(catalog.avro_schema("recordbus.v1.MeetingEntry"))
        bundle, removed = field_node(entry, "content").branches
        origin, head, rest = _parted(bundle)
        self._header = frame(schema_id, b"")
        self._decoder = decoder
        self._whole = PlainWriter(entry, complete=True)
        self._origin = PlainReader(origin, as_tuples=True)
        self._head = PlainReader(head, as_tuples=True)
        self._rest = PlainReader(rest, as_tuples=True)
        self._removed = PlainReader(removed, as_tuples=True)
        self._latest: tuple[Head | None, tuple[list[Said], ...]] = (None, ())

    def canonical(self, message: bytes) -> bytes:
        """Give a message as it would be written today; raises Rejected."""
        if message.startswith(self._header):
            return message
        value = self._decoder.decode(MEETINGS, message).value
        return self._header + self._whole.write(value)

    def read(self, message: bytes) -> Head | Removed:
        """Read a canonical message up to its mentions; raises Rejected for what is none."""
        try:
            if message[HEADER_BYTES] == 0:
                return self._read_head(message, _CONTENT_AT)
            return Removed(*self._removed.read(message, _CONTENT_AT)[0])
        except (NotPlain, IndexError):
            raise Rejected("not_decodable", "it is no entry of a meeting partition") from None

    def _read_head(self, message: bytes, at: int) -> Head:
        fields, mentions_at = self._head.read_first(message, at)
        decision, matters, members = fields[-3:]
        return _make(
            Head,
            (
                *fields[:-3],
                None if decision is None else Decision(*decision),
                matters,
                [
                    _make(Member, (keys_in(keys), keys_in(values), holder))
                    for keys, values, holder in members
                ],
                message,
                mentions_at,
            ),
        )

    def mentions(self, head: Head) -> tuple[Mention, ...]:
        """Give a bundle's mentions in the order of its members."""
        said = self._mentions(head)
        return _mentions_of(head.record_key, head.version, head.recorded_at, said)

    def mentions_in(self, message: bytes, mentions_at: int) -> tuple[Mention, ...]:
        """Give the mentions of a bundle that was read before, without what is between."""
        record_key, version, *_, at = self._origin.read_first(message, _CONTENT_AT)[0]
        return _mentions_of(record_key, version, at, self._read_rest(message, mentions_at))

    def others(self, head: Head) -> Iterator[Other]:
        """Give the mentions that are nobody else's."""
        found: Any = self._mentions(head)[3]
        yield from found

    def _mentions(self, head: Head) -> tuple[list[Said], ...]:
        """Read what stands behind a head, once when it is asked for twice in a row."""
        latest, found = self._latest
        if latest is not head:
            found = self._read_rest(head.value, head.mentions_at)
            self._latest = (head, found)
        return found

    def _read_rest(self, message: bytes, mentions_at: int) -> tuple[list[Said], ...]:
        try:
            found: tuple[list[Said], ...] = self._rest.read(message, mentions_at)[0]
        except NotPlain:
            raise Rejected("not_decodable", "its mentions cannot be read") from None
        return found


def _parted(bundle: Node) -> tuple[Node, Node, Node]:
    """Give of a bundle's type what says whose it is, that and all up to its members, the rest."""
    (origin, _), (head, _), (_, rest) = (
        split_at(bundle, name) for name in ("reached_by_courts", "people", "members")
    )
    return origin, head, rest


def _mentions_of(
    record_key: str, version: int, recorded_at: int, said: tuple[list[Said], ...]
) -> tuple[Mention, ...]:
    people, vehicles, organisations, _ = said
    prefix = f"{record_key}."
    found: list[Mention] = [person_of(prefix, version, recorded_at, each) for each in people]
    found += [vehicle_of(prefix, version, recorded_at, each) for each in vehicles]
    found += [organisation_of(prefix, version, recorded_at, each) for each in organisations]
    return tuple(found)
