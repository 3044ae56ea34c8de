"""Which removal markers of `records.v1` every reader has passed, so that they may be erased.

Pure. A marker may become a tombstone only after each reader group has committed past it: a reader
that never saw the marker would keep the record for ever, since a tombstone vanishes in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Marker:
    """A removal as it stands in the log: its record, its version and where it lies."""

    record_key: str
    version: int
    partition: int
    offset: int


@dataclass(slots=True)
class PendingMarkers:
    """The markers not yet asked about; a later message of a record replaces its marker."""

    _by_key: dict[str, Marker] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._by_key)

    def saw_marker(self, marker: Marker) -> None:
        """Remember a marker; it replaces what was known of that record."""
        self._by_key[marker.record_key] = marker

    def saw_other(self, record_key: str) -> None:
        """Forget a record that is live again, or whose tombstone is already written."""
        self._by_key.pop(record_key, None)

    def passed(self, committed: Mapping[int, int]) -> Iterator[Marker]:
        """Take out the markers below the committed offset of their partition, in log order.

        `committed` is partition -> the lowest next offset among all reader groups; a partition
        that some group has not committed yet is missing and holds its markers back.
        """
        ready = [m for m in self._by_key.values() if m.offset < committed.get(m.partition, 0)]
        for marker in sorted(ready, key=lambda m: (m.partition, m.offset)):
            del self._by_key[marker.record_key]
            yield marker


def lowest_committed(groups: Mapping[str, Mapping[int, int]]) -> dict[int, int]:
    """Give, per partition, the lowest committed offset of all groups; nothing without a group.

    A partition missing in one group is missing in the answer: that group has not read it.
    """
    if not groups:
        return {}
    shared = set.intersection(*(set(offsets) for offsets in groups.values()))
    return {p: min(offsets[p] for offsets in groups.values()) for p in sorted(shared)}
