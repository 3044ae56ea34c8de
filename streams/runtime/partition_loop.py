"""Runs one tenure on the event loop: gather, step, commit, settle, over and over.

While one batch is being committed in a thread, the next is already handled, and grows while more
waits; two batches are never in transactions at once. Invariant: a message leaves the
buffer only into a batch, and whatever goes wrong after that ends the tenure through `failed`,
acknowledging nothing more.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, Protocol

from recordbus.crashpoints import crashpoint
from recordbus.errors import Retryable
from recordbus.logs import logger
from streams.runtime.effects import Batch, LogMessage
from streams.runtime.suspects import Spans

_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 15.0
_GROWS_IN_BATCHES: Final = 4  # while more waits than fits into one
_FULL_IN_BATCHES: Final = 6  # beyond this the fetches of the partition pause
_COMMITS_APART: Final = 5  # batches begin at least that many commits apart
_LONGEST_GATHERING: Final = 5  # but never more than that many times the pace
_NEWEST_COMMIT: Final = 0.2  # what the newest commit counts in how long one takes

_log = logger(__name__)


class Task(Protocol):
    """What of a tenure this loop needs."""

    partition: int

    def handle(self, messages: Iterable[LogMessage], batch: Batch | None) -> Batch: ...
    def write(self, batch: Batch) -> None: ...
    def commit(self) -> None: ...
    def settle(self) -> Batch: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how much a partition commits, at most.

    `gather_seconds` is for a machine with time to spare. Where commits are slow, batches gather
    for longer, up to five times that: a small machine would spend itself on transactions.

    `grow_seconds` is for how long a batch may grow while no commit is under way: a transaction
    that is not waited for costs little, and whoever waits for the batch waits for all of it.

    After `turn_seconds` of handling others have their turn, and the batch ends unless a commit is
    under way: a batch may be many messages, or few that each take long.
    """

    gather_seconds: float = 0.02
    batch_max_events: int = 500
    grow_seconds: float = 0.1
    turn_seconds: float = 0.25

    def seconds_apart(self, commit_seconds: float) -> float:
        """Say how long after the one before a batch begins, where a commit takes so long."""
        least = self.gather_seconds
        return min(max(least, _COMMITS_APART * commit_seconds), _LONGEST_GATHERING * least)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a loop tells what happens; each is called on the event loop."""

    began: Callable[[int, Spans], None]
    settled: Callable[[int, Batch, float], None]
    failed: Callable[[BaseException], None]


class PartitionLoop:
    """The buffer of one partition, and the task that empties it."""

    def __init__(self, tenure: Task, pace: Pace, executor: Executor, hooks: Hooks) -> None:
        self._tenure = tenure
        self._pace = pace
        self._executor = executor
        self._hooks = hooks
        self._buffer: deque[LogMessage] = deque()
        self._in_hand: Sequence[LogMessage] = ()
        self._arrived = asyncio.Event()
        self._stopping = asyncio.Event()
        self._commit: asyncio.Future[None] | None = None
        self._batch_began = float("-inf")
        self.commit_seconds = 0.0
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._running: asyncio.Task[None] | None = None
        self.is_paused = False

    def backlog(self) -> Counter[str]:
        """Count the messages that wait or are being handled, by topic; any thread may ask."""
        waiting = (*self._in_hand, *self._buffer)
        return Counter(message.topic for message in waiting)

    @property
    def oldest_timestamp_ms(self) -> int | None:
        """Give the time of the oldest message that waits or is being handled."""
        waiting = (*self._in_hand, *self._buffer)
        return waiting[0].timestamp if waiting else None

    @property
    def seconds_apart(self) -> float:
        """Give how long after the one before a batch begins that is not full."""
        return self._pace.seconds_apart(self.commit_seconds)

    @property
    def has_room(self) -> bool:
        """Tell whether more messages should be fetched."""
        return len(self._buffer) < _FULL_IN_BATCHES * self._pace.batch_max_events

    def offer(self, messages: Sequence[LogMessage]) -> None:
        """Take over fetched messages, in the order of their log."""
        self._buffer.extend(messages)
        self._arrived.set()

    def start(self) -> None:
        """Begin to work in a task of its own."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Finish the batch that is under way, drop the rest of the buffer, and end."""
        self._stopping.set()
        self._arrived.set()
        if self._running is not None:
            await self._running

    async def _run(self) -> None:
        try:
            while await self._something_to_do():
                await self._one_batch()
            await self._finish()
        except BaseException as error:
            self._hooks.failed(error)
            raise

    async def _something_to_do(self) -> bool:
        if not self._buffer:
            await self._finish()
            self._arrived.clear()
            if not self._buffer and not self._stopping.is_set():
                await self._arrived.wait()
        return not self._stopping.is_set() and await self._gathered()

    async def _gathered(self) -> bool:
        """Hold the pace: a batch is full, or begins a while after the one before."""
        if len(self._buffer) < self._pace.batch_max_events:
            now = asyncio.get_running_loop().time()
            left_seconds = self._batch_began + self.seconds_apart - now
            if left_seconds > 0:
                await self._finish()
                await self._sleep(left_seconds)
        return not self._stopping.is_set()

    async def _one_batch(self) -> None:
        began = self._batch_began = asyncio.get_running_loop().time()
        batch = self._handle_some(None)
        while self._may_grow(batch, began + self._pace.grow_seconds):
            await asyncio.sleep(0)
            self._handle_some(batch)
        await self._finish()
        if batch.handled:
            self._tenure.write(batch)
            loop = asyncio.get_running_loop()
            self._commit = loop.run_in_executor(self._executor, self._timed_commit, loop)
            self._commit_began = began
        if batch.blocked is not None:
            await self._pause(batch.blocked)
        else:
            self._pause_seconds = _FIRST_PAUSE_SECONDS
            await asyncio.sleep(0)

    def _timed_commit(self, loop: asyncio.AbstractEventLoop) -> None:
        """Commit, and learn how long that takes; in a thread, so that nothing else counts."""
        began = loop.time()
        self._tenure.commit()
        longer = loop.time() - began - self.commit_seconds
        self.commit_seconds += _NEWEST_COMMIT * longer

    def _handle_some(self, batch: Batch | None) -> Batch:
        """Handle what is in the buffer for a turn, a full batch at most."""
        buffer = self._buffer
        messages = [buffer.popleft() for _ in range(min(len(buffer), self._pace.batch_max_events))]
        self._in_hand = messages
        self._hooks.began(self._tenure.partition, spans_of(messages))
        crashpoint("batch.noted")
        batch = self._tenure.handle(self._for_a_turn(messages), batch)
        self._in_hand = ()
        buffer.extendleft(reversed(messages[batch.taken :]))
        return batch

    def _for_a_turn(self, messages: Sequence[LogMessage]) -> Iterator[LogMessage]:
        """Yield one message, and more of them until the turn is over."""
        clock = asyncio.get_running_loop().time
        over_at = clock() + self._pace.turn_seconds
        for number, message in enumerate(messages):
            if number and clock() >= over_at:
                return
            yield message

    def _may_grow(self, batch: Batch, until: float) -> bool:
        """Tell whether to go on handling before a commit, since much waits or one is under way.

        A transaction costs the same whatever its size; who is behind makes fewer of them.
        """
        full = self._pace.batch_max_events
        committing = self._commit is not None and not self._commit.done()
        much_waits = len(self._buffer) >= full and asyncio.get_running_loop().time() < until
        return (
            (much_waits or (committing and bool(self._buffer)))
            and batch.blocked is None
            and batch.handled < _GROWS_IN_BATCHES * full
            and not self._stopping.is_set()
        )

    async def _finish(self) -> None:
        """Wait for the commit under way, and settle it."""
        if self._commit is not None:
            commit, self._commit = self._commit, None
            await commit
            now = asyncio.get_running_loop().time()
            batch = self._tenure.settle()
            self._hooks.settled(self._tenure.partition, batch, now - self._commit_began)

    async def _pause(self, why: Retryable) -> None:
        """Wait for a dependency to come back; nothing is quarantined for its absence."""
        await self._finish()
        _log.warning(
            "the stage waits for what it depends on",
            partition=self._tenure.partition,
            seconds=self._pause_seconds,
            exc_info=why,
        )
        self.is_paused = True
        await self._sleep(self._pause_seconds)
        self.is_paused = False
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def spans_of(messages: Sequence[LogMessage]) -> Spans:
    """Give per topic the first and the last offset of `messages`."""
    spans: dict[str, tuple[int, int]] = {}
    for message in messages:
        first, _ = spans.get(message.topic, (message.offset, 0))
        spans[message.topic] = (first, message.offset)
    return spans
