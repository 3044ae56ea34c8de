"""Mentions made by hand, through the normaliser as intake has it, for tests that say who is who."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from recordbus.normalize import (
    addresses,
    dates,
    emails,
    identifiers,
    names,
    organisations,
    phones,
    plates,
    vins,
)
from streams.resolution.mentions import (
    AddressForm,
    Identifier,
    Mention,
    NameForm,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)
from streams.resolution.resolver import Resolver
from streams.shipped_models import shipped

MAPLE = "12 Maple Street, Boston, MA 02118"
OAK = "88 Oak Avenue, Salem, MA 01970"


def person(
    key: str,
    given: str = "",
    surname: str = "",
    *,
    middle: str = "",
    suffix: str = "",
    born: str = "",
    sex: str = "",
    ssn: str = "",
    licence: str = "",
    fbi: str = "",
    phone: str = "",
    email: str = "",
    home: str = "",
) -> PersonMention:
    """Give a person as intake would after a department wrote these texts."""
    birth = dates.birth_date(born or None)
    numbers = (("ssn", "", ssn), ("driver_license", "MA", licence), ("fbi_number", "", fbi))
    return PersonMention(
        mention_id=key,
        names=tuple(_names(given, middle, surname, suffix)),
        date_of_birth=birth.full or "",
        date_of_birth_swapped=birth.swapped or "",
        born=(birth.year, birth.year) if birth.year is not None else None,
        sex=sex,
        identifiers=tuple(i for kind, who, text in numbers for i in number(kind, who, text)),
        phones=_phones(phone),
        emails=tuple(filter(None, [emails.normalise(email)])) if email else (),
        addresses=_addresses(home),
    )


def _names(given: str, middle: str, surname: str, suffix: str) -> Iterable[NameForm]:
    parts = names.parse(None, given, middle, surname, suffix)
    if parts.given or parts.surname:
        yield NameForm(
            parts.given,
            parts.given_canonical,
            parts.middle,
            parts.surname,
            parts.suffix,
            parts.given_codes,
            parts.surname_codes,
        )


def number(kind: str, issuer: str, text: str) -> Iterable[Identifier]:
    """Give the identifier that a text stands for, or none for a placeholder."""
    plain = identifiers.plain(kind, text, issuer)
    if plain.value is not None:
        digest = hashlib.sha256(f"{kind}|{plain.issuer}|{plain.value}".encode()).hexdigest()
        yield Identifier(kind, plain.issuer, digest)


def _phones(text: str) -> tuple[str, ...]:
    e164 = phones.normalise(text).e164 if text else None
    return (e164,) if e164 else ()


def _addresses(text: str) -> tuple[AddressForm, ...]:
    found = addresses.normalise(text, None, None, None, None, None, None) if text else None
    if found is None or found.placeholder:
        return ()
    return (AddressForm(*(str(part or "") for part in found[:7])),)


def vehicle(
    key: str, plate: str = "", state: str = "", vin: str = "", **described: str | int
) -> VehicleMention:
    """Give a vehicle as intake would after a department wrote these texts."""
    read = plates.normalise(plate) if plate else plates.NO_PLATE
    known = vins.normalise(vin) if vin else vins.NO_VIN
    bare = VehicleMention(
        key, 0, 0, read.plate or "", read.folded or "", state, known.vin or "", known.valid
    )
    return bare._replace(**described)  # type: ignore[arg-type]


def organisation(
    key: str, name: str, *, phone: str = "", home: str = "", tax_id: str = ""
) -> OrganisationMention:
    """Give an organisation as intake would after a department wrote these texts."""
    read = organisations.normalise(name)
    return OrganisationMention(
        key,
        0,
        0,
        read.name or "",
        read.tokens,
        tuple(number("tax_id", "", tax_id)) if tax_id else (),
        _phones(phone),
        _addresses(home),
    )


def resolver(*mentions: Mention) -> Resolver:
    """Give a resolver with the shipped model of these mentions' kind, to which all were told."""
    kind = {PersonMention: "person", VehicleMention: "vehicle"}.get(type(mentions[0]))
    found = Resolver(shipped(kind or "organisation"))
    for mention in mentions:
        found.publish(mention)
    return found


def groups(found: Mapping[str, str]) -> set[frozenset[str]]:
    """Give the entities as sets of mentions."""
    by_entity: dict[str, set[str]] = {}
    for mention, entity in found.items():
        by_entity.setdefault(entity, set()).add(mention)
    return {frozenset(each) for each in by_entity.values()}


def together(*mentions: Mention) -> set[frozenset[str]]:
    """Give which of these mentions, in whatever order they come, are one entity."""
    forwards = groups(resolver(*mentions).entities)
    assert groups(resolver(*reversed(mentions)).entities) == forwards
    return {each for each in forwards if len(each) > 1}
