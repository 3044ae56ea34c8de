"""Reading `verdicts.v1`: what a message is about, and what it says.

A list is read in two steps: whose it is and of which version, and what it says of pairs; the second
only where somebody asks. The one I/O is the schema look-up of a message that another version of the
schema wrote. Invariant: a message says something about what its key names, and nothing else.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from recordbus.avro.reader import NotPlain, PlainReader
from recordbus.avro.shapes import field_node, split_at
from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.errors import Rejected
from recordbus.kafka.wire import HEADER_BYTES, frame
from schemas import catalog
from streams.identify.members import Known, known_of
from streams.intake.decode import GuardedDecoder
from streams.resolution.evidence import Evidence
from streams.resolution.judgements import Pair

VERDICTS: Final = "verdicts.v1"
SAYS_EVIDENCE: Final = "RecordEvidence"
SAYS_REMOVED: Final = "EvidenceRemoved"
SAYS_DEFAULT: Final = "DefaultValue"
SAYS_JUDGEMENT: Final = "Judgement"
SAYS_TIME: Final = "Tick"

_LIST_KEY: Final = re.compile(rb"([0-9a-f]{64})/([0-9]+)")
_TICK_KEY: Final = re.compile(rb"tick/[0-9]+")
_RECORD_KEY: Final = 64
_START: Final = 16
"""Hex digits by which an index knows a record: 64 bits."""
_NAMED: Final = re.compile(rb"[\x01\x02]([0-9a-f]{16})[0-9a-f]{48}")  # after 64 to 191 as length
_SHARED: Final = re.compile(rb":([A-Za-z0-9_-]{11})")
_REMEMBERED: Final = 3 << 12
_BRANCH_AT: Final = HEADER_BYTES
_CONTENT_AT: Final = HEADER_BYTES + 1

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


def record_of(mention_id: str) -> str:
    """Give the key of a mention's record."""
    return mention_id[:_RECORD_KEY]


class Compared(NamedTuple):
    """A pair of mentions of two records, with its evidence; the version is that of the other."""

    ends: Pair
    other: str
    other_version: int
    kind: str
    evidence: Evidence


class Court(NamedTuple):
    """A court's decision and a record that it may reach by a matter that both name (R-26)."""

    arrest_key: str
    arrest_version: int
    matter_local_id: str
    court_key: str
    court_version: int
    outcome: str
    people: tuple[str, ...]

    @property
    def sides(self) -> tuple[str, str]:
        """Give the keys of both records, which may be one."""
        return self.arrest_key, self.court_key


class Evidenced(NamedTuple):
    """What one meeting partition has on one version of a record.

    `members` are its mentions by id, None but from its home meeting partition; `pairs_with` has the
    pairs by the other record.
    """

    members: Mapping[str, Known] | None
    pairs: list[Compared]
    courts: list[Court]
    pairs_with: Mapping[str, list[Compared]]


class Told(NamedTuple):
    """What a message about a record says of it; `value` is None once its list was removed."""

    record_key: str
    meeting_partition: int
    version: int
    home_partition: int
    parts: tuple[int, ...]
    value: bytes | None
    reason: str | None


class EntryReader:
    """Reads values of `verdicts.v1`, from the log or as the state keeps them.

    What lists say is remembered for a while: a record is mostly looked at when its neighbours
    change, and that is soon after it came or not for long.
    """

    def __init__(self, schema_id: int, decoder: GuardedDecoder) -> None:
        """`schema_id` is that of the schema which writes as ours does."""
        entry = build(catalog.avro_schema("recordbus.v1.VerdictsEntry"))
        branches = field_node(entry, "content").branches
        self._header = frame(schema_id, b"")
        self._decoder = decoder
        self._writer = PlainWriter(entry, complete=True)
        self._names = {2 * n: each.name.rpartition(".")[2] for n, each in enumerate(branches)}
        self._readers = {
            2 * n: PlainReader(each, as_tuples=True) for n, each in enumerate(branches)
        }
        self._list = PlainReader(branches[0], as_tuples=True)
        self._head = PlainReader(split_at(branches[0], "members")[0], as_tuples=True)
        self._remembered: OrderedDict[bytes, Evidenced] = OrderedDict()

    def canonical(self, message: bytes) -> bytes:
        """Give a message as it would be written today; raises Rejected."""
        if message.startswith(self._header):
            return message
        return self._header + self._writer.write(self._decoder.decode(VERDICTS, message).value)

    def name(self, value: bytes) -> str:
        """Give the short name of what a canonical value says; raises Rejected when of nothing."""
        name = self._names.get(value[_BRANCH_AT]) if len(value) > _BRANCH_AT else None
        if name is None:
            raise Rejected("not_decodable", "it is no entry of verdicts.v1")
        return name

    def fields(self, key: bytes, value: bytes) -> tuple[Any, ...]:
        """Give the fields of a value, a judgement or a tick, in the order of its schema.

        Raises Rejected when it cannot be read, or when the key names something else.
        """
        name = self.name(value)
        fields = _read(self._readers[value[_BRANCH_AT]], value)
        is_its = _TICK_KEY.fullmatch(key) if name == SAYS_TIME else key == _key_of(name, fields)
        if not is_its:
            raise _misnamed()
        return fields

    def told(self, key: bytes, value: bytes) -> Told:
        """Give what a list or its removal says of its record; raises Rejected as `fields` does."""
        about = _LIST_KEY.fullmatch(key)
        branch = value[_BRANCH_AT]
        try:
            if branch == 0:
                head = self._head.read_first(value, _CONTENT_AT)[0]
                record_key, version, home, parts = head
                said, reason = value, None
            else:
                record_key, version, home, parts, reason = _read(self._readers[branch], value)
                said = None
        except NotPlain:
            raise _unreadable() from None
        if about is None or about[1] != record_key.encode():
            raise _misnamed()
        return Told(record_key, int(about[2]), version, home, _shortest(parts), said, reason)

    def evidence(self, value: bytes) -> Evidenced:
        """Give what a list says of pairs, mentions and courts; raises Rejected."""
        found = self._remembered.get(value)
        if found is not None:
            self._remembered.move_to_end(value)
            return found
        found = self._remembered[value] = _evidence_of(_read(self._list, value))
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return found


class Mentioned(NamedTuple):
    """What the keys of the records begin with that a list names, its own among them.

    And the digests of shared values.
    """

    records: set[bytes]
    digests: set[bytes]


def mentioned(value: bytes) -> Mentioned:
    """Give which records and values a list may name, without reading it.

    Keys of records and digests of values stand in its bytes as they are; what only looks like one
    costs whoever asks a look in vain. So a start reads no list in full.
    """
    return Mentioned(set(_NAMED.findall(value)), set(_SHARED.findall(value)))


def start_of(record_key: str) -> bytes:
    """Give what a record's key begins with, as `mentioned` finds it."""
    return record_key[:_START].encode()


def digest_in(value_text: str) -> bytes:
    """Give the digest in the text of a value, as `mentioned` finds it."""
    return value_text.partition(":")[2].encode()


def _shortest(parts: list[int]) -> tuple[int, ...]:
    return (0,) if parts == [0] else tuple(parts)


def _read(reader: PlainReader, value: bytes) -> tuple[Any, ...]:
    try:
        found: tuple[Any, ...] = reader.read(value, _CONTENT_AT)[0]
    except NotPlain:
        raise _unreadable() from None
    return found


def _unreadable() -> Rejected:
    return Rejected("not_decodable", "it is no entry of verdicts.v1")


def _misnamed() -> Rejected:
    return Rejected("key_mismatch", "the key is not that of what is said")


def _key_of(name: str, fields: tuple[Any, ...]) -> bytes:
    """Give the key of a value or a judgement; empty for what has many."""
    if name == SAYS_DEFAULT:
        return f"value/{fields[0]}".encode()
    if name == SAYS_JUDGEMENT and fields[0] < fields[1]:
        return f"judgement/{fields[0]}~{fields[1]}".encode()
    return b""


def _evidence_of(fields: tuple[Any, ...]) -> Evidenced:
    key, _, _, _, members, pairs, courts = fields
    prefix = f"{key}."
    compared = _compared(prefix, pairs)
    pairs_with: dict[str, list[Compared]] = {}
    for each in compared:
        pairs_with.setdefault(each.other, []).append(each)
    return Evidenced(
        None if members is None else {prefix + each[0]: known_of(each) for each in members},
        compared,
        [_make(Court, (*each[:-1], tuple(each[-1]))) for each in courts],
        pairs_with,
    )


def _compared(prefix: str, pairs: Iterable[tuple[Any, ...]]) -> list[Compared]:
    """Give pairs; their levels stay the bytes they are: numbers in order, and quick to compare."""
    found = list[Compared]()
    for local_id, other, version, kind, levels, frequencies, shared in pairs:
        own = prefix + local_id
        ends = (own, other) if own < other else (other, own)
        evidence = _make(Evidence, (levels, tuple(frequencies), tuple(shared)))
        found.append(_make(Compared, (ends, other[:_RECORD_KEY], version, kind, evidence)))
    return found
