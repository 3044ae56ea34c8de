"""How much each department may send over time: one bucket of tokens each.

Invariant: over any time a department gets at most its burst and its rate times that time, and
one batch more; what one department sends takes nothing from another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from recordbus.clock import Clock
from recordbus.metrics import RATE_LIMITED_TOTAL
from recordbus.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate over time and what may come at once; the unit is the caller's."""

    per_second: float
    burst: float


class Bucket:
    """Fills at a rate up to its burst; may be overdrawn once, and then takes its time."""

    __slots__ = ("_at", "_level", "_rate")

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._level = rate.burst
        self._at = now

    def wait_seconds(self, now: float) -> float:
        """Give how long until something may be taken; 0 when it may be now."""
        self._fill(now)
        return 0.0 if self._level > 0 else (1e-9 - self._level) / self._rate.per_second

    def take(self, count: float, now: float) -> None:
        """Take, whatever the level is."""
        self._fill(now)
        self._level -= count

    def _fill(self, now: float) -> None:
        passed = max(0.0, now - self._at)
        self._level = min(self._rate.burst, self._level + passed * self._rate.per_second)
        self._at = now


class RateLimits:
    """A bucket for each department that called; their number is that of the departments."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def admit(self, department: str) -> None:
        """Raise Problem `too_many_requests` while a department has to wait."""
        seconds = self._bucket(department).wait_seconds(self._clock.monotonic())
        if seconds > 0:
            RATE_LIMITED_TOTAL.labels(department=department).inc()
            raise Problem("too_many_requests", retry_after_seconds=math.ceil(seconds))

    def take(self, department: str, count: int) -> None:
        """Count what a department sent."""
        self._bucket(department).take(count, self._clock.monotonic())

    def _bucket(self, department: str) -> Bucket:
        found = self._buckets.get(department)
        if found is None:
            found = self._buckets[department] = Bucket(self._rate, self._clock.monotonic())
        return found
