"""One way to compare two mentions of one kind, whatever the kind (pure).

`FIELDS[kind]` is the fixed, ordered table of fields; level 0 of each is `missing`. A model is
trained on exactly these levels.
"""

from __future__ import annotations

from typing import Final

from streams.resolution.evidence import Evidence, Field, Terms
from streams.resolution.fields import FIELDS, TERMS
from streams.resolution.mentions import (
    Mention,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)
from streams.resolution.organisation import comparison as organisation
from streams.resolution.person import comparison as person
from streams.resolution.vehicle import comparison as vehicle

__all__ = ["FIELDS", "TERMS", "Evidence", "Field", "compare"]

NO_TERMS: Final[Terms] = {}


def compare(a: Mention, b: Mention, terms: Terms = NO_TERMS) -> Evidence:
    """Give the evidence of two mentions of one kind; it is the same whichever comes first."""
    if isinstance(a, PersonMention) and isinstance(b, PersonMention):
        return person.compare(a, b, terms)
    if isinstance(a, VehicleMention) and isinstance(b, VehicleMention):
        return vehicle.compare(a, b, terms)
    if isinstance(a, OrganisationMention) and isinstance(b, OrganisationMention):
        return organisation.compare(a, b, terms)
    raise TypeError("a person, a vehicle and an organisation are never compared with each other")
