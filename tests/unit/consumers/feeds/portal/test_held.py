"""What is held is compared by digests, told again on demand, and every attempt is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.digest import bucket_of, digest_of, holdings_of, leaves_of
from consumers.feeds.ledger.diary import MOST_ATTEMPTS, Attempt
from consumers.feeds.portal.desk import Rules
from recordbus import metrics
from recordbus.audit import Outcome as Audited
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.portal.door import ID, MemoryPortal, told

SALT = "a-salt-of-theirs"


def copied(portal: MemoryPortal, records: int = 3) -> list[dict[str, Any]]:
    """Let a subscriber hold some records, and give the messages that it was told."""
    portal.subscribe()
    portal.bus.say(*(made.record(number, 1, f"told {number}") for number in range(records)))
    portal.settle()
    return portal.fetch_all()


def sent(messages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Give what a subscriber sends that holds what these messages left."""
    leaves = leaves_of(SALT, holdings_of(messages))
    return {"salt": SALT, "digest": digest_of(leaves.values()), "leaves": leaves} | more


def test_both_sides_come_to_the_same_digest(portal: MemoryPortal) -> None:
    messages = copied(portal)
    found = portal.get(f"/digest?salt={SALT}").json()
    mine = sent(messages)
    assert (found["count"], found["digest"], found["unsettled"]) == (3, mine["digest"], 0)
    assert found["buckets"].keys() == {bucket_of(each) for each in mine["leaves"]}
    del mine["leaves"]
    assert portal.post("/digest", mine).json() == {"equal": True, "unsettled": 0}


def test_a_salt_is_chosen_where_none_is_given(portal: MemoryPortal) -> None:
    copied(portal)
    one, two = portal.get("/digest").json(), portal.get("/digest").json()
    assert one["salt"] != two["salt"]
    assert one["digest"] != two["digest"]


def test_what_differs_is_named_where_the_leaves_are_sent(portal: MemoryPortal) -> None:
    messages = copied(portal)
    before = metrics.sample("recordbus_feed_comparisons_total", comparison="different") or 0
    wrong = [dict(each) for each in messages[1:]]
    wrong[0]["data"] = wrong[0]["data"] | {"sequence": 9}
    stray = dict(messages[0]) | {"subject": "record/stray"}
    found = portal.post("/digest", sent([*wrong, stray])).json()
    assert found["equal"] is False
    assert found["missing"] == [messages[0]["subject"]]
    assert found["unexpected"] == ["record/stray"]
    assert found["different"] == [wrong[0]["subject"]]
    assert metrics.sample("recordbus_feed_comparisons_total", comparison="different") == before + 1


def test_a_bucket_is_compared_by_itself(portal: MemoryPortal) -> None:
    messages = copied(portal, 12)
    bucket = bucket_of(messages[0]["subject"])
    mine = [each for each in messages if bucket_of(each["subject"]) == bucket]
    assert portal.post("/digest", sent(mine, bucket=bucket)).json()["equal"] is True
    others = sorted({bucket_of(each["subject"]) for each in messages} - {bucket})
    found = portal.post("/digest", sent([], bucket=others[0])).json()
    assert found["missing"]
    assert all(bucket_of(each) == others[0] for each in found["missing"])


def test_what_is_kept_after_it_was_retracted_is_found(portal: MemoryPortal) -> None:
    """A partner that keeps retracted data: its own digest gives it away (R-24)."""
    messages = copied(portal)
    portal.bus.say(made.record(0, 2, "", "expunged"))
    portal.settle()
    retraction = portal.fetch_all()
    assert portal.post("/digest", sent(messages)).json()["unexpected"] == [retraction[0]["subject"]]
    assert portal.post("/digest", sent(messages + retraction)).json()["equal"] is True


def test_what_is_on_its_way_is_no_difference(portal: MemoryPortal) -> None:
    messages = copied(portal)
    portal.bus.say(made.record(0, 2, "corrected"))
    portal.settle()
    portal.fetch()
    before = metrics.sample("recordbus_feed_comparisons_total", comparison="different") or 0
    found = portal.post("/digest", sent(messages)).json()
    assert (found["equal"], found["unsettled"]) == (True, 1)
    asked = {"salt": SALT, "digest": "0" * 64}
    assert portal.post("/digest", asked).json() == {"equal": False, "unsettled": 1}
    assert (
        metrics.sample("recordbus_feed_comparisons_total", comparison="different") or 0
    ) == before


def test_everything_is_told_again_under_the_same_ids_and_numbers(portal: MemoryPortal) -> None:
    messages = copied(portal)
    answer = portal.post("/resend", {"what": "everything"})
    assert answer.json() == {"messages": 3, "unknown": []}
    again = portal.fetch_all()
    assert sorted(again, key=str) == sorted(messages, key=str)
    assert portal.audit.entries[-1].outcome is Audited.SENT
    acts = [each for each in portal.audit.entries if each.command == "feeds.resend"]
    assert [each.asked["messages"] for each in acts] == [3]
    assert portal.post("/digest", sent(messages)).json()["equal"] is True


def test_a_subscriber_that_is_sent_to_is_told_again_too(portal: MemoryPortal) -> None:
    portal.subscribe(kind="memory")
    portal.bus.say(made.record(1, 1))
    portal.bus.rest()
    first = list(portal.bus.partner.received)
    portal.post("/resend", {"what": "everything"})
    portal.bus.rest()
    assert portal.bus.partner.received == first * 2


def test_only_what_is_named_is_told_again_and_the_unknown_are_listed(
    portal: MemoryPortal,
) -> None:
    messages = copied(portal)
    subjects = [messages[1]["subject"], "record/unheard-of"]
    answer = portal.post("/resend", {"what": "subjects", "subjects": subjects})
    assert answer.json() == {"messages": 1, "unknown": ["record/unheard-of"]}
    assert portal.fetch_all() == [messages[1]]


def test_only_what_was_told_since_a_moment_is_told_again(portal: MemoryPortal) -> None:
    copied(portal)
    portal.clock.advance(86_400)
    moment = portal.clock.now().isoformat()
    portal.bus.say(made.record(1, 2, "later"))
    portal.settle()
    later = portal.fetch_all()
    assert portal.post("/resend", {"what": "since", "since": moment}).json()["messages"] == 1
    assert portal.fetch_all() == later


def test_a_retraction_is_told_again_for_one_that_lost_it(portal: MemoryPortal) -> None:
    copied(portal, 1)
    portal.bus.say(made.record(0, 2, "", "expunged"))
    portal.settle()
    portal.fetch_all()
    portal.post("/resend", {"what": "everything"})
    assert told(portal.fetch_all()) == [("record", "retracted", "expunged", 2)]


def test_what_may_no_longer_be_had_is_not_told_again_but_taken_back(
    portal: MemoryPortal,
) -> None:
    copied(portal, 1)
    portal.post("/resend", {"what": "everything"})
    portal.bus.decide_by(made.agreement(made.NOTHING, 2))
    assert told(portal.fetch_all()) == [("record", "retracted", "not_covered", 2)]


def test_more_than_a_day_allows_needs_the_operator(tmp_path: Path) -> None:
    """No bulk replay without approval: refused whole, counted, and in the audit."""
    portal = MemoryPortal(tmp_path, rules=Rules(resend_per_day=4, stale_seconds=10**9))
    before = metrics.sample("recordbus_feed_caps_reached_total", cap="resend") or 0
    copied(portal)
    assert portal.post("/resend", {"what": "everything"}).status_code == 200
    portal.fetch_all()
    answer = portal.post("/resend", {"what": "everything"})
    assert (answer.status_code, answer.json()["code"]) == (403, "needs_approval")
    assert portal.fetch_all() == []
    refused = portal.audit.entries[-1]
    assert (refused.command, refused.outcome) == ("feeds.resend", Audited.REFUSED)
    assert metrics.sample("recordbus_feed_caps_reached_total", cap="resend") == before + 1
    portal.clock.advance(86_400)
    assert portal.post("/resend", {"what": "everything"}).status_code == 200
    portal.close()


def test_attempts_are_listed_newest_first_without_content(portal: MemoryPortal) -> None:
    portal.subscribe(kind="memory")
    portal.bus.partner.mood = "away"
    portal.bus.say(made.record(1, 1, "Zylberstein"))
    portal.settle()
    portal.bus.partner.mood = "well"
    portal.bus.rest()
    answer = portal.get("/attempts?limit=2")
    found = answer.json()["attempts"]
    assert [(each["result"], each["code"]) for each in found] == [
        ("delivered", ""), ("later", "http_503"),
    ]  # fmt: skip
    assert found[0]["record"] == made.record_key(1)
    assert found[0]["messages"] == 1
    assert "Zylberstein" not in answer.text
    assert len(portal.get("/attempts?limit=1").json()["attempts"]) == 1


def test_attempts_are_kept_up_to_a_bound(portal: MemoryPortal) -> None:
    portal.subscribe()
    attempts = [Attempt(n, "ab", "poll", "delivered", "", 1) for n in range(MOST_ATTEMPTS + 7)]
    with portal.ledger.transaction():
        portal.ledger.diary.attempted(ID, attempts[:900])
        portal.ledger.diary.attempted(ID, attempts[900:])
    kept = portal.ledger.diary.attempts(ID, 10 * MOST_ATTEMPTS)
    assert kept == attempts[: -MOST_ATTEMPTS - 1 : -1]


@pytest.mark.parametrize("path", ["/confirm", "/stop"])
def test_what_has_ended_stays_so(portal: MemoryPortal, path: str) -> None:
    portal.subscribe()
    assert portal.post("/stop").status_code == 200
    answer = portal.post(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "has_ended")


def test_a_confirmation_moves_the_day_on_which_it_falls_due(portal: MemoryPortal) -> None:
    portal.subscribe(revalidate_days=30, grace_days=5)
    before = portal.get().json()["confirm_by"]
    portal.clock.advance(31 * 86_400)
    assert portal.get().json()["state"] == "due"
    after = portal.post("/confirm").json()
    assert after["state"] == "active"
    assert after["confirm_by"] > before
    entry = portal.audit.entries[-1]
    assert (entry.command, entry.requester) == ("feeds.confirm", "case-system")
