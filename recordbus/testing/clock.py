"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class ManualClock:
    """Time under a test's control; wall time and monotonic time move together."""

    def __init__(self, start: datetime = EPOCH) -> None:
        if start.tzinfo is None:
            raise ValueError("start must be aware: give it a time zone, for instance UTC")
        self._start = start.astimezone(UTC)
        self._elapsed = timedelta()

    def now(self) -> datetime:
        """Give the instant the test has moved to, aware, in UTC."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Give the seconds the test has let pass since the start."""
        return self._elapsed.total_seconds()

    def epoch_ms(self) -> int:
        """Give the present instant in whole milliseconds since 1970."""
        return (self.now() - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; time never runs backwards."""
        if seconds < 0:
            raise ValueError(f"time cannot run backwards: {seconds}")
        self._elapsed += timedelta(seconds=seconds)
