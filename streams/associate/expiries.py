"""The heap of expiry dates: an index derived from the state values, and rebuilt from them (pure).

Invariant: what has expired by a time follows from the values and that time alone, in whichever
order they were loaded and changed.
"""

from __future__ import annotations

import heapq
from typing import Final, NamedTuple

from streams.associate.state import Due, dues_of, expiring, first_end, still_expiring

BEGINNING: Final = 0


class Content(NamedTuple):
    """What two equal indexes have in common: the time, and by record what is still to expire."""

    now: int
    dues: dict[bytes, bytes]


class Expiries:
    """Knows which associations end when; `now` is the time that the last tick told.

    The heap names every record by the first of its dates, and may name it by earlier ones too.
    """

    def __init__(self) -> None:
        self.now = BEGINNING
        self._dues: dict[bytes, bytes] = {}
        self._heap: list[tuple[int, bytes]] = []

    @property
    def content(self) -> Content:
        """Give what the index says, for comparison."""
        left = {key: still_expiring(dues, self.now) for key, dues in self._dues.items()}
        return Content(self.now, {key: dues for key, dues in left.items() if dues})

    def follow(self, key: bytes, state: bytes | None) -> None:
        """Take in a record's new state."""
        self._keep(key, b"" if state is None else expiring(state))

    def due(self, now: int) -> list[tuple[bytes, Due]]:
        """Give what expires after the last tick and not after `now`; changes nothing."""
        keys = {key for key in self._reached(now) if key in self._dues}
        return [
            (key, due)
            for key in sorted(keys)
            for due in sorted(dues_of(self._dues[key]), key=_by_date)
            if self.now < due.expires_at <= now
        ]

    def advance(self, now: int) -> None:
        """Let the time be `now`."""
        while self._heap and self._heap[0][0] <= now:
            _, key = heapq.heappop(self._heap)
            self._keep(key, still_expiring(self._dues.get(key, b""), now))
        self.now = max(self.now, now)

    def _keep(self, key: bytes, dues: bytes) -> None:
        before = self._dues.pop(key, b"")
        if not dues:
            return
        self._dues[key] = dues
        end = first_end(dues)
        if not before or first_end(before) != end:
            heapq.heappush(self._heap, (end, key))

    def _reached(self, now: int) -> list[bytes]:
        """Give the records whose next date is not after `now`, from the top of the heap down."""
        heap, found, places = self._heap, [], [0]
        while places:
            at = places.pop()
            if at < len(heap) and heap[at][0] <= now:
                found.append(heap[at][1])
                places += (2 * at + 1, 2 * at + 2)
        return found


def _by_date(due: Due) -> tuple[int, str]:
    return due.expires_at, due.association_id
