"""The relay as a service: round after round, resting where nothing waits or something is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from producers.connectors.outbox.relay import Publisher, Relay, Round
from producers.connectors.outbox.store import Outbox
from recordbus import logs
from recordbus.clock import Clock
from recordbus.errors import Retryable
from recordbus.metrics import (
    OUTBOX_OLDEST_UNPUBLISHED_SECONDS,
    OUTBOX_REFUSED_ROWS,
    OUTBOX_UNPUBLISHED_ROWS,
)
from recordbus.stopping import ShouldStop, rest

_log = logs.logger(__name__)
_TRIMMED_AT_ONCE: Final = 5_000

Connect = Callable[[], AbstractContextManager[Publisher]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to rest: idle between `shortest` and `longest`, in trouble up to `trouble`.

    `observe_seconds` is how often the backlog is counted, `trim_seconds` how often published rows
    older than `keep` are deleted.
    """

    shortest_seconds: float = 0.02
    longest_seconds: float = 0.25
    trouble_seconds: float = 30.0
    observe_seconds: float = 1.0
    trim_seconds: float = 60.0
    keep: timedelta = timedelta(days=7)
    batch_rows: int = 1000


class OutboxService:
    """One department's relay with its connections; not for use by several threads."""

    def __init__(
        self,
        department: str,
        outbox: Outbox,
        connect: Connect,
        clock: Clock,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._department, self._outbox, self._connect = department, outbox, connect
        self._clock, self._pace, self._sleep = clock, pace or Pace(), sleep
        self._opened = ExitStack()
        self._publisher: Publisher | None = None
        self._relay = Relay(outbox, self._connected, clock, batch_rows=self._pace.batch_rows)
        self._idle = self._pace.shortest_seconds
        self._trouble = 0.0
        self._next = {"observe": 0.0, "trim": 0.0}

    def run(self, should_stop: ShouldStop) -> None:
        """Carry rows until told to stop. Raises Misconfigured for what somebody has to change."""
        try:
            while not should_stop():
                try:
                    self._step()
                except Retryable as error:
                    self._recover(error, should_stop)
        finally:
            self.close()

    def drain(self) -> Round:
        """Carry everything that waits now; give the sum. Raises Retryable on the first trouble."""
        total = Round()
        while (done := self._relay.round()).published or done.refused:
            total = Round(
                total.read + done.read,
                total.published + done.published,
                total.refused + done.refused,
            )
        self._observe()
        return total if total.read else done

    def close(self) -> None:
        """Let the broker and the database go."""
        self._publisher = None
        self._close_broker()
        self._outbox.close()

    # --- inside --------------------------------------------------------------------------

    def _step(self) -> None:
        done = self._relay.round()
        self._trouble = 0.0
        if not done.is_standby:
            self._look_after()
        if done.published or done.refused:
            self._idle = self._pace.shortest_seconds
            return
        self._outbox.wait(self._pace.longest_seconds if done.is_standby else self._idle)
        self._idle = min(self._idle * 2, self._pace.longest_seconds)

    def _recover(self, error: Retryable, should_stop: ShouldStop) -> None:
        """Begin anew with a fresh producer: what the old one still had is sent again."""
        _log.warning("the outbox relay has to wait", department=self._department, exc_info=error)
        self._publisher = None
        self._close_broker()
        self._trouble = min(max(self._trouble * 2, 0.5), self._pace.trouble_seconds)
        rest(self._trouble, should_stop, self._sleep)

    def _close_broker(self) -> None:
        try:
            self._opened.close()
        except Retryable:
            _log.info("what was on its way is sent again", department=self._department)

    def _connected(self) -> Publisher:
        if self._publisher is None:
            self._publisher = self._opened.enter_context(self._connect())
        return self._publisher

    def _look_after(self) -> None:
        if self._is_due("observe", self._pace.observe_seconds):
            self._observe()
        if self._is_due("trim", self._pace.trim_seconds):
            self._outbox.trim(self._clock.now() - self._pace.keep, _TRIMMED_AT_ONCE)

    def _observe(self) -> None:
        waiting, oldest, refused = self._outbox.backlog()
        age = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        labels = {"department": self._department}
        OUTBOX_UNPUBLISHED_ROWS.labels(**labels).set(waiting)
        OUTBOX_OLDEST_UNPUBLISHED_SECONDS.labels(**labels).set(max(0.0, age))
        OUTBOX_REFUSED_ROWS.labels(**labels).set(refused)

    def _is_due(self, what: str, every_seconds: float) -> bool:
        now = self._clock.monotonic()
        if now < self._next[what]:
            return False
        self._next[what] = now + every_seconds
        return True
