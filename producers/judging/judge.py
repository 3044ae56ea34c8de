"""Publishes a judgement: first its line in the audit, then the log, then what became of it.

Invariant (R-39): nothing is sent that the audit does not have. A judgement counts as sent only when
its place in the log is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import orjson

from producers.judging.judgement import judgement_json
from recordbus import audit
from recordbus.clock import Clock
from recordbus.errors import RecordbusError, Retryable
from recordbus.ids import IdSource
from recordbus.judgements import TOPIC, key_of
from recordbus.kafka.producer import OnDelivery
from schemas.types import Judgement

COMMAND: Final = "judge"


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


class AuditSink(Protocol):
    """Where entries go; one that cannot be written raises Retryable."""

    def write(self, entry: Mapping[str, Any]) -> None:
        """Keep an entry for good before returning."""


class JsonLinesAudit:
    """Entries as lines of a file that is only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, entry: Mapping[str, Any]) -> None:
        """Append an entry and wait until the disk has it; raises Retryable when it cannot."""
        try:
            audit.append(self._path, orjson.dumps(entry) + b"\n")
        except OSError as error:
            raise Retryable(
                f"the audit of judgements cannot be written: {error.strerror or error}",
                hint=f"no judgement is sent until {self._path} can be written",
            ) from error


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
        entry_id = self._ids.next()
        self._note(entry_id, "sending", judgement_json(judgement))
        try:
            place = self._published(key_of(judgement).encode(), value)
        except RecordbusError as error:
            self._note(entry_id, "failed", {"error": type(error).__name__})
            raise
        self._note(entry_id, "sent", place._asdict())
        return place

    def _published(self, key: bytes, value: bytes) -> Place:
        places: list[Place] = []

        def delivered(error: Any, topic: str, partition: int, offset: int) -> None:
            if error is None:
                places.append(Place(topic, partition, offset))

        self._writer.produce(TOPIC, key, value, on_delivery=delivered)
        self._writer.flush()
        return places[0]

    def _note(self, entry_id: str, outcome: str, what: Mapping[str, Any]) -> None:
        at = audit.hundredths(self._clock.now())
        head = {"entry_id": entry_id, "at": at, "command": COMMAND, "audited": outcome}
        self._audit.write({**head, **what})
