"""Ask the owner before acting: what is asked and answered, and what that makes of a copy (R-34).

An agency asks about something that it holds; only the record's owner answers, on a topic that it
alone writes, and each answer is about one version of the record.
"""

from __future__ import annotations

from recordbus.verification.questions import (
    QUESTIONS,
    VERIFICATIONS,
    check_answer,
    check_question,
    question_id,
)
from recordbus.verification.standing import UNVERIFIED, Standing, standing_of

__all__ = [
    "QUESTIONS",
    "UNVERIFIED",
    "VERIFICATIONS",
    "Standing",
    "check_answer",
    "check_question",
    "question_id",
    "standing_of",
]
