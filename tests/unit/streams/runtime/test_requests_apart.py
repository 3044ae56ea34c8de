"""Requests are as far apart as batches, but who is behind never waits for more."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition  # type: ignore[import-untyped]

from streams.runtime.requests_apart import RequestsApart

pytestmark = pytest.mark.asyncio

NODE, OTHER_NODE = 1, 2
APART = 0.1
REQUEST: Any = SimpleNamespace(topics=[("busy", [(0, 40, 1000)]), ("idle", [(0, 7, 1000)])])


class Driver:
    """The driver's side: a clock that only sleeping moves, and the requests that were made."""

    def __init__(self, ends: dict[tuple[str, int], int | None]) -> None:
        self.now = 100.0
        self.asked_at: list[float] = []
        self.is_active = True
        self._ends = {TopicPartition(*at): end for at, end in ends.items()}
        self.apart = RequestsApart(self._ask, lambda: APART, lambda: self.now, self._sleep)

    async def request(self, node: int = NODE) -> bool:
        """Make the next request."""
        return await self.apart(self, node, REQUEST)

    @property
    def active(self) -> bool:
        return self.is_active

    def state_value(self, at: tuple[str, int]) -> Any:
        """Give what the last answer said of a partition."""
        return SimpleNamespace(lso=self._ends[TopicPartition(*at)])

    async def _ask(self, _assignment: Any, _node: int, _request: Any) -> bool:
        self.asked_at.append(self.now)
        return True

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds


def read_to_the_end() -> Driver:
    return Driver({("busy", 0): 40, ("idle", 0): None})


async def test_the_next_request_brings_what_came_meanwhile() -> None:
    driver = read_to_the_end()
    assert await driver.request()
    driver.now += 0.03
    assert await driver.request()
    assert driver.asked_at == [100.0, 100.0 + APART]


async def test_after_a_quiet_time_nothing_waits() -> None:
    driver = read_to_the_end()
    await driver.request()
    driver.now += 3 * APART
    await driver.request()
    assert driver.asked_at == [100.0, 100.0 + 3 * APART]


async def test_another_node_is_asked_on_its_own() -> None:
    driver = read_to_the_end()
    await driver.request()
    await driver.request(OTHER_NODE)
    assert driver.asked_at == [100.0, 100.0]


async def test_who_is_behind_asks_at_once() -> None:
    driver = Driver({("busy", 0): 41, ("idle", 0): 7})
    await driver.request()
    await driver.request()
    assert driver.asked_at == [100.0, 100.0]


async def test_nothing_is_asked_for_partitions_that_went_to_another() -> None:
    driver = read_to_the_end()
    await driver.request()
    driver.is_active = False
    assert not await driver.request()
    assert len(driver.asked_at) == 1


async def test_a_request_that_is_called_off_while_it_waits_ends_quietly() -> None:
    driver = read_to_the_end()
    await driver.request()
    driver.apart = RequestsApart(driver._ask, lambda: 3600.0, lambda: driver.now)
    await driver.request()
    waiting = asyncio.create_task(driver.request())
    await asyncio.sleep(0)
    waiting.cancel()
    assert await waiting is False
