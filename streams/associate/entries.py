"""Reading `relations.v1`: whose side of which record a message is, and what it says (pure).

Invariant: a message says something about the record that its key names, and nothing else.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from recordbus.errors import Rejected
from streams.intake.decode import GuardedDecoder
from streams.runtime.contract import Input

RELATIONS: Final = "relations.v1"
TICK: Final = b"tick/"
SAYS_RELATIONS: Final = "RecordRelations"
SAYS_IDENTITIES: Final = "RecordIdentities"
SAYS_REMOVED: Final = "PartRemoved"
SAYS_TIME: Final = "Tick"

_KEY: Final = re.compile(rb"([0-9a-f]{64})/(intake|identify)")
_TICK_KEY: Final = re.compile(rb"tick/[0-9]+")
_MAY_SAY: Final = {
    "intake": (SAYS_RELATIONS, SAYS_REMOVED),
    "identify": (SAYS_IDENTITIES, SAYS_REMOVED),
}


class Address(NamedTuple):
    """The record that a message is about, and the stage whose side of it this is."""

    record_key: str
    side: str


def state_key(message: Input) -> bytes:
    """Name the state that a message may change: its record's, the time's, or none (empty)."""
    key = message.key or b""
    if _TICK_KEY.fullmatch(key):
        return key
    found = _KEY.fullmatch(key)
    return found[1] if found else b""


def address_of(message: Input) -> Address:
    """Give what a message is about; raises Rejected when its key is of another form."""
    found = _KEY.fullmatch(message.key or b"")
    if found is None:
        raise Rejected("key_mismatch", "the key is not that of one side of a record")
    return Address(found[1].decode(), found[2].decode())


class EntryReader:
    """Reads values of `relations.v1`, from the log or as the state keeps them."""

    def __init__(self, decoder: GuardedDecoder) -> None:
        self._decoder = decoder

    def read(self, value: bytes) -> tuple[str, dict[str, Any]]:
        """Give the short name of what is said, and what it says."""
        name, said = self._decoder.decode(RELATIONS, value).value["content"]
        return name.rpartition(".")[2], said

    def side(self, address: Address, value: bytes) -> tuple[str, dict[str, Any]]:
        """Read one side of a record, after checking that it is the side the key names."""
        name, said = self.read(value)
        if name not in _MAY_SAY[address.side] or said["record_key"] != address.record_key:
            raise Rejected("key_mismatch", "the key is that of another record or another side")
        return name, said
