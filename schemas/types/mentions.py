"""Decoded values of the mentions of a record, and of the roles that tie them to it."""

from __future__ import annotations

from typing import TypedDict

from schemas.types.parts import (
    Address,
    AgeRange,
    CodedValue,
    DateValue,
    HeightRange,
    Identifier,
    WeightRange,
)
from schemas.types.vocabulary import NameType, SubjectCategory


class PersonName(TypedDict):
    """One name of a person."""

    type: NameType
    full: str | None
    given: str | None
    middle: str | None
    surname: str | None
    suffix: str | None


class Mark(TypedDict):
    """A scar, mark, tattoo or other characteristic."""

    code: CodedValue
    description: str | None


class Person(TypedDict):
    """A person as one record describes them.

    Nothing joins or scores on race, ethnicity, complexion or country of birth (R-10).
    """

    names: list[PersonName]
    date_of_birth: DateValue | None
    sex: CodedValue | None
    race: CodedValue | None
    ethnicity: CodedValue | None
    hair_colour: CodedValue | None
    eye_colour: CodedValue | None
    complexion: CodedValue | None
    build: CodedValue | None
    country_of_birth: CodedValue | None
    height_inches: int | None
    height_range: HeightRange | None
    weight_pounds: int | None
    weight_range: WeightRange | None
    marks: list[Mark]
    identifiers: list[Identifier]
    phones: list[str]
    emails: list[str]
    addresses: list[Address]


class PersonRole(TypedDict):
    """How a person is tied to the record."""

    local_id: str
    role: str
    subject_category: SubjectCategory
    description_only: bool
    age_years: int | None
    age_range: AgeRange | None
    person: Person


class Vehicle(TypedDict):
    """A vehicle as one record describes it."""

    plate: str | None
    plate_state: CodedValue | None
    vin: str | None
    make: CodedValue | None
    model: CodedValue | None
    style: CodedValue | None
    colour: CodedValue | None
    colour_secondary: CodedValue | None
    year: int | None
    description: str | None


class VehicleRole(TypedDict):
    """How a vehicle is tied to the record."""

    local_id: str
    role: str
    vehicle: Vehicle


class Organisation(TypedDict):
    """An organisation as one record describes it."""

    name: str
    type: CodedValue | None
    identifiers: list[Identifier]
    phones: list[str]
    addresses: list[Address]
    designation: str | None


class OrganisationRole(TypedDict):
    """How an organisation is tied to the record."""

    local_id: str
    role: str
    organisation: Organisation


class Location(TypedDict):
    """A place as one record describes it."""

    name: str | None
    address: Address
    latitude: float | None
    longitude: float | None
    type: CodedValue | None


class LocationRole(TypedDict):
    """How a place is tied to the record."""

    local_id: str
    role: str
    location: Location


class PhoneRole(TypedDict):
    """How a telephone number is tied to the record."""

    local_id: str
    role: str
    number: str
    source: str | None
