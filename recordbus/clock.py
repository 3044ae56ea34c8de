"""Time as an injected dependency: only edges read a clock, and tests own theirs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records and a monotonic time for durations."""

    def now(self) -> datetime:
        """Give the current instant, aware, in UTC."""

    def monotonic(self) -> float:
        """Give seconds that never run backwards; only differences mean anything."""

    def epoch_ms(self) -> int:
        """Give the current instant in whole milliseconds since 1970, as Kafka counts."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Give the current instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never run backwards."""
        return time.monotonic()

    def epoch_ms(self) -> int:
        """Give the current instant in whole milliseconds since 1970."""
        return time.time_ns() // 1_000_000
