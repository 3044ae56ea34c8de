"""A row of the outbox and what it asks of the publisher (pure).

The invariant: a row speaks of the record that its columns name. A payload of another record is
refused, so that a mixed-up row can never replace the wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from producers.publisher.from_json import JSON_BYTES, parse, with_instants
from producers.publisher.record import Value, checked_value
from producers.publisher.stamp import RemovedStatus
from recordbus.errors import Rejected
from schemas import catalog
from schemas.limits import STATUS_REASON

Verb = Literal["publish", "withdraw", "seal", "expunge"]
STATUS_OF: Final[Mapping[str, RemovedStatus]] = {
    "withdraw": "withdrawn",
    "seal": "sealed",
    "expunge": "expunged",
}
_SEQUENCES: Final = range(2**63)


class Row(NamedTuple):
    """One waiting row; `payload` is None where there is none, or where it is over `JSON_BYTES`."""

    id: int
    record_kind: str
    record_id: str
    verb: str
    source_seq: int | None
    payload: str | None
    payload_bytes: int
    reason: str | None
    created_at: datetime | None

    @property
    def record(self) -> tuple[str, str]:
        """The record that the row is about."""
        return self.record_kind, self.record_id


@dataclass(frozen=True, slots=True)
class Publish:
    """The row asks for this state of its record."""

    value: Value


@dataclass(frozen=True, slots=True)
class Remove:
    """The row asks for its record to be taken off the bus."""

    source_seq: int
    status: RemovedStatus
    reason: str
    recorded_at: datetime


def wanted(row: Row) -> Publish | Remove:
    """Give what a row asks for; Rejected `invalid_record` or `oversize` names what is wrong."""
    if row.record_kind not in catalog.record_kinds():
        raise _invalid("record_kind is none of the kinds of records")
    if not row.record_id.strip():
        raise _invalid("record_id is empty")
    return Publish(_value(row)) if row.verb == "publish" else _removal(row)


def _value(row: Row) -> Value:
    if row.payload_bytes > JSON_BYTES:
        raise Rejected("oversize", f"payload has {row.payload_bytes} bytes, at most {JSON_BYTES}")
    if row.payload is None:
        raise _invalid("payload is null, and publishing needs the record")
    given = parse(row.payload)
    sequence = _sequence(row, given)
    value = checked_value(with_instants({**given, "source_seq": sequence}))
    if (value["record_kind"], value["body"]["record_id"]) != row.record:
        raise _invalid("the payload is of another record than record_kind and record_id say")
    return value


def _sequence(row: Row, given: Mapping[str, Any]) -> Any:
    """Give the version: the column's, the payload's, or the row's own number."""
    stated = given.get("source_seq")
    if row.source_seq is None:
        return row.id if stated is None else stated
    if stated is not None and stated != row.source_seq:
        raise _invalid("source_seq of the row and of its payload differ")
    return row.source_seq


def _removal(row: Row) -> Remove:
    status = STATUS_OF.get(row.verb)
    if status is None:
        raise _invalid("verb is none of publish, withdraw, seal, expunge")
    if row.payload is not None:
        raise _invalid(f"payload must be null to {row.verb}")
    if row.reason is None or not STATUS_REASON.fullmatch(row.reason):
        raise _invalid("reason is not a code of small letters and underscores")
    if row.created_at is None:
        raise _invalid("created_at is no instant")
    sequence = row.id if row.source_seq is None else row.source_seq
    if sequence not in _SEQUENCES:
        raise _invalid("source_seq is negative")
    return Remove(sequence, status, row.reason, row.created_at)


def _invalid(detail: str) -> Rejected:
    return Rejected("invalid_record", detail)
