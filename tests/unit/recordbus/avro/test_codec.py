"""The compiled reader and writer, the walker and fastavro give the same answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus.avro.reader import NotPlain, PlainReader
from recordbus.avro.shapes import parted
from recordbus.avro.tree import Node, build
from recordbus.avro.walker import walk
from recordbus.avro.writer import PlainWriter, text
from recordbus.errors import Rejected
from recordbus.testing import records
from recordbus.testing.values import values_of
from schemas import catalog

CHANGE = records.tree(records.CHANGE)
PUBLISHED = ("recordbus.v1.RecordChange", "recordbus.v1.Record", "recordbus.v1.Upkeep",
             "recordbus.v1.Quarantined")  # fmt: skip


def by_fastavro(full_name: str, data: bytes) -> Any:
    schema = parse_schema(dict(catalog.avro_schema(full_name)))
    options: dict[str, Any] = dict(catalog.READ_OPTIONS)
    return schemaless_reader(BytesIO(data), schema, None, **options)


@pytest.mark.parametrize("full_name", PUBLISHED)
@settings(max_examples=40)
@given(data=st.data())
def test_all_four_agree_on_any_valid_value(full_name: str, data: st.DataObject) -> None:
    node = records.tree(full_name)
    value = data.draw(values_of(node))
    buffer = BytesIO()
    schemaless_writer(buffer, parse_schema(dict(catalog.avro_schema(full_name))), value)
    written = PlainWriter(node).write(value)
    assert written == buffer.getvalue()
    assert by_fastavro(full_name, written) == value
    assert PlainReader(node).read(written) == (value, -1)
    assert walk(node, written) == value
    in_order, _ = PlainReader(node, as_tuples=True).read(written)
    assert PlainWriter(node, of_tuples=True).write(in_order) == written


@pytest.mark.parametrize("kind", catalog.record_kinds())
def test_every_record_kind_round_trips(kind: str) -> None:
    change = records.change(kind)
    written = records.encode(change)
    value, mark = PlainReader(CHANGE, offset_of="body").read(written)
    assert value == change
    assert written[mark:] == b"\x02" + records.encode(change["body"], "recordbus.v1.RecordBody")


def wanted_of(node: Node, only: Mapping[str, Collection[str]], value: Any) -> Any:
    """Give a value without the fields that nobody wants."""
    if node.kind == "record":
        wanted = only.get(node.name, value)
        return {
            field.name: wanted_of(field.node, only, value[field.name])
            for field in node.fields
            if field.name in wanted
        }
    if node.kind == "array":
        assert node.items is not None
        return [wanted_of(node.items, only, each) for each in value]
    if node.kind == "union" and node.names_its_branch and isinstance(value, tuple):
        (branch,) = [each for each in node.branches if each.name == value[0]]
        return (value[0], wanted_of(branch, only, value[1]))
    if node.kind == "union" and value is not None:
        return wanted_of(next(each for each in node.branches if each.kind != "null"), only, value)
    return value


def record_types(node: Node) -> dict[str, Node]:
    """Give the record types of a tree by full name."""
    inner = (*(field.node for field in node.fields), *node.branches, *filter(None, [node.items]))
    found = {name: each for part in inner for name, each in record_types(part).items()}
    return found | ({node.name: node} if node.kind == "record" else {})


@pytest.mark.parametrize("full_name", PUBLISHED)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_nobody_wants_is_passed_over(full_name: str, data: st.DataObject) -> None:
    node = records.tree(full_name)
    types = record_types(node)
    named = data.draw(st.sets(st.sampled_from(sorted(types)), max_size=4))
    only = {
        name: data.draw(st.sets(st.sampled_from([each.name for each in types[name].fields])))
        for name in sorted(named)
    }
    value = data.draw(values_of(node))
    written = PlainWriter(node).write(value)
    passing = PlainReader(node, only=only)
    assert passing.read(written) == (wanted_of(node, only, value), -1)
    for wrong in (written[:-1], written + b"\0"):
        with pytest.raises(NotPlain):
            passing.read(wrong)


def test_every_kind_of_value_can_be_passed_over() -> None:
    kinds: list[Any] = [
        {"type": "map", "values": {"type": "array", "items": "int"}},
        {"type": "fixed", "name": "F", "size": 3},
        ["null", {"type": "record", "name": "Empty", "fields": []}],
        "bytes", "double", "float", "boolean",
    ]  # fmt: skip
    fields = [{"name": f"f{n}", "type": each} for n, each in enumerate(kinds)]
    fields.append({"name": "last", "type": "int"})
    schema = {"type": "record", "name": "R", "fields": fields}
    values: list[Any] = [{"a": [1, 70], "": []}, b"abc", {}, b"xy", 0.5, 0.25, True]
    buffer = BytesIO()
    stated = {f"f{n}": each for n, each in enumerate(values)} | {"last": -7}
    schemaless_writer(buffer, parse_schema(schema), stated)
    reader = PlainReader(build(schema), only={"R": ("last",)})
    assert reader.read(buffer.getvalue()) == ({"last": -7}, -1)


def mutations(data: bytes) -> st.SearchStrategy[bytes]:
    """Bytes near the given ones: one replaced, removed, put in, or the end cut off."""
    at = st.integers(0, len(data) - 1)
    some = st.binary(min_size=1, max_size=12)
    return st.one_of(
        st.builds(lambda i, b: data[:i] + b + data[i + len(b) :], at, some),
        st.builds(lambda i, n: data[:i] + data[i + n :], at, st.integers(1, 8)),
        st.builds(lambda i, b: data[:i] + b + data[i:], at, some),
        at.map(lambda i: data[:i]),
    )


READER = PlainReader(CHANGE)
VALID = records.encode(records.change("incident"))
REASONS = frozenset(catalog.reasons())


@settings(max_examples=1000)
@given(mutations(VALID))
def test_damaged_bytes_give_a_value_that_all_agree_on_or_a_reason(damaged: bytes) -> None:
    try:
        value, _ = READER.read(damaged)
    except NotPlain:
        with_reason(damaged)
        return
    assert walk(CHANGE, damaged) == value
    assert by_fastavro(records.CHANGE, damaged) == value
    assert records.writer(records.CHANGE).write(value) == damaged


def walked(data: bytes) -> tuple[Any, Rejected | None]:
    """Give the walker's value, or its refusal."""
    try:
        return walk(CHANGE, data), None
    except Rejected as refused:
        return None, refused


def with_reason(damaged: bytes) -> None:
    """Bytes that the reader left alone: the walker names the fault, or reads a rarer form."""
    value, refused = walked(damaged)
    if refused is None:
        assert by_fastavro(records.CHANGE, damaged) == value
        assert records.writer(records.CHANGE).write(value) != damaged
    else:
        assert refused.reason in REASONS
        assert refused.position is None or 0 <= refused.position <= len(damaged)


@settings(max_examples=500)
@given(st.binary(max_size=300))
def test_any_bytes_at_all_give_a_value_or_a_reason(data: bytes) -> None:
    _, refused = walked(data)
    assert refused is None or refused.reason in REASONS


def test_a_reader_starts_where_it_is_told() -> None:
    written = records.encode(records.change())
    value, mark = PlainReader(CHANGE, offset_of="body").read(b"12345" + written, 5)
    assert value == records.change()
    assert (b"12345" + written)[mark] == 2


@pytest.mark.parametrize("schema", [
    {"type": "map", "values": "string"},
    {"type": "fixed", "name": "f", "size": 4},
    {"type": "string", "logicalType": "uuid"},
    {"type": "int", "logicalType": "date"},
])  # fmt: skip
def test_types_that_our_schemas_do_not_use_are_left_to_the_walker(schema: Any) -> None:
    with pytest.raises(NotPlain):
        PlainReader(build(schema))


@given(st.text(max_size=300))
def test_a_text_alone_is_written_as_in_a_record(value: str) -> None:
    assert text(value) == PlainWriter(build("string")).write(value)


def test_a_record_is_the_sum_of_its_parts() -> None:
    node = records.tree("recordbus.v1.Contact")
    parts = [PlainWriter(part) for part in parted(node, ("unit",), ("phone", "email"))]
    said = records.part("Contact", unit="Records desk", email="desk@example.org")
    assert b"".join(part.write(said) for part in parts) == PlainWriter(node).write(said)
    for wrong in ((["unit"], ["email", "phone"]), (["unit"], ["phone"])):
        with pytest.raises(ValueError, match="has other fields"):
            parted(node, *wrong)


def test_a_tuple_that_is_too_short_is_refused() -> None:
    with pytest.raises(Rejected):
        PlainWriter(records.tree("recordbus.v1.Contact"), of_tuples=True).write(("unit",))


@pytest.mark.parametrize("value", [{}, {"event_id": 3}, None, "text"])
def test_a_value_that_does_not_fit_is_refused_without_its_content(value: Any) -> None:
    with pytest.raises(Rejected) as refused:
        records.writer(records.CHANGE).write(value)
    assert refused.value.reason == "not_encodable"


def test_the_message_of_a_misfit_quotes_nothing() -> None:
    change = records.change() | {"record_kind": "Delgado"}
    with pytest.raises(Rejected) as refused:
        records.encode(change)
    assert "Delgado" not in str(refused.value)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**63])
def test_a_number_outside_its_type_is_not_written(number: int) -> None:
    with pytest.raises(Rejected):
        PlainWriter(build("int")).write(number)


def test_a_schema_s_names_cannot_become_code() -> None:
    name = "x']; raise SystemExit #"
    schema = {"type": "record", "name": "R", "fields": [{"name": name, "type": "string"}]}
    value = {name: "text"}
    node = build(schema)
    assert PlainReader(node).read(PlainWriter(node).write(value)) == (value, -1)
