"""A mapped row and what is kept about its record, as the value that is published (pure)."""

from __future__ import annotations

from producers.connectors.csv_snapshot.notes import unpack
from producers.mapping import ExportMapping, MappedRecord
from producers.publisher.record import Value


def record_value(
    export: ExportMapping, mapped: MappedRecord, source_seq: int, notes: str | None
) -> Value:
    """Give a record's complete present state, with the disputes and reviews kept for it."""
    disputes, reviews = unpack(notes)
    return {
        "record_kind": export.record_kind,
        "source_seq": source_seq,
        "recorded_at": mapped.recorded_at,
        "occurred_at": mapped.occurred_at,
        "dissemination_level": mapped.dissemination_level,
        "contact": None,
        "disputes": disputes,
        "reviews": reviews,
        "body": mapped.body,
    }
