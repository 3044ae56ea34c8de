"""A reader that shares small values reads what any other reads, damaged bytes included."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus.avro.reader import NotPlain, PlainReader
from recordbus.avro.sharing import is_small
from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.testing import records

CODED: dict[str, Any] = {
    "type": "record",
    "name": "Coded",
    "fields": [
        {"name": "code", "type": ["null", "string"]},
        {"name": "source", "type": ["string", "null"]},
        {"name": "list", "type": "string"},
    ],
}
NODE = build(
    {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "number", "type": "int"},
            {"name": "coded", "type": {"type": "array", "items": CODED}},
            {"name": "last", "type": ["null", "Coded"]},
        ],
    }
)
TEXTS = st.one_of(st.sampled_from(["", "A", "BLK", "é"]), st.text(max_size=80))
VALUES = st.fixed_dictionaries(
    {"code": st.none() | TEXTS, "source": st.none() | TEXTS, "list": TEXTS}
)
RECORDS = st.fixed_dictionaries(
    {
        "number": st.integers(-70, 70),
        "coded": st.lists(VALUES, max_size=4),
        "last": st.none() | VALUES,
    }
)
SHARING, PLAIN, WRITER = PlainReader(NODE, shares=True), PlainReader(NODE), PlainWriter(NODE)


def outcome(reader: PlainReader, data: bytes) -> Any:
    """Give what a reader makes of bytes, or that it takes them not."""
    try:
        return reader.read(data)
    except NotPlain:
        return NotPlain


@settings(max_examples=300)
@given(st.lists(RECORDS, min_size=1, max_size=3))
def test_values_are_the_same_whatever_came_before(given_values: list[dict[str, Any]]) -> None:
    for value in [*given_values, *given_values]:
        assert SHARING.read(WRITER.write(value)) == (value, -1)


@settings(max_examples=500)
@given(RECORDS, st.data())
def test_damaged_bytes_are_taken_as_by_any_reader(value: dict[str, Any], data: Any) -> None:
    written = WRITER.write(value)
    SHARING.read(written)
    at = data.draw(st.integers(0, len(written) - 1))
    put = data.draw(st.binary(max_size=3))
    for damaged in (written[:at], written[:at] + put + written[at + 1 :], written + put):
        assert outcome(SHARING, damaged) == outcome(PLAIN, damaged)


def test_the_same_bytes_give_the_same_value_and_long_texts_are_forgotten() -> None:
    short = {"code": "BLK", "source": None, "list": "hair"}
    long = {"code": "BLK", "source": "x" * 70, "list": "hair"}
    written = WRITER.write({"number": 1, "coded": [short, long], "last": None})
    reader = PlainReader(NODE, shares=True)
    (first, _), (again, _) = reader.read(written), reader.read(written)
    assert first == again
    assert again["coded"][0] is first["coded"][0]
    assert again["coded"][1] is not first["coded"][1]


def test_what_a_record_has_most_of_is_small() -> None:
    for name in ("CodedValue", "DateValue", "Contact"):
        assert is_small(records.tree(f"recordbus.v1.{name}"))
    for name in ("Address", "Identifier", "AgeRange"):
        assert not is_small(records.tree(f"recordbus.v1.{name}"))
