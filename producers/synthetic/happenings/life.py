"""All that happens in one block, in one fixed order, so that numbers and draws repeat exactly."""

from __future__ import annotations

from collections.abc import Callable

from producers.synthetic.facts import Fact
from producers.synthetic.happenings import justice, police, register
from producers.synthetic.happenings.scribe import Scribe

Happening = Callable[[Scribe, list[Fact]], None]
_HAPPENINGS: tuple[tuple[Happening, float], ...] = (
    (police.service_call, police.RATES["service_call"]),
    (police.citation, police.RATES["citation"]),
    (police.field_contact, police.RATES["field_contact"]),
    (police.missing_person, police.RATES["missing_person"]),
    (police.intelligence_report, police.RATES["intelligence_report"]),
    (justice.incident_case, police.RATES["incident"]),
    (register.permit, register.PERMIT_RATE),
)


def happenings(scribe: Scribe) -> list[Fact]:
    """Return the facts that the scribe's present block leaves with the departments."""
    facts: list[Fact] = []
    register.registrations(scribe, facts)
    if not scribe.block.active:
        return facts
    size = len(scribe.block.people)
    for happening, rate in _HAPPENINGS:
        for _ in range(scribe.count(rate, size)):
            happening(scribe, facts)
    return [fact for fact in facts if fact.day <= scribe.last_day]
