"""Fetches a record from the log by the place that the index remembers; the index keeps no copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, cast

from consumers.search.changes import RECORDS_TOPIC, Decode
from consumers.sink import Place
from recordbus.errors import Retryable
from recordbus.kafka.message import Message
from schemas.types import Record

_ROUNDS: Final = 50
_WAIT_SECONDS: Final = 0.2


class Records(Protocol):
    """Where whole records are."""

    def record(self, record_key: str, place: Place) -> Record:
        """Give the record whose message is at a place; raises Retryable when it is not there."""


class Log(Protocol):
    """What is needed of a reader of logs."""

    def assign(self, offsets: dict[tuple[str, int], int]) -> None:
        """Read from this place on."""

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        """Give up to `count` messages."""

    def at_end(self) -> bool:
        """Tell whether everything that was there has been read."""

    def close(self) -> None:
        """Stop reading."""


class RecordsInLog:
    """Records of `records.v1`. `open_log` is asked for a reader when the first is needed."""

    def __init__(self, open_log: Callable[[], Log], decode: Callable[[], Decode]) -> None:
        self._open_log, self._decode = open_log, decode

    def record(self, record_key: str, place: Place) -> Record:
        """Give the record whose message is at a place; raises Retryable when it is not there."""
        log = self._open_log()
        try:
            message = _first(log, place)
        finally:
            log.close()
        if message is None or message.offset != place[1] or message.value is None:
            raise Retryable(
                "a record has changed since the index took it",
                hint="the index is about to catch up: ask again in a moment",
            )
        record = cast(Record, self._decode()(message.value))
        if record["record_key"] != record_key or record["status"] != "live":
            raise Retryable(
                "the index points at another record",
                hint="the index is of another log: recordbus index rebuild",
            )
        return record


def _first(log: Log, place: Place) -> Message | None:
    """Give the first message at a place or after it."""
    log.assign({(RECORDS_TOPIC, place[0]): place[1]})
    for _ in range(_ROUNDS):
        messages = log.consume(1, _WAIT_SECONDS)
        if messages:
            return messages[0]
        if log.at_end():
            return None
    raise Retryable("the log does not answer", hint="look at the broker: recordbus status")
