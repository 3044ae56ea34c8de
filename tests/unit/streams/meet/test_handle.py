"""Meet message by message: what it answers, what it refuses, and what it counts."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any, cast

import pytest

from recordbus import metrics
from recordbus.errors import Rejected
from recordbus.kafka.wire import frame
from schemas import catalog
from schemas.types import Bundle
from streams.meet.entries import MEETINGS
from streams.meet.handle import VERDICTS
from streams.meet.offer import removal
from streams.meet.publish import MeetingWriter
from streams.meet.stage import meet_stage, observe
from streams.meet.testing import Desk
from streams.resolution.limits import Limits
from streams.runtime.contract import Note
from tests.unit.streams.meet.meeting_bundles import bundle, key


def others(desk: Desk, number: int) -> list[str]:
    """Give the records that a record's list names."""
    pairs = desk.evidence(key(number))["pairs"]
    return sorted({pair["other"].partition(".")[0] for pair in pairs})


def test_the_first_of_two_is_alone_and_the_second_names_it() -> None:
    desk = Desk()
    assert desk.bundle(bundle(1)).outcome == "met"
    desk.bundle(bundle(2))
    assert others(desk, 1) == []
    assert others(desk, 2) == [key(1)]


def test_a_record_that_goes_is_in_no_list_any_more() -> None:
    """R-25: what is left of it is a marker, in meet's state too."""
    desk = Desk()
    desk.bundle(bundle(1))
    desk.bundle(bundle(2))
    handled = desk.removed(removal(key(1), 3, 0, [], "expunged"))
    assert handled.outcome == "removed"
    assert others(desk, 2) == []
    name, said = desk.board[f"{key(1)}/0"]
    assert (name, said["reason"], said["parts"]) == ("EvidenceRemoved", "expunged", [])
    assert len(desk.states[key(1).encode()]) < 100
    assert key(1) not in str(desk.machine.index)


def test_a_correction_that_still_meets_says_only_its_own_list() -> None:
    desk = Desk()
    desk.bundle(bundle(1))
    desk.bundle(bundle(2))
    handled = desk.bundle(bundle(1, version=5))
    assert [output.key for output in handled.outputs] == [f"{key(1)}/0".encode()]
    assert desk.evidence(key(1))["version"] == 5


def test_members_tell_what_keeps_bearers_apart() -> None:
    desk = Desk()
    said = bundle(1)
    desk.bundle(said)
    (member,) = [m for m in desk.evidence(key(1))["members"] if m["kind"] == "person"]
    person = said["people"][0]
    assert member["births"] == [person["date_of_birth"]]
    assert member["given"] == person["names"][0]["given"]
    assert member["recorded_at"] == said["recorded_at"]
    assert not member["is_alone"]


def test_what_is_older_than_what_is_known_is_superseded() -> None:
    desk = Desk()
    desk.bundle(bundle(1, version=5))
    states = dict(desk.states)
    assert desk.bundle(bundle(1, version=4)).outcome == "superseded"
    assert desk.states == states


def test_a_tombstone_changes_nothing_and_a_tick_closes_the_segment() -> None:
    desk = Desk()
    desk.removed(removal(key(1), 3, 0, [], "expunged"))
    states = dict(desk.states)
    assert desk.send(key(1).encode(), None).outcome == "tombstone"
    assert desk.states == states
    assert desk.send(b"tick/0", None).outcome == "tick"
    assert desk.states.keys() == {key(1).encode(), b"tick/0"}
    desk.restart()


@pytest.mark.parametrize("broken", [b"", b"\0\0\0\0\1", b"\0\0\0\0\1\7", b"\0\0\0\0\1\2\1"])
def test_what_is_no_entry_is_refused(broken: bytes) -> None:
    desk = Desk()
    with pytest.raises(Rejected):
        desk.send(key(1).encode(), broken)
    assert desk.states == {}


def test_a_bundle_that_is_cut_off_is_refused_and_changes_nothing() -> None:
    desk = Desk()
    value = desk.writer.bundle(bundle(1))
    before = desk.machine.index
    for end in range(6, len(value)):
        with pytest.raises(Rejected):
            desk.send(key(1).encode(), value[:end])
    assert desk.machine.index == before


def test_a_bundle_under_another_key_is_refused() -> None:
    desk = Desk()
    with pytest.raises(Rejected, match="another record") as refused:
        desk.send(key(2).encode(), desk.writer.bundle(bundle(1)))
    assert refused.value.reason == "key_mismatch"


def test_a_message_of_an_unknown_schema_is_refused() -> None:
    desk = Desk()
    with pytest.raises(Rejected) as refused:
        desk.send(key(1).encode(), frame(99, desk.writer.bundle(bundle(1))[5:]))
    assert refused.value.reason == "unknown_schema"


def test_entries_of_a_newer_schema_meet_those_of_ours() -> None:
    desk = Desk()
    desk.bundle(bundle(1))
    newer: Any = deepcopy(catalog.avro_schema("recordbus.v1.MeetingEntry"))
    added = {"name": "mood", "type": "string", "default": "", "doc": "Something new."}
    newer["fields"][0]["type"][0]["fields"].insert(0, added)
    schema_id = desk.registry.add(f"{MEETINGS}-value", newer)
    writer = MeetingWriter(schema_id, newer)
    desk.send(key(2).encode(), writer.bundle(cast(Bundle, {**bundle(2), "mood": "fine"})))
    assert others(desk, 2) == [key(1)]
    desk.stage = meet_stage(desk.registry)
    desk.restart()
    desk.bundle(bundle(3))
    assert others(desk, 3) == [key(1), key(2)]


def test_flips_and_lists_that_are_said_again_are_counted() -> None:
    desk = Desk(Limits(block_members=2))
    notes: Counter[Note] = Counter()
    for number in range(1, 4):
        notes.update(desk.bundle(bundle(number)).notes)
    notes.update(desk.removed(removal(key(1), 9, 0, [], "withdrawn")).notes)
    assert notes[Note("block", ("suspended",))] > 0
    assert notes[Note("block", ("suspended",))] == notes[Note("block", ("resumed",))]
    assert notes[Note("restated", ("flipped",))] == 4
    assert others(desk, 3) == [key(2)]
    name = "recordbus_meet_restated_lists_total"
    before = metrics.sample(name, cause="flipped") or 0
    observe(notes)
    assert metrics.sample(name, cause="flipped") == before + 4


def test_what_meet_says_goes_to_the_one_partition_of_verdicts() -> None:
    desk = Desk(partition=2)
    (output,) = desk.bundle(bundle(1)).outputs
    assert (output.topic, output.key, output.partition) == (VERDICTS, f"{key(1)}/2".encode(), 0)
    assert catalog.topics().spec(VERDICTS).partitions == 1


def test_a_list_that_is_too_large_is_said_without_its_pairs_and_stops_no_removal() -> None:
    """R-25: a removal is honoured however large the lists are that it makes be said again."""
    desk = Desk()
    desk.bundle(bundle(1))
    desk.bundle(bundle(2))
    desk.bundle(bundle(3))
    bare = {**desk.evidence(key(3)), "pairs": []}
    desk.machine._most_bytes = len(desk.machine._writer.evidence(bare)) + 10
    handled = desk.removed(removal(key(1), 9, 0, [], "expunged"))
    assert Note("oversize") in handled.notes
    assert others(desk, 3) == []
    assert desk.evidence(key(3))["members"]
    observe(Counter(handled.notes))
    assert (metrics.sample("recordbus_meet_oversize_lists_total") or 0) >= 1
