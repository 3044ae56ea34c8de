"""What every outbox promises its relay, in each database."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from producers.connectors.outbox import Refusal, Settled
from recordbus.errors import Misconfigured

from .conftest import System, payload, remove, states, write

NOW = datetime.now(UTC)


def test_waiting_rows_come_by_id_with_what_they_say(system: System) -> None:
    write(system, "A", "one")
    remove(system, "seal", "A")
    first, second = system.outbox().read(10)
    assert (first.record, first.verb, second.verb) == (("service_call", "A"), "publish", "seal")
    assert first.id < second.id
    assert first.payload == payload("A", "one")
    assert first.payload_bytes == len(payload("A", "one"))
    assert second.created_at is not None
    assert abs(second.created_at - datetime.now(UTC)) < timedelta(minutes=10)


def test_a_batch_is_bounded_in_rows_and_bytes(system: System) -> None:
    outbox = system.outbox()
    for number in range(5):
        write(system, str(number), "x")
    assert [row.record_id for row in outbox.read(3)] == ["0", "1", "2"]
    outbox.settle(Settled(published=[row.id for row in outbox.read(10)]), NOW)
    for number in range(6):
        write(system, str(number), "x" * 3_000_000)
    assert len(outbox.read(100)) == 5  # 16 MiB hold five of them


def test_a_payload_past_every_limit_is_not_fetched(system: System) -> None:
    write(system, "A", "x" * 4_000_000)
    write(system, "B", "x")
    large, small = system.outbox().read(10)
    assert (large.payload, small.record_id) == (None, "B")
    assert large.payload_bytes > 4_000_000


def test_settled_rows_lose_their_payload_and_come_no_more(system: System) -> None:
    outbox = system.outbox()
    for name in "ABC":
        write(system, name, "text")
    a, b, _ = outbox.read(10)
    refusal = Refusal(b.id, b.record_kind, b.verb, "invalid_record", "dob: no such field")
    outbox.settle(Settled(published=[a.id], refused=[refusal]), NOW)
    assert [row.record_id for row in outbox.read(10)] == ["C"]
    assert states(system) == {"published": 1, "refused": 1, "waiting": 1}
    left = system.execute("SELECT record_id FROM recordbus_outbox WHERE payload IS NOT NULL")
    assert sorted(left) == [("B",), ("C",)]
    assert outbox.refusals(10) == [refusal]


def test_content_after_a_refused_removal_waits_and_a_new_removal_does_not(system: System) -> None:
    outbox = system.outbox()
    remove(system, "expunge", "A", reason="not a code")
    write(system, "A", "again")
    write(system, "B", "other")
    remove(system, "seal", "A")
    bad = outbox.read(1)[0]
    refusal = Refusal(bad.id, bad.record_kind, bad.verb, "invalid_record", "reason")
    outbox.settle(Settled(refused=[refusal]), NOW)
    assert [(r.record_id, r.verb) for r in outbox.read(9)] == [("B", "publish"), ("A", "seal")]
    assert outbox.retry([bad.id]) == 1
    assert outbox.read(9)[0].id == bad.id


def test_an_expunged_record_leaves_no_refused_payload(system: System) -> None:
    """O3: what was refused of a record goes with it."""
    outbox = system.outbox()
    write(system, "A", "canary")
    remove(system, "expunge", "A")
    bad, expunge = outbox.read(9)
    outbox.settle(Settled(refused=[Refusal(bad.id, "service_call", "publish", "r", "")]), NOW)
    outbox.settle(Settled(published=[expunge.id], expunged=[expunge.record]), NOW)
    assert system.execute("SELECT count(*) FROM recordbus_outbox WHERE payload IS NOT NULL") == [
        (0,)
    ]


def test_the_backlog_says_how_many_and_since_when(system: System) -> None:
    outbox = system.outbox()
    assert outbox.backlog() == (0, None, 0)
    write(system, "A", "one")
    write(system, "B", "two")
    waiting, oldest, refused = outbox.backlog()
    assert (waiting, refused) == (2, 0)
    assert oldest is not None
    assert oldest == outbox.read(1)[0].created_at


def test_published_rows_are_deleted_after_a_while_and_others_never(system: System) -> None:
    outbox = system.outbox()
    for name in "ABCD":
        write(system, name, "text")
    ids = [row.id for row in outbox.read(10)]
    outbox.settle(Settled(published=ids[:2]), NOW - timedelta(days=9))
    outbox.settle(Settled(published=ids[2:3]), NOW)
    assert outbox.trim(NOW - timedelta(days=7), 1) == 1
    assert outbox.trim(NOW - timedelta(days=7), 10) == 1
    assert outbox.trim(NOW - timedelta(days=7), 10) == 0
    assert states(system) == {"published": 1, "waiting": 1}


def test_one_relay_at_a_time_has_the_lease(system: System) -> None:
    first, second = system.outbox(), system.outbox()
    assert first.lease()
    assert first.lease()
    assert not second.lease()
    first.close()
    deadline = time.monotonic() + 20
    while not second.lease():  # a server may take a moment to notice
        assert time.monotonic() < deadline
    assert not first.lease()


def test_all_refused_rows_may_be_tried_again(system: System) -> None:
    outbox = system.outbox()
    for name in "AB":
        write(system, name, "text")
    refusals = [Refusal(row.id, "service_call", "publish", "r", "d") for row in outbox.read(9)]
    outbox.settle(Settled(refused=refusals), NOW)
    assert outbox.retry([]) == 2
    assert len(outbox.read(9)) == 2


def test_a_table_that_is_not_there_is_told_with_what_makes_it(system: System) -> None:
    system.execute("DROP TABLE recordbus_outbox")
    with pytest.raises(Misconfigured) as wrong:
        system.outbox().read(1)
    assert "ddl" in str(wrong.value)
