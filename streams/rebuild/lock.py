"""How far a rebuild is, as the position records of the partitions say (pure).

While a rebuild holds a partition, its position is a lock: no stage starts on it, whatever its
epoch. The lock says to which epoch, how many versions of that epoch were used, and where the stage
had read to. Invariant: nothing is restated before every partition of intake says that the tables
behind it are empty, so what was restated is never emptied again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from recordbus.errors import Misconfigured
from streams.runtime.envelope import (
    EPOCH_SHIFT,
    SEQUENCE_MASK,
    START,
    UNDER_REBUILD,
    Positions,
    version_of,
)

LOCKED: Final = 0
EMPTIED: Final = 1
"""The sequences of a lock before anything is restated; what is restated has higher ones."""


class Lock(NamedTuple):
    """A partition that a rebuild to `epoch` holds; `next_offsets` is where its stage goes on."""

    epoch: int
    sequence: int
    next_offsets: Mapping[str, int]

    def positions(self) -> Positions:
        """Give the position record that says so."""
        return Positions(UNDER_REBUILD, version_of(self.epoch, self.sequence), self.next_offsets)

    def released(self, *, keeps_sequence: bool) -> Positions:
        """Give the position record from which the stage goes on in the new epoch."""
        sequence = self.sequence if keeps_sequence else START.sequence
        return Positions(self.epoch, sequence, self.next_offsets)


def lock_of(positions: Positions) -> Lock | None:
    """Read a position record; None when no rebuild holds its partition."""
    if positions.epoch != UNDER_REBUILD:
        return None
    version = positions.sequence
    return Lock(version >> EPOCH_SHIFT, version & SEQUENCE_MASK, positions.next_offsets)


class Step(Enum):
    """What is to be done next."""

    CHECK = "check"
    EMPTY = "empty"
    RESTATE = "restate"
    NOTHING = "nothing"


def next_step(intake: Sequence[Positions], epoch: int) -> Step:
    """Say where a rebuild to `epoch` stands, from the positions of all partitions of intake.

    Raises Misconfigured when that epoch cannot be the next one.
    """
    locks = [lock_of(each) for each in intake]
    held = [lock for lock in locks if lock is not None]
    free = [each.epoch for each, lock in zip(intake, locks, strict=True) if lock is None]
    for lock in held:
        _require(lock.epoch == epoch, f"a rebuild to epoch {lock.epoch} has not ended", lock.epoch)
    newest = max(free, default=0)
    _require(newest <= epoch, f"intake is of epoch {newest}, not {epoch}", newest + 1)
    if not held:
        return _begin(free, epoch)
    if any(each < epoch for each in free):
        return Step.CHECK  # killed while it locked
    return Step.EMPTY if any(lock.sequence == LOCKED for lock in held) else Step.RESTATE


def _begin(free: Sequence[int], epoch: int) -> Step:
    if all(each == epoch for each in free):
        return Step.NOTHING
    clean = all(each < epoch for each in free)
    _require(clean, f"some partitions of intake are of epoch {epoch} already", epoch + 1)
    return Step.CHECK


def locked(positions: Positions, epoch: int, changelog: str) -> Lock | None:
    """Give the lock to write for a partition; None when it is locked or done already.

    Raises Misconfigured when its state is of a later epoch, or of another rebuild.
    """
    lock = lock_of(positions)
    if lock is not None:
        _require(lock.epoch == epoch, f"a rebuild to epoch {lock.epoch} has not ended", lock.epoch)
        return None
    newest = positions.epoch
    _require(newest <= epoch, f"the state of {changelog} is of epoch {newest}", newest + 1)
    return Lock(epoch, LOCKED, positions.next_offsets) if newest < epoch else None


def _require(holds: bool, otherwise: str, wanted: int) -> None:
    if not holds:
        raise Misconfigured(
            otherwise, hint=f"set RECORDBUS_STAGE__EPOCH to {wanted} for the rebuild and all stages"
        )
