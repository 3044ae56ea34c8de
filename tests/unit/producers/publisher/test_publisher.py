"""The publisher: stamped, encoded, bounded, and a receipt only for what is durable."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from typing import Any

import fastavro
import pytest

from producers.publisher import Limits, Owner, Publisher, Receipt
from producers.publisher.encoding import ChangeEncoder
from recordbus.errors import Misconfigured, Rejected, Retryable
from recordbus.ids import content_hash, event_id, record_key
from recordbus.metrics import sample
from recordbus.testing.clock import ManualClock
from schemas import catalog
from schemas.events import Dispute, RecordInput

from .conftest import AT, CONTACT, FixedRegistry, MemoryProducer, record


def decoded(value: bytes | None) -> dict[str, Any]:
    assert value is not None
    assert value[:5] == b"\x00\x00\x00\x00\x07"
    schema = fastavro.parse_schema(catalog.avro_schema("recordbus.v1.RecordChange"))
    found = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None, **catalog.READ_OPTIONS)
    assert isinstance(found, dict)
    return found


def body_bytes(value: bytes | None, change: dict[str, Any]) -> bytes:
    """Give what is left of a message after its header and the fields before the body."""
    schema = fastavro.parse_schema(catalog.avro_schema("recordbus.v1.RecordChange"))
    without = io.BytesIO()
    fastavro.schemaless_writer(without, schema, change | {"body": None})
    assert value is not None
    return value[5 + without.tell() - 1 :]


def sent(producer: MemoryProducer) -> list[dict[str, Any]]:
    return [decoded(value) for _, _, value in producer.messages]


def test_a_record_is_stamped_with_what_intake_recomputes(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    publisher.publish(record())
    topic, key, _ = producer.messages[0]
    change = sent(producer)[0]
    assert topic == "ingest.test-pd.v1"
    assert key == change["record_key"].encode()
    assert change["record_key"] == record_key(b"k" * 32, "service_call", "C-1")
    body = body_bytes(producer.messages[0][2], change)
    assert change["event_id"] == event_id(change["record_key"], 1, "live", content_hash(body))
    assert (change["owner_ori"], change["status"]) == ("ZZ0000100", "live")
    assert change["contact"] == CONTACT
    assert change["recorded_at"] == AT


def test_the_same_state_gives_the_same_event(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    model = RecordInput.model_validate(record() | {"body": _model_body()})
    receipts = [publisher.publish(record()), publisher.publish(record()), publisher.publish(model)]
    assert len({receipt.event_id for receipt in receipts}) == 1
    assert publisher.publish(record(sequence=2)).event_id != receipts[0].event_id
    assert publisher.publish(record(narrative="x")).event_id != receipts[0].event_id


def _model_body() -> Any:
    from schemas.events import RecordBody, ServiceCallDetails

    return RecordBody(record_id="C-1", details=ServiceCallDetails(priority="2"))


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"record_kind": "party"}, "record_kind"),
        ({"recorded_at": "2026-01-01"}, "recorded_at"),
        ({"colour": "red"}, "colour"),
        ({"source_seq": -1}, "source_seq"),
        ({"record_kind": "arrest"}, "ArrestDetails"),
    ],
)
def test_an_invalid_record_is_refused_with_its_field(
    publisher: Publisher, producer: MemoryProducer, change: dict[str, Any], names: str
) -> None:
    with pytest.raises(Rejected) as refused:
        publisher.publish(record() | change)
    assert refused.value.reason == "invalid_record"
    assert names in refused.value.detail
    assert producer.messages == []


def test_a_refusal_never_says_what_the_field_held(publisher: Publisher) -> None:
    with pytest.raises(Rejected) as refused:
        publisher.publish(record(narrative=["CANARY"]))
    assert "narrative" in refused.value.detail
    assert "CANARY" not in str(refused.value)


def test_row_24_a_record_too_large_is_named_before_it_is_sent(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    references = [{"type": "case", "number": "CANARY" + "x" * 290} for _ in range(9000)]
    with pytest.raises(Rejected) as refused:
        publisher.publish(record(references=references))
    assert refused.value.reason == "oversize"
    key = record_key(b"k" * 32, "service_call", "C-1")
    for part in (key, "the limit is 786432", "references", "bytes"):
        assert part in refused.value.detail
    assert "CANARY" not in refused.value.detail
    assert "split the record" in (refused.value.hint or "")
    assert producer.messages == []


def test_a_receipt_is_settled_only_by_the_broker(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    settled: list[Receipt] = []
    receipt = publisher.publish(record(), settled.append)
    assert not settled
    assert receipt.result() == ("ingest.test-pd.v1", 0, 7)
    assert receipt.durable
    assert settled == [receipt]


def test_a_failed_record_raises_where_its_receipt_is_asked(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    producer.fails = Retryable("away")
    receipt = publisher.publish(record())
    with pytest.raises(Retryable, match="away"):
        receipt.result()
    assert receipt.settled
    assert not receipt.durable
    assert publisher.in_flight == (0, 0)


def test_what_was_never_handed_over_does_not_wait_for_a_report(
    publisher: Publisher, producer: MemoryProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong: room that nobody gives back would be gone for good."""

    def burst(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(producer, "produce", burst)
    with pytest.raises(RuntimeError):
        publisher.publish(record())

    assert publisher.in_flight == (0, 0)


def test_a_receipt_that_does_not_come_says_what_to_do(
    publisher: Publisher, producer: MemoryProducer, owner: Owner, encoder: ChangeEncoder
) -> None:
    clock = ManualClock()
    producer.per_poll = 0
    producer.on_poll = lambda: clock.advance(1)
    receipt = Publisher(owner, encoder, producer, clock=clock).publish(record())
    with pytest.raises(Retryable, match="a repeat does nothing"):
        receipt.result(3)


def test_publishing_waits_while_the_window_is_full(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    """Back-pressure: what is on its way never exceeds the limits, in records or in bytes."""
    seen: list[tuple[int, int]] = []
    producer.per_poll = 3
    producer.on_poll = lambda: seen.append(publisher.in_flight)
    for number in range(100):
        publisher.publish(record(f"C-{number}"))
        assert publisher.in_flight[0] <= 10
    assert max(records for records, _ in seen) == 10


def test_bytes_are_bounded_too(
    owner: Owner, encoder: ChangeEncoder, producer: MemoryProducer
) -> None:
    limits = Limits(records=1000, bytes=2_200_000, message_bytes=2_000_000)
    publisher = Publisher(owner, encoder, producer, limits=limits)
    for number in range(60):
        publisher.publish(record(f"C-{number}", narrative="x" * 65_000))
        assert publisher.in_flight[1] <= 2_200_000
    assert publisher.in_flight[0] < 60


def test_a_window_that_stays_full_ends_in_retryable(
    owner: Owner, encoder: ChangeEncoder, producer: MemoryProducer
) -> None:
    clock = ManualClock()
    producer.per_poll = 0
    producer.on_poll = lambda: clock.advance(1)
    limits = Limits(records=1, patience_seconds=3)
    publisher = Publisher(owner, encoder, producer, clock=clock, limits=limits)
    publisher.publish(record())
    with pytest.raises(Retryable, match="recordbus status"):
        publisher.publish(record("C-2"))


@pytest.mark.parametrize(("records", "size"), [(0, 10_000_000), (10, 1000)])
def test_a_window_must_hold_one_record(records: int, size: int) -> None:
    with pytest.raises(ValueError, match="at least one record"):
        Limits(records=records, bytes=size)


def test_many_records_are_durable_when_the_batch_returns(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    receipts = publisher.publish_many(record(f"C-{n}") for n in range(50))
    assert all(receipt.durable for receipt in receipts)
    assert publisher.in_flight == (0, 0)


def test_removals_hold_nothing_of_the_record(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    """R-25: a sealed, withdrawn or expunged record's message has no content."""
    publisher.withdraw("service_call", "CANARY-1", 2, "published_by_mistake")
    publisher.seal("service_call", "CANARY-1", 3, "court_order")
    publisher.expunge("service_call", "CANARY-1", 4, "court_order")
    changes = sent(producer)
    assert [change["status"] for change in changes] == ["withdrawn", "sealed", "expunged"]
    assert [change["status_reason"] for change in changes][1] == "court_order"
    for change, (_, _, value) in zip(changes, producer.messages, strict=True):
        assert change["body"] is None
        assert change["event_id"] == event_id(
            change["record_key"], change["source_seq"], change["status"], ""
        )
        assert b"CANARY" not in (value or b"")


def test_a_dispute_is_raised_and_resolved_on_the_whole_record(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    dispute = Dispute(dispute_id="d1", raised_at=AT, by="subject", statement_reference="S-1")
    publisher.dispute(record(sequence=2), dispute)
    disputed = record(sequence=3) | {"disputes": [dispute.to_avro()]}
    publisher.resolve_dispute(disputed, "d1", AT + timedelta(days=1))
    first, second = sent(producer)
    assert first["body"]["record_id"] == second["body"]["record_id"] == "C-1"
    assert first["disputes"][0]["resolved_at"] is None
    assert second["disputes"][0]["resolved_at"] == AT + timedelta(days=1)
    with pytest.raises(Rejected, match="no dispute"):
        publisher.resolve_dispute(disputed, "d2", AT)


def test_an_unsealed_record_is_its_complete_state(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    publisher.seal("service_call", "C-1", 2, "court_order")
    publisher.unseal(record(sequence=3))
    assert [change["status"] for change in sent(producer)] == ["sealed", "live"]


def test_several_threads_share_one_publisher(
    publisher: Publisher, producer: MemoryProducer
) -> None:
    def publish_some(thread: int) -> None:
        for number in range(200):
            publisher.publish(record(f"{thread}-{number}"))

    threads = [threading.Thread(target=publish_some, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    publisher.flush()
    assert publisher.in_flight == (0, 0)
    assert len({key for _, key, _ in producer.messages}) == 800


def test_outcomes_are_counted(publisher: Publisher) -> None:
    before = sample("recordbus_ingest_records_total", department="test-pd", outcome="durable") or 0
    publisher.publish_many([record("C-1"), record("C-2")])
    after = sample("recordbus_ingest_records_total", department="test-pd", outcome="durable")
    assert after == before + 2


def test_the_secret_does_not_show(owner: Owner) -> None:
    assert "kkkk" not in repr(owner)


def test_a_publisher_writes_the_schema_it_was_written_for() -> None:
    """An older publisher goes on after a newer schema was registered."""
    change, other = "recordbus.v1.RecordChange", "recordbus.v1.Upkeep"
    assert ChangeEncoder(FixedRegistry({7: change, 9: other}), "t").schema_id == 7
    with pytest.raises(Misconfigured, match="recordbus schemas register"):
        ChangeEncoder(FixedRegistry({9: other}), "t")
