"""A worker over a simulated broker: assignments come and go, nothing is doubled or lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from recordbus import metrics
from recordbus.errors import Misconfigured
from streams.runtime.contract import Handled, Input, Note, Output, plain_stage
from streams.runtime.partition_loop import Pace
from streams.runtime.restore import Abandoned
from streams.runtime.store_memory import MemoryStore
from streams.runtime.tenure import Terms, changelog_topic
from streams.runtime.worker import Clients, StageWorker
from tests.simulator.broker import Broker, CommitFate, Producer, Reader
from tests.simulator.world import encode_quarantined

pytestmark = pytest.mark.asyncio
SOURCE, OUT = "in", "out"
PARTITIONS = 2


class Always:
    def loses_write(self) -> bool:
        return False

    def of_commit(self) -> CommitFate:
        return CommitFate.KNOWN


def handle(given: Input, state: bytes | None) -> Handled:
    if given.value == b"bad":
        raise ValueError
    count = b"%d" % (int(state or b"0") + 1)
    out = Output(OUT, given.key or b"", count, given.partition)
    return Handled(count, [out], notes=(Note("counted", ("x",)),))


class Rig:
    """A broker, and workers that come and go on it."""

    def __init__(self, directory: Path) -> None:
        self.broker = Broker(
            {SOURCE: PARTITIONS, OUT: PARTITIONS, changelog_topic("toy"): 2, "quarantine.v1": 1}
        )
        self.notes: Counter[Note] = Counter()
        self.failures: list[BaseException] = []
        self._directory = directory

    def worker(self, epoch: int = 0) -> StageWorker:
        stage = plain_stage("toy", [SOURCE], handle, observe=self.notes.update)
        terms = Terms(stage, encode_quarantined, epoch=epoch, department_of=lambda _t: "alpha")
        clients = Clients(
            lambda name: Producer(self.broker, name, Always()), lambda: Reader(self.broker)
        )
        return StageWorker(
            terms, clients, MemoryStore(), self._directory, Pace(0, 10), self.failures.append
        )

    def publish(self, *values: tuple[int, bytes, bytes]) -> None:
        for partition, key, value in values:
            self.broker.publish(SOURCE, partition, key, value)

    def said(self, partition: int) -> list[tuple[bytes | None, bytes | None]]:
        return [(m.key, m.value) for m in self.broker.log(OUT, partition).committed()]

    @asynccontextmanager
    async def tenure(self, worker: StageWorker, *active: int) -> AsyncIterator[dict[Any, int]]:
        offsets = dict(worker.begin(frozenset(active), lambda: False))
        worker.start()
        for (topic, partition), offset in offsets.items():
            worker.offer(partition, list(self.broker.log(topic, partition).committed(offset)))
        yield offsets
        await worker.stop()
        worker.give_up()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_a_worker_handles_its_partitions_and_says_what_may_be_acknowledged(rig: Rig) -> None:
    worker = rig.worker()
    rig.publish((0, b"a", b"1"), (0, b"a", b"2"), (1, b"b", b"1"))
    async with rig.tenure(worker, 0, 1):
        await until(lambda: worker.done == 3)
        assert worker.committed() == {(SOURCE, 0): 2, (SOURCE, 1): 1}
    assert rig.said(0) == [(b"a", b"1"), (b"a", b"2")]
    assert rig.said(1) == [(b"b", b"1")]
    assert rig.notes == {Note("counted", ("x",)): 3}
    assert worker.committed() == {}
    worker.close()


async def test_another_worker_goes_on_exactly_where_the_first_ended(rig: Rig) -> None:
    first, second = rig.worker(), rig.worker()
    rig.publish((0, b"a", b"1"))
    async with rig.tenure(first, 0):
        await until(lambda: first.done == 1)
    rig.publish((0, b"a", b"2"))
    async with rig.tenure(second, 0) as offsets:
        assert offsets == {(SOURCE, 0): 1}
        await until(lambda: second.done == 1)
    assert rig.said(0) == [(b"a", b"1"), (b"a", b"2")]
    first.close()
    second.close()


async def test_a_worker_that_lost_its_partition_commits_nothing_more(rig: Rig) -> None:
    zombie, owner = rig.worker(), rig.worker()
    async with rig.tenure(owner):
        zombie.begin(frozenset({0}), lambda: False)
        zombie.start()
        owner.begin(frozenset({0}), lambda: False)
        rig.publish((0, b"a", b"1"))
        zombie.offer(0, list(rig.broker.log(SOURCE, 0).committed()))
        await until(lambda: rig.failures)
    assert rig.said(0) == []
    assert zombie.committed() == {}
    with pytest.raises(Exception, match="fenced"):
        await zombie.stop()
    zombie.close()
    owner.close()


async def test_what_the_runtime_sets_aside_is_counted_by_department(rig: Rig) -> None:
    worker = rig.worker()
    name, labels = (
        "recordbus_quarantine_records_total",
        {"department": "alpha", "reason": "unhandled"},
    )
    before = metrics.sample(name, **labels) or 0
    rig.publish((0, b"a", b"bad"), (0, b"a", b"1"))
    async with rig.tenure(worker, 0):
        await until(lambda: worker.done == 2)
    assert metrics.sample(name, **labels) == before + 1
    assert rig.said(0) == [(b"a", b"1")]
    worker.close()


async def test_a_begin_that_is_not_wanted_holds_nothing(rig: Rig) -> None:
    worker = rig.worker()
    rig.publish((0, b"a", b"1"))
    async with rig.tenure(worker, 0):
        await until(lambda: worker.done == 1)
    with pytest.raises(Abandoned):
        rig.worker().begin(frozenset({0}), lambda: True)
    worker.close()


async def test_a_source_that_was_made_anew_is_refused(rig: Rig) -> None:
    worker = rig.worker()
    rig.publish((0, b"a", b"1"))
    async with rig.tenure(worker, 0):
        await until(lambda: worker.done == 1)
    rig.broker.logs[SOURCE, 0] = type(rig.broker.logs[SOURCE, 0])((SOURCE, 0))
    with pytest.raises(Misconfigured, match="made anew"):
        rig.worker().begin(frozenset({0}), lambda: False)
    worker.close()


async def test_a_new_epoch_reads_from_the_start_with_newer_versions(rig: Rig) -> None:
    first, second = rig.worker(), rig.worker(epoch=1)
    rig.publish((0, b"a", b"1"))
    async with rig.tenure(first, 0):
        await until(lambda: first.done == 1)
    async with rig.tenure(second, 0) as offsets:
        assert offsets == {(SOURCE, 0): 0}
        await until(lambda: second.done == 1)
    versions = [dict(m.headers)["version"] for m in rig.broker.log(OUT, 0).committed()]
    assert versions == sorted(set(versions))
    with pytest.raises(Misconfigured, match="EPOCH to 1"):
        rig.worker().begin(frozenset({0}), lambda: False)
    first.close()
    second.close()


async def test_messages_deleted_before_they_were_handled_are_passed_over(rig: Rig) -> None:
    rig.publish((0, b"a", b"1"), (0, b"a", b"2"))
    worker = rig.worker()
    async with rig.tenure(worker, 0):
        await until(lambda: worker.done == 2)
    rig.publish((0, b"a", b"3"), (0, b"a", b"4"))
    rig.broker.log(SOURCE, 0).delete_records(3)
    async with rig.tenure(worker, 0) as offsets:
        assert offsets == {(SOURCE, 0): 3}
        await until(lambda: worker.done == 3)
    worker.close()
