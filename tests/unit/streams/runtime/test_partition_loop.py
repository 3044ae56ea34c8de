"""The loop around a tenure: pace, pipelining, pauses, and an end that acknowledges nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from recordbus.errors import Retryable
from streams.runtime.effects import Batch, LogMessage
from streams.runtime.partition_loop import Hooks, Pace, PartitionLoop, spans_of
from tests.unit.streams.runtime.inputs import message

pytestmark = pytest.mark.asyncio


class FakeTenure:
    """Takes batches, and commits when it is allowed to."""

    partition = 0

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.sizes: list[int] = []
        self.offsets: list[int] = []
        self.commit_allowed = threading.Event()
        self.commit_allowed.set()
        self.commit_error: Exception | None = None
        self.away = 0
        self.settled = 0

    def handle(self, given: Iterable[LogMessage], batch: Batch | None) -> Batch:
        messages = list(given)
        self.offsets += [each.offset for each in messages]
        self.steps.append("handle" if batch is None else "grow")
        batch = batch or Batch()
        batch.taken = len(messages)
        batch.handled += len(messages)
        if self.away and len(messages) > 1:
            self.away -= 1
            batch.taken = batch.handled = 1
            batch.blocked = Retryable("away")
        self.sizes.append(batch.taken)
        return batch

    def write(self, batch: Batch) -> None:
        self.steps.append("write")

    def commit(self) -> None:
        self.commit_allowed.wait()
        if self.commit_error is not None:
            raise self.commit_error
        self.steps.append("commit")

    def settle(self) -> Batch:
        self.steps.append("settle")
        self.settled += 1
        return Batch()


class Rig:
    """A loop over a fake tenure, and what it told."""

    def __init__(self, pace: Pace) -> None:
        self.tenure = FakeTenure()
        self.began: list[Mapping[str, tuple[int, int]]] = []
        self.failures: list[BaseException] = []
        self.settled = 0
        self.executor = ThreadPoolExecutor(1)
        hooks = Hooks(
            lambda _p, spans: self.began.append(spans), self._settled, self.failures.append
        )
        self.loop = PartitionLoop(self.tenure, pace, self.executor, hooks)

    def _settled(self, partition: int, batch: Batch, seconds: float) -> None:
        assert seconds >= 0
        self.settled += 1

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0)

    async def stop(self) -> None:
        await self.loop.stop()
        self.executor.shutdown()


def rig(gather_seconds: float = 0.0, batch_max_events: int = 10, grow_seconds: float = 60.0) -> Rig:
    return Rig(Pace(gather_seconds, batch_max_events, grow_seconds))


async def test_every_batch_goes_through_all_steps_in_order() -> None:
    one = rig()
    one.loop.start()
    one.loop.offer([message(n) for n in range(3)])
    await one.until(lambda: one.settled == 1)
    assert one.tenure.steps == ["handle", "write", "commit", "settle"]
    assert one.began == [{"ingest.alpha.v1": (0, 2)}]
    await one.stop()


async def test_the_next_batch_is_handled_and_grows_while_one_is_committed() -> None:
    one = rig(batch_max_events=2)
    one.tenure.commit_allowed.clear()
    one.loop.offer([message(n) for n in range(6)])
    one.loop.start()
    await one.until(lambda: len(one.tenure.steps) == 4)
    assert one.tenure.steps == ["handle", "grow", "grow", "write"]
    one.loop.offer([message(n) for n in range(6, 9)])
    await one.until(lambda: len(one.tenure.steps) == 6)
    assert one.tenure.steps[4:] == ["handle", "grow"]
    one.tenure.commit_allowed.set()
    await one.until(lambda: one.settled == 2)
    assert one.tenure.steps[6:] == ["commit", "settle", "write", "commit", "settle"]
    await one.stop()


async def test_a_batch_does_not_grow_for_ever() -> None:
    one = rig(batch_max_events=2)
    one.tenure.commit_allowed.clear()
    one.loop.offer([message(n) for n in range(40)])
    one.loop.start()
    await one.until(lambda: len(one.tenure.steps) == 9)
    for _ in range(50):
        await asyncio.sleep(0)
    grown = ["handle", "grow", "grow", "grow"]
    assert one.tenure.steps == [*grown, "write", *grown]
    one.tenure.commit_allowed.set()
    await one.until(lambda: sum(one.tenure.sizes) == 40)
    await one.stop()


async def test_a_batch_that_took_long_is_committed_though_much_waits() -> None:
    one = rig(batch_max_events=2, grow_seconds=0.0)
    one.loop.offer([message(n) for n in range(6)])
    one.loop.start()
    await one.until(lambda: one.settled > 0)
    assert one.tenure.steps[:2] == ["handle", "write"]
    await one.until(lambda: sum(one.tenure.sizes) == 6)
    await one.stop()


async def test_a_batch_ends_with_its_turn_and_the_rest_keeps_its_place() -> None:
    one = Rig(Pace(0.0, 10, turn_seconds=0.0))
    one.loop.offer([message(n) for n in range(5)])
    one.loop.start()
    await one.until(lambda: len(one.tenure.offsets) == 5)
    await one.stop()
    assert one.tenure.sizes == [1] * 5
    assert one.tenure.offsets == [*range(5)]


async def test_others_have_their_turn_while_a_batch_grows_beside_a_commit() -> None:
    one = Rig(Pace(0.0, 10, turn_seconds=0.0))
    one.tenure.commit_allowed.clear()
    one.loop.offer([message(n) for n in range(8)])
    one.loop.start()
    seen: set[int] = set()

    def are_all_handled() -> bool:
        seen.add(len(one.tenure.offsets))
        return max(seen) == 8

    await one.until(are_all_handled)
    assert len(seen) > 4, "somebody looked between the messages"
    assert one.tenure.steps[:3] == ["handle", "write", "handle"]
    one.tenure.commit_allowed.set()
    await one.until(lambda: one.settled == 2)
    assert one.tenure.offsets == [*range(8)]
    await one.stop()


async def test_who_is_not_behind_commits_what_there_is() -> None:
    one = rig(batch_max_events=4)
    one.loop.offer([message(n) for n in range(6)])
    one.loop.start()
    await one.until(lambda: one.settled == 2)
    assert one.tenure.sizes == [4, 2]
    assert one.tenure.steps.count("write") == 2
    await one.stop()


async def test_a_batch_that_is_not_full_waits_for_the_pace() -> None:
    one = rig(gather_seconds=3600, batch_max_events=4)
    one.loop.start()
    one.loop.offer([message(0)])
    await one.until(lambda: one.settled == 1)
    one.loop.offer([message(1)])
    for _ in range(50):
        await asyncio.sleep(0)
    assert one.settled == 1
    one.loop.offer([message(n) for n in range(2, 5)])
    await one.stop()
    assert one.tenure.sizes == [1]


@pytest.mark.parametrize(
    ("commit_seconds", "apart"), [(0.0, 0.02), (0.004, 0.02), (0.01, 0.05), (3.0, 0.1)]
)
async def test_batches_are_further_apart_where_commits_are_slow(
    commit_seconds: float, apart: float
) -> None:
    assert Pace(0.02).seconds_apart(commit_seconds) == pytest.approx(apart)
    assert Pace(0.0).seconds_apart(commit_seconds) == 0.0


async def test_a_loop_learns_how_long_commits_take() -> None:
    one = rig(gather_seconds=0.001)
    one.loop.start()
    one.tenure.commit_allowed.clear()
    one.loop.offer([message(0)])
    await one.until(lambda: "write" in one.tenure.steps)
    began = asyncio.get_running_loop().time()
    await one.until(lambda: asyncio.get_running_loop().time() - began > 0.05)
    one.tenure.commit_allowed.set()
    await one.until(lambda: one.settled == 1)
    assert one.loop.commit_seconds >= 0.01
    await one.stop()


async def test_a_full_batch_does_not_wait_for_the_pace() -> None:
    one = rig(gather_seconds=3600, batch_max_events=4)
    one.loop.start()
    for first in (0, 4):
        one.loop.offer([message(n) for n in range(first, first + 4)])
        await one.until(lambda: one.settled == first // 4 + 1)  # noqa: B023
    await one.stop()


async def test_what_is_blocked_is_tried_again_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streams.runtime.partition_loop._FIRST_PAUSE_SECONDS", 0.001)
    one = rig()
    one.loop._pause_seconds = 0.001
    one.tenure.away = 3
    one.loop.offer([message(n) for n in range(8)])
    one.loop.start()
    await one.until(lambda: sum(one.tenure.sizes) == 8 and one.settled == 4)
    assert one.tenure.sizes == [1, 1, 1, 5]
    assert not one.loop.is_paused
    await one.stop()


async def test_a_pause_ends_when_the_loop_is_stopped() -> None:
    one = rig()
    one.loop._pause_seconds = 3600
    one.tenure.away = 1
    one.loop.offer([message(n) for n in range(8)])
    one.loop.start()
    await one.until(lambda: one.loop.is_paused)
    await one.stop()
    assert one.settled == 1


async def test_a_failed_commit_ends_the_loop_and_settles_nothing() -> None:
    one = rig(batch_max_events=2)
    one.tenure.commit_error = Retryable("fenced")
    one.loop.offer([message(n) for n in range(6)])
    one.loop.start()
    await one.until(lambda: one.failures)
    assert str(one.failures[0]) == "fenced"
    assert one.tenure.settled == 0
    with pytest.raises(Retryable):
        await one.loop.stop()
    one.executor.shutdown()


async def test_stopping_finishes_what_was_handled_and_drops_the_rest() -> None:
    one = rig(batch_max_events=2)
    one.tenure.commit_allowed.clear()
    one.loop.offer([message(n) for n in range(40)])
    one.loop.start()
    await one.until(lambda: len(one.tenure.steps) == 9)
    stopping = asyncio.get_running_loop().create_task(one.loop.stop())
    await asyncio.sleep(0)
    one.tenure.commit_allowed.set()
    await stopping
    assert one.settled == 2
    assert one.tenure.sizes == [2] * 8
    one.executor.shutdown()


async def test_fetching_pauses_while_the_buffer_is_full() -> None:
    one = rig(batch_max_events=2)
    rooms = [one.loop.has_room]
    one.loop.offer([message(n) for n in range(12)])
    rooms.append(one.loop.has_room)
    assert rooms == [True, False]
    assert one.loop.backlog() == {"ingest.alpha.v1": 12}
    assert one.loop.oldest_timestamp_ms == 1000
    one.executor.shutdown()


async def test_spans_name_the_first_and_last_offset_of_each_topic() -> None:
    messages = [message(5), message(6), message(1, topic="other"), message(9)]
    assert spans_of(messages) == {"ingest.alpha.v1": (5, 9), "other": (1, 1)}
