"""What a department hands over and what it publishes: the record's complete present state."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from schemas.avro_types import details_type
from schemas.events.base import Items, Value
from schemas.events.details import Details
from schemas.events.mentions import (
    LocationRole,
    OrganisationRole,
    PersonRole,
    PhoneRole,
    VehicleRole,
)
from schemas.events.parts import CodedValue, Contact, Criterion, Dispute, Grade, Notice, Review
from schemas.limits import (
    Code,
    Instant,
    Int32,
    Key,
    LocalId,
    Narrative,
    Number,
    Ori,
    Sequence,
    ShortText,
    Text,
)
from schemas.types import AssertedBasis, DisseminationLevel, RecordKind, RecordStatus, ReferenceType


class RecordReference(Value):
    """A number by which the record belongs to something larger."""

    type: ReferenceType
    number: Number
    issuer_ori: Ori | None = None


class Offence(Value):
    """An offence that the record names."""

    local_id: LocalId
    code: CodedValue
    description: Text | None = None
    statute: ShortText | None = None
    count: Int32 = 1
    person_local_ids: Items[LocalId] = Field(default_factory=list)
    disposition: CodedValue | None = None


class Assertion(Value):
    """A tie between two roles that somebody stated or judged.

    All other ties follow from the roles.
    """

    local_id: LocalId
    relation: Code
    from_local_id: LocalId
    to_local_id: LocalId
    basis: AssertedBasis
    wording: Text | None = None
    grade: Grade | None = None
    criteria: Items[Criterion] = Field(default_factory=list)
    supervisor_id: ShortText | None = None
    made_at: Instant
    notice: Notice | None = None


class RecordBody(Value):
    """What a live record says."""

    record_id: Number
    references: Items[RecordReference] = Field(default_factory=list)
    people: Items[PersonRole] = Field(default_factory=list)
    vehicles: Items[VehicleRole] = Field(default_factory=list)
    organisations: Items[OrganisationRole] = Field(default_factory=list)
    locations: Items[LocationRole] = Field(default_factory=list)
    phones: Items[PhoneRole] = Field(default_factory=list)
    offences: Items[Offence] = Field(default_factory=list)
    narrative: Narrative | None = None
    assertions: Items[Assertion] = Field(default_factory=list)
    details: Details


class RecordInput(Value):
    """What a department hands to the publisher: a live record before it is stamped.

    The publisher adds the event id, the record key and the owner's ORI, and its own contact when
    the record brings none.
    """

    record_kind: RecordKind
    source_seq: Sequence
    recorded_at: Instant
    occurred_at: Instant | None = None
    dissemination_level: DisseminationLevel = "law_enforcement"
    contact: Contact | None = None
    disputes: Items[Dispute] = Field(default_factory=list)
    reviews: Items[Review] = Field(default_factory=list)
    body: RecordBody

    @model_validator(mode="after")
    def _details_fit_the_kind(self) -> Self:
        check_details(self.record_kind, type(self.body.details).__name__)
        return self


class RecordChange(Value):
    """A record's complete present state, as its department publishes it. Never a delta."""

    event_id: Code
    record_key: Key
    record_kind: RecordKind
    owner_ori: Ori
    source_seq: Sequence
    status: RecordStatus
    status_reason: Code | None = None
    recorded_at: Instant
    occurred_at: Instant | None = None
    dissemination_level: DisseminationLevel
    contact: Contact
    disputes: Items[Dispute] = Field(default_factory=list)
    reviews: Items[Review] = Field(default_factory=list)
    body: RecordBody | None = None

    @model_validator(mode="after")
    def _body_fits_status_and_kind(self) -> Self:
        if (self.body is None) == (self.status == "live"):
            raise ValueError("a live record needs a body, and any other status takes none")
        if self.body is not None:
            check_details(self.record_kind, type(self.body.details).__name__)
        return self


def check_details(record_kind: str, name: str) -> None:
    """Raise ValueError when details of this name do not belong to the record kind."""
    expected = details_type(record_kind).rpartition(".")[2]
    if name != expected:
        raise ValueError(f"a record of the kind {record_kind} takes {expected}, not {name}")
