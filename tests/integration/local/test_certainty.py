"""What is said to be written is in its log, also on topics that were made a moment ago.

A broker that is not ready for a new partition refuses the first batch and takes the second; the
rounds here meet that moment now and then.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import partial

import pytest
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import (
    DeliveryError,
    IdempotentProducer,
    TransactionalProducer,
    TransactionFailed,
)
from recordbus.testing.pytest_plugin import TopicNames

PARTITIONS = 50
EACH = 15
ROUNDS = 8

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


def make_in_a_hurry(connection: Connection, topic: str) -> None:
    """Make a topic without waiting until it can be written to."""
    admin = AdminClient(connection.client_config())
    (made,) = admin.create_topics([NewTopic(topic, PARTITIONS, 1)]).values()
    made.result(30)


def settle(
    receipts: set[bytes], value: bytes, failure: DeliveryError | None, *_where: object
) -> None:
    if failure is None:
        receipts.add(value)


def read(connection: Connection, topic: str) -> Counter[bytes]:
    reader = LogReader(connection)
    reader.assign({(topic, partition): 0 for partition in range(PARTITIONS)})
    found: Counter[bytes] = Counter()
    while not reader.at_end():
        found.update(message.value or b"" for message in reader.consume(5000, 0.5))
    reader.close()
    return found


def test_every_message_with_a_receipt_is_in_the_log(
    kafka_connection: Connection, topic_names: TopicNames
) -> None:
    for round_ in range(ROUNDS):
        topic = topic_names(f"fresh{round_}")
        producer = IdempotentProducer(kafka_connection, linger_ms=1)
        make_in_a_hurry(kafka_connection, topic)
        receipts: set[bytes] = set()
        for number in range(EACH * PARTITIONS):
            value = b"%d" % number
            producer.produce(
                topic,
                None,
                value,
                partition=number % PARTITIONS,
                on_delivery=partial(settle, receipts, value),
            )
            producer.poll(0.003 if number % PARTITIONS == 0 else 0)
        with suppress(DeliveryError):
            producer.flush()
        producer.close()
        assert receipts <= read(kafka_connection, topic).keys()
        Admin(kafka_connection).delete_topics([topic])


def test_a_committed_transaction_is_there_as_a_whole(
    kafka_connection: Connection, topic_names: TopicNames
) -> None:
    for round_ in range(ROUNDS):
        topic = topic_names(f"fresh{round_}")
        producer = TransactionalProducer(kafka_connection, topic, linger_ms=1)
        producer.init()
        make_in_a_hurry(kafka_connection, topic)
        producer.begin()
        for number in range(EACH * PARTITIONS):
            producer.produce(topic, None, b"%d" % number, number % PARTITIONS)
            producer._producer.poll(0.003 if number % PARTITIONS == 0 else 0)
        committed = False
        with suppress(TransactionFailed):
            producer.commit()
            committed = True
        producer.close()
        if committed:
            assert read(kafka_connection, topic) == {b"%d" % n: 1 for n in range(EACH * PARTITIONS)}
        Admin(kafka_connection).delete_topics([topic])
