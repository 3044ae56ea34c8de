"""What departments and judges say to a bus on real servers, and what must be there at last."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from recordbus.errors import Retryable
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader, Message
from recordbus.kafka.producer import DeliveryError, IdempotentProducer
from recordbus.kafka.wire import HEADER_BYTES, frame, unframe
from streams.associate.handle import ASSOCIATIONS
from streams.intake.topics import QUARANTINE
from streams.resolution.limits import LIMITS
from tests.integration.bus.fleet import PARTITIONS, Fleet
from tests.oracle.batch import Outcome
from tests.simulator.broker import chosen
from tests.simulator.bus.content import PUBLIC, Held, compare, read
from tests.simulator.bus.foretold import Ending, ending
from tests.simulator.bus.talk import Said, Talk, ticks
from tests.simulator.judge import PublicReader, Published, Violation

_TOWNS_AT_ONCE: Final = 6
_TOWN_SIZE: Final = 8
_PAUSE_SECONDS: Final = 0.02


class Traffic:
    """A publisher in a thread; its delivery reports are the history."""

    def __init__(self, connection: Connection, fleet: Fleet, seed: int) -> None:
        self.history: list[Published] = []
        self.said: list[Said] = []
        self._fleet = fleet
        self._random = Random(seed)
        self._producer = IdempotentProducer(connection)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)

    def start(self) -> None:
        """Publish from now on."""
        self._thread.start()

    def stop(self) -> datetime:
        """Publish no more but the time, which is given; all of it is durable then."""
        self._stopping.set()
        self._thread.join()
        told = [each.at for each in self.said if each.at is not None]
        now = max(datetime.now(UTC), *told) + timedelta(days=1)
        self.publish(ticks(now, PARTITIONS))
        self.finish()
        return now

    def finish(self) -> None:
        """Wait until everything is durable, and close."""
        self._producer.flush(60)
        self._producer.close()
        self.history.sort(key=lambda p: (p.event.topic, p.partition, p.offset))

    def give_up(self) -> None:
        """Publish no more, whatever happened."""
        self._stopping.set()

    def publish(self, said: Iterable[Said]) -> None:
        """Publish these in their order."""
        for each in said:
            self.said.append(each)
            self._publish(each)
            self._producer.poll()

    def _run(self) -> None:
        talks: list[Iterator[Said]] = [iter(())] * _TOWNS_AT_ONCE
        town = 0
        while not self._stopping.wait(_PAUSE_SECONDS):
            at = self._random.randrange(_TOWNS_AT_ONCE)
            each = next(talks[at], None)
            if each is None:
                town += 1
                talks[at] = iter(Talk(self._random, PARTITIONS, _TOWN_SIZE, town).run())
            else:
                self.publish([each])

    def _publish(self, said: Said) -> None:
        event = said.event
        partition = event.partition

        def report(failure: DeliveryError | None, _topic: str, partition: int, offset: int) -> None:
            assert failure is None, failure
            self.history.append(Published(event, partition, offset))

        self._producer.produce(
            event.topic,
            event.key,
            self._framed(event.topic, event.value),
            partition=chosen(event.key, PARTITIONS) if partition is None else partition,
            on_delivery=report,
        )

    def _framed(self, topic: str, value: bytes | None) -> bytes | None:
        """Give a value under the schema's id in the real registry."""
        if value is None or value[:1] != b"\0":
            return value
        assert len(unframe(value)) > 1
        return frame(self._fleet.schema_ids[topic], value[HEADER_BYTES:])


class Reading:
    """Reads what the bus said so far, and compares it with what must be there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        places = [(topic, p) for topic in PUBLIC for p in range(PARTITIONS)]
        self.readers = {at: PublicReader(*at) for at in places}
        self._reader = LogReader(connection)
        self._reader.assign(dict.fromkeys(self.readers, 0))
        self._sequences: Counter[bytes | None] = Counter()
        self.said: Counter[str] = Counter()

    def read(self) -> int:
        """Take in what is there and count it; raises Violation for what is said twice."""
        try:
            messages = self._reader.consume(5000, 0.3)
        except Retryable:
            return 1  # the broker is being killed
        for message in messages:
            self.readers[message.topic, message.partition].take(message)
            self.said[message.topic] += 1
            if message.topic == ASSOCIATIONS and message.value is not None:
                self._follow(message)
        return len(messages)

    def _follow(self, message: Message) -> None:
        said = read(ASSOCIATIONS, message.value or b"")
        self._sequences[message.key] += 1
        if said["sequence"] != self._sequences[message.key]:
            raise Violation(f"{said['association_id']} has a gap: {said}")
        self.said[said["reason"] or said["status"]] += 1

    def compare(self, end: Ending, now: datetime) -> Outcome:
        """Compare everything with the batch program; raises Violation."""
        self._check_quarantine(end)
        return compare("a reader", Held(self.readers.values()), end, now, LIMITS)

    def _check_quarantine(self, end: Ending) -> None:
        found = Counter(self._set_aside())
        wanted = Counter(end.refused.items())
        if found != wanted:
            raise Violation(f"quarantine: unexpected {found - wanted}, missing {wanted - found}")

    def _set_aside(self) -> Iterator[tuple[str, str]]:
        for message in content_of_log(self._connection, QUARANTINE, 1):
            if message.value is not None:
                yield (message.key or b"").decode(), read(QUARANTINE, message.value)["reason"]

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()


def content_of_log(connection: Connection, topic: str, partitions: int) -> Sequence[Message]:
    """Give everything that is in a topic now."""
    reader = LogReader(connection)
    reader.assign({(topic, p): 0 for p in range(partitions)})
    messages: list[Message] = []
    while not reader.at_end():
        messages += reader.consume(5000, 0.3)
    reader.close()
    return messages


def what_counts(traffic: Traffic) -> Ending:
    """Say what counts of a traffic's history."""
    return ending(traffic.history, traffic.said, int(time.time() * 1000), {})
