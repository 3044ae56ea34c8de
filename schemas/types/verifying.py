"""Decoded values of questions to the owners of records, and of their answers (R-34)."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from schemas.types.vocabulary import VerificationOutcome


class VerificationRequest(TypedDict):
    """An agency asks an owner whether something that it holds may be relied on."""

    verification_id: str
    record_key: str
    subject: str
    agency: str
    requester: str
    purpose: str
    case_number: str
    subscription_id: str | None
    reason: str
    asked_at: datetime


class VerificationAnswer(TypedDict):
    """What an owner answers, about one version of its record."""

    verification_id: str
    record_key: str
    source_seq: int
    outcome: VerificationOutcome
    note: str
    author: str
    answered_at: datetime


class VerificationReply(TypedDict):
    """The owner's answer to a question."""

    outcome: VerificationOutcome
    source_seq: int
    note: str
    author: str
    answered_at: datetime


class Verification(TypedDict):
    """A question to the owner of a record, and the answer once there is one."""

    verification_id: str
    subject: str
    agency: str
    requester: str
    purpose: str
    case_number: str
    subscription_id: str | None
    reason: str
    asked_at: datetime
    source_seq: int
    answer: VerificationReply | None


class RecordVerifications(TypedDict):
    """All questions about a record that still count, with their answers."""

    record_key: str
    department: str
    version: int
    verifications: list[Verification]
