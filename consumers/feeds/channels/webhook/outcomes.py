"""What an answer, or none, means for a parcel and for its subscriber (pure).

Invariant: only 2xx is delivered. What may be a single message's own fault never stops the others,
and what cannot be stops them all, so that nobody who is away is tried once for each record.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from consumers.feeds.channels.interface import DELIVERED, Outcome, Result
from consumers.feeds.retrying import LONGEST_ASKED

MOST_IN_A_ROW: Final = 5
"""So many messages fail one after the other before it counts as the subscriber's failure."""
GONE: Final = 410
_ASKS_FOR_A_PAUSE: Final = frozenset({429, 503})
_TOLD_APART: Final = frozenset(
    {400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504}
)
_OF_ONE_MESSAGE: Final = frozenset(
    {"http_400", "http_409", "http_413", "http_422", "http_500", "slow", "cut_off", "bad_answer",
     "answer_too_long"}
)  # fmt: skip
"""What a subscriber that is well may do at one message: refuse it, or fail at it."""
_SECONDS: Final = re.compile(r"[0-9]{1,20}")
_LONGEST_DATE: Final = 60


def code_of(status: int) -> str:
    """Name a status, from a closed list: `http_429`, or `http_3xx` where the class is enough."""
    return f"http_{status}" if status in _TOLD_APART else f"http_{status // 100}xx"


def outcome_of(status: int, retry_after: str | None, at: datetime) -> Outcome:
    """Give what a status means for the parcel it is the answer to."""
    if 200 <= status < 300:
        return DELIVERED
    if status == GONE:
        return Outcome(Result.GONE, "http_410")
    asked = asked_seconds(retry_after, at) if status in _ASKS_FOR_A_PAUSE else None
    return failure(code_of(status), asked)


def failure(code: str, asked: float | None = None) -> Outcome:
    """Give what a failure means: of this parcel, or of the subscriber."""
    return Outcome(Result.REFUSED if code in _OF_ONE_MESSAGE else Result.LATER, code, asked)


def asked_seconds(retry_after: str | None, at: datetime) -> float | None:
    """Give the pause that a subscriber asks for, an hour at most; None for garbage (row 79)."""
    text = (retry_after or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_ASKED)
    if not 0 < len(text) <= _LONGEST_DATE:
        return None
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - at).total_seconds(), 0.0), LONGEST_ASKED)


class Patience:
    """Tells whether messages fail one by one, or the subscriber as a whole.

    A record at which a subscriber failed as a whole is set aside when it fails again, so that one
    message that breaks its receiver is not the first to be tried for ever. Several threads may
    ask, each about records of its own.
    """

    def __init__(self) -> None:
        self._in_a_row = 0
        self._doubted: set[str] = set()

    def delivered(self) -> None:
        """Note that the subscriber is well."""
        self._in_a_row = 0
        self._doubted.clear()

    def judge(self, record_key: str, outcome: Outcome) -> Outcome:
        """Give what a refusal really is, after all that went before it."""
        if outcome.result is not Result.REFUSED:
            return outcome
        self._in_a_row += 1
        if self._in_a_row < MOST_IN_A_ROW:
            return outcome
        if record_key in self._doubted:
            self._doubted.discard(record_key)
            return outcome
        self._doubted.add(record_key)
        return outcome._replace(result=Result.LATER)
