"""What a subscriber holds is what it may have, whatever happens in between (R-23, R-24, R-32)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.saying import Part
from recordbus.audit import Outcome
from recordbus.errors import Retryable
from recordbus.testing.records import part
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    bus = Bus(tmp_path / "feeds.sqlite")
    yield bus
    bus.ledger.close()


def told(bus: Bus) -> list[tuple[str, str, str | None, int]]:
    """Give kind of subject, status, reason and number of all that was received."""
    return [
        (each["subject"].partition("/")[0], each["data"]["status"], each["data"]["reason"],
         each["data"]["sequence"])
        for each in bus.partner.received
    ]  # fmt: skip


def test_a_new_subscriber_is_told_what_there_is_and_then_what_changes(bus: Bus) -> None:
    bus.say(made.record(1, 1, "first"), made.association(1, 1))
    bus.subscribe(made.subscription())
    bus.rest()
    assert told(bus) == [("record", "asserted", None, 1), ("association", "asserted", None, 1)]
    bus.say(made.record(1, 2, "second"))
    bus.rest()
    assert told(bus)[2:] == [("record", "changed", "corrected", 2)]
    assert bus.partner.copy[f"record/{made.record_key(1)}"]["body"]["narrative"] == "second"


def test_the_same_said_again_is_not_told(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1, "same"), made.association(1, 1))
    bus.rest()
    bus.say(made.record(1, 2, "same"), made.association(1, 2))
    bus.rest()
    assert len(bus.partner.received) == 2


@pytest.mark.parametrize("status", ["withdrawn", "sealed", "expunged"])
def test_a_removal_takes_back_all_of_the_record_and_says_why(bus: Bus, status: str) -> None:
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1), made.association(1, 1))
    bus.rest()
    bus.say(made.record(1, 2, status=status))
    bus.rest()
    assert bus.partner.copy == {}
    assert told(bus)[2:] == [
        ("association", "retracted", status, 2), ("record", "retracted", status, 2),
    ]  # fmt: skip
    assert [each.sequence for each in bus.ledger.held.awaited("metro-1")] == [2, 2]


def test_a_dispute_freezes_the_edge_and_its_end_brings_it_back(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1), made.association(1, 1))
    bus.rest()
    frozen = made.association(1, 2, status="retracted", reason="dispute")
    bus.say(frozen)
    bus.rest()
    bus.say(made.association(1, 3))
    bus.rest()
    assert told(bus)[2:] == [
        ("association", "retracted", "dispute", 2), ("association", "asserted", None, 3),
    ]  # fmt: skip


def test_a_split_is_told_and_asks_for_no_receipt(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1), made.association(1, 1, entity="e1"))
    bus.rest()
    bus.say(made.association(1, 2, entity="e2"))
    bus.rest()
    assert told(bus)[2:] == [("association", "changed", "regrouped", 2)]
    assert bus.ledger.held.awaited("metro-1") == []


def test_a_tightened_agreement_takes_back_what_it_no_longer_covers(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1, "told"), made.association(1, 1))
    bus.rest()
    bus.decide_by(made.agreement(made.MASKED, version=2))
    bus.rest()
    assert {each[1:3] for each in told(bus)[2:]} == {("changed", "coverage")}
    (_, record), (_, association) = sorted(bus.partner.copy.items(), reverse=True)
    assert "narrative" not in record["body"]
    assert "verdicts" not in association["association"]
    bus.decide_by(made.agreement(made.NOTHING, version=3))
    bus.rest()
    assert bus.partner.copy == {}
    assert {each[1:3] for each in told(bus)[4:]} == {("retracted", "not_covered")}


def test_an_agreement_that_ends_takes_everything_back_by_itself(bus: Bus) -> None:
    bus.decide_by(made.agreement(made.FULL, end="2026-01-31"))
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1))
    bus.rest()
    assert bus.partner.copy
    bus.clock.advance(31 * 86_400)
    bus.rest()
    assert bus.partner.copy == {}


def test_a_subscription_that_nobody_confirms_stops_after_its_grace(bus: Bus) -> None:
    bus.subscribe(made.subscription(revalidate_days=30, grace_days=5))
    bus.say(made.record(1, 1))
    bus.rest()
    bus.clock.advance(34 * 86_400)
    bus.say(made.record(2, 1))
    bus.rest()
    assert len(bus.partner.copy) == 2
    bus.clock.advance(2 * 86_400)
    bus.say(made.record(3, 1))
    bus.rest()
    assert bus.partner.copy == {}
    assert told(bus)[-1][1:3] == ("retracted", "subscription_ended")


def test_what_was_never_answered_is_sent_again_under_its_id(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.partner.mood = "mute"
    bus.say(made.record(1, 1, "told"))
    bus.settle()
    bus.restart()
    bus.partner.mood = "well"
    bus.rest()
    first, second = bus.partner.received
    assert first == second


def test_what_changes_while_an_answer_is_awaited_is_told_afterwards(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.executor.is_late = True
    bus.say(made.record(1, 1, "first"))
    bus.settle()
    bus.say(made.record(1, 2, "second"))
    bus.settle()
    bus.rest()
    assert [each[1:] for each in told(bus)] == [("asserted", None, 1), ("changed", "corrected", 2)]


def test_what_may_have_arrived_is_taken_back_when_it_is_expunged(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.partner.mood = "mute"
    bus.say(made.record(1, 1, "told"))
    bus.settle()
    assert bus.partner.copy
    bus.say(made.record(1, 2, status="expunged"))
    bus.partner.mood = "well"
    bus.rest()
    assert bus.partner.copy == {}
    assert told(bus)[-1] == ("record", "retracted", "expunged", 2)


def test_a_tombstone_does_not_take_the_reason_away_from_who_was_not_reached(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1, "told"))
    bus.rest()
    bus.partner.mood = "away"
    bus.say(made.record(1, 2, status="expunged"))
    bus.settle()
    bus.apply([bus.tombstone(made.record_key(1), Part.RECORD)])
    bus.partner.mood = "well"
    bus.rest()
    assert told(bus)[-1][1:3] == ("retracted", "expunged")
    assert bus.ledger.said.presence(made.record_key(1)).record is None


def test_a_parcel_that_is_refused_does_not_hold_up_the_others(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.partner.mood = "unwilling"
    bus.say(made.record(1, 1))
    bus.settle()
    bus.partner.mood = "well"
    bus.say(made.record(2, 1))
    bus.settle(3)
    assert [each["subject"] for each in bus.partner.received] == [f"record/{made.record_key(2)}"]
    bus.rest()
    assert len(bus.partner.copy) == 2


def test_nothing_is_sent_to_an_endpoint_that_is_gone_and_nothing_is_forgotten(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.partner.mood = "gone"
    bus.say(made.record(1, 1))
    bus.settle(2)
    bus.partner.mood = "well"
    bus.clock.advance(30 * 86_400)
    bus.settle(5)
    assert bus.partner.received == []
    assert bus.ledger.due.count("metro-1") == 1


def test_overdue_receipts_suspend_what_is_new_and_not_what_must_go(bus: Bus) -> None:
    bus.subscribe(made.subscription(receipt_hours=1))
    bus.say(made.record(1, 1, "a"), made.record(2, 1, "b"))
    bus.rest()
    bus.say(made.record(1, 2, "c"))
    bus.rest()
    bus.clock.advance(2 * 3600)
    bus.settle(2)
    bus.say(made.record(3, 1), made.record(2, 2, status="expunged"))
    bus.settle(5)
    assert set(bus.partner.copy) == {f"record/{made.record_key(1)}"}
    with bus.ledger.transaction():
        for each in bus.ledger.held.awaited("metro-1"):
            assert bus.ledger.held.receipted("metro-1", each.delivery_id)
            assert not bus.ledger.held.receipted("metro-1", each.delivery_id)
    bus.clock.advance(2)
    bus.rest()
    assert f"record/{made.record_key(3)}" in bus.partner.copy


def test_nothing_leaves_while_the_audit_cannot_be_written(bus: Bus) -> None:
    """R-39: no delivery before its entry; what was about to leave is sent once it can be."""
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1))
    bus.audit.failure = Retryable("the audit is away")
    with pytest.raises(Retryable):
        bus.settle()
    assert bus.partner.received == []
    bus.audit.failure = None
    bus.restart()
    bus.rest()
    assert len(bus.partner.copy) == 1
    sending, sent = bus.audit.entries
    assert (sending.outcome, sent.outcome) == (Outcome.SENDING, Outcome.SENT)
    assert sending.entry_id == sent.entry_id
    assert sending.purpose == made.PURPOSE
    assert sending.owners == (made.OWNER,)


def test_a_watch_list_follows_its_mention_from_entity_to_entity(bus: Bus) -> None:
    """R-09: what is watched is a mention; whom it belongs to may change."""
    watched = f"{made.record_key(1)}.p1"
    bus.subscribe(made.subscription(selector={"watched": [watched]}))
    bus.say(
        made.record(1, 1), bus.identity(1, "p1", "e1"),
        made.record(2, 1), bus.identity(2, "p1", "e1"),
        made.record(3, 1), bus.identity(3, "p1", "e3"),
    )  # fmt: skip
    bus.rest()
    assert set(bus.partner.copy) == {f"record/{made.record_key(each)}" for each in (1, 2)}
    bus.say(bus.identity(1, "p1", "e3"))
    bus.rest()
    assert set(bus.partner.copy) == {f"record/{made.record_key(each)}" for each in (1, 3)}


@pytest.mark.parametrize("narrative", ["one", "another"])
def test_a_masked_field_that_is_corrected_tells_nothing(bus: Bus, narrative: str) -> None:
    bus.decide_by(made.agreement(made.MASKED))
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1, "one"))
    bus.rest()
    bus.say(made.record(1, 2, narrative))
    bus.rest()
    assert len(bus.partner.received) == 1


def test_a_filter_on_a_masked_field_holds_for_nothing(bus: Bus) -> None:
    bus.decide_by(made.agreement(made.rules(masks="body.locations")))
    bus.say(made.record(1, 1))
    city = _city(made.record(1, 1))
    bus.subscribe(made.subscription(selector={"cities": [city]}))
    bus.rest()
    assert bus.partner.received == []
    bus.decide_by(made.agreement(made.FULL, version=2))
    bus.rest()
    assert len(bus.partner.copy) == 1


def test_by_basis_a_record_comes_with_its_associations_and_goes_with_them(bus: Bus) -> None:
    bus.subscribe(made.subscription(selector={"bases": ["conviction"]}))
    bus.say(made.record(1, 1), made.association(1, 1, "arrest"))
    bus.rest()
    assert bus.partner.received == []
    bus.say(made.association(1, 2, "conviction"))
    bus.rest()
    assert sorted(each.partition("/")[0] for each in bus.partner.copy) == ["association", "record"]
    gone: Any = {"status": "retracted", "reason": "disposition", "association": None}
    bus.say(made.association(1, 3, "conviction", **gone))
    bus.rest()
    assert bus.partner.copy == {}


def _city(record: dict[str, Any]) -> str:
    city = part("Address", **record["body"]["locations"][0]["location"]["address"])["city"]
    assert city
    return str(city)


def test_whom_a_mention_stands_for_is_nothing_to_look_at_for_who_asks_for_no_entity(
    bus: Bus,
) -> None:
    watched = f"{made.record_key(1)}.p1"
    bus.subscribe(made.subscription("everything"))
    bus.subscribe(made.subscription("watching", selector={"watched": [watched]}))
    bus.say(made.record(1, 1), made.association(1, 1, entity="e1"))
    bus.rest()
    told_before = len(bus.partner.received)
    bus.say(bus.identity(1, "p1", "e1"))
    assert bus.ledger.due.count("everything") == 0
    assert bus.ledger.due.count("watching") == 1
    bus.rest()
    assert len(bus.partner.received) > told_before


def test_what_was_said_anew_is_looked_at_though_an_identity_came_with_it(bus: Bus) -> None:
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1, "first"))
    bus.rest()
    bus.say(bus.identity(1, "p1", "e1"), made.record(1, 2, "second"))
    assert bus.ledger.due.count("metro-1") == 1
    bus.rest()
    assert bus.partner.copy[f"record/{made.record_key(1)}"]["body"]["narrative"] == "second"
