"""Uses in Kafka: one transaction a batch into the owners' topics, and an owner's own reading.

Invariant: readers see a batch whole or not at all and in the log's order. What comes again after a
crash is left out by whoever reads through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from recordbus.audit.crash import crashpoint
from recordbus.audit.publishing import TakenOver
from recordbus.audit.use_messages import Addressed, topic_of, use_of
from recordbus.audit.uses import Use
from recordbus.errors import RecordbusError
from recordbus.kafka.codec import Decoder, Encoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.kafka.producer import TransactionalProducer, TransactionFailed
from recordbus.kafka.registry import SchemaRegistry

TRANSACTIONAL_ID: Final = "recordbus-uses"
_PARTITION: Final = 0
_READ_AT_ONCE: Final = 500
_READ_SECONDS: Final = 0.5


class KafkaWriter:
    """Writes batches; the newest of several processes fences the others."""

    def __init__(self, connection: Connection, registry: SchemaRegistry) -> None:
        self._connection, self._registry = connection, registry
        self._encoders: dict[str, Encoder] = {}
        self._producer: TransactionalProducer | None = None

    def write(self, messages: Sequence[Addressed]) -> None:
        """Make all of the messages durable and visible, or none of them.

        Raises TakenOver, Retryable and Misconfigured; the next call begins anew.
        """
        encoded = [(topic_of(each.department), each.key, self._encoded(each)) for each in messages]
        try:
            producer = self._opened()
            producer.begin()
            for topic, key, value in encoded:
                producer.produce(topic, key, value, _PARTITION)
            crashpoint("uses.sent")
            producer.commit()
        except RecordbusError as error:
            self.close()
            if isinstance(error, TransactionFailed) and error.fenced:
                raise TakenOver from error
            raise

    def close(self) -> None:
        """Let the producer go, without committing anything."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None

    def _encoded(self, message: Addressed) -> bytes:
        topic = topic_of(message.department)
        if topic not in self._encoders:
            self._encoders[topic] = Encoder(self._registry, f"{topic}-value")
        return self._encoders[topic].encode(message.value)

    def _opened(self) -> TransactionalProducer:
        if self._producer is None:
            self._producer = TransactionalProducer(self._connection, TRANSACTIONAL_ID)
            self._producer.init()
        return self._producer


def uses_on_topic(
    reader: LogReader, registry: SchemaRegistry, department: str, *, follow: bool,
    should_stop: Callable[[], bool],
) -> Iterator[Use]:  # fmt: skip
    """Give the uses on an owner's topic, each once and in order; for ever when they are followed.

    Raises Retryable when the broker is away, Misconfigured when the topic is not there or may not
    be read, and Rejected for a message that is none.
    """
    topic = topic_of(department)
    decoder = Decoder(registry, f"{topic}-value")
    reader.assign({(topic, _PARTITION): EARLIEST})
    reached: dict[str, tuple[int, int]] = {}
    while not should_stop():
        for message in reader.consume(_READ_AT_ONCE, _READ_SECONDS):
            value = decoder.decode(message.value)
            place = (value["sequence"], value["part"])
            if place > reached.get(value["log"], (-1, 0)):
                reached[value["log"]] = place
                yield use_of(department, value)
        if not follow and reader.at_end():
            return
