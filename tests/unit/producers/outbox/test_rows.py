"""What a row asks for, and what is wrong with one that asks for nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from producers.connectors.outbox.row import Publish, Remove, Row, wanted
from producers.publisher.stamp import RemovedStatus
from recordbus.errors import Rejected

AT = datetime(2026, 1, 2, tzinfo=UTC)
RECORD: dict[str, Any] = {
    "record_kind": "service_call",
    "recorded_at": "2026-01-02T03:04:05Z",
    "body": {"record_id": "C-1", "details": ["recordbus.v1.ServiceCallDetails", {}]},
}


def row(record: dict[str, Any] | None = RECORD, **columns: Any) -> Row:
    text = None if record is None else json.dumps(record)
    stated: dict[str, Any] = {
        "id": 7, "record_kind": "service_call", "record_id": "C-1", "verb": "publish",
        "source_seq": None, "payload": text, "payload_bytes": len(text or ""), "reason": None,
        "created_at": AT,
    }  # fmt: skip
    return Row(**(stated | columns))


def sequence(asked: Row) -> int:
    found = wanted(asked)
    return found.source_seq if isinstance(found, Remove) else int(found.value["source_seq"])


def test_the_version_is_the_columns_the_payloads_or_the_rows_own_number() -> None:
    assert sequence(row()) == 7
    assert sequence(row(RECORD | {"source_seq": 41})) == 41
    assert sequence(row(source_seq=42)) == 42
    assert sequence(row(RECORD | {"source_seq": 42}, source_seq=42)) == 42
    assert sequence(row(None, verb="seal", reason="court_order")) == 7
    assert sequence(row(None, verb="seal", reason="court_order", source_seq=9)) == 9


def test_a_publishing_row_gives_the_whole_record() -> None:
    asked = wanted(row())
    assert isinstance(asked, Publish)
    assert asked.value["body"]["details"][1]["priority"] is None


@pytest.mark.parametrize(
    ("verb", "status"), [("withdraw", "withdrawn"), ("seal", "sealed"), ("expunge", "expunged")]
)
def test_a_removing_row_gives_status_and_reason(verb: str, status: RemovedStatus) -> None:
    assert wanted(row(None, verb=verb, reason="court_order")) == Remove(
        7,
        status,
        "court_order",
        AT,
    )


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (row(None), "payload is null"),
        (row(record_kind="rumour"), "none of the kinds"),
        (row(record_id=" "), "record_id is empty"),
        (row(record_id="C-2"), "another record"),
        (row(record_kind="arrest"), "another record"),
        (row(RECORD | {"source_seq": 1}, source_seq=2), "differ"),
        (row(RECORD | {"source_seq": "1"}), "source_seq"),
        (row(source_seq=-1), "source_seq"),
        (row(RECORD | {"dob": "1990"}), "dob: Extra"),
        (row(payload="{"), "line 1, column 2"),
        (row(verb="erase"), "verb is none"),
        (row(verb="expunge"), "payload must be null"),
        (row(None, verb="expunge"), "reason is not a code"),
        (row(None, verb="expunge", reason="Because of Mr X"), "reason is not a code"),
        (row(None, verb="expunge", reason="a", source_seq=-1), "negative"),
        (row(None, verb="expunge", reason="a", created_at=None), "created_at"),
    ],
)
def test_a_row_that_asks_for_nothing_is_refused_by_name(asked: Row, says: str) -> None:
    with pytest.raises(Rejected) as refused:
        wanted(asked)
    assert refused.value.reason == "invalid_record"
    assert says in refused.value.detail
    assert "Mr X" not in refused.value.detail


def test_a_payload_that_fits_no_message_is_named_by_its_size() -> None:
    with pytest.raises(Rejected) as refused:
        wanted(row(payload=None, payload_bytes=9_000_000))
    assert refused.value.reason == "oversize"
