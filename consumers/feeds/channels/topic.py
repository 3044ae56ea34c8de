"""The channel `topic`: a compacted Kafka topic of the agency's own, `feed.<agency>.v1`, in Avro.

Invariant: under a key - subscription and subject - the newest message is also the last one in the
log. So compaction leaves what is true, and a retraction, which has no content, takes the place of
what it takes back. Whatever was not acknowledged comes again, in order, under the same ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field

from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel, Result
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.channels.topic_schema import encoder_of
from consumers.feeds.formats.avro import to_avro
from consumers.feeds.subscription import Subscription
from recordbus.errors import Misconfigured, RecordbusError, Rejected
from recordbus.kafka.codec import Encoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.producer import DeliveryError, IdempotentProducer, OnDelivery
from schemas import catalog

MOST_MESSAGE_BYTES: Final = 2_000_000
"""Below what the topic takes, with room for the batch around it."""
PATIENCE_SECONDS: Final = 20.0


class Options(BaseModel):
    """What a subscription says of its topic; the name of it follows from the agency."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most_records: Annotated[int, Field(ge=1, le=10_000)] = 500


class Producer(Protocol):
    """What the channel needs of a producer that neither loses, duplicates nor reorders."""

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *,
        on_delivery: OnDelivery | None = None,
    ) -> None:  # fmt: skip
        """Queue one message; raises Rejected or Retryable."""

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Wait until everything has its report; raises Retryable when anything was not written."""

    def close(self, timeout_seconds: float = 10.0) -> None:
        """Let go of the connection."""


class Topic:
    """The channel onto one agency's topic. The broker is reached at the first delivery."""

    kind = "topic"

    def __init__(self, options: Options, agency: str, around: Surroundings) -> None:
        """`agency` names the topic; raises CatalogError when it cannot."""
        self.most_parcels = options.most_records
        self._topic = catalog.topic_for_agency(agency).name
        self._around = around
        self._producer: Producer | None = None
        self._encoder: Encoder | None = None

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Write all messages in order; a parcel is delivered when all of its own have a report.

        Once a parcel of a record was not, later ones of that record are not either.
        """
        try:
            producer, encoder = self._reached()
        except RecordbusError as error:
            code = "not_prepared" if isinstance(error, Misconfigured) else "registry_away"
            return [Outcome(Result.LATER, code)] * len(parcels)
        sent = [_Sent(parcel) for parcel in parcels]
        stuck: set[str] = set()
        for each in sent:
            if each.parcel.record_key not in stuck:
                each.send(self._topic, producer, encoder)
            if each.failed is not None:
                stuck.add(each.parcel.record_key)
        return list(_outcomes(sent, self._flushed(producer)))

    def close(self) -> None:
        """Let go of the broker; safe to call twice."""
        producer, self._producer = self._producer, None
        if producer is not None:
            _quietly(lambda: producer.close(0))

    def _reached(self) -> tuple[Producer, Encoder]:
        connection, registry = self._around.connection, self._around.registry
        if connection is None or registry is None:
            raise Misconfigured(
                "there is no bus to reach a topic on", hint="run it with: recordbus feeds run"
            )
        if self._encoder is None:
            self._encoder = encoder_of(registry, self._topic)
        if self._producer is None:
            self._producer = producer_of(connection)
        return self._producer, self._encoder

    def _flushed(self, producer: Producer) -> Outcome | None:
        """Wait for all reports; give what became of messages that have none."""
        try:
            producer.flush(PATIENCE_SECONDS + 5)
        except RecordbusError as error:
            self.close()  # so that nothing that is still on its way arrives behind its successor
            return Outcome(Result.LATER, _code(error))
        return None


class _Sent:
    """A parcel on its way: how many of its messages have a place in the log."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel, self.written = parcel, 0
        self.failed: Outcome | None = None

    def send(self, topic: str, producer: Producer, encoder: Encoder) -> None:
        """Queue its messages, up to one that cannot be."""
        try:
            for each in self.parcel.deliveries:
                key = f"{self.parcel.subscription_id}/{each.message.subject}".encode()
                value = encoder.encode(to_avro(each.body))
                producer.produce(topic, key, value, on_delivery=self._report)
        except Rejected as error:
            self.failed = Outcome(Result.REFUSED, error.reason)
        except RecordbusError as error:
            self.failed = Outcome(Result.LATER, _code(error))

    def _report(self, error: DeliveryError | None, *_where: object) -> None:
        if error is None:
            self.written += 1
        elif self.failed is None:
            self.failed = Outcome(Result.LATER, _code(error))


def make(options: Options, subscription: Subscription, around: Surroundings) -> Topic:
    """Make the channel of a subscription."""
    return Topic(options, subscription.agency, around)


def producer_of(connection: Connection) -> Producer:
    """Give a producer that waits for all replicas, and for nothing longer than its patience."""
    return IdempotentProducer(
        connection, max_message_bytes=MOST_MESSAGE_BYTES, delivery_timeout_seconds=PATIENCE_SECONDS
    )


def _outcomes(sent: Sequence[_Sent], unflushed: Outcome | None) -> Iterator[Outcome]:
    stuck: dict[str, Outcome] = {}
    for each in sent:
        outcome = stuck.get(each.parcel.record_key) or each.failed
        if outcome is None and each.written < len(each.parcel.deliveries):
            outcome = unflushed or Outcome(Result.LATER, "not_acknowledged")
        if outcome is not None:
            stuck[each.parcel.record_key] = outcome
        yield outcome or DELIVERED


def _code(error: RecordbusError) -> str:
    cause = error.cause if isinstance(error, DeliveryError) else error
    return "topic_unusable" if isinstance(cause, Misconfigured) else "broker_away"


def _quietly(close: Callable[[], None]) -> None:
    try:
        close()
    except RecordbusError:
        return  # what was not written was told by its report, and comes again
