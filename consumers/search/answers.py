"""What owners answered about records, and what that makes of what is shown (pure; R-34).

Invariant: of a question the index keeps what it is about and the owner's newest answer about each
state of the record, never who asked, for what or why. An answer counts for its own state only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, cast

import orjson

from recordbus.verification import UNVERIFIED, Standing, standing_of
from schemas.types import RecordVerifications

ANSWERS: Final = "answer"
_NO_STATE: Final = -1
"""Of a row that does not say in which state its record is: nothing was answered about it."""


class Answers(NamedTuple):
    """An owner's answers about one record as they are stored; `told` is JSON."""

    record_key: bytes
    told: bytes


class Answered(NamedTuple):
    """Answers about a record, with the state and the version of it that the index has."""

    said: RecordVerifications
    source_seq: int
    version: int


def answers(said: RecordVerifications) -> Answers | None:
    """Give what is kept of a value of `verifications.v1`, None where nothing is answered."""
    newest: dict[tuple[str, int], dict[str, Any]] = {}
    for question in said["verifications"]:
        answer = question["answer"]
        if answer is None:
            continue
        about = question["subject"], answer["source_seq"]
        before = newest.get(about)
        if before is None or answer["answered_at"] >= before["answered_at"]:
            newest.pop(about, None)  # of two at one moment the later in the list counts
            newest[about] = {
                name: answer[name] for name in ("outcome", "source_seq", "answered_at")
            }
    if not newest:
        return None
    told = [{"subject": subject, "answer": each} for (subject, _), each in newest.items()]
    return Answers(bytes.fromhex(said["record_key"]), orjson.dumps(told))


def answered(told: bytes, shown: bytes, version: int) -> Answered:
    """Give stored answers beside the version of their record; `shown` is what its row shows."""
    source_seq = orjson.loads(shown).get("source_seq", _NO_STATE)
    questions = orjson.loads(told)
    for each in questions:
        at = datetime.fromisoformat(each["answer"]["answered_at"])
        each["answer"]["answered_at"] = at.astimezone(UTC)
    return Answered(cast(RecordVerifications, {"verifications": questions}), source_seq, version)


class Standings:
    """Gives how what is shown stands with its owner; what nobody answered about is unverified."""

    def __init__(self, known: Mapping[str, Answered]) -> None:
        """`known` gives what was answered about records, by their keys."""
        self._known = known

    def of_record(self, record_key: str) -> Standing:
        """Give the state of a record as the index has it."""
        found = self._known.get(record_key)
        if found is None:
            return UNVERIFIED
        return standing_of(found.said, f"record/{record_key}", found.source_seq)

    def of_association(self, association_id: str, record_key: str, version: int) -> Standing:
        """Give the state of an association that rests on this version of a record.

        While the index has another version of the record it is unverified.
        """
        found = self._known.get(record_key)
        if found is None or found.version != version:
            return UNVERIFIED
        return standing_of(found.said, f"association/{association_id}", found.source_seq)


def in_words(standing: Standing, owner: str) -> str:
    """Say a standing with the owner who answered and the day of the answer."""
    if standing.at is None:
        return standing.state
    said = f"{standing.state} by {owner} on {standing.at:%Y-%m-%d}"
    return f"{said}: do not rely on it" if standing.state == "refused" else said


def as_json(standing: Standing) -> dict[str, str | None]:
    """Give a standing for programs; `answered_at` is ISO 8601, UTC, None while nobody answered."""
    at = None if standing.at is None else standing.at.isoformat().replace("+00:00", "Z")
    return {"verification": standing.state, "answered_at": at}
