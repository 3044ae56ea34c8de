"""Where a stage's values live between batches: one interface, one contract suite, two stores.

Invariant: `apply` is all or nothing, and `resume_offset` moves only together with the values, so
what a store holds is always what the changelog said up to some transaction, never half of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

Changes = Mapping[bytes, bytes | None]


class PartitionStore(Protocol):
    """The values of one input partition, as sealed bytes."""

    def get(self, key: bytes) -> bytes | None:
        """Give the value of `key`, None when there is none."""

    def apply(self, changes: Changes, resume_offset: int) -> None:
        """Set these values (None removes) and the changelog offset to restore from."""

    def resume_offset(self) -> int | None:
        """Give the changelog offset to restore from; None when nothing was ever applied."""

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Walk all values, in no order; the store must not change meanwhile."""

    def wipe(self) -> None:
        """Forget everything, as if new."""


class StateStore(Protocol):
    """The partitions that this worker holds, active or standby."""

    def partition(self, partition: int) -> PartitionStore:
        """Open a partition, new or as it was left."""

    def keep_only(self, partitions: frozenset[int]) -> None:
        """Let go of the partitions that are not among these; what is on disk may stay."""

    def close(self) -> None:
        """Release files and locks; the store is not used after."""
