"""Readers of logs: one that is told where to read, and one that shares topics in a group.

Both read committed messages only, commit nothing by themselves, and raise no exception
for a message: its bytes are handed over as they are. `positions` is exact at the end of a
log, also where the last entries are transaction markers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as ClientPartition

from recordbus.errors import Misconfigured
from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.kafka.failures import PARTITION_EOF, explain
from recordbus.kafka.message import Message, TopicPartition, from_client

__all__ = ["EARLIEST", "GroupConsumer", "LogReader", "Message", "TopicPartition"]

EARLIEST: Final = -2
ASK_SECONDS: Final = 10.0
"""How long a broker may take to say which topics there are, or what a group has stored."""
Offsets = Mapping[TopicPartition, int]
OnAssign = Callable[[list[TopicPartition]], Offsets | None]
OnRevoke = Callable[[list[TopicPartition]], None]

_READING: Final[dict[str, Any]] = {
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    "fetch.error.backoff.ms": 50,
    "fetch.wait.max.ms": 100,
    "queued.max.messages.kbytes": 32_768,
    "topic.metadata.refresh.interval.ms": 60_000,
    "allow.auto.create.topics": False,
}


class _Reader:
    """Consumes batches and keeps exact positions; the base of both readers."""

    def __init__(self, connection: Connection, config: dict[str, Any]) -> None:
        self._connection = connection
        self._consumer = Consumer(connection.client_config() | _READING | config)
        self._positions: dict[TopicPartition, int] = {}
        self._ended: set[TopicPartition] = set()
        self._admin: Admin | None = None
        self._closed = False

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        """Wait for a first message, then give it with what else is there, up to `count`.

        In order per partition; empty when time is up, or when only ends of logs were met.
        Raises Retryable when the broker or the group is lost, Misconfigured when the topic is
        not there or may not be read.
        """
        taken: list[Message] = []
        arrived = self._arrived(count, timeout_seconds)
        while arrived:
            for message in arrived:
                error = message.error()
                if error is None:
                    taken.append(from_client(message))
                else:
                    self._note(error, message)
            # Ends come one by one, and behind them may be what other partitions have.
            arrived = [] if taken else self._arrived(count, 0)
        self._advance(taken)
        return taken

    def _arrived(self, count: int, timeout_seconds: float) -> list[Any]:
        # librdkafka's batch call waits for a full batch; waiting for one message only is prompt.
        first = self._consumer.consume(1, timeout_seconds)
        if not first or count == 1:
            return first
        return first + self._consumer.consume(count - 1, 0)

    def positions(self) -> dict[TopicPartition, int]:
        """Give the next offset to read of each partition that was assigned from an offset."""
        return dict(self._positions)

    def at_end(self) -> bool:
        """Tell whether every assigned partition was read to its end at some moment."""
        return bool(self._positions) and self._ended >= self._positions.keys()

    def watermarks(
        self, partition: TopicPartition, timeout_seconds: float = 10.0
    ) -> tuple[int, int]:
        """Ask the broker for the first offset still there and the one after the last.

        The last is the end of what committed transactions have written.
        """
        try:
            found = self._consumer.get_watermark_offsets(
                ClientPartition(*partition), timeout=timeout_seconds
            )
        except KafkaException as error:
            raise explain(error.args[0], f"asking for the end of {partition[0]}") from error
        if found is None:
            raise self._connection.unreachable(f"asking for the end of {partition[0]}")
        return found

    def all_watermarks(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Ask the broker for the first offset and the one after the last of each partition.

        On a connection of its own, all at once: on the reader's, each question would wait behind
        a fetch that the broker holds until there is something to give.
        """
        asked = list(partitions)
        if self._admin is None:
            self._admin = Admin(self._connection)
        firsts, ends = self._admin.starts(asked), self._admin.ends(asked)
        return {each: (firsts[each], ends[each]) for each in asked}

    def close(self) -> None:
        """Leave, without committing; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._consumer.close()

    def _advance(self, taken: list[Message]) -> None:
        last = {(message.topic, message.partition): message.offset for message in taken}
        for partition, offset in last.items():
            self._positions[partition] = max(offset + 1, self._positions.get(partition, 0))

    def _note(self, error: KafkaError, message: Any) -> None:
        if error.code() != PARTITION_EOF:
            raise explain(error, f"reading {message.topic() or 'the group'}")
        partition = (message.topic(), message.partition())
        self._positions[partition] = message.offset()
        self._ended.add(partition)


class LogReader(_Reader):
    """Reads the partitions it is given, from the offsets it is given; joins no group."""

    def __init__(self, connection: Connection, group: str | None = None) -> None:
        # librdkafka wants a group id even where none is joined; it is never sent.
        super().__init__(connection, {"group.id": group or "recordbus-reader"})

    def assign(self, offsets: Offsets) -> None:
        """Read these partitions from these offsets (EARLIEST for the first there is).

        Raises Misconfigured when one is not there: librdkafka would wait for it without a word.
        """
        self._require(offsets)
        self._positions = dict(offsets)
        self._ended.clear()
        self._consumer.assign([ClientPartition(*key, at) for key, at in offsets.items()])

    def _require(self, offsets: Offsets) -> None:
        try:
            known = self._consumer.list_topics(timeout=ASK_SECONDS).topics
        except KafkaException as error:
            raise explain(error.args[0], "looking for the topics to read") from error
        for topic, partition in offsets:
            if topic not in known or partition not in known[topic].partitions:
                raise Misconfigured(
                    f"there is no partition {partition} of topic {topic}",
                    hint="create the topics with `recordbus topics apply`",
                )


class GroupConsumer(_Reader):
    """Shares the partitions of `topics` with the other members of `group`.

    `on_assign` gets the partitions won and may give the offsets to start from (a sink that
    stores its own); without them the group's committed offsets count. `on_revoke` gets the
    partitions lost. Both run inside `consume`. `instance_id` makes the membership static:
    a restart within the session takes its partitions back without a rebalance.
    """

    def __init__(
        self,
        connection: Connection,
        group: str,
        topics: Iterable[str],
        *,
        on_assign: OnAssign | None = None,
        on_revoke: OnRevoke | None = None,
        instance_id: str | None = None,
        session_timeout_seconds: float = 10.0,
    ) -> None:
        config: dict[str, Any] = {
            "group.id": group,
            "session.timeout.ms": int(session_timeout_seconds * 1000),
            "heartbeat.interval.ms": int(session_timeout_seconds * 1000 / 3),
        }
        if instance_id is not None:
            config["group.instance.id"] = instance_id
        super().__init__(connection, config)
        self.group = group
        self._on_assign = on_assign
        self._on_revoke = on_revoke
        self._consumer.subscribe(
            list(topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )

    def commit(self, offsets: Offsets) -> None:
        """Store the next offsets to read with the group, and wait until it is done."""
        wanted = [ClientPartition(*key, at) for key, at in offsets.items()]
        try:
            self._consumer.commit(offsets=wanted, asynchronous=False)
        except KafkaException as error:
            raise explain(error.args[0], f"committing offsets of {self.group}") from error

    def committed(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Give the group's stored offsets; a partition without one is left out."""
        wanted = [ClientPartition(*key) for key in partitions]
        try:
            found = self._consumer.committed(wanted, timeout=ASK_SECONDS)
        except KafkaException as error:
            raise explain(error.args[0], f"reading offsets of {self.group}") from error
        return {(each.topic, each.partition): each.offset for each in found if each.offset >= 0}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from `offset` in a partition that is assigned."""
        self._positions[partition] = offset
        self._ended.discard(partition)
        try:
            self._consumer.seek(ClientPartition(*partition, offset))
        except KafkaException as error:
            raise explain(error.args[0], f"seeking in {partition[0]}") from error

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Stop fetching these partitions; the membership goes on."""
        self._consumer.pause([ClientPartition(*key) for key in partitions])

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch these partitions again."""
        self._consumer.resume([ClientPartition(*key) for key in partitions])

    def assignment(self) -> list[TopicPartition]:
        """List the partitions that are this member's now."""
        return [(each.topic, each.partition) for each in self._consumer.assignment()]

    def _assigned(self, _consumer: Any, won: list[Any]) -> None:
        partitions = [(each.topic, each.partition) for each in won]
        stored = (self._on_assign(partitions) if self._on_assign else None) or {}
        self._positions.update({key: stored[key] for key in partitions if key in stored})
        if stored:
            self._consumer.assign(
                [ClientPartition(*key, stored.get(key, _STORED)) for key in partitions]
            )

    def _revoked(self, _consumer: Any, lost: list[Any]) -> None:
        partitions = [(each.topic, each.partition) for each in lost]
        for partition in partitions:
            self._positions.pop(partition, None)
            self._ended.discard(partition)
        if self._on_revoke:
            self._on_revoke(partitions)


_STORED: Final = -1000  # librdkafka: go on from the group's committed offset
