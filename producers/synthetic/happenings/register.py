"""What the state's registry knows: vehicles with their owners, and permits."""

from __future__ import annotations

from producers.synthetic.calendar import FIRST_DAY, LAST_DAY
from producers.synthetic.departments import REGISTRY
from producers.synthetic.facts import Fact
from producers.synthetic.happenings.scribe import Scribe
from producers.synthetic.people import Person
from producers.synthetic.vehicles import VehicleTruth

PERMIT_RATE = 0.03
_PERMITS = ("Taxi driver", "Food truck", "Concealed handgun", "Street vendor", "Tow operator")


def registrations(scribe: Scribe, facts: list[Fact]) -> None:
    """Register each vehicle of the block on its owners, or on the organisation that owns it."""
    people = {person.id: person for person in scribe.block.people}
    facts.extend(
        _registration(scribe, vehicle, [people[owner] for owner in vehicle.owners])
        for vehicle in scribe.block.vehicles
    )


def _registration(scribe: Scribe, vehicle: VehicleTruth, owners: list[Person]) -> Fact:
    u = scribe.uniform()
    of_age = max(owner.birth or 0 for owner in owners) + 16 * 366
    since = min(LAST_DAY, max(FIRST_DAY, of_age))
    day = since + int(u * (LAST_DAY - since))
    fact = scribe.fact(REGISTRY.name, "vehicle_registration", day)
    scribe.vehicle(fact, "vehicle", "registered_vehicle", vehicle)
    if vehicle.organisation is not None:
        scribe.organisation(fact, "owner-organisation", "owner_organisation", vehicle.organisation)
        address = fact.organisations[0].organisation.address
    else:
        for place, person in enumerate(owners, 1):
            scribe.name(fact, f"owner-{place}", "other", person, "registered_owner")
        address = fact.people[0].person.address
    scribe.place(fact, "owner-address", "owner_location", address)
    fact.details = {"valid_to_day": fact.day + 365 * (1 + int(u * 17 % 1 * 6))}
    return fact


def permit(scribe: Scribe, facts: list[Fact]) -> None:
    """Somebody holds a permit, often for work, sometimes with a vehicle."""
    uniform = scribe.uniform
    day = FIRST_DAY + int(uniform() * (LAST_DAY - FIRST_DAY))
    fact = scribe.fact(REGISTRY.name, "permit", day)
    holder = scribe.draw_active(day, 18)
    mention = scribe.name(fact, "holder", "other", holder)
    u = uniform()
    if holder.employer >= 0:
        scribe.organisation(fact, "employer", "employer", holder.employer)
    vehicle = scribe.block.cars.get(holder.id)
    if vehicle is not None and u < 0.4:
        scribe.vehicle(fact, "vehicle", "permitted_vehicle", vehicle)
    scribe.place(fact, "holder-address", "holder_location", mention.person.address)
    fact.refer(fact)
    fact.details = {
        "permit_type": _PERMITS[int(u * 31 % 1 * 5)],
        "permit_status": "active" if u < 0.8 else "expired",
        "valid_to_day": day + 730,
    }
    facts.append(fact)
