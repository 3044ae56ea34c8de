"""Schemas that cannot be walked safely are refused before any value is looked at (rows 8-10)."""

from __future__ import annotations

from typing import Any

import pytest

from recordbus.avro.tree import MAX_DEPTH, build
from recordbus.errors import Rejected
from schemas import catalog

RECURSIVE = {"type": "record", "name": "R", "fields": [{"name": "next", "type": ["null", "R"]}]}


def nested(levels: int) -> Any:
    schema: Any = "string"
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


def record(**types: Any) -> Any:
    fields = [{"name": name, "type": of} for name, of in types.items()]
    return {"type": "record", "name": "Outer", "fields": fields}


EMPTY = {"type": "record", "name": "Empty", "fields": []}


@pytest.mark.parametrize(("schema", "reason"), [
    (RECURSIVE, "too_deep"),
    (nested(1000), "too_deep"),
    (nested(MAX_DEPTH), "too_deep"),
    ({"type": "array", "items": "null"}, "too_many_items"),
    ({"type": "array", "items": EMPTY}, "too_many_items"),
    ({"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}}, "too_many_items"),
    (record(**{f"f{n}": "string" for n in range(20_001)}), "too_many_items"),
    ("Unknown", "schema_refused"),
    (["null", ["null", "string"]], "schema_refused"),
    ([], "schema_refused"),
    ({"type": "record", "name": "R"}, "schema_refused"),
    ({"type": "enum", "name": "E", "symbols": []}, "schema_refused"),
    ({"type": "fixed", "name": "F", "size": "wide"}, "schema_refused"),
    (7, "schema_refused"),
    (record(a=EMPTY, b=EMPTY), "schema_refused"),
])  # fmt: skip
def test_an_unsafe_schema_is_refused(schema: Any, reason: str) -> None:
    with pytest.raises(Rejected) as refused:
        build(schema)
    assert refused.value.reason == reason


def test_nesting_up_to_the_limit_is_fine() -> None:
    assert build(nested(MAX_DEPTH - 1)).kind == "array"


@pytest.mark.parametrize("full_name", catalog.value_schemas())
def test_every_schema_of_a_topic_can_be_walked(full_name: str) -> None:
    assert build(catalog.avro_schema(full_name)).kind == "record"


def test_names_are_looked_up_in_their_namespace() -> None:
    inner = {"type": "enum", "name": "E", "symbols": ["A"]}
    types = {"a": inner, "b": "E", "c": "n.E"}
    schema = record(**types) | {"namespace": "n"}
    names = [field.node.name for field in build(schema).fields]
    assert names == ["n.E", "n.E", "n.E"]
