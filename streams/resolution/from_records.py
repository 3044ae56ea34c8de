"""The mentions of a `records.v1` record, with what resolution may see of them and no more (pure).

Race, ethnicity, complexion and country of birth stand in the body and are never read here (R-10).
A person who is only described is nobody yet, and has no mention to resolve.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from recordbus.avro.reader import EPOCH, MICROSECOND
from recordbus.normalize.dates import age_years
from schemas.types.mentions import PersonRole, Vehicle
from schemas.types.normalised import (
    NormalisedAddress,
    NormalisedIdentifier,
    NormalisedName,
    NormalisedOrganisation,
    NormalisedPerson,
    NormalisedVehicle,
)
from schemas.types.parts import CodedValue
from schemas.types.published import Record
from streams.resolution.mentions import (
    AddressForm,
    Identifier,
    Mention,
    NameForm,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)

_NAMES_NOBODY_BEARS = frozenset({"moniker"})
_TELLING_SEXES = frozenset({"F", "M", "X"})


def mentions_of(record: Record) -> Iterator[Mention]:
    """Give the persons, vehicles and organisations of a record; one that is not live has none."""
    if record["normalised"] is None or record["body"] is None:
        return
    for person in record["normalised"]["people"]:
        if not role_of(record, person)["description_only"]:
            yield person_mention(record, person)
    for vehicle in record["normalised"]["vehicles"]:
        yield vehicle_mention(record, vehicle)
    for organisation in record["normalised"]["organisations"]:
        yield organisation_mention(record, organisation)


def person_mention(record: Record, person: NormalisedPerson) -> PersonMention:
    """Give a person of a live record, with the age at the event from the role or the date."""
    role = role_of(record, person)
    day = (record["occurred_at"] or record["recorded_at"]).date()
    sex = _code(role["person"]["sex"])
    return PersonMention(
        mention_id=person["mention_id"],
        recorded_at=microseconds(record["recorded_at"]),
        version=record["version"],
        names=tuple(_name(n) for n in person["names"] if n["type"] not in _NAMES_NOBODY_BEARS),
        date_of_birth=person["date_of_birth"] or "",
        date_of_birth_swapped=person["date_of_birth_swapped"] or "",
        born=_born(person, role, day),
        sex=sex if sex in _TELLING_SEXES else "",
        identifiers=_identifiers(person["identifiers"]),
        phones=tuple(person["phones"]),
        emails=tuple(person["emails"]),
        addresses=_addresses(person["addresses"]),
        age_years=_age(person, role, day),
    )


def vehicle_mention(record: Record, vehicle: NormalisedVehicle) -> VehicleMention:
    """Give a vehicle of a live record, with its description from the body."""
    described = _vehicle(record, vehicle)
    return VehicleMention(
        mention_id=vehicle["mention_id"],
        recorded_at=microseconds(record["recorded_at"]),
        version=record["version"],
        plate=vehicle["plate"] or "",
        plate_folded=vehicle["plate_folded"] or "",
        plate_state=vehicle["plate_state"] or "",
        vin=vehicle["vin"] or "",
        vin_valid=vehicle["vin_valid"],
        make=_code(described["make"]),
        style=_code(described["style"]),
        colour=_code(described["colour"]),
        year=described["year"],
    )


def organisation_mention(
    record: Record, organisation: NormalisedOrganisation
) -> OrganisationMention:
    """Give an organisation of a live record."""
    return OrganisationMention(
        mention_id=organisation["mention_id"],
        recorded_at=microseconds(record["recorded_at"]),
        version=record["version"],
        name=organisation["name"] or "",
        tokens=tuple(organisation["tokens"]),
        identifiers=_identifiers(organisation["identifiers"]),
        phones=tuple(organisation["phones"]),
        addresses=_addresses(organisation["addresses"]),
    )


def role_of(record: Record, person: NormalisedPerson) -> PersonRole:
    """Give the role, with the person as published, that a normalised person of a record has."""
    assert record["body"] is not None
    return next(r for r in record["body"]["people"] if r["local_id"] == person["local_id"])


def _vehicle(record: Record, vehicle: NormalisedVehicle) -> Vehicle:
    assert record["body"] is not None
    roles = record["body"]["vehicles"]
    return next(r["vehicle"] for r in roles if r["local_id"] == vehicle["local_id"])


def microseconds(moment: datetime) -> int:
    """Give an instant in microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def _code(value: CodedValue | None) -> str:
    return (value["code"] or "") if value is not None else ""


def _born(person: NormalisedPerson, role: PersonRole, day: date) -> tuple[int, int] | None:
    """Give the first and last year of birth that date, year, age or estimated age allow."""
    if person["birth_year"] is not None:
        return person["birth_year"], person["birth_year"]
    age = role["age_years"]
    if age is not None:
        return day.year - age - 1, day.year - age
    span = role["age_range"]
    return (day.year - span["high"] - 1, day.year - span["low"]) if span is not None else None


def _age(person: NormalisedPerson, role: PersonRole, day: date) -> int | None:
    if role["age_years"] is not None:
        return role["age_years"]
    return age_years(person["date_of_birth"], day) if person["date_of_birth"] else None


def _name(name: NormalisedName) -> NameForm:
    return NameForm(
        name["given"] or "",
        name["given_canonical"] or "",
        name["middle"] or "",
        name["surname"] or "",
        name["suffix"] or "",
        tuple(name["given_codes"]),
        tuple(name["surname_codes"]),
    )


def _identifiers(given: list[NormalisedIdentifier]) -> tuple[Identifier, ...]:
    return tuple(Identifier(i["type"], i["issuer"] or "", i["digest"]) for i in given)


def _addresses(given: list[NormalisedAddress]) -> tuple[AddressForm, ...]:
    return tuple(
        AddressForm(
            a["street_number"] or "",
            a["street"] or "",
            a["unit"] or "",
            a["city"] or "",
            a["state"] or "",
            a["postal_code"] or "",
            a["key"] or "",
        )
        for a in given
    )
