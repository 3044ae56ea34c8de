"""What subscribers are answered, as JSON documents (pure): states, counts, ids and times only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from consumers.feeds.asking import Expected, Granted
from consumers.feeds.digest import Comparison
from consumers.feeds.ledger.diary import Attempt, Receipted
from consumers.feeds.ledger.held import Awaited
from consumers.feeds.portal.fetching import Answer
from consumers.feeds.registering import Overview
from recordbus.canonical import canonical_json

MOST_NAMED: Final = 1000
"""So many subjects are named in an answer at most; the rest is found in the next comparison."""


def subscription(found: Overview) -> dict[str, Any]:
    """Give a subscription as its subscriber sees it."""
    said = found.subscription
    return {
        "subscription_id": said.subscription_id, "agency": said.agency, "purpose": said.purpose,
        "case_number": said.case_number, "channel": said.channel.kind, "state": found.state.value,
        "suspended_for": found.suspended_for, "start": said.start, "end": said.end,
        "confirm_by": found.confirm_by, "subjects_held": found.subjects_held,
        "records_due": found.records_due, "receipts_owed": found.receipts_owed,
        "receipts_overdue": found.receipts_overdue,
    }  # fmt: skip


def messages(answer: Answer) -> bytes:
    """Give what was fetched; each envelope stands in it byte for byte as it was decided."""
    head = orjson.dumps(
        {"cursor": answer.cursor, "has_more": answer.has_more, "held_back": answer.held_back}
    )
    return head[:-1] + b',"messages":[' + b",".join(answer.bodies) + b"]}"


def owed(awaited: Sequence[Awaited], at: datetime) -> dict[str, Any]:
    """Give the receipts that are awaited, the oldest first, and how many there are in all."""
    now_us = int(at.timestamp() * 1_000_000)
    return {
        "count": len(awaited),
        "receipts": [
            {
                "delivery_id": each.delivery_id, "subject": each.subject,
                "sequence": each.sequence, "sent_at": _instant(each.sent_us),
                "due_at": _instant(each.due_us), "is_overdue": each.due_us <= now_us,
            }
            for each in awaited[:MOST_NAMED]
        ],
    }  # fmt: skip


def receipted(delivery_ids: Sequence[str], results: Sequence[bool]) -> dict[str, Any]:
    """Give what became of each receipt, in their order."""
    shown = [
        {"index": at, "status": "receipted" if taken else "not_awaited"}
        for at, taken in enumerate(results)
    ]
    counted = sum(results)
    return {"receipted": counted, "not_awaited": len(delivery_ids) - counted, "results": shown}


def proof(subscription_id: str, given: Receipted) -> dict[str, Any]:
    """Give the document that proves a receipt, with its place in the audit's log."""
    return {
        "subscription_id": subscription_id, "delivery_id": given.delivery_id,
        "subject": given.subject, "sequence": given.sequence, "sent_at": _instant(given.sent_us),
        "receipted_at": _instant(given.receipted_us), "receipted_by": given.receipted_by,
        "audit": {"entry_id": given.entry_id, "number": given.place, "leaf_hash": given.leaf},
    }  # fmt: skip


def expected(salt: str, found: Expected) -> dict[str, Any]:
    """Give the digests of what must be held."""
    summary = found.summary
    return {
        "salt": salt, "count": summary.subjects, "digest": summary.digest,
        "buckets": summary.buckets, "unsettled": len(found.unsettled),
    }  # fmt: skip


def comparison(
    found: Expected, *, is_equal: bool, differences: Comparison | None
) -> dict[str, Any]:
    """Give whether what is held is right; the subjects that are not, where they were asked."""
    answer: dict[str, Any] = {"equal": is_equal, "unsettled": len(found.unsettled)}
    if differences is not None:
        answer |= {name: each[:MOST_NAMED] for name, each in differences._asdict().items()}
        answer["is_complete"] = all(len(each) <= MOST_NAMED for each in differences)
    return answer


def granted(found: Granted) -> dict[str, Any]:
    """Give what will be told again."""
    return {"messages": found.messages, "unknown": found.unknown}


def attempts(found: Sequence[Attempt]) -> dict[str, Any]:
    """Give the last attempts, the newest first."""
    return {
        "attempts": [
            {
                "at": _instant(each.at_us), "record": each.record_key, "channel": each.channel,
                "result": each.result, "code": each.code, "messages": each.messages,
            }
            for each in found
        ]
    }  # fmt: skip


def body_of(document: Any) -> bytes:
    """Give a document as it is sent."""
    return canonical_json(document)


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
