"""Items of a request, by themselves: what is wrong is named by a pointer into what was sent."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.connectors.http_push.items import Live, Refusal, Removal, pointer, read_item, split
from producers.publisher.record import checked_value
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus.web.problems import Problem
from tests.unit.producers.http_push.door import RECORD

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=4), each, max_size=3)
    ),
    max_leaves=8,
)


def test_every_record_of_a_department_is_taken_as_the_publisher_would() -> None:
    for value in map(checked_value, islice(record_inputs(world(100, 3)), 100)):
        sent = json.loads(json.dumps(value, default=datetime.isoformat))

        assert read_item(sent, "") == Live(value)


@given(st.sampled_from(["body", "recorded_at", "disputes", "record_kind", "status"]), ANY)
def test_any_value_anywhere_is_taken_or_refused_by_name(field: str, value: Any) -> None:
    found = read_item({**RECORD, field: value}, "/7")

    assert isinstance(found, Live) or all(
        fault.pointer.startswith("/7") for fault in getattr(found, "faults", ())
    )
    assert isinstance(found, Live | Refusal)


@given(ANY)
def test_an_item_of_any_form_is_read_or_refused(value: Any) -> None:
    assert isinstance(read_item(value, ""), Refusal)


def test_at_most_ten_faults_are_named_and_the_rest_counted() -> None:
    found = read_item({**RECORD, **{f"x{n}": 1 for n in range(25)}}, "/3")

    assert isinstance(found, Refusal)
    assert len(found.faults) == 11
    assert found.faults[-1] == ("/3", "more", "and 15 more")


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((), ""),
        (("body", "people", 0, "role"), "/body/people/0/role"),
        (("a/b", "m~n", ""), "/a~1b/m~0n/"),
        (("body", "details", "ArrestDetails", 1, "zz"), "/body/details/1/zz"),
        (("body", "details", 1, "zz"), "/body/details/1/zz"),
    ],
)
def test_a_pointer_is_written_as_rfc_6901_says(
    places: tuple[int | str, ...], expected: str
) -> None:
    assert pointer(places) == expected


def test_a_pointer_is_bounded_whatever_a_field_is_called() -> None:
    assert len(pointer(("x" * 10_000,))) == 300


def test_a_removal_is_read_with_its_reason() -> None:
    said = {"status": "sealed", "record_kind": "arrest", "record_id": "A-1", "source_seq": 2}

    found = read_item(said, "")

    assert found == Removal(**said)  # type: ignore[arg-type]
    assert isinstance(found, Removal)
    assert found.reason == "owner_request"


@pytest.mark.parametrize("document", [None, 1, "x", True])
def test_a_document_is_a_record_or_a_list(document: Any) -> None:
    with pytest.raises(Problem, match="invalid_record"):
        split(document, 10)
