"""The upkeep worker: time for the stages, and the erasure of what was removed.

Invariant: it never changes a topic that a stage owns. It asks intake for tombstones, writes ticks,
and deletes from the ingest logs only what intake has committed past. It keeps nothing: after a
restart it reads `records.v1` again, and asking twice for the same tombstones changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from recordbus import metrics
from recordbus.clock import Clock
from recordbus.kafka.consumer import EARLIEST, Message, TopicPartition
from schemas.topics import FEEDS
from streams.upkeep.glimpse import Glimpser
from streams.upkeep.markers import Marker, PendingMarkers, lowest_committed

TICK: Final = b"tick"
_READ_AT_ONCE: Final = 5000


class MarkedTable(NamedTuple):
    """A table in which intake marks removals, and the groups that read it."""

    topic: str
    partitions: int
    reader_groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Duties:
    """What this worker looks after: topic names, partition count and the groups to wait for.

    `marked` are the other tables that hold markers of removals. Of `optional_groups` only those
    are waited for that have ever committed anything: not every bus runs them.
    """

    ingest_topics: Sequence[str]
    upkeep_topic: str
    records_topic: str
    partitions: int
    intake_group: str
    reader_groups: Sequence[str]
    marked: Sequence[MarkedTable] = ()
    optional_groups: Collection[str] = ()


class Log(Protocol):
    """A reader of assigned partitions."""

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets."""

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        """Give the next messages, or none when the time is up."""


class Writer(Protocol):
    """A producer whose `flush` returns when everything is durable."""

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, partition: int = -1
    ) -> None:
        """Queue one message."""

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until everything queued is durable; raises Retryable when it is not."""


class Cluster(Protocol):
    """What an administrator of the cluster may ask and do."""

    def group_offsets(
        self, group: str, topics: Iterable[str] | None = None
    ) -> dict[TopicPartition, int]:
        """Give what a group has committed."""

    def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Give the offset after the last message of each partition."""

    def starts(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Give the first offset still there of each partition."""

    def list_topics(self) -> dict[str, int]:
        """Give every topic's number of partitions."""

    def delete_records(self, before: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Delete what lies before each offset."""


class Encode(Protocol):
    """Encodes a value of the upkeep topic."""

    def encode(self, value: Mapping[str, Any]) -> bytes:
        """Give the framed bytes of a value."""


class Upkeep:
    """One round reads what is new, then acts; `round` may be called at any pace."""

    def __init__(
        self,
        duties: Duties,
        log: Log,
        writer: Writer,
        cluster: Cluster,
        encode: Encode,
        glimpser: Glimpser,
        clock: Clock,
    ) -> None:
        self._duties = duties
        self._log = log
        self._writer = writer
        self._cluster = cluster
        self._encode = encode
        self._glimpser = glimpser
        self._clock = clock
        self._pending = PendingMarkers()
        records = ((duties.records_topic, each) for each in range(duties.partitions))
        log.assign(dict.fromkeys(records, EARLIEST))

    def follow(self, timeout_seconds: float) -> int:
        """Take in what was written to `records.v1`; gives how many messages that were."""
        messages = self._log.consume(_READ_AT_ONCE, timeout_seconds)
        for message in messages:
            self._note(message)
        metrics.UPKEEP_MARKERS_PENDING.set(self.markers_pending)
        return len(messages)

    @property
    def markers_pending(self) -> int:
        """Count the removals that were not asked about yet."""
        return len(self._pending)

    def round(self) -> None:
        """Tick, ask for the tombstones that are due, and truncate behind intake.

        Raises Retryable when the cluster is away; the next round makes up for it.
        """
        now = self._clock.now()
        self._tick(now)
        self._ask(now)
        self._writer.flush()
        self._truncate()

    def _note(self, message: Message) -> None:
        key = message.key or b""
        if key.startswith(TICK):
            return
        record_key = key.decode("ascii", "replace")
        seen = self._glimpser.glimpse(message.value) if message.value is not None else None
        if seen is None or not seen.removed:
            self._pending.saw_other(record_key)
        else:
            self._pending.saw_marker(
                Marker(record_key, seen.version, message.partition, message.offset)
            )

    def _tick(self, now: datetime) -> None:
        """Write time into every partition: idle ones close their segment on a write only."""
        value = self._message("tick", now)
        for partition in range(self._duties.partitions):
            self._writer.produce(self._duties.upkeep_topic, TICK, value, partition=partition)
            for topic in self._duties.ingest_topics:
                key = b"tick/%d" % partition
                self._writer.produce(topic, key, None, partition=partition)
        for topic, count in self._cluster.list_topics().items():
            for partition in range(count if topic.startswith(FEEDS) else 0):
                self._writer.produce(topic, b"tick/%d" % partition, None, partition=partition)

    def _ask(self, now: datetime) -> None:
        if self._pending.has_new():
            tables = self._duties.marked
            self._pending.other_tables_end(
                self._cluster.ends(
                    (each.topic, p) for each in tables for p in range(each.partitions)
                )
            )
        committed = self._committed(self._duties.records_topic, self._duties.reader_groups)
        for marker in self._pending.passed(committed, self._committed_elsewhere()):
            value = self._message("tombstone", now, marker.record_key, marker.version)
            self._writer.produce(
                self._duties.upkeep_topic,
                marker.record_key.encode(),
                value,
                partition=marker.partition,
            )
            metrics.UPKEEP_TOMBSTONES_ASKED_TOTAL.inc()

    def _committed(self, topic: str, groups: Sequence[str]) -> dict[int, int]:
        """Give the offset that every group has committed, by partition."""
        found = {group: self._cluster.group_offsets(group, [topic]) for group in groups}
        for group in self._duties.optional_groups:
            if not found.get(group):
                found.pop(group, None)
        return lowest_committed(
            {
                group: {partition: offset for (_, partition), offset in offsets.items()}
                for group, offsets in found.items()
            }
        )

    def _committed_elsewhere(self) -> dict[TopicPartition, int]:
        return {
            (each.topic, partition): offset
            for each in self._duties.marked
            for partition, offset in self._committed(each.topic, each.reader_groups).items()
        }

    def _truncate(self) -> None:
        topics = (*self._duties.ingest_topics, self._duties.upkeep_topic)
        read = self._cluster.group_offsets(self._duties.intake_group, topics)
        starts = self._cluster.starts(read)
        behind = {where: at for where, at in read.items() if at > starts[where]}
        self._cluster.delete_records(behind)
        metrics.UPKEEP_TRUNCATED_RECORDS_TOTAL.inc(
            sum(at - starts[where] for where, at in behind.items())
        )

    def _message(
        self, kind: str, at: datetime, record_key: str | None = None, version: int | None = None
    ) -> bytes:
        return self._encode.encode(
            {"kind": kind, "at": at, "record_key": record_key, "version": version}
        )
