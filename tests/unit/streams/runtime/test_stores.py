"""One contract for both stores: all or nothing, and the offset moves with the values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus.errors import Misconfigured
from streams.runtime.store import StateStore
from streams.runtime.store_memory import MemoryStore
from streams.runtime.store_rocksdb import RocksStore

Make = Callable[[], StateStore]


@pytest.fixture(params=["memory", "rocksdb"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    made: list[StateStore] = []

    def new() -> StateStore:
        made.append(MemoryStore() if request.param == "memory" else RocksStore(tmp_path))
        return made[-1]

    yield new
    for store in made:
        store.close()


def test_a_new_partition_is_empty(make: Make) -> None:
    partition = make().partition(0)
    assert partition.get(b"k") is None
    assert partition.resume_offset() is None
    assert list(partition.items()) == []


def test_values_and_offset_are_there_after_apply(make: Make) -> None:
    partition = make().partition(0)
    partition.apply({b"a": b"1", b"b": b"2"}, 7)
    partition.apply({b"a": b"3", b"b": None, b"missing": None}, 9)
    assert partition.get(b"a") == b"3"
    assert partition.get(b"b") is None
    assert dict(partition.items()) == {b"a": b"3"}
    assert partition.resume_offset() == 9


def test_partitions_are_apart(make: Make) -> None:
    store = make()
    store.partition(0).apply({b"k": b"0"}, 1)
    store.partition(1).apply({b"k": b"1"}, 2)
    assert store.partition(0).get(b"k") == b"0"
    assert store.partition(1).resume_offset() == 2


def test_a_wiped_partition_is_as_new(make: Make) -> None:
    partition = make().partition(0)
    partition.apply({b"k": b"v"}, 1)
    partition.wipe()
    assert partition.get(b"k") is None
    assert partition.resume_offset() is None
    partition.apply({b"k": b"w"}, 1)
    assert partition.get(b"k") == b"w"


def test_what_is_let_go_is_brought_up_to_date_from_its_own_offset(make: Make) -> None:
    store = make()
    store.partition(0).apply({b"k": b"v"}, 5)
    store.partition(1).apply({b"k": b"v"}, 5)
    store.keep_only(frozenset({1}))
    again = store.partition(0)
    assert (again.get(b"k"), again.resume_offset()) in [(None, None), (b"v", 5)]
    assert store.partition(1).get(b"k") == b"v"


changes = st.dictionaries(st.binary(min_size=1, max_size=3), st.none() | st.binary(max_size=5))


@settings(max_examples=30)
@given(st.lists(changes, max_size=6))
def test_both_stores_hold_the_same(
    tmp_path_factory: pytest.TempPathFactory, runs: list[dict[bytes, bytes | None]]
) -> None:
    memory, rocks = MemoryStore(), RocksStore(tmp_path_factory.mktemp("rocks"))
    for offset, run in enumerate(runs):
        for store in (memory, rocks):
            store.partition(0).apply(run, offset)
    assert dict(memory.partition(0).items()) == dict(rocks.partition(0).items())
    assert memory.partition(0).resume_offset() == rocks.partition(0).resume_offset()
    rocks.close()


def test_rocksdb_keeps_its_values_over_a_restart(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    store.partition(3).apply({b"k": b"v"}, 11)
    store.close()
    again = RocksStore(tmp_path)
    assert again.partition(3).get(b"k") == b"v"
    assert again.partition(3).resume_offset() == 11
    again.close()


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    first, second = RocksStore(tmp_path), RocksStore(tmp_path)
    first.partition(0)
    with pytest.raises(Misconfigured, match="STATE_DIRECTORY"):
        second.partition(0)
    first.close()


def test_an_unreadable_directory_is_made_anew(tmp_path: Path) -> None:
    store = RocksStore(tmp_path)
    store.partition(0).apply({b"k": b"v"}, 1)
    store.close()
    (tmp_path / "0" / "CURRENT").write_text("nonsense")
    again = RocksStore(tmp_path)
    assert again.partition(0).resume_offset() is None
    again.close()


def test_r25_what_was_removed_leaves_the_files_and_what_stays_is_still_there(
    tmp_path: Path,
) -> None:
    store = RocksStore(tmp_path)
    partition = store.partition(0)
    partition.apply({b"gone": b"canary-removed", b"new": b"canary-overwritten"}, 1)
    partition.erase()
    partition.apply({b"gone": None, b"new": b"kept"}, 2)
    assert b"canary" in _every_byte(tmp_path), "the scan sees nothing"

    partition.erase()

    assert b"canary" not in _every_byte(tmp_path)
    assert (partition.get(b"gone"), partition.get(b"new")) == (None, b"kept")
    partition.wipe()
    partition.erase()
    store.close()
    partition.erase()


def test_the_files_are_rewritten_again_and_again_until_the_store_is_closed(tmp_path: Path) -> None:
    store = RocksStore(tmp_path, erase_seconds=0.01)
    partition = store.partition(0)
    for number in range(2):
        partition.apply({b"key": b"canary-%d" % number}, number)
        partition.apply({b"key": b"kept"}, number)
        deadline = time.monotonic() + 30
        while b"canary" in _every_byte(tmp_path):
            assert time.monotonic() < deadline
    store.close()


def _every_byte(directory: Path) -> bytes:
    found = b""
    for path in directory.rglob("*"):
        with suppress(FileNotFoundError):  # it was replaced meanwhile
            found += path.read_bytes() if path.is_file() else b""
    return found
