"""Order is source_seq's alone; ticks and tombstones are intake's to write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from streams.intake.state import decode
from streams.intake.testing import Desk, entry_of, reason, record_of
from streams.intake.topics import (
    MEETINGS,
    QUARANTINE,
    RECORDS,
    RELATIONS,
    UPKEEP,
    VERDICTS,
    VERIFICATIONS,
)
from streams.runtime.contract import Output

KEY = records.change()["record_key"]
STATUSES = ("live", "withdrawn", "sealed", "expunged")


def message(status: str, source_seq: int) -> dict[str, Any]:
    if status == "live":
        return records.change(source_seq=source_seq)
    return records.removal(status, source_seq)


@pytest.mark.parametrize("status", ["sealed", "withdrawn"])
def test_a_sealed_or_withdrawn_record_comes_back_with_a_higher_number(
    desk: Desk, status: str
) -> None:
    desk.say(message("live", 1))
    desk.say(message(status, 2))
    assert desk.say(message("live", 1)).outcome == "superseded"
    assert record_of(desk.say(message("live", 3)))["status"] == "live"


def test_an_expunge_is_honoured_whatever_its_number(desk: Desk) -> None:
    desk.say(message("live", 9))
    assert record_of(desk.say(message("expunged", 2)))["status"] == "expunged"
    assert decode(desk.states[KEY.encode()]).source_seq == 9


def test_expunging_again_is_a_duplicate(desk: Desk) -> None:
    desk.say(message("expunged", 2))
    assert desk.say(message("expunged", 3)).outcome == "duplicate"


def test_nothing_broken_of_a_sealed_record_is_kept(desk: Desk) -> None:
    desk.say(message("sealed", 2))
    handled = desk.send(desk.framed(records.encode(message("live", 3))[:-2]), KEY)
    assert handled.quarantined is not None
    assert not handled.quarantined.keep_value


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(0, 4)), max_size=12))
def test_the_last_word_is_the_same_in_any_order_of_arrival(said: list[tuple[str, int]]) -> None:
    """The newest number wins, and an expunge beats every number, however messages arrive.

    Two messages of one number with different content are the department's own contradiction, so
    one is kept for each number.
    """
    unique = list({seq: (status, seq) for status, seq in said}.values())
    assert last_word(unique) == last_word(unique[::-1]) == expected(unique)


DESK = Desk(MemoryRegistry())


def last_word(said: list[tuple[str, int]]) -> str:
    desk = DESK
    desk.states.clear()
    last = ""
    for status, seq in said:
        handled = desk.say(message(status, seq))
        if handled.outputs:
            last = record_of(handled)["status"]
    return last


def expected(said: list[tuple[str, int]]) -> str:
    if any(status == "expunged" for status, _ in said):
        return "expunged"
    return max(said, key=lambda each: each[1])[0] if said else ""


def test_handling_again_from_the_same_state_says_the_same(desk: Desk) -> None:
    first = desk.say(message("live", 1))
    desk.states.clear()
    desk.offset = 0
    assert desk.say(message("live", 1)) == first


def test_a_tick_is_written_to_its_partition(desk: Desk) -> None:
    handled = desk.upkeep("tick", "tick")
    assert list(handled.outputs[:3]) == [
        Output(RECORDS, b"tick/0", None, 0),
        Output(VERIFICATIONS, b"tick/0", None, 0),
        Output(QUARANTINE, b"tick/0", None),
    ]
    assert b"tick/0" in desk.states


def test_the_time_is_told_to_those_who_let_things_expire(desk: Desk) -> None:
    """R-21: time reaches associations and judgements as data."""
    handled = desk.upkeep("tick", "tick")
    for topic in (RELATIONS, VERDICTS):
        (output,) = [each for each in handled.outputs if each.topic == topic]
        assert (output.key, output.partition) == (b"tick/0", 0)
        assert entry_of(handled, topic) == ("Tick", {"at": records.MOMENT})


def test_a_tick_lets_every_meeting_partition_close_its_segment() -> None:
    desk = Desk(MemoryRegistry(), meeting_partitions=3)
    ticks = [o for o in desk.upkeep("tick", "tick").outputs if o.topic == MEETINGS]
    assert ticks == [Output(MEETINGS, b"tick/0", None, part) for part in range(3)]


def test_a_department_cannot_pass_for_a_tick(desk: Desk) -> None:
    framed = desk.framed(records.encode(records.change()))
    assert reason(desk.send(framed, b"tick")) == "key_mismatch"
    assert reason(desk.send(framed, b"tick/0")) == "key_mismatch"
    assert desk.states == {}


def test_a_removal_becomes_a_tombstone_when_upkeep_asks_for_exactly_it(desk: Desk) -> None:
    desk.say(message("live", 1))
    removal = record_of(desk.say(message("withdrawn", 2)))
    assert desk.upkeep("tombstone", KEY, removal["version"] - 1).outputs == ()
    assert list(desk.upkeep("tombstone", KEY, removal["version"]).outputs) == [
        Output(RECORDS, KEY.encode(), None, 0),
        Output(RELATIONS, f"{KEY}/intake".encode(), None, 0),
        Output(MEETINGS, KEY.encode(), None, 0),
    ]
    assert desk.upkeep("tombstone", KEY, removal["version"]).outputs == ()
    assert decode(desk.states[KEY.encode()]).status == "withdrawn"


def test_a_record_that_lives_again_is_not_tombstoned(desk: Desk) -> None:
    removal = record_of(desk.say(message("withdrawn", 2)))
    desk.say(message("live", 3))
    assert desk.upkeep("tombstone", KEY, removal["version"]).outcome == "upkeep_ignored"


def test_an_expunged_key_stays_expunged_after_its_tombstone(desk: Desk) -> None:
    removal = record_of(desk.say(message("expunged", 2)))
    desk.upkeep("tombstone", KEY, removal["version"])
    assert reason(desk.say(message("live", 3))) == "resurrection_attempt"


def test_a_request_about_an_unknown_or_malformed_key_does_nothing(desk: Desk) -> None:
    assert desk.upkeep("tombstone", "ab" * 32, 1).outputs == ()
    assert desk.upkeep("tombstone", "no key", 1).outputs == ()
    assert desk.states == {}
    assert desk.schema_ids[UPKEEP]


def test_a_tick_in_a_departments_topic_only_closes_its_segment(desk: Desk) -> None:
    handled = desk.send(None, b"tick/0")
    assert handled.outcome == "tick"
    assert handled.quarantined is None
    assert handled.outputs == ()
    assert desk.states == {}
