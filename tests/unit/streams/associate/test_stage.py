"""Associate as a stage: its topics, its tenure of a partition, and that nothing stops it."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus import metrics
from schemas import catalog
from streams.associate.entries import RELATIONS
from streams.associate.handle import ASSOCIATIONS, DESIGNATIONS, IDENTITIES
from streams.associate.stage import observe
from streams.associate.testing import DAY, Desk, arrest, read, record_key, resolved
from streams.runtime.contract import Note
from streams.runtime.store import PartitionStore
from streams.runtime.store_memory import MemoryPartition, MemoryStore
from streams.runtime.store_rocksdb import RocksStore
from streams.runtime.tenure import Tenure, Terms, changelog_topic, transactional_id
from tests.simulator.broker import Broker, CommitFate, Message, Producer, Reader
from tests.simulator.world import encode_quarantined

STANDS = {"associations.v1": 4, "identities.v1": 4}
LATE = DAY + timedelta(days=366 * 6)


class Luck:
    """Every write and every commit succeeds."""

    def loses_write(self) -> bool:
        return False

    def of_commit(self) -> CommitFate:
        return CommitFate.KNOWN


class Partition:
    """A broker, and owners of associate's one partition that succeed each other."""

    def __init__(self) -> None:
        self.desk = Desk()
        topics = [RELATIONS, ASSOCIATIONS, DESIGNATIONS, IDENTITIES, "quarantine.v1"]
        self.broker = Broker(dict.fromkeys([*topics, changelog_topic("associate")], 1))

    def say(self, key: str, name: str, said: dict[str, object]) -> None:
        self.broker.publish(RELATIONS, 0, key.encode(), self.desk.framed(name, said))

    def own(self, store: PartitionStore) -> Tenure:
        """Let a new owner take the partition and handle all that waits."""
        writer = Producer(self.broker, transactional_id("associate", 0), Luck())
        tenure = Tenure(Terms(self.desk.stage, encode_quarantined), 0, store, writer)
        tenure.begin(Reader(self.broker))
        start = tenure.committed.next_offsets.get(RELATIONS, 0)
        messages = list(self.broker.log(RELATIONS, 0).committed(start))
        if messages:
            tenure.write(tenure.handle(messages))
            tenure.commit()
            tenure.settle()
        return tenure

    def said(self, topic: str) -> list[Message]:
        return [m for m in self.broker.log(topic, 0).committed() if m.value is not None]


@pytest.mark.parametrize("kind", ["memory", "rocksdb"])
@pytest.mark.parametrize("keeps", [True, False], ids=["its store", "the changelog alone"])
def test_a_new_owner_goes_on_where_the_last_one_was(kind: str, keeps: bool, tmp_path: Path) -> None:
    bus, key = Partition(), record_key()
    with contextlib.closing(MemoryStore() if kind == "memory" else RocksStore(tmp_path)) as store:

        def own() -> None:
            bus.own(store.partition(0))
            if not keeps:
                store.partition(0).wipe()

        bus.say(f"{key}/intake", "RecordRelations", arrest())
        own()
        assert bus.said(ASSOCIATIONS) == []
        bus.say(f"{key}/identify", "RecordIdentities", resolved())
        own()
        assert {topic: len(bus.said(topic)) for topic in STANDS} == STANDS
        bus.say("tick/0", "Tick", {"at": LATE})
        own()
    last = [read(ASSOCIATIONS, message.value or b"") for message in bus.said(ASSOCIATIONS)]
    assert [each["reason"] for each in last] == [None] * 4 + ["expired"] * 4


def test_what_a_stage_cannot_support_is_quarantined_and_the_next_goes_on() -> None:
    bus = Partition()
    key = record_key()
    bus.say(f"{key}/intake", "RecordRelations", arrest() | {"owner_ori": ""})
    bus.broker.publish(RELATIONS, 0, f"{key}/intake".encode(), b"\0\0\0\0\1not what it says")
    bus.broker.publish(RELATIONS, 0, b"somebody", bus.desk.framed("Tick", {"at": DAY}))
    bus.say(f"{key}/identify", "RecordRelations", arrest())
    bus.say(f"{key}/intake", "RecordRelations", arrest(2))
    bus.say(f"{key}/identify", "RecordIdentities", resolved(2))
    bus.own(MemoryPartition())
    reasons = [message.value for message in bus.said("quarantine.v1")]
    assert [b"unsupported_association" in (each or b"") for each in reasons] == [True] + [False] * 3
    assert [b"key_mismatch" in (each or b"") for each in reasons] == [False, False, True, True]
    assert len(bus.said(ASSOCIATIONS)) == 4


def test_an_owners_tombstone_changes_nothing() -> None:
    desk = Desk()
    desk.remove("expunged", 1)
    states = dict(desk.states)
    assert desk.send(f"{record_key()}/intake".encode(), None).outcome == "tombstone"
    assert desk.states == states


def test_with_the_owners_tombstone_the_names_of_its_mentions_go_too() -> None:
    """R-25: the key of an identity holds a local id, which the department chose."""
    desk, key = Desk(), f"{record_key()}/intake".encode()
    desk.intake(arrest())
    desk.identify(resolved())
    names = sorted(desk.board[IDENTITIES])
    desk.remove("expunged", 2)
    assert {each["entity_id"] for each in desk.board[IDENTITIES].values()} == {None}
    desk.restart()
    gone = desk.send(key, None)
    assert [(o.topic, o.key.decode(), o.value) for o in gone.outputs] == [
        (IDENTITIES, name, None) for name in names
    ]
    assert not [
        state for state in desk.states.values() if names[0].partition(".")[2].encode() in state
    ]
    assert not desk.send(key, None).outputs, "once is enough"


def test_a_record_that_lives_again_keeps_its_identities() -> None:
    desk = Desk()
    for version in (1, 3):
        desk.intake(arrest(version))
        desk.identify(resolved(version))
        if version == 1:
            desk.remove("sealed", 2)
    assert not desk.send(f"{record_key()}/intake".encode(), None).outputs
    assert None not in {each["entity_id"] for each in desk.board[IDENTITIES].values()}


def test_a_tick_lets_idle_partitions_close_their_segments() -> None:
    desk = Desk(designations=True)
    rolled = [(out.topic, out.key, out.value) for out in desk.tick(DAY).outputs]
    topics = (IDENTITIES, ASSOCIATIONS, DESIGNATIONS)
    assert rolled == [(topic, b"tick/0", None) for topic in topics]
    assert [out.topic for out in Desk().tick(DAY).outputs] == [IDENTITIES, ASSOCIATIONS]


def test_the_stage_reads_and_writes_what_the_catalogue_says() -> None:
    stage = Desk().stage
    assert (stage.name, stage.sources) == ("associate", (RELATIONS,))
    assert stage.tables == {RELATIONS}
    specs = {spec.name: spec for spec in catalog.topics().specs}
    assert {name for name, spec in specs.items() if "associate" in spec.writers} == {
        ASSOCIATIONS, DESIGNATIONS, IDENTITIES, "quarantine.v1", changelog_topic("associate"),
    }  # fmt: skip
    assert "associate" in specs[RELATIONS].readers


def test_what_a_batch_said_is_counted() -> None:
    name, labels = "recordbus_association_updates_total", ("retracted", "expired")
    before = metrics.sample(name, status="retracted", reason="expired") or 0.0
    observe(Counter({Note("association", labels): 3}))
    assert metrics.sample(name, status="retracted", reason="expired") == before + 3


@settings(max_examples=200)
@given(
    st.sampled_from(["", "tick/0", "x", f"{record_key()}/intake", f"{record_key()}/identify"]),
    st.binary(max_size=60),
)
def test_no_bytes_whatever_stop_the_stage(key: str, value: bytes) -> None:
    bus = Partition()
    bus.broker.publish(RELATIONS, 0, key.encode(), value)
    bus.say(f"{record_key(2)}/intake", "RecordRelations", arrest(key=record_key(2)))
    tenure = bus.own(MemoryPartition())
    assert tenure.committed.next_offsets == {RELATIONS: 2}
