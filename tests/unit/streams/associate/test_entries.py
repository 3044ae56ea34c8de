"""Both sides are read in the order of their schemas, in whatever form and version they come."""

from __future__ import annotations

from typing import Any

import pytest

from recordbus.avro.shapes import field_node
from recordbus.avro.tree import Node
from recordbus.errors import Misconfigured
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.associate import sides
from streams.associate.entries import RELATIONS
from streams.associate.handle import ASSOCIATIONS, DESIGNATIONS, IDENTITIES
from streams.associate.stage import associate_stage
from streams.associate.testing import ENTRY, Desk, arrest, resolved

SHAPES: dict[str, Any] = {
    "RecordRelations": sides.Relations,
    "Relation": sides.Relation,
    "RelatedMention": sides.Mention,
    "RelatedDispute": sides.Dispute,
    "RecordEnd": sides.End,
    "RecordIdentities": sides.Identities,
    "ResolvedMention": sides.Resolved,
    "ReachingDisposition": sides.Reaching,
    "PartRemoved": sides.Removed,
    "Tick": sides.Tick,
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_has_the_fields_of_its_schema_in_their_order(name: str) -> None:
    node = records.tree(f"recordbus.v1.{name}")
    assert SHAPES[name]._fields == tuple(field.name for field in node.fields)


def branches() -> tuple[Node, ...]:
    return field_node(records.tree(ENTRY), "content").branches


def test_every_branch_of_an_entry_is_read() -> None:
    assert {each.name.rpartition(".")[2] for each in branches()} == sides.SHAPES.keys()


def test_an_unusual_form_says_the_same() -> None:
    """An array in two blocks: valid Avro that none of our writers makes."""
    plain, unusual, said = Desk(), Desk(), resolved()
    for desk in (plain, unusual):
        desk.intake(arrest())
    first, *others = [
        records.encode(each, "recordbus.v1.ResolvedMention") for each in said["mentions"]
    ]
    value = plain.framed("RecordIdentities", said)
    whole, two = b"\x06" + b"".join((first, *others)), b"\x04" + b"".join(others)
    assert value.count(whole) == 1
    key = f"{said['record_key']}/identify".encode()
    plain.send(key, value)
    unusual.send(key, value.replace(whole, b"\x02" + first + two))
    assert unusual.board == plain.board
    assert plain.board[ASSOCIATIONS]


def renamed(schema: Any) -> Any:
    """Give a schema as a later version of the bus may have it: with one more field."""
    more = {"name": "remark", "type": ["null", "string"], "default": None}
    return {**schema, "fields": [*schema["fields"], more]}


def schema_of(topic: str) -> Any:
    full_name = catalog.topics().spec(topic).value_schema
    assert full_name is not None
    return catalog.avro_schema(full_name)


@pytest.mark.parametrize("topic", [ASSOCIATIONS, DESIGNATIONS, IDENTITIES, RELATIONS])
def test_beside_a_newer_bus_it_writes_and_reads_as_before(topic: str) -> None:
    desk = Desk()
    desk.registry.add(f"{topic}-value", renamed(schema_of(topic)))
    later = Desk()
    later.stage = associate_stage(desk.registry)
    later.machine = later.stage.machine(0)
    for each in (desk, later):
        each.intake(arrest())
        each.identify(resolved())
    assert later.states == desk.states
    assert later.board == desk.board


def test_without_its_schemas_it_does_not_start() -> None:
    registry = MemoryRegistry()
    for topic in (RELATIONS, ASSOCIATIONS, DESIGNATIONS):
        registry.add_topic(topic)
    registry.add(f"{IDENTITIES}-value", renamed(schema_of(IDENTITIES)))
    with pytest.raises(Misconfigured, match=IDENTITIES):
        associate_stage(registry)
