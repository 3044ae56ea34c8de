"""Guards by kind, and what a value that turned out to be a default value still counts (pure).

A default value is an address, phone or e-mail that too many names hold (`limits`): it belongs to
a shelter, a switchboard or a form, not to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, NamedTuple

from streams.resolution.contacts import ADDRESS, EMAIL, PHONE
from streams.resolution.evidence import MISSING, Evidence
from streams.resolution.levels import Locality
from streams.resolution.organisation import fields as organisation_fields
from streams.resolution.organisation import guards as organisation
from streams.resolution.person import fields as person_fields
from streams.resolution.person import guards as person
from streams.resolution.vehicle import guards as vehicle

Names = Callable[[Sequence[int]], Iterator[str]]


def _nothing(_: Sequence[int]) -> tuple[int, ...]:
    return ()


class Guards(NamedTuple):
    """The guards of one kind.

    `excused` gives the places of fields that differ and yet weigh nothing, because of what agrees;
    a pair whose `name` is among them weighs no more than a link has to.
    `rests_on` gives, for each prefix of a value, the place of the field that agrees on it.
    `locality` is the place of the field that says where addresses lie: the postal code of a shelter
    tells no more than its city.
    """

    vetoes: Names
    holds: Names
    rests_on: dict[str, int]
    locality: int = -1
    excused: Callable[[Sequence[int]], tuple[int, ...]] = _nothing
    name: int = -1


GUARDS: Final = {
    "person": Guards(
        person.vetoes,
        person.holds,
        {
            PHONE: person_fields.PHONE,
            EMAIL: person_fields.EMAIL,
            ADDRESS: person_fields.PLACE,
        },
        person_fields.LOCALITY,
        person.excused,
        person_fields.GIVEN,
    ),
    "vehicle": Guards(vehicle.vetoes, vehicle.holds, {}),
    "organisation": Guards(
        organisation.vetoes,
        organisation.holds,
        {PHONE: organisation_fields.PHONE, ADDRESS: organisation_fields.PLACE},
        organisation_fields.LOCALITY,
    ),
}


def settled(kind: str, evidence: Evidence, defaults: Collection[str]) -> tuple[int, ...]:
    """Give the levels that count: a field that agrees on default values only is missing."""
    if not [key for key, _ in evidence.shared if key in defaults]:
        return evidence.levels
    levels, guards = list(evidence.levels), GUARDS[kind]
    for prefix, place in guards.rests_on.items():
        ours = [(key, level) for key, level in evidence.shared if key.startswith(prefix)]
        left = [level for key, level in ours if key not in defaults]
        if len(left) < len(ours):
            levels[place] = min(left, default=MISSING)
            if prefix == ADDRESS and not left:
                levels[guards.locality] = Locality.CITY
    return tuple(levels)


def without(places: Collection[int], levels: tuple[int, ...]) -> tuple[int, ...]:
    """Give levels in which these places are missing."""
    return tuple(MISSING if place in places else level for place, level in enumerate(levels))
