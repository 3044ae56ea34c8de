"""A message in Avro says what its envelope says, and what is withheld stays withheld."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader
from hypothesis import HealthCheck, given, settings

from consumers.feeds.envelope import Delivery
from consumers.feeds.formats.avro import from_avro, to_avro
from consumers.feeds.formats.avro_schema import message_schema
from consumers.feeds.formats.given import may_be_absent
from consumers.feeds.formats.message import NAMESPACE, POINTER, data_fields
from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from schemas import catalog
from schemas.compatibility import check_registration
from schemas.lint import lint
from tests.unit.consumers.feeds.formats import messages

SCHEMA = parse_schema(message_schema())
WRITER = PlainWriter(build(message_schema()))
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def read(written: bytes) -> dict[str, Any]:
    """Read as any Avro library does."""
    buffer = BytesIO(written)
    value = schemaless_reader(buffer, SCHEMA, None, **catalog.READ_OPTIONS)
    assert not buffer.read(1)
    assert isinstance(value, dict)
    return value


@settings(max_examples=30, deadline=None, suppress_health_check=_SLOW)
@given(messages.deliveries())
def test_the_envelope_comes_back_byte_for_byte(delivery: Delivery) -> None:
    assert from_avro(read(WRITER.write(to_avro(delivery.body)))) == delivery.body


@pytest.mark.parametrize("number", range(len(messages.every_kind())))
def test_records_of_every_kind_and_associations_have_their_own_types(number: int) -> None:
    delivery = messages.every_kind()[number]
    value = read(WRITER.write(to_avro(delivery.body)))
    kind = "Record" if delivery.message.subject.startswith("record/") else "AssociationUpdate"
    assert value["content"][0] == f"{NAMESPACE}.{kind}"
    assert value["withheld"] == []
    assert from_avro(value) == delivery.body


def test_what_is_masked_is_empty_and_named() -> None:
    record = messages.filled("arrest")
    masked = frozenset({"body.people.person.race", "body.narrative", "body.vehicles"})
    written = WRITER.write(to_avro(messages.told(messages.record_view(record, masked)).body))
    value = read(written)
    assert set(value["withheld"]) == {*masked, "content_hash", "flags", "normalised", "relations"}
    body = value["content"][1]["body"]
    assert body["narrative"] is None
    assert body["vehicles"] == []
    assert record["body"]["narrative"].encode() not in written


def test_a_pointer_says_whom_to_ask_and_nothing_else() -> None:
    view = messages.record_view(messages.filled("arrest"), frozenset(), "pointer")
    name, said = to_avro(messages.told(view).body)["content"]
    assert name == POINTER
    assert said.keys() == {"level", "department", "owner_ori", "contact"}


def test_a_message_has_a_field_for_all_that_its_envelope_says() -> None:
    data = json.loads(messages.taken_back("record/x").body)["data"]
    assert [each["name"] for each in data_fields()] == sorted(
        data, key=[each["name"] for each in data_fields()].index
    )


def test_the_schema_keeps_the_rules_of_all_schemas() -> None:
    assert lint(message_schema()) == ()
    assert check_registration(message_schema(), [message_schema()]) == ()


def test_what_a_reader_needs_to_judge_is_never_optional() -> None:
    """R-01, R-02, R-03, R-05, R-34."""
    absent = {name for of, name in may_be_absent() if of.endswith((".Association", ".Record"))}
    assert absent == {"verdicts", "content_hash", "flags", "normalised", "relations"}
