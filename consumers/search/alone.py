"""Sees to it that an index gets every partition: two of them would share, and both miss records.

An index that never had all partitions gives up first, so the one that was there before goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from consumers.sink import TopicPartition
from recordbus import logs
from recordbus.clock import Clock
from recordbus.errors import Misconfigured

NEWCOMER_WAITS_SECONDS: Final = 15.0
"""Longer than the group waits for a member that was killed."""
OTHERS_WAIT_SECONDS: Final = 40.0
"""Long enough for a newcomer to give up and for the group to notice."""
_log = logs.logger(__name__)


class Alone:
    """Knows how many partitions there are and how long some have been missing."""

    def __init__(self, partitions: int, group: str, clock: Clock) -> None:
        self._partitions, self._group, self._clock = partitions, group, clock
        self._missing = 0
        self._missing_since: float | None = None
        self._was_alone = False

    def assigned(self, won: Sequence[TopicPartition]) -> None:
        """Note which partitions this index has from now on; tell at once when some are missing."""
        self._missing = self._partitions - len(won)
        if self._missing <= 0:
            self._was_alone, self._missing_since = True, None
            return
        _log.error("another index reads for the same group", group=self._group, count=self._missing)
        if self._missing_since is None:
            self._missing_since = self._clock.monotonic()

    def check(self) -> None:
        """Raise Misconfigured when partitions have been missing for too long."""
        if self._missing_since is None:
            return
        patience = OTHERS_WAIT_SECONDS if self._was_alone else NEWCOMER_WAITS_SECONDS
        if self._clock.monotonic() - self._missing_since >= patience:
            raise Misconfigured(
                f"another process keeps a search index of this bus: of {self._partitions} "
                f"partitions, {self._missing} go to it and would be missing here "
                f"(group {self._group})",
                hint="keep one index a bus: stop `recordbus index run` there or here, and search "
                "on the machine that keeps the index",
            )
