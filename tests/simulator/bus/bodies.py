"""The records of a small town in which everybody is easily taken for somebody else.

A few people, cars and firms share names, phones, addresses and numbers, and departments write them
down with gaps and slips, in all record kinds. Every content carries a mark of its own, so that it
can be looked for in whatever is left at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple

from recordbus.avro.shapes import field_node
from recordbus.normalize.vins import check_digit
from recordbus.testing import records
from schemas import catalog
from schemas.association_rules import association_rules
from schemas.types import MentionKind

TODAY: Final = datetime.fromisoformat("2024-06-03T12:00:00+00:00")
KINDS: Final = tuple(association_rules())
_BEFORE_COURTS: Final = ("arrest", "booking", "court_disposition", "court_disposition")
_HOUSES: Final = (
    "Maple Street, Boston, MA 02118",
    "Quarry Road, Boston, MA 02116",
    "Shelter Avenue, Boston, MA 02118",
)
_PHONES: Final = ("0142", "0143", "0199")
_SYLLABLES: Final = ("ba", "ke", "li", "mo", "nu", "pra", "se", "ti", "vo", "zu")
# given, surname, birth, sex, licence, phone, house
_PEOPLE: Final = (
    ("Maria", "Delgado", "1985-04-12", "F", 12345678, 0, 0),
    ("Mario", "Delgado", "1985-04-12", "M", 12345679, 0, 0),
    ("Joseph", "Delgado", "1958-11-30", "M", 55500111, 1, 0),
    ("Ruth", "Okafor", "1991-07-23", "F", 90210333, 1, 1),
    ("Ruth", "Okafor", "1991-07-23", "F", 44498765, 2, 2),
    ("Wendell", "Abernathy", "2008-02-17", "M", 31415926, 2, 2),
)
_SLIPS: Final = {"Maria": "Marya", "Joseph": "Joe", "Wendell": "Wendel", "Ruth": "Ruthie"}
_CARS: Final = (
    ("4GH172", "1M8GDM9AXKP042788", "FORD"),
    ("4GHI72", "1HGCM82633A004352", "HOND"),
    ("PSU9134", "", "DODG"),
)
_FIRMS: Final = (
    ("Alder Marine Supply, Inc.", "04-1234567"),
    ("Alder Marine", ""),
    ("Quarry Road Shelter", "04-7654321"),
)
_NUMBERS: Final = ("01", "02")
_ISSUER: Final = "MA0130100"
_STATUSES: Final = {
    "warrant_status": ("ACTIVE", "SERVED"),
    "incident_status": ("OPEN", "CLOSED"),
    "permit_status": ("ACTIVE", "REVOKED"),
}
_OUTCOMES: Final = ("dismissed", "acquitted", "convicted", "unfounded", "pending", "deferred")
_GRADE: Final = {"source": "S2", "information": "B", "handling": "C"}


class Scene(NamedTuple):
    """What the records of one world are about: who comes up in them, where, and in which kinds."""

    people: Sequence[Sequence[Any]]
    phones: Sequence[str]
    houses: Sequence[str]
    kinds: Sequence[str]
    numbers: Sequence[str]
    cars: Sequence[Sequence[str]]
    firms: Sequence[Sequence[str]]


def scene(random: Random, town: int = 0) -> Scene:
    """Choose who comes up; now and then all of it is about one case.

    Nobody of one town has a name, number, house, car or firm of another, so that what a bus knows
    grows by towns and not by what is said of the same car.
    """
    people = [_from(town, *each) for each in random.sample(_PEOPLE, random.choice((1, 2, 3, 6)))]
    phones = [f"617-{555 + town:03}-{each}" for each in _PHONES]
    houses = [f"{12 + town} {each}" for each in _HOUSES]
    numbers = [f"24-{town:04}{each}" for each in _NUMBERS]
    cars = [_car_from(town, *each) for each in _CARS]
    firms = [_firm_from(town, *each) for each in _FIRMS]
    kinds: Sequence[str] = (*KINDS, *_BEFORE_COURTS)
    if random.random() < 0.4:
        kinds, numbers = _BEFORE_COURTS, numbers[:1]
    return Scene(people, phones, houses, kinds, numbers, cars, firms)


def _from(
    town: int, given: str, surname: str, born: str, sex: str, licence: int, *rest: int
) -> Any:
    """Give somebody of a town by a name that sounds like none of another."""
    if not town:
        return given, surname, born, sex, f"S{licence:08}", *rest
    later = 37 * (town % 100)  # beyond that somebody would be born after what they did
    day = date.fromisoformat(born) + timedelta(days=later)
    named = (_sound_of(town) + surname[1:].lower()).title()
    return given, named, day.isoformat(), sex, f"S{licence + 7919 * town:08}", *rest


def _car_from(town: int, plate: str, vin: str, make: str) -> tuple[str, str, str]:
    """Give a car of a town, as easily taken for its others as those of all towns are."""
    if not town:
        return plate, vin, make
    if vin:
        unchecked = f"{vin[:11]}{(int(vin[11:]) + 7919 * town) % 10**6:06}"
        vin = f"{unchecked[:8]}{check_digit(unchecked)}{unchecked[9:]}"
    return f"{town:03}{plate[-4:]}", vin, make


def _firm_from(town: int, name: str, number: str) -> tuple[str, str]:
    """Give a firm of a town."""
    if not town:
        return name, number
    if number:
        number = f"{number[:3]}{(int(number[3:]) + 7919 * town) % 10**7:07}"
    return f"{_sound_of(town).title()} {name.partition(' ')[2]}", number


def _sound_of(town: int) -> str:
    return "".join([_SYLLABLES[int(digit)] for digit in str(town)])


def body(random: Random, scene: Scene, kind: str, record_id: str, mark: str) -> dict[str, Any]:
    """Make up what a live record of a kind says."""
    count = random.choice((1, 1, 2, 3))
    people = [_person_role(random, scene, kind, f"p{n}") for n in range(1, count + 1)]
    found = records.part(
        "RecordBody",
        record_id=record_id,
        people=people,
        vehicles=_maybe(random, 0.4, lambda: _vehicle_role(random, scene, kind)),
        organisations=_maybe(random, 0.3, lambda: _organisation_role(random, scene, kind)),
        locations=_maybe(random, 0.3, lambda: _location_role(random, scene, kind)),
        phones=_maybe(random, 0.2, lambda: _phone_role(random, scene, kind)),
        references=_references(random, scene, kind),
        narrative=mark,
        details=(catalog.details_type(kind), _details(random, scene, kind)),
    )
    found["offences"] = _maybe(random, 0.5, lambda: _offence(random, people))
    found["assertions"] = _assertions(random, kind, found)
    return found


def _maybe(random: Random, chance: float, make: Any) -> list[Any]:
    return [make()] if random.random() < chance else []


@cache
def _roles(kind: str, mention_kind: MentionKind) -> Sequence[str]:
    return sorted(association_rules()[kind].roles_of(mention_kind))


def _person_role(random: Random, scene: Scene, kind: str, local_id: str) -> dict[str, Any]:
    rules = association_rules()[kind]
    names = [role for role in rules.roles.values() if role.mention_kind == "person"]
    role = random.choice(names[:1] * 3 + names)
    nobody = role.name == "described_suspect" and random.random() < 0.5
    return records.part(
        "PersonRole",
        local_id=local_id,
        role=role.name,
        subject_category=random.choice(sorted(role.subject_categories)),
        description_only=nobody,
        age_years=random.choice((None, None, None, 16, 34)),
        person=records.part("Person") if nobody else _person(random, scene),
    )


def _person(random: Random, scene: Scene) -> dict[str, Any]:
    """Write one of the people down, with gaps and slips."""
    given, surname, born, sex, licence, phone, house = random.choice(scene.people)
    keeps = random.random
    if keeps() < 0.1:
        given = _SLIPS.get(given, given)
    if keeps() < 0.08:
        surname = random.choice(("Delgado", "Okafor", "Abernathy", "Pires"))
    if keeps() < 0.2:
        phone, house = random.choice((0, 1, 2)), random.choice((0, 1, 2))
    number = records.part("Identifier", type="driver_license", value=licence, issuer="MA")
    return records.part(
        "Person",
        names=[records.part("PersonName", type="primary", given=given, surname=surname)],
        date_of_birth=records.part("DateValue", value=born) if keeps() < 0.8 else None,
        sex=records.coded(sex),
        identifiers=[number] if keeps() < 0.5 else [],
        phones=[scene.phones[phone]] if keeps() < 0.7 else [],
        addresses=[records.part("Address", full=scene.houses[house])] if keeps() < 0.7 else [],
    )


def _vehicle_role(random: Random, scene: Scene, kind: str) -> dict[str, Any]:
    plate, vin, make = random.choice(scene.cars)
    vehicle = records.part(
        "Vehicle",
        plate=plate if random.random() < 0.9 else None,
        plate_state=records.coded("MA") if random.random() < 0.8 else None,
        vin=vin if vin and random.random() < 0.6 else None,
        make=records.coded(make),
    )
    role = random.choice(_roles(kind, "vehicle"))
    return records.part("VehicleRole", local_id="v1", role=role, vehicle=vehicle)


def _organisation_role(random: Random, scene: Scene, kind: str) -> dict[str, Any]:
    name, number = random.choice(scene.firms)
    numbers = [records.part("Identifier", type="tax_id", value=number)] if number else []
    firm = records.part(
        "Organisation",
        name=name,
        identifiers=numbers if random.random() < 0.6 else [],
        phones=[random.choice(scene.phones)],
        addresses=[records.part("Address", full=random.choice(scene.houses))],
    )
    role = random.choice(_roles(kind, "organisation"))
    return records.part("OrganisationRole", local_id="o1", role=role, organisation=firm)


def _location_role(random: Random, scene: Scene, kind: str) -> dict[str, Any]:
    address = records.part("Address", full=random.choice(("", *scene.houses)))
    role = random.choice(_roles(kind, "location"))
    place = records.part("Location", address=address)
    return records.part("LocationRole", local_id="l1", role=role, location=place)


def _phone_role(random: Random, scene: Scene, kind: str) -> dict[str, Any]:
    role = random.choice(_roles(kind, "phone"))
    return records.part("PhoneRole", local_id="t1", role=role, number=random.choice(scene.phones))


def _references(random: Random, scene: Scene, kind: str) -> list[dict[str, Any]]:
    """Name the matters that a record belongs to; a court names at least one."""
    named = ["case", "case", "arrest", "incident", "docket"]
    about_one_case = len(scene.numbers) == 1
    if about_one_case:
        named = ["case", "case", "case", "arrest"]
    count = random.choice((1, 2) if about_one_case or kind == "court_disposition" else (0, 1, 1, 2))
    return [
        records.part(
            "RecordReference",
            type=random.choice(named),
            number=random.choice(scene.numbers),
            issuer_ori=_ISSUER,
        )
        for _ in range(count)
    ]


def _offence(random: Random, people: Sequence[Any]) -> dict[str, Any]:
    named = [each["local_id"] for each in people if random.random() < 0.8]
    return records.part("Offence", local_id="f1", code=records.coded("240"), person_local_ids=named)


def _details(random: Random, scene: Scene, kind: str) -> dict[str, Any]:
    """Fill in what relations and their ends depend on."""
    tree = records.tree(catalog.details_type(kind))
    return {
        name: _detail(random, scene, kind, name, value) if random.random() < 0.6 else value
        for name, value in records.blank(tree).items()
    }


def _detail(random: Random, scene: Scene, kind: str, name: str, blank: Any) -> Any:
    if name in _STATUSES:
        return records.coded(random.choice(_STATUSES[name]))
    if name == "outcome" and kind == "court_disposition":
        return random.choice(_OUTCOMES)
    if name == "contact_basis":
        return random.choice(("encounter", "intel", "probable_cause"))
    if name == f"{kind.removeprefix('court_').replace('disposition', 'docket')}_number":
        return random.choice(scene.numbers)
    if name == "grade":
        return random.choice((None, records.part("Grade", **_GRADE)))
    if name in ("valid_from", "valid_to"):
        return records.part("DateValue", value=_day(random, name == "valid_to"))
    if name.endswith("_at") and _is_instant(kind, name):
        return TODAY + timedelta(days=random.choice((-700, -60, -3, 0, 300, 1200)))
    return blank


def _day(random: Random, is_end: bool) -> str:
    year = random.choice((2024, 2025, 2027) if is_end else (2022, 2023, 2024))
    return random.choice((f"{year}", f"{year}-07", f"{year}-07-04"))


@cache
def _is_instant(kind: str, name: str) -> bool:
    node = field_node(records.tree(catalog.details_type(kind)), name)
    return any(branch.logical == "timestamp-micros" for branch in (node, *node.branches))


def _assertions(random: Random, kind: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """State what somebody said of two people, or of a person and a firm, where rules allow it."""
    entries = {each["local_id"]: each for each in (*body["people"], *body["organisations"])}
    allowed = [
        (rule, a, b)
        for rule in association_rules()[kind].relations
        if rule.asserted and rule.enabled
        for a in entries
        for b in entries
        if a != b and _stands(entries[a], rule.from_roles, rule.from_categories)
        and _stands(entries[b], rule.to_roles, rule.to_categories)
    ]  # fmt: skip
    if not allowed or random.random() < 0.6:
        return []
    rule, a, b = random.choice(allowed)
    made_at = TODAY - timedelta(days=random.choice((10, 500, 1500)))
    return [records.assertion(rule.type, a, b, rule.basis, made_at=made_at)]


def _stands(entry: dict[str, Any], roles: Any, categories: Any) -> bool:
    category = entry.get("subject_category")
    return entry["role"] in roles and (category is None or category in (categories or ()))
