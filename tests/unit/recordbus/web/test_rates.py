"""The pace of departments: a burst, a rate over time, and each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.testing.clock import ManualClock
from recordbus.web.problems import Problem
from recordbus.web.rates import Rate, RateLimits


def test_a_burst_passes_and_then_the_rate_counts() -> None:
    clock = ManualClock()
    limits = RateLimits(Rate(per_second=2, burst=4), clock)
    for _ in range(4):
        limits.admit("a-pd")
        limits.take("a-pd", 1)

    with pytest.raises(Problem) as refused:
        limits.admit("a-pd")

    assert (refused.value.status, refused.value.retry_after_seconds) == (429, 1)
    limits.admit("b-pd")
    clock.advance(0.5)
    limits.admit("a-pd")


def test_a_large_batch_passes_once_and_is_paid_for_afterwards() -> None:
    clock = ManualClock()
    limits = RateLimits(Rate(per_second=10, burst=20), clock)
    limits.admit("a-pd")
    limits.take("a-pd", 1000)

    with pytest.raises(Problem) as refused:
        limits.admit("a-pd")

    assert refused.value.retry_after_seconds == 99
    clock.advance(99)
    limits.admit("a-pd")


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30)), max_size=60))
def test_over_any_time_no_more_passes_than_burst_and_rate_allow(
    steps: list[tuple[float, int]],
) -> None:
    clock = ManualClock()
    limits = RateLimits(Rate(per_second=3, burst=7), clock)
    taken = last = 0
    for seconds, count in steps:
        clock.advance(seconds)
        try:
            limits.admit("a-pd")
        except Problem:
            continue
        limits.take("a-pd", count)
        taken, last = taken + count, count

    assert taken - last <= 7 + 3 * clock.monotonic() + 1e-6
