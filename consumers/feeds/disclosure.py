"""What the audit is told of a delivery: for whom, why, of which record; never content (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from consumers.feeds.channels.interface import Outcome, Result
from consumers.feeds.envelope import Delivery
from consumers.feeds.looking import Case
from consumers.feeds.presence import Presence
from consumers.feeds.view import ASSOCIATION
from recordbus.audit import Entry, Operation, keyed
from recordbus.audit import Outcome as Audited


def entry_of(
    entry_id: str, case: Case, channel: str, presence: Presence, deliveries: Sequence[Delivery]
) -> Entry:
    """Give the entry that must be durable before any of the deliveries leaves (R-38, R-39)."""
    subscription, record = case.subscription, presence.record
    subjects = [each.message.subject.partition("/") for each in deliveries]
    return Entry(
        entry_id=entry_id,
        at=case.at,
        operation=Operation.DISCLOSURE,
        command=f"feed.{channel}",
        outcome=Audited.SENDING,
        requester=subscription.requester,
        on_behalf_of=subscription.on_behalf_of,
        agency_ori=subscription.agency_ori,
        purpose=subscription.purpose,
        case_number=subscription.case_number,
        asked={"subscription": subscription.subscription_id},
        records=(keyed(presence.record_key, record["version"] if record else 0),),
        associations=tuple(key for kind, _, key in subjects if kind == ASSOCIATION),
        owners=(record["department"],) if record else (),
        levels=(_level(deliveries),),
        total=len(deliveries),
        reasons=tuple(
            sorted({each.message.reason for each in deliveries if each.message.reason is not None})
        ),
        policy_version=case.policies.version,
    )


def _level(deliveries: Sequence[Delivery]) -> str:
    """Give how much of the record is told at most; none where it is only taken back."""
    levels = {each.message.view.level for each in deliveries if each.message.view is not None}
    return "full" if "full" in levels else "pointer" if levels else "none"


def answered(entry: Entry, outcome: Outcome, at: datetime) -> Entry:
    """Give the entry that says what became of a delivery, under the id of the first one."""
    if outcome.result is Result.DELIVERED:
        return replace(entry, at=at, outcome=Audited.SENT)
    return replace(entry, at=at, outcome=Audited.FAILED, reasons=(outcome.code or "failed",))
