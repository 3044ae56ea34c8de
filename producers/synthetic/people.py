"""A person of the truth, and the views of that person at a date.

Departments never see a `Person` directly: the clerk hands them the person as of a day, often as it
is, sometimes as an altered copy. A copy shares nothing that can change.
"""

from __future__ import annotations

from producers.synthetic.appearance import (
    RACE_BY_ORIGIN,
    birth_country,
    build_of,
    complexion,
    eye_colour,
    hair_colour,
    height_inches,
    marks,
    weight_pounds,
)
from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.draws import Uniform
from producers.synthetic.identifiers import phone, ssn
from producers.synthetic.names import Origin
from producers.synthetic.places import Address

_MONIKERS = (
    "Red", "Tiny", "Slim", "Doc", "Ace", "Shorty", "Big Mike", "Lefty", "Duke", "Smoke", "Chef",
    "Rook", "Fish", "Bones", "Blue", "Sparky", "Turtle", "Champ", "Scooter", "Moose",
)  # fmt: skip


class Person:
    """One person with everything a department may know; days are ordinals, `birth` too.

    `residences` holds (from day, address), oldest first, and `address` the present one;
    `former_surname` was in use before `renamed_on`. A written copy may have `birth` None and empty
    texts: those are the gaps.
    """

    id: int
    household: int
    kin: str
    sex: str
    given: str
    middle: str
    surname: str
    birth: int | None
    origin: str
    race: str
    ethnicity: str
    height: int
    weight: int
    hair: str
    eyes: str
    complexion: str
    build: str
    country: str
    marks: tuple[tuple[str, str], ...]
    ssn: str
    phone: str
    address: Address
    residences: tuple[tuple[int, Address], ...]
    # What most people lack is set only on those who have it: Python shares the attribute names of
    # a class up to thirty, and people are made faster that way.
    suffix: str = ""
    licence: str = ""
    state_id: str = ""
    email: str = ""
    moniker: str = ""
    former_surname: str = ""
    renamed_on: int = 0
    employer: int = -1
    twin: int = -1
    settled: bool = True
    described_age: int = 0

    def __init__(
        self, index: int, kin: str, sex: str, birth: int, origin: Origin, uniform: Uniform
    ) -> None:
        age = (LAST_DAY - birth) // 365
        u = uniform()
        table = origin.female if sex == "F" else origin.male
        self.id = index
        self.kin = kin
        self.sex = sex
        self.given = table[int(u * 2048)]
        self.middle = table[int(uniform() * 2048)] if u * 977 % 1 < 0.8 else ""
        self.birth = birth
        self.origin = origin.name
        self._look(age, uniform)
        self.ssn = ssn(index)
        self.phone = phone(2 * index)
        if uniform() < 0.04:
            self.moniker = _MONIKERS[int(u * 9973 % 1 * 20)]
        if age >= 16:
            self._papers(index, uniform())

    def _look(self, age: int, uniform: Uniform) -> None:
        self.race = RACE_BY_ORIGIN[self.origin][int(uniform() * 100)]
        self.ethnicity = "H" if self.origin == "hispanic" else "U" if uniform() < 0.04 else "N"
        self.height = height_inches(self.sex, age, uniform(), uniform())
        self.weight = weight_pounds(self.height, age, uniform())
        self.hair = hair_colour(self.race, age, uniform())
        v = uniform()
        self.eyes = eye_colour(self.race, v)
        self.complexion = complexion(self.race, v * 31 % 1)
        self.build = build_of(self.height, self.weight, self.sex == "M" and v < 0.08)
        self.country = birth_country(self.origin, v * 577 % 1)
        self.marks = marks(uniform, age >= 17)

    def _papers(self, index: int, u: float) -> None:
        number = f"{(index * 6_700_417 + 1_000_003) % 10_000_000:07d}"
        if u < 0.84:
            self.licence = number
        else:
            self.state_id = "S" + number
        if u * 100 % 1 < 0.45:
            self.email = f"{self.given}.{index % 100000}@mail.example".lower()

    def rewritten(self) -> Person:
        """Return a copy that may be altered without altering this person."""
        copy = Person.__new__(Person)
        copy.__dict__.update(self.__dict__)
        return copy

    def address_on(self, day: int) -> Address:
        """Return where the person lived on a day."""
        address = self.residences[0][1]
        for since, place in self.residences:
            if since <= day:
                address = place
        return address

    def as_of(self, day: int) -> Person:
        """Return the person with the name and address of that day; itself when nothing differs."""
        if self.settled:
            return self
        address = self.address_on(day)
        former = bool(self.former_surname) and day < self.renamed_on
        if address is self.address and not former:
            return self
        view = self.rewritten()
        view.address = address
        if former:
            view.surname, view.former_surname = self.former_surname, ""
        return view


def age_on(person: Person, day: int) -> int:
    """Return the age in whole years on a day (of the true person, whose birth is known)."""
    return 0 if person.birth is None else int((day - person.birth) / 365.25)
