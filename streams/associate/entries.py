"""Reading `relations.v1`: whose side of which record a message is, and what it says (pure).

Invariant: a message says something about the record that its key names, and nothing else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from recordbus.avro.reader import NotPlain, PlainReader
from recordbus.avro.shapes import field_node
from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.errors import Rejected
from recordbus.kafka.wire import HEADER_BYTES, frame
from schemas import catalog
from streams.associate.sides import SHAPES, Identities, Relations, Removed, Said, Tick
from streams.intake.decode import MAX_MESSAGE_BYTES, GuardedDecoder
from streams.runtime.contract import Input

RELATIONS: Final = "relations.v1"
TICK: Final = b"tick/"

_KEY: Final = re.compile(rb"([0-9a-f]{64})/(intake|identify)")
_TICK_KEY: Final = re.compile(rb"tick/[0-9]+")
_MAY_SAY: Final = {"intake": (Relations, Removed), "identify": (Identities, Removed)}
_BRANCH_AT: Final = HEADER_BYTES
_CONTENT_AT: Final = HEADER_BYTES + 1
_REMEMBERED: Final = 2048
_REMEMBERED_BYTES: Final = 8192
"""What is read of a message up to this size is remembered: both sides are looked at twice."""

Side = TypeVar("Side", Relations, Identities)


class Address(NamedTuple):
    """The record that a message is about, and the stage whose side of it this is."""

    record_key: str
    side: str


def state_key(message: Input) -> bytes:
    """Name the state that a message may change: its record's, the time's, or none (empty)."""
    key = message.key or b""
    found = _KEY.fullmatch(key)
    if found:
        return found[1]
    return key if _TICK_KEY.fullmatch(key) else b""


def address_of(message: Input) -> Address | None:
    """Give what a message is about, None for the time.

    Raises Rejected when its key is of another form.
    """
    key = message.key or b""
    found = _KEY.fullmatch(key)
    if found:
        return Address(found[1].decode(), found[2].decode())
    if _TICK_KEY.fullmatch(key):
        return None
    raise Rejected("key_mismatch", "the key is not that of one side of a record")


class EntryReader:
    """Reads values of `relations.v1`, from the log or as the state keeps them.

    What the last messages said is remembered: a side that waits is read again with its match.
    """

    def __init__(self, schema_id: int, decoder: GuardedDecoder) -> None:
        """`schema_id` is that of the schema which writes as ours does."""
        entry = build(catalog.avro_schema("recordbus.v1.RelationsEntry"))
        branches = field_node(entry, "content").branches
        self._header = frame(schema_id, b"")
        self._decoder = decoder
        self._writer = PlainWriter(entry, complete=True)
        self._branches = {
            2 * n: (PlainReader(each, as_tuples=True), SHAPES[each.name.rpartition(".")[2]])
            for n, each in enumerate(branches)
        }
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._read)

    def read(self, value: bytes) -> Said:
        """Give what is said; raises Rejected."""
        return self._remembered(value) if len(value) <= _REMEMBERED_BYTES else self._read(value)

    def side(self, address: Address, value: bytes) -> Relations | Identities | Removed:
        """Read one side of a record, after checking that it is the side the key names."""
        said = self.read(value)
        if (
            not isinstance(said, Tick)
            and isinstance(said, _MAY_SAY[address.side])
            and said.record_key == address.record_key
        ):
            return said
        raise Rejected("key_mismatch", "the key is that of another record or another side")

    def part(self, kind: type[Side], value: bytes) -> Side:
        """Read a side of the matched pair, which was of this kind when it was taken in."""
        said = self.read(value)
        assert isinstance(said, kind), "the state holds something else"
        return said

    def _read(self, value: bytes) -> Said:
        if value.startswith(self._header) and len(value) <= MAX_MESSAGE_BYTES:
            try:
                return self._plain(value)
            except NotPlain:
                pass  # the guarded decoder takes more forms, and says what is wrong
        said = self._decoder.decode(RELATIONS, value).value
        return self._plain(self._header + self._writer.write(said))

    def _plain(self, value: bytes) -> Said:
        branch = self._branches.get(value[_BRANCH_AT]) if len(value) > _BRANCH_AT else None
        if branch is None:
            raise NotPlain
        reader, shape = branch
        return shape(reader.read(value, _CONTENT_AT)[0])
