"""Mentions as a bundle carries them: what is compared, and digests for what many may hold (pure).

Invariant: a mention that went into a bundle and came out again compares with any other exactly as
it did before.
"""

from __future__ import annotations

from typing import Any, Final

from schemas.types import (
    MeetingNumber,
    MeetingVehicle,
)
from schemas.types.vocabulary import IdentifierType, MentionKind
from streams.meet.digests import Digests
from streams.resolution.contacts import ADDRESS, EMAIL, PHONE, Addresses, Values
from streams.resolution.mentions import (
    AddressForm,
    Identifier,
    Mention,
    NameForm,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)

KIND_OF: Final[dict[type, MentionKind]] = {
    PersonMention: "person",
    VehicleMention: "vehicle",
    OrganisationMention: "organisation",
}
"""The kind of each type of mention, in the order in which a bundle has them."""

Said = tuple[Any, ...]
"""A record of the bundle's schema as the tuple of its fields, in the schema's order."""

_HIDDEN: Final = slice(
    PersonMention._fields.index("phones"), PersonMention._fields.index("addresses") + 1
)
"""Where a person's phones, e-mails and addresses stand."""

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


def concealed(mention: Mention, digests: Digests) -> Mention:
    """Give a mention with digests for its phones, e-mails and address keys."""
    if isinstance(mention, PersonMention):
        return _concealed_person(mention, digests)
    if isinstance(mention, OrganisationMention):
        return mention._replace(
            phones=_hidden("organisation", PHONE, mention.phones, digests),
            addresses=_hidden_addresses("organisation", mention.addresses, digests),
        )
    return mention


def _concealed_person(person: PersonMention, digests: Digests) -> PersonMention:
    phones, emails, addresses = person.phones, person.emails, person.addresses
    if not (addresses or phones or emails):
        return person
    hidden = (
        _hidden("person", PHONE, phones, digests),
        _hidden("person", EMAIL, emails, digests),
        _hidden_addresses("person", addresses, digests),
    )
    return _make(PersonMention, person[: _HIDDEN.start] + hidden + person[_HIDDEN.stop :])


def _hidden(kind: str, prefix: str, values: Values, digests: Digests) -> Values:
    return tuple([digests.value(kind, prefix, each) for each in values]) if values else ()


def _hidden_addresses(kind: str, addresses: Addresses, digests: Digests) -> Addresses:
    value = digests.value
    return tuple([
        _make(AddressForm, (*a[:-1], value(kind, ADDRESS, a[-1]))) for a in addresses
    ])  # fmt: skip


def local_id_of(mention: Mention) -> str:
    """Give the local id of a mention: what its id has after the record's key."""
    return mention.mention_id.partition(".")[2]


def vehicle_details(vehicle: VehicleMention) -> MeetingVehicle:
    """Give a vehicle as a bundle carries it."""
    _, _, _, plate, folded, state, vin, _, make, style, colour, year = vehicle
    return {
        "local_id": local_id_of(vehicle),
        "plate": plate,
        "plate_folded": folded,
        "plate_state": state,
        "vin": vin,
        "make": make,
        "style": style,
        "colour": colour,
        "year": year,
    }


def numbered(identifier: Identifier) -> MeetingNumber:
    """Give an issued number as it crosses the bus."""
    type_: IdentifierType = identifier.type  # type: ignore[assignment]
    return {"type": type_, "issuer": identifier.issuer, "digest": identifier.digest}


def person_of(prefix: str, version: int, recorded_at: int, said: Said) -> PersonMention:
    """Give a person out of a bundle; `prefix` is the record's key and a dot."""
    local_id, names, born_on, first, last, sex, numbers, phones, emails, addresses, age = said
    return _make(PersonMention, (
        prefix + local_id,
        recorded_at,
        version,
        tuple([_make(NameForm, (g, "", m, s, suffix, (), ())) for g, m, s, suffix in names]),
        born_on,
        "",
        None if first is None else (first, last),
        sex,
        _identifiers(numbers),
        tuple(phones),
        tuple(emails),
        _forms(addresses),
        age,
    ))  # fmt: skip


def vehicle_of(prefix: str, version: int, recorded_at: int, said: Said) -> VehicleMention:
    """Give a vehicle out of a bundle; `prefix` is the record's key and a dot."""
    local_id, plate, folded, state, vin, make, style, colour, year = said
    return _make(VehicleMention, (
        prefix + local_id, recorded_at, version,
        plate, folded, state, vin, False, make, style, colour, year,
    ))  # fmt: skip


def organisation_of(prefix: str, version: int, recorded_at: int, said: Said) -> OrganisationMention:
    """Give an organisation out of a bundle; `prefix` is the record's key and a dot."""
    local_id, tokens, numbers, phones, addresses = said
    return _make(OrganisationMention, (
        prefix + local_id, recorded_at, version,
        "", tuple(tokens), _identifiers(numbers), tuple(phones), _forms(addresses),
    ))  # fmt: skip


def _identifiers(said: list[Said]) -> tuple[Identifier, ...]:
    return tuple([_make(Identifier, (*each, "")) for each in said])


def _forms(said: list[Said]) -> tuple[AddressForm, ...]:
    return tuple([_make(AddressForm, each) for each in said])
