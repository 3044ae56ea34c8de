"""Rows 1-30 of the catalogue of bad input through a real Kafka, registry and worker.

Each case publishes its bad message and then a good record; the good one always goes through.
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from recordbus import ids
from recordbus.avro.writer import zigzag
from recordbus.kafka.wire import frame
from recordbus.testing import records
from schemas.limits import RECORD_BYTES
from tests.integration.intake.bus import OTHER_ORI, Bus, Follower

_numbers = itertools.count(1)


def fresh(**fields: Any) -> dict[str, Any]:
    """Give a valid change of a record that no other test speaks of."""
    number = f"FC-{next(_numbers)}"
    key = ids.record_key(records.SECRET, "field_contact", number)
    body = fields.pop("body", None) or records.body(record_id=number)
    if fields.get("status", "live") != "live":
        body = None
    filled: dict[str, Any] = {"record_key": key, "body": body} | fields
    return records.change(**filled)


def with_person(**fields: Any) -> dict[str, Any]:
    body = records.body()
    body["people"][0]["person"] |= fields
    return fresh(body=body)


def spoiled(change: dict[str, Any], old: bytes, new: bytes) -> bytes:
    payload = records.encode(change)
    assert old in payload
    return payload.replace(old, new, 1)


def framed(bus: Bus, payload: bytes) -> bytes:
    return frame(bus.schema_ids[bus.topic], payload)


Case = Callable[[Bus, dict[str, Any]], bytes | None]


def at_kind(number: int) -> Case:
    def make(bus: Bus, change: dict[str, Any]) -> bytes:
        payload = records.encode(change)
        at = payload.index(change["record_key"].encode()) + 64
        return framed(bus, payload[:at] + zigzag(number) + payload[at + 1 :])

    return make


def replacing(old: bytes, new: bytes) -> Case:
    return lambda bus, change: framed(bus, spoiled(change, old, new))


def crowded(bus: Bus, change: dict[str, Any]) -> bytes:
    change["body"]["people"][0]["person"]["phones"] = [""] * 10_001
    return bus.framed(change)


def with_name(given: str) -> Case:
    def make(bus: Bus, change: dict[str, Any]) -> bytes:
        name = records.part("PersonName", type="primary", given=given, surname="Lee")
        change["body"]["people"][0]["person"]["names"] = [name]
        change["event_id"] = records.event_id(change)
        return bus.framed(change)

    return make


def not_a_number(bus: Bus, change: dict[str, Any]) -> bytes:
    change["body"]["locations"][0]["location"]["latitude"] = 42.5
    nan = struct.pack("<d", float("nan"))
    return framed(bus, spoiled(change, struct.pack("<d", 42.5), nan))


def too_late(bus: Bus, change: dict[str, Any]) -> bytes:
    return bus.framed(change | {"recorded_at": 2**62})


def code_outside_its_list(bus: Bus, change: dict[str, Any]) -> bytes:
    change["body"]["people"][0]["person"]["sex"] = records.coded("Q")
    change["event_id"] = records.event_id(change)
    return bus.framed(change)


def written_with(schema: Any, payload: bytes) -> Case:
    """Give bytes under a schema that somebody registered for the topic behind our back."""

    def make(bus: Bus, _change: dict[str, Any]) -> bytes:
        return frame(bus.registry.register(f"{bus.topic}-value", json.dumps(schema)), payload)

    return make


def nested(depth: int) -> Any:
    schema: Any = "string"
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


def at_body(number: int) -> Case:
    """Spoil the index that says whether there is a body."""

    def make(bus: Bus, change: dict[str, Any]) -> bytes:
        payload = records.encode(change)
        record_id = change["body"]["record_id"].encode()
        at = payload.index(zigzag(len(record_id)) + record_id) - 1
        return framed(bus, payload[:at] + zigzag(number) + payload[at + 1 :])

    return make


def aged(number: bytes) -> Case:
    def make(bus: Bus, change: dict[str, Any]) -> bytes:
        change["body"]["people"][0]["age_years"] = 57
        return framed(bus, spoiled(change, b"\x02" + zigzag(57), b"\x02" + number))

    return make


def born(text: str) -> Case:
    def make(bus: Bus, change: dict[str, Any]) -> bytes:
        day = records.part("DateValue", value=text)
        change["body"]["people"][0]["person"]["date_of_birth"] = day
        change["event_id"] = records.event_id(change)
        return bus.framed(change)

    return make


RECURSIVE = {"type": "record", "name": "R", "fields": [{"name": "r", "type": ["null", "R"]}]}
NO_SIZE = {"type": "array", "items": "null"}
MAP = {"type": "map", "values": "int"}


CASES: dict[str, tuple[Case, str]] = {
    "row 1, empty": (lambda _b, _c: b"", "not_framed"),
    "row 2, wrong magic": (lambda b, c: b"\x01" + b.framed(c)[1:], "not_framed"),
    "row 3, four bytes": (lambda _b, _c: b"\0\0\0\1", "not_framed"),
    "row 4, unknown id": (lambda _b, c: frame(2**31 - 1, records.encode(c)), "unknown_schema"),
    "row 5, another subject": (
        lambda b, c: frame(b.schema_ids["records.v1"], records.encode(c)), "schema_not_for_topic"),
    "row 6, truncated": (lambda b, c: b.framed(c)[:-30], "truncated"),
    "row 7, bytes left": (lambda b, c: b.framed(c) + b"\0", "trailing_bytes"),
    "row 8, recursion": (written_with(RECURSIVE, b"\x02" * 5000 + b"\0"), "too_deep"),
    "row 9, nested": (written_with(nested(100), b"\x02" * 5000 + b"\0"), "too_deep"),
    "row 10, items of no size": (
        written_with(NO_SIZE, zigzag(10_000_000) + b"\0"), "too_many_items"),
    "row 10, too many items": (crowded, "too_many_items"),
    "row 11, length 2^40": (
        lambda b, c: framed(b, zigzag(2**40) + records.encode(c)[1:]), "bad_length"),
    "row 11, length -5": (
        lambda b, c: framed(b, zigzag(-5) + records.encode(c)[1:]), "bad_length"),
    "row 12, enum index 99": (at_kind(99), "bad_index"),
    "row 12, enum index -1": (at_kind(-1), "bad_index"),
    "row 13, union index 9": (at_body(9), "bad_index"),
    "row 13, union index -1": (at_body(-1), "bad_index"),
    "row 14, an int of 2^41": (aged(zigzag(2**41)), "int_range"),
    "row 14, a number of 11 bytes": (aged(b"\xff" * 10 + b"\x01"), "int_range"),
    "row 15, invalid UTF-8": (replacing(b"Pires", b"P\xffres"), "bad_utf8"),
    "row 16, NUL": (with_name("A\0na"), "control_chars"),
    "row 16, bidi override": (with_name("A\u202ena"), "control_chars"),
    "row 16, lone surrogate": (replacing(b"Pires", b"\xed\xa0\x80es"), "bad_utf8"),
    "row 17, NaN": (not_a_number, "not_finite"),
    "row 18, year beyond 9999": (too_late, "logical_type"),
    "row 18, no day of the calendar": (born("1985-02-30"), "logical_type"),
    "row 19, a key twice": (written_with(MAP, b"\x04\x02a\x02\x02a\x04\x00"), "duplicate_key"),
    "row 24, too large": (lambda _b, _c: b"\0" * (RECORD_BYTES + 1), "too_large"),
    "row 25, tombstone": (lambda _b, _c: None, "tombstone_from_publisher"),
    "R-01, unknown code": (code_outside_its_list, "unknown_code"),
    "event id": (lambda b, c: b.framed(c | {"event_id": "x"}), "event_id_mismatch"),
    "owner": (lambda b, c: b.framed(c | {"owner_ori": OTHER_ORI}), "origin_mismatch"),
    "kind": (lambda b, c: b.framed(c | {"record_kind": "arrest"}), "kind_mismatch"),
}  # fmt: skip


@pytest.mark.parametrize("row", CASES)
def test_a_bad_message_is_set_aside_with_its_bytes_and_the_next_one_goes_on(
    bus: Bus, published: Follower, quarantined: Follower, row: str
) -> None:
    make, reason = CASES[row]
    change, good = fresh(), fresh()
    value = make(bus, change)
    position = bus.publish(change["record_key"], value)
    bus.say(good)
    aside = quarantined.wait(position)
    assert (aside["reason"], aside["value"]) == (reason, value)
    assert (aside["department"], aside["stage"]) == (records.DEPARTMENT, "intake")
    assert f"{aside['source_topic']}/0/{aside['source_offset']}" == position
    assert published.wait(good["record_key"])["status"] == "live"
    assert change["record_key"] not in published.last


@pytest.mark.parametrize("key", [None, b"someone", b"0" * 64])
def test_row_25_a_key_that_is_not_the_record_s(
    bus: Bus, published: Follower, quarantined: Follower, key: bytes | None
) -> None:
    change, good = fresh(), fresh()
    position = bus.publish(key, bus.framed(change))
    bus.say(good)
    assert quarantined.wait(position)["reason"] == "key_mismatch"
    published.wait(good["record_key"])


def test_rows_26_to_28_time_order_and_contradiction(
    bus: Bus, published: Follower, quarantined: Follower
) -> None:
    late = datetime(2999, 1, 1, tzinfo=UTC)
    change = fresh(source_seq=5, occurred_at=late)
    key = change["record_key"]
    bus.say(change)
    assert published.wait(key)["flags"] == ["implausible_event_time"]
    bus.say(change)
    bus.say(records.change(record_key=key, source_seq=4))
    other = bus.say(records.change(record_key=key, source_seq=5))
    bus.say(records.change(record_key=key, source_seq=5 + 10**9))
    assert quarantined.wait(other)["reason"] == "conflicting_duplicate"
    last = published.wait(key, lambda value: value["source_seq"] == 5 + 10**9)
    assert last["flags"] == ["source_seq_gap"]
    said = [m for m in published.messages if m.key == key.encode()]
    assert len(said) == 2


def test_rows_29_and_30_removals_and_what_comes_after(
    bus: Bus, published: Follower, quarantined: Follower
) -> None:
    early = fresh(status="withdrawn", source_seq=7)
    key = early["record_key"]
    bus.say(early)
    bus.say(records.change(record_key=key, source_seq=6))
    broken = bus.publish(key, bus.framed(records.change(record_key=key, source_seq=8))[:-9])
    assert quarantined.wait(broken)["value"] is not None
    bus.say(records.removal("expunged", 2, record_key=key))
    back = bus.say(records.change(record_key=key, source_seq=9))
    aside = quarantined.wait(back)
    assert (aside["reason"], aside["value"]) == ("resurrection_attempt", None)
    assert quarantined.wait(broken, lambda value: value is None) is None
    marker = published.wait(key, lambda value: value["status"] == "expunged")
    assert (marker["body"], marker["normalised"], marker["relations"]) == (None, None, [])
    assert next(m for m in published.messages if m.key == key.encode()).value is not None


def test_another_department_cannot_take_a_record_over(
    bus: Bus, published: Follower, quarantined: Follower
) -> None:
    """R-44."""
    change = fresh()
    key = change["record_key"]
    bus.say(change)
    published.wait(key)
    forged = records.removal("expunged", 9, record_key=key, owner_ori=OTHER_ORI)
    position = bus.say(forged, bus.other_topic)
    assert quarantined.wait(position)["reason"] == "origin_mismatch"
    bus.say(records.change(record_key=key, source_seq=2))
    assert published.wait(key, lambda value: value["source_seq"] == 2)["status"] == "live"


def test_a_tick_and_a_tombstone(bus: Bus, published: Follower) -> None:
    bus.ask_upkeep("tick", "tick")
    assert published.wait("tick/0") is None
    gone = fresh(status="withdrawn", source_seq=1)
    bus.say(gone)
    version = published.wait(gone["record_key"])["version"]
    bus.ask_upkeep("tombstone", gone["record_key"], version)
    assert published.wait(gone["record_key"], lambda value: value is None) is None


def test_row_4_a_registry_that_is_away_delays_and_quarantines_nothing(
    bus: Bus, published: Follower, quarantined: Follower
) -> None:
    """A schema that the worker has not met yet, while nobody can be asked about it."""
    known = fresh()
    bus.say(known)
    published.wait(known["record_key"])
    bus.servers.kill_registry()
    try:
        change = fresh()
        payload = records.encode(change)
        position = bus.publish(change["record_key"], frame(2**30, payload))
        good = fresh()
        bus.say(good)
    finally:
        bus.servers.start_registry()
    assert quarantined.wait(position)["reason"] == "unknown_schema"
    published.wait(good["record_key"])
