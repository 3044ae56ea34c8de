"""The rules of a single schema; a hostile one is refused quickly, whatever it holds."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import catalog
from schemas.lint import MAX_DEPTH, lint


def record(*fields: Any, name: str = "Thing", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "doc": "D.", "fields": list(fields), **more}


def field(kind: Any, name: str = "value", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "doc": "D.", **more}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def rules(schema: Any) -> set[str]:
    return {problem.rule for problem in lint(schema)}


def nested(levels: int) -> Any:
    kind: Any = "string"
    for _ in range(levels - 1):
        kind = array(kind)
    return kind


def test_a_plain_schema_passes() -> None:
    assert lint(record(field("string"), field(array("int"), "numbers"))) == ()


@pytest.mark.parametrize("name", catalog.full_names())
def test_every_schema_of_the_bus_passes(name: str) -> None:
    assert lint(catalog.avro_schema(name)) == ()


def test_depth_is_counted_to_the_leaf() -> None:
    assert lint(record(field(nested(MAX_DEPTH - 1)))) == ()
    assert rules(record(field(nested(MAX_DEPTH)))) == {"too_deep"}


def test_depth_counts_where_a_named_type_is_used() -> None:
    """A type may be shallow where it is defined and too deep where it is named again."""
    leaf = record(field(nested(8)), name="Leaf")
    kind: Any = "Leaf"
    for _ in range(8):
        kind = array(kind)
    assert rules(record(field(leaf), field(kind, "deep"))) == {"too_deep"}


@pytest.mark.parametrize(
    "inner", ["Thing", ["null", "Thing"], array("Thing"), {"type": "map", "values": "Thing"}]
)
def test_recursion_is_refused(inner: Any) -> None:
    """Row 8 of the catalogue: 5,000 levels of such a value end the process that decodes it."""
    assert "recursion" in rules(record(field(inner)))


def test_recursion_over_two_types_is_refused() -> None:
    inner = record(field("a.Outer"), name="Inner")
    assert "recursion" in rules(record(field(inner), name="Outer", namespace="a"))


@pytest.mark.parametrize(
    "items",
    [
        "null",
        record(name="Empty"),
        record(field("null"), name="Nothing"),
        {"type": "fixed", "name": "None0", "doc": "D.", "size": 0},
    ],
)
def test_items_of_no_size_are_refused(items: Any) -> None:
    """Row 10 of the catalogue: five bytes can claim ten million of them."""
    assert rules(record(field(array(items)))) == {"zero_width_items"}


@pytest.mark.parametrize(
    "items", ["string", ["null", "int"], array("int"), record(field("int"), name="I")]
)
def test_items_of_some_size_pass(items: Any) -> None:
    assert lint(record(field(array(items)))) == ()


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        (record({"name": "value", "type": "int"}), "missing_doc"),
        (record(field("int", doc=" ")), "missing_doc"),
        ({"type": "enum", "name": "Colour", "symbols": ["red"]}, "missing_doc"),
        (record(field(["null", "int"])), "optional_without_default"),
        (record(field(["int", "null"], default=1)), "optional_without_default"),
        (record(field("int", aliases=["number"])), "alias"),
        (record(field("Nowhere")), "unknown_type"),
        (record(field({"type": "bytes", "logicalType": "decimal"})), "logical_type"),
        (record(field(record(name="A")), field(record(name="A"), "again")), "defined_twice"),
        (record(field(None)), "not_a_schema"),
        (7, "not_a_schema"),
        ({"name": "typeless"}, "not_a_schema"),
    ],
)
def test_each_rule_is_named(schema: Any, rule: str) -> None:
    assert rule in rules(schema)


def test_a_schema_nested_a_thousand_times_is_refused_at_once() -> None:
    """Row 9 of the catalogue."""
    started = time.perf_counter()
    assert "too_deep" in rules(record(field(nested(1000))))
    assert time.perf_counter() - started < 1


def test_types_that_double_at_every_step_are_measured_once() -> None:
    """Sixty types, each naming the one before twice: 2^60 paths, sixty measurements."""
    fields = [field(record(field("int"), name="T0"), "t0")]
    for number in range(1, 60):
        before = f"T{number - 1}"
        twice = record(field(before, "a"), field(before, "b"), name=f"T{number}")
        fields.append(field(twice, f"t{number}"))
    started = time.perf_counter()
    assert "too_deep" in rules(record(*fields))
    assert time.perf_counter() - started < 1


SCRAPS = st.recursive(
    st.one_of(
        st.none(), st.integers(), st.sampled_from(["int", "null", "record", "array", "Thing"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.fixed_dictionaries(
            {"type": inner}, optional={"name": inner, "items": inner, "values": inner}
        ),
        st.fixed_dictionaries(
            {"type": st.just("record"), "name": st.just("Thing")},
            optional={"fields": st.lists(st.fixed_dictionaries({"name": inner, "type": inner}))},
        ),
    ),
    max_leaves=20,
)


@given(SCRAPS)
def test_anything_gets_an_answer(schema: Any) -> None:
    for problem in lint(schema):
        assert str(problem)
