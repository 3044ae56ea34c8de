"""When Kafka or the audit is away, and who may not push: what is answered, and what is sent."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from producers.connectors.http_push.gateway import Bounds
from recordbus.audit import Outcome
from recordbus.errors import Retryable
from tests.unit.producers.http_push.door import MemoryDoor, keys_of, record


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
    door.close()
    assert not any(thread.name.startswith("gateway-") for thread in threading.enumerate())


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
