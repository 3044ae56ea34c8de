"""What a restore brings back: committed values only, and a store that does not match is wiped."""

from __future__ import annotations

import pytest

from streams.runtime.envelope import POSITION_KEY, Positions, seal, seal_positions, unseal
from streams.runtime.restore import Abandoned, restore, stored_positions
from streams.runtime.standby import Standby
from streams.runtime.store_memory import MemoryPartition, MemoryStore
from tests.simulator.broker import Broker, CommitFate, Producer, Reader

CHANGELOG = ("changelog", 0)


class Always:
    def loses_write(self) -> bool:
        return False

    def of_commit(self) -> CommitFate:
        return CommitFate.KNOWN


class Changelog:
    """A changelog that one owner writes."""

    def __init__(self) -> None:
        self.broker = Broker({"changelog": 1})
        self.owner = Producer(self.broker, "id", Always())
        self.owner.init()
        self.epoch = 0
        self.sequence = -1

    def put(self, values: dict[bytes, bytes], *, commit: bool = True) -> None:
        self.sequence += 1
        self.owner.begin()
        for key, value in values.items():
            self.owner.produce("changelog", key, seal(self.sequence, value), 0)
        position = seal_positions(Positions(self.epoch, self.sequence, {"in": self.sequence + 1}))
        self.owner.produce("changelog", POSITION_KEY, position, 0)
        if commit:
            self.owner.commit()

    def restored(self, store: MemoryPartition) -> int:
        return restore(Reader(self.broker), store, CHANGELOG).records


def value(store: MemoryPartition, key: bytes) -> bytes | None:
    sealed = store.get(key)
    return None if sealed is None else unseal(sealed).payload


def test_an_empty_changelog_restores_nothing() -> None:
    store = MemoryPartition()
    assert Changelog().restored(store) == 0
    assert stored_positions(store).next_offsets == {}


def test_the_newest_committed_value_of_each_key_comes_back() -> None:
    log, store = Changelog(), MemoryPartition()
    log.put({b"a": b"1", b"b": b"1"})
    log.put({b"a": b"2"})
    log.put({b"a": b"never"}, commit=False)
    assert log.restored(store) == 5
    assert value(store, b"a") == b"2"
    assert value(store, b"b") == b"1"
    assert stored_positions(store).next_offsets == {"in": 2}


def test_a_store_that_matches_reads_the_rest_only() -> None:
    log, store = Changelog(), MemoryPartition()
    for n in range(10):
        log.put({b"%d" % n: b"v"})
    log.restored(store)
    log.put({b"new": b"v"})
    assert log.restored(store) == 3  # its last position again, and the new transaction
    assert value(store, b"0") == b"v"
    assert value(store, b"new") == b"v"


def test_a_store_that_matches_may_read_a_compacted_changelog() -> None:
    log, store = Changelog(), MemoryPartition()
    log.put({b"a": b"1"})
    log.restored(store)
    for n in range(5):
        log.put({b"a": b"%d" % n})
    log.broker.logs[CHANGELOG].compact()
    log.restored(store)
    assert value(store, b"a") == b"4"


@pytest.mark.parametrize("resume", [0, 3, 99])
def test_a_store_of_another_changelog_is_wiped(resume: int) -> None:
    log, store = Changelog(), MemoryPartition()
    log.put({b"a": b"1"})
    foreign = seal_positions(Positions(0, 500, {"in": 501}))
    store.apply({b"foreign": seal(1, b"x"), POSITION_KEY: foreign}, resume)
    log.restored(store)
    assert value(store, b"foreign") is None
    assert value(store, b"a") == b"1"


def test_a_store_of_an_earlier_epoch_is_read_again_from_the_start() -> None:
    """Its changelog may have been made anew, and be longer already than the store had read."""
    store = MemoryPartition()
    old = seal_positions(Positions(0, 1, {"in": 2}))
    store.apply({b"gone": seal(1, b"x"), POSITION_KEY: old}, 2)
    log = Changelog()
    log.epoch = 1
    for n in range(3):
        log.put({b"%d" % n: b"v"})
    log.restored(store)
    assert value(store, b"gone") is None
    assert [value(store, b"%d" % n) for n in range(3)] == [b"v"] * 3


def test_a_restore_that_is_not_wanted_any_more_is_abandoned() -> None:
    log = Changelog()
    log.put({b"a": b"1"})
    with pytest.raises(Abandoned):
        restore(Reader(log.broker), MemoryPartition(), CHANGELOG, lambda: True)


def test_a_standby_follows_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.runtime.standby._LOOK_AGAIN_SECONDS", 0.001)
    log, store = Changelog(), MemoryStore()
    log.put({b"a": b"1"})
    standby = Standby(lambda: Reader(log.broker), store, "changelog")
    standby.start([0])
    _until(lambda: value(store.partition(0), b"a") == b"1")
    log.put({b"a": b"2"})
    _until(lambda: value(store.partition(0), b"a") == b"2")
    standby.stop()
    log.put({b"a": b"3"})
    assert value(store.partition(0), b"a") == b"2"
    assert log.restored(store.partition(0)) == 3


def test_a_standby_of_nothing_has_no_thread() -> None:
    standby = Standby(lambda: Reader(Broker({})), MemoryStore(), "changelog")
    standby.start([])
    standby.stop()


def _until(condition: object) -> None:
    assert callable(condition)
    while not condition():
        pass
