"""Meet as a stage: its topics, its tenure of a partition, and what it leaves in quarantine."""

from __future__ import annotations

import pytest

from schemas import catalog
from streams.meet.entries import MEETINGS
from streams.meet.handle import VERDICTS
from streams.meet.offer import removal
from streams.meet.testing import Desk, read
from streams.runtime.contract import Quarantine
from streams.runtime.store import PartitionStore
from streams.runtime.store_memory import MemoryPartition
from streams.runtime.tenure import Tenure, Terms, changelog_topic, transactional_id
from tests.simulator.broker import Broker, CommitFate, Message, Producer, Reader
from tests.simulator.world import encode_quarantined
from tests.unit.streams.meet.meeting_bundles import bundle, key


class Luck:
    """Every write and every commit succeeds."""

    def loses_write(self) -> bool:
        return False

    def of_commit(self) -> CommitFate:
        return CommitFate.KNOWN


class Partition:
    """A broker, and owners of meet's one partition that succeed each other."""

    def __init__(self) -> None:
        self.desk = Desk()
        topics = (MEETINGS, VERDICTS, "quarantine.v1", changelog_topic("meet"))
        self.broker = Broker(dict.fromkeys(topics, 1))

    def say(self, number: int, value: bytes | None) -> None:
        self.broker.publish(MEETINGS, 0, key(number).encode(), value)

    def own(self, store: PartitionStore) -> None:
        """Let a new owner take the partition and handle all that waits."""
        writer = Producer(self.broker, transactional_id("meet", 0), Luck())
        tenure = Tenure(Terms(self.desk.stage, encode_quarantined), 0, store, writer)
        tenure.begin(Reader(self.broker))
        start = tenure.committed.next_offsets.get(MEETINGS, 0)
        messages = list(self.broker.log(MEETINGS, 0).committed(start))
        if messages:
            tenure.write(tenure.handle(messages))
            tenure.commit()
            tenure.settle()

    def said(self, topic: str) -> list[Message]:
        return [m for m in self.broker.log(topic, 0).committed() if m.value is not None]


@pytest.mark.parametrize("keeps", [True, False], ids=["its store", "the changelog alone"])
def test_a_new_owner_goes_on_where_the_last_one_was(keeps: bool) -> None:
    bus, store = Partition(), MemoryPartition()
    for number in range(1, 4):
        bus.say(number, bus.desk.writer.bundle(bundle(number)))
        bus.own(store)
        if not keeps:
            store.wipe()
    bus.say(1, bus.desk.writer.removed(removal(key(1), 9, 0, [], "expunged")))
    bus.own(store)
    board = {m.key.decode(): read(m.value or b"") for m in bus.said(VERDICTS) if m.key}
    name, third = board[f"{key(3)}/0"]
    assert name == "RecordEvidence"
    assert {pair["other"].partition(".")[0] for pair in third["pairs"]} == {key(2)}
    assert board[f"{key(1)}/0"][0] == "EvidenceRemoved"
    assert bus.said("quarantine.v1") == []


def test_what_cannot_be_read_leaves_nothing_of_anybody_in_quarantine() -> None:
    """R-25: no removal would find the bytes of a bundle there."""
    bus = Partition()
    cut = bus.desk.writer.bundle(bundle(1))[:-9]
    bus.say(1, cut)
    bus.say(2, bus.desk.writer.bundle(bundle(2)))
    bus.own(MemoryPartition())
    (aside,) = bus.said("quarantine.v1")
    assert b"not_decodable" in (aside.value or b"")
    assert bundle(1)["people"][0]["names"][0]["surname"].encode() not in (aside.value or b"")
    assert [m.key for m in bus.said(VERDICTS) if m.key] == [f"{key(2)}/0".encode()]
    refused = bus.desk.stage.set_aside(bus.desk.message(b"k", cut), None, Quarantine("too_large"))
    assert refused.quarantined == Quarantine("too_large", keep_value=False)


def test_the_stage_reads_and_writes_what_the_catalogue_says() -> None:
    stage = Desk().stage
    reads = frozenset({MEETINGS})
    assert (stage.name, stage.sources, stage.tables) == ("meet", (MEETINGS,), reads)
    specs = {spec.name: spec for spec in catalog.topics().specs}
    written = {name for name, spec in specs.items() if "meet" in spec.writers}
    assert written == {VERDICTS, changelog_topic("meet")}
    assert {name for name, spec in specs.items() if "meet" in spec.readers} == {
        MEETINGS,
        changelog_topic("meet"),
    }
