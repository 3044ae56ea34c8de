"""What makes a question or an answer a sound one, for those who send and who take it (pure).

Invariant: a question names one record by its opaque key, and whoever asks says who, for whom, for
which purpose and case, and why (R-28).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from recordbus.errors import Rejected

QUESTIONS: Final = "ingest.verifications.v1"
VERIFICATIONS: Final = "verifications.v1"
TEXT_LIMIT: Final = 500
NAME_LIMIT: Final = 200
_KEY: Final = r"[0-9a-f]{64}"
_SUBJECT: Final = re.compile(rf"(record|association)/({_KEY})")
_ID: Final = re.compile(r"vrf_[0-9a-f]{24}")
_NAMES: Final = ("agency", "requester", "purpose", "case_number")


def question_id(subject: str, agency: str, requester: str, asked_at: datetime) -> str:
    """Give the id of a question: the same one asked again at another time is another question."""
    told = f"{subject}|{agency}|{requester}|{asked_at.isoformat()}".encode()
    return f"vrf_{hashlib.sha256(told).hexdigest()[:24]}"


def check_question(question: Mapping[str, Any]) -> None:
    """Check a `recordbus.v1.VerificationRequest`; raises Rejected with a code of `reasons.yaml`."""
    found = _SUBJECT.fullmatch(question["subject"])
    if found is None or (found[1] == "record" and found[2] != question["record_key"]):
        raise Rejected("nothing_to_verify", "the subject is not of the record that is named")
    _check_id(question["verification_id"])
    for name in _NAMES:
        _check_text(name, question[name], NAME_LIMIT)
    _check_text("reason", question["reason"], TEXT_LIMIT)


def check_answer(answer: Mapping[str, Any]) -> None:
    """Check a `recordbus.v1.VerificationAnswer`; its note may be empty. Raises Rejected."""
    _check_id(answer["verification_id"])
    _check_text("author", answer["author"], NAME_LIMIT)
    if answer["note"]:
        _check_text("note", answer["note"], TEXT_LIMIT)


def _check_id(verification_id: str) -> None:
    if not _ID.fullmatch(verification_id):
        raise Rejected("unknown_verification", "the id is not that of a question")


def _check_text(name: str, text: str, limit: int) -> None:
    if not text.strip() or len(text) > limit or not text.isprintable():
        raise Rejected(
            "unexplained_verification", f"{name} is not one line of 1 to {limit} characters"
        )
