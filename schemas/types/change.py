"""Decoded values of what a department publishes: the record's complete present state."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from schemas.types.details import (
    ArrestDetails,
    BookingDetails,
    CitationDetails,
    CourtDispositionDetails,
    CustodyDetails,
    FieldContactDetails,
    IncidentDetails,
    IntelligenceReportDetails,
    MissingPersonDetails,
    PermitDetails,
    ServiceCallDetails,
    SupervisionDetails,
    VehicleRegistrationDetails,
    WarrantDetails,
)
from schemas.types.mentions import (
    LocationRole,
    OrganisationRole,
    PersonRole,
    PhoneRole,
    VehicleRole,
)
from schemas.types.parts import CodedValue, Contact, Criterion, Dispute, Grade, Notice, Review
from schemas.types.vocabulary import (
    AssertedBasis,
    DisseminationLevel,
    RecordKind,
    RecordStatus,
    ReferenceType,
)


class RecordReference(TypedDict):
    """A number by which the record belongs to something larger."""

    type: ReferenceType
    number: str
    issuer_ori: str | None


class Offence(TypedDict):
    """An offence that the record names."""

    local_id: str
    code: CodedValue
    description: str | None
    statute: str | None
    count: int
    person_local_ids: list[str]
    disposition: CodedValue | None


class Assertion(TypedDict):
    """A tie between two roles that somebody stated or judged.

    All other ties follow from the roles.
    """

    local_id: str
    relation: str
    from_local_id: str
    to_local_id: str
    basis: AssertedBasis
    wording: str | None
    grade: Grade | None
    criteria: list[Criterion]
    supervisor_id: str | None
    made_at: datetime
    notice: Notice | None


Details = (
    IncidentDetails
    | ArrestDetails
    | BookingDetails
    | CitationDetails
    | FieldContactDetails
    | WarrantDetails
    | CourtDispositionDetails
    | CustodyDetails
    | SupervisionDetails
    | ServiceCallDetails
    | MissingPersonDetails
    | VehicleRegistrationDetails
    | PermitDetails
    | IntelligenceReportDetails
)
"""What one record kind adds."""

DetailsValue = tuple[str, Details]
"""The full name of the Avro record and its value: both decoded and ready to encode."""


class RecordBody(TypedDict):
    """What a live record says."""

    record_id: str
    references: list[RecordReference]
    people: list[PersonRole]
    vehicles: list[VehicleRole]
    organisations: list[OrganisationRole]
    locations: list[LocationRole]
    phones: list[PhoneRole]
    offences: list[Offence]
    narrative: str | None
    assertions: list[Assertion]
    details: DetailsValue


class RecordChange(TypedDict):
    """A record's complete present state, as its department publishes it. Never a delta."""

    event_id: str
    record_key: str
    record_kind: RecordKind
    owner_ori: str
    source_seq: int
    status: RecordStatus
    status_reason: str | None
    recorded_at: datetime
    occurred_at: datetime | None
    dissemination_level: DisseminationLevel
    contact: Contact
    disputes: list[Dispute]
    reviews: list[Review]
    body: RecordBody | None
