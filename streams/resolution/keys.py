"""Meeting keys: two mentions are compared only when they share one (pure).

A key is an opaque text `kind:...` and holds personal data in plain; whoever lets it leave the
process takes a keyed digest of it first. A value which turned out to be a default value is no key
as long as it is one. Invariant: every key can be told by its own text alone, so that however the
blocks are spread over partitions, the same mentions meet.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final, NamedTuple

from recordbus.normalize import phonetic
from recordbus.normalize.text import CACHE_SIZE
from streams.resolution.contacts import value_keys
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


class Keys(NamedTuple):
    """The keys of a mention: `values` are keys only while they are no default values."""

    own: frozenset[str]
    values: frozenset[str]


_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long
_NOTHING: Final[frozenset[str]] = frozenset()
NO_KEYS: Final = Keys(_NOTHING, _NOTHING)


def meeting_keys(mention: Mention, defaults: Collection[str] = ()) -> frozenset[str]:
    """Give the keys under which a mention meets others, without those of default values."""
    return active(keys_of(mention), defaults)


def active(keys: Keys, defaults: Collection[str]) -> frozenset[str]:
    """Give the texts of keys that are no default values."""
    return keys.own | keys.values.difference(defaults)


def keys_of(mention: Mention) -> Keys:
    """Give all keys of a mention, and which of them are values that many may hold."""
    if isinstance(mention, PersonMention):
        return _person(mention)
    if isinstance(mention, VehicleMention):
        return _make(Keys, (frozenset(of_vehicle(mention)), _NOTHING))
    return _organisation(mention)


def of_numbers(identifiers: tuple[Identifier, ...]) -> list[str]:
    """Give issued numbers that speak for one bearer."""
    return [f"id:{i.type}|{i.issuer}|{i.digest}" for i in identifiers if is_hard(i)]


def _person(person: PersonMention) -> Keys:
    places, (day, year) = person.addresses, day_and_year(person)
    own = of_numbers(person.identifiers)
    if day and own:
        own += _halves(person)
    for place in places:
        own += of_place(place, year)
    is_alone = not (year or any(place.postal_code for place in places))
    for name in person.names:
        own += of_name(name, day, year)
        for place in places:
            own += of_name_at(name, place)
        if is_alone:
            own += of_name_alone(name)
    values = value_keys(person.phones, person.emails, ())
    return _make(Keys, (frozenset(own), frozenset(values)))


class _Parts(NamedTuple):
    """What keys are made of a name; `sounds` is that of both names, in whatever order."""

    given_codes: tuple[str, ...]
    initials: tuple[str, ...]
    surname_initial: str
    both_initials: tuple[str, ...]
    sounds: str


@lru_cache(maxsize=CACHE_SIZE)
def _parts(name: NameForm) -> _Parts:
    given, initial = _given_codes(name), name.surname[:1]
    initials = sorted({name.given[:1], name.given_canonical[:1]} - {""})
    both = {min(initial + each, each + initial) for each in initials} if initial else ()
    sounds = ""
    if given and name.surname_codes:
        sounds = "|".join(sorted((given[0], name.surname_codes[0])))
    return _Parts(given, tuple(initials), initial, tuple(both), sounds)


def _halves(person: PersonMention) -> list[str]:
    """Give each half of a number that is known in plain, so that one with a slip still meets.

    The day of birth goes with it: numbers of one state and year have one half in common.
    """
    plain = [(i.type, i.plain) for i in person.identifiers if i.plain and is_hard(i)]
    return [
        f"half:{kind}|{half}|{person.date_of_birth}"
        for kind, text in plain
        for half in (f"{text[: len(text) // 2]}-", f"-{text[len(text) // 2 :]}")
    ]


def of_place(place: AddressForm, year: int) -> list[str]:
    """Give house number, postal code and year of birth: for those whose names are misspelt."""
    if not (year and place.street_number and place.postal_code):
        return []
    return [f"door+year:{place.street_number}|{place.postal_code}|{year}"]


def of_name(name: NameForm, day: str, year: int) -> list[str]:
    """Give keys of a name with the birth; a date and its swapped form have the same first one.

    `day` is empty, and `year` 0, when it is not known.
    """
    given_codes, initials, initial, _, sounds = _parts(name)
    found = [f"names+year:{sounds}|{year}"] if sounds and year else []
    if not day:
        return found
    found += [f"birth+given:{day}|{each}" for each in initials]
    if initial:
        found.append(f"birth+surname:{day}|{initial}")
        found += [f"given+day:{each}|{initial}|{day[5:]}" for each in given_codes]
    return found


def of_name_alone(name: NameForm) -> list[str]:
    """Give the sounds of both names, for those of whom neither year nor place is known.

    Of everybody, such blocks would grow with the town.
    """
    sounds = _parts(name).sounds
    return [f"names:{sounds}"] if sounds else []


def of_name_at(name: NameForm, place: AddressForm) -> list[str]:
    """Give the sounds of both names with the postal code, and both initials with the door.

    The door is house number and start of the street, for codes and towns that differ. It stays a
    key at an address that turned out to be a default value; the size of its block limits it.
    """
    _, _, _, both_initials, sounds = _parts(name)
    found = [f"names+post:{sounds}|{place.postal_code}"] if sounds and place.postal_code else []
    if place.street and place.street_number:
        door = f"door:{place.street_number}|{place.street[:_STREET_PREFIX]}|"
        found += [door + each for each in both_initials]
    return found


def day_and_year(person: PersonMention) -> tuple[str, int]:
    """Give what keys have of a birth: the earlier of the day's two readings, and the year.

    Empty when the day is not known, 0 when more than one year is possible.
    """
    day, born = person.date_of_birth, person.born
    year = born[0] if born is not None and born[0] == born[1] else 0
    return min(day, person.date_of_birth_swapped or day), year


def _given_codes(name: NameForm) -> tuple[str, ...]:
    canonical = name.given_canonical
    return phonetic.codes(canonical) if canonical and canonical != name.given else name.given_codes


def of_vehicle(vehicle: VehicleMention) -> list[str]:
    """Give the folded plate, which its misreadings share, and the part of a VIN that is serial.

    The state is left out of the key: a plate noted without one shall meet the others.
    """
    found = [f"plate:{vehicle.plate_folded}"] if vehicle.plate_folded else []
    return [*found, f"vin:{vehicle.vin[-_VIN_TAIL:]}"] if len(vehicle.vin) >= _VIN_TAIL else found


def _organisation(organisation: OrganisationMention) -> Keys:
    """Give numbers, phones, addresses, and each telling word with the postal code.

    The words that are too common to tell anything suspend their own blocks.
    """
    own = of_numbers(organisation.identifiers)
    values = value_keys(organisation.phones, (), organisation.addresses)
    sounds = {code for token in organisation.tokens[:_MOST_TOKENS] for code in _sound(token)}
    for code in {a.postal_code for a in organisation.addresses if a.postal_code}:
        own += [f"word+post:{sound}|{code}" for sound in sounds]
    if organisation.tokens:
        own.append("words:" + "|".join(sorted(organisation.tokens)))
    return Keys(frozenset(own), frozenset(values))


def _sound(token: str) -> tuple[str, ...]:
    return phonetic.codes(token)[:1] or (token,)
