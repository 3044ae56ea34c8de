"""Decoded values of what stages tell `associate`: the two sides of a record, and the time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict

from schemas.types.normalised import Relation
from schemas.types.parts import Contact
from schemas.types.vocabulary import (
    DispositionOutcome,
    DisputeParty,
    DisseminationLevel,
    MentionKind,
    RecordKind,
    RetractionReason,
)


class Tick(TypedDict):
    """The time, as data."""

    at: datetime


class PartRemoved(TypedDict):
    """Takes back one side of a record; nothing of its content is left."""

    record_key: str
    version: int
    reason: RetractionReason


class RelatedDispute(TypedDict):
    """A dispute about a record, one of its mentions or one of its relations (R-19)."""

    dispute_id: str
    by: DisputeParty
    raised_at: datetime
    resolved_at: datetime | None
    about_local_id: str | None
    about_relation_id: str | None


class RecordEnd(TypedDict):
    """What a record tells of one end of the basis table (R-21)."""

    name: str
    has_ended: bool
    ends_at: datetime | None


class RelatedMention(TypedDict):
    """A mention of a record, with what associations need of it."""

    local_id: str
    kind: MentionKind
    entity_id: str | None
    least_age_years: int | None


class RecordRelations(TypedDict):
    """What a live record says about its mentions, as far as associations need it."""

    record_key: str
    record_kind: RecordKind
    department: str
    owner_ori: str
    version: int
    content_hash: str
    published_at: datetime
    recorded_at: datetime
    first_recorded_on: str
    dissemination_level: DisseminationLevel
    contact: Contact
    disputes: list[RelatedDispute]
    reviewed_at: list[datetime]
    ends: list[RecordEnd]
    mentions: list[RelatedMention]
    relations: list[Relation]


class ResolvedMention(TypedDict):
    """A mention and its entity."""

    local_id: str
    entity_id: str
    verdicts: list[str]


class ReachingDisposition(TypedDict):
    """A court's decision about a person of this record (R-26)."""

    local_id: str
    outcome: DispositionOutcome
    record_key: str
    version: int
    matter_local_id: str


class RecordIdentities(TypedDict):
    """Who and what the resolved mentions of a record are, and what courts decided about them."""

    record_key: str
    version: int
    mentions: list[ResolvedMention]
    dispositions: list[ReachingDisposition]


class RelationsEntry(TypedDict):
    """One side of what associations are made of, or the time."""

    content: (
        tuple[Literal["recordbus.v1.RecordRelations"], RecordRelations]
        | tuple[Literal["recordbus.v1.RecordIdentities"], RecordIdentities]
        | tuple[Literal["recordbus.v1.PartRemoved"], PartRemoved]
        | tuple[Literal["recordbus.v1.Tick"], Tick]
    )
