"""R-09, R-26: what identify says of records as lists, judgements and time come and go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Rejected
from streams.identify.entries import VERDICTS
from streams.identify.forming import verdict_id
from streams.identify.testing import (
    DAY,
    LEAD,
    STRONG,
    VETOED,
    WITH_PHONE,
    Desk,
    court,
    evidence,
    framed,
    key_of,
    member,
    mention,
    pair,
    part,
    record_key,
    shared,
)
from streams.resolution.clusters import entity_id
from streams.runtime.contract import KEEP, Input, Note

PHONE = "phone:AAAAAAAAAAA"


def message_of(key: bytes, value: bytes) -> Input:
    """Give a message that nobody has seen yet."""
    return Input(VERDICTS, 0, 99, key, value, 0, 99)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def by(a: int, b: int) -> str:
    """Give the id of the decision on the first persons of two records."""
    first, second = sorted((mention(a), mention(b)))
    return verdict_id((first, second))


def two_with_a_phone(desk: Desk) -> None:
    """Let two records be of one person, on nothing but a name, a date and a phone."""
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1), WITH_PHONE, shared=shared(PHONE))])


def test_a_link_makes_one_entity_of_two_and_names_the_verdict_it_rests_on(desk: Desk) -> None:
    desk.evidence(1)
    assert desk.resolved(1) == {
        "local_id": "p1",
        "entity_id": entity_id("person", mention(1)),
        "verdicts": [],
    }
    handled = desk.evidence(2, pairs=[pair(mention(1))])
    assert handled.outcome == "identified"
    assert desk.told_of() == {record_key(2)}
    assert desk.together((1, 2))
    assert (desk.resolved(1)["verdicts"], desk.resolved(2)["verdicts"]) == ([], [by(1, 2)])


def test_who_joins_later_changes_nothing_that_was_said_of_others(desk: Desk) -> None:
    for number in range(1, 9):
        desk.evidence(number, pairs=[pair(mention(other)) for other in range(1, number)])
        assert desk.told_of() == {record_key(number)}
    assert desk.together(range(1, 9))
    assert [desk.resolved(number)["verdicts"] for number in range(2, 9)] == [
        [by(1, number)] for number in range(2, 9)
    ]


def test_an_entity_is_named_anew_when_an_earlier_mention_comes_late(desk: Desk) -> None:
    desk.evidence(2)
    desk.evidence(3, pairs=[pair(mention(2))])
    desk.evidence(1, pairs=[pair(mention(3))])
    assert desk.told_of() == {record_key(1), record_key(2), record_key(3)}
    assert desk.resolved(3)["entity_id"] == entity_id("person", mention(1))
    assert [desk.resolved(number)["verdicts"] for number in (1, 2, 3)] == [
        [], [by(2, 3)], [by(1, 3)],
    ]  # fmt: skip


def test_who_joins_two_entities_changes_those_only_that_get_another_name(desk: Desk) -> None:
    for number in (1, 2):
        desk.evidence(number)
    desk.evidence(3, pairs=[pair(mention(1))])
    desk.evidence(4, pairs=[pair(mention(2))])
    desk.evidence(5, pairs=[pair(mention(3)), pair(mention(4))])
    assert desk.told_of() == {record_key(2), record_key(4), record_key(5)}
    assert desk.together(range(1, 6))
    assert [desk.resolved(number)["verdicts"] for number in (1, 2, 3, 4, 5)] == [
        [], [by(4, 5)], [by(1, 3)], [by(2, 4)], [by(3, 5)],
    ]  # fmt: skip


numbers = range(1, 7)


@given(
    st.permutations(numbers),
    st.lists(
        st.tuples(st.sampled_from(numbers), st.sets(st.sampled_from(numbers))),
        min_size=1, max_size=6,
    ),
)  # fmt: skip
def test_what_holds_out_when_links_are_lost_is_what_it_would_be_from_the_start(
    order: list[int], losses: list[tuple[int, set[int]]]
) -> None:
    """R-09: a block that is suspended takes its links away record by record."""

    def say(desk: Desk, number: int) -> None:
        pairs = [pair(mention(other)) for other in sorted(linked[number])]
        desk.evidence(number, pairs=pairs, members=[member(recorded_at=order.index(number))])

    linked = {number: set(range(1, number)) for number in numbers}
    desk = Desk()
    for number in numbers:
        say(desk, number)
    for number, lost in losses:
        linked[number] -= lost
        say(desk, number)
        anew = Desk()
        for each in numbers:
            say(anew, each)
        assert desk.board == anew.board


def test_who_is_unlinked_is_as_if_never_linked(desk: Desk) -> None:
    desk.evidence(1)
    before = desk.said(1)
    desk.evidence(2, pairs=[pair(mention(1))])
    handled = desk.evidence(2, version=2)
    assert desk.said(1) == before
    assert not desk.together((1, 2))
    assert Note("entity", ("split",)) in handled.notes


def test_identities_go_to_the_partition_of_the_records_relations(desk: Desk) -> None:
    handled = desk.evidence(1, home_partition=3)
    assert [output.partition for output in handled.outputs] == [3]


def test_a_mention_that_is_only_described_is_said_too(desk: Desk) -> None:
    members = [member("p1"), member("d1", is_alone=True), member("v1", "vehicle")]
    desk.evidence(1, members=members)
    assert [m["local_id"] for m in desk.said(1)[1]["mentions"]] == ["p1", "d1", "v1"]
    desk.evidence(2)
    desk.judge(mention(1, "d1"), mention(2))
    assert desk.resolved(1, "d1")["entity_id"] != desk.resolved(2)["entity_id"]


def test_nothing_is_said_of_a_record_before_all_its_parts_have_spoken(desk: Desk) -> None:
    said = evidence(1, parts=[0, 2])
    handled = desk.say("RecordEvidence", said, 0)
    assert (handled.outcome, desk.board) == ("waiting", {})
    desk.say("RecordEvidence", said | {"members": None}, 2)
    assert desk.said(1)[1]["version"] == 1


def test_while_a_new_version_is_on_its_way_it_is_in_no_entity(desk: Desk) -> None:
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1))])
    last = desk.said(1)
    new = evidence(1, version=2, parts=[0, 1], pairs=[pair(mention(2))])
    desk.say("RecordEvidence", new, 0)
    assert desk.said(1) == last
    assert desk.resolved(2)["entity_id"] == entity_id("person", mention(2))
    assert desk.resolved(2)["verdicts"] == []
    desk.say("RecordEvidence", new | {"members": None, "pairs": []}, 1)
    assert desk.together((1, 2))
    assert desk.said(1)[1]["version"] == 2


def test_a_removal_never_counts_as_a_part_that_spoke(desk: Desk) -> None:
    desk.evidence(1)
    moved = part("EvidenceRemoved", record_key=record_key(1), version=2, parts=[1], reason=None)
    assert desk.say("EvidenceRemoved", moved, 0).outputs == []
    desk.say("RecordEvidence", evidence(1, version=2, parts=[1]), 1)
    assert desk.said(1)[1]["version"] == 2


def test_evidence_with_a_version_that_is_past_says_nothing(desk: Desk) -> None:
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1))])
    desk.evidence(1, version=2)
    assert not desk.together((1, 2))
    desk.evidence(2, pairs=[pair(mention(1), version=2)])
    assert desk.together((1, 2))


def test_evidence_may_come_before_the_version_that_it_names(desk: Desk) -> None:
    desk.evidence(2, pairs=[pair(mention(1), version=7)])
    desk.evidence(1, version=7)
    assert desk.together((1, 2))


def test_a_record_that_is_gone_leaves_a_marker_and_no_entity(desk: Desk) -> None:
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1))])
    assert desk.remove(1, 2, "expunged").outcome == "removed"
    assert desk.said(1) == (
        "PartRemoved",
        {"record_key": record_key(1), "version": 2, "reason": "expunged"},
    )
    assert desk.resolved(2)["entity_id"] == entity_id("person", mention(2))
    again = part("EvidenceRemoved", record_key=record_key(1), version=2, reason="expunged")
    assert desk.say("EvidenceRemoved", again, 1).outputs == []


def test_a_newer_version_is_always_said_and_an_equal_list_never(desk: Desk) -> None:
    desk.evidence(1)
    assert desk.evidence(1).outcome == "unchanged"
    assert desk.heard == []
    desk.evidence(1, version=2)
    assert desk.told_of() == {record_key(1)}


def test_a_list_that_is_older_than_what_was_heard_is_dropped_and_counted(desk: Desk) -> None:
    desk.evidence(1, version=2)
    handled = desk.evidence(1, version=1)
    assert (handled.state, handled.outcome) == (KEEP, "superseded")
    assert handled.notes == [Note("dropped", ("superseded",))]


def test_a_value_that_becomes_a_default_value_joins_nobody_any_more(desk: Desk) -> None:
    two_with_a_phone(desk)
    assert desk.together((1, 2))
    desk.default(PHONE)
    assert not desk.together((1, 2))
    desk.default(PHONE, is_default=False)
    assert desk.together((1, 2))


def test_only_pairs_that_share_the_value_are_touched_when_it_flips(desk: Desk) -> None:
    two_with_a_phone(desk)
    desk.evidence(3)
    desk.evidence(4, pairs=[pair(mention(3), STRONG)])
    desk.default(PHONE)
    assert desk.told_of() == {record_key(2)}
    assert desk.default(PHONE).outcome == "unchanged"


def test_a_judgement_overrides_a_veto_until_it_is_revoked(desk: Desk) -> None:
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1), VETOED)])
    assert not desk.together((1, 2))
    desk.judge(mention(1), mention(2))
    assert desk.together((1, 2))
    desk.judge(mention(1), mention(2), "revoked")
    assert not desk.together((1, 2))


def test_a_judgement_keeps_apart_what_evidence_would_join(desk: Desk) -> None:
    desk.judge(mention(1), mention(2), "different")
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1))])
    assert not desk.together((1, 2))


def test_a_judgement_stays_in_force_on_later_versions(desk: Desk) -> None:
    desk.evidence(1)
    desk.evidence(2)
    desk.judge(mention(1), mention(2), a_version=1, b_version=1)
    desk.evidence(1, version=2)
    assert desk.together((1, 2))


def test_a_judgement_lapses_when_a_tick_passes_its_end(desk: Desk) -> None:
    desk.evidence(1)
    desk.evidence(2)
    desk.judge(mention(1), mention(2), expires_at=DAY + timedelta(days=2))
    desk.tick(DAY + timedelta(days=1))
    assert desk.together((1, 2))
    desk.tick(DAY + timedelta(days=2))
    assert not desk.together((1, 2))
    assert desk.machine.judgements == 0


def test_a_judgement_that_is_over_when_it_comes_decides_nothing(desk: Desk) -> None:
    desk.tick(DAY + timedelta(days=2))
    desk.evidence(1)
    desk.evidence(2)
    desk.judge(mention(1), mention(2), expires_at=DAY)
    assert not desk.together((1, 2))


def test_time_never_goes_back(desk: Desk) -> None:
    desk.tick(DAY + timedelta(days=2))
    assert desk.tick(DAY).state is KEEP
    earlier = framed("Tick", {"at": DAY})
    assert desk.send(b"tick/1", earlier).state == earlier
    desk.evidence(1)
    desk.evidence(2)
    desk.judge(mention(1), mention(2), expires_at=DAY + timedelta(days=1))
    assert not desk.together((1, 2))


def a_court_and_an_arrest(desk: Desk, **decision: str) -> None:
    """Let an arrest (1) and a court's record (9) meet by a case, of one person."""
    desk.evidence(1, members=[member("p1"), member("p2")])
    desk.evidence(9, pairs=[pair(mention(1))], courts=[court(1, 9, **decision)])


def test_a_decision_reaches_the_arrest_of_the_same_person_and_nobody_else(desk: Desk) -> None:
    a_court_and_an_arrest(desk)
    assert desk.said(1)[1]["dispositions"] == [
        {
            "local_id": "p1",
            "outcome": "dismissed",
            "record_key": record_key(9),
            "version": 1,
            "matter_local_id": "@case:1",
        }
    ]


def test_a_pending_decision_is_said_too(desk: Desk) -> None:
    a_court_and_an_arrest(desk, outcome="pending")
    assert desk.said(1)[1]["dispositions"][0]["outcome"] == "pending"


def test_a_decision_that_is_withdrawn_reaches_nobody_any_more(desk: Desk) -> None:
    a_court_and_an_arrest(desk)
    desk.remove(9, 2)
    assert desk.said(1)[1]["dispositions"] == []


def test_a_split_takes_the_decision_back(desk: Desk) -> None:
    a_court_and_an_arrest(desk)
    desk.judge(mention(1), mention(9), "different")
    assert desk.said(1)[1]["dispositions"] == []
    desk.judge(mention(1), mention(9), "revoked")
    assert len(desk.said(1)[1]["dispositions"]) == 1


def test_a_court_record_reaches_its_own_people(desk: Desk) -> None:
    desk.evidence(9, courts=[court(9, 9)])
    assert [d["local_id"] for d in desk.said(9)[1]["dispositions"]] == ["p1"]


def test_the_arrests_list_may_state_the_decision_as_well(desk: Desk) -> None:
    desk.evidence(9)
    desk.evidence(1, pairs=[pair(mention(9))], courts=[court(1, 9)])
    assert len(desk.said(1)[1]["dispositions"]) == 1


def test_a_lead_is_counted_and_joins_nobody(desk: Desk) -> None:
    desk.evidence(1)
    handled = desk.evidence(2, pairs=[pair(mention(1), LEAD)])
    assert handled.notes == [Note("lead")]
    assert not desk.together((1, 2))
    assert desk.evidence(2, pairs=[pair(mention(1), LEAD)]).notes == []


def test_merges_and_alarms_are_counted_when_they_begin(desk: Desk) -> None:
    desk.evidence(1, members=[member(age_years=9)])
    handled = desk.evidence(2, pairs=[pair(mention(1))])
    assert set(handled.notes) == {Note("alarm", ("age_under_10_at_event",))}
    assert set(desk.evidence(2).notes) >= {Note("calmed", ("age_under_10_at_event",))}
    desk.evidence(2, pairs=[pair(mention(1))])
    desk.evidence(3)
    handled = desk.evidence(4, pairs=[pair(mention(3))])
    assert handled.notes == []
    handled = desk.evidence(3, pairs=[pair(mention(2))])
    assert Note("entity", ("merged",)) in handled.notes


def test_what_meet_never_says_is_counted(desk: Desk) -> None:
    handled = desk.evidence(1, members=None)
    assert Note("dropped", ("no_mentions",)) in handled.notes
    desk.evidence(2)
    handled = desk.evidence(3, pairs=[pair(mention(2), local_id="p7")])
    assert handled.notes == [Note("dropped", ("unknown_mention",))]
    desk.evidence(4, pairs=[pair(mention(2, "p8"))])
    assert desk.resolved(4)["verdicts"] == []


@pytest.mark.parametrize(
    "key", [b"", b"records", f"{record_key(2)}/0".encode(), f"{record_key(1)}/x".encode()]
)
def test_a_key_that_names_something_else_is_refused(desk: Desk, key: bytes) -> None:
    with pytest.raises(Rejected, match="key_mismatch"):
        desk.send(key, framed("RecordEvidence", evidence(1)))


def test_a_judgement_or_a_value_under_a_foreign_key_is_refused(desk: Desk) -> None:
    value = framed("DefaultValue", {"value": PHONE, "is_default": True})
    with pytest.raises(Rejected, match="key_mismatch"):
        desk.send(b"value/phone:BBBBBBBBBBB", value)
    with pytest.raises(Rejected, match="key_mismatch"):
        desk.send(b"tick/0", value)


def test_a_tombstone_of_meet_changes_nothing(desk: Desk) -> None:
    desk.evidence(1)
    handled = desk.send(key_of("RecordEvidence", evidence(1)), None)
    assert (handled.state, handled.outcome) == (KEEP, "tombstone")


def test_what_nobody_confirmed_never_was(desk: Desk) -> None:
    desk.evidence(1)
    machine, said = desk.machine, evidence(2, pairs=[pair(mention(1))])
    before = machine.index
    message = message_of(key_of("RecordEvidence", said), framed("RecordEvidence", said))
    first = machine.handle(message, None)
    assert machine.index == before
    assert machine.handle(message, None) == first


def test_what_was_handled_elsewhere_is_followed(desk: Desk) -> None:
    desk.evidence(1)
    said = evidence(2, pairs=[pair(mention(1))])
    key, value = key_of("RecordEvidence", said), framed("RecordEvidence", said)
    desk.machine.changed(key, None, value)
    desk.states[key] = value
    desk.evidence(3, pairs=[pair(mention(2))])
    assert desk.resolved(3)["entity_id"] == entity_id("person", mention(1))
    assert desk.resolved(3)["verdicts"] == [by(2, 3)]


def test_a_restart_changes_nothing(desk: Desk) -> None:
    two_with_a_phone(desk)
    desk.judge(mention(2), mention(3), expires_at=DAY + timedelta(days=1))
    desk.evidence(3)
    desk.tick(DAY)
    index = desk.machine.index
    desk.restart()
    assert desk.machine.index == index
    desk.default(PHONE)
    assert desk.told_of() == {record_key(2), record_key(3)}
    assert desk.together((2, 3))
    assert not desk.together((1, 2))
