"""Questions to the owner of a record, and its answers, as part of the record's state (pure; R-34).

Invariant: only the topic of the department that owns a record answers about it, and only what was
asked. What is kept of a record that is live no more is nothing. The bytes of what is refused are
kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from recordbus.avro.reader import EPOCH, MICROSECOND, instant
from recordbus.errors import Rejected
from recordbus.verification import VERIFICATIONS, check_answer, check_question
from streams.intake.decode import GuardedDecoder
from streams.intake.state import RecordState
from streams.intake.texts import refuse_controls
from streams.runtime.contract import KEEP, Handled, Input, Note, Output, Quarantine

ASKERS: Final = "askers"
"""What their messages are counted under where those of a department have its name."""
MAX_QUESTIONS: Final = 50
"""Questions kept a record; of those that were answered the oldest goes first."""
_ASKED: Final = (
    "verification_id", "subject", "agency", "requester", "purpose", "case_number",
    "subscription_id", "reason",
)  # fmt: skip
_ANSWERED: Final = ("outcome", "source_seq", "note", "author")

Kept = dict[str, Any]
"""A `recordbus.v1.Verification` with its times as microseconds since 1970."""
Write = Callable[[Mapping[str, Any]], bytes]


class Verifications:
    """Handles what is asked and answered; `write` gives the bytes of a value of the table."""

    def __init__(self, questions: GuardedDecoder, answers: GuardedDecoder, write: Write) -> None:
        self._questions, self._answers, self._write = questions, answers, write

    def ask(self, message: Input, known: RecordState) -> Handled:
        """Decide what a question leads to, given what is known of its record."""
        try:
            question = self._read(self._questions, message)
            check_question(question)
            kept = _with_question(known, question)
        except Rejected as refused:
            return set_aside(refused, ASKERS)
        if kept is None:
            return Handled(outcome="duplicate")
        return self._said(message, known, kept, "asked")

    def answer(self, message: Input, known: RecordState, department: str) -> Handled:
        """Decide what an answer leads to that a department gave on its own topic (R-44)."""
        try:
            answer = self._read(self._answers, message)
            check_answer(answer)
            kept = _with_answer(known, answer, department)
        except Rejected as refused:
            return set_aside(refused, department)
        return self._said(message, known, kept, answer["outcome"])

    def gone(self, message: Input, known: RecordState) -> list[Output]:
        """Take back what was said of a record that is live no more."""
        if not known.verifications:
            return []
        return [self._output(message, known, ())]

    def _read(self, decoder: GuardedDecoder, message: Input) -> dict[str, Any]:
        if message.value is None:
            raise Rejected("tombstone_from_publisher", "the message has no value")
        decoded = decoder.decode(message.topic, message.value)
        refuse_controls(decoded.as_written)
        if decoded.value["record_key"].encode() != message.key:
            raise Rejected("key_mismatch", "the message key is not its record's")
        return decoded.value

    def _said(
        self, message: Input, known: RecordState, kept: tuple[Kept, ...], what: str
    ) -> Handled:
        state = known._replace(verifications=kept).encode()
        notes = (Note("verification", (what,)),)
        return Handled(state, (self._output(message, known, kept),), outcome=what, notes=notes)

    def _output(self, message: Input, known: RecordState, kept: Sequence[Kept]) -> Output:
        key = message.key or b""
        said = {
            "record_key": key.decode(),
            "department": known.department,
            "version": message.version,
            "verifications": [_written(each) for each in kept],
        }
        return Output(VERIFICATIONS, key, self._write(said), message.partition)


def set_aside(refused: Rejected, whose: str) -> Handled:
    """Quarantine a question or an answer without its bytes."""
    why = Quarantine(refused.reason, refused.detail, keep_value=False)
    note = Note("quarantined", (whose, refused.reason))
    return Handled(KEEP, quarantined=why, outcome="quarantined", notes=(note,))


def _with_question(known: RecordState, question: Mapping[str, Any]) -> tuple[Kept, ...] | None:
    """Give the questions with a new one; None when it is there already."""
    if known.status != "live":
        raise Rejected("nothing_to_verify", "there is no such live record")
    kept = [each for each in known.verifications if not _is_outdated(each, known)]
    if any(each["verification_id"] == question["verification_id"] for each in kept):
        return None
    if len(kept) >= MAX_QUESTIONS:
        oldest = next((each for each in kept if each["answer"] is not None), None)
        if oldest is None:
            raise Rejected("too_many_verifications", f"{MAX_QUESTIONS} questions are open")
        kept.remove(oldest)
    new: Kept = {name: question[name] for name in _ASKED}
    new |= {
        "asked_at": _micros(question["asked_at"]), "source_seq": known.source_seq, "answer": None,
    }  # fmt: skip
    return (*kept, new)


def _with_answer(
    known: RecordState, answer: Mapping[str, Any], department: str
) -> tuple[Kept, ...]:
    """Give the questions with one of them answered; a later answer takes the place of another."""
    if known.department not in ("", department):
        raise Rejected("origin_mismatch", "the key belongs to another department's record")
    wanted = answer["verification_id"]
    if all(each["verification_id"] != wanted for each in known.verifications):
        raise Rejected("unknown_verification", "nobody asked this about the record")
    reply: Kept = {name: answer[name] for name in _ANSWERED}
    reply["answered_at"] = _micros(answer["answered_at"])
    return tuple(
        each | {"answer": reply} if each["verification_id"] == wanted else each
        for each in known.verifications
    )


def _is_outdated(question: Kept, known: RecordState) -> bool:
    """Say whether a question was answered about a version that is no longer the record's."""
    answer = question["answer"]
    return answer is not None and answer["source_seq"] < known.source_seq


def _written(kept: Kept) -> dict[str, Any]:
    """Give a question as its schema has it."""
    answer = kept["answer"]
    if answer is not None:
        answer = answer | {"answered_at": instant(answer["answered_at"])}
    return kept | {"asked_at": instant(kept["asked_at"]), "answer": answer}


def _micros(at: Any) -> int:
    return int((at - EPOCH) // MICROSECOND)
