"""What clustering knows of a mention, from the list of its record (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from streams.resolution.components import Member
from streams.resolution.mentions import Identifier
from streams.resolution.organisation.facts import OrganisationFacts
from streams.resolution.person.facts import PersonFacts
from streams.resolution.vehicle.facts import VehicleFacts

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


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
    dates: tuple[str, ...] = ()
    facts: Any
    if kind == "person":
        dates, names = tuple(births), ((given, surname),) if given else ()
        facts = _make(PersonFacts, (_numbers(numbers), dates, _some(suffix), names))
    elif kind == "vehicle":
        facts, age, is_alone = _make(VehicleFacts, (_some(vin), _some(make))), None, False
    else:
        facts, age, is_alone = _numbers(numbers), None, False
    return _make(Known, (kind, _make(Member, (at, facts, dates, age)), is_alone))


def _numbers(numbers: Iterable[tuple[str, str, str]]) -> OrganisationFacts:
    return tuple([_make(Identifier, (*each, "")) for each in numbers])


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
