"""Records of a few people who meet often, made at random, as `records.v1` has them."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from recordbus import ids
from recordbus.normalize import phonetic
from recordbus.testing import records

_SURNAMES: Final = ("HOLLOWAY", "FARRELL", "OKAFOR", "LINDQUIST", "BRANNIGAN")
_GIVEN: Final = ("MARGARET", "DESMOND", "AMARACHI")
_BORN: Final = ("1984-02-11", "1971-10-23")
_PHONES: Final = ("+16175550101", "+16175550102")
_EMAILS: Final = ("desk@example.org",)
_STREETS: Final = ("MAPLE ST", "OAK AVE")
_FIRMS: Final = (("HARBOR", "TOWING"), ("HARBOR", "SALVAGE"), ("LIGHTHOUSE", "GARAGE"))
_PLATES: Final = ("ABC123", "XYZ789")
_MATTERS: Final = (("case", "MA0130100|C1"), ("arrest", "MA0130100|A1"), ("docket", "MA0130100|D1"))


def record(random: Random, key: str, version: int) -> dict[str, Any]:
    """Give a live record of random content."""
    kind = random.choice(("arrest", "arrest", "field_contact", "court_disposition"))
    role = {"arrest": "arrestee", "court_disposition": "defendant"}.get(kind, "subject")
    people = [_person(random, key, f"p{n}") for n in range(random.choice((0, 1, 1, 2)))]
    vehicles = [_vehicle(random, key)] if random.random() < 0.2 else []
    firms = [_firm(random, key)] if random.random() < 0.25 else []
    matters = random.sample(_MATTERS, random.choice((0, 1, 1, 2)))
    return records.part("Record") | {
        "record_key": key,
        "record_kind": kind,
        "version": version,
        "recorded_at": records.MOMENT,
        "body": {
            "people": [_role(random, each, role) for each in people],
            "vehicles": [{"local_id": "v1", "vehicle": _described(random)} for _ in vehicles],
            "details": ("", {"outcome": random.choice(("dismissed", "convicted", "pending"))}),
        },
        "normalised": {
            "people": people,
            "vehicles": vehicles,
            "organisations": firms,
            "matters": [
                {"local_id": f"@{type_}:{number[-2:]}", "type": type_, "key": number}
                for type_, number in matters
            ],
        },
        "relations": [{"basis": "arrest"}] if random.random() < _waits(kind) else [],
    }


def _waits(kind: str) -> float:
    """Give how often a record of a kind states what a court may end."""
    return {"arrest": 0.9, "court_disposition": 0.4}.get(kind, 0.0)


def _maybe(random: Random, *choices: str, known: float = 0.7) -> list[str]:
    return [random.choice(choices)] if random.random() < known else []


def _person(random: Random, key: str, local_id: str) -> dict[str, Any]:
    born = _maybe(random, *_BORN)
    return records.part(
        "NormalisedPerson",
        local_id=local_id,
        mention_id=ids.mention_id(key, local_id),
        names=[_name(random)] if random.random() < 0.95 else [],
        date_of_birth=born[0] if born else None,
        birth_year=int(born[0][:4]) if born else None,
        identifiers=[
            {"type": "ssn", "issuer": None, "digest": each}
            for each in _maybe(random, "s1", "s2", known=0.3)
        ],
        phones=sorted({*_maybe(random, *_PHONES), *_maybe(random, *_PHONES, known=0.3)}),
        emails=_maybe(random, *_EMAILS, known=0.3),
        addresses=[_address(random) for _ in range(random.choice((0, 1, 1, 2)))],
    )


def _name(random: Random) -> dict[str, Any]:
    given, surname = random.choice(_GIVEN), random.choice(_SURNAMES)
    return records.part(
        "NormalisedName",
        type="primary",
        given=given,
        surname=surname,
        given_canonical=given,
        given_codes=list(phonetic.codes(given)),
        surname_codes=list(phonetic.codes(surname)),
    )


def _address(random: Random) -> dict[str, Any]:
    street, unit = random.choice(_STREETS), random.choice((None, "1", "2"))
    return records.part(
        "NormalisedAddress",
        street_number="12",
        street=street,
        unit=unit,
        city="BOSTON",
        state="MA",
        postal_code="02118",
        key=f"12 {street} 02118",
    )


def _role(random: Random, person: dict[str, Any], role: str) -> dict[str, Any]:
    return {
        "local_id": person["local_id"],
        "role": role,
        "description_only": not person["names"] and random.random() < 0.7,
        "person": {"sex": {"code": random.choice(("F", "M", None))}},
        "age_years": random.choice((None, 30)),
        "age_range": None,
    }


def _vehicle(random: Random, key: str) -> dict[str, Any]:
    plate = random.choice(_PLATES)
    return records.part(
        "NormalisedVehicle",
        local_id="v1",
        mention_id=ids.mention_id(key, "v1"),
        plate=plate,
        plate_folded=plate,
        plate_state=random.choice(("MA", None)),
    )


def _described(random: Random) -> dict[str, Any]:
    return {
        "make": {"code": random.choice(("FORD", "HOND", None))},
        "style": None,
        "colour": {"code": "BLU"},
        "year": random.choice((2012, None)),
    }


def _firm(random: Random, key: str) -> dict[str, Any]:
    return records.part(
        "NormalisedOrganisation",
        local_id="o1",
        mention_id=ids.mention_id(key, "o1"),
        tokens=list(random.choice(_FIRMS)),
        phones=_maybe(random, *_PHONES),
        addresses=[_address(random)] if random.random() < 0.7 else [],
    )
