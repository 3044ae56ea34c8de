"""Writing batches to Kafka and reading an owner's topic, without a broker (R-41)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from recordbus.audit import kafka_uses
from recordbus.audit.encoding import encoded
from recordbus.audit.kafka_uses import KafkaWriter, uses_on_topic
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.publishing import TakenOver
from recordbus.audit.reader import decoded
from recordbus.audit.use_messages import Addressed, messages_of, topic_of
from recordbus.audit.uses import Use, uses_of
from recordbus.errors import Retryable
from recordbus.kafka.codec import Encoder
from recordbus.kafka.consumer import EARLIEST
from recordbus.kafka.message import Message
from recordbus.kafka.producer import TransactionFailed
from recordbus.testing.registry import MemoryRegistry
from tests.unit.recordbus.audit.conftest import ORIGIN, entry

HARBOR = "harbor-city-pd"
TOPIC = topic_of(HARBOR)


def message(sequence: int, log: str = ORIGIN) -> Addressed:
    leaf = encoded(entry(sequence, owners=(HARBOR,)), sequence, lambda: bytes(16)).data
    (use,) = uses_of(decoded(leaf))
    (made,) = messages_of(use, log, leaf_hash(leaf))
    return made


@pytest.fixture
def registry() -> MemoryRegistry:
    made = MemoryRegistry()
    made.add_topic(TOPIC)
    return made


class Producer:
    """A transactional producer; what was committed stands in `committed`, in order."""

    made: list[Producer]
    committed: list[tuple[str, bytes]]
    failures: list[Exception]

    def __init__(self, _connection: object, transactional_id: str) -> None:
        assert transactional_id == "recordbus-uses"
        self.is_fencing = self.is_closed = False
        self.open: list[tuple[str, bytes]] = []
        Producer.made.append(self)

    def init(self) -> None:
        self.is_fencing = True

    def begin(self) -> None:
        assert self.is_fencing
        assert not self.open

    def produce(self, topic: str, key: bytes, value: bytes, partition: int) -> None:
        assert (partition, value[:1]) == (0, b"\x00")
        self.open.append((topic, key))

    def commit(self) -> None:
        if Producer.failures:
            raise Producer.failures.pop()
        Producer.committed += self.open
        self.open = []

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def writer(registry: MemoryRegistry, monkeypatch: pytest.MonkeyPatch) -> KafkaWriter:
    Producer.made, Producer.committed, Producer.failures = [], [], []
    monkeypatch.setattr(kafka_uses, "TransactionalProducer", Producer)
    return KafkaWriter(None, registry)  # type: ignore[arg-type]


def test_batches_go_through_one_producer_each_in_a_transaction(writer: KafkaWriter) -> None:
    first, second, third = message(0), message(1), message(2)
    writer.write([first, second])
    writer.write([third])
    writer.close()

    assert Producer.committed == [(TOPIC, each.key) for each in (first, second, third)]
    assert [each.is_closed for each in Producer.made] == [True]


def test_after_a_failure_a_new_producer_begins_the_batch_again(writer: KafkaWriter) -> None:
    Producer.failures = [TransactionFailed("away", fenced=False)]
    with pytest.raises(TransactionFailed):
        writer.write([message(0)])
    writer.write([message(0)])

    assert Producer.committed == [(TOPIC, message(0).key)]
    assert [each.is_closed for each in Producer.made] == [True, False]


def test_whoever_is_fenced_learns_that_it_was_taken_over_from(writer: KafkaWriter) -> None:
    Producer.failures = [TransactionFailed("fenced", fenced=True)]

    with pytest.raises(TakenOver):
        writer.write([message(0)])
    assert Producer.committed == []


def test_a_registry_that_is_away_opens_no_transaction(
    writer: KafkaWriter, registry: MemoryRegistry
) -> None:
    registry.away = True

    with pytest.raises(Retryable):
        writer.write([message(0)])
    assert Producer.made == []


class Reader:
    """Gives batches one after the other, and says at the end of the last that it is the end."""

    def __init__(self, registry: MemoryRegistry, *batches: list[Addressed]) -> None:
        encoder = Encoder(registry, f"{TOPIC}-value")  # type: ignore[arg-type]
        self.batches = [
            [Message(TOPIC, 0, at, each.key, encoder.encode(each.value), 0)
             for at, each in enumerate(batch)] for batch in batches
        ]  # fmt: skip

    def assign(self, offsets: Mapping[Any, int]) -> None:
        assert offsets == {(TOPIC, 0): EARLIEST}

    def consume(self, _count: int, _seconds: float) -> list[Message]:
        return self.batches.pop(0) if self.batches else []

    def at_end(self) -> bool:
        return not self.batches


def read(reader: Reader, registry: MemoryRegistry, *, rounds: int | None = None) -> list[Use]:
    """Read to the end, or follow for so many rounds."""
    left = iter(range(rounds or 0))
    found = uses_on_topic(
        reader, registry, HARBOR, follow=rounds is not None,  # type: ignore[arg-type]
        should_stop=lambda: rounds is not None and next(left, None) is None,
    )  # fmt: skip
    return list(found)


def test_what_comes_again_after_a_crash_is_left_out(registry: MemoryRegistry) -> None:
    batches = [message(0), message(1)], [message(0), message(1), message(2)], [message(3)]
    found = read(Reader(registry, *batches), registry)

    assert [use.sequence for use in found] == [0, 1, 2, 3]
    assert {use.department for use in found} == {HARBOR}


def test_a_log_that_was_made_anew_is_told_from_its_beginning(registry: MemoryRegistry) -> None:
    batches = [message(0), message(1)], [message(0, "new.example")]

    assert [use.sequence for use in read(Reader(registry, *batches), registry)] == [0, 1, 0]


def test_uses_are_followed_past_the_end_until_told_to_stop(registry: MemoryRegistry) -> None:
    reader = Reader(registry, [message(0)], [], [message(1)])

    assert [use.sequence for use in read(reader, registry, rounds=4)] == [0, 1]
