"""Households: who lives together, in the constellations that make record linkage hard.

Relatives share surname, address and often a telephone; twins share the date of birth as well;
Jr/Sr/III share the whole name; shelters and namesakes tie strangers.
"""

from __future__ import annotations

from producers.synthetic.calendar import FIRST_DAY, LAST_DAY
from producers.synthetic.draws import Uniform, weighted_table
from producers.synthetic.identifiers import phone
from producers.synthetic.names import ORIGIN_TABLE, Origin, surname
from producers.synthetic.organisations import OFFICES, SHELTERS, organisation
from producers.synthetic.people import Person
from producers.synthetic.places import Address, dwelling

# (adults, children, grandparents) of each constellation
_SHAPES = weighted_table(
    [
        ((1, 0, 0), 29.0), ((2, 0, 0), 24.0), ((2, 1, 0), 9.0), ((2, 2, 0), 12.0),
        ((2, 3, 0), 5.0), ((1, 1, 0), 6.0), ((1, 2, 0), 4.0), ((2, 2, 1), 3.0),
        ((2, 1, 2), 2.0), ((3, 0, 0), 6.0),
    ],
    200,
)  # fmt: skip
_YEAR = 365.25


class HouseholdMaker:
    """Makes households of one world; all draws come from the uniform source handed in."""

    def __init__(self, dwellings: int, organisations: int) -> None:
        self._dwellings = dwellings
        self._organisations = organisations

    def make(self, first_id: int, room: int, home: int, uniform: Uniform) -> list[Person]:
        """Return the members (at most `room`) of the household at dwelling `home`."""
        origin = ORIGIN_TABLE[int(uniform() * 400)]
        adults, children, elders = _SHAPES[int(uniform() * 200)]
        members = _parents(first_id, adults, origin, uniform)
        family = members[0].surname
        for place in range(children):
            members.append(_child(first_id + len(members), members, family, place, origin, uniform))
        for _ in range(elders):
            members.append(_elder(first_id + len(members), members, origin, uniform))
        del members[room:]
        self._settle(members, home, uniform)
        return members

    def _settle(self, members: list[Person], home: int, uniform: Uniform) -> None:
        first = members[0]
        residences = self._residences(home, uniform)
        shared_line = phone(2 * first.id + 1) if uniform() < 0.3 else ""
        for person in members:
            person.household = first.id
            person.address = residences[-1][1]
            person.residences = residences
            if len(residences) > 1 or person.former_surname:
                person.settled = False
            if shared_line and (person is first or uniform() < 0.6):
                person.phone = shared_line
            if person.licence and uniform() < 0.7:
                self._employ(person, uniform)
        if len(members) == 1 and uniform() < 0.08:
            _shelter(first, uniform)
        if uniform() < 0.08 and first.email:
            for person in members[1:]:
                person.email = first.email

    def _residences(self, home: int, uniform: Uniform) -> tuple[tuple[int, Address], ...]:
        here = (0, dwelling(home))
        u = uniform()
        if u > 0.32:
            return (here,)
        moved = FIRST_DAY + int(u / 0.32 * (LAST_DAY - FIRST_DAY))
        before = dwelling(int(uniform() * self._dwellings))
        if u > 0.08:
            return ((0, before), (moved, here[1]))
        again = min(LAST_DAY, moved + 200 + int(uniform() * 700))
        between = dwelling(int(uniform() * self._dwellings))
        return ((0, before), (moved, between), (again, here[1]))

    def _employ(self, person: Person, uniform: Uniform) -> None:
        u = uniform()
        person.employer = OFFICES + int(u * u * u * (self._organisations - OFFICES))
        if u * 1009 % 1 < 0.08:
            person.phone = organisation(person.employer).phone


def _shelter(person: Person, uniform: Uniform) -> None:
    house = organisation(SHELTERS[int(uniform() ** 2 * len(SHELTERS))])
    person.address = house.address
    person.phone = house.phone
    person.residences = ((0, house.address),)
    person.settled = True


def _birth(age_years: float, uniform: Uniform) -> int:
    return LAST_DAY - int((age_years + uniform()) * _YEAR)


def _parents(first_id: int, adults: int, origin: Origin, uniform: Uniform) -> list[Person]:
    u = uniform()
    age = 19 + u * u * 62
    head = Person(
        first_id, "head", "M" if uniform() < 0.55 else "F", _birth(age, uniform), origin, uniform
    )
    head.surname = surname(origin, uniform)
    if adults == 1:
        return [head]
    sex = head.sex if uniform() < 0.04 else "F" if head.sex == "M" else "M"
    own = origin if uniform() < 0.8 else ORIGIN_TABLE[int(uniform() * 400)]
    partner_age = max(18.0, age + (uniform() - 0.5) * 9)
    partner = Person(first_id + 1, "partner", sex, _birth(partner_age, uniform), own, uniform)
    _name_partner(partner, head, own, uniform)
    if adults == 2:
        return [head, partner]
    lodger = Person(first_id + 2, "lodger", sex, _birth(age, uniform), own, uniform)
    lodger.surname = surname(own, uniform)
    return [head, partner, lodger]


def _name_partner(partner: Person, head: Person, origin: Origin, uniform: Uniform) -> None:
    born = surname(origin, uniform)
    u = uniform()
    if u > 0.6:
        partner.surname = born
        return
    partner.surname = head.surname if u > 0.05 else f"{born}-{head.surname}"
    if u < 0.25:
        partner.former_surname = born
        partner.renamed_on = FIRST_DAY + int(u * 4 * (LAST_DAY - FIRST_DAY))


def _child(
    index: int, family: list[Person], name: str, place: int, origin: Origin, uniform: Uniform
) -> Person:
    head = family[0]
    oldest = max(0.0, min(24.0, (LAST_DAY - (head.birth or 0)) / _YEAR - 19))
    age = oldest * uniform()
    sex = "M" if uniform() < 0.51 else "F"
    before = family[-1]
    is_twin = place > 0 and before.twin < 0 and uniform() < 0.06
    birth = before.birth if is_twin and before.birth is not None else _birth(age, uniform)
    child = Person(index, "child", sex, birth, origin, uniform)
    child.surname = name
    if is_twin:
        _make_twins(before, child, uniform)
    elif child.sex == head.sex == "M" and uniform() < 0.25 and not _has_namesake(family):
        _name_after(child, head, uniform)
    return child


def _has_namesake(family: list[Person]) -> bool:
    return any(person.suffix for person in family[1:])


def _make_twins(elder: Person, younger: Person, uniform: Uniform) -> None:
    younger.twin, elder.twin = elder.id, younger.id
    younger.race, younger.country, younger.ethnicity = elder.race, elder.country, elder.ethnicity
    if uniform() < 0.5 and younger.sex == elder.sex:
        younger.hair, younger.eyes, younger.build = elder.hair, elder.eyes, elder.build
        younger.height, younger.weight = elder.height, elder.weight


def _name_after(child: Person, father: Person, uniform: Uniform) -> None:
    child.given, child.middle = father.given, father.middle
    if father.suffix == "Jr":
        child.suffix = "III"
    else:
        child.suffix = "Jr"
        father.suffix = "Sr" if uniform() < 0.6 else ""


def _elder(index: int, family: list[Person], origin: Origin, uniform: Uniform) -> Person:
    head = family[0]
    birth = (head.birth or 0) - int((22 + uniform() * 14) * _YEAR)
    birth = max(birth, LAST_DAY - int(96 * _YEAR))
    elder = Person(index, "parent", "M" if uniform() < 0.4 else "F", birth, origin, uniform)
    elder.surname = head.surname
    if elder.sex == head.sex == "M" and uniform() < 0.3:
        elder.given, elder.middle, elder.suffix = head.given, head.middle, "Sr"
        head.suffix = "Jr"
        for person in family[1:]:
            person.suffix = person.suffix and "III"
    return elder
