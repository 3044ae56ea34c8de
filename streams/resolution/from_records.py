"""The mentions of a `records.v1` record, with what resolution may see of them and no more (pure).

Race, ethnicity, complexion and country of birth stand in the body and are never read here (R-10).
A person who is only described is nobody yet, and has no mention to resolve.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

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


class _Seen(NamedTuple):
    """What all mentions of a record have in common."""

    at: int
    version: int
    day: date


def mentions_of(record: Record) -> Iterator[Mention]:
    """Give the persons, vehicles and organisations of a record; one that is not live has none."""
    normalised, body = record["normalised"], record["body"]
    if normalised is None or body is None:
        return
    seen = _Seen(microseconds(record["recorded_at"]), record["version"], _day(record))
    for person, role in people_of(record):
        if not role["description_only"]:
            yield _person(seen, person, role)
    for vehicle, described in zip(normalised["vehicles"], body["vehicles"], strict=True):
        yield _vehicle(seen, vehicle, described["vehicle"])
    for organisation in normalised["organisations"]:
        yield _organisation(seen, organisation)


def people_of(record: Record) -> Iterator[tuple[NormalisedPerson, PersonRole]]:
    """Give each person of a live record with the role that it was published in."""
    assert record["normalised"] is not None
    assert record["body"] is not None
    return zip(record["normalised"]["people"], record["body"]["people"], strict=True)


def age_at_event(record: Record, person: NormalisedPerson, role: PersonRole) -> int | None:
    """Give the age of a person of a live record, from the role or the date of birth."""
    return _age(person, role, _day(record))


def _day(record: Record) -> date:
    return (record["occurred_at"] or record["recorded_at"]).date()


def _person(seen: _Seen, person: NormalisedPerson, role: PersonRole) -> PersonMention:
    """Give a person, with the age at the event from the role or the date."""
    at, version, day = seen
    sex = role["person"]["sex"]
    return _make(PersonMention, (
        person["mention_id"],
        at,
        version,
        tuple([_name(n) for n in person["names"] if n["type"] not in _NAMES_NOBODY_BEARS]),
        person["date_of_birth"] or "",
        person["date_of_birth_swapped"] or "",
        _born(person, role, day),
        sex["code"] if sex is not None and sex["code"] in _TELLING_SEXES else "",
        _identifiers(person["identifiers"]),
        tuple(person["phones"]),
        tuple(person["emails"]),
        _addresses(person["addresses"]),
        _age(person, role, day),
    ))  # fmt: skip


def _vehicle(seen: _Seen, vehicle: NormalisedVehicle, described: Vehicle) -> VehicleMention:
    """Give a vehicle, with its description from the body."""
    return _make(VehicleMention, (
        vehicle["mention_id"],
        seen.at,
        seen.version,
        vehicle["plate"] or "",
        vehicle["plate_folded"] or "",
        vehicle["plate_state"] or "",
        vehicle["vin"] or "",
        vehicle["vin_valid"],
        _code(described["make"]),
        _code(described["style"]),
        _code(described["colour"]),
        described["year"],
    ))  # fmt: skip


def _organisation(seen: _Seen, organisation: NormalisedOrganisation) -> OrganisationMention:
    return _make(OrganisationMention, (
        organisation["mention_id"],
        seen.at,
        seen.version,
        organisation["name"] or "",
        tuple(organisation["tokens"]),
        _identifiers(organisation["identifiers"]),
        tuple(organisation["phones"]),
        _addresses(organisation["addresses"]),
    ))  # fmt: skip


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
    if not given:
        return ()
    return tuple([
        _make(Identifier, (i["type"], i["issuer"] or "", i["digest"], "")) for i in given
    ])  # fmt: skip


def _addresses(given: list[NormalisedAddress]) -> tuple[AddressForm, ...]:
    if not given:
        return ()
    return tuple([
        _make(AddressForm, (
            a["street_number"] or "", a["street"] or "", a["unit"] or "", a["city"] or "",
            a["state"] or "", a["postal_code"] or "", a["key"] or "",
        ))
        for a in given
    ])  # fmt: skip
