"""Clocks: the machine's is aware, and a test's own stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from recordbus.clock import Clock, SystemClock
from recordbus.testing.clock import ManualClock


def test_the_systems_clock_is_in_utc_and_agrees_with_itself() -> None:
    clock: Clock = SystemClock()

    now, milliseconds = clock.now(), clock.epoch_ms()

    assert now.tzinfo is UTC
    assert abs(now.timestamp() * 1000 - milliseconds) < 10_000
    assert clock.monotonic() <= clock.monotonic()


def test_a_manual_clock_moves_only_when_told() -> None:
    clock: Clock = (manual := ManualClock(datetime(2026, 5, 1, tzinfo=UTC)))
    assert clock.now() == clock.now() == datetime(2026, 5, 1, tzinfo=UTC)

    manual.advance(1.5)

    assert clock.now() == datetime(2026, 5, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    assert clock.monotonic() == 1.5
    assert clock.epoch_ms() == 1_777_593_601_500


def test_a_manual_clock_speaks_utc_whatever_it_was_started_in() -> None:
    zone = timezone(timedelta(hours=-5))

    assert ManualClock(datetime(2026, 1, 1, tzinfo=zone)).now().tzinfo is UTC


def test_a_manual_clock_refuses_what_no_clock_does() -> None:
    with pytest.raises(ValueError, match="aware"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(ValueError, match="backwards"):
        ManualClock().advance(-1)
