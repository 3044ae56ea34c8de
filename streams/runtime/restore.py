"""Reads a partition's values back from its changelog, after the fence and before any input.

Invariant: what is in the store afterwards is what committed transactions wrote, up to an end that
was asked for after the fence. A store that turns out not to match its changelog is wiped and
read again from the start: the changelog is the truth, the store is a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from recordbus.logs import logger
from streams.runtime.envelope import POSITION_KEY, START, Positions, unseal_positions
from streams.runtime.store import PartitionStore

TopicPartition = tuple[str, int]

_READ_AT_ONCE: Final = 5000
_READ_WAIT_SECONDS: Final = 0.2

_log = logger(__name__)


class ChangelogMessage(Protocol):
    """A message of a changelog."""

    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Reader(Protocol):
    """A read_committed reader of assigned partitions."""

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets."""

    def consume(self, count: int, timeout_seconds: float) -> Sequence[ChangelogMessage]:
        """Give up to `count` messages, in order."""

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read, exact also behind transaction markers."""

    def watermarks(self, partition: TopicPartition) -> tuple[int, int]:
        """Give the first offset still there and the one after the last committed."""

    def close(self) -> None:
        """Stop reading."""


class Abandoned(Exception):
    """The restore was no longer wanted: the partitions moved on meanwhile."""


class Restored(NamedTuple):
    """What a restore read: how many records, and the changelog's end, where writing goes on."""

    records: int
    end_offset: int


def stored_positions(store: PartitionStore) -> Positions:
    """Give the positions that the store's values belong to; `START` when it is new."""
    sealed = store.get(POSITION_KEY)
    return START if sealed is None else unseal_positions(sealed)


def restore(
    reader: Reader,
    store: PartitionStore,
    changelog: TopicPartition,
    unwanted: Callable[[], bool] = lambda: False,
) -> Restored:
    """Bring `store` up to the end of its changelog; raises Abandoned when `unwanted`."""
    first, end = reader.watermarks(changelog)
    held = stored_positions(store)
    start = store.resume_offset()
    if start is not None and first <= start <= end:
        read = _read(reader, store, changelog, (start, end), unwanted)
        if held == START or (read.position_seen and _goes_on(held, stored_positions(store))):
            return Restored(read.messages, end)
        _log.warning("state does not match", topic=changelog[0], partition=changelog[1])
    store.wipe()
    return Restored(_read(reader, store, changelog, (first, end), unwanted).messages, end)


def _goes_on(held: Positions, found: Positions) -> bool:
    """Tell whether what was read follows what a store held; an epoch begins with a whole log."""
    return found.epoch == held.epoch and found.sequence >= held.sequence


class _Read(NamedTuple):
    messages: int
    position_seen: bool


def _read(
    reader: Reader,
    store: PartitionStore,
    changelog: TopicPartition,
    span: tuple[int, int],
    unwanted: Callable[[], bool],
) -> _Read:
    """Apply a span of the changelog.

    Where store and changelog match, the store's own last position record lies within the span.
    """
    resume, end = span
    count, position_seen = 0, False
    reader.assign({changelog: resume})
    while reader.positions().get(changelog, resume) < end:
        if unwanted():
            raise Abandoned
        messages = reader.consume(_READ_AT_ONCE, _READ_WAIT_SECONDS)
        changes = {m.key: m.value for m in messages if m.key is not None}
        for message in reversed(messages):
            if message.key == POSITION_KEY:
                resume, position_seen = message.offset, True
                break
        store.apply(changes, resume)
        count += len(messages)
    return _Read(count, position_seen)
