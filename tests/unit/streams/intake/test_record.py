"""What intake publishes: the whole record, normalised; or a marker without content."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from fastavro import parse_schema
from hypothesis import given
from hypothesis import strategies as st

from recordbus import ids
from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.normalize import identifiers
from recordbus.testing import records
from schemas import catalog
from streams.intake import state
from streams.intake.testing import SECRET, TOPIC, Desk, reason, record_of
from streams.intake.topics import RECORDS

FORBIDDEN_KEYS = ("race", "ethnicity", "complexion", "country_of_birth", "religion")


@pytest.mark.parametrize("kind", catalog.record_kinds())
def test_the_body_goes_out_as_published(desk: Desk, kind: str) -> None:
    change = records.change(kind)
    handled = desk.say(change)
    record = record_of(handled)
    assert record["body"] == change["body"]
    assert (record["department"], record["owner_ori"]) == (records.DEPARTMENT, records.ORI)
    assert (record["version"], record["source_seq"]) == (1, 1)
    assert record["published_at"] == records.MOMENT
    output = handled.outputs[0]
    assert (output.topic, output.key, output.partition) == (
        RECORDS,
        change["record_key"].encode(),
        0,
    )


def test_passing_the_body_s_bytes_on_equals_writing_it_anew(desk: Desk) -> None:
    for kind in catalog.record_kinds():
        output = desk.say(records.change(kind)).outputs[0]
        assert output.value is not None
        record = record_of(desk.say(records.change(kind, source_seq=2)))
        again = record | {"version": 0}
        assert output.value[5:] != records.encode(again, "recordbus.v1.Record")
        latest = desk.say(records.change(kind, source_seq=3))
        whole = records.encode(record_of(latest), "recordbus.v1.Record")
        assert latest.outputs[0].value == output.value[:5] + whole


def in_blocks(change: dict[str, Any]) -> bytes:
    """The same change with its people in two blocks, and the event id that those bytes ask for."""
    head = records.encode(change | {"body": None})[:-1]
    written = records.encode(change)[len(head) :]
    person = records.encode(change["body"]["people"][0], "recordbus.v1.PersonRole")
    one, two = written.split(person)
    assert one.endswith(b"\x04")
    written = b"".join((one[:-1], b"\x02", person, b"\x02", two))
    asked = ids.event_id(change["record_key"], 1, "live", ids.content_hash(written))
    return head.replace(change["event_id"].encode(), asked.encode()) + written


def test_a_rarer_valid_form_is_accepted_and_says_the_same(desk: Desk) -> None:
    """Whoever writes Avro in his own way hashes the body's bytes as he writes them."""
    body = records.body()
    body["people"][1]["local_id"] = "q2"
    change = records.change(body=body)
    odd = desk.framed(in_blocks(change))
    assert odd[5:] != records.encode(change)
    handled = desk.send(odd, change["record_key"])
    assert record_of(handled)["body"] == body
    assert desk.send(odd, change["record_key"]).outcome == "duplicate"


@pytest.mark.parametrize("status", ["withdrawn", "sealed", "expunged"])
def test_a_marker_has_no_content(desk: Desk, status: str) -> None:
    """R-25: nothing of the record is left but that it was there, whose it was, and why it went."""
    desk.say(records.change())
    record = record_of(desk.say(records.removal(status, 2, disputes=[])))
    assert record["body"] is None
    assert record["normalised"] is None
    assert record["relations"] == record["disputes"] == record["reviews"] == record["flags"] == []
    assert record["contact"] == {"unit": "", "phone": None, "email": None}
    assert record["content_hash"] is None
    assert record["occurred_at"] is None
    assert (record["status"], record["status_reason"]) == (status, "court_order")


def test_the_state_holds_no_content(desk: Desk) -> None:
    desk.say(records.change())
    (held,) = desk.states.values()
    assert b"elgado" not in held
    assert len(held) < 200


@pytest.mark.parametrize("reason_text", ["Jane Roe asked", "x" * 65, "", "Court"])
def test_a_status_reason_is_a_code_so_that_it_can_hold_no_content(
    desk: Desk, reason_text: str
) -> None:
    change = records.change(status="withdrawn", status_reason=reason_text)
    assert reason(desk.say(change)) == "bad_value"


def test_normalised_mentions_stand_beside_the_body(desk: Desk) -> None:
    normalised = record_of(desk.say(records.change()))["normalised"]
    person = normalised["people"][0]
    assert person["mention_id"] == ids.mention_id(records.change()["record_key"], "p1")
    assert person["names"][0]["surname"] == "DELGADO"
    assert person["phones"] == ["+16175550142"]
    assert person["addresses"][0]["key"] == "12|MAPLE ST|02118"
    assert (person["date_of_birth"], person["date_of_birth_swapped"]) == (
        "1985-04-12",
        "1985-12-04",
    )
    assert person["marks"] == [
        {"category": "TAT", "side": "L", "place": "ARM", "text": "A SWALLOW"}
    ]
    assert normalised["vehicles"][0]["plate_folded"] == "4GH172"
    assert normalised["locations"][0]["key"] == "400|TREMONT ST|02116"


def test_equal_identifiers_of_two_departments_meet_and_stay_unreadable(desk: Desk) -> None:
    record = record_of(desk.say(records.change()))
    (found,) = record["normalised"]["people"][0]["identifiers"]
    expected = identifiers.lookup_digest(SECRET, "driver_license", "s 1234-5678", "ma")
    assert found["digest"] == expected
    assert "S12345678" not in orjson.dumps(record["normalised"], default=str).decode()


def test_what_must_never_join_is_not_among_what_is_compared(desk: Desk) -> None:
    """R-10/11."""
    person = records.person(race=records.coded("W"), country_of_birth=records.coded("USA"))
    body = records.body(people=[records.person_role("field_contact", "p1", person=person)])
    normalised = record_of(desk.say(records.change(body=body)))["normalised"]
    text = orjson.dumps(normalised).decode()
    assert not [key for key in FORBIDDEN_KEYS if key in text]


def test_placeholders_become_null_with_a_flag(desk: Desk) -> None:
    person = records.person(
        "John", "Doe", phones=["555-555-5555"],
        date_of_birth=records.part("DateValue", value="1900-01-01"),
        addresses=[records.part("Address", full="HOMELESS")],
        identifiers=[records.part("Identifier", type="ssn", value="123-45-6789")],
    )  # fmt: skip
    body = records.body(people=[records.person_role("field_contact", "p1", person=person)])
    record = record_of(desk.say(records.change(body=body)))
    found = record["normalised"]["people"][0]
    names = ["addresses", "date_of_birth", "identifiers.ssn", "names", "phones"]
    assert sorted(found["placeholders"]) == names
    assert record["flags"] == [f"placeholder:{name}" for name in names]
    assert found["date_of_birth"] is found["birth_year"] is None
    assert found["phones"] == found["addresses"] == found["identifiers"] == []
    assert found["names"][0]["surname"] is None


def test_matters_meet_by_number_and_issuer_and_hide_it_in_their_id(desk: Desk) -> None:
    reference = records.part("RecordReference", type="incident", number="I-24 1234")
    arrest = record_of(desk.say(records.change("arrest", body=records.body(
        "arrest", references=[reference]))))  # fmt: skip
    incident = record_of(desk.say(records.change("incident", body=records.body(
        "incident", record_id="i241234"))))  # fmt: skip
    of_arrest = {m["type"]: m for m in arrest["normalised"]["matters"]}
    of_incident = {m["type"]: m for m in incident["normalised"]["matters"]}
    assert of_arrest["incident"] == of_incident["incident"]
    assert of_arrest["incident"]["key"] == f"{records.ORI}|I241234"
    assert "I241234" not in of_arrest["incident"]["local_id"]
    assert set(of_arrest) == {"arrest", "incident"}


def test_a_details_number_names_the_record_s_own_matter(desk: Desk) -> None:
    name, blank = records.body("booking")["details"]
    given = (name, blank | {"booking_number": "B-77"})
    record = record_of(desk.say(records.change("booking", body=records.body(
        "booking", details=given))))  # fmt: skip
    assert record["normalised"]["matters"][0]["key"] == f"{records.ORI}|B77"


@pytest.mark.parametrize(("spoil", "expected"), [
    (lambda b: b["people"][0].update(role="chauffeur"), "unknown_role"),
    (lambda b: b["people"][0].update(role="contact_vehicle"), "unknown_role"),
    (lambda b: b["vehicles"][0].update(role="contact"), "unknown_role"),
    (lambda b: b["people"][0].update(subject_category="victim"), "bad_subject_category"),
    (lambda b: b["people"][1].update(local_id="p1"), "duplicate_local_id"),
    (lambda b: b["vehicles"][0].update(local_id="p1"), "duplicate_local_id"),
    (lambda b: b["people"][0].update(local_id=""), "bad_value"),
    (lambda b: b["people"][0].update(local_id="@incident:1"), "bad_value"),
    (lambda b: b["people"][0].update(local_id="a.b"), "bad_value"),
    (lambda b: b["people"][0].update(age_years=-1), "implausible_age"),
    (lambda b: b["people"][0].update(age_years=101), "implausible_age"),
    (lambda b: b["people"][0].update(age_range={"low": 30, "high": 20}), "implausible_age"),
    (lambda b: b["people"][0]["person"].update(
        date_of_birth=records.part("DateValue", value="1923-03-04")), "implausible_age"),
    (lambda b: b["people"][0]["person"].update(
        date_of_birth=records.part("DateValue", value="2024-03-06")), "implausible_age"),
    (lambda b: b["people"][0]["person"].update(sex=records.coded("Q")), "unknown_code"),
    (lambda b: b["vehicles"][0]["vehicle"].update(make=records.coded("??")), "unknown_code"),
    (lambda b: b["people"][0]["person"]["marks"][0].update(code=records.coded("X")),
     "unknown_code"),
    (lambda b: b["offences"].append(records.part(
        "Offence", local_id="o1", code=records.coded("13A"), person_local_ids=["p7"])),
     "dangling_reference"),
])  # fmt: skip
def test_a_value_that_breaks_a_rule_is_named(desk: Desk, spoil: Any, expected: str) -> None:
    body = records.body()
    spoil(body)
    assert reason(desk.say(records.change(body=body))) == expected
    assert desk.say(records.change(source_seq=2)).outcome == "accepted"


@pytest.mark.parametrize("spoil", [
    lambda b: b["people"][0].update(age_years=0),
    lambda b: b["people"][0].update(age_years=100),
    lambda b: b["people"][0]["person"].update(sex=records.coded(None, "whatever")),
    lambda b: b["people"][0]["person"].update(
        date_of_birth=records.part("DateValue", value="2024-03-05")),
    lambda b: b["people"][0]["person"].update(
        date_of_birth=records.part("DateValue", value="2024")),
    lambda b: b["people"][0]["person"].update(
        date_of_birth=records.part("DateValue", value=None, source="illegible")),
    lambda b: b["people"][0]["person"].update(
        date_of_birth=records.part("DateValue", value="1900-01-01")),
])  # fmt: skip
def test_an_unusual_value_within_the_rules_passes(desk: Desk, spoil: Any) -> None:
    body = records.body()
    spoil(body)
    assert desk.say(records.change(body=body)).outcome == "accepted"


def test_references_from_details_and_disputes_must_lead_somewhere(desk: Desk) -> None:
    name, blank = records.body("booking")["details"]
    body = records.body("booking", details=(name, blank | {"facility_local_id": "g9"}))
    assert reason(desk.say(records.change("booking", body=body))) == "dangling_reference"
    dispute = records.part("Dispute", dispute_id="d1", statement_reference="s", about_local_id="z")
    assert reason(desk.say(records.change(disputes=[dispute]))) == "dangling_reference"
    known = dispute | {"about_local_id": "p1"}
    assert record_of(desk.say(records.change(disputes=[known])))["disputes"] == [known]


def older_schema() -> Any:
    """RecordChange before offences had a statute and before people had a build."""
    schema = orjson.loads(catalog.self_contained_text(records.CHANGE))
    body = next(f for f in schema["fields"] if f["name"] == "body")["type"][1]
    body["fields"] = [f for f in body["fields"] if f["name"] != "narrative"]
    return schema


def newer_schema() -> Any:
    """RecordChange with an optional field of a later version."""
    schema = orjson.loads(catalog.self_contained_text(records.CHANGE))
    body = next(f for f in schema["fields"] if f["name"] == "body")["type"][1]
    extra = {"name": "weather", "type": ["null", "string"], "default": None, "doc": "Weather."}
    body["fields"].insert(1, extra)
    return schema


@pytest.mark.parametrize(("schema", "change_body"), [
    (older_schema(), lambda b: b.pop("narrative")),
    (newer_schema(), lambda b: b.update(weather="rain")),
])  # fmt: skip
def test_another_version_of_the_schema_is_read_into_ours(
    desk: Desk, schema: Any, change_body: Any
) -> None:
    """The event id is that of what its publisher saw; the record is in our own shape."""
    parse_schema(orjson.loads(orjson.dumps(schema)))
    body = records.body()
    change_body(body)
    change = records.change() | {"body": body}
    change["event_id"] = records.event_id(change, build(schema))
    desk.schema_ids[TOPIC] = desk.registry.add(f"{TOPIC}-value", schema)
    payload = PlainWriter(build(schema)).write(change)
    record = record_of(desk.send(desk.framed(payload), change["record_key"]))
    assert set(record["body"]) == set(records.body())
    assert record["body"]["narrative"] == body.get("narrative")


@given(st.builds(
    state.RecordState, st.sampled_from(["", "live", "expunged"]), st.integers(-1, 2**63 - 1),
    st.text(max_size=32), st.text(max_size=20), st.integers(-1, 2**63 - 1), st.booleans(),
    st.lists(st.text(max_size=30), max_size=3).map(tuple), st.sampled_from(["", "2024-03-05"]),
    st.sets(st.integers(0, 9)).map(tuple), st.sets(st.integers(0, 9)).map(tuple),
    st.lists(st.dictionaries(st.text(max_size=9), st.integers(0, 2**53)), max_size=2).map(tuple),
    st.booleans(),
))  # fmt: skip
def test_a_state_survives_its_bytes(value: state.RecordState) -> None:
    assert state.decode(value.encode()) == value
    assert state.decode(None) == state.NOTHING
