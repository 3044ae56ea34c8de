"""Schemas with references become one document that a reader can parse on its own."""

from __future__ import annotations

from typing import Any

import pytest
from fastavro import parse_schema

from recordbus.errors import Rejected
from recordbus.kafka.inline import MAX_DEPTH, inline

PART = {
    "type": "record",
    "name": "Part",
    "namespace": "a.b",
    "fields": [{"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["X"]}}],
}


def record(*types: Any, name: str = "a.b.Whole") -> dict[str, Any]:
    fields = [{"name": f"f{at}", "type": each} for at, each in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields}


def test_a_name_is_written_out_once_and_named_after_that() -> None:
    whole = inline(record("a.b.Part", {"type": "array", "items": "a.b.Part"}), {"a.b.Part": PART})

    assert whole["fields"][0]["type"] == PART
    assert whole["fields"][1]["type"] == {"type": "array", "items": "a.b.Part"}
    parse_schema(whole)


def test_a_short_name_belongs_to_the_namespace_around_it() -> None:
    whole = inline(record(["null", "Part"]), {"a.b.Part": PART})

    assert whole["fields"][0]["type"] == ["null", PART]


def test_references_of_references_are_written_out_too() -> None:
    middle = record("a.b.Part", name="a.b.Middle")

    whole = inline(record("a.b.Middle"), {"a.b.Middle": middle, "a.b.Part": PART})

    assert whole["fields"][0]["type"]["fields"][0]["type"] == PART
    parse_schema(whole)


def test_a_type_that_names_itself_is_left_recursive_for_the_reader_to_refuse() -> None:
    node = record(["null", "a.b.Whole"])

    assert inline(node, {"a.b.Whole": node}) == node


def test_primitives_and_other_properties_stay() -> None:
    schema = record(
        {"type": "long", "logicalType": "timestamp-micros"}, {"type": "map", "values": "int"}
    )

    assert inline(schema, {}) == schema


def test_a_schema_that_is_too_deep_is_refused() -> None:
    deep: Any = "string"
    for _ in range(MAX_DEPTH + 2):
        deep = {"type": "array", "items": deep}

    with pytest.raises(Rejected) as caught:
        inline(deep, {})

    assert caught.value.reason == "too_deep"


def test_a_schema_of_too_many_parts_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        inline(["string"] * 30_000, {})

    assert caught.value.reason == "too_many_items"
