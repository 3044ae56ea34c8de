"""Shows questions to owners and their answers."""

from __future__ import annotations

from typing import Any

from consumers.verification.answering import Question


def question_json(question: Question) -> dict[str, Any]:
    """Give a question for programs, with the record and its owner."""
    about = {"record_key": question.record_key, "department": question.department}
    return about | dict(question.said)


def lines_of(question: Question) -> list[str]:
    """Give a question in lines: what is asked of whom, by whom and why, and what was answered."""
    said = question.said
    lines = [
        f"{said['verification_id']}  {said['subject']}",
        f"  {said['requester']}, {said['agency']}, asked {question.department}",
        f"  {said['asked_at']:%Y-%m-%d %H:%M} UTC, {said['purpose']}, case {said['case_number']}",
        f"  why: {said['reason']}",
    ]
    answer = said["answer"]
    if answer is None:
        return [*lines, "  open"]
    note = f": {answer['note']}" if answer["note"] else ""
    return [*lines, f"  {answer['outcome']} on {answer['answered_at']:%Y-%m-%d %H:%M} UTC{note}"]
