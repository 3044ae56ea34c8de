"""One partition of a stage in the hands of a rebuild: fenced, read back, and written.

Invariant: who holds it has fenced every worker that owned it before; a worker that starts later
fences this holding, whose next transaction fails, and finds the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from recordbus.crashpoints import crashpoint
from streams.runtime.effects import Batch, Quarantined
from streams.runtime.envelope import POSITION_KEY, Positions
from streams.runtime.restore import ChangelogMessage, Reader, restore, stored_positions
from streams.runtime.store import Changes
from streams.runtime.store_memory import MemoryPartition
from streams.runtime.tenure import changelog_topic, transactional_id
from streams.runtime.transaction import Destination, commit, write
from streams.runtime.worker import Clients

_READ_AT_ONCE: Final = 5000
_READ_WAIT_SECONDS: Final = 0.2


class _PositionAlone(MemoryPartition):
    """Keeps the position record and no value."""

    def apply(self, changes: Changes, resume_offset: int) -> None:
        kept = {key: changes[key] for key in (POSITION_KEY,) if key in changes}
        super().apply(kept, resume_offset)


class Holding:
    """A partition of `stage` from its fence until it is closed."""

    def __init__(self, clients: Clients, stage: str, partition: int, *, values: bool) -> None:
        """Fence whoever owned it and read its position, with `values` all of its state too."""
        self.stage, self.partition = stage, partition
        self.changelog = changelog_topic(stage)
        self._clients = clients
        self._store = MemoryPartition() if values else _PositionAlone()
        self._writer = clients.writer(transactional_id(stage, partition))
        self._writer.init()
        crashpoint("rebuild.fenced")
        self._read_back()
        self.positions = stored_positions(self._store)

    def values(self) -> Iterator[tuple[bytes, bytes]]:
        """Walk the state values as they were when it was taken."""
        return self._store.items()

    def say(self, batch: Batch, positions: Positions) -> None:
        """Commit what a batch says, the values it changes and the position, as one."""
        batch.positions = positions
        write(self._writer, batch, self._destination())
        commit(self._writer)
        self.positions = positions

    def close(self) -> None:
        """Let go; what is not committed is dropped."""
        self._writer.close()

    def _read_back(self) -> None:
        reader = self._clients.reader()
        try:
            restore(reader, self._store, (self.changelog, self.partition))
        finally:
            reader.close()

    def _destination(self) -> Destination:
        origin = f"{self.stage}/{self.partition}".encode()
        return Destination(origin, self.changelog, self.partition, "", _sets_nothing_aside)


def _sets_nothing_aside(quarantined: Quarantined) -> bytes:
    raise AssertionError(f"a rebuild sets nothing aside: {quarantined.position}")


def read_log(
    readers: Callable[[], Reader], topic: str, partition: int
) -> Iterator[ChangelogMessage]:
    """Read a partition from its first message to what is its end now."""
    reader, at = readers(), (topic, partition)
    try:
        first, end = reader.watermarks(at)
        reader.assign({at: first})
        positions: Mapping[tuple[str, int], int] = {}
        while positions.get(at, first) < end:
            yield from (
                m for m in reader.consume(_READ_AT_ONCE, _READ_WAIT_SECONDS) if m.offset < end
            )
            positions = reader.positions()
    finally:
        reader.close()
