"""Small records for tests of the models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

AT = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)


def arrest(**changes: Any) -> dict[str, Any]:
    """Give the smallest arrest that RecordInput accepts, with top-level fields changed."""
    return {
        "record_kind": "arrest",
        "source_seq": 1,
        "recorded_at": AT,
        "body": {"record_id": "A-1", "details": ("recordbus.v1.ArrestDetails", {})},
    } | changes


def arrest_of(person: dict[str, Any], **role: Any) -> dict[str, Any]:
    """Give an arrest of one person."""
    named = {"local_id": "p1", "role": "arrestee", "subject_category": "suspect", "person": person}
    return arrest(
        body={
            "record_id": "A-1",
            "details": ("recordbus.v1.ArrestDetails", {}),
            "people": [named | role],
        }
    )
