"""Publishes a judgement: first its line in the audit, then the log, then what became of it.

Invariant (R-39): nothing is sent that the audit does not have. A judgement counts as sent only when
its place in the log is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from producers.judging.judgement import judgement_json
from recordbus.audit import AuditSink, Entry, Operation, Outcome, Private, keyed
from recordbus.audit.origin import this_terminal
from recordbus.clock import Clock
from recordbus.errors import RecordbusError
from recordbus.ids import IdSource
from recordbus.judgements import TOPIC, key_of
from recordbus.kafka.producer import OnDelivery
from schemas.types import Judgement

COMMAND: Final = "judge"
PURPOSE: Final = "record_quality"


class Place(NamedTuple):
    """Where in the log a judgement is."""

    topic: str
    partition: int
    offset: int


class Writer(Protocol):
    """A producer whose `flush` returns when everything is durable."""

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: OnDelivery
    ) -> None:
        """Queue one message."""

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until everything queued is durable; raises Retryable when it is not."""


class Encode(Protocol):
    """Encodes a value of the topic of judgements."""

    def encode(self, value: Mapping[str, Any]) -> bytes:
        """Give the framed bytes of a value."""


class Judge:
    """Sends judgements one at a time."""

    def __init__(
        self, writer: Writer, encode: Encode, sink: AuditSink, clock: Clock, ids: IdSource
    ) -> None:
        self._writer = writer
        self._encode = encode
        self._audit = sink
        self._clock = clock
        self._ids = ids

    def send(self, judgement: Judgement) -> Place:
        """Send a judgement that is sound; give its place once it is durable.

        Raises Retryable when the audit cannot be written, and then nothing was sent, or when the
        log cannot; sending it again is harmless.
        """
        value = self._encode.encode(judgement)
        entry = _entry(self._ids.next(), self._clock.now(), judgement)
        self._audit.append(entry)
        try:
            place = self._published(key_of(judgement).encode(), value)
        except RecordbusError as error:
            self._note(entry, Outcome.FAILED, reasons=(type(error).__name__,))
            raise
        self._note(entry, Outcome.SENT, asked=place._asdict())
        return place

    def _published(self, key: bytes, value: bytes) -> Place:
        places: list[Place] = []

        def delivered(error: Any, topic: str, partition: int, offset: int) -> None:
            if error is None:
                places.append(Place(topic, partition, offset))

        self._writer.produce(TOPIC, key, value, on_delivery=delivered)
        self._writer.flush()
        return places[0]

    def _note(self, entry: Entry, outcome: Outcome, **told: Any) -> None:
        """Note what became of it; the place is told to nobody who was not told of the sending."""
        self._audit.append(replace(entry, at=self._clock.now(), outcome=outcome, **told))


def _entry(entry_id: str, at: datetime, judgement: Judgement) -> Entry:
    """Give the entry of a judgement that is about to be sent; its reason may name somebody."""
    said = judgement_json(judgement)
    return Entry(
        entry_id=entry_id,
        at=at,
        operation=Operation.ALTERATION,
        command=f"{COMMAND}.{judgement['outcome']}",
        outcome=Outcome.SENDING,
        requester=judgement["author"],
        origin=this_terminal(),
        purpose=PURPOSE,
        asked={
            "reason": Private(judgement["reason"]),
            "decided_at": said["decided_at"],
            "expires_at": said["expires_at"],
        },
        records=(keyed(judgement["a"], judgement["a_version"]),
                 keyed(judgement["b"], judgement["b_version"])),
    )  # fmt: skip
