"""The upkeep worker asks, and never acts on what a stage owns (rules 8 and 9 of the stages)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple

import orjson
import pytest
from fastavro import parse_schema, schemaless_writer

from recordbus.errors import Misconfigured
from recordbus.kafka.consumer import Message, TopicPartition
from recordbus.kafka.wire import frame
from recordbus.testing.clock import ManualClock
from streams.upkeep.glimpse import Glimpse, Glimpser
from streams.upkeep.worker import Duties, MarkedTable, Upkeep

KEY = "ab" * 32
HEAD: dict[str, Any] = {
    "type": "record",
    "name": "Record",
    "fields": [
        {"name": "record_key", "type": "string"},
        {"name": "version", "type": "long"},
        {"name": "status", "type": {"type": "enum", "name": "S", "symbols": ["live", "sealed"]}},
        {"name": "body", "type": ["null", "string"]},
    ],
}
DUTIES = Duties(
    ingest_topics=["ingest.a.v1"],
    upkeep_topic="ingest.upkeep.v1",
    records_topic="records.v1",
    partitions=1,
    intake_group="intake",
    reader_groups=["index"],
    marked=[MarkedTable("relations.v1", 1, ["associate"]), MarkedTable("meetings.v1", 2, ["meet"])],
)


class Parsed(NamedTuple):
    parsed: Any


class Registry:
    def __init__(self, schema: Any) -> None:
        self.schema = schema

    def schema_by_id(self, schema_id: int) -> Parsed:
        return Parsed(self.schema)


def record(version: int, status: str, body: str | None = None) -> bytes:
    buffer = BytesIO()
    value = {"record_key": KEY, "version": version, "status": status, "body": body}
    schemaless_writer(buffer, parse_schema(HEAD), value)
    return frame(7, buffer.getvalue())


class World:
    """A cluster on paper: what is in `records.v1`, what groups committed, what was written."""

    def __init__(self) -> None:
        self.log: list[Message] = []
        self.written: list[tuple[str, bytes | None, Any, int]] = []
        self.offsets: dict[str, dict[TopicPartition, int]] = {}
        self.deleted: dict[TopicPartition, int] = {}
        self.topics = {"ingest.a.v1": 1, "records.v1": 1}
        self.first = 0
        self.next = 0
        self.end = 0

    def add(self, key: str, value: bytes | None) -> None:
        offset = len(self.log)
        self.log.append(Message("records.v1", 0, offset, key.encode(), value, 0, ()))

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        assert list(offsets) == [("records.v1", 0)]

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        found = self.log[self.next :]
        self.next = len(self.log)
        return found

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, partition: int = -1
    ) -> None:
        self.written.append((topic, key, value and orjson.loads(value), partition))

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Everything is durable at once here."""

    def group_offsets(
        self, group: str, topics: Iterable[str] | None = None
    ) -> dict[TopicPartition, int]:
        wanted = set(topics or ())
        return {at: n for at, n in self.offsets.get(group, {}).items() if at[0] in wanted}

    def list_topics(self) -> dict[str, int]:
        return self.topics

    def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.end)

    def starts(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.first)

    def delete_records(self, before: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        self.deleted.update(before)
        return dict(before)

    def encode(self, value: Mapping[str, Any]) -> bytes:
        return orjson.dumps(dict(value))

    @property
    def asked(self) -> list[tuple[str, int]]:
        values = [value for _, _, value, _ in self.written if value]
        return [(v["record_key"], v["version"]) for v in values if v["kind"] == "tombstone"]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def upkeep(world: World) -> Upkeep:
    return upkeep_of(world, DUTIES)


def upkeep_of(world: World, duties: Duties) -> Upkeep:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    return Upkeep(duties, world, world, world, world, Glimpser(Registry(HEAD)), clock)


def test_a_tombstone_is_asked_for_once_every_reader_passed_the_marker(
    world: World, upkeep: Upkeep
) -> None:
    world.add(KEY, record(1, "live", "content"))
    world.add(KEY, record(5, "sealed"))
    upkeep.follow(0)
    world.offsets["index"] = {("records.v1", 0): 1}
    upkeep.round()
    assert world.asked == []
    world.offsets["index"] = {("records.v1", 0): 2}
    upkeep.round()
    upkeep.round()
    assert world.asked == [(KEY, 5)]


def test_a_bus_without_subscribers_waits_for_no_feeds_and_one_with_them_does(
    world: World,
) -> None:
    duties = replace(DUTIES, reader_groups=["index", "feeds"], optional_groups=["feeds"])
    upkeep = upkeep_of(world, duties)
    world.add(KEY, record(5, "sealed"))
    world.offsets = {"index": {("records.v1", 0): 1}, "feeds": {("records.v1", 0): 0}}
    upkeep.follow(0)
    upkeep.round()
    assert world.asked == []
    del world.offsets["feeds"]
    upkeep.round()
    assert world.asked == [(KEY, 5)]


ELSEWHERE = [("relations.v1", 0), ("meetings.v1", 0), ("meetings.v1", 1)]


@pytest.mark.parametrize("slow", ELSEWHERE)
def test_r25_a_marker_in_another_table_waits_for_the_readers_of_that_table(
    world: World, upkeep: Upkeep, slow: TopicPartition
) -> None:
    """Its markers lie below the ends that the tables had when the removal could be read."""
    world.end = 8
    world.add(KEY, record(5, "sealed"))
    upkeep.follow(0)
    world.offsets = {
        "index": {("records.v1", 0): 1},
        "associate": {("relations.v1", 0): 8},
        "meet": {("meetings.v1", 0): 8, ("meetings.v1", 1): 8},
    }
    group = "meet" if slow[0] == "meetings.v1" else "associate"
    world.offsets[group][slow] = 7
    upkeep.round()
    world.end = 20  # what is written later does not matter
    world.offsets[group].pop(slow)
    upkeep.round()
    assert world.asked == []
    world.offsets[group][slow] = 8
    upkeep.round()
    assert world.asked == [(KEY, 5)]


def test_a_record_that_came_back_is_left_alone(world: World, upkeep: Upkeep) -> None:
    world.add(KEY, record(5, "sealed"))
    world.add(KEY, record(6, "live", "content"))
    world.offsets["index"] = {("records.v1", 0): 2}
    upkeep.follow(0)
    upkeep.round()
    assert world.asked == []


def test_an_erased_record_is_forgotten(world: World, upkeep: Upkeep) -> None:
    world.add(KEY, record(5, "sealed"))
    world.add(KEY, None)
    world.offsets["index"] = {("records.v1", 0): 2}
    upkeep.follow(0)
    upkeep.round()
    assert world.asked == []


def test_every_partition_gets_a_tick_so_that_idle_segments_close(
    world: World, upkeep: Upkeep
) -> None:
    world.add("tick/0", None)
    upkeep.follow(0)
    upkeep.round()
    topics = [(topic, key, partition) for topic, key, _, partition in world.written]
    assert topics == [("ingest.upkeep.v1", b"tick", 0), ("ingest.a.v1", b"tick/0", 0)]


def test_the_topics_of_agencies_get_ticks_as_soon_as_there_are_any(
    world: World, upkeep: Upkeep
) -> None:
    """R-25: a retraction is the last message of a quiet feed, and what it replaces must go too."""
    upkeep.round()
    world.topics |= {"feed.metro.v1": 2, "feedback": 1}
    world.written.clear()
    upkeep.round()
    told = [(topic, key, value, partition) for topic, key, value, partition in world.written
            if topic.startswith("feed")]  # fmt: skip
    assert told == [("feed.metro.v1", b"tick/0", None, 0), ("feed.metro.v1", b"tick/1", None, 1)]


def test_ingest_is_truncated_behind_intake_and_no_further(world: World, upkeep: Upkeep) -> None:
    world.offsets["intake"] = {("ingest.a.v1", 0): 40, ("ingest.upkeep.v1", 0): 0}
    upkeep.round()
    assert world.deleted == {("ingest.a.v1", 0): 40}


def test_a_glimpse_reads_the_head_of_a_record_alone() -> None:
    glimpser = Glimpser(Registry(HEAD))
    assert glimpser.glimpse(record(9, "sealed")) == Glimpse(9, removed=True)
    assert glimpser.glimpse(record(10, "live", "x" * 9999)) == Glimpse(10, removed=False)


def test_a_schema_without_a_status_up_front_is_refused() -> None:
    schema = {**HEAD, "fields": [field for field in HEAD["fields"] if field["name"] != "status"]}
    with pytest.raises(Misconfigured, match="begin with a version and a status"):
        Glimpser(Registry(schema)).glimpse(frame(7, b"\0"))
