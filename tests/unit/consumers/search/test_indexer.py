"""What a message of `records.v1` means for the index."""

from __future__ import annotations

from typing import Any

import pytest

from consumers.search.changes import RecordChanges
from consumers.search.document import Document
from consumers.sink import Removal
from recordbus.errors import Rejected
from recordbus.kafka.message import Message

HEADERS = (("origin", b"intake/3"), ("version", b"\x00" * 8))


def message(record: Any, value: bytes | None = b"x", key: bytes | None = None) -> Message:
    own = record["record_key"].encode() if key is None else key
    return Message("records.v1", 3, 10, own, value, 0, HEADERS)


def test_a_live_record_is_a_document_of_its_writer_and_version(make_record: Any) -> None:
    record = make_record()

    change = RecordChanges(lambda _: record)(message(record))

    assert isinstance(change.payload, Document)
    assert (change.key.hex(), change.origin) == (record["record_key"], "intake/3")
    assert (change.version, change.department) == (record["version"], "harbor-city-pd")
    assert change.published_us == change.payload.published_us


@pytest.mark.parametrize("status", ["sealed", "withdrawn", "expunged"])
def test_a_removal_is_a_marker(make_record: Any, status: str) -> None:
    record = make_record(status=status, source_seq=1, status_reason="court_order")

    assert RecordChanges(lambda _: record)(message(record)).payload is Removal.MARKER


def test_no_value_is_a_tombstone(make_record: Any) -> None:
    change = RecordChanges(lambda _: None)(message(make_record(), None))

    assert change.payload is Removal.TOMBSTONE
    assert change.published_us is None


@pytest.mark.parametrize("key", [b"", b"no key", b"ab" * 31, b"\xff" * 64])
def test_a_key_that_is_no_record_key_is_set_aside(make_record: Any, key: bytes) -> None:
    record = make_record()

    with pytest.raises(Rejected, match="key_mismatch"):
        RecordChanges(lambda _: record)(message(record, key=key))
    with pytest.raises(Rejected, match="key_mismatch"):
        RecordChanges(lambda _: record)(message(record, None, key=key))


def test_anothers_key_is_set_aside(make_record: Any) -> None:
    record = make_record()

    with pytest.raises(Rejected, match="key_mismatch"):
        RecordChanges(lambda _: record)(message(record, key=b"ab" * 32))


def test_a_record_that_makes_no_document_is_set_aside_without_its_content(
    make_record: Any,
) -> None:
    record = make_record()
    record["body"]["people"][0]["person"]["height_inches"] = "tall Delgado"

    with pytest.raises(Rejected, match="decoder_crash") as caught:
        RecordChanges(lambda _: record)(message(record))

    assert "Delgado" not in str(caught.value)


def test_what_is_set_aside_is_of_the_department_that_intake_named(make_record: Any) -> None:
    record = make_record()
    changes = RecordChanges(lambda _: record)

    assert changes.department_of(message(record, key=b"no key")) == "harbor-city-pd"


def _not_decodable(_: object) -> object:
    raise Rejected("truncated", "the value ends")


@pytest.mark.parametrize(
    "decode", [_not_decodable, lambda _: {"department": "Jane Roe"}, lambda _: {"department": ""}]
)
def test_where_no_department_can_be_read_none_is_named(make_record: Any, decode: Any) -> None:
    assert RecordChanges(decode).department_of(message(make_record())) is None


def test_a_writer_that_names_no_origin_is_its_partition(make_record: Any) -> None:
    record = make_record()
    plain = message(record)._replace(headers=())

    assert RecordChanges(lambda _: record)(plain).origin == "records.v1/3"
