"""Receipts: each by itself, proved, and those that nobody awaits counted (R-24, row 81)."""

from __future__ import annotations

from typing import Any

from recordbus import metrics
from recordbus.audit import Operation
from recordbus.audit import Outcome as Audited
from recordbus.errors import Retryable
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.portal.door import ID, MemoryPortal

UNKNOWN = "recordbus_feed_receipts_unknown_total"


def unknown() -> float:
    return metrics.sample(UNKNOWN, agency=made.AGENCY) or 0


def owing(portal: MemoryPortal, records: int = 1) -> list[dict[str, Any]]:
    """Let a subscriber owe receipts for retractions, and give what it was told."""
    portal.subscribe()
    portal.bus.say(*(made.record(number, 1) for number in range(records)))
    portal.settle()
    portal.fetch_all()
    portal.bus.say(*(made.record(number, 2, "", "expunged") for number in range(records)))
    portal.settle()
    return portal.fetch_all()


def test_receipts_are_owed_until_they_are_given(portal: MemoryPortal) -> None:
    (message,) = owing(portal)
    (owed,) = portal.get("/receipts").json()["receipts"]
    assert (owed["delivery_id"], owed["subject"]) == (message["id"], message["subject"])
    assert owed["is_overdue"] is False
    assert portal.get().json()["receipts_owed"] == 1
    answer = portal.post("/receipts", {"delivery_ids": [message["id"]]})
    assert answer.json()["results"] == [{"index": 0, "status": "receipted"}]
    assert portal.get("/receipts").json() == {"count": 0, "receipts": []}


def test_row_44_each_of_many_receipts_is_answered_by_itself(portal: MemoryPortal) -> None:
    messages = owing(portal, 10)
    ids = [each["id"] for each in messages]
    asked = [*ids[:4], "dlv_0", *ids[4:], ids[0]]
    found = portal.post("/receipts", {"delivery_ids": asked}).json()
    assert (found["receipted"], found["not_awaited"]) == (10, 2)
    bad = [each["index"] for each in found["results"] if each["status"] == "not_awaited"]
    assert bad == [4, 11]


def test_row_81_what_nobody_awaits_is_ignored_and_counted(portal: MemoryPortal) -> None:
    (message,) = owing(portal)
    before, entries = unknown(), len(portal.audit.entries)
    portal.post("/receipts", {"delivery_ids": ["dlv_0", "dlv_1", "Zylberstein"]})
    assert unknown() == before + 3
    assert len(portal.audit.entries) == entries
    portal.post("/receipts", {"delivery_ids": [message["id"]]})
    assert unknown() == before + 3
    portal.post("/receipts", {"delivery_ids": [message["id"], message["id"]]})
    assert unknown() == before + 5
    assert portal.get("/receipts").json()["count"] == 0


def test_a_receipt_of_another_subscription_is_not_awaited_here(portal: MemoryPortal) -> None:
    portal.subscribe("metro-2")
    messages = owing(portal)
    answer = portal.ask(
        "POST", "/v1/subscriptions/metro-2/receipts",
        f'{{"delivery_ids": ["{messages[0]["id"]}"]}}'.encode(), portal.headers(),
    )  # fmt: skip
    assert answer.json()["receipted"] == 0
    assert portal.get("/receipts").json()["count"] == 1


def test_a_receipt_is_in_the_audit_first_and_can_be_proved(portal: MemoryPortal) -> None:
    (message,) = owing(portal)
    portal.audit.failure = Retryable("the audit is away")
    assert portal.post("/receipts", {"delivery_ids": [message["id"]]}).status_code == 503
    assert portal.get("/receipts").json()["count"] == 1
    portal.audit.failure = None
    portal.post("/receipts", {"delivery_ids": [message["id"]]})
    entry = portal.audit.entries[-1]
    assert (entry.operation, entry.command) == (Operation.ALTERATION, "feeds.receipt")
    assert (entry.outcome, entry.requester) == (Audited.ACCEPTED, "case-system")
    assert entry.records == (made.record_key(0),)
    answer = portal.get(f"/receipts/{message['id']}")
    assert answer.headers["content-disposition"].startswith("attachment")
    proof = answer.json()
    assert (proof["subject"], proof["receipted_by"]) == (message["subject"], "case-system")
    assert proof["audit"]["entry_id"] == entry.entry_id
    assert proof["audit"]["number"] == len(portal.audit.entries) - 1


def test_there_is_no_proof_of_what_was_not_receipted(portal: MemoryPortal) -> None:
    (message,) = owing(portal)
    assert portal.get(f"/receipts/{message['id']}").status_code == 404
    assert portal.get("/receipts/dlv_0").status_code == 404


def test_a_subscriber_with_overdue_receipts_goes_on_once_it_gave_them(
    portal: MemoryPortal,
) -> None:
    (message,) = owing(portal)
    portal.clock.advance(25 * 3600)
    portal.settle()
    (owed,) = portal.get("/receipts").json()["receipts"]
    assert owed["is_overdue"] is True
    assert portal.get().json()["suspended_for"] == "overdue_receipts"
    portal.post("/receipts", {"delivery_ids": [message["id"]]})
    portal.settle()
    assert portal.get().json()["state"] == "active"


def test_receipts_are_kept_up_to_a_bound(portal: MemoryPortal) -> None:
    from consumers.feeds.ledger.diary import MOST_RECEIPTS, Receipted

    portal.subscribe()
    given = [
        Receipted(f"dlv_{n}", f"record/{n}", 1, n, n, "somebody", f"e{n}", "ab" * 32, n)
        for n in range(MOST_RECEIPTS + 5)
    ]
    with portal.ledger.transaction():
        portal.ledger.diary.keep(ID, given)
    assert portal.ledger.diary.receipted(ID, "dlv_4") is None
    assert portal.ledger.diary.receipted(ID, "dlv_5") == given[5]
