"""A topic of an agency's own: Avro in order, under keys that compaction can be trusted with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer

from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel, Result
from consumers.feeds.channels.topic_schema import encoder_of, register, subject_of
from consumers.feeds.formats.avro_schema import message_schema, message_schema_text
from consumers.feeds.formats.message import NAMESPACE
from recordbus.errors import Misconfigured, Retryable
from recordbus.kafka.connection import Connection
from recordbus.kafka.registry import SchemaRegistry
from recordbus.testing.clock import ManualClock
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.channels.contract import bodies, parcel, told
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in
from tests.unit.consumers.feeds.channels.topic_side import NOWHERE, TOPIC, TopicSide, envelopes
from tests.unit.consumers.feeds.formats.messages import taken_back


@pytest.fixture
def side(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TopicSide]:
    side = TopicSide(tmp_path, request)
    yield side
    side.channel.close()
    side.close()


def test_a_retraction_has_the_key_of_what_it_takes_back_and_nothing_of_its_content(
    side: TopicSide,
) -> None:
    """R-23, R-25: what stays of a key after compaction is the last message, without content."""
    retraction = taken_back(told(1, 1).message.subject)
    after = Parcel("metro-1", parcel(1).record_key, (retraction,))
    assert side.channel.deliver([parcel(1, narrative="by the pier"), after]) == [DELIVERED] * 2
    (first, content), (last, nothing) = side.log.entries
    assert first == last
    assert b"by the pier" in (content or b"")
    assert nothing
    assert b"by the pier" not in nothing
    assert len(nothing) < 700


def test_two_subscriptions_of_an_agency_do_not_replace_each_other(side: TopicSide) -> None:
    other = parcel(1)._replace(subscription_id="metro-2")
    assert side.channel.deliver([parcel(1), other]) == [DELIVERED] * 2
    assert len({key for key, _ in side.log.entries}) == 2


def test_keys_hold_nothing_but_opaque_ids(side: TopicSide) -> None:
    side.channel.deliver([parcel(1)])
    ((key, _),) = side.log.entries
    assert key == f"metro-1/record/{made.record_key(1)}".encode()


def test_the_broker_is_reached_at_the_first_delivery_and_anew_after_trouble(
    side: TopicSide,
) -> None:
    assert side.log.opened == 0
    side.channel.deliver([parcel(1)])
    side.go_away()
    assert side.channel.deliver([parcel(2)]) == [Outcome(Result.LATER, "broker_away")]
    side.come_back()
    side.channel.deliver([parcel(2)])
    assert (side.log.opened, side.log.closed) == (2, 1)


def test_a_topic_that_is_not_there_or_not_ours_is_told_apart(side: TopicSide) -> None:
    side.log.trouble = Misconfigured("no such topic")
    assert side.channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "topic_unusable")]


def test_what_is_too_large_is_refused_alone_with_what_follows_of_its_record(
    side: TopicSide,
) -> None:
    """An older message of a key never comes behind a newer one."""
    large = parcel(1, 1, narrative="x" * 2_000_001)
    outcomes = side.channel.deliver([large, parcel(2), parcel(1, 2)])
    refused = Outcome(Result.REFUSED, "too_large")
    assert outcomes == [refused, DELIVERED, refused]
    assert side.arrived() == bodies([parcel(2)])


def test_without_its_schema_nothing_is_written(side: TopicSide, tmp_path: Path) -> None:
    registry = SchemaRegistry("mock://empty")
    bare = channel_of(
        "topic", {}, ManualClock(), settings_in(tmp_path), connection=NOWHERE, registry=registry
    )
    assert bare.deliver([parcel(1)]) == [Outcome(Result.LATER, "not_prepared")]
    without_bus = channel_of("topic", {}, ManualClock(), settings_in(tmp_path))
    assert without_bus.deliver([parcel(1)]) == [Outcome(Result.LATER, "not_prepared")]
    assert side.log.opened == 0


def test_a_registry_that_is_away_is_told_apart(
    side: TopicSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_subject: str) -> list[object]:
        raise Retryable("the registry is away")

    monkeypatch.setattr(side.registry, "texts_of", away)
    assert side.channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "registry_away")]


def test_registering_twice_changes_nothing_and_a_break_is_refused() -> None:
    registry = SchemaRegistry("mock://twice")
    assert register(registry, TOPIC)
    assert not register(registry, TOPIC)
    assert encoder_of(registry, TOPIC).schema_id == registry.id_of(subject_of(TOPIC))
    other = SchemaRegistry("mock://other")
    text = message_schema_text().replace('"delivery_id"', '"number"')
    other.register(subject_of(TOPIC), text)
    with pytest.raises(Misconfigured, match="delivery_id"):
        register(other, TOPIC)


def test_a_registry_may_write_a_schema_in_fewer_words() -> None:
    """Apicurio leaves out namespaces that follow from the one around them."""

    def shortened(node: Any) -> Any:
        if isinstance(node, list):
            return [shortened(each) for each in node]
        if not isinstance(node, dict):
            return node.removeprefix(f"{NAMESPACE}.") if isinstance(node, str) else node
        return {name: shortened(each) for name, each in node.items() if name != "namespace"}

    registry = SchemaRegistry("mock://short")
    text = json.dumps({**shortened(message_schema()), "namespace": NAMESPACE})
    assert len(text) < len(json.dumps(message_schema())) - 1000
    schema_id = registry.register(subject_of(TOPIC), text)
    assert not register(registry, TOPIC)
    assert encoder_of(registry, TOPIC).schema_id == schema_id


def test_a_real_producer_delivers_to_a_broker_of_the_client_library(tmp_path: Path) -> None:
    """The client's own broker, in this process: acknowledged, and read back in order."""
    cluster = Producer({"test.mock.num.brokers": 1})
    (broker,) = cluster.list_topics(TOPIC, timeout=10).brokers.values()
    connection = Connection(f"{broker.host}:{broker.port}")
    registry = SchemaRegistry(f"mock://{tmp_path.name}")
    register(registry, TOPIC)
    channel = channel_of(
        "topic", {}, ManualClock(), settings_in(tmp_path), connection=connection, registry=registry
    )
    parcels = [parcel(1, 1, 2), parcel(2)]
    assert channel.deliver(parcels) == [DELIVERED] * 2
    channel.close()
    beginning = {"group.id": "agency", "auto.offset.reset": "earliest"}
    reader = Consumer(connection.client_config() | beginning)
    reader.subscribe([TOPIC])
    found = [(each.key(), each.value()) for each in reader.consume(3, timeout=20)]
    reader.close()
    arrived = list(envelopes(registry, found))  # its topics have several partitions
    assert sorted(arrived) == sorted(bodies(parcels))
    assert [each for each in arrived if each in bodies(parcels[:1])] == bodies(parcels[:1])
