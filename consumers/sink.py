"""What a consumer of a table topic promises: changes and positions are stored together.

Invariant: after any crash a sink holds exactly the changes below its stored positions, each
applied once; a change that is not newer than what the sink holds of its key and origin is stale
and changes nothing. Times are microseconds since 1970, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

TopicPartition = tuple[str, int]
Place = tuple[int, int]
"""Partition and offset of a message in its topic."""
NOWHERE: Final[Place] = (0, -1)
RECORDS: Final = "record"
Payload = TypeVar("Payload")


class Removal(Enum):
    """Why there is no payload: a marker stays ordered by its version, a tombstone ends a key."""

    MARKER = "marker"
    TOMBSTONE = "tombstone"


class Change(NamedTuple, Generic[Payload]):
    """What a table now says of one key. `key` is opaque; `origin` names the writer's partition.

    `published_us` is when the department published it, None where nobody says (a tombstone).
    `table` tells the keys of several tables apart; `place` is where in its topic the message is.
    `within` is the key of the record that it is a part of, empty where that is not said.
    """

    key: bytes
    origin: str
    version: int
    payload: Payload | Removal
    department: str | None
    published_us: int | None
    table: str = RECORDS
    place: Place = NOWHERE
    within: bytes = b""


class Progress(NamedTuple):
    """How far a partition was read: the next offset, and up to when nothing is missing."""

    next_offset: int
    complete_to_us: int


class Applied(NamedTuple):
    """What became of a batch's changes; they add up to the changes handed over."""

    stored: int = 0
    removed: int = 0
    stale: int = 0
    replaced_within_batch: int = 0


class Sink(Protocol[Payload]):
    """A store that remembers how far it has read. One writer at a time."""

    name: str

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of every partition this sink has ever read."""

    def apply(
        self, changes: Sequence[Change[Payload]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        """Store changes, in order, and progress in one transaction.

        Nothing is stored when it raises. Raises Retryable when the store is away for now.
        """

    def settle(self) -> bool:
        """Do a bounded piece of the work that commits leave behind, such as erasing old bytes.

        True when there is nothing to do for now; work that waits for its time comes up later.
        """

    def close(self) -> None:
        """Let the store go; safe to call twice."""


def is_stale(held: tuple[str, int] | None, origin: str, version: int) -> bool:
    """Tell whether a change is no news beside the (origin, version) held of its key."""
    return held is not None and held[0] == origin and version <= held[1]
