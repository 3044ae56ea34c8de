"""How a reader takes what its client hands over, with a client that a test speaks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError

from recordbus.errors import Retryable
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader


class Arrived:
    """A message as the client gives it, or an event in its place."""

    def __init__(self, partition: int, offset: int, error: KafkaError | None = None) -> None:
        self._at, self._error = (partition, offset), error

    def error(self) -> KafkaError | None:
        return self._error

    def topic(self) -> str:
        return "log"

    def partition(self) -> int:
        return self._at[0]

    def offset(self) -> int:
        return self._at[1]

    def key(self) -> bytes:
        return b"k"

    def value(self) -> bytes:
        return b"%d" % self._at[1]

    def headers(self) -> list[tuple[str, bytes]]:
        return []

    def timestamp(self) -> tuple[int, int]:
        return 1, 0


class Client:
    """Hands over one after the other, and remembers how long it might have waited."""

    def __init__(self, *arrived: Arrived) -> None:
        self._arrived = list(arrived)
        self.waited: list[float] = []

    def consume(self, count: int, timeout: float) -> list[Arrived]:
        self.waited.append(timeout)
        taken, self._arrived = self._arrived[:count], self._arrived[count:]
        return taken

    def close(self) -> None:
        """Nothing is open."""


def end(partition: int, offset: int = 0) -> Arrived:
    return Arrived(partition, offset, KafkaError(KafkaError._PARTITION_EOF))


@pytest.fixture
def reader() -> Iterator[LogReader]:
    made = LogReader(Connection("127.0.0.1:9"))
    made._consumer.close()
    yield made
    made.close()


def given(reader: LogReader, *arrived: Arrived) -> Client:
    client = Client(*arrived)
    reader._consumer = cast(Any, client)
    return client


def values(reader: LogReader, count: int) -> list[Any]:
    return [message.value for message in reader.consume(count, 5.0)]


def test_ends_of_logs_do_not_hide_what_other_partitions_have(reader: LogReader) -> None:
    """Who is told "nothing" at each of many ends does what it does when idle, and falls behind."""
    client = given(reader, *(end(number) for number in range(7)), Arrived(7, 3))
    assert values(reader, 1) == [b"3"]
    assert client.waited == [5.0, *[0] * 7]  # only for the first
    assert reader.positions() == {**{("log", number): 0 for number in range(7)}, ("log", 7): 4}


def test_nothing_but_ends_is_nothing(reader: LogReader) -> None:
    given(reader, end(0, 4), end(1, 9))
    assert values(reader, 10) == []
    assert reader.positions() == {("log", 0): 4, ("log", 1): 9}
    assert reader.at_end()


def test_what_came_is_given_though_more_may_be_there(reader: LogReader) -> None:
    client = given(reader, Arrived(0, 0), Arrived(0, 1), end(0, 2))
    assert values(reader, 2) == [b"0", b"1"]
    assert len(client.waited) == 2
    assert not reader.at_end()


def test_trouble_behind_an_end_is_raised(reader: LogReader) -> None:
    given(reader, end(0), Arrived(1, 0, KafkaError(KafkaError._ALL_BROKERS_DOWN)))
    with pytest.raises(Retryable):
        reader.consume(1, 5.0)
