"""What only a record's kind has, in our schema: the pair of type name and fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from producers.synthetic.calendar import ISO
from producers.synthetic.facts import Fact

Value = dict[str, Any]
NOT_ASSESSED = {"source": "not_assessed", "information": "not_assessed", "handling": "P"}
_INCIDENT_STATUS = {
    "open": "OPEN",
    "cleared_by_arrest": "CLEARED_BY_ARREST",
    "closed": "CLOSED",
    "unfounded": "UNFOUNDED",
}
_RELATIONSHIP = {
    "stranger": "ST", "acquaintance": "AQ", "spouse": "SE", "sibling": "SB", "neighbor": "NE",
    "unknown": "RU",
}  # fmt: skip


def _at(day: int | None, minute: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.fromordinal(day).replace(tzinfo=UTC) + timedelta(minutes=minute)


def _coded(code: str, source: str) -> Value:
    return {"code": code, "source": source}


def _dated(day: int) -> Value:
    return {"value": ISO[day], "source": ISO[day]}


def _incident(f: Fact) -> Value:
    d = f.details
    slots = {m.slot for m in f.people}
    pairs = []
    if {"victim-1", "suspect-1"} <= slots:
        relationship = _coded(_RELATIONSHIP[d["relationship"]], d["relationship"])
        pairs = [
            {
                "victim_local_id": "victim-1",
                "offender_local_id": "suspect-1",
                "relationship": relationship,
            }
        ]
    return {
        "incident_type": f.charges[0].words,
        "incident_status": _coded(_INCIDENT_STATUS[d["incident_status"]], d["incident_status"]),
        "reported_at": _at(f.day, f.minute),
        "occurred_until": None,
        "victim_relationships": pairs,
        "grade": NOT_ASSESSED,
    }


def _arrest(f: Fact) -> Value:
    kind = f.details["arrest_type"]
    return {
        "arrest_number": f.number,
        "arrest_type": _coded(kind, kind),
        "arrested_at": _at(f.day, f.minute),
    }


def _booking(f: Fact) -> Value:
    d = f.details
    return {
        "booking_number": f.number,
        "booked_at": _at(f.day, f.minute),
        "released_at": _at(d["released_day"]),
        "release_reason": d["release_reason"] if d["released_day"] else None,
        "facility_local_id": "facility",
        "bail_cents": d["bail_cents"],
    }


def _citation(f: Fact) -> Value:
    d = f.details
    return {
        "citation_number": f.number,
        "issued_at": _at(f.day, f.minute),
        "violation": d["violation"],
        "crash": d["crash"],
        "fine_cents": d["fine_cents"],
    }


def _field_contact(f: Fact) -> Value:
    d = f.details
    names = (
        "contact_basis stop_duration_minutes circumstance key_situations weather searched frisked "
        "outcome"
    )
    return {name: d[name] for name in names.split()} | {
        "contact_basis_source": d["contact_basis"],
        "grade": NOT_ASSESSED if d["contact_basis"] == "intel" else None,
    }


def _warrant(f: Fact) -> Value:
    d = f.details
    return {
        "warrant_number": f.number,
        "warrant_type": d["warrant_type"],
        "warrant_status": _coded(d["warrant_status"].upper(), d["warrant_status"]),
        "issued_at": _at(f.day, f.minute),
        "expires_at": None,
        "served_at": _at(d["served_day"]),
        "court": "Alder County Court",
        "bail_cents": d["bail_cents"],
    }


def _disposition(f: Fact) -> Value:
    d = f.details
    return {
        "docket_number": f.number,
        "outcome": d["outcome"],
        "outcome_source": d["outcome"],
        "decided_at": _at(d["decided_day"]),
        "court": "Alder County Court",
        "sentence": d["sentence"] or None,
    }


def _custody(f: Fact) -> Value:
    d = f.details
    return {
        "facility_local_id": "facility",
        "housing_unit": d["housing_unit"],
        "admitted_at": _at(f.day, f.minute),
        "released_at": _at(d["released_day"]),
        "release_reason": d["release_reason"] if d["released_day"] else None,
    }


def _supervision(f: Fact) -> Value:
    d = f.details
    return {
        "supervision_type": _coded(d["supervision_type"].upper(), d["supervision_type"]),
        "office_local_id": "office",
        "starts_at": _at(f.day, f.minute),
        "ends_at": _at(d["ends_day"]),
        "conditions": list(d["conditions"]),
    }


def _service_call(f: Fact) -> Value:
    d = f.details
    return {
        "call_number": f.number,
        "call_type": d["call_type"],
        "priority": d["priority"],
        "received_at": _at(f.day, f.minute),
        "cleared_at": _at(f.day, f.minute + d["minutes"]),
        "result": d["result"],
        "grade": NOT_ASSESSED,
    }


def _missing_person(f: Fact) -> Value:
    d = f.details
    status = "FOUND_SAFE" if d["missing_status"] == "located" else "MISSING"
    return {
        "missing_status": _coded(status, d["missing_status"]),
        "last_seen_at": _at(f.day, f.minute),
        "last_seen_local_id": "last-seen",
        "found_at": _at(d["found_day"]),
        "circumstances": f.narrative,
        "clothing": d["clothing"],
    }


def _registration(f: Fact) -> Value:
    return {
        "registration_number": f.number,
        "valid_from": _dated(f.day),
        "valid_to": _dated(f.details["valid_to_day"]),
    }


def _permit(f: Fact) -> Value:
    d = f.details
    return {
        "permit_number": f.number,
        "permit_type": d["permit_type"],
        "permit_status": _coded(d["permit_status"].upper(), d["permit_status"]),
        "valid_from": _dated(f.day),
        "valid_to": _dated(d["valid_to_day"]),
    }


def _intelligence(f: Fact) -> Value:
    d = f.details
    return {
        "report_number": f.number,
        "topic": d["topic"],
        "reported_at": _at(f.day, f.minute),
        "grade": {
            "source": f"S{d['grade_source']}",
            "information": d["grade_information"],
            "handling": d["handling"],
        },
        "next_review_at": _at(f.day + 365),
    }


_BY_KIND: dict[str, tuple[str, Callable[[Fact], Value]]] = {
    "incident": ("IncidentDetails", _incident),
    "arrest": ("ArrestDetails", _arrest),
    "booking": ("BookingDetails", _booking),
    "citation": ("CitationDetails", _citation),
    "field_contact": ("FieldContactDetails", _field_contact),
    "warrant": ("WarrantDetails", _warrant),
    "court_disposition": ("CourtDispositionDetails", _disposition),
    "custody": ("CustodyDetails", _custody),
    "supervision": ("SupervisionDetails", _supervision),
    "service_call": ("ServiceCallDetails", _service_call),
    "missing_person": ("MissingPersonDetails", _missing_person),
    "vehicle_registration": ("VehicleRegistrationDetails", _registration),
    "permit": ("PermitDetails", _permit),
    "intelligence_report": ("IntelligenceReportDetails", _intelligence),
}


def details_of(fact: Fact) -> tuple[str, Value]:
    """Return the full name of the kind's record type and its fields."""
    name, fields = _BY_KIND[fact.kind]
    return f"recordbus.v1.{name}", fields(fact)
