"""Every row 1-30 of the catalogue of bad input that reaches intake, and the answer it must get."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from recordbus.avro.writer import zigzag
from recordbus.errors import Retryable
from recordbus.kafka.wire import frame
from recordbus.testing import records
from schemas import catalog
from streams.intake.decode import MAX_MESSAGE_BYTES
from streams.intake.testing import OTHER, TOPIC, Desk, erased, reason, record_of
from streams.runtime.contract import KEEP, Input, Note, Quarantine

CHANGE = records.change()
KEY = CHANGE["record_key"]
PAYLOAD = records.encode(CHANGE)
NARRATIVE = CHANGE["body"]["narrative"].encode()


def with_person(**fields: Any) -> dict[str, Any]:
    """A change whose first person differs in these fields of the person."""
    body = records.body()
    body["people"][0]["person"] |= fields
    return records.change(body=body)


def with_location(**fields: Any) -> dict[str, Any]:
    body = records.body()
    body["locations"][0]["location"] |= fields
    return records.change(body=body)


def after_good_one(desk: Desk, value: bytes | None, key: str | bytes | None = KEY) -> str | None:
    """Send bytes, then a good record: the good one always goes through."""
    found = reason(desk.send(value, key))
    assert desk.say(records.change(source_seq=100 + desk.offset)).outcome == "accepted"
    return found


@pytest.mark.parametrize("value", [b"", b"\x01" + b"\0\0\0\1" + PAYLOAD, b"\0\0\0\1"])
def test_rows_1_to_3_what_is_not_framed(desk: Desk, value: bytes) -> None:
    assert after_good_one(desk, value) == "not_framed"


def test_row_4_unknown_schema(desk: Desk) -> None:
    assert after_good_one(desk, frame(999, PAYLOAD)) == "unknown_schema"


def test_row_4_a_registry_that_is_away_is_not_the_message_s_fault(desk: Desk) -> None:
    desk.registry.away = True
    with pytest.raises(Retryable):
        desk.say(CHANGE)
    desk.registry.away = False
    assert desk.say(CHANGE).outcome == "accepted"


def test_row_4_known_schemas_outlast_the_registry(desk: Desk) -> None:
    desk.say(CHANGE)
    desk.registry.away = True
    assert desk.say(records.change(source_seq=2)).outcome == "accepted"


def test_row_5_a_schema_of_another_topic(desk: Desk) -> None:
    other = desk.registry.add("other-value", catalog.avro_schema("recordbus.v1.Record"))
    assert after_good_one(desk, frame(other, PAYLOAD)) == "schema_not_for_topic"


def test_row_6_truncated_says_where(desk: Desk) -> None:
    cut = desk.framed(PAYLOAD)[:-40]
    handled = desk.send(cut, KEY)
    assert reason(handled) == "truncated"
    assert handled.quarantined is not None
    assert "at byte " in handled.quarantined.detail


def test_every_cut_is_truncated_or_at_least_refused(desk: Desk) -> None:
    whole = desk.framed(PAYLOAD)
    for end in range(5, len(whole), 7):
        assert reason(desk.send(whole[:end], KEY)) in {"truncated", "bad_length"}


def test_row_7_bytes_left_over(desk: Desk) -> None:
    assert after_good_one(desk, desk.framed(PAYLOAD + b"\0")) == "trailing_bytes"


def recursive() -> Any:
    return {"type": "record", "name": "R", "fields": [{"name": "r", "type": ["null", "R"]}]}


def deep() -> Any:
    schema: Any = "string"
    for _ in range(100):
        schema = {"type": "array", "items": schema}
    return schema


def test_rows_8_and_9_recursive_and_deep_schemas(desk: Desk) -> None:
    for schema in (recursive(), deep()):
        schema_id = desk.registry.add(f"{TOPIC}-value", schema)
        assert after_good_one(desk, frame(schema_id, b"\x02" * 5000 + b"\0")) == "too_deep"


def test_row_10_items_of_no_size_and_too_many_items(desk: Desk) -> None:
    zero = desk.registry.add(f"{TOPIC}-value", {"type": "array", "items": "null"})
    assert after_good_one(desk, frame(zero, zigzag(10_000_000) + b"\0")) == "too_many_items"
    body = records.body()
    body["people"][0]["person"]["phones"] = [""] * 10_001
    crowded = records.change(body=body)
    assert after_good_one(desk, desk.framed(records.encode(crowded))) == "too_many_items"


@pytest.mark.parametrize("length", [2**40, -5])
def test_row_11_impossible_lengths(desk: Desk, length: int) -> None:
    mangled = zigzag(length) + PAYLOAD[1:]
    assert after_good_one(desk, desk.framed(mangled)) == "bad_length"


def replaced(old: bytes, new: bytes) -> bytes:
    assert PAYLOAD.count(old) == 1
    return PAYLOAD.replace(old, new)


KIND_AT = PAYLOAD.index(KEY.encode()) + 64
BODY_AT = PAYLOAD.index(b"FC-2024-000317") - 2


@pytest.mark.parametrize("index", [99, -1])
@pytest.mark.parametrize("at", [KIND_AT, BODY_AT])
def test_rows_12_and_13_enum_and_union_indexes(desk: Desk, index: int, at: int) -> None:
    mangled = PAYLOAD[:at] + zigzag(index) + PAYLOAD[at + 1 :]
    assert after_good_one(desk, desk.framed(mangled)) == "bad_index"


@pytest.mark.parametrize("number", [zigzag(2**41), b"\xff" * 10 + b"\x01"])
def test_row_14_numbers_out_of_range(desk: Desk, number: bytes) -> None:
    body = records.body()
    body["people"][0]["age_years"] = 57
    payload = records.encode(records.change(body=body))
    aged = b"\x02" + zigzag(57)
    mangled = payload.replace(aged, b"\x02" + number, 1)
    assert mangled != payload
    assert after_good_one(desk, desk.framed(mangled)) == "int_range"


def test_row_15_text_that_is_not_utf8(desk: Desk) -> None:
    mangled = replaced(b"Pires", b"P\xffres")
    assert after_good_one(desk, desk.framed(mangled)) == "bad_utf8"


def test_row_16_a_lone_surrogate_is_not_utf8_either(desk: Desk) -> None:
    mangled = replaced(b"Delgado-Pires", b"Delgado-P\xed\xa0\x80es")
    assert after_good_one(desk, desk.framed(mangled)) == "bad_utf8"


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066"])
def test_row_16_control_characters(desk: Desk, bad: str) -> None:
    name = records.part("PersonName", type="primary", given=f"An{bad}a", surname="Lee")
    handled = desk.say(with_person(names=[name]))
    assert reason(handled) == "control_chars"
    assert handled.quarantined is not None
    assert "people.0.person.names.0.given" in handled.quarantined.detail
    assert "Lee" not in handled.quarantined.detail


def test_row_16_control_characters_outside_the_body(desk: Desk) -> None:
    contact = records.part("Contact", unit="De\x00sk")
    assert reason(desk.say(records.change(contact=contact))) == "control_chars"


@pytest.mark.parametrize(
    "good", ["line\nend\ttab\r", "back\\u0000slash", 'quote"', "Zo\u00eb \u4e2d"]
)
def test_row_16_what_only_looks_like_a_control_is_fine(desk: Desk, good: str) -> None:
    body = records.body(narrative=good)
    assert desk.say(records.change(body=body)).outcome == "accepted"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_row_17_coordinates_that_are_no_numbers(desk: Desk, number: float) -> None:
    payload = records.encode(with_location(latitude=42.5))
    mangled = payload.replace(struct.pack("<d", 42.5), struct.pack("<d", number))
    assert after_good_one(desk, desk.framed(mangled)) == "not_finite"


@pytest.mark.parametrize("degrees", [{"latitude": 91.0}, {"longitude": -181.0}])
def test_row_17_coordinates_off_the_globe(desk: Desk, degrees: dict[str, float]) -> None:
    assert reason(desk.say(with_location(**degrees))) == "bad_value"


def test_row_18_an_instant_past_the_year_9999(desk: Desk) -> None:
    late = records.change(recorded_at=2**62)
    payload = records.encode(late | {"event_id": "x" * 36})
    assert after_good_one(desk, desk.framed(payload)) == "logical_type"


@pytest.mark.parametrize("born", ["1985-02-30", "1985-13-01", "12/04/1985"])
def test_row_18_a_date_that_is_none(desk: Desk, born: str) -> None:
    value = records.part("DateValue", value=born)
    assert reason(desk.say(with_person(date_of_birth=value))) == "logical_type"


def test_row_19_a_map_with_a_key_twice(desk: Desk) -> None:
    schema_id = desk.registry.add(f"{TOPIC}-value", {"type": "map", "values": "int"})
    twice = b"\x04\x02a\x02\x02a\x04\x00"
    assert after_good_one(desk, frame(schema_id, twice)) == "duplicate_key"


def test_row_24_a_message_over_the_limit(desk: Desk) -> None:
    assert after_good_one(desk, b"\0" * (MAX_MESSAGE_BYTES + 1)) == "too_large"


@pytest.mark.parametrize("key", [None, b"", b"someone", b"a" * 64, KEY.upper().encode()])
def test_row_25_a_key_that_is_not_the_record_key(desk: Desk, key: bytes | None) -> None:
    assert after_good_one(desk, desk.framed(PAYLOAD), key) == "key_mismatch"


def test_row_25_an_empty_value_is_no_way_to_withdraw(desk: Desk) -> None:
    assert after_good_one(desk, None) == "tombstone_from_publisher"


@pytest.mark.parametrize(("year", "flag"), [
    (1900, "implausible_event_time"), (2999, "implausible_event_time"), (2024, None),
])  # fmt: skip
def test_row_26_impossible_event_times_are_flagged(desk: Desk, year: int, flag: str | None) -> None:
    change = records.change(occurred_at=datetime(year, 3, 1, tzinfo=UTC))
    assert record_of(desk.say(change))["flags"] == ([flag] if flag else [])


def test_row_26_event_times_order_nothing(desk: Desk) -> None:
    desk.say(records.change(source_seq=5, occurred_at=datetime(2999, 1, 1, tzinfo=UTC)))
    assert desk.say(records.change(source_seq=6)).outcome == "accepted"


def test_row_27_a_jump_back_is_superseded_and_a_leap_is_flagged(desk: Desk) -> None:
    assert record_of(desk.say(records.change(source_seq=10)))["flags"] == []
    assert desk.say(records.change(source_seq=9)).outcome == "superseded"
    step = desk.say(records.change(source_seq=11))
    assert [note.name for note in step.notes] == ["accepted"]
    leap = desk.say(records.change(source_seq=11 + 10**9))
    assert record_of(leap)["flags"] == ["source_seq_gap"]
    assert Note("source_seq_gap", (records.DEPARTMENT,)) in leap.notes


def test_row_28_same_number_other_content_keeps_both(desk: Desk) -> None:
    first = desk.say(records.change(source_seq=4))
    second = desk.say(records.change(source_seq=4, body=records.body(narrative="Other.")))
    assert reason(second) == "conflicting_duplicate"
    assert second.quarantined is not None
    assert second.quarantined.keep_value
    assert desk.say(records.change(source_seq=4)).outcome == "duplicate"
    assert record_of(first)["body"]["narrative"] != "Other."


def test_row_28_an_exact_duplicate_is_counted(desk: Desk) -> None:
    desk.say(CHANGE)
    handled = desk.say(CHANGE)
    assert (handled.outcome, handled.outputs, reason(handled)) == ("duplicate", (), None)


@pytest.mark.parametrize("status", ["withdrawn", "sealed", "expunged"])
def test_row_29_a_removal_before_its_create(desk: Desk, status: str) -> None:
    early = desk.say(records.removal(status, 7))
    assert early.outcome == "unknown_retraction"
    assert record_of(early)["status"] == status
    late = desk.say(records.change(source_seq=6))
    assert late.outcome == ("superseded" if status != "expunged" else "quarantined")


@pytest.mark.parametrize("change", [
    records.change(source_seq=1), records.change(source_seq=10**6),
    records.removal("withdrawn", 9), records.removal("sealed", 9),
])  # fmt: skip
def test_row_30_nothing_comes_back_after_an_expunge(desk: Desk, change: dict[str, Any]) -> None:
    desk.say(records.change(source_seq=2))
    desk.say(records.removal("expunged", 3))
    before = dict(desk.states)
    handled = desk.say(change)
    assert reason(handled) == "resurrection_attempt"
    assert handled.quarantined is not None
    assert not handled.quarantined.keep_value
    assert ("resurrection", (records.DEPARTMENT,)) in [tuple(note) for note in handled.notes]
    assert desk.states == before


def test_row_30_broken_bytes_after_an_expunge_are_not_kept_either(desk: Desk) -> None:
    desk.say(records.removal("expunged", 3))
    handled = desk.send(desk.framed(PAYLOAD[:-3]), KEY)
    assert handled.quarantined is not None
    assert (handled.quarantined.reason, handled.quarantined.keep_value) == ("truncated", False)


Spoil = Callable[[dict[str, Any]], None]


def spoil_owner(change: dict[str, Any]) -> None:
    change["owner_ori"] = "MA0140200"


def spoil_event_id(change: dict[str, Any]) -> None:
    change["event_id"] = records.event_id(change | {"source_seq": 77})


def spoil_kind(change: dict[str, Any]) -> None:
    change["record_kind"] = "arrest"


def spoil_body(change: dict[str, Any]) -> None:
    change["body"] = None
    change["event_id"] = records.event_id(change)


def spoil_status(change: dict[str, Any]) -> None:
    change["status"] = "sealed"
    change["event_id"] = records.event_id(change)


@pytest.mark.parametrize(("spoil", "expected"), [
    (spoil_owner, "origin_mismatch"), (spoil_event_id, "event_id_mismatch"),
    (spoil_kind, "kind_mismatch"), (spoil_body, "body_missing"),
    (spoil_status, "body_on_removed_record"),
])  # fmt: skip
def test_an_envelope_that_contradicts_itself(desk: Desk, spoil: Spoil, expected: str) -> None:
    change = records.change()
    spoil(change)
    assert reason(desk.say(change)) == expected
    assert desk.say(CHANGE).outcome == "accepted"


def test_another_department_cannot_touch_a_record(desk: Desk) -> None:
    """R-44: whose record it is follows from the topic that it was first accepted on."""
    desk.say(CHANGE)
    before = dict(desk.states)
    forged = records.removal("expunged", 9, owner_ori="MA0140200")
    assert reason(desk.say(forged, OTHER)) == "origin_mismatch"
    assert desk.states == before
    assert desk.say(records.change(source_seq=2)).outcome == "accepted"


def test_another_department_s_name_in_the_payload_is_no_help(desk: Desk) -> None:
    assert reason(desk.say(CHANGE, OTHER)) == "origin_mismatch"


def test_a_removal_erases_what_quarantine_holds_of_the_record(desk: Desk) -> None:
    """The original bytes of a refused message are content too; a removal reaches them."""
    desk.say(CHANGE)
    desk.send(desk.framed(PAYLOAD[:-3]), KEY)
    refused = f"{TOPIC}/0/{desk.offset}".encode()
    assert erased(desk.say(records.change(source_seq=2))) == []
    gone = desk.say(records.removal("expunged", 3))
    assert erased(gone) == [refused]
    assert erased(desk.say(records.removal("expunged", 4))) == []


def test_what_was_refused_before_the_first_good_message_is_erased_too(desk: Desk) -> None:
    desk.send(desk.framed(PAYLOAD[:-3]), KEY)
    refused = f"{TOPIC}/0/{desk.offset}".encode()
    assert erased(desk.say(records.removal("expunged", 1))) == [refused]


def test_a_key_with_many_refusals_keeps_positions_only_while_it_can_erase_them(desk: Desk) -> None:
    kept = []
    for _ in range(120):
        handled = desk.send(b"", KEY)
        assert handled.quarantined is not None
        kept.append(handled.quarantined.keep_value)
    assert kept == [True] * 100 + [False] * 20
    assert len(erased(desk.say(records.removal("expunged", 3)))) == 100


@pytest.mark.parametrize("key", [None, b"someone", b"0" * 64])
def test_bytes_that_no_removal_would_find_are_not_kept(desk: Desk, key: bytes | None) -> None:
    desk.say(records.change())
    handled = desk.send(desk.framed(PAYLOAD), key)
    assert handled.quarantined is not None
    assert (handled.quarantined.reason, handled.quarantined.keep_value) == ("key_mismatch", False)
    assert handled.state is KEEP


def test_an_echo_of_another_department_s_record_is_not_kept(desk: Desk) -> None:
    desk.say(records.change())
    handled = desk.send(desk.framed(PAYLOAD, OTHER), KEY, OTHER)
    assert handled.quarantined is not None
    assert (handled.quarantined.reason, handled.quarantined.keep_value) == (
        "origin_mismatch", False,
    )  # fmt: skip


def test_what_the_runtime_refuses_is_erased_too(desk: Desk) -> None:
    """A crash of the decoder, say: the runtime sets it aside, and intake notes where."""
    message = Input(TOPIC, 0, 17, KEY.encode(), b"deadly", 0, 17)
    why = Quarantine("decoder_crash", "killed by SIGSEGV")
    handled = desk.intake.set_aside(message, None, why)
    assert (handled.quarantined, handled.notes) == (why, ())
    assert isinstance(handled.state, bytes)
    desk.states[KEY.encode()] = handled.state
    assert erased(desk.say(records.removal("expunged", 1))) == [f"{TOPIC}/0/17".encode()]
    after = desk.intake.set_aside(message, desk.states[KEY.encode()], why)
    assert after.quarantined == why._replace(keep_value=False)
