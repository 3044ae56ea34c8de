"""A mention as a bundle has it: its keys and values packed, and what is compared of it (pure).

Keys are packed by what they are made of together, and the groups that come again with a person who
comes again are remembered: a name with a birth, a name with an address. Invariant: a mention's keys
and values are those of `streams.resolution`, and its details those of the concealed mention;
property tests hold that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from functools import lru_cache
from typing import Any, Final, NamedTuple

from recordbus.normalize.text import CACHE_SIZE
from schemas.types import (
    MeetingAddress,
    MeetingNumber,
    MeetingOrganisation,
    MeetingPerson,
    MeetingVehicle,
)
from streams.meet.digests import Digests, text_of
from streams.meet.mentions import local_id_of, numbered, vehicle_details
from streams.resolution.contacts import ADDRESS, EMAIL, PHONE
from streams.resolution.keys import (
    day_and_year,
    keys_of,
    of_name,
    of_name_alone,
    of_name_at,
    of_numbers,
    of_place,
    of_vehicle,
)
from streams.resolution.kinds import KINDS
from streams.resolution.mentions import (
    AddressForm,
    Identifier,
    Mention,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)

Details = MeetingPerson | MeetingVehicle | MeetingOrganisation

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Packed(NamedTuple):
    """A mention in the part of a bundle where it is, its packed keys and values, and its holder."""

    part: str
    details: Details
    keys: Set[bytes]
    values: Set[bytes]
    holder: bytes


class _Value(NamedTuple):
    """What many may hold: its packed key, and what it is called in a bundle."""

    key: bytes
    text: str


class _Place(NamedTuple):
    """An address in a bundle, with its packed key, which is empty when it names no building."""

    key: bytes
    said: MeetingAddress


_NO_VALUE: Final = _Value(b"", "")
_NO_VALUES: Final[Set[bytes]] = frozenset()
_OF_ONE_RECORD: Final[dict[str, Any]] = {"mention_id": "", "recorded_at": 0, "version": 0}


class Packing:
    """Packs mentions under the bus's identifier secret."""

    def __init__(self, digests: Digests) -> None:
        self._digests = digests
        self._by_type: dict[type, Callable[[Any], Packed]] = {
            PersonMention: self._person,
            VehicleMention: self._vehicle,
            OrganisationMention: self._organisation,
        }
        people, organisations = digests.of("person"), digests.of("organisation")
        self._person_key, self._vehicle_key = people, digests.of("vehicle")
        self._organisation_key = organisations
        self._of_name, self._of_name_at = _packed(people, of_name), _packed(people, of_name_at)
        self._of_place = _packed(people, of_place)
        self._person_value, self._organisation_value = _values(people), _values(organisations)
        self._person_place = _places(self._person_value)
        self._organisation_place = _places(self._organisation_value)
        self._firm = lru_cache(maxsize=CACHE_SIZE)(self._firm_of)
        self._surname = KINDS["person"].holder

    def packed(self, mention: Mention) -> Packed:
        """Give a mention as bundles have it."""
        return self._by_type[type(mention)](mention)

    def _person(self, person: PersonMention) -> Packed:
        phones = self._held(PHONE, person.phones)
        emails = self._held(EMAIL, person.emails)
        places = [self._person_place(each) for each in person.addresses]
        values = {each[0] for each in (*phones, *emails)}
        keys = self._person_keys(person) | values
        values.update([each[0] for each in places if each[0]])
        details = _person_details(person, phones, emails, places)
        holder = self._digests.name("person", self._surname(person))
        return _make(Packed, ("people", details, keys, values, holder))

    def _held(self, prefix: str, values: Iterable[str]) -> list[_Value]:
        return [self._person_value(prefix, each) for each in values] if values else []

    def _person_keys(self, person: PersonMention) -> set[bytes]:
        """Give the packed keys of a person but for those that are values, as `keys_of` does."""
        places, (day, year) = person.addresses, day_and_year(person)
        keys = set(map(self._person_key, of_numbers(person.identifiers)))
        is_known = bool(year)
        for place in places:
            is_known = is_known or bool(place.postal_code)
            keys.update(self._of_place(place, year))
        for name in person.names:
            keys.update(self._of_name(name, day, year))
            for place in places:
                keys.update(self._of_name_at(name, place))
            if not is_known:
                keys.update(map(self._person_key, of_name_alone(name)))
        return keys

    def _vehicle(self, vehicle: VehicleMention) -> Packed:
        keys = set(map(self._vehicle_key, of_vehicle(vehicle)))
        return _make(Packed, ("vehicles", vehicle_details(vehicle), keys, _NO_VALUES, b""))

    def _organisation(self, organisation: OrganisationMention) -> Packed:
        details, keys, values, holder = self._firm(organisation._replace(**_OF_ONE_RECORD))
        details = {**details, "local_id": local_id_of(organisation)}
        return _make(Packed, ("organisations", details, keys, values, holder))

    def _firm_of(
        self, organisation: OrganisationMention
    ) -> tuple[MeetingOrganisation, Set[bytes], Set[bytes], bytes]:
        """Give what is the same of an organisation in all records: they name few, and often."""
        of, key = self._organisation_value, self._organisation_key
        phones = [of(PHONE, each) for each in organisation.phones]
        places = [self._organisation_place(each) for each in organisation.addresses]
        details: MeetingOrganisation = {
            "local_id": "",
            "tokens": list(organisation.tokens),
            "numbers": _numbers(organisation.identifiers),
            "phones": [each.text for each in phones],
            "addresses": [each.said for each in places],
        }
        keys, values = keys_of(organisation), {each.key for each in phones}
        values.update([each.key for each in places if each.key])
        holder = self._digests.name("organisation", KINDS["organisation"].holder(organisation))
        return details, set(map(key, (*keys.own, *keys.values))), values, holder


def _person_details(
    person: PersonMention, phones: list[_Value], emails: list[_Value], places: list[_Place]
) -> MeetingPerson:
    first, last = person.born or (None, None)
    return {
        "local_id": local_id_of(person),
        "names": [
            {"given": given, "middle": middle, "surname": surname, "suffix": suffix}
            for given, _, middle, surname, suffix, _, _ in person.names
        ],
        "date_of_birth": person.date_of_birth,
        "born_from": first,
        "born_to": last,
        "sex": person.sex,
        "numbers": _numbers(person.identifiers),
        "phones": [each[1] for each in phones],
        "emails": [each[1] for each in emails],
        "addresses": [each[1] for each in places],
        "age_years": person.age_years,
    }


def _packed(key: Callable[[str], bytes], group: Callable[..., list[str]]) -> Callable[..., Any]:
    """Give what packs a group of keys, and remembers groups."""

    @lru_cache(maxsize=CACHE_SIZE)
    def packed(*made_of: Any) -> tuple[bytes, ...]:
        return tuple(map(key, group(*made_of)))

    return packed


def _values(key: Callable[[str], bytes]) -> Callable[[str, str], _Value]:
    """Give what packs a value of a kind, and remembers values."""

    @lru_cache(maxsize=CACHE_SIZE)
    def value(prefix: str, text: str) -> _Value:
        packed = key(prefix + text)
        return _make(_Value, (packed, text_of(packed)[len(prefix) :]))

    return value


def _places(value: Callable[[str, str], _Value]) -> Callable[[AddressForm], _Place]:
    """Give what packs an address, and remembers addresses; nobody may change one."""

    @lru_cache(maxsize=CACHE_SIZE)
    def place(address: AddressForm) -> _Place:
        number, street, unit, city, state, postal_code, key = address
        held = value(ADDRESS, key) if key else _NO_VALUE
        said: MeetingAddress = {
            "street_number": number,
            "street": street,
            "unit": unit,
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "key": held.text,
        }
        return _make(_Place, (held.key, said))

    return place


def _numbers(identifiers: Iterable[Identifier]) -> list[MeetingNumber]:
    return [numbered(each) for each in identifiers] if identifiers else []
