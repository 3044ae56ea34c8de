"""A bare confluent-kafka loop with its own changelog: what any runtime can hope to come near.

Without exactly-once: an idempotent producer, flushed before each commit of offsets. With it: one
transaction for each batch, the offsets in it, reading committed messages only. A batch holds 500
messages, as the stage runtime's does; that one makes larger ones by itself when it is behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, Producer

from bench.stage.job import Job
from bench.stage.measure import Asked, Meter, Wanted, asked

BATCH: Final = 500
GATHER_SECONDS: Final = 0.02

Work = Callable[[Any, Producer], None]
"""Does what is to be done about one message, and gives the producer what comes of it."""


def consumer_of(wanted: Wanted) -> Consumer:
    """Join the group."""
    consumer = Consumer(
        {
            "bootstrap.servers": wanted.servers,
            "group.id": wanted.stage,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([wanted.source])
    return consumer


def producer_of(wanted: Wanted) -> Producer:
    """Make the producer for the mode that is asked for."""
    config: dict[str, Any] = {
        "bootstrap.servers": wanted.servers,
        "enable.idempotence": True,
        "acks": "all",
        "linger.ms": 5,
        "compression.type": "lz4",
        "batch.size": 262_144,
        "queue.buffering.max.messages": 500_000,
    }
    if wanted.exactly_once:
        config["transactional.id"] = wanted.stage
    producer = Producer(config)
    if wanted.exactly_once:
        producer.init_transactions(30)
    return producer


class Loop:
    """Consume, work, produce, commit."""

    def __init__(self, wanted: Wanted, work: Work) -> None:
        self.done = 0
        self._exactly_once = wanted.exactly_once
        self._work = work
        self._consumer = consumer_of(wanted)
        self._producer = producer_of(wanted)

    def run(self) -> None:
        """Go on for ever."""
        while True:
            began = time.monotonic()
            messages = self._consumer.consume(BATCH, GATHER_SECONDS)
            if messages:
                self._one_batch(messages)
            elif time.monotonic() - began < GATHER_SECONDS:
                time.sleep(GATHER_SECONDS)

    def _one_batch(self, messages: list[Any]) -> None:
        if self._exactly_once:
            self._producer.begin_transaction()
        for message in messages:
            error = message.error()
            if error is None:
                self._work(message, self._producer)
            elif error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001
                raise RuntimeError(error)
        self._commit()
        self.done += len(messages)

    def _commit(self) -> None:
        if self._exactly_once:
            positions = self._consumer.position(self._consumer.assignment())
            self._producer.send_offsets_to_transaction(
                positions, self._consumer.consumer_group_metadata()
            )
            self._producer.commit_transaction()
        else:
            self._producer.flush()
            self._consumer.commit(asynchronous=True)


def work_of(wanted: Asked) -> Work:
    """Make the job work on one message, with the values in a dict and a changelog."""
    job = Job(wanted.rounds)
    state: dict[bytes, bytes] = {}

    def work(message: Any, producer: Producer) -> None:
        key, partition = message.key(), message.partition()
        output, new = job.work(message.value(), state.get(key))
        state[key] = new
        producer.produce(wanted.output, output, key, partition)
        producer.produce(f"{wanted.stage}-changelog", new, key, partition)

    return work


def main() -> None:
    """Run until all events are done."""
    wanted = asked()
    loop = Loop(wanted, work_of(wanted))
    Meter(wanted.events, lambda: loop.done).start()
    loop.run()


if __name__ == "__main__":
    main()
