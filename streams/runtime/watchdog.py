"""Liveness is progress: a worker with input waiting that finishes none of it is not alive (pure).

Invariant: a worker with nothing to do, or that waits for a dependency and says so, is never
ended; one that is behind and stands still for `patience_seconds` always is.
"""

from __future__ import annotations


class Watchdog:
    """Judges a series of looks at one worker."""

    def __init__(self, patience_seconds: float, now: float) -> None:
        self._patience_seconds = patience_seconds
        self._done = -1
        self._moved_at = now

    def is_stalled(self, now: float, done: int, *, behind: bool, excused: bool = False) -> bool:
        """Judge a look: `done` counts what is finished, `behind` says whether input waits.

        `excused` is for a worker that is waiting for a dependency, restoring or rebalancing.
        """
        if done != self._done or not behind or excused:
            self._done = done
            self._moved_at = now
        return now - self._moved_at > self._patience_seconds
