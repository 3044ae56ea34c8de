"""Writes to Kafka, idempotently and acknowledged by all replicas.

A message counts as sent when its delivery report says so and knows where it is, never before. The
queue is bounded: a full one makes the caller wait, so memory does not follow the input.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from recordbus.errors import RecordbusError, Retryable
from recordbus.kafka.certainty import is_certain
from recordbus.kafka.connection import Connection
from recordbus.kafka.failures import explain
from recordbus.kafka.sending import PARTITIONER, WRITING, Headers, refusal, wait_for_room
from recordbus.kafka.transactions import TransactionalProducer, TransactionFailed

__all__ = [
    "PARTITIONER",
    "DeliveryError",
    "Headers",
    "IdempotentProducer",
    "OnDelivery",
    "TransactionFailed",
    "TransactionalProducer",
]

MAX_MESSAGE_BYTES: Final = 1_000_000

OnDelivery = Callable[["DeliveryError | None", str, int, int], None]
_Report = Callable[[KafkaError | None, Message], None]


class DeliveryError(Retryable):
    """One message was not written; `cause` says what the caller should do about it."""

    def __init__(self, topic: str, cause: RecordbusError) -> None:
        super().__init__(f"a message for {topic} was not written: {cause.message}", hint=cause.hint)
        self.topic = topic
        self.cause = cause


class IdempotentProducer:
    """A producer whose retries neither duplicate nor reorder; safe to use from one thread.

    `max_in_flight_messages` and `max_in_flight_kib` bound what waits for acknowledgement;
    `produce` blocks while it is full, for at most `delivery_timeout_seconds`.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        linger_ms: float = 5,
        max_in_flight_messages: int = 50_000,
        max_in_flight_kib: int = 65_536,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        delivery_timeout_seconds: float = 60.0,
    ) -> None:
        self._connection = connection
        self._patience_seconds = delivery_timeout_seconds
        self._failures: list[DeliveryError] = []
        bounds = {
            "linger.ms": linger_ms,
            "message.max.bytes": max_message_bytes,
            "message.timeout.ms": int(delivery_timeout_seconds * 1000),
            "queue.buffering.max.messages": max_in_flight_messages,
            "queue.buffering.max.kbytes": max_in_flight_kib,
        }
        idempotent = {"enable.idempotence": True}
        self._producer = Producer(connection.client_config() | WRITING | idempotent | bounds)

    def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int = -1,
        headers: Headers | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> None:
        """Queue one message; reports come from `poll` and `flush`, in order per partition.

        Raises Rejected `too_large` at once, Retryable when the queue stays full.
        """
        report = self._reporter(topic, on_delivery)
        deadline = 0.0
        while True:
            try:
                self._producer.produce(
                    topic, value, key, partition, report, headers=list(headers) if headers else None
                )
                return
            except BufferError:
                deadline = deadline or time.monotonic() + self._patience_seconds
                wait_for_room(self._producer, topic, deadline)
            except KafkaException as error:
                raise refusal(error, topic, len(value or b"")) from error

    def poll(self, timeout_seconds: float = 0.0) -> int:
        """Serve delivery reports; gives how many were served."""
        return int(self._producer.poll(timeout_seconds))

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until everything queued is durable.

        Raises the first DeliveryError since the last flush, or Retryable when time is up.
        """
        left = self._producer.flush(timeout_seconds)
        failures, self._failures = self._failures, []
        if failures:
            raise failures[0]
        if left:
            raise self._connection.unreachable(f"writing {left} messages")

    def __len__(self) -> int:
        """Count the messages that are queued or on their way."""
        return len(self._producer)

    def close(self, timeout_seconds: float = 10.0) -> None:
        """Flush what is queued, for at most this long, then drop the rest."""
        try:
            self.flush(timeout_seconds)
        finally:
            self._producer.purge()
            self._producer.poll(0)

    def _reporter(self, topic: str, on_delivery: OnDelivery | None) -> _Report:
        def report(error: KafkaError | None, message: Message) -> None:
            failure = None
            if error is not None:
                failure = DeliveryError(topic, explain(error, f"writing to {topic}"))
            elif not is_certain(message):
                failure = DeliveryError(topic, _not_found())
            if failure is not None:
                self._failures.append(failure)
            if on_delivery is not None:
                on_delivery(failure, topic, message.partition() or 0, message.offset() or 0)

        return report


def _not_found() -> Retryable:
    return Retryable(
        "the broker took what came after it, and no log is known to hold it",
        hint="send it again; it may arrive twice, but not be lost",
    )
