"""Sends a question or an answer: its line in the audit, then the log, then what became of it.

Invariant (R-39): nothing is sent that the audit does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from recordbus.audit import AuditSink, Entry, Outcome
from recordbus.audit.origin import this_terminal
from recordbus.clock import Clock
from recordbus.errors import RecordbusError


class Writer(Protocol):
    """A producer whose `flush` returns when everything is durable."""

    def produce(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Queue one message."""

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until everything queued is durable; raises Retryable when it is not."""


class Encode(Protocol):
    """Encodes values of one topic."""

    def encode(self, value: Mapping[str, Any]) -> bytes:
        """Give the framed bytes of a value."""


class Sender:
    """Sends to one topic."""

    def __init__(
        self, topic: str, writer: Writer, encode: Encode, audit: AuditSink, clock: Clock
    ) -> None:
        self._topic, self._writer, self._encode = topic, writer, encode
        self._audit, self._clock = audit, clock

    def send(self, value: Mapping[str, Any], entry: Entry) -> None:
        """Send a value under its record's key once its entry is durable.

        Raises Retryable when the audit cannot be written, and then nothing was sent, or when the
        log cannot; sending the same again is harmless.
        """
        framed = self._encode.encode(value)
        entry = replace(entry, origin=this_terminal())
        self._audit.append(entry)
        try:
            self._writer.produce(self._topic, value["record_key"].encode(), framed)
            self._writer.flush()
        except RecordbusError as error:
            self._note(entry, Outcome.FAILED, reasons=(type(error).__name__,))
            raise
        self._note(entry, Outcome.SENT)

    def _note(self, entry: Entry, outcome: Outcome, **told: Any) -> None:
        self._audit.append(replace(entry, at=self._clock.now(), outcome=outcome, **told))
