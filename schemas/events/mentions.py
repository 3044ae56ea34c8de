"""What a department may say of people, vehicles, organisations, places and phones."""

from __future__ import annotations

from pydantic import Field

from schemas.events.base import Items, Value
from schemas.events.parts import (
    Address,
    AgeRange,
    CodedValue,
    DateValue,
    HeightRange,
    Identifier,
    WeightRange,
)
from schemas.limits import Code, Int32, Latitude, LocalId, Longitude, Number, ShortText, Text
from schemas.types import NameType, SubjectCategory


class PersonName(Value):
    """One name of a person."""

    type: NameType
    full: ShortText | None = None
    given: ShortText | None = None
    middle: ShortText | None = None
    surname: ShortText | None = None
    suffix: ShortText | None = None


class Mark(Value):
    """A scar, mark, tattoo or other characteristic."""

    code: CodedValue
    description: Text | None = None


class Person(Value):
    """A person as one record describes them.

    Nothing joins or scores on race, ethnicity, complexion or country of birth (R-10).
    """

    names: Items[PersonName] = Field(default_factory=list)
    date_of_birth: DateValue | None = None
    sex: CodedValue | None = None
    race: CodedValue | None = None
    ethnicity: CodedValue | None = None
    hair_colour: CodedValue | None = None
    eye_colour: CodedValue | None = None
    complexion: CodedValue | None = None
    build: CodedValue | None = None
    country_of_birth: CodedValue | None = None
    height_inches: Int32 | None = None
    height_range: HeightRange | None = None
    weight_pounds: Int32 | None = None
    weight_range: WeightRange | None = None
    marks: Items[Mark] = Field(default_factory=list)
    identifiers: Items[Identifier] = Field(default_factory=list)
    phones: Items[ShortText] = Field(default_factory=list)
    emails: Items[ShortText] = Field(default_factory=list)
    addresses: Items[Address] = Field(default_factory=list)


class PersonRole(Value):
    """How a person is tied to the record."""

    local_id: LocalId
    role: Code
    subject_category: SubjectCategory
    description_only: bool = False
    age_years: Int32 | None = None
    age_range: AgeRange | None = None
    person: Person


class Vehicle(Value):
    """A vehicle as one record describes it."""

    plate: ShortText | None = None
    plate_state: CodedValue | None = None
    vin: ShortText | None = None
    make: CodedValue | None = None
    model: CodedValue | None = None
    style: CodedValue | None = None
    colour: CodedValue | None = None
    colour_secondary: CodedValue | None = None
    year: Int32 | None = None
    description: Text | None = None


class VehicleRole(Value):
    """How a vehicle is tied to the record."""

    local_id: LocalId
    role: Code
    vehicle: Vehicle


class Organisation(Value):
    """An organisation as one record describes it."""

    name: Number
    type: CodedValue | None = None
    identifiers: Items[Identifier] = Field(default_factory=list)
    phones: Items[ShortText] = Field(default_factory=list)
    addresses: Items[Address] = Field(default_factory=list)
    designation: ShortText | None = None


class OrganisationRole(Value):
    """How an organisation is tied to the record."""

    local_id: LocalId
    role: Code
    organisation: Organisation


class Location(Value):
    """A place as one record describes it."""

    name: ShortText | None = None
    address: Address
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    type: CodedValue | None = None


class LocationRole(Value):
    """How a place is tied to the record."""

    local_id: LocalId
    role: Code
    location: Location


class PhoneRole(Value):
    """How a telephone number is tied to the record."""

    local_id: LocalId
    role: Code
    number: Number
    source: Text | None = None
