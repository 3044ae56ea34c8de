"""Meeting keys: two mentions are compared only when they share one (pure).

A key is an opaque text `kind:...` and holds personal data in plain; whoever lets it leave the
process takes a keyed digest of it first. A key that is derived from a value which turned out to
be a default value is no key as long as it is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from recordbus.normalize import phonetic
from streams.resolution.contacts import ADDRESS, EMAIL, PHONE
from streams.resolution.identifiers import is_hard
from streams.resolution.mentions import (
    AddressForm,
    Identifier,
    Mention,
    NameForm,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)

_STREET_PREFIX = 4
_VIN_TAIL = 8
_MOST_TOKENS = 6


class Key(NamedTuple):
    """A meeting key; `value` is the key of the value it derives from, or empty."""

    text: str
    value: str = ""


def meeting_keys(mention: Mention, defaults: Collection[str] = ()) -> frozenset[str]:
    """Give the keys under which a mention meets others, without those of default values."""
    return active(keys_of(mention), defaults)


def active(keys: tuple[Key, ...], defaults: Collection[str]) -> frozenset[str]:
    """Give the texts of keys that do not derive from a default value."""
    return frozenset([key.text for key in keys if not key.value or key.value not in defaults])


def keys_of(mention: Mention) -> tuple[Key, ...]:
    """Give all keys of a mention with the values they derive from."""
    if isinstance(mention, PersonMention):
        return tuple(_person(mention))
    if isinstance(mention, VehicleMention):
        return tuple(_vehicle(mention))
    return tuple(_organisation(mention))


def _numbers(identifiers: tuple[Identifier, ...]) -> Iterator[Key]:
    return (Key(f"id:{i.type}|{i.issuer}|{i.digest}") for i in identifiers if is_hard(i))


def _values(prefix: str, values: tuple[str, ...]) -> Iterator[Key]:
    return (Key(text, text) for text in [prefix + value for value in values])


def _person(person: PersonMention) -> Iterator[Key]:
    yield from _numbers(person.identifiers)
    yield from _values(PHONE, person.phones)
    yield from _values(EMAIL, person.emails)
    codes = sorted({a.postal_code for a in person.addresses if a.postal_code})
    for name in person.names:
        yield from _name_and_birth(person, name)
        yield from _name_and_place(name, codes)
        for address in person.addresses:
            yield from _door(name, address)


def _name_and_birth(person: PersonMention, name: NameForm) -> Iterator[Key]:
    """Give keys of a name with the date; a date and its swapped form make the same keys."""
    given, surname = _given_codes(name), name.surname_codes
    if person.date_of_birth:
        day = min(person.date_of_birth, person.date_of_birth_swapped or person.date_of_birth)
        initials = {name.given[:1], name.given_canonical[:1]} - {""}
        yield from (Key(f"birth+given:{day}|{each}") for each in initials)
        if name.surname:
            yield Key(f"birth+surname:{day}|{name.surname[0]}")
        yield from (Key(f"given+day:{each}|{day[5:]}") for each in given)
    if person.born is not None and person.born[0] == person.born[1]:
        yield from (Key(f"surname+year:{each}|{person.born[0]}") for each in surname)
    if given and surname:
        yield Key("names:" + "|".join(sorted((given[0], surname[0]))))


def _given_codes(name: NameForm) -> tuple[str, ...]:
    canonical = name.given_canonical
    return phonetic.codes(canonical) if canonical and canonical != name.given else name.given_codes


def _name_and_place(name: NameForm, postal_codes: list[str]) -> Iterator[Key]:
    for code in postal_codes:
        yield from (Key(f"surname+post:{each}|{code}") for each in name.surname_codes)
        yield from (Key(f"given+post:{each}|{code}") for each in _given_codes(name))


def _door(name: NameForm, address: AddressForm) -> Iterator[Key]:
    if name.surname and address.street and address.street_number:
        prefix = address.street[:_STREET_PREFIX]
        text = f"door:{address.street_number}|{prefix}|{name.surname[0]}"
        yield Key(text, ADDRESS + address.key if address.key else "")


def _vehicle(vehicle: VehicleMention) -> Iterator[Key]:
    """Give the folded plate, which its misreadings share, and the part of a VIN that is serial.

    The state is left out of the key: a plate noted without one shall meet the others.
    """
    if vehicle.plate_folded:
        yield Key(f"plate:{vehicle.plate_folded}")
    if len(vehicle.vin) >= _VIN_TAIL:
        yield Key(f"vin:{vehicle.vin[-_VIN_TAIL:]}")


def _organisation(organisation: OrganisationMention) -> Iterator[Key]:
    """Give numbers, phones, addresses, and each telling word with the postal code.

    The words that are too common to tell anything suspend their own blocks.
    """
    yield from _numbers(organisation.identifiers)
    yield from _values(PHONE, organisation.phones)
    keys = tuple(each.key for each in organisation.addresses if each.key)
    yield from _values(ADDRESS, keys)
    sounds = {code for token in organisation.tokens[:_MOST_TOKENS] for code in _sound(token)}
    for code in {a.postal_code for a in organisation.addresses if a.postal_code}:
        yield from (Key(f"word+post:{sound}|{code}") for sound in sounds)
    if organisation.tokens:
        yield Key("words:" + "|".join(sorted(organisation.tokens)))


def _sound(token: str) -> tuple[str, ...]:
    return phonetic.codes(token)[:1] or (token,)
