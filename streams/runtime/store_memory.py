"""State in memory: the fastest store; everything is read back from the changelog at a start."""

from __future__ import annotations

from collections.abc import Iterator

from streams.runtime.store import Changes


class MemoryPartition:
    """The values of one partition in a dict."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}
        self._resume_offset: int | None = None
        self.get = self._values.get

    def apply(self, changes: Changes, resume_offset: int) -> None:
        """Set these values (None removes) and the changelog offset to restore from."""
        values = self._values
        for key, value in changes.items():
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
        self._resume_offset = resume_offset

    def resume_offset(self) -> int | None:
        """Give the changelog offset to restore from; None when nothing was ever applied."""
        return self._resume_offset

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Walk all values, in no order."""
        return iter(self._values.items())

    def wipe(self) -> None:
        """Forget everything, as if new."""
        self._values.clear()
        self._resume_offset = None


class MemoryStore:
    """The partitions that this worker holds."""

    def __init__(self) -> None:
        self._partitions: dict[int, MemoryPartition] = {}

    def partition(self, partition: int) -> MemoryPartition:
        """Open a partition, new or as it was left."""
        return self._partitions.setdefault(partition, MemoryPartition())

    def keep_only(self, partitions: frozenset[int]) -> None:
        """Forget the partitions that are not among these."""
        for partition in self._partitions.keys() - partitions:
            del self._partitions[partition]

    def close(self) -> None:
        """Forget everything."""
        self._partitions.clear()
