"""Towns of one bus have nothing in common, however many there are."""

from __future__ import annotations

from random import Random

from recordbus.normalize.vins import check_digit
from tests.simulator.bus.bodies import Scene, scene

TOWNS = range(300)


def test_no_two_towns_share_a_car_or_a_firm_or_a_house_or_a_number() -> None:
    seen: dict[str, int] = {}
    for town in TOWNS:
        for value in values_of(scene(Random(town), town)):
            assert seen.setdefault(value, town) == town, value


def test_the_cars_of_every_town_have_sound_numbers() -> None:
    vins = [vin for town in TOWNS for _, vin, _ in scene(Random(town), town).cars if vin]
    assert all(check_digit(vin) == vin[8] for vin in vins)


def values_of(town: Scene) -> set[str]:
    cars = {value for plate, vin, _ in town.cars for value in (plate, vin) if value}
    firms = {value for firm in town.firms for value in firm if value}
    return cars | firms | {*town.phones, *town.houses, *town.numbers}
