"""A broker in memory, with the rules of Kafka that the stage protocol leans on.

Transactions occupy offsets and end in a marker; read_committed readers stop at the first open
one; `init` of a transactional id fences its earlier owners and aborts what they left open;
compaction keeps the newest committed message of a key. Nothing here is random.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from recordbus.errors import Retryable

TopicPartition = tuple[str, int]


class SimulatedFailure(Retryable):
    """What a real producer raises as a failed transaction."""


class State(Enum):
    """Where a transaction stands."""

    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


@dataclass(slots=True)
class Transaction:
    """The messages of one transaction, wherever they are."""

    state: State = State.OPEN
    partitions: set[TopicPartition] = field(default_factory=set)


OUTSIDE = Transaction(State.COMMITTED)
"""What was written without a transaction."""


class Message(NamedTuple):
    """A message as Faust's consumer and the changelog reader hand it over."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class _Entry:
    message: Message
    transaction: Transaction
    is_marker: bool = False


class Log:
    """One partition; its messages bear the time `began_ms` and a millisecond more for each."""

    def __init__(self, at: TopicPartition, began_ms: int = 0) -> None:
        self.at = at
        self.began_ms = began_ms
        self.first = 0
        self._entries: list[_Entry | None] = []
        self._opened: deque[tuple[Transaction, int]] = deque()

    def append(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
        transaction: Transaction = OUTSIDE,
    ) -> int:
        """Write a message; gives its offset."""
        offset = len(self._entries)
        if transaction is not OUTSIDE and all(t is not transaction for t, _ in self._opened):
            self._opened.append((transaction, offset))
        message = Message(*self.at, offset, key, value, self.began_ms + offset, headers)
        self._entries.append(_Entry(message, transaction))
        return offset

    def mark(self, transaction: Transaction) -> None:
        """Write the end of a transaction."""
        message = Message(*self.at, len(self._entries), None, None, 0, ())
        self._entries.append(_Entry(message, transaction, is_marker=True))

    @property
    def end(self) -> int:
        """Give the offset after the last that may be read: the first of an open transaction."""
        while self._opened and self._opened[0][0].state is not State.OPEN:
            self._opened.popleft()
        return self._opened[0][1] if self._opened else len(self._entries)

    def committed(self, start: int = 0, end: int | None = None) -> Iterator[Message]:
        """Walk what a read_committed reader sees from `start` on."""
        for entry in self._entries[max(start, self.first) : self.end if end is None else end]:
            if entry is None or entry.is_marker:
                continue
            if entry.transaction.state is State.COMMITTED:
                yield entry.message

    def uncommitted(self, start: int = 0) -> Iterator[Message]:
        """Walk everything that was written, as a careless reader would."""
        for entry in self._entries[max(start, self.first) :]:
            if entry is not None and not entry.is_marker:
                yield entry.message

    def compact(self) -> None:
        """Drop every committed message that a newer one of its key replaces."""
        end = self.end
        newest: dict[bytes | None, int] = {}
        for message in self.committed(end=end):
            newest[message.key] = message.offset
        for message in list(self.committed(end=end)):
            if newest[message.key] != message.offset:
                self._entries[message.offset] = None

    def drop_tombstones(self, before: int) -> None:
        """Drop tombstones below `before` that are the newest of their key."""
        newest = {message.key: message for message in self.committed()}
        for message in newest.values():
            if message.value is None and message.offset < before:
                self._entries[message.offset] = None

    def delete_records(self, before: int) -> None:
        """Delete everything below `before`."""
        self.first = max(self.first, min(before, self.end))


class Broker:
    """All topics, and who may write under which transactional id."""

    def __init__(self, topics: Mapping[str, int], began_ms: int = 0) -> None:
        places = [(topic, p) for topic, count in topics.items() for p in range(count)]
        self.logs = {at: Log(at, began_ms) for at in places}
        self._partitions = dict(topics)
        self._owners: dict[str, Producer] = {}

    def log(self, topic: str, partition: int) -> Log:
        """Give one partition's log."""
        return self.logs[topic, partition]

    def partitions(self, topic: str) -> int:
        """Count the partitions of a topic."""
        return self._partitions[topic]

    def publish(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> int:
        """Write as an outsider does: at once, without a transaction."""
        return self.log(topic, partition).append(key, value)

    def take_over(self, transactional_id: str, owner: Producer) -> None:
        """Make `owner` the only one that may write under this id."""
        earlier = self._owners.get(transactional_id)
        if earlier is not None and earlier is not owner:
            earlier.end_transaction(State.ABORTED)
        self._owners[transactional_id] = owner

    def is_owner(self, transactional_id: str, owner: object) -> bool:
        """Tell whether nobody fenced `owner` since."""
        return self._owners.get(transactional_id) is owner


class Producer:
    """A transactional producer; `fate` decides what becomes of each commit."""

    def __init__(self, broker: Broker, transactional_id: str, fate: Fate) -> None:
        self._broker = broker
        self._id = transactional_id
        self._fate = fate
        self._open: Transaction | None = None
        self._misses_one = False

    def init(self) -> None:
        """Fence every earlier owner."""
        self._broker.take_over(self._id, self)

    def begin(self) -> None:
        """Open a transaction."""
        self._open = Transaction()
        self._misses_one = False

    def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int = -1,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> None:
        """Add a message; what keeps it from its log is learned at the commit only."""
        if self._open is None:
            raise SimulatedFailure("no open transaction")
        if not self._broker.is_owner(self._id, self):
            return
        if self._fate.loses_write():
            self._misses_one = True
            return
        at = (topic, partition if partition >= 0 else chosen(key, self._broker.partitions(topic)))
        self._open.partitions.add(at)
        self._broker.logs[at].append(key, value, tuple(headers or ()), self._open)

    def commit(self) -> None:
        """Commit, or fail: fenced, lost on the way there, or on the way back."""
        if not self._broker.is_owner(self._id, self):
            raise SimulatedFailure("fenced")
        if self._misses_one:
            raise SimulatedFailure("no log holds one of its messages")
        fate = self._fate.of_commit()
        if fate is not CommitFate.LOST:
            self.end_transaction(State.COMMITTED)
        if fate is not CommitFate.KNOWN:
            raise SimulatedFailure(fate.value)

    def close(self) -> None:
        """Leave; what is open stays open until somebody takes over."""

    def end_transaction(self, state: State) -> None:
        """Write the markers of the open transaction, if there is one."""
        if self._open is not None and self._open.state is State.OPEN:
            self._open.state = state
            for at in sorted(self._open.partitions):
                self._broker.logs[at].mark(self._open)
        self._open = None


class CommitFate(Enum):
    """What becomes of a commit."""

    KNOWN = "done, and its owner knows"
    UNKNOWN = "done, but the answer was lost"
    LOST = "never arrived"


class Fate(Protocol):
    """Whoever decides about writes and commits."""

    def loses_write(self) -> bool:
        """Say whether the next message gets into no log, though its broker takes later ones."""

    def of_commit(self) -> CommitFate:
        """Say what becomes of the next commit."""


class Reader:
    """A read_committed reader of assigned partitions."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._positions: dict[TopicPartition, int] = {}

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets."""
        self._positions = dict(offsets)

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        """Give up to `count` messages."""
        taken: list[Message] = []
        for at, position in self._positions.items():
            log = self._broker.logs[at]
            messages = list(log.committed(position))[: count - len(taken)]
            taken += messages
            self._positions[at] = messages[-1].offset + 1 if messages else log.end
        return taken

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of each partition."""
        return dict(self._positions)

    def watermarks(self, partition: TopicPartition) -> tuple[int, int]:
        """Give the first offset still there and the end of what is committed."""
        log = self._broker.logs[partition]
        return log.first, log.end

    def close(self) -> None:
        """Stop reading."""


def chosen(key: bytes | None, count: int) -> int:
    """Choose a partition by the key alone."""
    return sum(key or b"") % count
