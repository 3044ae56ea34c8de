"""When a child that ended is started again, and when it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import ExitCode
from recordbus.local.restarts import (
    CRASHES_BEFORE_GIVING_UP,
    STAYED_UP_SECONDS,
    GiveUp,
    Restart,
    decide,
)


def test_a_child_that_asks_for_it_is_started_again_at_once() -> None:
    assert decide(ExitCode.RESTART, 5.0, 3) == Restart(0.0, 3)


def test_one_that_asks_in_its_first_second_counts_as_crashing() -> None:
    crashes = 0
    for _ in range(CRASHES_BEFORE_GIVING_UP - 1):
        verdict = decide(ExitCode.RESTART, 0.1, crashes)
        assert isinstance(verdict, Restart)
        crashes = verdict.crashes

    assert isinstance(decide(ExitCode.RESTART, 0.1, crashes), GiveUp)


def test_pauses_double_until_it_is_given_up() -> None:
    pauses, crashes = [], 0
    while isinstance(verdict := decide(1, 0.5, crashes), Restart):
        pauses.append(verdict.after_seconds)
        crashes = verdict.crashes

    assert pauses == [0.5, 1, 2, 4, 8, 16, 30]
    assert "8 times in a row" in verdict.why


def test_staying_up_begins_a_new_row() -> None:
    assert decide(-9, STAYED_UP_SECONDS, CRASHES_BEFORE_GIVING_UP) == Restart(0.5, 1)


@pytest.mark.parametrize("code", [ExitCode.MISCONFIGURED, ExitCode.USAGE, 126, 127])
def test_what_cannot_get_better_is_not_tried_again(code: int) -> None:
    assert isinstance(decide(code, 1000.0, 0), GiveUp)


@given(st.integers(-64, 255), st.floats(0, 1e6), st.integers(0, 20))
def test_every_end_has_a_verdict_with_a_bounded_pause(
    code: int, ran_seconds: float, crashes: int
) -> None:
    verdict = decide(code, ran_seconds, crashes)

    if isinstance(verdict, Restart):
        assert 0 <= verdict.after_seconds <= 30
        assert verdict.crashes <= max(crashes, CRASHES_BEFORE_GIVING_UP)
    else:
        assert verdict.why
