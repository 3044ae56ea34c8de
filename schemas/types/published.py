"""Decoded values of what the bus itself publishes."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from schemas.types.change import RecordBody
from schemas.types.normalised import NormalisedRecord, Relation
from schemas.types.parts import Contact, Dispute, Review
from schemas.types.vocabulary import DisseminationLevel, RecordKind, RecordStatus, UpkeepKind


class Record(TypedDict):
    """A valid, normalised, current record with its relations.

    When not live, a marker without content.
    """

    record_key: str
    record_kind: RecordKind
    department: str
    owner_ori: str
    version: int
    source_seq: int
    status: RecordStatus
    status_reason: str | None
    content_hash: str | None
    published_at: datetime
    recorded_at: datetime
    first_recorded_on: str | None
    occurred_at: datetime | None
    dissemination_level: DisseminationLevel
    contact: Contact
    disputes: list[Dispute]
    reviews: list[Review]
    flags: list[str]
    body: RecordBody | None
    normalised: NormalisedRecord | None
    relations: list[Relation]


class Quarantined(TypedDict):
    """A message that could not be accepted, with the reason and the original bytes."""

    reason: str
    detail: str
    stage: str
    department: str | None
    source_topic: str
    source_partition: int
    source_offset: int
    source_timestamp: datetime
    key: bytes | None
    value: bytes | None


class Upkeep(TypedDict):
    """A request of the upkeep worker to a stage."""

    kind: UpkeepKind
    at: datetime
    record_key: str | None
    version: int | None
