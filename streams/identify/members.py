"""What clustering knows of a mention, from the list of its record (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from streams.resolution.components import Member
from streams.resolution.mentions import Identifier
from streams.resolution.organisation.facts import OrganisationFacts
from streams.resolution.person.facts import PersonFacts
from streams.resolution.vehicle.facts import VehicleFacts


class Known(NamedTuple):
    """A mention's kind, and what clustering knows of it.

    `is_alone` says that it is nobody else's: a person who is only described.
    """

    kind: str
    member: Member
    is_alone: bool = False


def known_of(said: Sequence[Any]) -> Known:
    """Give what is known of a mention of a list, from its fields in the order of their schema."""
    _, kind, at, is_alone, age, numbers, births, suffix, given, surname, vin, make = said
    if kind == "person":
        facts = PersonFacts(
            _numbers(numbers), tuple(births), _some(suffix), ((given, surname),) if given else ()
        )
        return Known(kind, Member(at, facts, facts.births, age), is_alone)
    if kind == "vehicle":
        return Known(kind, Member(at, VehicleFacts(_some(vin), _some(make))))
    return Known(kind, Member(at, _numbers(numbers)))


def _numbers(numbers: Iterable[tuple[str, str, str]]) -> OrganisationFacts:
    return tuple([Identifier(*each) for each in numbers])


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
