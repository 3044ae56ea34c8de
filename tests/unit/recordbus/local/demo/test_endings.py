"""The demo finds its endings in what the bus says, and tells none that is not there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from recordbus.local.demo.endings import Bus, endings, summary

Value = dict[str, Any]


def person(
    mention: str, given: str, born: str | None = None, home: str | None = None, number: str = ""
) -> Value:
    return {
        "mention_id": mention,
        "names": [{"given": given, "surname": "MADEUP"}],
        "date_of_birth": born,
        "addresses": [{"key": home}] if home else [],
        "identifiers": [{"type": "driver_license", "digest": number}] if number else [],
    }


def record(key: str, department: str, *people: Value, kind: str = "arrest", ties: int = 1) -> Value:
    return {
        "record_key": key,
        "department": department,
        "record_kind": kind,
        "status": "live",
        "recorded_at": datetime(2024, 5, 6, tzinfo=UTC),
        "occurred_at": None,
        "body": {"record_id": f"no-{key}"},
        "normalised": {"people": list(people)},
        "relations": [{}] * ties,
    }


def identities(**entities: str | None) -> list[Value]:
    return [{"mention_id": mention, "entity_id": entity} for mention, entity in entities.items()]


def update(number: str, key: str, status: str, reason: str | None = None) -> Value:
    return {"association_id": number, "record_key": key, "status": status, "reason": reason}


def test_somebody_whom_three_departments_know_is_shown() -> None:
    records = [record(d, d, person(f"{d}1", "ANA"), ties=0) for d in ("a", "b", "c")]
    same = Bus(records, identities(a1="e", b1="e", c1="e"), [])
    assert [ending.commands for ending in endings(same)] == [(("show", "e"),)]
    assert not list(endings(Bus(records, identities(a1="e", b1="e", c1="f"), [])))


def test_those_of_one_household_who_were_born_closest_are_told_apart() -> None:
    home = [
        person("m1", "ANA", "1990-01-01", "door"),
        person("m2", "BEN", "1992-01-01", "door"),
        person("m3", "CARL", "1992-03-01", "door"),
    ]
    bus = Bus([record("r", "a", *home, ties=0)], identities(m1="e1", m2="e2", m3="e3"), [])
    assert [ending.commands for ending in endings(bus)] == [(("why-not", "m2", "m3"),)]
    one = Bus([record("r", "a", *home[1:], ties=0)], identities(m2="e", m3="e"), [])
    assert not list(endings(one))


def test_those_who_share_a_number_are_no_example_and_those_who_both_have_one_are_the_best() -> None:
    """Two with one number may be one person after all."""
    home = [
        person("m1", "JOSE", "1990-01-01", "door", "n1"),
        person("m2", "PEPE", "1990-01-01", "door", "n1"),
        person("m3", "ANA", "1990-01-02", "door"),
        person("m4", "BEN", "1995-01-01", "door", "n4"),
    ]
    entities = identities(m1="e1", m2="e2", m3="e3", m4="e4")
    bus = Bus([record("r", "a", *home, ties=0)], entities, [])
    assert [ending.commands for ending in endings(bus)] == [(("why-not", "m1", "m4"),)]
    one = Bus([record("r", "a", *home[:2], ties=0)], entities, [])
    assert not list(endings(one))


def test_what_a_court_took_back_is_counted_by_its_newest_word() -> None:
    updates = [
        update("x", "r", "asserted"),
        update("x", "r", "retracted", "disposition"),
        update("y", "r", "changed"),
    ]
    bus = Bus([record("r", "a", person("m", "ANA"))], identities(m="e"), updates)
    (ending,) = endings(bus)
    assert "taken back 1, ties left 1" in ending.says
    assert ending.arguments[0][:2] == ("show", "e")
    assert summary(bus) == {"entities": 1, "standing": 1, "retracted": {"disposition": 1}}


def test_a_field_contact_whose_time_had_run_out_before_it_came_is_told_too() -> None:
    contact = record("r", "a", person("m", "ANA"), kind="field_contact", ties=2)
    (ending,) = endings(Bus([contact], identities(m="e"), []))
    assert "of 2024-05-06: it would tie 2 times" in ending.says
    standing = Bus([contact], identities(m="e"), [update("x", "r", "asserted")])
    assert not list(endings(standing))


def test_a_record_that_is_gone_has_no_ending() -> None:
    gone = record("r", "a", person("m", "ANA")) | {"status": "sealed"}
    updates = [update("x", "r", "retracted", "disposition")]
    assert not list(endings(Bus([gone], identities(m=None), updates)))
