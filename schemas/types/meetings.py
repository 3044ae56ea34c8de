"""Decoded values of what `intake` lays before `meet`: what of a record lives where keys meet."""

from __future__ import annotations

from typing import Literal, TypedDict

from schemas.types.vocabulary import (
    DispositionOutcome,
    IdentifierType,
    MentionKind,
    RetractionReason,
)


class MeetingDecision(TypedDict):
    """What a court decided, and about whom (R-26)."""

    outcome: DispositionOutcome
    people: list[str]


class MeetingMatter(TypedDict):
    """A matter of a record: the number by which a court's decision finds what it is about."""

    local_id: str
    key: bytes


class MeetingMember(TypedDict):
    """What lets one mention meet others in this partition.

    A key takes nine bytes: the place of its kind, and a keyed digest.
    """

    keys: bytes
    values: bytes
    holder: bytes


class MeetingName(TypedDict):
    """What is compared of a person's name."""

    given: str
    middle: str
    surname: str
    suffix: str


class MeetingNumber(TypedDict):
    """An issued number as a keyed hash."""

    type: IdentifierType
    issuer: str
    digest: str


class MeetingAddress(TypedDict):
    """What is compared of an address; a part that is not known is empty."""

    street_number: str
    street: str
    unit: str
    city: str
    state: str
    postal_code: str
    key: str


class MeetingPerson(TypedDict):
    """What is compared of a person, and nothing else (R-10)."""

    local_id: str
    names: list[MeetingName]
    date_of_birth: str
    born_from: int | None
    born_to: int | None
    sex: str
    numbers: list[MeetingNumber]
    phones: list[str]
    emails: list[str]
    addresses: list[MeetingAddress]
    age_years: int | None


class MeetingVehicle(TypedDict):
    """What is compared of a vehicle."""

    local_id: str
    plate: str
    plate_folded: str
    plate_state: str
    vin: str
    make: str
    style: str
    colour: str
    year: int | None


class MeetingOrganisation(TypedDict):
    """What is compared of an organisation."""

    local_id: str
    tokens: list[str]
    numbers: list[MeetingNumber]
    phones: list[str]
    addresses: list[MeetingAddress]


class MeetingOther(TypedDict):
    """A mention that is never resolved with others."""

    local_id: str
    kind: MentionKind
    age_years: int | None


class Bundle(TypedDict):
    """What of one version of a live record lives in one meeting partition.

    Each of its mentions stands in `members` and, at the same place among people, vehicles and
    organisations in this order, with what is compared of it.
    """

    record_key: str
    version: int
    home_partition: int
    parts: list[int]
    is_home: bool
    recorded_at: int
    reached_by_courts: bool
    decision: MeetingDecision | None
    matters: list[MeetingMatter]
    members: list[MeetingMember]
    people: list[MeetingPerson]
    vehicles: list[MeetingVehicle]
    organisations: list[MeetingOrganisation]
    others: list[MeetingOther]


class BundleRemoved(TypedDict):
    """Says that nothing of a record lives in this meeting partition any more.

    Nothing of its content is left.
    """

    record_key: str
    version: int
    home_partition: int
    parts: list[int]
    reason: RetractionReason | None


class MeetingEntry(TypedDict):
    """What of one record lives in one meeting partition, or that nothing does any more."""

    content: (
        tuple[Literal["recordbus.v1.Bundle"], Bundle]
        | tuple[Literal["recordbus.v1.BundleRemoved"], BundleRemoved]
    )
