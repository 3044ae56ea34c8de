"""What resolution sees of a record: what compares, and never race, ethnicity or origin (R-10)."""

from __future__ import annotations

from typing import Any, cast

import pytest

from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas.types.published import Record
from streams.intake.testing import Desk, record_of
from streams.resolution.from_records import mentions_of
from streams.resolution.mentions import (
    Mention,
    PersonMention,
    VehicleMention,
)


@pytest.fixture
def desk() -> Desk:
    """Give an intake that publishes records."""
    return Desk(MemoryRegistry())


def mentions(desk: Desk, change: dict[str, Any]) -> list[Mention]:
    """Give the mentions of the record that intake makes of a change."""
    return list(mentions_of(cast(Record, record_of(desk.say(change)))))


def a_change(**person: Any) -> dict[str, Any]:
    """Give a field contact that names one person."""
    return a_change_of(records.person_role("field_contact", "p1", person=records.person(**person)))


def a_change_of(role: dict[str, Any]) -> dict[str, Any]:
    """Give a field contact of one role of a person."""
    return records.change(body=records.body("field_contact") | {"people": [role]})


def test_a_person_keeps_what_compares(desk: Desk) -> None:
    person = mentions(desk, a_change())[0]

    assert isinstance(person, PersonMention)
    assert person.names[0].given == "MARIA"
    assert person.date_of_birth == "1985-04-12"
    assert person.date_of_birth_swapped == "1985-12-04"
    assert person.born == (1985, 1985)
    assert person.sex == "F"
    assert person.phones == ("+16175550142",)
    assert person.addresses[0].key == "12|MAPLE ST|02118"
    assert person.identifiers[0][:2] == ("driver_license", "MA")
    assert person.recorded_at > 0


def test_descriptions_that_say_where_people_come_from_change_nothing(desk: Desk) -> None:
    plain = mentions(desk, a_change())
    described = a_change(
        race=records.coded("B", "Black"),
        ethnicity=records.coded("H", "Hispanic"),
        complexion=records.coded("DRK", "dark"),
        country_of_birth=records.coded("MEX", "Mexico"),
    )

    assert mentions(Desk(MemoryRegistry()), described) == plain


def test_a_moniker_is_no_name_to_meet_by(desk: Desk) -> None:
    names = [
        records.part("PersonName", type="primary", given="Maria", surname="Delgado"),
        records.part("PersonName", type="moniker", full="Red"),
    ]

    person = mentions(desk, a_change(names=names))[0]

    assert isinstance(person, PersonMention)
    assert [name.given for name in person.names] == ["MARIA"]


def test_somebody_who_is_only_described_is_nobody_to_resolve(desk: Desk) -> None:
    role = records.person_role("field_contact", "p1", description_only=True)

    assert not [m for m in mentions(desk, a_change_of(role)) if isinstance(m, PersonMention)]


def test_an_age_bounds_the_year_of_birth(desk: Desk) -> None:
    aged = records.person_role(
        "field_contact", "p1", age_years=30, person=records.person(date_of_birth=None)
    )
    span = records.part("AgeRange", low=20, high=30)
    guessed = records.person_role(
        "field_contact", "p1", age_range=span, person=records.person(date_of_birth=None)
    )

    assert born(mentions(desk, a_change_of(aged))) == (1993, 1994)
    assert born(mentions(Desk(MemoryRegistry()), a_change_of(guessed))) == (1993, 2004)


def born(found: list[Mention]) -> tuple[int, int] | None:
    """Give the years of birth of the first person."""
    person = next(each for each in found if isinstance(each, PersonMention))
    return person.born


def test_vehicles_and_organisations_are_mentions_too(desk: Desk) -> None:
    found = mentions(desk, records.change("vehicle_registration"))

    (vehicle,) = [each for each in found if isinstance(each, VehicleMention)]
    assert (vehicle.plate, vehicle.plate_state, vehicle.make) == ("4GH172", "MA", "FORD")
    assert vehicle.vin_valid


def test_a_record_that_is_not_live_has_no_mentions(desk: Desk) -> None:
    desk.say(records.change())

    assert mentions(desk, records.removal("withdrawn", 2)) == []
