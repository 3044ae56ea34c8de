"""The index reads a part of each message, and what it holds is as if it had read all of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from consumers.search.documents import NUMBER_FIELDS, document
from consumers.search.reading import wanted
from consumers.search.ties import tie
from recordbus.avro.reader import PlainReader
from recordbus.avro.writer import PlainWriter
from recordbus.errors import Rejected
from recordbus.testing import records
from recordbus.testing.values import values_of

RECORD = records.tree("recordbus.v1.Record")
UPDATE = records.tree("recordbus.v1.AssociationUpdate")
WHOLE = {tree.name: PlainReader(tree) for tree in (RECORD, UPDATE)}
PART = {tree.name: PlainReader(tree, only=wanted()) for tree in (RECORD, UPDATE)}
PARTS = ("people", "vehicles", "organisations", "locations", "phones")


def normalised_throughout(record: dict[str, Any]) -> dict[str, Any]:
    """Give a record whose every mention was normalised, under ids and dates that can be."""
    body, normal = record["body"], record["normalised"]
    for part in PARTS:
        count = min(len(body[part]), len(normal[part]))
        body[part], normal[part] = body[part][:count], normal[part][:count]
        for number in range(count):
            body[part][number]["local_id"] = normal[part][number]["local_id"] = f"{part}{number}"
    for person in normal["people"]:
        for field in ("date_of_birth", "date_of_birth_swapped"):
            person[field] = "1990-02-03" if person[field] else None
    for person in body["people"]:
        person["age_years"], person["age_range"] = 30, None
        person["person"] |= {"height_inches": 60, "weight_pounds": 150}
    record["record_key"] = "ab" * 32
    record["first_recorded_on"] = "2026-01-02" if record["first_recorded_on"] else None
    return record


def made(record: Any) -> Any:
    try:
        return document(record)
    except Rejected as error:
        return error.reason


@settings(max_examples=25, deadline=None)
@given(value=values_of(RECORD).filter(lambda each: each["body"] and each["normalised"]))
def test_a_document_needs_nothing_that_is_not_read(value: Any) -> None:
    written = PlainWriter(RECORD).write(normalised_throughout(value))
    whole, part = (readers[RECORD.name].read(written)[0] for readers in (WHOLE, PART))
    assert made(part) == made(whole)
    for field in ("record_key", "department", "version", "status", "published_at"):
        assert part[field] == whole[field]


@settings(max_examples=50, deadline=None)
@given(value=values_of(UPDATE))
def test_a_tie_needs_nothing_that_is_not_read(value: Any) -> None:
    """R-05, R-06: a tie shows all that it is shown with."""
    value |= {"association_id": "cd" * 32, "record_key": "ab" * 32}
    if value["association"]:
        value["association"]["source"]["record_key"] = "ab" * 32
        value["association"] |= {f"{end}_mention_id": f"{'ab' * 32}.p1" for end in ("from", "to")}
    written = PlainWriter(UPDATE).write(value)
    whole, part = (readers[UPDATE.name].read(written)[0] for readers in (WHOLE, PART))
    assert tie(part) == tie(whole)
    assert (part["status"], part["record_key"]) == (whole["status"], whole["record_key"])


def test_every_field_that_is_read_is_one_of_its_type() -> None:
    for name, fields in wanted().items():
        known = {field.name for field in records.tree(name).fields}
        assert name.endswith("Details") or not set(fields) - known, name
    told = {field for name in wanted() if name.endswith("Details") for field in
            (each.name for each in records.tree(name).fields)}  # fmt: skip
    assert set(NUMBER_FIELDS) <= told
