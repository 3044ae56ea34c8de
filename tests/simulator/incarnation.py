"""One process's time with one partition of a stage, taken step by step.

The steps are those of the real partition loop, in every order it can take them: the next batch
may be handled, and grow, while the one before is being committed. Which step comes when, and
whether the process dies at it, is the world's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from streams.runtime.effects import Batch
from streams.runtime.store_memory import MemoryPartition
from streams.runtime.tenure import Tenure
from tests.simulator.broker import Broker, Message, Reader

_BATCH_SIZES = (1, 1, 2, 3, 5, 9)
_REWIND = 6


@dataclass(frozen=True, slots=True)
class Task:
    """A stage and one of its partitions: what incarnations succeed each other in owning."""

    stage: str
    sources: tuple[str, ...]
    partition: int


Acknowledge = Callable[[Task, Mapping[str, int]], None]


class Incarnation:
    """An owner of a task, from its start to its death."""

    def __init__(
        self,
        task: Task,
        tenure: Tenure,
        store: MemoryPartition,
        broker: Broker,
        random: Random,
        acknowledge: Acknowledge,
    ) -> None:
        self.task = task
        self.tenure = tenure
        self.store = store
        self.has_begun = False
        self._broker = broker
        self._random = random
        self._acknowledge = acknowledge
        self._read_from: dict[str, int] = {}
        self._ready: Batch | None = None
        self._written: Batch | None = None
        self._is_committed = False
        self._unacknowledged = False

    def step(self) -> bool:
        """Take one step; gives False when there was none to take."""
        if not self.has_begun:
            self._begin()
            return True
        steps = self._possible()
        while steps:
            step = self._random.choice(steps)
            if step():
                return True
            steps.remove(step)
        return False

    def _possible(self) -> list[Callable[[], bool]]:
        steps: list[Callable[[], bool]] = []
        if self._ready is None or self._written is not None:
            steps.append(self._handle)
        elif self._written is None:
            steps.append(self._write)
        if self._written is not None:
            steps.append(self._settle if self._is_committed else self._commit)
        if self._unacknowledged:
            steps.append(self._acknowledge_committed)
        return steps

    def _begin(self) -> None:
        self.tenure.begin(Reader(self._broker))
        for topic in self.task.sources:
            log = self._broker.log(topic, self.task.partition)
            known = self.tenure.committed.next_offsets.get(topic, log.first)
            rewound = self._random.randint(max(0, known - _REWIND), known)
            self._read_from[topic] = max(log.first, rewound)
        self.has_begun = True
        self._unacknowledged = True

    def _handle(self) -> bool:
        messages = self._fetched()
        if not messages:
            return False
        batch = self.tenure.handle(messages, self._ready)
        for message in messages[: batch.taken]:
            self._read_from[message.topic] = message.offset + 1
        if batch.handled:
            self._ready = batch
        return batch.taken > 0

    def _fetched(self) -> list[Message]:
        """Take some messages of each source, in the order of each log."""
        messages: list[Message] = []
        topics = list(self.task.sources)
        self._random.shuffle(topics)
        for topic in topics:
            log = self._broker.log(topic, self.task.partition)
            waiting = log.committed(self._read_from[topic])
            messages += [m for m, _ in zip(waiting, range(self._size()), strict=False)]
        return messages

    def _size(self) -> int:
        return self._random.choice(_BATCH_SIZES)

    def _write(self) -> bool:
        batch, self._ready = self._ready, None
        assert batch is not None
        self._written = batch
        self.tenure.write(batch)
        return True

    def _commit(self) -> bool:
        self.tenure.commit()
        self._is_committed = True
        return True

    def _settle(self) -> bool:
        self.tenure.settle()
        self._written, self._is_committed = None, False
        self._unacknowledged = True
        return True

    def _acknowledge_committed(self) -> bool:
        self._acknowledge(self.task, self.tenure.committed.next_offsets)
        self._unacknowledged = False
        return True
