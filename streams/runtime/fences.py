"""The lease: a process that was frozen past its session ends itself before it writes.

The transactional fence already keeps such a zombie from committing; leaving early keeps it from
disturbing the new owner. Invariant: a heart that beats late ends the process, whoever notices.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

BEAT_SECONDS: Final = 0.25
LEASE_SHARE: Final = 0.7  # of the group's session: what is left is for noticing

Leave = Callable[[str], object]


class Lease:
    """Notices that this process stood still; `leave` is told how long and ends it."""

    def __init__(
        self, session_timeout_seconds: float, monotonic: Callable[[], float], leave: Leave
    ) -> None:
        self._limit_seconds = session_timeout_seconds * LEASE_SHARE
        self._monotonic = monotonic
        self._leave = leave
        self._beat_at = monotonic()
        self._ended = threading.Event()
        self._heart: threading.Thread | None = None

    def check(self) -> None:
        """End the process when the last beat is too long ago."""
        stood_still_seconds = self._monotonic() - self._beat_at
        if stood_still_seconds > self._limit_seconds:
            self._leave(f"stood still for {stood_still_seconds:.1f} s, longer than its lease")

    def beat(self) -> None:
        """Check, then note that this process is running now."""
        self.check()
        self._beat_at = self._monotonic()

    def start(self) -> None:
        """Beat from a thread of its own until `stop`."""
        self._heart = threading.Thread(target=self._run, name="lease", daemon=True)
        self._heart.start()

    def stop(self) -> None:
        """Stop beating and wait until the thread has gone."""
        self._ended.set()
        if self._heart is not None:
            self._heart.join()

    def _run(self) -> None:
        self.beat()
        while not self._ended.wait(BEAT_SECONDS):
            self.beat()
