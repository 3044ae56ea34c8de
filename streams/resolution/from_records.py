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

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


def mentions_of(record: Record) -> Iterator[Mention]:
    """Give the persons, vehicles and organisations of a record; one that is not live has none."""
    if record["normalised"] is None or record["body"] is None:
        return
    for person, role in people_of(record):
        if not role["description_only"]:
            yield person_mention(record, person, role)
    for vehicle in record["normalised"]["vehicles"]:
        yield vehicle_mention(record, vehicle)
    for organisation in record["normalised"]["organisations"]:
        yield organisation_mention(record, organisation)


def people_of(record: Record) -> Iterator[tuple[NormalisedPerson, PersonRole]]:
    """Give each person of a live record with the role that it was published in."""
    assert record["normalised"] is not None
    assert record["body"] is not None
    return zip(record["normalised"]["people"], record["body"]["people"], strict=True)


def person_mention(record: Record, person: NormalisedPerson, role: PersonRole) -> PersonMention:
    """Give a person of a live record, with the age at the event from the role or the date."""
    day = (record["occurred_at"] or record["recorded_at"]).date()
    sex = _code(role["person"]["sex"])
    return PersonMention(
        person["mention_id"],
        microseconds(record["recorded_at"]),
        record["version"],
        tuple([_name(n) for n in person["names"] if n["type"] not in _NAMES_NOBODY_BEARS]),
        person["date_of_birth"] or "",
        person["date_of_birth_swapped"] or "",
        _born(person, role, day),
        sex if sex in _TELLING_SEXES else "",
        _identifiers(person["identifiers"]),
        tuple(person["phones"]),
        tuple(person["emails"]),
        _addresses(person["addresses"]),
        _age(person, role, day),
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
    return _make(NameForm, (
        name["given"] or "", name["given_canonical"] or "", name["middle"] or "",
        name["surname"] or "", name["suffix"] or "",
        tuple(name["given_codes"]), tuple(name["surname_codes"]),
    ))  # fmt: skip


def _identifiers(given: list[NormalisedIdentifier]) -> tuple[Identifier, ...]:
    return tuple([Identifier(i["type"], i["issuer"] or "", i["digest"]) for i in given])


def _addresses(given: list[NormalisedAddress]) -> tuple[AddressForm, ...]:
    return tuple([
        _make(AddressForm, (
            a["street_number"] or "", a["street"] or "", a["unit"] or "", a["city"] or "",
            a["state"] or "", a["postal_code"] or "", a["key"] or "",
        ))
        for a in given
    ])  # fmt: skip
