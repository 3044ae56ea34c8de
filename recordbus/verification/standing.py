"""What an owner's answers make of something that somebody holds (pure).

Invariant: an answer counts for the version that it was given about and for no other, so a record
that its owner changes is unverified again, without anybody having to say so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from schemas.types import RecordVerifications, VerificationReply

State = Literal["unverified", "verified", "refused"]
_RECORD: Final = "record/"


class Standing(NamedTuple):
    """The state of something that is held, and when its owner said so; None while it has not."""

    state: State
    at: datetime | None


UNVERIFIED: Final = Standing("unverified", None)


def standing_of(said: RecordVerifications | None, subject: str, source_seq: int) -> Standing:
    """Give the state of a subject of a record whose owner numbered its present state so.

    `said` is the value of `verifications.v1` for the record, None where there is none. An answer
    about the whole record counts for an association that rests on it; the newest one counts.
    """
    if said is None:
        return UNVERIFIED
    found: VerificationReply | None = None
    for question in said["verifications"]:
        answer = question["answer"]
        if answer is None or answer["source_seq"] != source_seq:
            continue
        if question["subject"] != subject and not question["subject"].startswith(_RECORD):
            continue
        if found is None or answer["answered_at"] >= found["answered_at"]:
            found = answer
    return UNVERIFIED if found is None else Standing(found["outcome"], found["answered_at"])
