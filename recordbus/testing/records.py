"""Valid records to test with: every record kind, filled in as a department would (pure).

Nothing here is random: the same arguments give the same record. Tests change what they are about
and leave the rest valid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from recordbus import ids
from recordbus.avro.shapes import field_node
from recordbus.avro.tree import NO_DEFAULT, Node, build
from recordbus.avro.writer import PlainWriter
from schemas import catalog
from schemas.association_rules import association_rules

MOMENT: Final = datetime(2024, 3, 5, 21, 30, tzinfo=UTC)
SECRET: Final = b"a department's secret of 32 bytes"
DEPARTMENT: Final = "harbor-city-pd"
ORI: Final = "MA0130100"
CHANGE: Final = "recordbus.v1.RecordChange"


@cache
def tree(full_name: str) -> Node:
    """Give a type's tree by its full name."""
    return build(catalog.avro_schema(full_name))


@cache
def writer(full_name: str) -> PlainWriter:
    """Give the writer of a type by its full name."""
    return PlainWriter(tree(full_name))


def blank(node: Node) -> Any:
    """Give the emptiest value of a type: defaults, zero, the first symbol, no items."""
    if node.kind == "record":
        return {
            f.name: blank(f.node) if f.default is NO_DEFAULT else deepcopy(f.default)
            for f in node.fields
        }
    if node.kind == "union":
        value = blank(node.branches[0])
        return (node.branches[0].name, value) if node.names_its_branch else value
    if node.kind == "enum":
        return node.symbols[0]
    if node.logical == "timestamp-micros":
        return MOMENT
    return {
        "string": "",
        "bytes": b"",
        "boolean": False,
        "int": 0,
        "long": 0,
        "double": 0.0,
        "array": [],
    }[node.kind]


def part(name: str, /, **fields: Any) -> dict[str, Any]:
    """Give a record of `recordbus.v1` by its short name, blank but for these fields."""
    value: dict[str, Any] = blank(tree(f"recordbus.v1.{name}"))
    unknown = fields.keys() - value.keys()
    assert not unknown, f"{name} has no {sorted(unknown)}"
    return value | fields


def coded(code: str | None, source: str | None = None) -> dict[str, Any]:
    """Give a coded value."""
    return {"code": code, "source": source}


def person(given: str = "Maria", surname: str = "Delgado", **fields: Any) -> dict[str, Any]:
    """Give a person with a name, a date of birth, a description and a phone."""
    name = part("PersonName", type="primary", given=given, surname=surname)
    described = {
        "names": [name],
        "date_of_birth": part("DateValue", value="1985-04-12", source="04/12/1985"),
        "sex": coded("F", "FEMALE"),
        "hair_colour": coded("BRO", "BROWN"),
        "eye_colour": coded("GRN", "GREEN"),
        "height_inches": 66,
        "weight_pounds": 140,
        "marks": [part("Mark", code=coded("TAT L ARM", "tattoo"), description="a swallow")],
        "identifiers": [part("Identifier", type="driver_license", value="S12345678", issuer="MA")],
        "phones": ["617-555-0142"],
        "addresses": [part("Address", full="12 Maple Street, Boston, MA 02118")],
    }
    return part("Person", **(described | fields))


def role(kind: str, part_name: str) -> str:
    """Give the first role of a record kind that a mention of this kind may have."""
    found = [r for r in association_rules()[kind].roles.values() if r.mention_kind == part_name]
    return found[0].name


def person_role(kind: str, local_id: str, name: str = "", **fields: Any) -> dict[str, Any]:
    """Give a person's role; without a name the first that the record kind has."""
    name = name or role(kind, "person")
    category = min(association_rules()[kind].roles[name].subject_categories)
    entry = {"local_id": local_id, "role": name, "subject_category": category, "person": person()}
    return part("PersonRole", **(entry | fields))


def vehicle_role(kind: str, local_id: str, name: str = "", **fields: Any) -> dict[str, Any]:
    """Give a vehicle's role; fields are the vehicle's."""
    described = {
        "plate": "4GH-172",
        "plate_state": coded("MA", "Mass"),
        "vin": "1M8GDM9AXKP042788",
        "make": coded("FORD", "Ford"),
        "colour": coded("BLK", "black"),
        "year": 2014,
    }
    vehicle = part("Vehicle", **(described | fields))
    return part(
        "VehicleRole", local_id=local_id, role=name or role(kind, "vehicle"), vehicle=vehicle
    )


def location_role(kind: str, local_id: str, name: str = "", **fields: Any) -> dict[str, Any]:
    """Give a location's role; fields are the location's."""
    address = part("Address", street_number="400", street="Tremont Street", city="Boston")
    address |= {"state": "MA", "postal_code": "02116"}
    location = part("Location", **({"address": address} | fields))
    return part(
        "LocationRole", local_id=local_id, role=name or role(kind, "location"), location=location
    )


def organisation_role(kind: str, local_id: str, name: str = "", **fields: Any) -> dict[str, Any]:
    """Give an organisation's role; fields are the organisation's."""
    organisation = part("Organisation", **({"name": "Alder Marine Supply, Inc."} | fields))
    return part(
        "OrganisationRole",
        local_id=local_id,
        role=name or role(kind, "organisation"),
        organisation=organisation,
    )


def assertion(relation: str, start: str, end: str, basis: str, **fields: Any) -> dict[str, Any]:
    """Give an assertion with the grade and wording that most bases ask for."""
    stated = {
        "local_id": f"a-{relation}-{start}-{end}-{basis}",
        "relation": relation,
        "from_local_id": start,
        "to_local_id": end,
        "basis": basis,
        "wording": "said so at the desk",
        "grade": {"source": "S2", "information": "B", "handling": "C"},
        "made_at": MOMENT,
    }
    return part("Assertion", **(stated | fields))


def body(kind: str = "field_contact", **fields: Any) -> dict[str, Any]:
    """Give a body of a record kind with two people, a vehicle, a location and a narrative."""
    details_type = catalog.details_type(kind)
    filled = {
        "record_id": "FC-2024-000317",
        "people": [
            person_role(kind, "p1"),
            person_role(kind, "p2", person=person("Ruth", "Delgado-Pires")),
        ],
        "vehicles": [vehicle_role(kind, "v1")],
        "locations": [location_role(kind, "l1")],
        "narrative": "Officers spoke with both beside the parked car and moved on. " * 5,
        "details": (details_type, blank(tree(details_type))),
    }
    return part("RecordBody", **(filled | fields))


def change(kind: str = "field_contact", **fields: Any) -> dict[str, Any]:
    """Give a complete, stamped change; without `body` and when live, a whole body.

    The event id is that of the content unless it is given.
    """
    stamped = {
        "record_key": ids.record_key(SECRET, kind, "FC-2024-000317"),
        "record_kind": kind,
        "owner_ori": ORI,
        "source_seq": 1,
        "status": "live",
        "recorded_at": MOMENT,
        "occurred_at": MOMENT,
        "contact": part("Contact", unit="Records desk", phone="617-555-0100"),
    } | fields
    if "body" not in stamped:
        stamped["body"] = body(kind) if stamped["status"] == "live" else None
    value = part("RecordChange", **stamped)
    if "event_id" not in fields:
        value["event_id"] = event_id(value)
    return value


def event_id(value: Mapping[str, Any], schema: Node | None = None) -> str:
    """Give the event id that a change's content asks for, written with this or our own schema."""
    written = _body_writer() if schema is None else PlainWriter(field_node(schema, "body"))
    body = written.write(value["body"])
    content = "" if value["body"] is None else ids.content_hash(body)
    return ids.event_id(value["record_key"], value["source_seq"], value["status"], content)


@cache
def _body_writer() -> PlainWriter:
    return PlainWriter(field_node(tree(CHANGE), "body"))


def removal(status: str, source_seq: int, **fields: Any) -> dict[str, Any]:
    """Give a change that takes the record away."""
    return change(status=status, source_seq=source_seq, status_reason="court_order", **fields)


def encode(value: Mapping[str, Any], full_name: str = CHANGE) -> bytes:
    """Give a value's Avro bytes, without framing."""
    return writer(full_name).write(value)


def people(kind: str, *roles: str) -> Sequence[dict[str, Any]]:
    """Give one person for each role named, with local ids p1, p2 and so on."""
    return [person_role(kind, f"p{at}", name) for at, name in enumerate(roles, 1)]
