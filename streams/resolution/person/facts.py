"""What a whole entity may not have two of: the vetoes between clusters of persons (pure).

Two clusters may be one entity only if every mention of one could be every mention of the other,
also where the two never met.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from streams.resolution.identifiers import are_one_each, identifier_level, is_hard
from streams.resolution.levels import Ids
from streams.resolution.mentions import Identifier, PersonMention
from streams.resolution.person.dates import date_level
from streams.resolution.person.fields import Birth, Given
from streams.resolution.person.names import are_exchanged, given_level


class PersonFacts(NamedTuple):
    """What the mentions of a cluster say that tells persons apart, each once and in order."""

    numbers: tuple[Identifier, ...]
    births: tuple[str, ...]
    suffixes: tuple[str, ...]
    names: tuple[tuple[str, str], ...]


def facts_of(person: PersonMention) -> PersonFacts:
    """Give the facts of one mention."""
    name = person.names[0] if person.names else None
    return PersonFacts(
        tuple(i for i in person.identifiers if is_hard(i)),
        (person.date_of_birth,) if person.date_of_birth else (),
        (name.suffix,) if name and name.suffix else (),
        ((name.given, name.surname),) if name and name.given else (),
    )


def merge(a: PersonFacts, b: PersonFacts) -> PersonFacts:
    """Give the facts of two clusters together."""
    if a == b:
        return a
    return PersonFacts(
        a.numbers if a.numbers == b.numbers else tuple(dict.fromkeys(a.numbers + b.numbers)),
        a.births if a.births == b.births else tuple(dict.fromkeys(a.births + b.births)),
        a.suffixes if a.suffixes == b.suffixes else tuple(dict.fromkeys(a.suffixes + b.suffixes)),
        a.names if a.names == b.names else tuple(dict.fromkeys(a.names + b.names)),
    )


def conflict(a: PersonFacts, b: PersonFacts) -> str:
    """Give the veto between two clusters by its name, or empty."""
    numbers = identifier_level(a.numbers, b.numbers)
    if numbers in (Ids.DIFFERENT, Ids.MIXED):
        return "numbers_differ"
    if _some_differ(a.suffixes, b.suffixes):
        return "suffixes_differ"
    if numbers == Ids.EQUAL:
        return ""
    if any(date_level(x, y) == Birth.DIFFERENT for x in a.births for y in b.births):
        return "dates_of_birth_differ"
    if any(_are_two(x, y) for x in a.names for y in b.names):
        return "given_names_differ"
    return ""


def _some_differ(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return any(x != y for x in a for y in b)


def is_at_peace(facts: PersonFacts) -> bool:
    """Tell whether nothing in a cluster's facts would keep any two of its mentions apart."""
    if len(facts.suffixes) > 1 or not are_one_each(facts.numbers):
        return False
    if any(date_level(x, y) == Birth.DIFFERENT for x, y in combinations(facts.births, 2)):
        return False
    return not any(_are_two(x, y) for x, y in combinations(facts.names, 2))


def _are_two(a: tuple[str, str], b: tuple[str, str]) -> bool:
    """Tell whether given names differ, and are not given and surname exchanged."""
    return given_level(a[0], b[0]) == Given.DIFFERENT and not are_exchanged(*a, *b)
