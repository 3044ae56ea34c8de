"""Shows questions to owners and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from consumers.verification.answering import Question


def question_json(question: Question) -> dict[str, Any]:
    """Give a question for programs, with the record and its owner."""
    about = {"record_key": question.record_key, "department": question.department}
    return about | dict(question.said)


def show_questions(questions: Sequence[Question]) -> None:
    """Print questions as a table: who asks what of whom, why, and what was answered."""
    if not questions:
        Console().print("no question")
        return
    table = Table("id", "about", "owner", "asked by", "purpose", "case", "why", "asked", "answer",
                  box=None)  # fmt: skip
    for each in questions:
        said = each.said
        table.add_row(
            said["verification_id"], said["subject"], each.department,
            f"{said['requester']}, {said['agency']}", said["purpose"], said["case_number"],
            said["reason"], f"{said['asked_at']:%Y-%m-%d %H:%M}", _answer(each),
        )  # fmt: skip
    Console().print(table)


def _answer(question: Question) -> str:
    answer = question.said["answer"]
    if answer is None:
        return "open"
    note = f": {answer['note']}" if answer["note"] else ""
    return f"{answer['outcome']} {answer['answered_at']:%Y-%m-%d %H:%M}{note}"
