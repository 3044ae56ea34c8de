"""Field contacts drawn at random: two people, a vehicle, a place and a narrative each (pure).

Names are skewed as names are; addresses, phones, dates and identifiers rarely come again.
"""

from __future__ import annotations

import random
from typing import Any

from recordbus.testing import records

_SYLLABLES = ("BAR", "TON", "MER", "LIN", "SEN", "VAL", "OR", "KEN", "DRA", "WOOD", "HAR", "MON")


def name(draw: random.Random) -> str:
    """Draw a name, some far oftener than others."""
    number = int(draw.paretovariate(0.8)) % 4096
    first, rest = number % 12, number // 12
    return (_SYLLABLES[first] + _SYLLABLES[rest % 12] + _SYLLABLES[rest // 12 % 12]).title()


def body(draw: random.Random, number: int) -> dict[str, Any]:
    """Draw a field contact."""
    people = []
    for at in (1, 2):
        born = f"{draw.randint(1940, 2005)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        street = f"{draw.randint(1, 999)} {name(draw)} Street"
        person = records.person(
            name(draw),
            name(draw),
            date_of_birth=records.part("DateValue", value=born, source=born),
            phones=[f"617-{draw.randint(200, 999)}-{draw.randint(0, 9999):04}"],
            identifiers=[
                records.part(
                    "Identifier",
                    type="driver_license",
                    value=f"S{draw.randint(0, 10**8):08}",
                    issuer="MA",
                )
            ],
            addresses=[
                records.part("Address", full=f"{street}, Boston, MA 02{draw.randint(100, 199)}")
            ],
        )
        people.append(records.person_role("field_contact", f"p{at}", person=person))
    plate = f"{draw.randint(0, 9)}{''.join(draw.choices('ABCDEFGH', k=3))}{draw.randint(0, 99):02}"
    vehicle = records.vehicle_role("field_contact", "v1", plate=plate)
    return records.body(record_id=f"FC-{number}", people=people, vehicles=[vehicle])
