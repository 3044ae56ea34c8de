"""What each record kind adds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag

from schemas.events.base import Items, KindDetails, Value, details_name, without_name
from schemas.events.parts import CodedValue, DateValue, Grade
from schemas.limits import Instant, Int32, Int64, LocalId, ShortText, Text
from schemas.types import ContactBasis, DispositionOutcome


class VictimRelationship(Value):
    """How a victim and an offender knew each other."""

    victim_local_id: LocalId
    offender_local_id: LocalId
    relationship: CodedValue


class IncidentDetails(KindDetails):
    """What an incident report adds."""

    incident_type: ShortText | None = None
    incident_status: CodedValue | None = None
    reported_at: Instant | None = None
    occurred_until: Instant | None = None
    victim_relationships: Items[VictimRelationship] = Field(default_factory=list)
    grade: Grade | None = None


class ArrestDetails(KindDetails):
    """What an arrest report adds."""

    arrest_number: ShortText | None = None
    arrest_type: CodedValue | None = None
    arrested_at: Instant | None = None


class BookingDetails(KindDetails):
    """What a booking adds."""

    booking_number: ShortText | None = None
    booked_at: Instant | None = None
    released_at: Instant | None = None
    release_reason: ShortText | None = None
    facility_local_id: LocalId | None = None
    bail_cents: Int64 | None = None


class CitationDetails(KindDetails):
    """What a citation adds."""

    citation_number: ShortText | None = None
    issued_at: Instant | None = None
    violation: Text | None = None
    crash: bool | None = None
    fine_cents: Int64 | None = None


class FieldContactDetails(KindDetails):
    """What a field contact adds. Being at one contact is co-presence and nothing more (R-07)."""

    contact_basis: ContactBasis
    contact_basis_source: ShortText | None = None
    stop_duration_minutes: Int32 | None = None
    circumstance: Text | None = None
    key_situations: Items[ShortText] = Field(default_factory=list)
    weather: ShortText | None = None
    searched: bool | None = None
    frisked: bool | None = None
    outcome: Text | None = None
    grade: Grade | None = None


class WarrantDetails(KindDetails):
    """What a warrant adds."""

    warrant_number: ShortText | None = None
    warrant_type: ShortText | None = None
    warrant_status: CodedValue | None = None
    issued_at: Instant | None = None
    expires_at: Instant | None = None
    served_at: Instant | None = None
    court: ShortText | None = None
    bail_cents: Int64 | None = None


class CourtDispositionDetails(KindDetails):
    """What a court disposition adds.

    Its outcome decides which arrest and charge edges stand (R-26).
    """

    docket_number: ShortText | None = None
    outcome: DispositionOutcome
    outcome_source: ShortText | None = None
    decided_at: Instant | None = None
    court: ShortText | None = None
    sentence: Text | None = None


class CustodyDetails(KindDetails):
    """What a custody record adds."""

    facility_local_id: LocalId | None = None
    housing_unit: ShortText | None = None
    admitted_at: Instant | None = None
    released_at: Instant | None = None
    release_reason: ShortText | None = None


class SupervisionDetails(KindDetails):
    """What a supervision record adds."""

    supervision_type: CodedValue | None = None
    office_local_id: LocalId | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    conditions: Items[Text] = Field(default_factory=list)


class ServiceCallDetails(KindDetails):
    """What a call for service adds."""

    call_number: ShortText | None = None
    call_type: ShortText | None = None
    priority: ShortText | None = None
    received_at: Instant | None = None
    cleared_at: Instant | None = None
    result: Text | None = None
    grade: Grade | None = None


class MissingPersonDetails(KindDetails):
    """What a missing person report adds."""

    missing_status: CodedValue | None = None
    last_seen_at: Instant | None = None
    last_seen_local_id: LocalId | None = None
    found_at: Instant | None = None
    circumstances: Text | None = None
    clothing: Text | None = None


class VehicleRegistrationDetails(KindDetails):
    """What a vehicle registration adds."""

    registration_number: ShortText | None = None
    valid_from: DateValue | None = None
    valid_to: DateValue | None = None


class PermitDetails(KindDetails):
    """What a permit adds."""

    permit_number: ShortText | None = None
    permit_type: ShortText | None = None
    permit_status: CodedValue | None = None
    valid_from: DateValue | None = None
    valid_to: DateValue | None = None


class IntelligenceReportDetails(KindDetails):
    """What an intelligence report adds."""

    report_number: ShortText | None = None
    topic: ShortText | None = None
    reported_at: Instant | None = None
    grade: Grade | None = None
    next_review_at: Instant | None = None


_fields = BeforeValidator(without_name)

Details = Annotated[
    Annotated[IncidentDetails, _fields, Tag("IncidentDetails")]
    | Annotated[ArrestDetails, _fields, Tag("ArrestDetails")]
    | Annotated[BookingDetails, _fields, Tag("BookingDetails")]
    | Annotated[CitationDetails, _fields, Tag("CitationDetails")]
    | Annotated[FieldContactDetails, _fields, Tag("FieldContactDetails")]
    | Annotated[WarrantDetails, _fields, Tag("WarrantDetails")]
    | Annotated[CourtDispositionDetails, _fields, Tag("CourtDispositionDetails")]
    | Annotated[CustodyDetails, _fields, Tag("CustodyDetails")]
    | Annotated[SupervisionDetails, _fields, Tag("SupervisionDetails")]
    | Annotated[ServiceCallDetails, _fields, Tag("ServiceCallDetails")]
    | Annotated[MissingPersonDetails, _fields, Tag("MissingPersonDetails")]
    | Annotated[VehicleRegistrationDetails, _fields, Tag("VehicleRegistrationDetails")]
    | Annotated[PermitDetails, _fields, Tag("PermitDetails")]
    | Annotated[IntelligenceReportDetails, _fields, Tag("IntelligenceReportDetails")],
    Discriminator(details_name),
]
"""What one record kind adds: a value of its class, or (full name, fields)."""
