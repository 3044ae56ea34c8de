"""What a subscriber was told last, and whether it is known to have it (pure).

Invariant: a message that may have arrived is never followed by another one under its number. What
was sent and never answered counts as held, so that it is taken back when it must go; it is sent
again, byte for byte, only while it is still what the subscriber may have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from consumers.feeds.difference import Held, Message, Reason, Status, difference
from consumers.feeds.presence import Presence
from consumers.feeds.view import RECORD, View


class Copy(NamedTuple):
    """The last message about a subject and what it leaves; `is_confirmed` once it was taken in."""

    held: Held
    status: Status
    reason: Reason | None
    needs_receipt: bool
    is_confirmed: bool


def messages(
    copies: Mapping[str, Copy], wanted: Mapping[str, View], presence: Presence, *, has_ended: bool
) -> list[Message]:
    """Give what to tell of one record now: what differs, and again what was never answered."""
    held = {subject: copy.held for subject, copy in copies.items()}
    news = difference(held, wanted, presence, has_ended=has_ended)
    told = {message.subject for message in news}
    again = [
        _again(subject, copy, wanted.get(subject))
        for subject, copy in sorted(copies.items())
        if not copy.is_confirmed and subject not in told
    ]
    return sorted((*news, *again), key=_turn)


def attempted(message: Message) -> Copy:
    """Give the copy that a message leaves from the moment it may be on its way."""
    return Copy(message.leaves, message.status, message.reason, message.needs_receipt, False)


def _turn(message: Message) -> tuple[bool, bool]:
    """Give what comes first: what must go before what is new, no edge without its record."""
    is_there, is_record = message.view is not None, message.subject.startswith(RECORD)
    return is_there, is_record != is_there


def _again(subject: str, copy: Copy, view: View | None) -> Message:
    sequence = copy.held.sequence
    return Message(subject, sequence, copy.status, copy.reason, copy.needs_receipt, view)
