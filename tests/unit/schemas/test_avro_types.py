"""The Avro files put together: self-contained, in order, each type written out once."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from schemas import avro_types, catalog
from schemas.avro_types import inline, named_in
from schemas.errors import CatalogError


def written_out(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for branch in node for name in written_out(branch)]
    if isinstance(node, str):
        return []
    own = [node["name"]] if "name" in node and "type" in node and "doc" in node else []
    fields = [name for f in node.get("fields", ()) for name in written_out(f["type"])]
    return own + fields + written_out(node.get("items", [])) + written_out(node.get("values", []))


@pytest.mark.parametrize("name", catalog.full_names())
def test_every_file_holds_the_type_it_is_named_for(name: str) -> None:
    parsed = json.loads(catalog.avro_text(name))
    assert f"{parsed['namespace']}.{parsed['name']}" == name


@pytest.mark.parametrize("name", catalog.full_names())
def test_a_self_contained_schema_writes_every_type_once(name: str) -> None:
    counted = Counter(written_out(catalog.avro_schema(name)))
    assert set(counted.values()) == {1}
    expected = {needed.rpartition(".")[2] for needed in catalog.registration_order(name)}
    assert set(counted) == expected
    assert json.loads(catalog.self_contained_text(name)) == catalog.avro_schema(name)


@pytest.mark.parametrize("name", catalog.full_names())
def test_registration_goes_from_the_parts_to_the_whole(name: str) -> None:
    order = catalog.registration_order(name)
    assert order[-1] == name
    for place, member in enumerate(order):
        assert set(catalog.references(member)) <= set(order[:place])


def test_every_type_is_used_by_a_topic() -> None:
    used = {n for value in catalog.value_schemas() for n in catalog.registration_order(value)}
    assert used == set(catalog.full_names())


def test_a_schema_is_the_same_object_every_time() -> None:
    name = "recordbus.v1.Record"
    assert catalog.avro_schema(name) is catalog.avro_schema(name)


def test_names_are_found_in_maps_and_arrays() -> None:
    node = {"type": "map", "values": {"type": "array", "items": ["null", "a.B"]}}
    assert list(named_in(node)) == ["a.B"]
    definition: dict[str, Any] = {
        "type": "enum",
        "name": "B",
        "namespace": "a",
        "doc": "D.",
        "symbols": ["x"],
    }
    outer: dict[str, Any] = {"type": "record", "name": "O", "fields": [{"name": "m", "type": node}]}
    made = inline("a.O", {"a.O": outer, "a.B": definition}.__getitem__)
    assert made["fields"][0]["type"]["values"]["items"] == ["null", definition]


@pytest.mark.parametrize("name", ["recordbus.v1.Nothing", "other.Record", "Record"])
def test_an_unknown_type_is_named(name: str) -> None:
    with pytest.raises(CatalogError, match=r"Nothing|is no type of"):
        catalog.avro_schema(name)


def test_a_type_that_contains_itself_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"a.A": ("a.B",), "a.B": ("a.A",)}
    monkeypatch.setattr(avro_types, "references", texts.__getitem__)
    with pytest.raises(CatalogError, match="refers to itself"):
        avro_types.registration_order.__wrapped__("a.A")


def test_every_record_kind_has_details() -> None:
    assert len(catalog.record_kinds()) == 14
    for kind in catalog.record_kinds():
        assert catalog.details_type(kind) in catalog.full_names()
    with pytest.raises(CatalogError, match="rumour"):
        catalog.details_type("rumour")


def test_every_coded_field_names_a_list_there_is() -> None:
    named = {name for fields in catalog.coded_fields().values() for name in fields.values()}
    assert named <= set(catalog.code_list_names())


def test_every_coded_value_of_a_record_has_a_list_except_free_ones() -> None:
    free = {("Vehicle", "model")}
    for full_name in catalog.full_names():
        name = full_name.rpartition(".")[2]
        for field in json.loads(catalog.avro_text(full_name)).get("fields", ()):
            if f"{catalog.NAMESPACE}.CodedValue" in set(named_in(field["type"])):
                listed = field["name"] in catalog.coded_fields().get(name, {})
                assert listed != ((name, field["name"]) in free)
