"""What the models accept, refuse and make of a record; and that dicts are judged the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from schemas import limits
from schemas.events import (
    ArrestDetails,
    CodedValue,
    Person,
    PersonName,
    PersonRole,
    RecordBody,
    RecordChange,
    RecordInput,
    record_input_value,
)
from tests.unit.schemas.examples import AT, arrest, arrest_of

Judge = Callable[[dict[str, Any]], dict[str, Any]]


def by_model(value: dict[str, Any]) -> dict[str, Any]:
    return RecordInput.model_validate(value).to_avro()


@pytest.fixture(params=[by_model, record_input_value], ids=["model", "dict"])
def judge(request: pytest.FixtureRequest) -> Judge:
    made: Judge = request.param
    return made


def test_a_record_is_completed_with_its_defaults(judge: Judge) -> None:
    value = judge(arrest())
    assert value["dissemination_level"] == "law_enforcement"
    assert value["contact"] is None
    assert value["disputes"] == []
    assert value["body"]["people"] == []
    assert value["body"]["narrative"] is None
    assert value["body"]["details"] == (
        "recordbus.v1.ArrestDetails",
        {"arrest_number": None, "arrest_type": None, "arrested_at": None},
    )


def test_a_record_may_be_written_in_python() -> None:
    person = Person(names=[PersonName(type="primary", given="Ann")], sex=CodedValue(code="F"))
    role = PersonRole(local_id="p1", role="arrestee", subject_category="suspect", person=person)
    body = RecordBody(record_id="A-1", people=[role], details=ArrestDetails(arrested_at=AT))
    made = RecordInput(record_kind="arrest", source_seq=1, recorded_at=AT, body=body).to_avro()
    expected = arrest_of({"names": [{"type": "primary", "given": "Ann"}], "sex": {"code": "F"}})
    expected["body"]["details"] = ("recordbus.v1.ArrestDetails", {"arrested_at": AT})
    assert made == record_input_value(expected)


def test_instants_are_kept_in_utc(judge: Judge) -> None:
    """Equal instants must have equal hashes, whatever zone they were written in."""
    east = AT.astimezone(timezone(timedelta(hours=5)))
    value = judge(arrest(recorded_at=east))
    assert value["recorded_at"] == AT
    assert value["recorded_at"].tzinfo is UTC


REFUSED: dict[str, dict[str, Any]] = {
    "an unknown field": arrest(colour="red"),
    "a misspelt field deep inside": arrest_of({"date_of_brith": None}),
    "a number for a text": arrest_of({}, role=5),
    "a text for a number": arrest(source_seq="1"),
    "a truth for a number": arrest(source_seq=True),
    "a negative sequence": arrest(source_seq=-1),
    "a sequence over 64 bits": arrest(source_seq=2**63),
    "a number over 32 bits": arrest_of({"height_inches": 2**31}),
    "an instant without a zone": arrest(recorded_at=datetime(2024, 3, 1)),  # noqa: DTZ001
    "an instant as text": arrest(recorded_at="2024-03-01T00:00:00Z"),
    "an unknown record kind": arrest(record_kind="rumour"),
    "an unknown subject category (R-04)": arrest_of({}, subject_category="enemy"),
    "an empty local id": arrest_of({}, local_id=""),
    "a matter's local id": arrest_of({}, local_id="@incident:1"),
    "a local id with a dot": arrest_of({}, local_id="p.1"),
    "a role beyond its limit": arrest_of({}, role="r" * (limits.CODE_CHARACTERS + 1)),
    "a date that is none": arrest_of({"date_of_birth": {"value": "02/03/2024"}}),
    "a name beyond its limit": arrest_of(
        {"names": [{"type": "primary", "full": "x" * (limits.SHORT_TEXT_CHARACTERS + 1)}]}
    ),
    "a list beyond its limit": arrest_of({"phones": ["1"] * (limits.LIST_ITEMS + 1)}),
    "no body": arrest(body=None),
    "no details": arrest(body={"record_id": "A-1"}),
    "details without a name": arrest(body={"record_id": "A-1", "details": {}}),
    "details of no kind": arrest(body={"record_id": "A-1", "details": ("ArrestDetails", {})}),
    "details with an unknown field": arrest(
        body={"record_id": "A-1", "details": ("recordbus.v1.ArrestDetails", {"bail": 1})}
    ),
    "details of another kind": arrest(
        body={"record_id": "A-1", "details": ("recordbus.v1.PermitDetails", {})}
    ),
    "a narrative beyond its limit": arrest(
        body={
            "record_id": "A-1",
            "details": ("recordbus.v1.ArrestDetails", {}),
            "narrative": "x" * (limits.NARRATIVE_CHARACTERS + 1),
        }
    ),
    "a record without a number": arrest(
        body={"record_id": "", "details": ("recordbus.v1.ArrestDetails", {})}
    ),
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(judge: Judge, value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"RecordInput|a record of the kind"):
        judge(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 90.5])
def test_a_coordinate_is_finite_and_on_the_globe(judge: Judge, number: float) -> None:
    location = {"local_id": "l1", "role": "scene", "location": {"address": {}, "latitude": number}}
    value = arrest()
    value["body"]["locations"] = [location]
    with pytest.raises(ValidationError):
        judge(value)


def test_both_ways_name_the_place_of_a_fault() -> None:
    wrong = arrest_of({}, role=5)
    places = []
    for judge in (by_model, record_input_value):
        with pytest.raises(ValidationError) as refused:
            judge(wrong)
        places.append([error["loc"] for error in refused.value.errors()])
    assert places == [[("body", "people", 0, "role")]] * 2


def test_a_value_cannot_be_changed() -> None:
    value = CodedValue(code="M")
    with pytest.raises(ValidationError):
        value.code = "F"


def change(**changes: Any) -> dict[str, Any]:
    stamps = {"event_id": "e", "record_key": "0" * 64, "owner_ori": "XX0010100", "status": "live"}
    return record_input_value(arrest()) | stamps | {"contact": {"unit": "Records"}} | changes


def test_a_live_change_needs_a_body_and_another_takes_none() -> None:
    assert RecordChange.model_validate(change()).body is not None
    removed = change(status="withdrawn", body=None)
    assert RecordChange.model_validate(removed).to_avro()["body"] is None
    for wrong in (change(body=None), change(status="sealed")):
        with pytest.raises(ValidationError, match="a live record needs a body"):
            RecordChange.model_validate(wrong)


@pytest.mark.parametrize(
    ("field", "value"), [("record_key", "F" * 64), ("record_key", "0" * 63), ("owner_ori", "XX1")]
)
def test_a_stamp_has_its_form(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=field):
        RecordChange.model_validate(change(**{field: value}))


def test_the_details_of_a_change_fit_its_kind() -> None:
    with pytest.raises(ValidationError, match="takes PermitDetails, not ArrestDetails"):
        RecordChange.model_validate(change(record_kind="permit"))
