"""Dwellings and premises of the two fictional cities, computed from their number.

An address is a pure function of its index, so that a household can move to any dwelling without
anyone holding a list of them. ZIP codes lie in 00301-00339, which were never assigned; their
leading zeros are what spreadsheets lose.
"""

from __future__ import annotations

from typing import NamedTuple

from producers.synthetic.departments import STATE
from producers.synthetic.draws import data_lines

NEIGHBOURHOOD = 128
_CITY_OF = ("Harbor City", "Millbrook", "Harbor City", "Millbrook", "Harbor City")
_ZIPS = {
    city: tuple(f"{base + part:05d}" for part in range(12))
    for city, base in (("Harbor City", 301), ("Millbrook", 321))
}
_TYPES = ("St", "Ave", "Rd", "Ln", "Ct", "Dr")


class Address(NamedTuple):
    """A postal address; `unit` is empty for a house."""

    number: str
    street: str
    unit: str
    city: str
    postal_code: str
    state: str = STATE

    @property
    def line(self) -> str:
        """Return number, street and unit on one line."""
        return f"{self.number} {self.street}{' ' + self.unit if self.unit else ''}"


NOWHERE = Address("", "", "", "", "", "")


def _streets() -> tuple[str, ...]:
    names = " ".join(data_lines("streets.txt")).split()
    return tuple(f"{name} {kind}" for kind in _TYPES for name in names)


STREETS = _streets()


def city_of_neighbourhood(index: int) -> str:
    """Return the city a neighbourhood lies in: three of five are in Harbor City."""
    return _CITY_OF[index % 5]


def dwelling(index: int) -> Address:
    """Return the address of dwelling `index`; every sixth street is one of apartment houses."""
    neighbourhood, place = divmod(index, NEIGHBOURHOOD)
    city = _CITY_OF[neighbourhood % 5]
    rank, street = divmod(neighbourhood // 5 * NEIGHBOURHOOD + place, len(STREETS))
    unit = ""
    if street % 6 == 5:
        rank, apartment = divmod(rank, 24)
        unit = f"Apt {apartment // 6 + 1}{'ABCDEF'[apartment % 6]}"
    number = 3 + (rank * 613 + street * 37) % 2399
    if neighbourhood % 5 > 1:
        number += 2400 * (neighbourhood % 5 - 1)
    return Address(str(number), STREETS[street], unit, city, _ZIPS[city][street % 12])


def premises(index: int) -> Address:
    """Return the business address `index`: even numbers above 10000 on the first streets."""
    city = _CITY_OF[index % 5]
    street = index % 90
    return Address(
        str(10000 + 2 * (index // 90)),
        STREETS[street],
        "",
        city,
        _ZIPS[city][street % 12],
    )
