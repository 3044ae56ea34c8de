"""Mentions of the synthetic world's people, as intake would make them, with the truth beside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

from producers.synthetic.facts import NO_ADDRESS, NO_MIDDLE, NO_PAPERS, NO_PHONE, NO_SSN, Mention
from producers.synthetic.people import Person
from producers.synthetic.world import world
from recordbus.normalize import addresses, dates, names, phones
from streams.resolution.mentions import AddressForm, Identifier, NameForm, PersonMention

DAY_MICROSECONDS = 86_400_000_000


def people(count: int, seed: int) -> Iterator[tuple[PersonMention, int]]:
    """Yield each identified mention of a world, with the number of the true person."""
    for fact in world(count, seed).facts():
        for mention in fact.people:
            if not mention.described_only:
                key = f"{fact.department}/{fact.kind}/{fact.number}.{mention.slot}"
                yield person_mention(key, fact.recorded, mention), mention.truth.id


def person_mention(key: str, day: int, mention: Mention) -> PersonMention:
    """Give a mention as it was written, with the gaps of its record."""
    person, gaps = mention.person, mention.gaps
    middle = "" if gaps & NO_MIDDLE else person.middle
    iso = "" if person.birth is None else date.fromordinal(person.birth).isoformat()
    birth = dates.birth_date(iso or None)
    return PersonMention(
        mention_id=key,
        recorded_at=day * DAY_MICROSECONDS,
        names=(name_form(person.given, middle, person.surname, person.suffix),),
        date_of_birth=birth.full or "",
        date_of_birth_swapped=birth.swapped or "",
        born=None if birth.year is None else (birth.year, birth.year),
        sex=person.sex if person.sex in ("F", "M") else "",
        identifiers=tuple(_identifiers(person, gaps)),
        phones=tuple(_phones(person, gaps)),
        emails=(person.email.casefold(),) if person.email and not gaps & NO_PHONE else (),
        addresses=() if gaps & NO_ADDRESS else tuple(_addresses(person)),
    )


def name_form(given: str, middle: str, surname: str, suffix: str = "") -> NameForm:
    """Give a name as intake folds it."""
    parts = names.parse(None, given, middle, surname, suffix)
    return NameForm(
        parts.given,
        parts.given_canonical,
        parts.middle,
        parts.surname,
        parts.suffix,
        parts.given_codes,
        parts.surname_codes,
    )


def _identifiers(person: Person, gaps: int) -> Iterator[Identifier]:
    if person.ssn and not gaps & NO_SSN:
        yield identifier("ssn", "", person.ssn)
    if person.licence and not gaps & NO_PAPERS:
        yield identifier("driver_license", "MA", person.licence)
    if person.state_id and not gaps & NO_PAPERS:
        yield identifier("state_id", "MA", person.state_id)


def identifier(kind: str, issuer: str, value: str) -> Identifier:
    """Give an identifier with a digest of its value."""
    return Identifier(kind, issuer, hashlib.sha256(f"{kind}|{issuer}|{value}".encode()).hexdigest())


def _phones(person: Person, gaps: int) -> Iterator[str]:
    number = phones.normalise(person.phone) if person.phone and not gaps & NO_PHONE else None
    if number is not None and number.e164 is not None:
        yield number.e164


def _addresses(person: Person) -> Iterator[AddressForm]:
    number, street, unit, city, code, state = person.address[:6]
    found = addresses.normalise(None, str(number), street, unit, city, state, code)
    if found.key:
        yield address_form(found)


def address_form(found: addresses.PostalAddress) -> AddressForm:
    """Give an address as a mention holds it."""
    return AddressForm(*(str(part or "") for part in found[:7]))
