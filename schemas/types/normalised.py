"""Decoded values of mentions made comparable, and of relations between them."""

from __future__ import annotations

from typing import TypedDict

from schemas.types.parts import Grade
from schemas.types.vocabulary import (
    Basis,
    ContactBasis,
    EvidenceKind,
    IdentifierType,
    NameType,
    ReferenceType,
    SubjectCategory,
)


class NormalisedName(TypedDict):
    """A name folded for matching."""

    type: NameType
    given: str | None
    middle: str | None
    surname: str | None
    suffix: str | None
    given_canonical: str | None
    given_codes: list[str]
    surname_codes: list[str]


class NormalisedIdentifier(TypedDict):
    """An issued number as a keyed hash, so that equal numbers meet and none can be read."""

    type: IdentifierType
    issuer: str | None
    digest: str


class NormalisedAddress(TypedDict):
    """An address in one spelling."""

    street_number: str | None
    street: str | None
    unit: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    key: str | None


class NormalisedMark(TypedDict):
    """A mark in parts."""

    category: str | None
    side: str | None
    place: str | None
    text: str | None


class NormalisedPerson(TypedDict):
    """A person mention made comparable."""

    local_id: str
    mention_id: str
    names: list[NormalisedName]
    date_of_birth: str | None
    date_of_birth_swapped: str | None
    birth_year: int | None
    identifiers: list[NormalisedIdentifier]
    phones: list[str]
    emails: list[str]
    addresses: list[NormalisedAddress]
    marks: list[NormalisedMark]
    placeholders: list[str]


class NormalisedVehicle(TypedDict):
    """A vehicle mention made comparable."""

    local_id: str
    mention_id: str
    plate: str | None
    plate_folded: str | None
    plate_state: str | None
    vin: str | None
    vin_valid: bool


class NormalisedOrganisation(TypedDict):
    """An organisation mention made comparable."""

    local_id: str
    mention_id: str
    name: str | None
    tokens: list[str]
    identifiers: list[NormalisedIdentifier]
    phones: list[str]
    addresses: list[NormalisedAddress]


class NormalisedLocation(TypedDict):
    """A place mention made comparable."""

    local_id: str
    mention_id: str
    address: NormalisedAddress | None
    key: str | None


class NormalisedPhone(TypedDict):
    """A telephone mention made comparable."""

    local_id: str
    mention_id: str
    e164: str | None


class Matter(TypedDict):
    """An incident, case or other matter of the record, so that relations can point at it."""

    local_id: str
    type: ReferenceType
    key: str


class NormalisedRecord(TypedDict):
    """The mentions of a record made comparable."""

    people: list[NormalisedPerson]
    vehicles: list[NormalisedVehicle]
    organisations: list[NormalisedOrganisation]
    locations: list[NormalisedLocation]
    phones: list[NormalisedPhone]
    matters: list[Matter]


class Relation(TypedDict):
    """A tie between two mentions of this record, resting on this record alone (R-02, R-06)."""

    relation_id: str
    type: str
    from_local_id: str
    to_local_id: str
    basis: Basis
    contact_basis: ContactBasis | None
    evidence_kind: EvidenceKind
    grade: Grade | None
    from_category: SubjectCategory | None
    to_category: SubjectCategory | None
    first_date: str
    last_date: str | None
    derived_inputs: list[str]
