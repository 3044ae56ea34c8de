"""The walker names what is wrong with bytes, and at which of them (rows 6-19)."""

from __future__ import annotations

import struct
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from recordbus.avro.tree import build
from recordbus.avro.walker import MAX_LENGTH, walk
from recordbus.avro.writer import varint, zigzag
from recordbus.errors import Rejected

STRING = build("string")
ENUM = build({"type": "enum", "name": "E", "symbols": ["A", "B"]})
NULLABLE = build(["null", "string"])
STRINGS = build({"type": "array", "items": "string"})
MAP = build({"type": "map", "values": "int"})
PAIR = build({"type": "record", "name": "P", "fields": [
    {"name": "first", "type": "string"}, {"name": "second", "type": "int"}]})  # fmt: skip


def logical(kind: str, name: str, **more: Any) -> Any:
    return build({"type": kind, "logicalType": name, **more})


CASES = [
    (PAIR, b"\x06ab", "truncated", 1),
    (PAIR, b"\x04ab", "truncated", 3),
    (PAIR, b"\x04ab\x02\x00\x00", "trailing_bytes", 4),
    (STRING, zigzag(2**40), "bad_length", 0),
    (STRING, zigzag(-5), "bad_length", 0),
    (STRING, zigzag(MAX_LENGTH), "truncated", 4),
    (ENUM, zigzag(99), "bad_index", 0),
    (ENUM, zigzag(-1), "bad_index", 0),
    (NULLABLE, zigzag(9), "bad_index", 0),
    (NULLABLE, zigzag(-1), "bad_index", 0),
    (build("int"), zigzag(2**41), "int_range", 0),
    (build("int"), zigzag(2**31), "int_range", 0),
    (build("long"), b"\xff" * 10 + b"\x01", "int_range", 0),
    (build("long"), b"\xff" * 9 + b"\x02", "int_range", 0),
    (build("long"), b"\x80\x00", "not_canonical", 0),
    (build("boolean"), b"\x02", "bad_boolean", 0),
    (STRING, b"\x06a\xffb", "bad_utf8", 2),
    (STRING, b"\x06\xed\xa0\x80", "bad_utf8", 1),
    (build("double"), struct.pack("<d", float("nan")), "not_finite", 0),
    (build("float"), struct.pack("<f", float("inf")), "not_finite", 0),
    (logical("bytes", "decimal", precision=4, scale=2), b"\x04\x7f\xff", "logical_type", 0),
    (logical("int", "date"), zigzag(2_932_897), "logical_type", 0),
    (logical("long", "timestamp-micros"), zigzag(2**62), "logical_type", 0),
    (logical("long", "time-micros"), zigzag(86_400_000_000), "logical_type", 0),
    (logical("string", "uuid"), b"\x06abc", "logical_type", 0),
    (MAP, b"\x04\x02a\x02\x02a\x04\x00", "duplicate_key", 4),
    (STRINGS, zigzag(10_001), "too_many_items", 0),
    (STRINGS, zigzag(2**40), "too_many_items", 0),
    (STRINGS, zigzag(-1) + zigzag(3) + b"\x02a\x00", "bad_length", 5),
    (STRINGS, zigzag(-1) + zigzag(-3) + b"\x02a\x00", "bad_length", 0),
]  # fmt: skip


@pytest.mark.parametrize(("node", "data", "reason", "position"), CASES)
def test_a_fault_has_its_reason_and_its_byte(
    node: Any, data: bytes, reason: str, position: int
) -> None:
    with pytest.raises(Rejected) as refused:
        walk(node, data)
    assert (refused.value.reason, refused.value.position) == (reason, position)
    assert f"byte {refused.value.position}" in refused.value.detail


def test_the_detail_names_the_field_and_not_the_content() -> None:
    fields = [{"name": "inner", "type": "string"}]
    nested = build({"type": "array", "items": {"type": "record", "name": "R", "fields": fields}})
    with pytest.raises(Rejected) as refused:
        walk(nested, b"\x04\x06Amy\x06Be\xff\x00")
    assert refused.value.detail.startswith("1.inner is not UTF-8")
    assert "Be" not in refused.value.detail.replace("Before", "")


@pytest.mark.parametrize("data", [
    b"\x02\x02a\x02\x02b\x00",
    zigzag(-2) + zigzag(4) + b"\x02a\x02b\x00",
    zigzag(-1) + zigzag(2) + b"\x02a" + b"\x02\x02b\x00",
])  # fmt: skip
def test_arrays_in_several_blocks_or_with_their_size_are_valid(data: bytes) -> None:
    assert walk(STRINGS, data) == ["a", "b"]


@pytest.mark.parametrize(("node", "data", "value"), [
    (MAP, b"\x04\x02a\x02\x02b\x04\x00", {"a": 1, "b": 2}),
    (logical("int", "date"), zigzag(1), date(1970, 1, 2)),
    (logical("bytes", "decimal", precision=4, scale=2), b"\x04\x04\xd2", Decimal("12.34")),
    (logical("long", "timestamp-millis"), zigzag(1000), datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
    (logical("int", "time-millis"), zigzag(1000), datetime(1970, 1, 1, 0, 0, 1).time()),  # noqa: DTZ001
    (build({"type": "fixed", "name": "F", "size": 2}), b"ab", b"ab"),
    (logical("long", "local-timestamp-micros"), zigzag(7), 7),
])  # fmt: skip
def test_rarer_types_have_their_value(node: Any, data: bytes, value: Any) -> None:
    assert walk(node, data) == value


def test_hostile_bytes_take_bounded_time_and_memory() -> None:
    """Row 10 and the walker's own bound: two megabytes of the smallest items are refused soon."""
    inner = {"type": "array", "items": {"type": "array", "items": "string"}}
    block = varint(2 * 10_000) + b"\x00" * 10_000 + b"\x00"
    data = varint(2 * 200) + block * 200 + b"\x00"
    began = time.process_time()
    with pytest.raises(Rejected) as refused:
        walk(build(inner), data)
    assert refused.value.reason == "too_many_items"
    assert time.process_time() - began < 2.0
