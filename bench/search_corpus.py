"""Records to fill an index with: two people, a vehicle, a place and a narrative each.

Names are skewed as real ones are (a few very common, a long tail); everything follows from the
seed. The records have the shape of `records.v1` and never went through Kafka.
"""

from __future__ import annotations

import hashlib
import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from recordbus.normalize import given_names, phonetic, plates
from recordbus.testing import records as sample


def _listed(words: str) -> list[str]:
    return words.split()


SYLLABLES = _listed(
    "an ar be bo ca da de el en fa ga ha is jo ka la le li lo ma me mi mo na ne no ol or "
    "pa ra re ri ro sa se si so ta te ti to va ve vi wa wi ya za"
)
GIVEN = _listed(
    "JAMES MARY JOHN PATRICIA ROBERT JENNIFER MICHAEL LINDA WILLIAM ELIZABETH DAVID BARBARA "
    "RICHARD SUSAN JOSEPH JESSICA THOMAS SARAH CHARLES KAREN BILL BOB JIM LIZ TONY"
)
SURNAMES = _listed(
    "SMITH JOHNSON WILLIAMS BROWN JONES GARCIA MILLER DAVIS RODRIGUEZ MARTINEZ HERNANDEZ "
    "LOPEZ GONZALEZ WILSON ANDERSON THOMAS TAYLOR MOORE JACKSON MARTIN"
)
STREETS = _listed("MAIN OAK PARK ELM MAPLE CEDAR PINE LAKE HILL WALNUT SPRING NORTH RIDGE")
WORDS = _listed(
    "officer stopped vehicle driver passenger stated that he was seen near the corner store "
    "black jacket knife window broken front door witness reported loud noise night arrested "
    "resisted fled foot alley chain watch phone stolen silver bicycle red backpack "
    "argument"
)
KINDS = ("incident", "arrest", "field_contact", "citation")
BASIS = {"incident": "victim_or_witness_report", "arrest": "arrest",
         "field_contact": "field_contact", "citation": "citation"}  # fmt: skip
START = datetime(2023, 1, 1, tzinfo=UTC)


_REACH = list(accumulate(1 / (rank + 8) for rank in range(50_000)))
"""How far the chances of the first names reach, by rank."""


class Corpus:
    """Makes the same records for the same seed, one by one."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.given = GIVEN + [self._made_up(2, 3) for _ in range(3000)]
        self.words = WORDS + [self._made_up(2, 4).lower() for _ in range(8000)]
        self.surnames = SURNAMES + [self._made_up(2, 4) for _ in range(40_000)]

    def _made_up(self, fewest: int, most: int) -> str:
        parts = self.chance.choices(SYLLABLES, k=self.chance.randint(fewest, most))
        return "".join(parts).upper()

    def skewed(self, names: list[str]) -> str:
        """Choose one; the first is met about twenty times as often as the two hundredth.

        So one person in 40 has the commonest given name, and one in 80 the commonest surname.
        """
        return names[bisect(_REACH, self.chance.random() * _REACH[len(names) - 1])]

    def records(self, count: int) -> Iterator[dict[str, Any]]:
        """Give `count` records as `records.v1` says them, decoded."""
        for number in range(count):
            yield self.record(number)

    def record(self, number: int) -> dict[str, Any]:
        """Give one record."""
        chance = self.chance
        kind = chance.choice(KINDS)
        happened = START + timedelta(minutes=number * 3)
        body_people, people = zip(*(self._person(f"p{n}") for n in range(2)), strict=True)
        vehicle, normal_vehicle = self._vehicle()
        place, normal_place = self._place()
        relation: dict[str, Any] = {
            "relation_id": "0" * 64, "type": "co_arrested", "from_local_id": "p0",
            "to_local_id": "p1", "basis": BASIS[kind], "contact_basis": None,
            "evidence_kind": "assessment" if kind == "incident" else "fact", "grade": None,
            "from_category": "suspect", "to_category": "suspect", "first_date": "2024-01-01",
            "last_date": None, "derived_inputs": [],
        }  # fmt: skip
        return {
            "record_key": hashlib.sha256(str(number).encode()).hexdigest(), "record_kind": kind,
            "department": f"department-{number % 5}", "owner_ori": "MA0130100",
            "version": number + 1, "source_seq": 1, "status": "live", "status_reason": None,
            "content_hash": None, "published_at": happened, "recorded_at": happened,
            "occurred_at": happened, "dissemination_level": "law_enforcement",
            "contact": {"unit": "Records", "phone": "617 555 0100", "email": None},
            "disputes": [], "reviews": [], "flags": [],
            "body": {
                "record_id": f"I{number:08d}",
                "references": [{"type": "case", "number": f"C{number // 3:07d}",
                                "issuer_ori": None}],
                "people": list(body_people), "vehicles": [vehicle], "organisations": [],
                "locations": [place], "phones": [],
                "offences": [{"local_id": "o1", "code": sample.coded("13B"),
                              "description": "Simple assault", "statute": None, "count": 1,
                              "person_local_ids": ["p0"], "disposition": None}],
                "narrative": " ".join(self.skewed(self.words) for _ in range(40)), "assertions": [],
                "details": {},
            },
            "normalised": {
                "people": list(people), "vehicles": [normal_vehicle], "organisations": [],
                "locations": [normal_place], "phones": [], "matters": [],
            },
            "relations": [relation],
        }  # fmt: skip

    def _person(self, local_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        chance = self.chance
        given, surname = self.skewed(self.given), self.skewed(self.surnames)
        birth = (
            f"{chance.randint(1945, 2006)}-{chance.randint(1, 12):02d}-{chance.randint(2, 28):02d}"
        )
        side, place = chance.choice("LR"), chance.choice(("ARM", "HND", "LEG", "NECK"))
        address = self._address()
        phone = f"+1617{chance.randint(2_000_000, 9_999_999)}"
        person = {
            "names": [{"type": "primary", "full": None, "given": given.title(), "middle": None,
                       "surname": surname.title(), "suffix": None}],
            "date_of_birth": {"value": birth, "source": birth},
            "sex": sample.coded(chance.choice("MF")), "race": sample.coded(chance.choice("WBA")),
            "ethnicity": sample.coded("N"),
            "build": sample.coded(chance.choice(("SLIM", "MEDIUM"))),
            "hair_colour": sample.coded(chance.choice(("BRO", "BLK", "BLN", "GRY", "RED"))),
            "eye_colour": sample.coded(chance.choice(("BRO", "BLU", "GRN", "HAZ"))),
            "complexion": sample.coded("MED"), "country_of_birth": sample.coded("USA"),
            "height_inches": chance.randint(60, 76), "height_range": None,
            "weight_pounds": chance.randint(110, 260), "weight_range": None,
            "marks": [{"code": sample.coded(f"TAT {side} {place}"), "description": "a dragon"}],
            "identifiers": [], "phones": [phone], "emails": [], "addresses": [],
        }  # fmt: skip
        normal = {
            "local_id": local_id, "mention_id": f"m.{local_id}",
            "names": [{"type": "primary", "given": given, "middle": None, "surname": surname,
                       "suffix": None, "given_canonical": given_names.canonical(given),
                       "given_codes": list(phonetic.codes(given)),
                       "surname_codes": list(phonetic.codes(surname))}],
            "date_of_birth": birth, "date_of_birth_swapped": None, "birth_year": int(birth[:4]),
            "identifiers": [{"type": "ssn", "issuer": None,
                             "digest": f"{chance.getrandbits(128):032x}"}],
            "phones": [phone], "emails": [], "addresses": [address],
            "marks": [{"category": "TAT", "side": side, "place": place, "text": "A DRAGON"}],
            "placeholders": [],
        }  # fmt: skip
        role = {"local_id": local_id, "role": "arrestee", "subject_category": "suspect",
                "description_only": False, "age_years": None, "age_range": None,
                "person": person}  # fmt: skip
        return role, normal

    def _address(self) -> dict[str, Any]:
        chance = self.chance
        return {
            "street_number": str(chance.randint(1, 999)), "street": f"{chance.choice(STREETS)} ST",
            "unit": None, "city": "BOSTON", "state": "MA",
            "postal_code": f"021{chance.randint(8, 36):02d}", "key": "k",
        }  # fmt: skip

    def _vehicle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        chance = self.chance
        plate = "".join(chance.choices("ABCDEFGHJKLMNPRSTVWXYZ0123456789", k=6))
        vin = "".join(chance.choices("ABCDEFGHJKLMNPRSTVWXYZ0123456789", k=17))
        vehicle = {
            "plate": plate, "plate_state": sample.coded("MA"), "vin": vin,
            "make": sample.coded(chance.choice(("FORD", "TOYT", "HOND", "CHEV"))),
            "model": sample.coded(None, "Sedan"), "style": sample.coded("4D"),
            "colour": sample.coded(chance.choice(("BLU", "BLK", "RED", "SIL", "WHI"))),
            "colour_secondary": None, "year": chance.randint(1999, 2024), "description": None,
        }  # fmt: skip
        normal = {
            "local_id": "v1", "mention_id": "m.v1", "plate": plate,
            "plate_folded": plates.folded(plate), "plate_state": "MA", "vin": vin,
            "vin_valid": True,
        }  # fmt: skip
        return {"local_id": "v1", "role": "vehicle", "vehicle": vehicle}, normal

    def _place(self) -> tuple[dict[str, Any], dict[str, Any]]:
        address = self._address()
        location = {"name": None, "address": {"full": None}, "latitude": None, "longitude": None,
                    "type": None}  # fmt: skip
        role = {"local_id": "l1", "role": "scene", "location": location}
        return role, {"local_id": "l1", "mention_id": "m.l1", "address": address, "key": "k"}
