"""Decoded values of what people and courts decide about mentions."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from schemas.types.vocabulary import JudgementOutcome


class Judgement(TypedDict):
    """A person's or a court's decision about two mentions of different records.

    It overrides every weight until it is revoked or expires (R-09).
    """

    a: str
    b: str
    a_version: int
    b_version: int
    outcome: JudgementOutcome
    reason: str
    author: str
    decided_at: datetime
    expires_at: datetime | None
