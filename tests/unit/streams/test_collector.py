"""The collector's pauses stay short, and what a stage derives does not need it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from bench.chain import Chain, Room
from bench.county import county
from bench.intake_handle import TOPIC
from recordbus.testing import records
from streams.collector import _LOOKS, MOST_AT_ONCE, MOST_PAUSE_SECONDS, Collector

MOMENT_MS = int(records.MOMENT.timestamp() * 1000)


class Node:
    """Something that may be in a cycle."""

    def __init__(self) -> None:
        self.other: Node | None = None


class Ticking:
    """A clock by which every look takes so long."""

    def __init__(self, seconds: float) -> None:
        self.now, self._seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self._seconds
        return self.now


@pytest.fixture(autouse=True)
def _collecting_as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def cycle() -> weakref.ref[Node]:
    node = Node()
    node.other = Node()
    node.other.other = node
    return weakref.ref(node)


def is_looked_at(held: object) -> bool:
    return any(each is held for each in gc.get_objects())


def test_a_cycle_is_found_as_soon_as_somebody_looks() -> None:
    collector = Collector()
    gone = cycle()

    collector.tend()

    assert gone() is None


def test_a_cycle_that_was_still_needed_is_found_when_it_is_looked_at_again() -> None:
    collector = Collector(Ticking(0.0))
    node = Node()
    node.other, gone = node, weakref.ref(node)
    collector.tend()
    del node

    for _ in range(_LOOKS):
        collector.tend()

    assert gone() is None


def test_what_came_to_stay_is_looked_at_twice_and_never_again() -> None:
    collector = Collector(Ticking(0.0))
    held = Node()

    for _ in range(_LOOKS):
        assert is_looked_at(held)
        collector.tend()

    assert not is_looked_at(held)


def test_nothing_is_looked_at_again_that_would_take_too_long() -> None:
    collector = Collector(Ticking(MOST_PAUSE_SECONDS * 0.6))
    held = Node()

    collector.tend()
    assert is_looked_at(held)
    collector.tend()

    assert not is_looked_at(held)
    assert collector.longest_seconds == pytest.approx(MOST_PAUSE_SECONDS * 0.6)


def test_a_state_that_was_restored_at_once_is_not_looked_at_at_all() -> None:
    collector = Collector()
    first, restored = cycle(), [Node() for _ in range(MOST_AT_ONCE + 1)]

    collector.tend()

    assert not is_looked_at(restored)
    assert first() is not None, "it came with the state"


def test_a_stage_that_is_given_up_leaves_none_of_its_values_for_the_collector() -> None:
    chain = Chain({records.DEPARTMENT: records.ORI})
    chain.feed(county(60, chain.registry.id_of(f"{TOPIC}-value")), MOMENT_MS)
    gc.collect()
    gc.disable()
    for name, room in chain.rooms.items():
        assert room.values
        left = _left_by_the_machine_of(room)
        assert left == _left_by_the_machine_of(room), f"{name} that never had a value"


def _left_by_the_machine_of(room: Room) -> int:
    room.machine = room.stage.machine(0)
    return gc.collect()
