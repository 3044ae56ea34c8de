"""Decoded values of what each record kind adds to the common body."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from schemas.types.parts import CodedValue, DateValue, Grade
from schemas.types.vocabulary import ContactBasis, DispositionOutcome


class VictimRelationship(TypedDict):
    """How a victim and an offender knew each other."""

    victim_local_id: str
    offender_local_id: str
    relationship: CodedValue


class IncidentDetails(TypedDict):
    """What an incident report adds."""

    incident_type: str | None
    incident_status: CodedValue | None
    reported_at: datetime | None
    occurred_until: datetime | None
    victim_relationships: list[VictimRelationship]
    grade: Grade | None


class ArrestDetails(TypedDict):
    """What an arrest report adds."""

    arrest_number: str | None
    arrest_type: CodedValue | None
    arrested_at: datetime | None


class BookingDetails(TypedDict):
    """What a booking adds."""

    booking_number: str | None
    booked_at: datetime | None
    released_at: datetime | None
    release_reason: str | None
    facility_local_id: str | None
    bail_cents: int | None


class CitationDetails(TypedDict):
    """What a citation adds."""

    citation_number: str | None
    issued_at: datetime | None
    violation: str | None
    crash: bool | None
    fine_cents: int | None


class FieldContactDetails(TypedDict):
    """What a field contact adds. Being at one contact is co-presence and nothing more (R-07)."""

    contact_basis: ContactBasis
    contact_basis_source: str | None
    stop_duration_minutes: int | None
    circumstance: str | None
    key_situations: list[str]
    weather: str | None
    searched: bool | None
    frisked: bool | None
    outcome: str | None
    grade: Grade | None


class WarrantDetails(TypedDict):
    """What a warrant adds."""

    warrant_number: str | None
    warrant_type: str | None
    warrant_status: CodedValue | None
    issued_at: datetime | None
    expires_at: datetime | None
    served_at: datetime | None
    court: str | None
    bail_cents: int | None


class CourtDispositionDetails(TypedDict):
    """What a court disposition adds.

    Its outcome decides which arrest and charge edges stand (R-26).
    """

    docket_number: str | None
    outcome: DispositionOutcome
    outcome_source: str | None
    decided_at: datetime | None
    court: str | None
    sentence: str | None


class CustodyDetails(TypedDict):
    """What a custody record adds."""

    facility_local_id: str | None
    housing_unit: str | None
    admitted_at: datetime | None
    released_at: datetime | None
    release_reason: str | None


class SupervisionDetails(TypedDict):
    """What a supervision record adds."""

    supervision_type: CodedValue | None
    office_local_id: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    conditions: list[str]


class ServiceCallDetails(TypedDict):
    """What a call for service adds."""

    call_number: str | None
    call_type: str | None
    priority: str | None
    received_at: datetime | None
    cleared_at: datetime | None
    result: str | None
    grade: Grade | None


class MissingPersonDetails(TypedDict):
    """What a missing person report adds."""

    missing_status: CodedValue | None
    last_seen_at: datetime | None
    last_seen_local_id: str | None
    found_at: datetime | None
    circumstances: str | None
    clothing: str | None


class VehicleRegistrationDetails(TypedDict):
    """What a vehicle registration adds."""

    registration_number: str | None
    valid_from: DateValue | None
    valid_to: DateValue | None


class PermitDetails(TypedDict):
    """What a permit adds."""

    permit_number: str | None
    permit_type: str | None
    permit_status: CodedValue | None
    valid_from: DateValue | None
    valid_to: DateValue | None


class IntelligenceReportDetails(TypedDict):
    """What an intelligence report adds."""

    report_number: str | None
    topic: str | None
    reported_at: datetime | None
    grade: Grade | None
    next_review_at: datetime | None
