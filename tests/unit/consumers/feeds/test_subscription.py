"""A subscription has a case, a purpose and an end, and time alone says what it is (R-28, R-36)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from consumers.feeds.retrying import LONGEST_ASKED, MOST_SPREAD, SCHEDULE, wait_seconds
from consumers.feeds.subscription import Standing, State, state_at
from recordbus.testing.clock import EPOCH
from tests.unit.consumers.feeds.bus import after, subscription


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": after(days=367)},
        {"end": EPOCH},
        {"case_number": " "},
        {"purpose": "curiosity"},
        {"selector": {"hair": "red"}},
        {"revalidate_days": 0},
        {"start": EPOCH.replace(tzinfo=None)},
    ],
)
def test_what_lacks_a_bound_or_a_reason_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        subscription(**wrong)


def test_it_waits_is_active_falls_due_and_ends() -> None:
    made = subscription(revalidate_days=30, grace_days=10, start=after(days=1), end=after(days=300))
    standing = Standing(validated_at=made.start)
    states = [state_at(made, standing, after(days=day)) for day in (0, 1, 30, 31, 40, 41, 300)]
    assert states == [
        State.WAITING, State.ACTIVE, State.ACTIVE, State.DUE, State.DUE, State.ENDED, State.ENDED,
    ]  # fmt: skip


def test_somebody_who_confirms_it_keeps_it_but_never_past_its_end() -> None:
    made = subscription(revalidate_days=30, grace_days=10, end=after(days=60))
    standing = Standing(validated_at=after(days=38))
    assert state_at(made, standing, after(days=59)) is State.ACTIVE
    assert state_at(made, standing, after(days=60)) is State.ENDED


def test_suspended_and_stopped() -> None:
    made = subscription()
    suspended = Standing(validated_at=EPOCH, suspended_for="overdue_receipts")
    stopped = Standing(validated_at=EPOCH, stopped_at=after(days=2))
    assert state_at(made, suspended, after(days=1)) is State.PAUSED
    assert state_at(made, stopped, after(days=1)) is State.ACTIVE
    assert state_at(made, stopped, after(days=2)) is State.ENDED


@given(st.integers(1, 40), st.none() | st.floats())
def test_a_subscriber_may_ask_for_a_longer_wait_within_reason(
    failures: int, asked: float | None
) -> None:
    waited = wait_seconds(failures, asked)
    planned = SCHEDULE[min(failures, len(SCHEDULE)) - 1]
    assert planned <= waited <= max(planned * (1 + MOST_SPREAD), LONGEST_ASKED)


@given(st.integers(1, 40), st.sampled_from([1.0, 0.001]))
def test_who_failed_together_does_not_come_back_together(failures: int, scale: float) -> None:
    waits = [wait_seconds(failures, scale=scale, whose=f"agency-{each}") for each in range(50)]
    planned = wait_seconds(failures, scale=scale, whose="agency-0")
    assert waits[0] == planned, "chance that a rebuild would draw anew"
    assert len(set(waits)) > 25
    assert max(waits) - min(waits) > 0.1 * SCHEDULE[min(failures, len(SCHEDULE)) - 1] * scale


def test_a_subscriber_that_is_away_is_tried_for_days() -> None:
    three_days = 3 * 86_400
    assert sum(wait_seconds(each + 1) for each in range(len(SCHEDULE))) > three_days
    assert wait_seconds(1000) <= SCHEDULE[-1] * (1 + MOST_SPREAD)
