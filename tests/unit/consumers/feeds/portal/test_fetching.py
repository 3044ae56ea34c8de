"""A subscriber that fetches gets what it may have when it asks, and nothing waits for it (R-23)."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.feeds.channels.interface import Outcome, Parcel, Result
from consumers.feeds.channels.poll import Poll
from consumers.feeds.making import KINDS
from consumers.feeds.portal.fetching import Bounds
from consumers.feeds.portal_command import STEPS
from recordbus import crashpoints, metrics
from recordbus.audit import Outcome as Audited
from recordbus.errors import Retryable
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.portal.door import ID, MemoryPortal, told


def held(portal: MemoryPortal) -> int:
    return len(portal.ledger.held.holdings(ID))


def test_what_is_due_is_handed_over_in_order_and_counts_as_held_once_its_cursor_comes_back(
    portal: MemoryPortal,
) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1), made.association(1, 1))
    portal.bus.say(made.record(2, 1))
    portal.settle()
    first = portal.fetch()
    assert [each[:2] for each in told(first["messages"])] == [
        ("record", "asserted"), ("association", "asserted"), ("record", "asserted"),
    ]  # fmt: skip
    assert held(portal) == 0
    second = portal.fetch(first["cursor"])
    assert second["messages"] == []
    assert held(portal) == 3
    assert portal.bus.partner.received == []


def test_the_same_cursor_gives_the_same_messages_until_they_are_acknowledged(
    portal: MemoryPortal,
) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1), made.record(2, 1))
    portal.settle()
    one = portal.fetch(limit=1)
    two = portal.fetch(one["cursor"], limit=1)
    again = portal.fetch(one["cursor"], limit=1)
    assert again["messages"] == two["messages"] != one["messages"]
    assert portal.fetch(again["cursor"])["messages"] == []


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 500])
def test_a_record_of_many_messages_is_split_without_losing_its_order(
    portal: MemoryPortal, limit: int
) -> None:
    portal.subscribe()
    portal.bus.say(
        made.record(1, 1), made.association(1, 1, "arrest"), made.association(1, 1, "conviction")
    )
    portal.bus.say(made.record(2, 1))
    portal.settle()
    found = portal.fetch_all(limit)
    assert [each["subject"].partition("/")[0] for each in found] == [
        "record", "association", "association", "record",
    ]  # fmt: skip
    assert held(portal) == 4
    assert portal.ledger.due.count(ID) == 0


@pytest.mark.parametrize("cursor", ["portal-0", "nobody-gave-this"])
def test_a_cursor_that_was_not_given_last_acknowledges_nothing(
    portal: MemoryPortal, cursor: str
) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.fetch()
    answer = portal.get(f"/messages?after={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (409, "cursor_unknown")
    assert held(portal) == 0


def test_an_answer_that_was_replaced_acknowledges_nothing(portal: MemoryPortal) -> None:
    """What came in the first answer may have been lost; the second one has it again."""
    portal.subscribe()
    portal.bus.say(made.record(1, 1), made.record(2, 1))
    portal.settle()
    lost = portal.fetch()
    portal.fetch(limit=1)
    assert portal.get(f"/messages?after={lost['cursor']}").status_code == 409
    assert held(portal) == 0
    assert len(portal.fetch_all()) == 2


@pytest.mark.parametrize("status", ["expunged", "sealed", "withdrawn"])
def test_what_was_never_fetched_is_never_told_not_even_as_gone(
    portal: MemoryPortal, status: str
) -> None:
    """R-25: to somebody who had nothing of it, it is as if there had never been a record."""
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "Zylberstein"))
    portal.settle()
    portal.bus.say(made.record(1, 2, "", status))
    portal.settle()
    assert portal.fetch_all() == []


def test_no_content_lies_in_the_ledger_beside_what_the_bus_says(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "Zylberstein"))
    portal.settle()
    assert "Zylberstein" in str(portal.fetch())
    files = portal.bus.path.parent.glob(f"{portal.bus.path.name}*")
    assert all(b"Zylberstein" not in path.read_bytes() for path in files)


@pytest.mark.parametrize("acknowledged", [True, False])
def test_what_may_have_been_handed_over_is_taken_back(
    portal: MemoryPortal, acknowledged: bool
) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "first"))
    portal.settle()
    answer = portal.fetch()
    portal.bus.say(made.record(1, 2, "", "expunged"))
    portal.settle()
    found = portal.fetch(answer["cursor"] if acknowledged else None)
    assert told(found["messages"]) == [("record", "retracted", "expunged", 2)]
    portal.fetch(found["cursor"])
    assert held(portal) == 0
    assert len(portal.ledger.held.awaited(ID)) == 1


def test_the_agreement_in_force_at_the_moment_decides(portal: MemoryPortal) -> None:
    """R-31: the feeds worker has not even seen yet that the agreement was tightened."""
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "Zylberstein"))
    portal.settle()
    portal.bus.decide_by(made.agreement(made.MASKED, 2))
    (envelope,) = portal.fetch()["messages"]
    assert "narrative" not in envelope["data"]["content"]["body"]
    portal.bus.decide_by(made.agreement(made.NOTHING, 3))
    assert told(portal.fetch()["messages"]) == [("record", "retracted", "not_covered", 2)]


class Killed(BaseException):
    """Ends a process at once."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("gone_meanwhile", [True, False])
def test_killed_at_any_step_the_same_is_handed_over_or_taken_back(
    portal: MemoryPortal, step: str, gone_meanwhile: bool
) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()

    def kill(name: str) -> None:
        if name == step:
            raise Killed

    crashpoints.arm(kill)
    try:
        with pytest.raises(Killed):
            portal.get("/messages")
    finally:
        crashpoints.arm(None)
    if gone_meanwhile:
        portal.bus.say(made.record(1, 2, "", "expunged"))
        portal.settle()
    expected = (
        ("record", "retracted", "expunged", 2)
        if gone_meanwhile
        else ("record", "asserted", None, 1)
    )
    assert told(portal.fetch_all()) == [expected]


def test_asking_in_vain_writes_nothing(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.fetch_all()
    before = portal.ledger._connection.total_changes()
    assert portal.fetch()["messages"] == []
    assert portal.ledger._connection.total_changes() == before


def test_what_must_go_comes_before_what_is_new(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.fetch_all()
    portal.bus.say(made.record(2, 1), made.record(1, 2, "", "sealed"))
    portal.settle()
    assert [each[1] for each in told(portal.fetch_all())] == ["retracted", "asserted"]


def test_the_end_of_a_subscription_takes_back_what_is_held(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.fetch_all()
    assert portal.post("/stop").json()["state"] == "ended"
    portal.settle()
    assert told(portal.fetch_all()) == [("record", "retracted", "subscription_ended", 2)]


def test_row_46_without_the_audit_nothing_is_handed_over(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "Zylberstein"))
    portal.settle()
    portal.audit.failure = Retryable("the audit is away")
    answer = portal.get("/messages")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]
    assert "Zylberstein" not in answer.text
    portal.audit.failure = None
    assert told(portal.fetch_all()) == [("record", "asserted", None, 1)]


def test_what_could_not_be_audited_may_have_left_and_is_taken_back(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.audit.failure = Retryable("the audit is away")
    portal.get("/messages")
    portal.audit.failure = None
    portal.bus.say(made.record(1, 2, "", "expunged"))
    portal.settle()
    assert told(portal.fetch_all()) == [("record", "retracted", "expunged", 2)]


def test_the_audit_names_each_record_before_it_leaves_and_that_it_arrived(
    portal: MemoryPortal,
) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1), made.association(1, 1))
    portal.settle()
    cursor = portal.fetch()["cursor"]
    (entry,) = portal.audit.entries
    assert (entry.command, entry.outcome, entry.total) == ("feed.poll", Audited.SENDING, 2)
    assert entry.records == (f"{made.record_key(1)}@1",)
    assert entry.asked == {"subscription": ID, "cursor": cursor}
    portal.fetch(cursor)
    arrived = portal.audit.entries[-1]
    assert (arrived.outcome, arrived.asked["cursor"]) == (Audited.SENT, cursor)


def test_nothing_is_handed_over_while_nobody_keeps_the_ledger_up(portal: MemoryPortal) -> None:
    portal.subscribe()
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.clock.advance(2 * 10**9)
    assert portal.get("/messages").status_code == 503
    assert portal.ask("GET", "/readyz").status_code == 503


def test_before_its_start_a_subscription_is_handed_nothing_and_loses_nothing(
    portal: MemoryPortal,
) -> None:
    portal.subscribe(start=made.after(days=1), end=made.after(days=30), revalidate_days=30)
    portal.bus.say(made.record(1, 1))
    portal.settle()
    assert portal.fetch()["messages"] == []
    portal.clock.advance(2 * 86_400)
    portal.settle()
    assert len(portal.fetch_all()) == 1


def test_a_subscription_that_is_told_otherwise_is_not_fetched(portal: MemoryPortal) -> None:
    portal.subscribe(kind="memory")
    assert portal.get("/messages").json()["code"] == "told_otherwise"


def test_what_is_new_stops_at_the_cap_of_a_day_and_corrections_do_not(tmp_path: Path) -> None:
    """Over-collecting: pulls at ten times the cap stop there, are counted, and go on tomorrow."""
    portal = MemoryPortal(tmp_path, bounds=Bounds(messages_per_day=2))
    before = metrics.sample("recordbus_feed_caps_reached_total", cap="messages") or 0
    portal.subscribe()
    portal.bus.say(*(made.record(number, 1) for number in range(20)))
    portal.settle()
    assert len(portal.fetch_all(limit=1)) == 2
    answer = portal.fetch(limit=1)
    assert (answer["messages"], answer["held_back"], answer["has_more"]) == ([], True, False)
    assert (metrics.sample("recordbus_feed_caps_reached_total", cap="messages") or 0) > before
    portal.bus.say(*(made.record(number, 2, "", "expunged") for number in range(20)))
    portal.settle()
    assert [each[1] for each in told(portal.fetch_all())] == ["retracted"] * 2
    retracted = [each.delivery_id for each in portal.ledger.held.awaited(ID)]
    portal.post("/receipts", {"delivery_ids": retracted})
    portal.clock.advance(86_400)
    portal.bus.say(made.record(30, 1))
    portal.settle()
    assert len(portal.fetch_all()) == 1
    portal.close()


def test_fetching_the_same_again_uses_up_nothing(tmp_path: Path) -> None:
    portal = MemoryPortal(tmp_path, bounds=Bounds(messages_per_day=2))
    portal.subscribe()
    portal.bus.say(made.record(1, 1), made.record(2, 1), made.record(3, 1))
    portal.settle()
    answers = [portal.fetch() for _ in range(5)]
    assert all(len(each["messages"]) == 2 for each in answers)
    portal.close()


def test_an_answer_ends_once_it_is_large(tmp_path: Path) -> None:
    portal = MemoryPortal(tmp_path, bounds=Bounds(answer_bytes=1024))
    portal.subscribe()
    portal.bus.say(*(made.record(number, 1, "x" * 600) for number in range(3)))
    portal.settle()
    answer = portal.fetch()
    assert (len(answer["messages"]), answer["has_more"]) == (1, True)
    assert len(portal.fetch_all()) == 3
    portal.close()


def test_a_subscriber_that_lets_corrections_wait_is_suspended_and_goes_on_by_itself(
    portal: MemoryPortal,
) -> None:
    """R-24 without a receipt to be overdue: it never fetched the retraction."""
    portal.subscribe(receipt_hours=24)
    portal.bus.say(made.record(1, 1))
    portal.settle()
    portal.fetch_all()
    portal.bus.say(made.record(1, 2, "", "expunged"))
    portal.settle()
    portal.clock.advance(23 * 3600)
    portal.settle()
    assert portal.get().json()["state"] == "active"
    portal.clock.advance(3600)
    portal.settle()
    found = portal.get().json()
    assert (found["state"], found["suspended_for"]) == ("paused", "overdue_receipts")
    (message,) = portal.fetch_all()
    portal.post("/receipts", {"delivery_ids": [message["id"]]})
    portal.settle()
    assert portal.get().json()["state"] == "active"


def test_a_record_that_says_the_same_again_suspends_nobody(portal: MemoryPortal) -> None:
    portal.subscribe(receipt_hours=1)
    portal.bus.say(made.record(1, 1, "same"))
    portal.settle()
    portal.fetch_all()
    portal.bus.say(made.record(1, 2, "same"))
    portal.settle()
    portal.clock.advance(2 * 3600)
    portal.settle()
    assert portal.get().json()["state"] == "active"
    assert portal.ledger.due.count(ID) == 0


def test_a_mark_of_the_worker_counts_though_the_portal_looked_meanwhile(
    portal: MemoryPortal,
) -> None:
    """Two processes mark in one ledger: no mark may be taken for the one that was looked at."""
    portal.subscribe()
    portal.bus.say(made.record(1, 1, "first"))
    portal.settle()
    cursor = portal.fetch()["cursor"]
    assert portal.post("/resend", {"what": "everything"}).status_code == 200
    portal.bus.say(made.record(1, 2, "second"))
    found = portal.fetch(cursor)
    assert told(found["messages"]) == [("record", "changed", "corrected", 2)]


def test_the_channel_itself_takes_no_parcels() -> None:
    options = KINDS["poll"].Options()
    channel = KINDS["poll"].make(options, made.subscription(), None)  # type: ignore[arg-type]
    assert isinstance(channel, Poll)
    assert channel.most_parcels == 0
    assert channel.deliver([Parcel(ID, made.record_key(1), ())]) == [
        Outcome(Result.LATER, "to_be_fetched")
    ]
    channel.close()
