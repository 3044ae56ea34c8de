"""A judgement as it crosses the bus, from what somebody said of two mentions (pure)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from recordbus.errors import Rejected
from recordbus.judgements import check
from recordbus.mentions import FoundMention
from schemas.types import Judgement
from schemas.types.vocabulary import JudgementOutcome


def judgement_of(
    one: FoundMention,
    other: FoundMention,
    outcome: JudgementOutcome,
    *,
    reason: str,
    author: str,
    decided_at: datetime,
    expires_at: datetime | None,
) -> Judgement:
    """Give the judgement of two mentions, which may come in either order; Rejected when unsound."""
    a, b = sorted((one, other))
    judgement: Judgement = {
        "a": a.mention_id,
        "b": b.mention_id,
        "a_version": a.version,
        "b_version": b.version,
        "outcome": outcome,
        "reason": reason.strip(),
        "author": author.strip(),
        "decided_at": decided_at,
        "expires_at": expires_at,
    }
    check(judgement)
    return judgement


def expiry(written: str) -> datetime:
    """Read `2027-01-31`, the beginning of that day in UTC, or an instant with its zone.

    Raises Rejected `judgement_expired` for anything else.
    """
    try:
        instant = datetime.fromisoformat(written.strip())
    except ValueError:
        raise _no_instant() from None
    if len(written.strip()) == len("2027-01-31"):
        return instant.replace(tzinfo=UTC)
    if instant.tzinfo is None:
        raise _no_instant()
    return instant.astimezone(UTC)


def _no_instant() -> Rejected:
    return Rejected("judgement_expired", "write a day, 2027-01-31, or an instant with its zone")


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """Give a judgement for programs; times are ISO 8601, UTC."""
    decided, expires = judgement["decided_at"], judgement["expires_at"]
    return judgement | {
        "decided_at": _iso(decided),
        "expires_at": None if expires is None else _iso(expires),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
