"""The client kit on a real broker: fences, transactions, positions, groups, administration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from recordbus.errors import Misconfigured, Rejected, Retryable
from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, GroupConsumer, LogReader, Message
from recordbus.kafka.producer import (
    DeliveryError,
    IdempotentProducer,
    TransactionalProducer,
    TransactionFailed,
)
from recordbus.kafka.topics import Topic
from recordbus.testing.pytest_plugin import MakeTopic, TopicNames

NOBODY = Connection("127.0.0.1:9")


@pytest.fixture
def producer(kafka_connection: Connection) -> Iterator[IdempotentProducer]:
    made = IdempotentProducer(kafka_connection)
    yield made
    made.close()


@pytest.fixture
def reader(kafka_connection: Connection) -> Iterator[LogReader]:
    made = LogReader(kafka_connection)
    yield made
    made.close()


@pytest.fixture
def transactional(
    kafka_connection: Connection, topic_names: TopicNames
) -> Iterator[Callable[[], TransactionalProducer]]:
    transactional_id = topic_names("writer")
    made: list[TransactionalProducer] = []

    def make() -> TransactionalProducer:
        made.append(TransactionalProducer(kafka_connection, transactional_id))
        return made[-1]

    yield make
    for each in made:
        each.close()


def read_to_end(reader: LogReader, topic: str, partitions: int = 1) -> list[Message]:
    reader.assign({(topic, partition): EARLIEST for partition in range(partitions)})
    found: list[Message] = []
    deadline = time.monotonic() + 30
    while not reader.at_end():
        assert time.monotonic() < deadline
        found += reader.consume(1000, 1.0)
    return found


def ends_at(reader: LogReader, topic: str, offset: int) -> None:
    """Wait for the end: transaction markers are written after the calls have returned."""
    deadline = time.monotonic() + 30
    while reader.watermarks((topic, 0)) != (0, offset):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_acknowledged_can_be_read_with_everything_it_had(
    producer: IdempotentProducer, reader: LogReader, make_topic: MakeTopic
) -> None:
    topic = make_topic("log")
    told: list[tuple[object, str, int, int]] = []

    producer.produce(
        topic, b"k", b"v", headers=[("h", b"1")], on_delivery=lambda *r: told.append(r)
    )
    producer.produce(topic, b"k", None)
    producer.flush()

    first, tombstone = read_to_end(reader, topic)
    assert told == [(None, topic, 0, 0)]
    assert (first.key, first.value, first.headers) == (b"k", b"v", (("h", b"1"),))
    assert (tombstone.offset, tombstone.value, tombstone.headers) == (1, None, ())
    assert first.timestamp_ms > 0
    assert len(producer) == 0


def test_a_key_goes_where_every_other_client_would_send_it(
    producer: IdempotentProducer, reader: LogReader, make_topic: MakeTopic
) -> None:
    """murmur2 of b"21" modulo 2 is 0 and of b"foobar" is 1 (the Java client's test vectors)."""
    topic = make_topic("log", 2)
    for key in (b"21", b"foobar"):
        producer.produce(topic, key, b"")
    producer.flush()

    found = {message.key: message.partition for message in read_to_end(reader, topic, 2)}

    assert found == {b"21": murmur2(b"21") % 2, b"foobar": murmur2(b"foobar") % 2}
    assert murmur2(b"21") == -973932308 & 0x7FFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0x7FFFFFFF


def murmur2(data: bytes) -> int:
    """Kafka's hash of a key, made positive; an independent copy of the published algorithm."""
    mask, multiplier = 0xFFFFFFFF, 0x5BD1E995
    state = (0x9747B28C ^ len(data)) & mask
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        state = (state * multiplier & mask) ^ word
    if whole < len(data):
        state = (state ^ int.from_bytes(data[whole:], "little")) * multiplier & mask
    state = (state ^ state >> 13) * multiplier & mask
    return (state ^ state >> 15) & 0x7FFFFFFF


def test_a_full_queue_makes_the_writer_wait(
    kafka_connection: Connection, reader: LogReader, make_topic: MakeTopic
) -> None:
    topic = make_topic("log")
    small = IdempotentProducer(kafka_connection, max_in_flight_messages=10)
    for _ in range(200):
        small.produce(topic, None, b"x")
        assert len(small) <= 10
    small.close()

    assert len(read_to_end(reader, topic)) == 200


def test_a_message_that_is_too_large_is_rejected_before_it_is_sent(
    producer: IdempotentProducer, make_topic: MakeTopic
) -> None:
    with pytest.raises(Rejected) as caught:
        producer.produce(make_topic("log"), b"k", b"x" * 1_000_001)

    assert caught.value.reason == "too_large"
    producer.flush()


def test_a_missing_topic_says_how_to_create_it(
    producer: IdempotentProducer, reader: LogReader, topic_names: TopicNames
) -> None:
    missing = topic_names("missing")
    told: list[DeliveryError | None] = []
    producer.produce(missing, b"k", b"v", on_delivery=lambda error, *_: told.append(error))

    with pytest.raises(DeliveryError, match="topics apply"):
        producer.flush()
    assert isinstance(told[0], DeliveryError)
    assert isinstance(told[0].cause, Misconfigured)
    with pytest.raises(Misconfigured, match="topics apply"):
        read_to_end(reader, missing)


def test_a_broker_that_is_away_is_retryable() -> None:
    producer = IdempotentProducer(NOBODY, delivery_timeout_seconds=0.5)
    producer.produce("t", b"k", b"v")

    with pytest.raises(Retryable):
        producer.flush(5)
    with pytest.raises(Retryable):
        Admin(NOBODY, timeout_seconds=0.3).list_topics()
    with pytest.raises(TransactionFailed):
        TransactionalProducer(NOBODY, "x", call_timeout_seconds=0.3).init()


def test_readers_see_committed_messages_only_and_positions_pass_the_markers(
    transactional: Callable[[], TransactionalProducer],
    reader: LogReader,
    make_topic: MakeTopic,
) -> None:
    topic = make_topic("table", **{"cleanup.policy": "compact"})
    writer = transactional()
    writer.init()
    for value, finish in ((b"kept", writer.commit), (b"dropped", writer.abort)):
        writer.begin()
        writer.produce(topic, b"k", value, 0, [("v", b"1")], 1_000_000)
        writer._producer.flush(10)
        finish()

    ends_at(reader, topic, 4)
    (kept,) = read_to_end(reader, topic)

    assert (kept.value, kept.timestamp_ms, kept.headers) == (b"kept", 1_000_000, (("v", b"1"),))
    assert reader.positions() == {(topic, 0): 4}


def test_an_open_transaction_is_not_read_and_holds_the_end_back(
    transactional: Callable[[], TransactionalProducer],
    reader: LogReader,
    make_topic: MakeTopic,
) -> None:
    topic = make_topic("table")
    writer = transactional()
    writer.init()
    writer.begin()
    writer.produce(topic, b"k", b"open", 0)
    writer._producer.flush(10)

    assert read_to_end(reader, topic) == []
    assert reader.watermarks((topic, 0)) == (0, 0)

    writer.commit()
    ends_at(reader, topic, 2)
    assert [message.value for message in read_to_end(reader, topic)] == [b"open"]


def test_a_new_owner_fences_the_old_one_and_its_open_work_is_gone(
    transactional: Callable[[], TransactionalProducer],
    reader: LogReader,
    make_topic: MakeTopic,
) -> None:
    topic = make_topic("table")
    old, new = transactional(), transactional()
    old.init()
    old.begin()
    old.produce(topic, b"k", b"of the zombie", 0)
    old._producer.flush(10)

    new.init()
    with pytest.raises(TransactionFailed) as caught:
        old.commit()
    new.begin()
    new.produce(topic, b"k", b"of the owner", 0)
    new.commit()
    ends_at(reader, topic, 4)

    assert caught.value.fenced
    assert [message.value for message in read_to_end(reader, topic)] == [b"of the owner"]


def test_a_group_goes_on_where_it_committed_and_its_lag_is_known(
    kafka_connection: Connection,
    producer: IdempotentProducer,
    make_topic: MakeTopic,
    topic_names: TopicNames,
) -> None:
    topic, group, admin = make_topic("log"), topic_names("group"), Admin(kafka_connection)
    for number in range(10):
        producer.produce(topic, None, b"%d" % number)
    producer.flush()

    first = GroupConsumer(kafka_connection, group, [topic])
    assert [message.value for message in take(first, 10)] == [b"%d" % n for n in range(10)]
    assert first.assignment() == [(topic, 0)]
    first.commit({(topic, 0): 4})
    assert first.committed([(topic, 0)]) == {(topic, 0): 4}
    first.close()

    assert admin.group_offsets(group, [topic]) == {(topic, 0): 4}
    assert admin.lag(group, [topic]) == {(topic, 0): 6}
    second = GroupConsumer(kafka_connection, group, [topic])
    assert take(second, 6)[0].value == b"4"
    second.seek((topic, 0), 9)
    assert take(second, 1)[0].value == b"9"
    second.close()


def take(consumer: GroupConsumer, count: int) -> list[Message]:
    found: list[Message] = []
    deadline = time.monotonic() + 30
    while len(found) < count:
        assert time.monotonic() < deadline
        found += consumer.consume(count - len(found), 1.0)
    return found


def test_the_ends_of_many_logs_are_asked_for_at_once(
    producer: IdempotentProducer, reader: LogReader, make_topic: MakeTopic
) -> None:
    topic = make_topic("log", 3)
    for number in range(5):
        producer.produce(topic, None, b"%d" % number, partition=number % 2)
    producer.flush()
    partitions = [(topic, partition) for partition in range(3)]
    assert reader.all_watermarks(partitions) == {
        (topic, 0): (0, 3), (topic, 1): (0, 2), (topic, 2): (0, 0),
    }  # fmt: skip
    assert reader.all_watermarks([]) == {}


def test_a_sink_may_say_where_its_partitions_start(
    kafka_connection: Connection,
    producer: IdempotentProducer,
    make_topic: MakeTopic,
    topic_names: TopicNames,
) -> None:
    topic = make_topic("log", 2)
    for partition in (0, 1):
        for number in range(5):
            producer.produce(topic, None, b"%d" % number, partition=partition)
    producer.flush()
    lost: list[tuple[str, int]] = []

    sink = GroupConsumer(
        kafka_connection,
        topic_names("sink"),
        [topic],
        on_assign=lambda won: {key: 3 for key in won if key[1] == 0},
        on_revoke=lost.extend,
    )
    found = take(sink, 2 + 5)
    sink.close()

    assert sorted((m.partition, m.offset) for m in found) == [
        (0, 3),
        (0, 4),
        *((1, offset) for offset in range(5)),
    ]
    assert sorted(lost) == [(topic, 0), (topic, 1)]


def test_a_paused_partition_waits(
    kafka_connection: Connection,
    producer: IdempotentProducer,
    make_topic: MakeTopic,
    topic_names: TopicNames,
) -> None:
    topic = make_topic("log")
    consumer = GroupConsumer(kafka_connection, topic_names("group"), [topic])
    producer.produce(topic, None, b"1")
    producer.flush()
    take(consumer, 1)

    consumer.pause([(topic, 0)])
    producer.produce(topic, None, b"2")
    producer.flush()
    assert consumer.consume(10, 0.3) == []
    consumer.resume([(topic, 0)])

    assert take(consumer, 1)[0].value == b"2"
    consumer.close()


def test_consume_returns_as_soon_as_something_is_there(
    producer: IdempotentProducer, reader: LogReader, make_topic: MakeTopic
) -> None:
    topic = make_topic("log")
    reader.assign({(topic, 0): 0})
    while not reader.at_end():
        reader.consume(1000, 1.0)
    producer.produce(topic, None, b"x")
    producer.flush()

    started = time.monotonic()
    assert len(reader.consume(1000, 20.0)) == 1
    assert time.monotonic() - started < 10


def test_deleting_behind_a_reader_moves_the_start(
    kafka_connection: Connection,
    producer: IdempotentProducer,
    make_topic: MakeTopic,
) -> None:
    topic, admin = make_topic("log"), Admin(kafka_connection)
    for _ in range(5):
        producer.produce(topic, None, b"x")
    producer.flush()

    assert admin.delete_records({(topic, 0): 3}) == {(topic, 0): 3}
    assert admin.starts([(topic, 0)]) == {(topic, 0): 3}
    assert admin.ends([(topic, 0)]) == {(topic, 0): 5}
    assert admin.delete_records({}) == {}


def test_a_table_cannot_be_truncated(kafka_connection: Connection, make_topic: MakeTopic) -> None:
    topic = make_topic("table", **{"cleanup.policy": "compact"})

    with pytest.raises(Misconfigured, match="POLICY_VIOLATION"):
        Admin(kafka_connection).delete_records({(topic, 0): 1})


def test_topics_are_created_once_changed_in_place_and_never_shrunk(
    kafka_connection: Connection, topic_names: TopicNames
) -> None:
    admin, name = Admin(kafka_connection), topic_names("t")
    try:
        compact = Topic(name, 2, config={"cleanup.policy": "compact", "segment.ms": "1000"})
        assert [change.kind for change in admin.apply_topics([compact])] == ["create"]
        assert admin.apply_topics([compact]) == []
        assert admin.list_topics()[name] == 2

        changed = Topic(name, 2, config={"cleanup.policy": "compact", "segment.ms": "2000"})
        assert [change.setting for change in admin.diff_topics([changed])] == ["segment.ms"]
        admin.apply_topics([changed])
        assert admin.diff_topics([changed]) == []

        with pytest.raises(Misconfigured, match="partitions is 2, should be 1"):
            admin.apply_topics([Topic(name, 1, config={"segment.ms": "5"})])
        assert admin.diff_topics([changed]) == []
    finally:
        admin.delete_topics([name])


def test_deleting_what_is_not_there_is_no_error(
    kafka_connection: Connection, topic_names: TopicNames
) -> None:
    admin = Admin(kafka_connection)
    admin.delete_topics([topic_names("never")])
    admin.delete_topics([])


def test_a_setting_that_kafka_does_not_know_is_misconfigured(
    kafka_connection: Connection, topic_names: TopicNames
) -> None:
    with pytest.raises(Misconfigured, match="creating topic"):
        Admin(kafka_connection).apply_topics([Topic(topic_names("t"), config={"no.such": "1"})])
