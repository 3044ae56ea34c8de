"""Pushing over HTTP: what is durable, what is refused and where, and what a repeat does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from producers.connectors.http_push.gateway import Bounds
from recordbus.audit import Operation, Outcome
from tests.unit.producers.http_push.door import MemoryDoor, keys_of, record


def test_a_record_is_answered_once_the_broker_has_it(door: MemoryDoor) -> None:
    answer = door.post(record())

    assert answer.status_code == 200
    assert answer.json()["record_key"] == keys_of(door)[0]
    assert answer.json()["status"] == "accepted"
    assert door.messages()[0][0] == "ingest.test-pd.v1"


def test_who_publishes_is_what_the_token_says_and_no_field_of_the_payload_can(
    door: MemoryDoor,
) -> None:
    """R-44: a department in the body is an unknown field, and the topic is the token's."""
    forged = record() | {"owner_ori": "ZZ0000999"}

    assert door.post(forged).json()["errors"][0]["pointer"] == "/owner_ori"
    door.post(record(), "other-pd")
    assert not door.messages("test-pd")
    assert [topic for topic, _, _ in door.messages("other-pd")] == ["ingest.other-pd.v1"]


def test_row_44_a_batch_of_1000_with_3_bad_names_three_and_sends_997(door: MemoryDoor) -> None:
    batch: list[Any] = [record(n) for n in range(1000)]
    batch[10] = record(10) | {"dob": "1990-01-01"}
    batch[500] = record(500, narrative=7)
    batch[999] = "not a record"

    answer = door.post(batch)

    found = answer.json()
    refused = [each for each in found["results"] if each["status"] == "refused"]
    assert (answer.status_code, found["accepted"], found["refused"]) == (207, 997, 3)
    assert [each["index"] for each in refused] == [10, 500, 999]
    assert [each["errors"][0]["pointer"] for each in refused] == [
        "/10/dob", "/500/body/narrative", "/999",
    ]  # fmt: skip
    assert len(set(keys_of(door))) == 997
    accepted = [each for each in found["results"] if each["status"] == "accepted"]
    assert [each["record_key"] for each in accepted] == keys_of(door)


def test_a_batch_is_sent_in_its_order_and_a_removal_follows_its_record(door: MemoryDoor) -> None:
    removal = {
        "status": "sealed", "record_kind": "service_call", "record_id": "C-1", "source_seq": 2,
    }  # fmt: skip

    answer = door.post([record(1), removal, record(1, 3)])

    keys = keys_of(door)
    assert answer.json()["accepted"] == 3
    assert keys[0] == keys[1] == keys[2]


@pytest.mark.parametrize("status", ["withdrawn", "sealed", "expunged"])
def test_a_removal_needs_the_records_number_only_and_is_audited(
    door: MemoryDoor, status: str
) -> None:
    """R-25, R-38: sealing and expunging are erasures."""
    removal = {
        "status": status, "record_kind": "arrest", "record_id": "A-7", "source_seq": 4,
        "reason": "court_order",
    }  # fmt: skip

    answer = door.post(removal)

    (entry,) = door.audit.entries
    expected = Operation.COLLECTION if status == "withdrawn" else Operation.ERASURE
    assert answer.status_code == 200
    assert entry.operation is expected
    assert entry.records == (f"{answer.json()['record_key']}@4",)
    assert "A-7" not in repr(entry)


def test_an_unknown_status_and_a_removal_with_content_are_refused(door: MemoryDoor) -> None:
    removal = {"record_kind": "arrest", "record_id": "A-7", "source_seq": 4}

    assert door.post({**removal, "status": "deleted"}).json()["errors"][0]["pointer"] == "/status"
    assert door.post({**removal, "status": "sealed", "body": {}}).status_code == 422
    assert not door.messages()


def test_row_37_an_unknown_field_is_named_and_nothing_is_sent(door: MemoryDoor) -> None:
    role = {"local_id": "p1", "role": "caller", "dob": "1990-01-01"}

    answer = door.post(record(people=[role]))

    pointers = [each["pointer"] for each in answer.json()["errors"]]
    assert answer.status_code == 422
    assert "/body/people/0/dob" in pointers
    assert "1990-01-01" not in answer.text
    assert not door.messages()


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("source_seq", "1", "/source_seq"),
        ("source_seq", 1.0, "/source_seq"),
        ("source_seq", None, "/source_seq"),
        ("recorded_at", "2026-01-02T03:04:05", "/recorded_at"),
        ("recorded_at", "yesterday", "/recorded_at"),
        ("body", [], "/body"),
        ("record_kind", "parking_ticket", "/record_kind"),
    ],
)
def test_row_38_a_wrong_type_is_named_by_its_pointer(
    door: MemoryDoor, field: str, value: Any, pointer: str
) -> None:
    answer = door.post(record() | {field: value})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_row_38_a_missing_field_is_named_by_its_pointer(door: MemoryDoor) -> None:
    whole = record()
    del whole["body"]["details"]

    assert door.post(whole).json()["errors"][0]["pointer"] == "/body/details"


def test_row_38_a_text_of_10_mb_is_refused_by_name(door: MemoryDoor) -> None:
    answer = door.post(record(narrative="x" * 10_000_000))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body/narrative"
    assert len(answer.content) < 2000


def test_details_of_another_kind_are_refused_and_named(door: MemoryDoor) -> None:
    answer = door.post(record(details=["recordbus.v1.ArrestDetails", {}]))

    assert answer.json()["errors"][0]["pointer"] == "/body/details"
    wrong = door.post(record(details=["recordbus.v1.ServiceCallDetails", {"zz": 1}]))
    assert wrong.json()["errors"][0]["pointer"] == "/body/details/1/zz"


def test_row_24_a_record_larger_than_a_message_is_named_before_it_is_sent(
    door: MemoryDoor,
) -> None:
    offence = {"local_id": "o1", "code": {"source": "x"}, "description": "y" * 4000}
    large = record(offences=[offence | {"local_id": f"o{n}"} for n in range(500)])

    single, batch = (
        door.post(large, idempotency_key="key-0001"),
        door.post([record(2), large]),
    )

    assert (single.status_code, single.json()["code"]) == (413, "oversize")
    assert [each["status"] for each in batch.json()["results"]] == ["accepted", "refused"]
    assert len(door.messages()) == 1
    outcomes = [entry.outcome for entry in door.audit.entries]
    assert outcomes == [Outcome.ACCEPTED, Outcome.REJECTED] * 2
    assert door.audit.entries[3].records == door.audit.entries[1].records
    assert door.post(record(1), idempotency_key="key-0001").status_code == 200


def test_a_batch_has_a_limit_and_an_empty_one_is_none(tmp_path: Path) -> None:
    door = MemoryDoor(tmp_path, bounds=Bounds(batch_records=2))

    answers = [door.post([record(n) for n in range(count)]) for count in (0, 2, 3)]

    assert [answer.status_code for answer in answers] == [422, 207, 422]
    door.close()
