"""R-25: on a real Kafka the markers of a removal go once the slowest reader has passed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing

import pytest
from confluent_kafka import Consumer, TopicPartition

from recordbus import ids
from recordbus.clock import SystemClock
from recordbus.kafka.admin import Admin
from recordbus.kafka.codec import Encoder
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import IdempotentProducer
from recordbus.testing import records
from streams.upkeep.glimpse import Glimpser
from streams.upkeep.worker import Duties, MarkedTable, Upkeep
from tests.integration.intake.bus import UPKEEP, Bus, Follower

READERS: Mapping[str, str] = {
    "records.v1": "recordbus-index",
    "relations.v1": "recordbus-associate",
    "meetings.v1": "recordbus-meet",
}
DUTIES = Duties(
    ingest_topics=[],
    upkeep_topic=UPKEEP,
    records_topic="records.v1",
    partitions=1,
    intake_group="recordbus-intake",
    reader_groups=[READERS["records.v1"]],
    marked=[MarkedTable(t, 1, [READERS[t]]) for t in ("relations.v1", "meetings.v1")],
)


@pytest.fixture
def upkeep(bus: Bus) -> Iterator[Upkeep]:
    connection = bus.servers.connection
    with ExitStack() as stack:
        log = stack.enter_context(closing(LogReader(connection)))
        writer = stack.enter_context(closing(IdempotentProducer(connection)))
        encoder = Encoder(bus.registry, f"{UPKEEP}-value")
        glimpser = Glimpser(bus.registry)
        yield Upkeep(DUTIES, log, writer, Admin(connection), encoder, glimpser, SystemClock())


def commit(bus: Bus, topic: str, message_offset: int) -> None:
    """Let a topic's readers acknowledge everything up to a message, as they do once it is taken."""
    group = READERS[topic]
    member = Consumer(bus.servers.connection.client_config() | {"group.id": group})
    member.commit(offsets=[TopicPartition(topic, 0, message_offset + 1)], asynchronous=False)
    member.close()


def test_the_slowest_reader_of_any_table_holds_the_markers(bus: Bus, upkeep: Upkeep) -> None:
    change = records.change(record_key=ids.record_key(records.SECRET, "field_contact", "UP-1"))
    key = change["record_key"]
    with ExitStack() as stack:
        followed = {t: stack.enter_context(closing(Follower(bus, t))) for t in READERS}
        keys = dict.fromkeys(READERS, key) | {"relations.v1": f"{key}/intake"}
        bus.say(change)
        bus.say(records.removal("sealed", 2, record_key=key))
        followed["records.v1"].wait(key, lambda value: value and value["status"] == "sealed")
        while upkeep.follow(0.2) or not upkeep.markers_pending:
            pass
        upkeep.round()  # the ticks of this round move every reader past what it has to pass
        for topic in READERS:
            followed[topic].wait("tick/0")
        behind = followed["meetings.v1"].messages
        marker = max(each.offset for each in behind if each.key == key.encode())
        for topic in ("records.v1", "relations.v1"):
            commit(bus, topic, followed[topic].messages[-1].offset)
        commit(bus, "meetings.v1", marker - 1)
        upkeep.round()
        assert upkeep.markers_pending, "a reader of meetings has not passed the marker"
        commit(bus, "meetings.v1", behind[-1].offset)
        upkeep.round()
        for topic, follower in followed.items():
            assert follower.wait(keys[topic], lambda value: value is None) is None
