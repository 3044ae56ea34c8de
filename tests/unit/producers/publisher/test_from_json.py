"""Rows 31-38: a record as JSON is read in one way or not at all, and what is wrong is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.publisher.from_json import JSON_BYTES, parse, record_from_json
from producers.publisher.record import checked_value
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus.errors import Rejected

RECORD: dict[str, Any] = {
    "record_kind": "service_call",
    "source_seq": 1,
    "recorded_at": "2026-01-02T03:04:05Z",
    "body": {
        "record_id": "C-1",
        "details": [
            "recordbus.v1.ServiceCallDetails",
            {"received_at": "2026-01-02T05:04:05+02:00"},
        ],
    },
}


@cache
def records() -> list[dict[str, Any]]:
    return [checked_value(each) for each in islice(record_inputs(world(200, 7)), 300)]


def refusal(text: str | bytes) -> tuple[str, str]:
    with pytest.raises(Rejected) as refused:
        record_from_json(text)
    return refused.value.reason, refused.value.detail


def reason_of(read: Callable[[str], dict[str, Any]], text: str) -> str | None:
    try:
        return None if isinstance(read(text), dict) else "no object"
    except Rejected as refused:
        return refused.reason


def test_instants_are_read_wherever_they_stand() -> None:
    value = record_from_json(json.dumps(RECORD))
    details = value["body"]["details"][1]
    assert value["recorded_at"] == details["received_at"]
    assert str(value["recorded_at"]) == "2026-01-02 03:04:05+00:00"


def test_every_record_comes_back_from_json_as_it_was() -> None:
    for record in records():
        text = json.dumps(record, default=datetime.isoformat)
        assert record_from_json(text) == record


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1, column 1"),
        ("{", "line 1, column 2"),
        ("\ufeff{}", "BOM"),
        ("[]", "no JSON object"),
        ("{} {}", "Extra data"),
        ('{"a": 1, "a": 2}', "same key twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "Infinity"),
        ('{"a": 1e999}', "too large"),
        ("[" * 100_000, "nested"),
        ('{"a": %s}' % ("9" * 5_000), "digits"),
        (b"\xff\xfe{}", "UTF-8"),
        (json.dumps(RECORD | {"dob": "1990-01-01"}), "dob: Extra"),
        (json.dumps(RECORD | {"recorded_at": "2026-01-02T03:04:05"}), "recorded_at"),
        (json.dumps(RECORD | {"source_seq": "1"}), "source_seq"),
        (json.dumps(RECORD | {"body": None}), "body"),
        (json.dumps(RECORD | {"body": {"record_id": "\ud800", "details": []}}), "record_id"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(text: str, says: str) -> None:
    reason, detail = refusal(text)
    assert reason == "invalid_record"
    assert says in detail


def test_a_text_that_fits_no_message_is_not_even_read() -> None:
    assert refusal(" " * (JSON_BYTES + 1))[0] == "oversize"


@given(st.text(max_size=200))
def test_no_text_ends_in_anything_but_an_object_or_a_refusal(text: str) -> None:
    assert reason_of(parse, text) in (None, "invalid_record")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3)
    ),
    max_leaves=10,
)


@given(st.sampled_from(["body", "recorded_at", "disputes", "contact", "reviews"]), JSON)
def test_any_value_in_any_place_is_taken_or_refused_by_name(field: str, value: Any) -> None:
    text = json.dumps(RECORD | {field: value})
    assert reason_of(record_from_json, text) in (None, "invalid_record")
