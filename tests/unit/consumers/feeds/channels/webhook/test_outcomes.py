"""What an answer means: delivered, later, refused or gone, and how long to wait (rows 77-80)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.feeds.channels.interface import DELIVERED, Outcome, Result
from consumers.feeds.channels.webhook.outcomes import (
    MOST_IN_A_ROW,
    Patience,
    asked_seconds,
    failure,
    outcome_of,
)
from recordbus.testing.clock import EPOCH


@given(st.integers(100, 599))
def test_only_2xx_is_delivered_and_only_410_is_gone(status: int) -> None:
    outcome = outcome_of(status, None, EPOCH)
    assert (outcome == DELIVERED) == (200 <= status < 300)
    assert (outcome.result is Result.GONE) == (status == 410)


@pytest.mark.parametrize(
    ("status", "result", "code"),
    [
        (301, Result.LATER, "http_3xx"), (302, Result.LATER, "http_3xx"),
        (401, Result.LATER, "http_401"), (403, Result.LATER, "http_403"),
        (404, Result.LATER, "http_404"), (429, Result.LATER, "http_429"),
        (502, Result.LATER, "http_502"), (503, Result.LATER, "http_503"),
        (418, Result.LATER, "http_4xx"), (400, Result.REFUSED, "http_400"),
        (409, Result.REFUSED, "http_409"), (413, Result.REFUSED, "http_413"),
        (422, Result.REFUSED, "http_422"), (500, Result.REFUSED, "http_500"),
    ],
)  # fmt: skip
def test_what_may_be_one_message_s_fault_stops_only_that(
    status: int, result: Result, code: str
) -> None:
    assert outcome_of(status, None, EPOCH) == Outcome(result, code)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120.0), ("0", 0.0), ("315360000", 3600.0), ("9" * 5000, None), ("10 years", None),
        ("-5", None), ("1e9", None), ("\u0661", None), ("", None), (None, None), ("soon", None),
        ("Thu, 01 Jan 2026 00:10:00 GMT", 600.0), ("Fri, 01 Jan 2036 00:00:00 GMT", 3600.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0), ("Thu, 99 Jan 2026 00:10:00 GMT", None),
    ],
)  # fmt: skip
def test_row_79_a_pause_is_honoured_up_to_an_hour_and_garbage_is_none(
    status: int, asked: str | None, seconds: float | None
) -> None:
    assert outcome_of(status, asked, EPOCH).wait_seconds == seconds


@given(st.text())
def test_row_79_no_text_asks_for_more_than_an_hour(text: str) -> None:
    seconds = asked_seconds(text, EPOCH)
    assert seconds is None or 0 <= seconds <= 3600


def test_a_pause_counts_only_where_it_is_meant() -> None:
    assert outcome_of(500, "60", EPOCH).wait_seconds is None
    assert outcome_of(301, "60", EPOCH).wait_seconds is None


def test_messages_that_fail_one_after_the_other_are_the_subscriber_s_failure() -> None:
    patience = Patience()
    judged = [patience.judge(f"r{each}", failure("http_500")) for each in range(MOST_IN_A_ROW)]
    assert [each.result for each in judged] == [Result.REFUSED] * (MOST_IN_A_ROW - 1) + [
        Result.LATER
    ]


def test_one_message_that_breaks_its_receiver_never_stops_the_others() -> None:
    patience = Patience()
    for _ in range(50):
        assert patience.judge("broken", failure("http_500")).result is Result.REFUSED
        patience.delivered()


def test_the_message_that_is_tried_first_after_a_failure_is_set_aside_when_it_fails_again() -> None:
    """Else a subscriber that is back would be tried for ever with the one thing it cannot take."""
    patience = Patience()
    for each in range(MOST_IN_A_ROW):
        patience.judge(f"r{each}", failure("slow"))
    first = f"r{MOST_IN_A_ROW - 1}"
    assert patience.judge(first, failure("slow")).result is Result.REFUSED
    assert patience.judge("another", failure("slow")).result is Result.LATER
    patience.delivered()
    assert patience.judge("another", failure("slow")).result is Result.REFUSED


def test_what_was_never_one_message_s_fault_is_not_counted() -> None:
    patience = Patience()
    for _ in range(20):
        assert patience.judge("r1", failure("http_503", 5.0)) == failure("http_503", 5.0)
    assert patience.judge("r1", failure("http_500")).result is Result.REFUSED
