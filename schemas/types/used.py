"""Decoded values of what owners are told of the uses of their records."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict


class UsedRecord(TypedDict):
    """A record of an owner that somebody used, by its opaque key."""

    record_key: str
    version: int | None
    level: str | None


class Use(TypedDict):
    """One use of an owner's records, or a denial, as the audit has it (R-41).

    Never what was asked, and nothing of other owners.
    """

    use_id: str
    log: str
    sequence: int
    entry_hash: str
    part: int
    parts: int
    entry_id: str
    at: datetime
    operation: str
    command: str
    outcome: str
    requester: str
    on_behalf_of: str | None
    agency_ori: str | None
    purpose: str
    case_number: str
    case_checked: bool
    records: list[UsedRecord]
    reasons: list[str]
    policy_version: str | None
