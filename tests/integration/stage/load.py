"""What departments publish while workers die, and what must have become of it at the end."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

import orjson

from recordbus.errors import Retryable
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader, Message
from recordbus.kafka.producer import DeliveryError, IdempotentProducer
from tests.integration.stage.chain import PARTITIONS
from tests.simulator.judge import (
    Event,
    Expected,
    PublicReader,
    Published,
    Violation,
    compare_quarantine,
    compare_tables,
)
from tests.simulator.toy import Names, events, oracle, tidy

_RECORDS_A_ROUND = 25
_PAUSE_SECONDS = 0.01


class Load:
    """A publisher in a thread; its delivery reports are the history."""

    def __init__(self, connection: Connection, names: Names, seed: int) -> None:
        self.history: list[Published] = []
        self._names = names
        self._random = Random(seed)
        self._producer = IdempotentProducer(connection)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def start(self) -> None:
        """Publish from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Publish no more, and wait until all of it is durable."""
        self._stopping.set()
        self._thread.join()
        self._producer.flush(60)
        self._producer.close()
        order = {published.partition: 0 for published in self.history}
        assert order, "nothing was published"
        self.history.sort(key=lambda p: (p.event.topic, p.partition, p.offset))

    def _run(self) -> None:
        first = 0
        while not self._stopping.is_set():
            said = events(self._random, PARTITIONS, _RECORDS_A_ROUND, self._names, first)
            first += _RECORDS_A_ROUND // 2  # half of the records go on being spoken of
            for event in said:
                if self._stopping.wait(_PAUSE_SECONDS):
                    return
                self.publish(event)

    def publish(self, event: Event) -> None:
        """Publish one event besides what is made up; call it before `start`."""

        def report(failure: DeliveryError | None, _topic: str, partition: int, offset: int) -> None:
            assert failure is None, failure
            self.history.append(Published(event, partition, offset))

        self._producer.produce(
            event.topic,
            event.key,
            event.value,
            partition=-1 if event.partition is None else event.partition,
            on_delivery=report,
        )
        self._producer.poll()


class Watcher:
    """Reads everything the chain has said so far, and compares it with the history."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self.readers = {
            (topic, partition): PublicReader(topic, partition)
            for topic in (names.records, names.seen, names.groups)
            for partition in range(PARTITIONS)
        }
        self._reader = LogReader(connection)
        self._reader.assign(dict.fromkeys(self.readers, 0))
        self.messages = 0

    def read(self) -> None:
        """Take in what is there; raises Violation for what was said twice or out of order."""
        try:
            messages = self._reader.consume(5000, 0.5)
        except Retryable:
            return  # the broker is being killed
        for message in messages:
            self.readers[message.topic, message.partition].take(message)
        self.messages += len(messages)

    def held(self, topic: str) -> int:
        """Count the keys that a table has, as far as it was read."""
        return sum(len(reader.held) for reader in self.readers.values() if reader.topic == topic)

    def difference(self, history: list[Published]) -> str:
        """Say how what was read differs from what it must be; empty when it does not."""
        expected = oracle(history, self._names)
        try:
            compare_tables(expected, "a reader", list(self.readers.values()), tidy)
            self._compare_quarantine(expected)
        except Violation as violation:
            return str(violation)[:2000]
        return ""

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()

    def reasons(self) -> Counter[str]:
        """Count what was set aside, by reason."""
        return Counter(orjson.loads(m.value or b"")["reason"] for m in self._quarantined())

    def _compare_quarantine(self, expected: Expected) -> None:
        compare_quarantine(expected, self._quarantined())

    def _quarantined(self) -> list[Message]:
        reader = LogReader(self._connection)
        reader.assign({("quarantine.v1", 0): 0})
        messages: list[Message] = []
        while not reader.at_end():
            messages += reader.consume(5000, 0.5)
        reader.close()
        topics = set(self._names.departments)
        return [m for m in messages if (m.key or b"").decode().split("/")[0] in topics]
