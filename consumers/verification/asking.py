"""Makes questions to owners: who asks, about what, for which purpose, and why (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from recordbus.audit import Entry, Operation, Outcome, Private
from recordbus.errors import Refused
from recordbus.verification import check_question, question_id
from schemas.types import VerificationRequest


class Asker(NamedTuple):
    """For whom something is asked (R-28), and by which subscription it came to them, if by one."""

    agency: str
    requester: str
    purpose: str
    case_number: str
    agency_ori: str | None = None
    subscription_id: str | None = None


class Subject(NamedTuple):
    """Something that is held: a record, or an association with the record that it rests on."""

    record_key: str
    name: str


def questions_of(
    asker: Asker, subjects: Iterable[Subject], reason: str, at: datetime
) -> list[VerificationRequest]:
    """Give one question for each subject; raises Rejected when one of them is unsound."""
    found = [_question(asker, subject, reason.strip(), at) for subject in subjects]
    for each in found:
        check_question(each)
    return found


def _question(asker: Asker, subject: Subject, reason: str, at: datetime) -> VerificationRequest:
    return {
        "verification_id": question_id(subject.name, asker.agency, asker.requester, at),
        "record_key": subject.record_key,
        "subject": subject.name,
        "agency": asker.agency,
        "requester": asker.requester,
        "purpose": asker.purpose,
        "case_number": asker.case_number,
        "subscription_id": asker.subscription_id,
        "reason": reason,
        "asked_at": at,
    }


def entry_of(asker: Asker, question: VerificationRequest, entry_id: str) -> Entry:
    """Give the audit's entry of a question; its reason may name somebody in spite of all."""
    kind, _, key = question["subject"].partition("/")
    return Entry(
        entry_id=entry_id,
        at=question["asked_at"],
        operation=Operation.CONSULTATION,
        command="verify.ask",
        outcome=Outcome.SENDING,
        requester=asker.requester,
        agency_ori=asker.agency_ori,
        purpose=asker.purpose,
        case_number=asker.case_number,
        asked={
            "verification": question["verification_id"],
            "agency": asker.agency,
            "subscription": asker.subscription_id,
            "reason": Private(question["reason"]),
        },
        records=(question["record_key"],),
        associations=(key,) if kind == "association" else (),
    )


def refused_entry(asker: Asker, refused: Refused, entry_id: str, at: datetime) -> Entry:
    """Give the audit's entry of a question that was not sent (R-29)."""
    return Entry(
        entry_id=entry_id,
        at=at,
        operation=Operation.CONSULTATION,
        command="verify.ask",
        outcome=Outcome.REFUSED,
        requester=asker.requester,
        agency_ori=asker.agency_ori,
        purpose=asker.purpose,
        case_number=asker.case_number,
        asked={"agency": asker.agency, "subscription": asker.subscription_id},
        reasons=(refused.reason,),
    )
