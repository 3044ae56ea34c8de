"""What must be told so that a subscriber's copy is right again (pure).

Invariant: after the messages of one difference were taken in, what is held is exactly what is
wanted, and the next difference is empty. Each subject's messages are numbered without a gap, and
the number only rises, so that a subscriber can tell that it missed none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from consumers.feeds.presence import Presence
from consumers.feeds.view import View, is_same_but_verification

Status = Literal["asserted", "changed", "retracted"]
Reason = Literal[
    "corrected", "regrouped", "verification", "coverage", "not_covered", "subscription_ended",
    "withdrawn", "sealed", "expunged", "expired", "disposition", "dispute", "split", "merged",
]  # fmt: skip
REASONS: Final[Mapping[Reason, str]] = {
    "corrected": "its owner corrected it",
    "regrouped": "people, vehicles or organisations were joined or told apart",
    "verification": "its owner answered whether it may be relied on, or has changed it since",
    "coverage": "the agreement gives more or less of it than before",
    "not_covered": "the agreement or the subscription no longer covers it",
    "subscription_ended": "the subscription or its agreement has ended",
    "withdrawn": "its owner withdrew the record",
    "sealed": "the record was sealed",
    "expunged": "the record was expunged",
    "expired": "its time has passed",
    "disposition": "a court's decision ended what it rests on",
    "dispute": "it is disputed, and holds for nothing until that is resolved",
    "split": "those whom it named were told apart",
    "merged": "those whom it named were joined",
}
"""Why a copy must change, in the words that a subscriber reads."""
_RETRACTS: Final = frozenset(REASONS) - {"regrouped", "verification", "coverage"}
_HARMLESS: Final = frozenset({"regrouped", "verification"})


class Held(NamedTuple):
    """What a subscriber holds of a subject, or may hold when an answer never came.

    `digest` and its like are those of the view that was sent last, None once it was retracted:
    the number of the last message must outlive what it said.
    """

    sequence: int
    digest: bytes | None
    substance: bytes | None
    coverage: bytes | None

    @property
    def is_there(self) -> bool:
        """Whether there is something that could have to be taken back."""
        return self.digest is not None


class Message(NamedTuple):
    """One thing to tell a subscriber; a retraction has no view.

    `needs_receipt` holds for all that puts right what was told before (R-24), and for what its
    owner says not to rely on (R-34).
    """

    subject: str
    sequence: int
    status: Status
    reason: Reason | None
    needs_receipt: bool
    view: View | None

    @property
    def leaves(self) -> Held:
        """Give what is held once this was taken in."""
        if self.view is None:
            return Held(self.sequence, None, None, None)
        return Held(self.sequence, self.view.digest, self.view.substance, self.view.coverage)


def difference(
    held: Mapping[str, Held], wanted: Mapping[str, View], presence: Presence, *, has_ended: bool
) -> list[Message]:
    """Give what to tell of one record: what must go before what is new.

    `held` and `wanted` are of this record only, by subject; `has_ended` says that the whole
    subscription is over. Equal arguments give equal messages.
    """
    return [
        *_retractions(held, wanted, presence, has_ended=has_ended),
        *(
            message
            for subject, view in wanted.items()
            if (message := _telling(held.get(subject), view)) is not None
        ),
    ]


def _retractions(
    held: Mapping[str, Held], wanted: Mapping[str, View], presence: Presence, *, has_ended: bool
) -> Iterator[Message]:
    for subject in sorted(held.keys() - wanted.keys()):
        if held[subject].is_there:
            reason = _why_gone(subject, presence, has_ended=has_ended)
            yield Message(subject, held[subject].sequence + 1, "retracted", reason, True, None)


def _telling(held: Held | None, view: View) -> Message | None:
    if held is None or not held.is_there:
        sequence = 1 if held is None else held.sequence + 1
        return Message(view.subject, sequence, "asserted", None, False, view)
    if held.digest == view.digest and held.coverage == view.coverage:
        return None
    reason = _why_changed(held, view)
    needs_receipt = reason not in _HARMLESS or view.verification.state == "refused"
    return Message(view.subject, held.sequence + 1, "changed", reason, needs_receipt, view)


def _why_changed(held: Held, view: View) -> Reason:
    if held.coverage != view.coverage:
        return "coverage"
    if held.digest is not None and is_same_but_verification(held.digest, view.digest):
        return "verification"
    return "regrouped" if held.substance == view.substance else "corrected"


def _why_gone(subject: str, presence: Presence, *, has_ended: bool) -> Reason:
    """Give the bus's own reason where it has one: the strongest that there is for the copy."""
    told = presence.why_gone(subject.partition("/")[2])
    for reason in REASONS:
        if reason == told and reason in _RETRACTS:
            return reason
    return "subscription_ended" if has_ended else "not_covered"
