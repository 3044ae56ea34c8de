"""What the one machinery asks of each kind of mention (pure)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from streams.resolution.components import Member, Rules
from streams.resolution.contacts import value_keys
from streams.resolution.evidence import Evidence, Terms
from streams.resolution.mentions import (
    Mention,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)
from streams.resolution.organisation import comparison as organisation_comparison
from streams.resolution.organisation import facts as organisation_facts
from streams.resolution.person import comparison as person_comparison
from streams.resolution.person import facts as person_facts
from streams.resolution.vehicle import comparison as vehicle_comparison
from streams.resolution.vehicle import facts as vehicle_facts


class Kind(NamedTuple):
    """The functions of one kind.

    `are_told_apart` says quickly that a veto stands between two mentions, and may miss it. `values`
    gives the keys of what many may hold, `holder` the name under which a mention holds them, empty
    when it has none.
    """

    name: str
    compare: Callable[[Any, Any, Terms], Evidence]
    are_told_apart: Callable[[Any, Any], bool]
    values: Callable[[Any], list[str]]
    holder: Callable[[Any], str]
    member: Callable[[Any], Member]
    rules: Rules


def _person_member(person: PersonMention) -> Member:
    facts = person_facts.facts_of(person)
    return Member(person.recorded_at, facts, facts.births, person.age_years)


def _vehicle_member(vehicle: VehicleMention) -> Member:
    return Member(vehicle.recorded_at, vehicle_facts.facts_of(vehicle))


def _organisation_member(organisation: OrganisationMention) -> Member:
    return Member(organisation.recorded_at, organisation_facts.facts_of(organisation))


def _person_values(person: PersonMention) -> list[str]:
    return value_keys(person.phones, person.emails, person.addresses)


def _organisation_values(organisation: OrganisationMention) -> list[str]:
    return value_keys(organisation.phones, (), organisation.addresses)


def _never(_: Mention, __: Mention) -> bool:
    return False


def _no_values(_: Mention) -> list[str]:
    return []


def _surname(person: PersonMention) -> str:
    return person.names[0].surname if person.names else ""


def _name(organisation: OrganisationMention) -> str:
    return " ".join(sorted(organisation.tokens))


def _nobody(_: Mention) -> str:
    return ""


_PERSON: Final = Kind(
    "person",
    person_comparison.compare,
    person_comparison.are_told_apart,
    _person_values,
    _surname,
    _person_member,
    Rules(person_facts.merge, person_facts.conflict, person_facts.is_at_peace),
)
_VEHICLE: Final = Kind(
    "vehicle",
    vehicle_comparison.compare,
    _never,
    _no_values,
    _nobody,
    _vehicle_member,
    Rules(vehicle_facts.merge, vehicle_facts.conflict, vehicle_facts.is_at_peace),
)
_ORGANISATION: Final = Kind(
    "organisation",
    organisation_comparison.compare,
    organisation_comparison.are_told_apart,
    _organisation_values,
    _name,
    _organisation_member,
    Rules(organisation_facts.merge, organisation_facts.conflict, organisation_facts.is_at_peace),
)
KINDS: Final = {kind.name: kind for kind in (_PERSON, _VEHICLE, _ORGANISATION)}
