"""Thousands of different people whom one address, phone and sound of name join (R-09).

Nobody's arrival, correction or withdrawal may hold a stage up, and nobody may become somebody else.
"""

from __future__ import annotations

import pytest

from bench.storm import Step, Town, storm

PEOPLE = 2000  # `make bench ARGS=storm` has 5,000
MOST_SECONDS = 1.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(PEOPLE)


@pytest.fixture(scope="module")
def steps(town: Town) -> list[Step]:
    return storm(town)


def test_no_message_holds_a_stage_up(town: Town, steps: list[Step]) -> None:
    longest = {name: room.longest for name, room in town.chain.rooms.items()}

    assert all(room.handled > 2 * PEOPLE for room in town.chain.rooms.values())
    assert max(longest.values()) <= MOST_SECONDS, longest


def test_nobody_becomes_somebody_else(steps: list[Step]) -> None:
    steady = [each for each in steps if not each.telling]

    assert steady[0].mentions == PEOPLE * 11 // 10
    assert [each.wrong for each in steady] == [0] * len(steady), steady


def test_whom_two_departments_know_stays_one(steps: list[Step]) -> None:
    assert steps[0].twice == PEOPLE // 10
    assert steps[-1].twice > 0
    assert all(each.joined == each.twice for each in steps), steps


def test_what_was_suspended_and_what_weighs_nothing_is_reported(
    town: Town, steps: list[Step]
) -> None:
    notes = town.chain.rooms["meet"].notes

    assert notes["block suspended"] == notes["block resumed"] > 0, notes
    assert notes["value default"] == notes["value telling"] + 2, notes
    assert notes["value telling"] == 2 * sum(each.telling for each in steps), notes
