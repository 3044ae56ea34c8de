"""A message counts as written once it has a place in its log, not when that is only believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from recordbus.kafka.certainty import Certainty, is_certain
from recordbus.kafka.connection import Connection
from recordbus.kafka.producer import (
    DeliveryError,
    IdempotentProducer,
    TransactionalProducer,
    TransactionFailed,
)

NOBODY = Connection("127.0.0.1:9")


class Delivered(NamedTuple):
    """A message as librdkafka reports it."""

    where: int | None
    at: int = 0
    name: str = "table"

    def topic(self) -> str:
        return self.name

    def partition(self) -> int:
        return self.at

    def offset(self) -> int | None:
        return self.where


class FakeClient:
    """librdkafka's producer: it reports when flushed, with the offsets it was told."""

    def __init__(self, offsets: list[int | None]) -> None:
        self.steps: list[str] = []
        self.asked = 0
        self._offsets = iter(offsets)
        self._waiting: list[tuple[Any, int]] = []

    def begin_transaction(self) -> None:
        self.steps.append("begin")

    def produce(
        self, topic: str, value: bytes, key: bytes, partition: int, report: Any, **_rest: Any
    ) -> None:
        if report is not None:
            self.asked += 1
            self._waiting.append((report, partition))

    def flush(self, _seconds: float) -> None:
        self.steps.append("flush")
        for report, partition in self._waiting:
            report(None, Delivered(next(self._offsets), max(partition, 0)))
        self._waiting.clear()

    def commit_transaction(self, _seconds: float) -> None:
        self.steps.append("commit")

    def purge(self) -> None:
        self._waiting.clear()

    def poll(self, _seconds: float) -> int:
        return 0


def writer(client: FakeClient) -> TransactionalProducer:
    made = TransactionalProducer(NOBODY, "t")
    made._producer = client  # type: ignore[assignment]
    return made


def transaction(producer: TransactionalProducer, *partitions: int) -> None:
    producer.begin()
    for partition in partitions:
        producer.produce("table", b"k", b"v", partition)
    producer.commit()


@pytest.mark.parametrize(("offset", "certain"), [(0, True), (7, True), (None, False), (-1, False)])
def test_what_has_an_offset_is_certain(offset: int | None, certain: bool) -> None:
    assert is_certain(Delivered(offset)) is certain  # type: ignore[arg-type]


def test_a_transaction_with_a_message_that_nobody_can_find_is_not_committed() -> None:
    client = FakeClient([None, 0])
    producer = writer(client)
    with pytest.raises(TransactionFailed, match="table/0"):
        transaction(producer, 0, 0)
    assert client.steps == ["begin", "flush"]


def test_once_a_partition_is_certain_its_messages_cost_nothing_more() -> None:
    client = FakeClient([5, 6, 0])
    producer = writer(client)
    transaction(producer, 0, 0)
    assert (client.asked, client.steps) == (2, ["begin", "flush", "commit"])
    transaction(producer, 0, 0, 0)
    assert (client.asked, client.steps[3:]) == (2, ["begin", "commit"])
    transaction(producer, 0, 1)
    assert (client.asked, client.steps[5:]) == (3, ["begin", "flush", "commit"])


def test_a_partition_left_to_the_key_is_asked_for_each_time() -> None:
    client = FakeClient([0, 1])
    producer = writer(client)
    transaction(producer, -1)
    transaction(producer, -1)
    assert client.asked == 2


def test_certainty_ends_before_a_broker_forgets_the_producer() -> None:
    certainty = Certainty()
    certainty.renew(0)
    report = certainty.report_for("table", 0)
    assert report is not None
    report(None, Delivered(3))  # type: ignore[arg-type]
    certainty.renew(3599)
    assert certainty.report_for("table", 0) is None
    certainty.renew(3601)
    assert certainty.report_for("table", 0) is not None


@pytest.fixture
def idempotent() -> Iterator[IdempotentProducer]:
    made = IdempotentProducer(NOBODY)
    yield made
    made._producer.purge()


@pytest.mark.parametrize(("offset", "fails"), [(0, False), (None, True)])
def test_a_delivery_without_a_place_is_a_failure(
    idempotent: IdempotentProducer, offset: int | None, fails: bool
) -> None:
    told: list[DeliveryError | None] = []
    report = idempotent._reporter("table", lambda failure, *_where: told.append(failure))
    report(None, Delivered(offset))  # type: ignore[arg-type]
    assert [failure is not None for failure in told] == [fails]
    if fails:
        with pytest.raises(DeliveryError, match="no log is known to hold it"):
            idempotent.flush(0.1)
    idempotent.flush(0.1)
