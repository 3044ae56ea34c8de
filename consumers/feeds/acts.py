"""What the audit is told of an act on a subscription: whose, by whom, with what outcome (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from consumers.feeds.subscription import Subscription
from consumers.feeds.view import ASSOCIATION, RECORD
from recordbus.audit import Asked, Entry, Operation, Outcome


class Act(NamedTuple):
    """One act: its command, what became of it and why, who did it and about which subjects.

    `by` is None where the one who answers for the subscription did it. `asked` has codes and
    counts.
    """

    command: str
    outcome: Outcome = Outcome.ACCEPTED
    reasons: tuple[str, ...] = ()
    by: str | None = None
    subjects: tuple[str, ...] = ()
    asked: tuple[tuple[str, Asked], ...] = ()


def entry_of_act(
    act: Act, subscription: Subscription, entry_id: str, at: datetime, policy_version: str
) -> Entry:
    """Give the entry that must be durable before an act takes effect (R-28, R-39)."""
    return Entry(
        entry_id=entry_id, at=at, operation=Operation.ALTERATION, command=act.command,
        outcome=act.outcome, requester=act.by or subscription.requester,
        on_behalf_of=subscription.on_behalf_of, agency_ori=subscription.agency_ori,
        purpose=subscription.purpose, case_number=subscription.case_number,
        asked={"subscription": subscription.subscription_id, **dict(act.asked)},
        records=_keys(RECORD, act.subjects), associations=_keys(ASSOCIATION, act.subjects),
        reasons=act.reasons, policy_version=policy_version,
    )  # fmt: skip


def _keys(kind: str, subjects: Iterable[str]) -> tuple[str, ...]:
    parted = (each.partition("/") for each in subjects)
    return tuple(key for found, _, key in parted if found == kind)
