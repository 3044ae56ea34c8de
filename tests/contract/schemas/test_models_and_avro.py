"""The models, the types of decoded values and the Avro files say the same, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalog, events, types
from schemas.events import RecordChange, RecordInput, Value, record_input_value
from tests.contract.schemas.codecs import apache_encode, fast_decode, fast_encode
from tests.contract.schemas.inputs import record_inputs
from tests.contract.schemas.shapes import (
    avro_fields,
    avro_file,
    avro_shape,
    details_branches,
    model_fields,
    python_shape,
    typed_dict_fields,
    upper_bound,
)

NAMES = [name.rpartition(".")[2] for name in catalog.full_names()]
RECORDS = [name for name in NAMES if avro_file(name)["type"] == "record"]
ENUMS = [name for name in NAMES if avro_file(name)["type"] == "enum"]
PUBLISHED = [
    name.rpartition(".")[2] for name in catalog.registration_order("recordbus.v1.RecordChange")
]
MODELS = [name for name in PUBLISHED if name in RECORDS]
CHANGE_SCHEMA = catalog.avro_schema("recordbus.v1.RecordChange")
STAMPS = {
    "event_id": "5f0d7a52-5c63-4d5e-9a63-0f6a3c1d6a10",
    "record_key": "a" * 64,
    "owner_ori": "XX0010100",
    "status": "live",
    "status_reason": None,
}
GREATEST = {"int": 2**31 - 1, "long": 2**63 - 1}
CONTACT = {"unit": "Records", "phone": None, "email": None}


@pytest.mark.parametrize("name", RECORDS)
def test_the_type_of_a_decoded_value_has_the_fields_of_its_record(name: str) -> None:
    expected = avro_fields(name)
    assert typed_dict_fields(getattr(types, name)) == expected
    assert list(typed_dict_fields(getattr(types, name))) == list(expected)


@pytest.mark.parametrize("name", ENUMS)
def test_the_type_of_a_decoded_enum_has_its_symbols(name: str) -> None:
    assert python_shape(getattr(types, name)) == avro_shape(f"recordbus.v1.{name}")


def test_the_types_name_nothing_else() -> None:
    assert set(types.__all__) == {*NAMES, "Details", "DetailsValue"}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_fields_of_its_record(name: str) -> None:
    assert model_fields(getattr(events, name)) == avro_fields(name)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_defaults_of_its_record(name: str) -> None:
    model: type[Value] = getattr(events, name)
    expected = {f["name"]: f["default"] for f in avro_file(name)["fields"] if "default" in f}
    given = {
        field: info.get_default(call_default_factory=True)
        for field, info in model.model_fields.items()
        if not info.is_required()
    }
    assert given == expected


@pytest.mark.parametrize("name", MODELS)
def test_a_model_takes_no_number_that_its_record_cannot_hold(name: str) -> None:
    for field in avro_file(name)["fields"]:
        limit = _greatest(field["type"])
        if limit is not None:
            bound = upper_bound(getattr(events, name), field["name"])
            assert bound is not None, field["name"]
            assert bound <= limit, field["name"]


def _greatest(kind: Any) -> int | None:
    kinds = kind if isinstance(kind, list) else [kind]
    return next((limit for name, limit in GREATEST.items() if name in kinds), None)


def test_there_is_a_model_for_every_part_of_a_change_and_no_other() -> None:
    exported = {name for name in events.__all__ if isinstance(getattr(events, name), type)}
    assert exported - {"Value", "RecordInput"} == set(MODELS)


def test_the_details_have_a_branch_for_every_record_kind() -> None:
    branches = " or ".join(details_branches().values())
    assert avro_fields("RecordBody")["details"] == branches
    assert model_fields(events.RecordBody)["details"] == branches


def test_an_input_is_a_change_without_its_stamps() -> None:
    change, given = model_fields(RecordChange), model_fields(RecordInput)
    assert set(change) - set(given) == set(STAMPS)
    assert {name: shape for name, shape in given.items() if change[name] != shape} == {
        "contact": "Contact?",  # the publisher adds its own
        "body": "RecordBody",  # an input is live
    }


@pytest.mark.parametrize("record_kind", catalog.record_kinds())
@settings(max_examples=12)
@given(data=st.data())
def test_what_a_model_accepts_travels_unchanged(record_kind: str, data: st.DataObject) -> None:
    """Models to Avro: accepted, written, read back, the same; both libraries write one form."""
    value: dict[str, Any] = data.draw(record_inputs(record_kind))
    plain = RecordInput.model_validate(value).to_avro()
    assert plain == value
    assert record_input_value(value) == plain
    change = {**plain, **STAMPS, "contact": plain["contact"] or CONTACT}
    assert RecordChange.model_validate(change).to_avro() == change
    payload = fast_encode(CHANGE_SCHEMA, change)
    assert apache_encode(CHANGE_SCHEMA, change) == payload
    read = fast_decode(payload, CHANGE_SCHEMA)
    assert read == change
    assert RecordChange.model_validate(read).to_avro() == change
