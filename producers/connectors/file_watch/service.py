"""The watched folder as a service: pull, look, rest; trouble makes it rest longer."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from producers.connectors.file_watch.layout import Layout
from producers.connectors.file_watch.watcher import Watcher
from recordbus import logs
from recordbus.clock import Clock
from recordbus.errors import Retryable
from recordbus.stopping import ShouldStop, rest

_log = logs.logger(__name__)
_TRIM_SECONDS: Final = 3600.0

Pull = Callable[[], object]


def pull_nothing() -> None:
    """The department writes into the folder itself."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, how long to rest in trouble at most, how long to keep what is settled."""

    poll_seconds: float = 5.0
    trouble_seconds: float = 60.0
    keep: timedelta = timedelta(days=7)


class WatchService:
    """One department's watched folder; not for use by several threads."""

    def __init__(
        self,
        department: str,
        layout: Layout,
        watcher: Watcher,
        clock: Clock,
        pace: Pace | None = None,
        pull: Pull = pull_nothing,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._department, self._layout, self._watcher = department, layout, watcher
        self._clock, self._pace, self._pull, self._sleep = clock, pace or Pace(), pull, sleep
        self._trouble = 0.0
        self._trim_at = 0.0

    def run(self, should_stop: ShouldStop) -> None:
        """Look again and again until told to stop."""
        while not should_stop():
            self.step()
            rest(max(self._pace.poll_seconds, self._trouble), should_stop, self._sleep)

    def step(self) -> Counter[str]:
        """Pull and look once. A server that is away does not keep the folder from being looked at.

        What is retryable makes the next rest longer and is logged.
        """
        pulled = self._tried(self._pull)
        ended: Counter[str] = Counter()
        looked = self._tried(lambda: ended.update(self._watcher.round()))
        poll = self._pace.poll_seconds
        longer = min(max(self._trouble * 2, poll), self._pace.trouble_seconds)
        self._trouble = 0.0 if pulled and looked else longer
        self._trim()
        return ended

    def _tried(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Retryable as error:
            _log.warning(
                "the folder watch has to wait", department=self._department, exc_info=error
            )
            return False
        return True

    def _trim(self) -> None:
        now = self._clock.monotonic()
        if now >= self._trim_at:
            self._trim_at = now + _TRIM_SECONDS
            self._layout.trim(self._clock.now() - self._pace.keep)
