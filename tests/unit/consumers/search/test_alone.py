"""One index a bus: a second one would share the partitions, and both would miss records."""

from __future__ import annotations

import pytest

from consumers.search.alone import NEWCOMER_WAITS_SECONDS, OTHERS_WAIT_SECONDS, Alone
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock

ALL = [("records.v1", number) for number in range(4)]


def alone(clock: ManualClock) -> Alone:
    return Alone(len(ALL), "recordbus-index", clock)


@pytest.mark.parametrize("won", [ALL[:2], []])
def test_a_newcomer_gives_up_and_says_what_to_do(won: list[tuple[str, int]]) -> None:
    clock = ManualClock()
    index = alone(clock)
    index.check()
    index.assigned(won)
    clock.advance(NEWCOMER_WAITS_SECONDS - 1)
    index.check()
    clock.advance(1)

    with pytest.raises(Misconfigured, match="another process keeps a search index") as caught:
        index.check()

    assert f"{4 - len(won)} go to it" in str(caught.value)
    assert "index run" in str(caught.value.hint)


def test_an_index_whose_predecessor_was_just_killed_goes_on() -> None:
    clock = ManualClock()
    index = alone(clock)
    index.assigned(ALL[:2])
    clock.advance(NEWCOMER_WAITS_SECONDS - 1)
    index.assigned(ALL)
    clock.advance(1000)

    index.check()


def test_the_index_that_was_there_before_outlasts_a_newcomer() -> None:
    clock = ManualClock()
    index = alone(clock)
    index.assigned(ALL)
    index.assigned(ALL[2:])
    clock.advance(NEWCOMER_WAITS_SECONDS + 10)
    index.check()
    index.assigned(ALL)
    clock.advance(1000)
    index.check()


def test_an_index_that_lost_its_partitions_for_good_does_not_stay_partial() -> None:
    clock = ManualClock()
    index = alone(clock)
    index.assigned(ALL)
    index.assigned([])
    clock.advance(OTHERS_WAIT_SECONDS)

    with pytest.raises(Misconfigured, match="4 go to it"):
        index.check()
