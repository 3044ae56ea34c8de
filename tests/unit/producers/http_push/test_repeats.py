"""Row 43 and F6: the same again has one effect, killed or not, and the same answer by its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordbus import crashpoints
from tests.unit.producers.http_push.door import MemoryDoor, record


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
