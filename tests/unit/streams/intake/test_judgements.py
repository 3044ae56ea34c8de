"""Judgements of people and courts: passed on when sound, refused with a reason when not (R-09)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.judgements import AUTHOR_LIMIT, REASON_LIMIT, key_of
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.intake.testing import TOPIC, Desk, entry_of
from streams.intake.topics import JUDGEMENTS, RECORDS, VERDICTS
from streams.runtime.contract import Handled, Quarantine

A, B = f"{'a' * 64}.p1", f"{'b' * 64}.p2"
NAME = "recordbus.v1.Judgement"


def judgement(**fields: Any) -> dict[str, Any]:
    return {
        "a": A,
        "b": B,
        "a_version": 3,
        "b_version": 0,
        "outcome": "same",
        "reason": "one driver licence, seen by me",
        "author": "examiner 7",
        "decided_at": records.MOMENT,
        "expires_at": None,
    } | fields


def judge(desk: Desk, key: str | bytes | None = "", **fields: Any) -> Handled:
    """Send a judgement under its own key, or another."""
    said = judgement(**fields)
    payload = desk.framed(records.encode(said, NAME), JUDGEMENTS)
    return desk.send(payload, key_of(said) if key == "" else key, JUDGEMENTS)


@pytest.mark.parametrize("outcome", catalog.enum_symbols("recordbus.v1.JudgementOutcome"))
def test_a_sound_judgement_is_passed_on(desk: Desk, outcome: str) -> None:
    handled = judge(desk, outcome=outcome)
    (output,) = handled.outputs
    assert (output.topic, output.partition) == (VERDICTS, 0)
    assert output.key == f"judgement/{A}~{B}".encode()
    assert entry_of(handled, VERDICTS) == ("Judgement", judgement(outcome=outcome))
    assert handled.outcome == "judged"


def test_the_last_one_counts_and_is_kept_as_the_state_of_its_pair(desk: Desk) -> None:
    judge(desk)
    last = judge(desk, outcome="revoked", decided_at=records.MOMENT - timedelta(days=9))
    assert desk.states == {f"{A}~{B}".encode(): last.outputs[0].value}


def test_the_same_again_is_a_duplicate(desk: Desk) -> None:
    judge(desk)
    again = judge(desk)
    assert (again.outcome, again.outputs) == ("duplicate", ())


LATER = records.MOMENT + timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"a": B, "b": A}, "bad_pair"),
        ({"b": A}, "bad_pair"),
        ({"b": "b" * 64}, "bad_pair"),
        ({"b": f"{'b' * 64}.@case:0123456789abcdef"}, "bad_pair"),
        ({"b": f"{'B' * 64}.p2"}, "bad_pair"),
        ({"a": ""}, "bad_pair"),
        ({"b": f"{'a' * 64}.p2"}, "judged_within_record"),
        ({"reason": " \u00a0"}, "unexplained_judgement"),
        ({"reason": "x" * (REASON_LIMIT + 1)}, "unexplained_judgement"),
        ({"reason": "two\nlines"}, "unexplained_judgement"),
        ({"author": ""}, "unexplained_judgement"),
        ({"author": "x" * (AUTHOR_LIMIT + 1)}, "unexplained_judgement"),
        ({"author": "a\u202eb"}, "control_chars"),
        ({"a_version": -1}, "bad_value"),
        ({"b_version": -1}, "bad_value"),
        ({"expires_at": records.MOMENT}, "judgement_expired"),
        ({"key": f"{A}~{A}"}, "key_mismatch"),
        ({"key": f"{A}~{B}2"}, "key_mismatch"),
        ({"key": "tick"}, "key_mismatch"),
        ({"key": b"\xff~\xff"}, "key_mismatch"),
        ({"key": None}, "key_mismatch"),
    ],
)
def test_an_unsound_judgement_is_refused_and_leaves_the_earlier_one(
    desk: Desk, fields: dict[str, Any], reason: str
) -> None:
    judge(desk, expires_at=LATER)
    before = dict(desk.states)
    handled = judge(desk, **{"outcome": "different"} | fields)
    refused(handled, reason)
    assert desk.states == before


def refused(handled: Handled, reason: str) -> None:
    """Check a refusal: no removal could find these bytes, so they are not kept."""
    assert handled.quarantined is not None
    assert (handled.quarantined.reason, handled.quarantined.keep_value) == (reason, False)
    assert reason in catalog.reasons()
    assert not handled.outputs


def test_bytes_that_are_no_judgement_are_refused(desk: Desk) -> None:
    pair = f"{A}~{B}"
    refused(desk.send(None, pair, JUDGEMENTS), "tombstone_from_publisher")
    refused(desk.send(b"\0\0\0\0", pair, JUDGEMENTS), "not_framed")
    change = desk.framed(records.encode(records.change()), TOPIC)
    refused(desk.send(change, pair, JUDGEMENTS), "schema_not_for_topic")
    payload = records.encode(judgement(), NAME)
    refused(desk.send(desk.framed(payload + b"x", JUDGEMENTS), pair, JUDGEMENTS), "trailing_bytes")


def test_what_the_runtime_refuses_is_not_kept_either(desk: Desk) -> None:
    handled = judge(desk)
    message = handled.outputs[0]
    why = Quarantine("unhandled", "ZeroDivisionError")
    given = desk.input(JUDGEMENTS, message.key, message.value)
    refused(desk.intake.set_aside(given, None, why), "unhandled")


def test_a_tick_only_closes_a_segment(desk: Desk) -> None:
    assert desk.send(None, "tick/0", JUDGEMENTS).outcome == "tick"


def test_a_pair_is_the_key_of_no_record(desk: Desk) -> None:
    desk.say(records.change())
    judge(desk)
    assert len(desk.states) == 2
    assert desk.say(records.removal("expunged", 2)).outputs[0].topic == RECORDS


@given(
    reason=st.text(max_size=20), author=st.text(max_size=20),
    decided=st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    lasts=st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=2)),
    versions=st.tuples(st.integers(-2, 2**63 - 1), st.integers(-2, 2**63 - 1)),
)  # fmt: skip
def test_no_judgement_stops_the_stage(
    reason: str, author: str, decided: datetime, lasts: timedelta | None, versions: tuple[int, int]
) -> None:
    """R-46: it is passed on as it was said, or refused with a known reason."""
    decided = decided.replace(tzinfo=records.MOMENT.tzinfo)
    fields: dict[str, Any] = {
        "reason": reason,
        "author": author,
        "decided_at": decided,
        "expires_at": None if lasts is None else decided + lasts,
        "a_version": versions[0],
        "b_version": versions[1],
    }
    DESK.states.clear()
    handled = judge(DESK, **fields)
    if handled.quarantined is None:
        assert entry_of(handled, VERDICTS) == ("Judgement", judgement(**fields))
        assert reason.strip()
        assert author.strip()
        assert lasts is None or lasts > timedelta(0)
        assert min(versions) >= 0
    else:
        refused(handled, handled.quarantined.reason)


DESK = Desk(MemoryRegistry())
