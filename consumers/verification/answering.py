"""Makes an owner's answers to questions about its records (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from recordbus.audit import Entry, Operation, Outcome, Private, keyed
from recordbus.errors import Misconfigured
from recordbus.verification import check_answer
from schemas.types import RecordVerifications, Verification, VerificationAnswer
from schemas.types.vocabulary import VerificationOutcome

PURPOSE = "record_quality"


class Question(NamedTuple):
    """A question with the record that it is about and the department that owns it."""

    record_key: str
    department: str
    said: Verification


class Reply(NamedTuple):
    """What an owner says to a question, in whose words."""

    outcome: VerificationOutcome
    note: str
    author: str


def questions_in(said: Iterable[RecordVerifications]) -> list[Question]:
    """Give all questions of a table, the oldest first."""
    found = [
        Question(each["record_key"], each["department"], question)
        for each in said
        for question in each["verifications"]
    ]
    return sorted(found, key=lambda each: (each.said["asked_at"], each.said["verification_id"]))


def question_named(
    questions: Iterable[Question], verification_id: str, department: str
) -> Question:
    """Give the question of this id to this department; raises Misconfigured when there is none."""
    for each in questions:
        if (each.said["verification_id"], each.department) == (verification_id, department):
            return each
    raise Misconfigured(
        f"nobody asks {department} a question {verification_id}",
        hint=f"see: recordbus verify list --department {department}",
    )


def answer_to(question: Question, reply: Reply, at: datetime) -> VerificationAnswer:
    """Give the answer about the version that was asked about; raises Rejected when unsound."""
    answer: VerificationAnswer = {
        "verification_id": question.said["verification_id"],
        "record_key": question.record_key,
        "source_seq": question.said["source_seq"],
        "outcome": reply.outcome,
        "note": reply.note.strip(),
        "author": reply.author.strip(),
        "answered_at": at,
    }
    check_answer(answer)
    return answer


def entry_of(question: Question, answer: VerificationAnswer, entry_id: str) -> Entry:
    """Give the audit's entry of an answer."""
    return Entry(
        entry_id=entry_id,
        at=answer["answered_at"],
        operation=Operation.ALTERATION,
        command="verify.answer",
        outcome=Outcome.SENDING,
        requester=answer["author"],
        purpose=PURPOSE,
        asked={
            "verification": answer["verification_id"],
            "outcome": answer["outcome"],
            "note": Private(answer["note"]),
        },
        records=(keyed(question.record_key, answer["source_seq"]),),
        owners=(question.department,),
    )
