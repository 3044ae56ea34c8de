"""Pushing over HTTP: what is durable, what is refused and where, and what a repeat does."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from producers.connectors.http_push.gateway import Bounds
from recordbus import crashpoints, metrics
from recordbus.audit import Operation, Outcome
from recordbus.errors import Retryable
from recordbus.web.rates import Rate
from tests.unit.producers.http_push.door import MemoryDoor, record


def keys_of(door: MemoryDoor, department: str = "test-pd") -> list[str]:
    return [(key or b"").decode() for _, key, _ in door.messages(department)]


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


# --- trouble with Kafka, and the audit ------------------------------------------------------


def test_when_kafka_does_not_take_all_of_a_batch_nothing_of_it_counts(door: MemoryDoor) -> None:
    door.producers["test-pd"].fails = Retryable("away")

    answer = door.post([record(1), record(2)])

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "C-1" not in answer.text
    assert [entry.outcome for entry in door.audit.entries] == [Outcome.ACCEPTED, Outcome.FAILED]
    door.producers["test-pd"].fails = None
    again = door.post([record(1), record(2)])
    assert again.json()["accepted"] == 2
    assert {m[2] for m in door.messages()[:2]} == {m[2] for m in door.messages()[2:]}


def test_when_kafka_says_nothing_a_request_is_put_off_in_time(tmp_path: Path) -> None:
    door = MemoryDoor(tmp_path, bounds=Bounds(ack_seconds=0.05))
    door.producers["test-pd"].per_poll = 0

    assert door.post(record()).status_code == 503
    door.producers["test-pd"].per_poll = 100
    assert door.post(record()).status_code == 200
    door.close()


def test_more_than_may_wait_is_put_off_at_once(tmp_path: Path) -> None:
    door = MemoryDoor(tmp_path, bounds=Bounds(ack_seconds=0.05), waiting_records=3)
    door.producers["test-pd"].per_poll = 0

    first, second = door.post([record(n) for n in range(3)]), door.post(record(4))

    assert (first.status_code, second.status_code) == (503, 503)
    assert len(door.messages()) == 3
    door.producers["test-pd"].per_poll = 100
    door.close()


def test_a_failure_nobody_expected_does_not_end_the_line(
    door: MemoryDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("Zylberstein")

    door.post(record(0))
    with monkeypatch.context() as patched:
        patched.setattr(door.producers["test-pd"], "produce", burst)
        assert door.post(record(1)).status_code == 503
    assert door.post(record(2)).status_code == 200


def test_row_46_without_an_audit_nothing_is_sent(door: MemoryDoor) -> None:
    door.audit.failure = Retryable("disk full")

    answer = door.post(record())

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert not door.messages()
    door.audit.failure = None
    assert door.post(record()).status_code == 200


def test_the_audit_has_its_entry_before_the_record_is_sent(door: MemoryDoor) -> None:
    """R-38: who, when, whose and which version, and nothing of the content."""
    seen: list[int] = []
    door.producers["test-pd"].on_poll = lambda: seen.append(len(door.audit.entries))

    answer = door.post(record(1, narrative="Zylberstein was here"))

    (entry,) = door.audit.entries
    assert min(seen) == 1
    assert (entry.requester, entry.owners, entry.total) == ("rms", ("test-pd",), 1)
    assert entry.entry_id == answer.headers["x-request-id"]
    assert "Zylberstein" not in repr(entry)


def test_row_42_a_token_without_the_scope_is_refused_and_audited(door: MemoryDoor) -> None:
    headers = door.headers() | {"authorization": f"Bearer {door.token(scopes=('records:read',))}"}

    answer = door.ask("POST", "/v1/records", json.dumps(record()).encode(), headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert [entry.outcome for entry in door.audit.entries] == [Outcome.REFUSED]
    door.audit.failure = Retryable("disk full")
    assert door.ask("POST", "/v1/records", b"{}", headers).status_code == 503


def test_row_42_what_is_not_ours_looks_the_same_whether_it_exists_or_not(door: MemoryDoor) -> None:
    """One department's number is another record under another's token: nothing can be learned."""
    door.post(record(77), "other-pd")
    removal = {"status": "expunged", "record_kind": "service_call", "source_seq": 9}

    theirs = door.post(removal | {"record_id": "C-77"})
    nobodys = door.post(removal | {"record_id": "C-78"})

    assert theirs.status_code == nobodys.status_code == 200
    assert len(theirs.content) == len(nobodys.content)
    assert theirs.headers.keys() == nobodys.headers.keys()
    assert theirs.json()["record_key"] not in keys_of(door, "other-pd")
    assert len(door.messages("other-pd")) == 1


def test_row_42_an_unknown_department_and_a_missing_scope_look_the_same(door: MemoryDoor) -> None:
    unknown = door.headers() | {"authorization": f"Bearer {door.token('third-pd')}"}
    unscoped = door.headers() | {"authorization": f"Bearer {door.token(scopes=('x',))}"}

    bodies = (b"{}", b"no JSON")
    answers = [
        door.ask("POST", "/v1/records", body, each)
        for each in (unknown, unscoped)
        for body in bodies
    ]

    assert {each.status_code for each in answers} == {403}
    assert len({each.content for each in answers}) == 1
    assert [len(door.audit.entries), *{e.outcome for e in door.audit.entries}] == [
        4,
        Outcome.REFUSED,
    ]
    assert door.opened == []


# --- repeats --------------------------------------------------------------------------------


def test_row_43_a_key_with_the_same_body_gives_the_same_answer_and_sends_nothing(
    door: MemoryDoor,
) -> None:
    first = door.post([record(1), {}], idempotency_key="key-0001")
    again = door.post([record(1), {}], idempotency_key="key-0001")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(door.messages()) == 1


def test_row_43_a_key_with_another_body_is_a_conflict(door: MemoryDoor) -> None:
    door.post(record(1), idempotency_key="key-0001")

    answer = door.post(record(2), idempotency_key="key-0001")

    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert len(door.messages()) == 1
    assert door.post(record(2), "other-pd", idempotency_key="key-0001").status_code == 200


def test_a_key_under_which_nothing_was_sent_may_be_used_for_the_corrected_body(
    door: MemoryDoor,
) -> None:
    assert door.post(record(1) | {"x": 1}, idempotency_key="key-0001").status_code == 422
    assert door.post(record(1), idempotency_key="key-0001").status_code == 200


def test_a_key_ends_with_its_time(door: MemoryDoor) -> None:
    door.post(record(1), idempotency_key="key-0001")
    door.clock.advance(24 * 3600 + 1)

    assert door.post(record(2), idempotency_key="key-0001").status_code == 200


@pytest.mark.parametrize("key", ["short", "x" * 129, "with space", "ünïcödé-key", "a/b/c/d/e"])
def test_a_key_that_could_hold_anything_is_refused(door: MemoryDoor, key: str) -> None:
    headers = door.headers() | {"idempotency-key": key}
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}

    async_answer = door.ask("POST", "/v1/records", b"{}", encoded)  # type: ignore[arg-type]

    assert async_answer.json()["code"] == "bad_idempotency_key"


class Killed(BaseException):
    """Stands for kill -9: nothing may run after it that would run in the same process."""


@pytest.mark.parametrize(
    "step",
    ["gateway.written_down", "gateway.audited", "gateway.acknowledged", "gateway.remembered"],
)
def test_a_crash_at_any_step_and_a_retry_have_one_effect(tmp_path: Path, step: str) -> None:
    """F6: kill -9 between Kafka's acknowledgement and the answer, and everywhere else."""
    database = tmp_path / "remembered.sqlite"
    door = MemoryDoor(tmp_path, database=database)

    def die(visited: str) -> None:
        if visited == step:
            raise Killed

    crashpoints.arm(die)
    try:
        with pytest.raises(Killed):
            door.post(record(5), idempotency_key="key-0001")
    finally:
        crashpoints.arm(None)
        door.close()
    sent = list(door.messages())

    after = MemoryDoor(tmp_path, database=database)
    other = after.post(record(6), idempotency_key="key-0001")
    answer = after.post(record(5), idempotency_key="key-0001")

    values = {value for _, _, value in [*sent, *after.messages()]}
    assert other.status_code == 409
    assert answer.status_code == 200
    assert len(values) == 1, "the repeat is the same message, byte for byte"
    after.close()


# --- pace, health, headers ------------------------------------------------------------------


def test_a_department_that_sends_too_fast_waits_and_the_others_do_not(tmp_path: Path) -> None:
    door = MemoryDoor(tmp_path, rate=Rate(per_second=10, burst=20))
    before = metrics.sample("recordbus_rate_limited_total", department="test-pd") or 0

    first = door.post([record(n) for n in range(50)])
    second = door.post(record(51))
    other = door.post(record(1), "other-pd")

    assert (first.status_code, second.status_code, other.status_code) == (207, 429, 200)
    assert second.headers["retry-after"] == "4"
    assert metrics.sample("recordbus_rate_limited_total", department="test-pd") == before + 1
    door.clock.advance(3.5)
    assert door.post(record(51)).status_code == 200
    door.close()


def test_health_says_whether_it_answers_and_whether_kafka_does(door: MemoryDoor) -> None:
    assert door.ask("GET", "/healthz").text == "ok\n"
    assert door.ask("GET", "/readyz").status_code == 200
    door.is_ready = False
    assert door.ask("GET", "/readyz").status_code == 503
    assert door.ask("GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/v1/records", 405),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("POST", "/v1/records", 401),
        ("POST", "/v1/records/", 404),
        ("TRACE", "/", 404),
    ],
)
def test_every_answer_has_an_id_and_the_headers_that_keep_browsers_out(
    door: MemoryDoor, method: str, path: str, status: int
) -> None:
    answer = door.ask(method, path)

    assert answer.status_code == status
    assert answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def test_an_error_nobody_expected_says_its_id_and_nothing_else(
    door: MemoryDoor, monkeypatch: pytest.MonkeyPatch, log_lines: io.StringIO
) -> None:
    def burst(*_arguments: object) -> None:
        raise RuntimeError("Zylberstein")

    monkeypatch.setattr(door.lines, "knows", burst)

    answer = door.post(record())

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "Zylberstein" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-request-id"] in log_lines.getvalue()
    assert "Zylberstein" not in log_lines.getvalue()


def test_the_access_line_names_the_route_and_nothing_of_the_request(
    door: MemoryDoor, log_lines: io.StringIO
) -> None:
    door.post(record(1, narrative="Zylberstein"))
    door.ask("GET", "/v1/Zylberstein")

    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    found = [(each["method"], each["route"], each["status"]) for each in lines]
    assert found == [("POST", "/v1/records", 200), ("GET", "none", 404)]
    assert lines[0]["department"] == "test-pd"
    assert "Zylberstein" not in log_lines.getvalue()
    assert "C-1" not in log_lines.getvalue()


def test_acknowledgement_seconds_are_counted_by_department(door: MemoryDoor) -> None:
    name = "recordbus_gateway_ack_seconds_count"
    before = metrics.sample(name, department="test-pd") or 0

    door.post([record(1), record(2)])

    assert metrics.sample(name, department="test-pd") == before + 1
