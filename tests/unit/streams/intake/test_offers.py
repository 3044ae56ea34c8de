"""What intake tells other stages of a record: all that its newest version implies, and no more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import orjson
import pytest

from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from schemas.types import Record
from streams.associate.offer import entities_under, relations_of_record
from streams.intake.state import decode
from streams.intake.testing import SECRET, Desk, entry_of, read_entry, record_of
from streams.intake.topics import MEETINGS, RELATIONS
from streams.meet.digests import Digests
from streams.meet.offer import bundles_of_record
from streams.runtime.contract import Handled

KEY = records.change()["record_key"]
ENTITY = entities_under(SECRET)
DAY = timedelta(days=1)
REMOVALS = ("withdrawn", "sealed", "expunged")


PARTS = 8
DIGESTS = Digests(SECRET)


@pytest.fixture
def wide_desk() -> Desk:
    return Desk(MemoryRegistry(), meeting_partitions=PARTS)


def meetings(handled: Handled) -> dict[int, tuple[str, dict[str, Any]]]:
    """Give what each meeting partition was told."""
    said = [each for each in handled.outputs if each.topic == MEETINGS]
    assert len({each.partition for each in said}) == len(said)
    assert {each.key for each in said} <= {KEY.encode()}
    return {each.partition: read_entry(each) for each in said}


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


@pytest.mark.parametrize("kind", catalog.record_kinds())
@pytest.mark.parametrize("partitions", [1, PARTS])
def test_bundles_are_those_of_the_record(kind: str, partitions: int) -> None:
    desk = Desk(MemoryRegistry(), meeting_partitions=partitions)
    handled = desk.say(records.change(kind))
    record = cast(Record, record_of(handled))
    wanted = bundles_of_record(record, 0, DIGESTS, partitions)
    said = [each for each in handled.outputs if each.topic == MEETINGS]
    assert {o.partition: read_entry(o) for o in said} == {
        part: ("Bundle", bundle) for part, bundle in wanted.items()
    }


def someone_else() -> dict[str, Any]:
    """Give a body whose one person has nothing in common with those of the usual one."""
    person = records.person("Otto", "Brandt", phones=[], addresses=[], identifiers=[])
    people = [records.person_role("field_contact", "p1", person=person)]
    return records.body(people=people, vehicles=[], locations=[])


def test_a_correction_is_told_to_the_partitions_that_it_leaves(wide_desk: Desk) -> None:
    before = set(meetings(wide_desk.say(records.change())))
    said = meetings(wide_desk.say(records.change(source_seq=2, body=someone_else())))
    now = {part for part, (name, _) in said.items() if name == "Bundle"}
    left = before - now
    assert left
    assert said.keys() == now | left
    gone = {"record_key": KEY, "version": 2, "home_partition": 0}
    for part in left:
        assert said[part] == ("BundleRemoved", gone | {"parts": sorted(now), "reason": None})
    state = decode(wide_desk.states[KEY.encode()])
    assert (set(state.parts), set(state.marked)) == (now, left)


@pytest.mark.parametrize("status", REMOVALS)
def test_r23_a_removal_takes_every_bundle_back(wide_desk: Desk, status: str) -> None:
    before = meetings(wide_desk.say(records.change()))
    said = meetings(wide_desk.say(records.removal(status, 2)))
    gone = {"record_key": KEY, "version": 2, "home_partition": 0, "parts": [], "reason": status}
    assert said == dict.fromkeys(before, ("BundleRemoved", gone))


def test_r25_markers_are_erased_wherever_a_bundle_ever_was(wide_desk: Desk) -> None:
    ever = set(meetings(wide_desk.say(records.change())))
    ever |= set(meetings(wide_desk.say(records.change(source_seq=2, body=someone_else()))))
    removed = wide_desk.say(records.removal("withdrawn", 3))
    assert set(meetings(removed)) < ever
    erased = wide_desk.upkeep("tombstone", KEY, record_of(removed)["version"])
    told = {each.partition for each in erased.outputs if each.topic == MEETINGS}
    assert told == ever
    state = decode(wide_desk.states[KEY.encode()])
    assert (state.parts, state.marked) == ((), ())


def test_a_second_removal_finds_no_bundle_to_take_back(wide_desk: Desk) -> None:
    ever = set(meetings(wide_desk.say(records.change())))
    wide_desk.say(records.removal("withdrawn", 2))
    removed = wide_desk.say(records.removal("expunged", 3))
    assert meetings(removed) == {}
    erased = wide_desk.upkeep("tombstone", KEY, record_of(removed)["version"])
    assert {each.partition for each in erased.outputs if each.topic == MEETINGS} == ever


def test_what_comes_back_has_its_bundles_again(wide_desk: Desk) -> None:
    before = meetings(wide_desk.say(records.change()))
    wide_desk.say(records.removal("sealed", 2))
    after = meetings(wide_desk.say(records.change(source_seq=3)))
    assert before.keys() == after.keys()
    assert decode(wide_desk.states[KEY.encode()]).marked == ()
