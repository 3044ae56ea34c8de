"""The people of a world, one block of 256 at a time, so that memory does not grow with the world.

A block is a pure function of (seed, world size, block number). Ties between blocks come from the
arithmetic of dwellings and organisations, and from travellers: a few people remembered from
earlier blocks who turn up in the happenings of later ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.draws import Uniform
from producers.synthetic.households import HouseholdMaker
from producers.synthetic.organisations import organisation_count
from producers.synthetic.people import Person
from producers.synthetic.places import NEIGHBOURHOOD, city_of_neighbourhood
from producers.synthetic.vehicles import VehicleTruth

BLOCK = 256
_TRAVELLERS = 128
_GROWN = 16 * 366


class Block:
    """256 people (fewer in the last block), their vehicles, and who gets about."""

    __slots__ = ("active", "adults", "cars", "city", "minors", "people", "uniform", "vehicles")

    def __init__(
        self, people: list[Person], vehicles: list[VehicleTruth], city: str, uniform: Uniform
    ) -> None:
        self.people = people
        self.vehicles = vehicles
        self.city = city
        self.uniform = uniform
        self.adults = [p for p in people if LAST_DAY - (p.birth or 0) > _GROWN + 5 * 365]
        self.minors = [p for p in people if LAST_DAY - (p.birth or 0) <= _GROWN]
        self.active: list[Person] = []
        self.cars: dict[int, VehicleTruth] = {}


class Population:
    """Iterates over the blocks of a world of `people` people; the same every time."""

    def __init__(self, seed: int, people: int) -> None:
        self.seed = seed
        self.people = people
        self.organisations = organisation_count(people)
        self.dwellings = max(64, people // 2)
        self._households = HouseholdMaker(self.dwellings, self.organisations)

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in order; each has its own stream of draws."""
        travellers: list[Person] = []
        cars: dict[int, VehicleTruth] = {}
        for number, first_id in enumerate(range(0, self.people, BLOCK)):
            uniform = Random(f"{self.seed}/{self.people}/{number}").random
            block = self._block(number, first_id, min(BLOCK, self.people - first_id), uniform)
            self._set_about(block, travellers, cars)
            yield block

    def _block(self, number: int, first_id: int, size: int, uniform: Uniform) -> Block:
        people: list[Person] = []
        home = number * NEIGHBOURHOOD
        while len(people) < size:
            room = size - len(people)
            people += self._households.make(first_id + len(people), room, home, uniform)
            home += 1
        _plant_namesakes(people, uniform)
        vehicles = _vehicles(people, uniform)
        return Block(people, vehicles, city_of_neighbourhood(number), uniform)

    def _set_about(
        self, block: Block, travellers: list[Person], cars: dict[int, VehicleTruth]
    ) -> None:
        uniform = block.uniform
        grown = [p for p in block.people if LAST_DAY - (p.birth or 0) > _GROWN]
        for person in grown:
            turns = int(1.0 / (0.06 + uniform()))
            block.active.extend([person] * turns)
        block.active.extend(travellers)
        block.cars = {owner: v for v in block.vehicles for owner in v.owners} | cars
        for person in grown[: len(grown) // 40 + 1]:
            at = int(uniform() * _TRAVELLERS)
            if len(travellers) < _TRAVELLERS:
                travellers.append(person)
            else:
                cars.pop(travellers[at].id, None)
                travellers[at] = person
            if person.id in block.cars:
                cars[person.id] = block.cars[person.id]


def _plant_namesakes(people: list[Person], uniform: Uniform) -> None:
    """Give about one person in a hundred the full name of someone unrelated nearby.

    Only people whom nobody was named after are renamed, or Jr and Sr would part.
    """
    for _ in range(len(people) // 60):
        one = people[int(uniform() * len(people))]
        other = people[int(uniform() * len(people))]
        renamable = other.kin in {"partner", "lodger"} and one.household != other.household
        if renamable and one.sex == other.sex:
            other.given, other.surname, other.former_surname = one.given, one.surname, ""
            other.settled = len(other.residences) == 1


def _vehicles(people: list[Person], uniform: Uniform) -> list[VehicleTruth]:
    vehicles: list[VehicleTruth] = []
    for place, person in enumerate(people):
        if not person.licence or uniform() > 0.78:
            continue
        owners: tuple[int, ...] = (person.id,)
        following = people[place + 1] if place + 1 < len(people) else person
        if following.kin == "partner" and uniform() < 0.35:
            owners = (person.id, following.id)
        vehicle = VehicleTruth(person.id, uniform, owners)
        if person.employer >= 0 and uniform() < 0.03:
            vehicle.organisation = person.employer
        vehicles.append(vehicle)
    return vehicles
