"""Leases and the watchdog: how a worker ends itself, and when it must not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recordbus.testing.clock import ManualClock
from streams.runtime.fences import Lease
from streams.runtime.watchdog import Watchdog


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_process_that_stood_still_too_long_leaves_before_it_writes(clock: ManualClock) -> None:
    left: list[str] = []
    lease = Lease(10.0, clock.monotonic, left.append)
    clock.advance(6.9)
    lease.check()
    assert left == []
    clock.advance(0.2)
    lease.check()
    assert left == ["stood still for 7.1 s, longer than its lease"]


def test_a_late_heartbeat_leaves_too(clock: ManualClock) -> None:
    left: list[str] = []
    lease = Lease(10.0, clock.monotonic, left.append)
    for _ in range(10):
        clock.advance(5)
        lease.beat()
    assert left == []
    clock.advance(8)
    lease.beat()
    assert len(left) == 1


def test_the_heart_beats_in_a_thread_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.runtime.fences.BEAT_SECONDS", 0.001)
    now = iter(range(10**9))
    lease = Lease(1e9, lambda: float(next(now)), print)
    lease.start()
    while next(now) < 50:
        pass
    lease.stop()
    lease.stop()


def looks(watchdog: Watchdog, *given: tuple[float, int, bool, bool]) -> list[bool]:
    return [
        watchdog.is_stalled(now, done, behind=behind, excused=excused)
        for now, done, behind, excused in given
    ]


def test_standing_still_while_messages_wait_is_a_stall() -> None:
    watchdog = Watchdog(60, 0)
    seen = looks(watchdog, (1, 5, True, False), (60, 5, True, False), (62, 5, True, False))
    assert seen == [False, False, True]


@pytest.mark.parametrize(("behind", "excused"), [(False, False), (True, True), (False, True)])
def test_having_nothing_to_do_or_waiting_for_a_dependency_is_no_stall(
    behind: bool, excused: bool
) -> None:
    watchdog = Watchdog(60, 0)
    assert not any(looks(watchdog, *((now, 5, behind, excused) for now in range(0, 1000, 50))))


def test_any_progress_is_life() -> None:
    watchdog = Watchdog(60, 0)
    assert not any(looks(watchdog, *((now, now, True, False) for now in range(0, 1000, 59))))


def test_patience_starts_anew_when_messages_arrive() -> None:
    watchdog = Watchdog(60, 0)
    seen = looks(watchdog, (500, 5, False, False), (501, 5, True, False), (559, 5, True, False))
    assert seen == [False, False, False]
