"""Has a new broker make its own topics while something else is still starting.

The first group and the first transaction of a cluster wait seconds for topics of Kafka's
own; nobody should meet that later. It is a courtesy: failing costs the first user that wait.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Final

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from recordbus.kafka.connection import Connection
from recordbus.local.child import Child

_NAME: Final = "recordbus-warm-up"
_WAIT_SECONDS: Final = 10.0
_QUIET: Final = {"log_level": 0}  # that the coordinator is not there yet is what this is about


class WarmUp:
    """Begins when it is told that Kafka is ready; the end of the `with` block waits for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pool = ThreadPoolExecutor(2)
        self._steps: list[Future[None]] = []

    def __enter__(self) -> WarmUp:
        """Do nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for what was begun; its failures do not matter."""
        for step in self._steps:
            with suppress(KafkaException):
                step.result()
        self._pool.shutdown()

    def begin(self) -> None:
        """Begin at once."""
        steps: tuple[Callable[[Connection], None], ...] = (_first_group, _first_transaction)
        self._steps += [self._pool.submit(step, self._connection) for step in steps]

    def when_kafka(self, child: Child) -> None:
        """Begin when the child that became ready is the broker."""
        if child.spec.name == "kafka":
            self.begin()


def _first_group(connection: Connection) -> None:
    member = Consumer(connection.client_config() | _QUIET | {"group.id": _NAME})
    try:
        # Any topic will do: the broker makes its offsets topic to answer at all.
        member.committed([TopicPartition(_NAME, 0)], timeout=_WAIT_SECONDS)
    finally:
        member.close()


def _first_transaction(connection: Connection) -> None:
    producer = Producer(connection.client_config() | _QUIET | {"transactional.id": _NAME})
    producer.init_transactions(_WAIT_SECONDS)
