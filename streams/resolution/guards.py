"""Guards by kind, and what a value that turned out to be a default value still counts (pure).

An address, phone or e-mail of a kind of mention that more than `MOST_HOLDERS` names hold belongs
to a shelter, a switchboard or a form, not to a person: it weighs nothing and is no key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, NamedTuple

from streams.resolution.contacts import ADDRESS, EMAIL, PHONE
from streams.resolution.evidence import MISSING, Evidence
from streams.resolution.organisation import fields as organisation_fields
from streams.resolution.organisation import guards as organisation
from streams.resolution.person import fields as person_fields
from streams.resolution.person import guards as person
from streams.resolution.vehicle import guards as vehicle

MOST_HOLDERS: Final = 8
"""Names (surnames of persons, names of firms) that may hold one value before it counts nothing."""

Names = Callable[[Sequence[int]], Iterator[str]]


class Guards(NamedTuple):
    """The guards of one kind; `rests_on` gives, for each prefix of a value, its field's place."""

    vetoes: Names
    holds: Names
    rests_on: dict[str, int]


GUARDS: Final = {
    "person": Guards(
        person.vetoes,
        person.holds,
        {
            PHONE: person_fields.PHONE,
            EMAIL: person_fields.EMAIL,
            ADDRESS: person_fields.PLACE,
        },
    ),
    "vehicle": Guards(vehicle.vetoes, vehicle.holds, {}),
    "organisation": Guards(
        organisation.vetoes,
        organisation.holds,
        {PHONE: organisation_fields.PHONE, ADDRESS: organisation_fields.PLACE},
    ),
}


def settled(kind: str, evidence: Evidence, defaults: Collection[str]) -> tuple[int, ...]:
    """Give the levels that count: a field that agrees on default values only is missing."""
    if not defaults or not any(key in defaults for key, _ in evidence.shared):
        return evidence.levels
    levels = list(evidence.levels)
    for prefix, place in GUARDS[kind].rests_on.items():
        ours = [(key, level) for key, level in evidence.shared if key.startswith(prefix)]
        if any(key in defaults for key, _ in ours):
            left = (level for key, level in ours if key not in defaults)
            levels[place] = min(left, default=MISSING)
    return tuple(levels)
