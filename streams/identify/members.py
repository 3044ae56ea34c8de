"""What clustering knows of a mention, from the list of its record (pure)."""

from __future__ import annotations

from collections.abc import Mapping
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


def known_of(said: Mapping[str, Any]) -> Known:
    """Give what is known of a mention of a list."""
    kind, at = said["kind"], said["recorded_at"]
    if kind == "person":
        facts = _person(said)
        return Known(kind, Member(at, facts, facts.births, said["age_years"]), said["is_alone"])
    if kind == "vehicle":
        return Known(kind, Member(at, VehicleFacts(_some(said["vin"]), _some(said["make"]))))
    return Known(kind, Member(at, _numbers(said)))


def _person(said: Mapping[str, Any]) -> PersonFacts:
    given = said["given"]
    return PersonFacts(
        _numbers(said),
        tuple(said["births"]),
        _some(said["suffix"]),
        ((given, said["surname"]),) if given else (),
    )


def _numbers(said: Mapping[str, Any]) -> OrganisationFacts:
    return tuple([Identifier(i["type"], i["issuer"], i["digest"]) for i in said["numbers"]])


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
