"""Which of a department's messages count: the rules of order, told once more (R-25, R-27).

Only the order within one department's topic matters. What is refused has a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from tests.oracle.associations import Fields
from tests.oracle.statements import EARLIEST


class Change(NamedTuple):
    """What a department said of a record, with what it wrote; `body` is None on a removal."""

    key: str
    status: str
    source_seq: int
    written: bytes
    fields: Fields


class Held(NamedTuple):
    """The change that counts, and what outlives it."""

    newest: Change
    source_seq: int
    first_recorded_on: str


class Accepted(NamedTuple):
    """What counts of each record, and why other changes do not, by their place in the row."""

    held: dict[str, Held]
    refused: dict[int, str]


def accepted(changes: Iterable[Change]) -> Accepted:
    """Take changes in, in the order of their log."""
    found = Accepted({}, {})
    for place, change in enumerate(changes):
        held = found.held.get(change.key)
        reason = refusal(held, change)
        if reason:
            found.refused[place] = reason
        elif held is None or _is_newer(held, change):
            found.held[change.key] = _taken(held, change)
    return found


def refusal(held: Held | None, change: Change) -> str:
    """Say why a change is set aside, empty when it is taken or is nothing new."""
    if held is None or change.status == "expunged":
        return ""
    if held.newest.status == "expunged":
        return "resurrection_attempt"
    same = change.source_seq == held.source_seq and change.written != held.newest.written
    return "conflicting_duplicate" if same else ""


def _is_newer(held: Held, change: Change) -> bool:
    if held.newest.status == "expunged":
        return False
    return change.status == "expunged" or change.source_seq > held.source_seq


def _taken(held: Held | None, change: Change) -> Held:
    sequence = max(change.source_seq, held.source_seq if held else -1)
    first = held.first_recorded_on if held else ""
    if change.status == "expunged":
        first = ""
    elif change.status == "live":
        first = first or recorded_on(change.fields, change.fields["published_at"])
    return Held(change, sequence, first)


def recorded_on(fields: Fields, published_at: Any) -> str:
    """Give the day on which a state was recorded; that of its arrival where it cannot be."""
    can_be = EARLIEST <= fields["recorded_at"] <= published_at + timedelta(days=1)
    day = fields["recorded_at"] if can_be else published_at
    found: str = day.date().isoformat()
    return found
