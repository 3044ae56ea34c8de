"""Puts on a record what makes it a change: key, owner, sequence, deterministic event id (pure)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from recordbus.ids import content_hash, event_id

RemovedStatus = Literal["sealed", "withdrawn", "expunged"]


@dataclass(frozen=True, slots=True)
class Owner:
    """The department that publishes; `secret` makes its record keys and stays with it."""

    name: str
    ori: str
    topic: str
    contact: Mapping[str, str | None]
    secret: bytes = field(repr=False)

    def record_key(self, record_kind: str, record_id: str) -> str:
        """Give the opaque key of a record; the same as `recordbus.ids.record_key`, in one call."""
        return hmac.digest(self.secret, f"{record_kind}|{record_id}".encode(), "sha256").hex()


def live_change(owner: Owner, value: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Give the change that publishes a record's complete present state.

    `value` is checked and complete; `body` is its body as it is written on the bus.
    """
    key = owner.record_key(value["record_kind"], value["body"]["record_id"])
    return {
        **value,
        "event_id": event_id(key, value["source_seq"], "live", content_hash(body)),
        "record_key": key,
        "owner_ori": owner.ori,
        "status": "live",
        "status_reason": None,
        "contact": value["contact"] or owner.contact,
    }


def removal_change(
    owner: Owner,
    *,
    record_key: str,
    record_kind: str,
    source_seq: int,
    status: RemovedStatus,
    reason: str | None,
    recorded_at: datetime,
) -> dict[str, Any]:
    """Give the change that takes a record off the bus; it holds nothing of the record."""
    return {
        "event_id": event_id(record_key, source_seq, status, ""),
        "record_key": record_key,
        "record_kind": record_kind,
        "owner_ori": owner.ori,
        "source_seq": source_seq,
        "status": status,
        "status_reason": reason,
        "recorded_at": recorded_at,
        "occurred_at": None,
        "dissemination_level": "restricted",
        "contact": owner.contact,
        "disputes": [],
        "reviews": [],
        "body": None,
    }
