"""What is counted of decisions; labels come from closed lists, whatever is asked."""

from __future__ import annotations

from functools import cache
from typing import Any

from recordbus.metrics import (
    POLICY_DECISIONS_TOTAL,
    POLICY_FILES_REFUSED,
    POLICY_INFO,
    POLICY_LOAD_FAILURES_TOTAL,
    POLICY_SIDE_DOOR_DENIALS_TOTAL,
)
from recordbus.policy.decision import Decision, Question
from schemas.catalog import code_list, purposes

UNKNOWN = "unknown"


def count(question: Question, decision: Decision) -> None:
    """Count a decision, and once more when a purpose that is shut was denied (R-29)."""
    purpose = _label(question.purpose)
    _counter(purpose, decision.level).inc()
    if decision.level == "hidden" and purpose in purposes().side_doors:
        POLICY_SIDE_DOOR_DENIALS_TOTAL.labels(purpose=purpose).inc()


def count_refusal(reason: str) -> None:
    """Count a file that was refused just now."""
    POLICY_LOAD_FAILURES_TOTAL.labels(reason=str(reason)).inc()


def show_refused(files: int) -> None:
    """Show how many files are refused at present."""
    POLICY_FILES_REFUSED.set(files)


def show_version(version: str) -> None:
    """Show which policy version decides; there is one at a time."""
    POLICY_INFO.clear()
    POLICY_INFO.labels(version=version).set(1)


def _label(purpose: str) -> str:
    return purpose if purpose in code_list("purpose").codes else UNKNOWN


@cache
def _counter(purpose: str, level: str) -> Any:
    return POLICY_DECISIONS_TOTAL.labels(purpose=purpose, level=level)
