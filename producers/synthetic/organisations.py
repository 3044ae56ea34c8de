"""Employers, shops, shelters and offices: whose telephone and address many people share.

An organisation is a pure function of its index. Indexes below `OFFICES` are the fixed ones: the
county jail, the supervision office and the shelters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from producers.synthetic.identifiers import AREA_CODES
from producers.synthetic.places import Address, premises

JAIL = 0
SUPERVISION_OFFICE = 1
SHELTERS = range(2, 10)
OFFICES = 10
_SHELTER_NAMES = (
    "Harbor Light Shelter",
    "Millbrook Night Shelter",
    "Alder House",
    "Lantern Street Mission",
    "Open Door Family Shelter",
    "Breakwater Hostel",
    "St. Brendan Shelter",
    "Quarry Road Shelter",
)
_FIRST = (
    "Harbor City", "Millbrook", "Alder", "Beacon", "Anchor", "North Shore", "Granite", "Compass",
    "Lighthouse", "Pine Tree", "Ferry Point", "Quarry", "Tidewater", "Old Mill", "Schooner",
    "Red Barn", "Osprey", "Driftwood", "Cannery", "Summit",
)  # fmt: skip
_SECOND = (
    ("Grocery", "retail"), ("Auto Repair", "business"), ("Bakery", "business"),
    ("Hardware", "retail"), ("Liquors", "retail"), ("Diner", "restaurant"), ("Tavern", "bar"),
    ("Pharmacy", "retail"), ("Logistics", "business"), ("Medical Center", "hospital"),
    ("High School", "school"), ("Savings Bank", "bank"), ("Motel", "hotel"),
    ("Fuel", "gas_station"), ("Roofing", "business"), ("Cleaning", "business"),
    ("Seafood", "business"), ("Storage", "business"), ("Apartments", "business"),
    ("Landscaping", "business"),
)  # fmt: skip


class OrganisationTruth(NamedTuple):
    """One organisation: number, name, type word, switchboard digits, tax id digits, address."""

    number: int
    name: str
    type: str
    phone: str
    tax_id: str
    address: Address


def _named(index: int) -> tuple[str, str]:
    if index == JAIL:
        return "Alder County Jail", "jail"
    if index == SUPERVISION_OFFICE:
        return "Alder County Community Supervision", "government"
    if index in SHELTERS:
        return _SHELTER_NAMES[index - SHELTERS.start], "shelter"
    rank, second = divmod(index - OFFICES, len(_SECOND))
    branch, first = divmod(rank, len(_FIRST))
    word, kind = _SECOND[second]
    name = f"{_FIRST[first]} {word}"
    return (f"{name} No. {branch + 1}" if branch else name), kind


@lru_cache(maxsize=4096)
def organisation(index: int) -> OrganisationTruth:
    """Return organisation `index`; its telephone is on one of the last twenty area codes."""
    name, kind = _named(index)
    area = AREA_CODES[-1 - index % 20]
    return OrganisationTruth(
        index,
        name,
        kind,
        f"{area}555{2000 + index // 20 * 7 % 7000:04d}",
        f"00{index * 7919 % 10_000_000:07d}",
        premises(index),
    )


def organisation_count(people: int) -> int:
    """Return how many organisations a world of `people` has."""
    return OFFICES + max(40, people // 120)
