"""Carries a table topic into a sink: read a batch, store it with its position, tell the group.

Invariant: the sink's own stored positions decide where reading starts; the group's offsets are
committed after the sink's transaction, and only tell others how far this consumer is. A message
that cannot be used is set aside and passed; trouble that may go away ends the run unacknowledged,
and the next run starts from what the sink has stored.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from consumers.quarantine import Quarantine
from consumers.sink import Applied, Change, Progress, Sink, TopicPartition
from recordbus import logs
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.errors import Rejected
from recordbus.kafka.consumer import EARLIEST
from recordbus.kafka.message import Message
from recordbus.metrics import (
    CONSUMER_LAG_RECORDS,
    CONSUMER_LAG_SECONDS,
    END_TO_END_SECONDS,
    SINK_CHANGES_TOTAL,
)

Payload = TypeVar("Payload")
Decode = Callable[[Message], Change[Payload]]
"""Gives the change a message carries; raises Rejected for one that cannot be used."""

TICK_KEYS = b"tick/"
_log = logs.logger(__name__)


class Source(Protocol):
    """What the runner needs of a group's consumer."""

    group: str

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        """Give up to `count` messages."""

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell the group how far this consumer is."""

    def positions(self) -> dict[TopicPartition, int]:
        """Give the next offset to read of each partition."""

    def all_watermarks(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Give the first and the next offset of each partition."""

    def close(self) -> None:
        """Leave the group."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a runner batches and how often it does what need not be done for every batch.

    `gather_ms` is the least time between two batches, so that under load a transaction holds what
    came meanwhile; what comes after a quieter time is stored at once.
    """

    max_records: int = 1000
    gather_ms: int = 50
    idle_seconds: float = 0.5
    commit_seconds: float = 1.0
    lag_seconds: float = 2.0
    settle_seconds: float = 1.0


def start_positions(
    sink: Sink[Payload], partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """Give where to start each partition: where the sink stands, or at the beginning."""
    stored = sink.positions()
    return {partition: stored.get(partition, EARLIEST) for partition in partitions}


class Runner(Generic[Payload]):
    """One consumer's loop; not for use by several threads."""

    def __init__(
        self,
        source: Source,
        sink: Sink[Payload],
        decode: Decode[Payload],
        quarantine: Quarantine,
        clock: Clock,
        pace: Pace | None = None,
        is_passed_over: Callable[[Message], bool] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`is_passed_over` tells which messages say nothing to the sink; by default, ticks."""
        self._source, self._sink, self._decode = source, sink, decode
        self._is_passed_over = is_passed_over or is_tick
        self._quarantine, self._clock, self._pace = quarantine, clock, pace or Pace()
        self._sleep = sleep
        self._batch_began = -math.inf
        self._started_ms = clock.epoch_ms()
        self._told: dict[TopicPartition, int] = {}
        self._complete_us: dict[TopicPartition, int] = {}
        self._reached_us: dict[TopicPartition, int] = {}
        self._is_settled = False
        self._put_aside = 0
        self._last = dict.fromkeys(("commit", "lag", "settle"), clock.monotonic())

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Go on until told to stop; then tell the group, and let sink and source go.

        Raises Retryable and Misconfigured from below; nothing unfinished is acknowledged.
        """
        with ExitStack() as opened:
            for each in (self._sink, self._quarantine, self._source):
                opened.callback(each.close)
            while not should_stop():
                self.step()
            self._commit()

    def step(self) -> Applied:
        """Read and store one batch, or do what is left when there is nothing to read."""
        messages = self._gather()
        applied = self._store(messages) if messages else Applied()
        self._afterwards(is_idle=not messages)
        return applied

    def _gather(self) -> list[Message]:
        """Wait for a first message; soon after a batch, wait for those that come with it too."""
        wait = self._pace.idle_seconds if self._is_settled else 0.0
        messages = self._source.consume(1, wait)
        if not messages:
            return messages
        early = self._batch_began + self._pace.gather_ms / 1000 - self._clock.monotonic()
        if early > 0:
            self._sleep(early)
        self._batch_began = self._clock.monotonic()
        if self._pace.max_records > 1:
            messages += self._source.consume(self._pace.max_records - 1, 0)
        return messages

    def _store(self, messages: Sequence[Message]) -> Applied:
        crashpoint("sink.batch_read")
        self._put_aside = 0
        read = [(message, self._change(message)) for message in messages]
        put_aside = self._put_aside
        if put_aside:
            self._quarantine.flush()
        progress = self._progress(read)
        applied = self._sink.apply([change for _, change in read if change is not None], progress)
        self._is_settled = False
        self._observe(read)
        self._count(applied, put_aside)
        return applied

    def _change(self, message: Message) -> Change[Payload] | None:
        if self._is_passed_over(message):
            return None
        try:
            return self._decode(message)
        except Rejected as error:
            _log.warning(
                "a message was set aside",
                topic=message.topic,
                partition=message.partition,
                offset=message.offset,
                reason=error.reason,
            )
            self._quarantine.put(message, error)
            self._put_aside += 1
            return None

    def _progress(
        self, read: Sequence[tuple[Message, Change[Payload] | None]]
    ) -> dict[TopicPartition, Progress]:
        """Give how far each partition now is; its time moves with publications and with ticks."""
        offsets: dict[TopicPartition, int] = {}
        complete, reached = self._complete_us, self._reached_us
        for message, change in read:
            at = (message.topic, message.partition)
            offsets[at] = message.offset + 1
            written_us = message.timestamp_ms * 1000
            if change is not None and change.published_us is not None:
                told_us = change.published_us
            else:
                told_us = written_us if is_tick(message) else 0
            if told_us > complete.get(at, 0):
                complete[at] = told_us
            if (told_us or written_us) > reached.get(at, 0):
                reached[at] = told_us or written_us
        return {at: Progress(offset, complete.get(at, 0)) for at, offset in offsets.items()}

    def _observe(self, read: Sequence[tuple[Message, Change[Payload] | None]]) -> None:
        """Note how long changes took; those from before this run waited for it and do not count."""
        now_us = self._clock.epoch_ms() * 1000
        observe = END_TO_END_SECONDS.labels(sink=self._sink.name).observe
        for message, change in read:
            if change is None or change.published_us is None:
                continue
            if message.timestamp_ms >= self._started_ms:
                observe(max(now_us - change.published_us, 0) / 1_000_000)

    def _count(self, applied: Applied, put_aside: int) -> None:
        for outcome, count in (*applied._asdict().items(), ("quarantined", put_aside)):
            if count:
                SINK_CHANGES_TOTAL.labels(sink=self._sink.name, outcome=outcome).inc(count)

    def _afterwards(self, *, is_idle: bool) -> None:
        if self._is_due("commit", self._pace.commit_seconds):
            self._commit()
        if is_idle or self._is_due("settle", self._pace.settle_seconds):
            self._is_settled = self._sink.settle()
        if self._is_due("lag", self._pace.lag_seconds):
            self._measure_lag()

    def _is_due(self, what: str, seconds: float) -> bool:
        now = self._clock.monotonic()
        if now - self._last[what] < seconds:
            return False
        self._last[what] = now
        return True

    def _commit(self) -> None:
        """Tell the group how far this is: past the ends of transactions too, which hold no data.

        Whatever was read has been stored when this is called.
        """
        reached = {at: offset for at, offset in self._source.positions().items() if offset >= 0}
        news = {at: offset for at, offset in reached.items() if offset > self._told.get(at, -1)}
        if news:
            self._source.commit(news)
            self._told.update(news)
            crashpoint("sink.offsets_committed")

    def _measure_lag(self) -> None:
        by_topic: dict[str, int] = {}
        oldest_us = self._clock.epoch_ms() * 1000
        positions = self._source.positions()
        for at, (first, end) in self._source.all_watermarks(positions).items():
            position = positions[at]
            behind = max(end - max(position, first), 0)
            by_topic[at[0]] = by_topic.get(at[0], 0) + behind
            if behind:
                oldest_us = min(oldest_us, self._reached_us.get(at, oldest_us))
        for topic, behind in by_topic.items():
            CONSUMER_LAG_RECORDS.labels(group=self._source.group, topic=topic).set(behind)
        seconds = (self._clock.epoch_ms() * 1000 - oldest_us) / 1_000_000
        CONSUMER_LAG_SECONDS.labels(group=self._source.group).set(max(seconds, 0.0))


def is_tick(message: Message) -> bool:
    """Tell whether a message only says what time it is."""
    return message.key is not None and message.key.startswith(TICK_KEYS)
