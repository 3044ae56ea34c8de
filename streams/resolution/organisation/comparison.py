"""Compares two organisations field by field (pure)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rapidfuzz.distance import JaroWinkler

from streams.resolution.addresses import locality_level, place_level, shared_buildings
from streams.resolution.contacts import PHONE, contact_level, shared_values
from streams.resolution.evidence import Evidence, Terms
from streams.resolution.identifiers import identifier_level, share_number
from streams.resolution.mentions import OrganisationMention
from streams.resolution.organisation.fields import Name

NO_TERMS: Final[Terms] = {}
_CLOSE: Final = 0.95
_CACHE_SIZE: Final = 1 << 14

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


def compare(a: OrganisationMention, b: OrganisationMention, terms: Terms = NO_TERMS) -> Evidence:  # noqa: ARG001 - one shape for every kind
    """Give the evidence of two mentions; it is the same whichever comes first."""
    name = name_level(a.tokens, b.tokens)
    number = identifier_level(a.identifiers, b.identifiers)
    phone = contact_level(a.phones, b.phones)
    place = place_level(a.addresses, b.addresses)
    locality = locality_level(a.addresses, b.addresses)
    shared = shared_values(phone, PHONE, a.phones, b.phones)
    shared += shared_buildings(place, a.addresses, b.addresses)
    return _make(Evidence, ((name, number, phone, place, locality), (), shared))


def are_told_apart(a: OrganisationMention, b: OrganisationMention) -> bool:
    """Tell quickly whether names veto a pair that shares no number."""
    if share_number(a.identifiers, b.identifiers):
        return False
    return name_level(a.tokens, b.tokens) == Name.DIFFERENT


@lru_cache(maxsize=_CACHE_SIZE)
def name_level(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """Compare the telling words of two names, in whatever order they stand."""
    if not a or not b:
        return Name.MISSING
    first, second = set(a), set(b)
    if first == second:
        return Name.EXACT
    if (first < second or second < first) and len(first & second) > 1:
        return Name.PART
    closeness = JaroWinkler.similarity(" ".join(sorted(first)), " ".join(sorted(second)))
    return Name.NEAR if closeness >= _CLOSE else Name.DIFFERENT
