"""What a decision leaves: masked values change nothing that is given (threat: inference, R-31)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader

from recordbus.policy.decision import Decision
from recordbus.policy.fields import MASKABLE_OF_ASSOCIATION, maskable
from recordbus.policy.payload import (
    apply_to_association,
    apply_to_record,
    is_masked,
    usable_fields,
)
from recordbus.testing import records
from recordbus.testing.records import part
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.intake.handle import Publisher as Speaker
from streams.intake.stage import make_intake
from streams.intake.topics import WRITTEN
from streams.runtime.contract import Input

TOPIC = "ingest.harbor-city-pd.v1"
MOMENT_MS = int(datetime(2024, 4, 1, tzinfo=UTC).timestamp() * 1000)


@cache
def _intake() -> tuple[Any, int]:
    registry = MemoryRegistry()
    for topic in (TOPIC, *WRITTEN):
        registry.add_topic(topic)
    speakers = {TOPIC: Speaker("harbor-city-pd", records.ORI)}
    return make_intake(registry, speakers, b"i" * 32), registry.id_of(f"{TOPIC}-value")


def published(body: dict[str, Any], kind: str = "incident") -> dict[str, Any]:
    """Give the value of `records.v1` that intake makes of a body."""
    intake, schema_id = _intake()
    change = records.change(kind, body=body)
    value = b"\0" + schema_id.to_bytes(4, "big") + records.encode(change)
    message = Input(TOPIC, 0, 7, change["record_key"].encode(), value, MOMENT_MS, 7)
    handled = intake.handle(message, None)
    assert handled.quarantined is None, handled.quarantined
    written = BytesIO((handled.outputs[0].value or b"")[5:])
    schema = parse_schema(dict(catalog.avro_schema("recordbus.v1.Record")))
    options: dict[str, Any] = dict(catalog.READ_OPTIONS)
    record: Any = schemaless_reader(written, schema, None, **options)
    return dict(record)


def incident(**person: Any) -> dict[str, Any]:
    role = records.person_role("incident", "p1", person=records.person(**person))
    return records.body("incident", people=[role])


def narrated(text: str) -> dict[str, Any]:
    return records.body("incident", narrative=text)


def day(text: str) -> dict[str, Any]:
    return part("DateValue", value=text, source=text)


def full(*paths: str) -> Decision:
    return Decision("full", frozenset(paths), ("a/b",), ("a",), "v1")


PAIRS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("body.people.person.date_of_birth",
     incident(date_of_birth=day("1988-03-09")), incident(date_of_birth=day("2011-12-30"))),
    ("body.people.person.race", incident(race=records.coded("B")), incident(race=None)),
    ("body.people.person.names", incident(), incident(given="Ruth", surname="Pires")),
    ("body.people.person.phones", incident(phones=["617-555-0100"]), incident(phones=[])),
    ("body.people.person.emails", incident(emails=["a@example.org"]), incident(emails=[])),
    ("body.people.person", incident(sex=records.coded("F")), incident(sex=records.coded("M"))),
    ("body.people", incident(), records.body("incident")),
    ("body.narrative", narrated("Seen by one."), narrated("Seen by nobody.")),
    ("body.vehicles", records.body("incident", vehicles=[]), records.body("incident")),
]  # fmt: skip


@pytest.mark.parametrize(("path", "one", "other"), PAIRS, ids=[path for path, _, _ in PAIRS])
def test_what_intake_makes_of_a_masked_value_does_not_reach_the_recipient(
    path: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second = published(one), published(other)
    assert first != second

    assert apply_to_record(full(path), first) == apply_to_record(full(path), second)
    assert apply_to_record(full(), first) == first


def having(path: str, value: str) -> dict[str, Any]:
    """Give a record or association update with a value where a path leads, and things beside."""
    built: Any = value
    for name in reversed(path.split(".")):
        built = {name: [built] if isinstance(built, dict) else built, "beside": 1}
    begins = path.partition(".")[0]
    built[begins] = built[begins][0]
    if begins == "body":
        return {**built, "normalised": {"copy": value}, "content_hash": value, "flags": [value]}
    built[begins]["source"] = {"content_hash": value}
    return dict(built)


@pytest.mark.parametrize("path", sorted(maskable()))
def test_every_field_that_a_mask_may_name_is_absent(path: str) -> None:
    given_payload = applied(full(path), having(path, "canary"))

    assert "canary" in repr(having(path, "canary"))
    assert "canary" not in repr(given_payload)
    assert "beside" in given_payload


def test_10_000_pairs_of_values_under_a_mask_make_no_difference() -> None:
    chance = random.Random(10_000)
    paths = sorted(maskable())
    for _ in range(10_000):
        path, decision = chance.choice(paths), full(*chance.sample(paths, 3))
        decision = replace(decision, masked=decision.masked | {path})
        one, other = (having(path, chance.randbytes(8).hex()) for _ in range(2))
        assert applied(decision, one) == applied(decision, other)


def applied(decision: Decision, payload: dict[str, Any]) -> dict[str, Any]:
    apply = apply_to_record if "body" in payload else apply_to_association
    found = apply(decision, payload)
    assert found is not None
    return found


def test_a_masked_field_is_absent_and_not_empty() -> None:
    given_record = apply_to_record(full("body.people.person.date_of_birth"), published(incident()))

    assert given_record is not None
    (role,) = given_record["body"]["people"]
    assert "date_of_birth" not in role["person"]
    assert "names" in role["person"]
    assert not {"normalised", "content_hash", "flags"} & given_record.keys()
    assert "relations" in given_record


def test_what_is_given_shares_nothing_that_masking_changed() -> None:
    record = published(incident())
    before = repr(record)

    apply_to_record(full("body.people.person", "body.narrative"), record)

    assert repr(record) == before


def test_r31_a_pointer_says_whom_to_ask_and_nothing_else() -> None:
    record = published(incident())
    pointer = Decision("pointer", reasons=("a/b",))

    assert apply_to_record(pointer, record) == {
        "level": "pointer",
        "department": "harbor-city-pd",
        "owner_ori": records.ORI,
        "contact": record["contact"],
    }
    assert apply_to_record(pointer, record) == apply_to_record(pointer, published(narrated("x")))


def test_r31_nothing_is_left_of_what_is_hidden() -> None:
    hidden = Decision("hidden", reasons=("bus/nothing_allows",))

    assert apply_to_record(hidden, published(incident())) is None
    assert apply_to_association(hidden, update()) is None
    assert apply_to_association(hidden, update() | {"association": None}) is None


def update(**fields: Any) -> dict[str, Any]:
    source = {"record_key": "k", "record_kind": "arrest", "department": "harbor-city-pd",
              "owner_ori": records.ORI, "version": 7, "content_hash": "h"}  # fmt: skip
    said = {"type": "co_arrested", "basis": "arrest", "source": source,
            "first_date": "2024-01-01", "contact": {"unit": "Records"}} | fields  # fmt: skip
    return {"association_id": "a", "record_key": "k", "status": "asserted", "association": said}


@pytest.mark.parametrize("path", sorted(MASKABLE_OF_ASSOCIATION))
def test_a_masked_field_of_an_association_is_absent(path: str) -> None:
    name = path.partition(".")[2]
    one, other = update(**{name: "x"}), update(**{name: "y"})

    assert apply_to_association(full(path), one) == apply_to_association(full(path), other)


def test_the_hash_of_a_masked_body_does_not_travel_with_an_association() -> None:
    """Who knows all but one short field could try its values against the hash."""
    given_update = apply_to_association(full("body.people.person.race"), update())

    assert given_update is not None
    assert "content_hash" not in given_update["association"]["source"]
    assert apply_to_association(full(), update()) == update()


def test_a_pointer_to_an_association_names_its_owner() -> None:
    pointer = apply_to_association(Decision("pointer"), update())

    assert pointer == {
        "level": "pointer", "department": "harbor-city-pd", "owner_ori": records.ORI,
        "contact": {"unit": "Records"},
    }  # fmt: skip


def test_a_masked_field_is_no_filter_count_or_sort() -> None:
    wanted = ["body.people.person.race", "body.people.person.sex", "body.people", "body.narrative"]

    usable = usable_fields(full("body.people.person.race"), wanted)

    assert usable == {"body.people.person.sex", "body.narrative"}
    assert usable_fields(Decision("pointer"), wanted) == frozenset()
    assert is_masked("body.people.person.race.code", {"body.people.person.race"})
    assert not is_masked("body.people.person.racecourse", {"body.people.person.race"})
