"""What a publisher is handed, checked and complete, as the value that goes on the bus (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from recordbus.errors import Rejected
from schemas.events import Dispute, RecordInput, record_input_value

Value = dict[str, Any]


def checked_value(record: RecordInput | Mapping[str, Any]) -> Value:
    """Give a record as a complete plain value; Rejected `invalid_record` names the field.

    Takes the model, which is checked already, or a plain dict of the same shape, in which
    `body.details` is the pair of full type name and fields.
    """
    if isinstance(record, RecordInput):
        return record.to_avro()
    try:
        return record_input_value(record)
    except ValidationError as error:
        raise _invalid(error) from None
    except ValueError as error:  # raised for details of another record kind; holds no content
        raise Rejected("invalid_record", str(error)) from None


def with_dispute(value: Value, dispute: Dispute) -> Value:
    """Give the record with one more dispute, or with that dispute as it is now."""
    others = [each for each in value["disputes"] if each["dispute_id"] != dispute.dispute_id]
    return {**value, "disputes": [*others, dispute.to_avro()]}


def with_dispute_resolved(value: Value, dispute_id: str, resolved_at: datetime) -> Value:
    """Give the record with a dispute resolved; Rejected when it has no such dispute."""
    if dispute_id not in {each["dispute_id"] for each in value["disputes"]}:
        raise Rejected("invalid_record", "the record has no dispute with this id to resolve")
    return {
        **value,
        "disputes": [
            {**each, "resolved_at": resolved_at} if each["dispute_id"] == dispute_id else each
            for each in value["disputes"]
        ],
    }


def _invalid(error: ValidationError) -> Rejected:
    """Name the first fields that are wrong, and never what they hold."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    named = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:3]]
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
    return Rejected("invalid_record", "; ".join(named) + more)
