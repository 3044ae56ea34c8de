"""Record numbers, days and the writing of facts, shared by all happenings of one world.

Numbers count up per department and kind in the order in which the world is generated, so they
depend on the seed alone.
"""

from __future__ import annotations

from producers.synthetic.calendar import FIRST_DAY, LAST_DAY, YEARS
from producers.synthetic.clerk import write_person, write_vehicle
from producers.synthetic.departments import COURT, HARBOR_CITY, MILLBROOK, REGISTRY, SHERIFF
from producers.synthetic.draws import Uniform
from producers.synthetic.facts import Fact, Mention, OrganisationMention, Place, VehicleMention
from producers.synthetic.organisations import organisation
from producers.synthetic.people import Person
from producers.synthetic.places import Address, dwelling
from producers.synthetic.population import Block
from producers.synthetic.vehicles import VehicleTruth

NEW_SHARE_PER_STEP = 0.02
_NUMBERS = {
    (HARBOR_CITY.name, "incident"): "%02d-%06d",
    (HARBOR_CITY.name, "arrest"): "A%02d-%05d",
    (HARBOR_CITY.name, "citation"): "T%08d",
    (HARBOR_CITY.name, "field_contact"): "FC%02d%07d",
    (HARBOR_CITY.name, "service_call"): "C%02d-%07d",
    (HARBOR_CITY.name, "missing_person"): "MP%02d-%05d",
    (HARBOR_CITY.name, "intelligence_report"): "IR-%06d",
    (MILLBROOK.name, "incident"): "M%02dI%06d",
    (MILLBROOK.name, "arrest"): "M%02dA%06d",
    (MILLBROOK.name, "citation"): "M%02dT%06d",
    (MILLBROOK.name, "field_contact"): "M%02dF%06d",
    (MILLBROOK.name, "service_call"): "M%02dC%07d",
    (MILLBROOK.name, "missing_person"): "M%02dP%05d",
    (MILLBROOK.name, "intelligence_report"): "M%02dR%05d",
    (SHERIFF.name, "booking"): "B20%02d-%06d",
    (SHERIFF.name, "custody"): "J-%07d",
    (SHERIFF.name, "warrant"): "W%02d-%06d",
    (SHERIFF.name, "supervision"): "P-%06d",
    (COURT.name, "court_disposition"): "20%02d-CR-%06d",
    (REGISTRY.name, "vehicle_registration"): "R%09d",
    (REGISTRY.name, "permit"): "PM%08d",
}
_TEMPLATES = {kinds: (text, text.count("%") == 2) for kinds, text in _NUMBERS.items()}


class Scribe:
    """Writes facts of one block after another; `steps` is the number of snapshots."""

    def __init__(self, steps: int, dwellings: int) -> None:
        self.steps = steps
        self.last_day = LAST_DAY + steps - 1
        self._new_share = min(0.5, NEW_SHARE_PER_STEP * (steps - 1))
        self._dwellings = dwellings
        self._counts = dict.fromkeys(_NUMBERS, 0)
        self.uniform: Uniform
        self.block: Block
        self.last_detainee: Person | None = None

    def turn_to(self, block: Block) -> None:
        """Go on with this block's people and draws."""
        self.block = block
        self.uniform = block.uniform

    def count(self, rate: float, size: int) -> int:
        """Return how often something with a rate per head happens to `size` people."""
        return int(rate * size + self.uniform())

    def draw_day(self) -> int:
        """Return a day of the five years before the first snapshot, or one of a later step."""
        u = self.uniform()
        if u < self._new_share:
            return LAST_DAY + 1 + int(u / self._new_share * (self.steps - 1))
        return FIRST_DAY + int(self.uniform() * (LAST_DAY - FIRST_DAY))

    def draw_active(self, day: int, youngest: int = 15) -> Person:
        """Return someone who gets about and is old enough on that day."""
        active = self.block.active
        for _ in range(6):
            person = active[int(self.uniform() * len(active))]
            if day - (person.birth or 0) > youngest * 365.25:
                return person
        return self.block.adults[0] if self.block.adults else person

    def draw_anyone(self, day: int, youngest: int) -> Person:
        """Return any person of the block who was old enough on that day."""
        people = self.block.people
        for _ in range(6):
            person = people[int(self.uniform() * len(people))]
            if day - (person.birth or 0) > youngest * 365.25:
                return person
        return self.draw_active(day)

    def police(self) -> str:
        """Return the police department that has the case: the block's own, one in ten the other."""
        harbor = (self.block.city == "Harbor City") != (self.uniform() < 0.1)
        return HARBOR_CITY.name if harbor else MILLBROOK.name

    def fact(self, department: str, kind: str, day: int) -> Fact:
        """Open a record with the department's next number."""
        kinds = (department, kind)
        self._counts[kinds] = count = self._counts[kinds] + 1
        template, has_year = _TEMPLATES[kinds]
        number = template % ((YEARS[day] % 100, count) if has_year else count)
        return Fact(department, kind, number, day, int(self.uniform() * 1440))

    def name(self, fact: Fact, slot: str, category: str, person: Person, role: str = "") -> Mention:
        """Name a person in the record; `slot` without its number is the role unless given."""
        mention = write_person(
            slot,
            role or slot.rstrip("0123456789-"),
            category,
            person,
            fact.day,
            self.uniform,
            fact.slips,
        )
        fact.people.append(mention)
        return mention

    def vehicle(self, fact: Fact, slot: str, role: str, vehicle: VehicleTruth) -> VehicleMention:
        """Name a vehicle in the record."""
        mention = write_vehicle(slot, role, vehicle, self.uniform, fact.slips)
        fact.vehicles.append(mention)
        return mention

    def organisation(self, fact: Fact, slot: str, role: str, index: int) -> None:
        """Name an organisation in the record."""
        fact.organisations.append(OrganisationMention(slot, role, organisation(index)))

    def somewhere(self) -> Address:
        """Return a dwelling near by, or anywhere in the county one time in five."""
        u = self.uniform()
        if u < 0.2:
            return dwelling(int(u * 5 * self._dwellings))
        people = self.block.people
        return people[int(self.uniform() * len(people))].address

    def place(self, fact: Fact, slot: str, role: str, address: Address, name: str = "") -> Place:
        """Name a location in the record; every third has coordinates of the fictional county."""
        latitude = longitude = ""
        if self.uniform() < 0.33:
            latitude = f"44.{(int(address.number or 0) * 7919) % 90000 + 10000}"
            longitude = f"-69.{(int(address.number or 0) * 6101) % 90000 + 10000}"
        place = Place(slot, role, address, name, latitude, longitude)
        fact.places.append(place)
        return place
