"""Which of a record's messages counts: by source_seq alone, never by a clock (pure).

An expunge is honoured whatever its number, and after it nothing but an expunge is. A removal of
an unknown record is remembered, so that the older create is dropped when it comes at last.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from recordbus.errors import Rejected
from schemas import catalog
from streams.intake.state import RecordState

GAP_FLAG: Final = catalog.flag("source_seq_gap")
GAP: Final = 1_000_000
"""A jump of a record's own sequence beyond this is flagged: a counter was probably replaced."""


class Verdict(Enum):
    """What to do with a valid message; the value is the outcome it is counted under."""

    ACCEPT = "accepted"
    UNKNOWN_RETRACTION = "unknown_retraction"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"


def judge(state: RecordState, status: str, source_seq: int, fingerprint: str) -> Verdict:
    """Compare a message with what was last accepted of its key.

    Raises Rejected `resurrection_attempt` for content after an expunge, and
    `conflicting_duplicate` for other content under the same number; what came first stays.
    """
    if state.status == "expunged":
        if status == "expunged":
            return Verdict.DUPLICATE
        raise Rejected("resurrection_attempt", f"{status} after the record was expunged")
    if status == "expunged":
        return Verdict.ACCEPT if state.status else Verdict.UNKNOWN_RETRACTION
    if not state.status:
        return Verdict.ACCEPT if status == "live" else Verdict.UNKNOWN_RETRACTION
    if source_seq < state.source_seq:
        return Verdict.SUPERSEDED
    if source_seq > state.source_seq:
        return Verdict.ACCEPT
    if fingerprint == state.fingerprint:
        return Verdict.DUPLICATE
    raise Rejected("conflicting_duplicate", f"source_seq {source_seq} came with other content")


def has_gap(state: RecordState, source_seq: int) -> bool:
    """Say whether the sequence jumped so far that somebody should look at its source."""
    return bool(state.status) and source_seq - state.source_seq > GAP
