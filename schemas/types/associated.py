"""Decoded values of what `associate` says: associations and identities."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from schemas.types.parts import Contact, Grade
from schemas.types.vocabulary import (
    AssociationStatus,
    Basis,
    ContactBasis,
    DispositionOutcome,
    DisputeParty,
    DisseminationLevel,
    EvidenceKind,
    MentionKind,
    RecordKind,
    RetractionReason,
    SubjectCategory,
)


class SourceRecord(TypedDict):
    """The record that an association rests on (R-02)."""

    record_key: str
    record_kind: RecordKind
    department: str
    owner_ori: str
    version: int
    content_hash: str


class AssociationDispute(TypedDict):
    """A dispute about an association (R-19)."""

    dispute_id: str
    by: DisputeParty
    raised_at: datetime
    resolved_at: datetime | None


class DispositionReference(TypedDict):
    """What a court's record says of the case of an association (R-26)."""

    outcome: DispositionOutcome
    record_key: str
    version: int


class Association(TypedDict):
    """A tie between two entities that rests on one record (R-02)."""

    type: str
    from_mention_id: str
    to_mention_id: str
    from_kind: MentionKind
    to_kind: MentionKind
    from_entity_id: str
    to_entity_id: str
    from_category: SubjectCategory | None
    to_category: SubjectCategory | None
    basis: Basis
    contact_basis: ContactBasis | None
    evidence_kind: EvidenceKind
    grade: Grade | None
    source: SourceRecord
    first_date: str
    last_date: str | None
    expires_at: datetime | None
    juvenile: bool
    dissemination_level: DisseminationLevel
    contact: Contact
    disputes: list[AssociationDispute]
    dispositions: list[DispositionReference]
    verdicts: list[str]
    derived_inputs: list[str]


class AssociationUpdate(TypedDict):
    """What is now said of one association. Updates of one id are numbered without gaps."""

    association_id: str
    record_key: str
    version: int
    sequence: int
    status: AssociationStatus
    reason: RetractionReason | None
    association: Association | None


class Identity(TypedDict):
    """The entity that a mention belongs to; a marker once its record is removed."""

    mention_id: str
    record_key: str
    version: int
    kind: MentionKind
    entity_id: str | None
    previous_entity_id: str | None
    verdicts: list[str]
    reason: RetractionReason | None
