"""Synthetic agencies with an agreement and a subscription each, for benches of feeds (pure).

All agreements give one owner's records in full, so each agency may have everything; what it asks
for is its selector's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from consumers.feeds.subscription import Subscription
from schemas.catalog import basis_table, record_kinds

PURPOSE: Final = "criminal_investigation"
_EVIDENCE: Final = "[fact, assessment]"


def agency(number: int) -> str:
    """Give the name of an agency."""
    return f"agency-{number:02}"


def agreement(number: int, owner: str) -> str:
    """Give the text of the agreement by which an agency may have all that an owner publishes."""
    return "\n".join([
        f"agreement: owner-to-{agency(number)}", "version: 1", "title: Synthetic",
        "legal_authority: Synthetic resolution 1", f"owners: [{owner}]",
        f"recipient: {agency(number)}", "start: 2020-01-01", "end: 2099-12-31",
        "rules:", "  all:", "    level: full", f"    purposes: [{PURPOSE}]",
        f"    record_kinds: [{', '.join(record_kinds())}]",
        f"    bases: [{', '.join(basis_table())}]",
        f"    evidence_kinds: {_EVIDENCE}", "    juveniles: true", "",
    ])  # fmt: skip


def subscription(
    number: int, since: datetime, channel: Mapping[str, Any], selector: Mapping[str, Any]
) -> Subscription:
    """Give an agency's subscription, from midnight before an instant on for three hundred days."""
    start = since.replace(hour=0, minute=0, second=0, microsecond=0)
    return Subscription.model_validate({
        "subscription_id": f"{agency(number)}-1", "agency": agency(number),
        "agency_ori": f"ZZ1{number:02}0000", "requester": "bench desk", "purpose": PURPOSE,
        "case_number": f"B-{number}", "selector": dict(selector), "channel": dict(channel),
        "start": start, "end": start + timedelta(days=300),
    })  # fmt: skip
