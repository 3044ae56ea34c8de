"""What stands in the quarantine: the last word on each position, and no content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.quarantined.entry import Wanted, counted, standing
from consumers.quarantined.show import entry_json
from recordbus.kafka.message import Message
from schemas import catalog

Said = Callable[..., Message]
MOMENT = datetime.fromtimestamp(1_795_000_000, UTC)
KEY = b"5" * 64


def as_it_is(value: Any) -> Any:
    return value


def test_the_last_word_on_a_position_stands_and_what_was_erased_does_not(said: Said) -> None:
    """R-25: a removal erases an entry by its key; ticks say nothing."""
    log = [
        said(1),
        said(2, reason="truncated"),
        said(3, after_ms=1),
        said(2, after_ms=2, reason="bad_utf8"),
        said(1, erased=True),
        Message("quarantine.v1", 0, 9, b"tick/0", None, 0),
    ]

    found = [(e.position, e.reason) for e in standing(log, as_it_is)]
    assert found == [
        ("ingest.maple-grove-pd.v1/0/3", "unknown_role"),
        ("ingest.maple-grove-pd.v1/0/2", "bad_utf8"),
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=30))
def test_what_stands_is_what_a_plain_table_would_hold(words: list[tuple[int, bool]]) -> None:
    table: dict[int, int] = {}
    log = []
    for at, (position, erases) in enumerate(words):
        said = {"source_topic": "t", "source_partition": 0, "source_offset": position,
                "source_timestamp": MOMENT, "reason": "truncated", "detail": str(at),
                "stage": "intake", "department": None, "key": None, "value": None}  # fmt: skip
        value: Any = None if erases else said
        log.append(Message("quarantine.v1", 0, at, f"t/0/{position}".encode(), value, at))
        table.pop(position, None)
        if not erases:
            table[position] = at

    assert [int(entry.detail) for entry in standing(log, as_it_is)] == list(table.values())


def test_bytes_come_with_the_one_entry_they_were_asked_for(said: Said) -> None:
    log = [said(1, value=b"jane roe"), said(2, value=b"john roe")]

    first, second = standing(log, as_it_is, bytes_of="ingest.maple-grove-pd.v1/0/2")
    assert (first.value, first.size_bytes) == (None, 8)
    assert (second.value, second.size_bytes) == (b"john roe", 8)
    assert "john" not in repr(second)
    assert "john" not in str(entry_json(second))


@pytest.mark.parametrize(
    ("key", "shown"),
    [(KEY, KEY.decode()), (None, None), (b"ROE, JANE", None), (KEY + b"5", None), (b"\xff", None)],
)
def test_only_a_key_that_is_a_record_key_is_shown(
    said: Said, key: bytes | None, shown: str | None
) -> None:
    """A publisher may have sent a name as the key; that is what it was set aside for."""
    (entry,) = standing([said(1, key=key)], as_it_is)

    assert entry.record_key == shown


@pytest.mark.parametrize(
    ("wanted", "offsets"),
    [
        (Wanted(), [1, 2, 3]),
        (Wanted(departments=frozenset({"mill-pd"})), [2]),
        (Wanted(reasons=frozenset({"truncated", "bad_utf8"})), [2, 3]),
        (Wanted(since=MOMENT + timedelta(seconds=1)), [2, 3]),
        (Wanted(record_key="55"), [3]),
        (Wanted(departments=frozenset({"mill-pd"}), record_key="55"), []),
    ],
)
def test_entries_are_narrowed_by_what_is_asked(
    said: Said, wanted: Wanted, offsets: list[int]
) -> None:
    log = [
        said(1),
        said(2, after_ms=1000, department="mill-pd", reason="truncated"),
        said(3, after_ms=2000, key=KEY, reason="bad_utf8"),
    ]

    found = [e.position for e in standing(log, as_it_is) if wanted.takes(e)]
    assert [int(position.rpartition("/")[2]) for position in found] == offsets


def test_counts_are_by_department_and_reason_the_most_frequent_first(said: Said) -> None:
    log = [said(1, department=None, reason="decoder_crash"), said(2), said(3, after_ms=5000)]

    counts = counted(standing(log, as_it_is))
    assert [(c.department, c.reason, c.entries) for c in counts] == [
        ("maple-grove-pd", "unknown_role", 2),
        (None, "decoder_crash", 1),
    ]
    assert counts[0].newest == MOMENT + timedelta(seconds=5)


def test_every_entry_says_what_to_do_also_one_of_a_newer_version(said: Said) -> None:
    known, newer = standing([said(1), said(2, reason="of_tomorrow")], as_it_is)

    assert known.what_to_do == catalog.reasons()["unknown_role"].what_to_do
    assert known.meaning == catalog.reasons()["unknown_role"].meaning
    assert "does not know" in newer.what_to_do
