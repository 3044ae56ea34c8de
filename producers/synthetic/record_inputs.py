"""A fact as the value that a publisher takes, without a file and a mapping in between.

For benches and tests that need records in our own schema. What is written is what the department
would have written, slips included; codes are ours already, so `source` equals `code`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from producers.synthetic.calendar import ISO
from producers.synthetic.details import details_of
from producers.synthetic.exports.form import age_text
from producers.synthetic.facts import (
    NO_ADDRESS,
    NO_LOOKS,
    NO_MIDDLE,
    NO_PAPERS,
    NO_PHONE,
    NO_SSN,
    Charge,
    Fact,
    Mention,
    OrganisationMention,
    Place,
    VehicleMention,
)
from producers.synthetic.places import Address
from producers.synthetic.world import World

Value = dict[str, Any]
_NOTHING: Value = {"code": None, "source": None}


def instant(day: int, minute: int = 0) -> datetime:
    """Return the instant (UTC) of a day and minute."""
    return datetime.fromordinal(day).replace(tzinfo=UTC) + timedelta(minutes=minute)


def record_inputs(
    world: World, department: str | None = None, snapshot: int = 1
) -> Iterator[Value]:
    """Yield every undamaged record of a snapshot as a publisher's value; `source_seq` counts up."""
    for number, fact in enumerate(world.facts(snapshot, department), 1):
        yield record_input(fact, number)


def record_input(fact: Fact, source_seq: int) -> Value:
    """Return a fact as a plain value in the shape of `schemas.events.RecordInput`."""
    return {
        "record_kind": fact.kind,
        "source_seq": source_seq,
        "recorded_at": instant(fact.recorded, min(1439, fact.minute + 45)),
        "occurred_at": instant(fact.day, fact.minute),
        "dissemination_level": "law_enforcement",
        "contact": None,
        "disputes": [],
        "reviews": [],
        "body": _body(fact),
    }


def _body(fact: Fact) -> Value:
    return {
        "record_id": fact.number,
        "references": [
            {"type": each.type, "number": each.number, "issuer_ori": each.issuer}
            for each in fact.references
        ],
        "people": [_person(m, fact.day) for m in fact.people],
        "vehicles": [_vehicle(m) for m in fact.vehicles],
        "organisations": [_organisation(m) for m in fact.organisations],
        "locations": [_location(place) for place in fact.places],
        "phones": [
            {
                "local_id": f"phone-{n}",
                "role": _PHONE_ROLES[fact.kind],
                "number": number,
                "source": None,
            }
            for n, number in enumerate(fact.phones, 1)
        ],
        "offences": [_offence(n, charge) for n, charge in enumerate(fact.charges, 1)],
        "narrative": fact.narrative or None,
        "assertions": _assertions(fact),
        "details": details_of(fact),
    }


_PHONE_ROLES = {"service_call": "caller_phone", "supervision": "contact_phone"}


def _coded(code: str) -> Value | None:
    return {"code": code, "source": code} if code else None


def _person(m: Mention, day: int) -> Value:
    p, gaps = m.person, m.gaps
    age = age_text(m, day)
    looks = not gaps & NO_LOOKS
    described = m.described_only
    return {
        "local_id": m.slot,
        "role": m.role,
        "subject_category": m.category,
        "description_only": described,
        "age_years": int(age) if age else None,
        "age_range": {"low": p.described_age, "high": p.described_age + 9} if described else None,
        "person": {
            "names": _names(m),
            "date_of_birth": None
            if p.birth is None
            else {"value": ISO[p.birth], "source": ISO[p.birth]},
            "sex": _coded(p.sex),
            "race": _coded(p.race),
            "ethnicity": _coded(p.ethnicity),
            "hair_colour": _coded(p.hair) if looks else None,
            "eye_colour": _coded(p.eyes) if looks else None,
            "complexion": _coded(p.complexion) if looks else None,
            "build": _coded(p.build) if looks else None,
            "country_of_birth": None if described else _coded(p.country),
            "height_inches": p.height if looks and not described else None,
            "height_range": {"low_inches": p.height - 2, "high_inches": p.height + 2}
            if described
            else None,
            "weight_pounds": p.weight if looks and not described else None,
            "weight_range": None,
            "marks": [
                {"code": {"code": code, "source": code}, "description": words or None}
                for code, words in p.marks
            ],
            "identifiers": _identifiers(m),
            "phones": [p.phone] if p.phone and not gaps & NO_PHONE else [],
            "emails": [p.email] if p.email else [],
            "addresses": [] if described or gaps & NO_ADDRESS else [_address(p.address)],
        },
    }


def _names(m: Mention) -> list[Value]:
    p = m.person
    if m.described_only:
        return []
    middle = "" if m.gaps & NO_MIDDLE else p.middle
    names = [_name("primary", given=p.given, middle=middle, surname=p.surname, suffix=p.suffix)]
    if p.former_surname:
        names.append(_name("maiden", surname=p.former_surname))
    if p.moniker:
        names.append(_name("moniker", full=p.moniker))
    return names


def _name(kind: str, **parts: str) -> Value:
    words = ("full", "given", "middle", "surname", "suffix")
    return {"type": kind} | {word: parts.get(word) or None for word in words}


def _identifiers(m: Mention) -> list[Value]:
    p, gaps = m.person, m.gaps
    found = []
    if p.ssn and not gaps & NO_SSN:
        found.append({"type": "ssn", "value": p.ssn, "issuer": None})
    for kind, value in (("driver_license", p.licence), ("state_id", p.state_id)):
        if value and not gaps & NO_PAPERS:
            found.append({"type": kind, "value": value, "issuer": "ME"})
    return found


def _address(a: Address) -> Value:
    return {
        "full": None,
        "street_number": a.number or None,
        "street": a.street or None,
        "unit": a.unit or None,
        "city": a.city or None,
        "state": a.state or None,
        "postal_code": a.postal_code or None,
    }


def _vehicle(m: VehicleMention) -> Value:
    v = m.vehicle
    return {
        "local_id": m.slot,
        "role": m.role,
        "vehicle": {
            "plate": v.plate or None,
            "plate_state": _coded(v.state),
            "vin": v.vin or None,
            "make": _coded(v.model.make),
            "model": {"code": None, "source": v.model.name},
            "style": _coded(v.model.style),
            "colour": _coded(v.colour),
            "colour_secondary": None,
            "year": v.year,
            "description": None,
        },
    }


def _organisation(m: OrganisationMention) -> Value:
    it = m.organisation
    return {
        "local_id": m.slot,
        "role": m.role,
        "organisation": {
            "name": it.name,
            "type": {"code": None, "source": it.type},
            "identifiers": [{"type": "tax_id", "value": it.tax_id, "issuer": None}],
            "phones": [it.phone],
            "addresses": [_address(it.address)],
            "designation": None,
        },
    }


def _location(place: Place) -> Value:
    return {
        "local_id": place.slot,
        "role": place.role,
        "location": {
            "name": place.name or None,
            "address": _address(place.address),
            "latitude": float(place.latitude) if place.latitude else None,
            "longitude": float(place.longitude) if place.longitude else None,
            "type": None,
        },
    }


def _offence(number: int, charge: Charge) -> Value:
    return {
        "local_id": f"offence-{number}",
        "code": _coded(charge.code),
        "description": charge.words,
        "statute": charge.statute,
        "count": charge.counts,
        "person_local_ids": list(charge.slots),
        "disposition": None,
    }


def _assertions(fact: Fact) -> list[Value]:
    details = fact.details
    if "employer_wording" in details:
        return [
            _assertion(
                fact, "employed_by", (fact.people[0].slot, "employer"), "self_statement",
                ("not_assessed", "not_assessed", "P"), details["employer_wording"],
            )
        ]  # fmt: skip
    if fact.kind == "intelligence_report" and len(fact.people) > 1:
        grade = (f"S{details['grade_source']}", details["grade_information"], details["handling"])
        return [
            _assertion(
                fact, "associate", ("subject-1", "subject-2"), details["source"], grade, None
            )
        ]
    return []


def _assertion(
    fact: Fact, relation: str, ends: tuple[str, str], basis: str,
    grade: tuple[str, str, str], wording: str | None,
) -> Value:  # fmt: skip
    return {
        "local_id": "assertion-1",
        "relation": relation,
        "from_local_id": ends[0],
        "to_local_id": ends[1],
        "basis": basis,
        "wording": wording,
        "grade": dict(zip(("source", "information", "handling"), grade, strict=True)),
        "criteria": [],
        "supervisor_id": None,
        "made_at": instant(fact.day, fact.minute),
        "notice": None,
    }
