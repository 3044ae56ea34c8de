"""Judgements on their way to identify: checked, kept as their pair's state, passed on (pure).

Invariant: the last sound judgement about a pair in the log counts. A bad one leaves it in force,
and its bytes are kept nowhere: no removal of a record could find them under the key of a pair.
"""

from __future__ import annotations

from typing import Any, Final

from recordbus.errors import Rejected
from recordbus.judgements import BETWEEN, check, key_of, record_of
from streams.intake.decode import GuardedDecoder
from streams.intake.publish import EntryWriter
from streams.intake.texts import refuse_controls
from streams.intake.topics import VERDICTS
from streams.runtime.contract import KEEP, Handled, Input, Note, Output, Quarantine

JUDGES: Final = "judges"
"""What their messages are counted under where those of a department have its name."""


def pair_key(key: bytes) -> bytes:
    """Give a message's key back when it is that of a pair of mentions, else nothing."""
    try:
        a, between, b = key.decode().partition(BETWEEN)
    except UnicodeDecodeError:
        return b""
    return key if between and record_of(a) and record_of(b) else b""


class Judgements:
    """Handles the topic of judgements."""

    def __init__(self, decoder: GuardedDecoder, writer: EntryWriter) -> None:
        self._decoder = decoder
        self._writer = writer

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """Decide what a judgement leads to; its state is what `verdicts.v1` has of its pair."""
        try:
            judgement = self._read(message)
            value = self._writer.write("Judgement", judgement)
        except Rejected as refused:
            return set_aside(refused)
        if value == state:
            return Handled(outcome="duplicate")
        key = b"judgement/" + (message.key or b"")
        notes = (Note("judged", (judgement["outcome"],)),)
        return Handled(value, (Output(VERDICTS, key, value, 0),), outcome="judged", notes=notes)

    def _read(self, message: Input) -> dict[str, Any]:
        """Give the judgement of a message that is sound."""
        if message.key is None:
            raise Rejected("key_mismatch", "the message has no key")
        if message.value is None:
            raise Rejected("tombstone_from_publisher", "the message has no value")
        decoded = self._decoder.decode(message.topic, message.value)
        refuse_controls(decoded.as_written)
        check(decoded.value)
        if key_of(decoded.value).encode() != message.key:
            raise Rejected("key_mismatch", "the message key is not that of the judgement's pair")
        return decoded.value


def set_aside(refused: Rejected) -> Handled:
    """Quarantine a judgement without its bytes."""
    why = Quarantine(refused.reason, refused.detail, keep_value=False)
    note = Note("quarantined", (JUDGES, refused.reason))
    return Handled(KEEP, quarantined=why, outcome="quarantined", notes=(note,))
