"""What intake tells other stages of a record: all that its newest version implies, and no more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from recordbus.testing import records
from schemas import catalog
from streams.associate.offer import entities_under, relations_of_record
from streams.intake.state import decode
from streams.intake.testing import SECRET, Desk, entry_of, record_of
from streams.intake.topics import RELATIONS

KEY = records.change()["record_key"]
ENTITY = entities_under(SECRET)
DAY = timedelta(days=1)
REMOVALS = ("withdrawn", "sealed", "expunged")


def first_day(desk: Desk, **fields: Any) -> str:
    """Publish a state of the record; give the day from which its clocks count."""
    handled = desk.say(records.change(**fields))
    name, said = entry_of(handled, RELATIONS)
    assert name == "RecordRelations"
    assert said["first_recorded_on"] == record_of(handled)["first_recorded_on"]
    return str(said["first_recorded_on"])


@pytest.mark.parametrize("kind", catalog.record_kinds())
def test_relations_are_those_of_the_record(desk: Desk, kind: str) -> None:
    occurred = records.MOMENT - 400 * DAY
    handled = desk.say(records.change(kind, occurred_at=occurred))
    record = record_of(handled)
    first = date.fromisoformat(record["first_recorded_on"])
    said = relations_of_record(record, first, occurred.date(), ENTITY)
    assert entry_of(handled, RELATIONS) == ("RecordRelations", said)
    (output,) = [each for each in handled.outputs if each.topic == RELATIONS]
    assert (output.key, output.partition) == (f"{record['record_key']}/intake".encode(), 0)


@pytest.mark.parametrize("status", REMOVALS)
def test_r23_a_removal_takes_the_relations_back(desk: Desk, status: str) -> None:
    desk.say(records.change())
    handled = desk.say(records.removal(status, 2))
    gone = {"record_key": KEY, "version": 2, "reason": status}
    assert entry_of(handled, RELATIONS) == ("PartRemoved", gone)


def test_r22_no_update_moves_the_first_day(desk: Desk) -> None:
    later = records.MOMENT + 90 * DAY
    assert first_day(desk) == "2024-03-05"
    assert first_day(desk, source_seq=2, recorded_at=later) == "2024-03-05"
    assert first_day(desk, source_seq=3, recorded_at=records.MOMENT - DAY) == "2024-03-05"


@pytest.mark.parametrize("status", ["withdrawn", "sealed"])
def test_r22_what_comes_back_is_no_new_record(desk: Desk, status: str) -> None:
    first_day(desk)
    removed = record_of(desk.say(records.removal(status, 2)))
    assert removed["first_recorded_on"] is None
    desk.upkeep("tombstone", KEY, removed["version"])
    assert first_day(desk, source_seq=3, recorded_at=records.MOMENT + DAY) == "2024-03-05"


def test_a_removal_that_came_first_is_no_first_version(desk: Desk) -> None:
    desk.say(records.removal("withdrawn", 1))
    assert first_day(desk, source_seq=2, recorded_at=records.MOMENT + DAY) == "2024-03-06"


def test_a_day_of_recording_that_cannot_be_is_that_of_arrival(desk: Desk) -> None:
    odd = records.MOMENT + 4000 * DAY
    assert first_day(desk, recorded_at=odd) == "2024-03-05"


def test_r25_nothing_of_an_expunged_record_stays_in_the_state(desk: Desk) -> None:
    first_day(desk)
    desk.say(records.removal("expunged", 2))
    assert decode(desk.states[KEY.encode()]).first_recorded_on == ""


def test_a_state_of_an_earlier_release_is_read(desk: Desk) -> None:
    """What it does not say is taken from the next version."""
    first_day(desk)
    desk.states[KEY.encode()] = orjson.dumps(decode(desk.states[KEY.encode()])[:7])
    assert first_day(desk, source_seq=2, recorded_at=records.MOMENT + DAY) == "2024-03-06"
