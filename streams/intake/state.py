"""What intake remembers of a record: enough to judge the next message, none of its content (pure).

Invariant: an expunged key stays expunged for ever. The positions of messages of this key that
went to quarantine with their bytes are kept, so that a removal can erase them there too.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import orjson

MAX_QUARANTINED: Final = 100
"""Positions kept a key; a key with more has the next ones quarantined without their bytes."""


class RecordState(NamedTuple):
    """The last accepted message of a key; `status` is empty when none was accepted yet.

    `fingerprint` is a hash of the whole message, `version` the one its output bears, `tombstoned`
    says that no table holds anything of the key any more. `first_recorded_on` is the day of its
    first live version, which outlives every change but an expunge (R-22). `parts` are the meeting
    partitions that hold a bundle of the last version, `marked` those that hold a removal's marker.
    `verifications` are the questions to its owner that still count, with their answers (R-34);
    `unasked` says that a marker in their place is to be erased with the others.
    """

    status: str = ""
    source_seq: int = -1
    fingerprint: str = ""
    department: str = ""
    version: int = -1
    tombstoned: bool = False
    quarantined: tuple[str, ...] = ()
    first_recorded_on: str = ""
    parts: tuple[int, ...] = ()
    marked: tuple[int, ...] = ()
    verifications: tuple[dict[str, Any], ...] = ()
    unasked: bool = False

    @property
    def hides_content(self) -> bool:
        """Say whether no byte of this record's content may be kept anywhere on the bus."""
        return self.status in ("expunged", "sealed")

    def encode(self) -> bytes:
        """Give the state as bytes; hardly a record is ever asked about, so most end before that."""
        if not self.verifications and not self.unasked:
            return orjson.dumps(self[:_ALWAYS_WRITTEN])
        return orjson.dumps(self[:])


NOTHING: Final = RecordState()
_ALWAYS_WRITTEN: Final = 10


def decode(state: bytes | None) -> RecordState:
    """Read a state's bytes; none means that nothing is known of the key."""
    if state is None:
        return NOTHING
    # An earlier release wrote fewer values: what they do not say is not known.
    known: list[Any] = [tuple(x) if type(x) is list else x for x in orjson.loads(state)]
    return RecordState(*known)
