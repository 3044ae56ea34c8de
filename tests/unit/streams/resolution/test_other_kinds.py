"""Vehicles and organisations: the same machinery, other traps; each test names the harm."""

from __future__ import annotations

import json

import pytest

from tests.unit.streams.resolution.made import MAPLE, OAK, organisation, resolver, together, vehicle
from tests.unit.streams.resolution.test_traps import NOBODY, pair

VIN = "1M8GDM9AXKP042788"
OTHER_VIN = "1FTFW1ET5DFC10312"


def test_one_vin_is_one_vehicle_whatever_plate_it_bears() -> None:
    before = vehicle("before", "4GH-172", "MA", VIN)
    after = vehicle("after", "9ZZ-001", "NH", VIN)

    assert together(before, after) == pair("before", "after")


def test_a_plate_that_moved_to_another_car_does_not_pass_on_the_old_cars_stops() -> None:
    old = vehicle("old", "4GH-172", "MA", VIN, make="FORD", year=2009)
    new = vehicle("new", "4GH-172", "MA", OTHER_VIN, make="FORD", year=2009)

    assert together(old, new) == NOBODY


@pytest.mark.parametrize(
    ("make", "year"),
    [("HOND", 2009), ("FORD", 2020)],
)
def test_a_plate_on_another_make_or_year_is_another_car(make: str, year: int) -> None:
    known = vehicle("known", "4GH-172", "MA", make="FORD", colour="BLK", year=2009)
    seen = vehicle("seen", "4GH-172", "MA", make=make, colour="BLK", year=year)

    assert together(known, seen) == NOBODY


def test_a_plate_alone_is_a_lead_and_no_link() -> None:
    found = resolver(vehicle("a", "4GH-172", "MA"), vehicle("b", "4GH-172", "MA"))

    assert len(set(found.entities.values())) == 2
    assert found.verdicts["a", "b"].holds == ("plate_alone",)


def test_a_plate_with_its_state_and_make_is_the_vehicle() -> None:
    a = vehicle("a", "4GH-172", "MA", make="FORD", colour="BLK")
    b = vehicle("b", "4gh 172", "MA", make="FORD", colour="BLU")

    assert together(a, b) == pair("a", "b")


def test_one_plate_of_two_states_is_two_vehicles() -> None:
    a = vehicle("a", "4GH-172", "MA", make="FORD", colour="BLK", year=2009)
    b = vehicle("b", "4GH-172", "NH", make="FORD", colour="BLK", year=2009)

    assert together(a, b) == NOBODY


def test_a_misread_letter_needs_more_of_the_vehicle() -> None:
    a = vehicle("a", "4GH-O72", "MA", make="FORD", colour="BLK", year=2009)

    assert together(a, vehicle("b", "4GH-072", "MA", make="FORD")) == NOBODY
    again = vehicle("b", "4GH-072", "MA", make="FORD", colour="BLK", year=2009)
    assert together(a, again) == pair("a", "b")


def test_a_mistyped_vin_with_its_plate_is_one_vehicle() -> None:
    a = vehicle("a", "4GH-172", "MA", VIN, make="MCI")
    b = vehicle("b", "4GH-172", "MA", VIN.replace("X", "K"), make="MCI")

    assert together(a, b) == pair("a", "b")


def test_a_firm_is_its_name_at_its_address_however_the_legal_form_is_written() -> None:
    a = organisation("a", "Ace Towing, Inc.", home=MAPLE, phone="617-555-0142")
    b = organisation("b", "ACE TOWING LLC", home=MAPLE)

    assert together(a, b) == pair("a", "b")


def test_two_firms_of_one_building_and_switchboard_stay_two() -> None:
    shared = {"home": MAPLE, "phone": "617-555-0142"}

    assert together(
        organisation("a", "Ace Towing", **shared), organisation("b", "Delgado Bakery", **shared)
    ) == NOBODY  # fmt: skip


def test_two_branches_of_one_name_stay_two() -> None:
    here = organisation("here", "Sunrise Motel", home=MAPLE)
    there = organisation("there", "Sunrise Motel", home=OAK)

    assert together(here, there) == NOBODY


def test_two_tax_numbers_are_two_firms() -> None:
    a = organisation("a", "Ace Towing", tax_id="12-3456788", home=MAPLE)
    b = organisation("b", "Ace Towing", tax_id="98-7654322", home=MAPLE)

    assert together(a, b) == NOBODY
    assert json.loads(resolver(a, b).explain("a", "b"))["vetoes"] == ["numbers_differ"]


def test_a_tax_number_joins_a_renamed_spelling() -> None:
    a = organisation("a", "Ace Towing and Recovery", tax_id="12-3456788", home=MAPLE)
    b = organisation("b", "Ace Towing", tax_id="12-3456788")

    assert together(a, b) == pair("a", "b")


def test_an_address_of_many_firms_counts_nothing() -> None:
    tenants = [organisation(f"t{n}", f"Firm{n} Number{n}", home=MAPLE) for n in range(9)]
    again = organisation("again", "Firm0 Number0", home=MAPLE)
    found = resolver(*tenants, again)

    assert found.defaults == {"address:12|MAPLE ST|02118"}
    assert found.entities["again"] != found.entities["t0"]
