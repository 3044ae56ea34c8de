"""Which removals every reader has passed, so that their markers may be erased (pure).

A marker may become a tombstone only after each reader group has committed past it: a reader that
never saw the marker would keep the record for ever, since a tombstone vanishes in time. Intake
writes the markers of one removal to all its tables in one transaction. So when the one in
`records.v1` can be read, the others lie below the ends that their tables have by then, and nobody
has to read those tables to know it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Offsets = Mapping[tuple[str, int], int]
"""An offset of each (topic, partition)."""


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
    _ends: dict[str, Offsets] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._by_key)

    def saw_marker(self, marker: Marker) -> None:
        """Remember a marker; it replaces what was known of that record."""
        self._by_key[marker.record_key] = marker
        self._ends.pop(marker.record_key, None)

    def saw_other(self, record_key: str) -> None:
        """Forget a record that is live again, or whose tombstone is already written."""
        self._by_key.pop(record_key, None)
        self._ends.pop(record_key, None)

    def has_new(self) -> bool:
        """Tell whether for some marker nobody has said yet where the other tables end."""
        return len(self._ends) < len(self._by_key)

    def other_tables_end(self, ends: Offsets) -> None:
        """Take the ends of the other tables, asked for after every marker so far was seen."""
        for record_key in self._by_key:
            self._ends.setdefault(record_key, ends)

    def passed(self, committed: Mapping[int, int], elsewhere: Offsets) -> Iterator[Marker]:
        """Take out the markers that every reader has passed in every table, in log order.

        `committed` is partition -> the lowest next offset among all reader groups of `records.v1`,
        `elsewhere` the same for the other tables; a partition that some group has not committed
        yet is missing and holds its markers back.
        """
        ready = [
            marker
            for marker in self._by_key.values()
            if marker.offset < committed.get(marker.partition, 0)
            and self._is_passed(marker.record_key, elsewhere)
        ]
        for marker in sorted(ready, key=lambda m: (m.partition, m.offset)):
            self.saw_other(marker.record_key)
            yield marker

    def _is_passed(self, record_key: str, elsewhere: Offsets) -> bool:
        ends = self._ends.get(record_key)
        return ends is not None and all(elsewhere.get(at, 0) >= end for at, end in ends.items())


def lowest_committed(groups: Mapping[str, Mapping[int, int]]) -> dict[int, int]:
    """Give, per partition, the lowest committed offset of all groups; nothing without a group.

    A partition missing in one group is missing in the answer: that group has not read it.
    """
    if not groups:
        return {}
    shared = set.intersection(*(set(offsets) for offsets in groups.values()))
    return {p: min(offsets[p] for offsets in groups.values()) for p in sorted(shared)}
