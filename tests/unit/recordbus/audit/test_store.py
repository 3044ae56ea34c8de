"""The log on disk: what was acknowledged is there, whatever happens (R-39; F8, F11, F12)."""

from __future__ import annotations

import errno
import random
from contextlib import suppress
from pathlib import Path

import pytest

from recordbus import crashpoints
from recordbus.audit.crash import NAMES
from recordbus.audit.layout import MARK, entries_file
from recordbus.audit.mark import SLOT_BYTES
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.openings import sealed_openings
from recordbus.audit.reader import leaves, read_mark
from recordbus.audit.salvage import Damaged
from recordbus.audit.store import Store
from recordbus.testing.audit import entries_in
from tests.unit.recordbus.audit.conftest import SEALER, entry, filled
from tests.unit.recordbus.audit.failing_disk import FailingDisk, PowerLoss


def ids(directory: Path) -> list[str]:
    return [each["entry_id"] for each in entries_in(directory)]


def test_entries_come_back_in_order_with_their_receipts(store: Store) -> None:
    receipts = [*store.commit([entry(0), entry(1)], 2), *store.commit([entry(2)], 2)]

    assert [each.sequence for each in receipts] == [0, 1, 2]
    stored = list(leaves(store.directory, read_mark(store.directory)))
    assert [leaf_hash(each) for each in stored] == [each.leaf_hash for each in receipts]
    assert [each["sequence"] for each in entries_in(store.directory)] == [0, 1, 2]


def test_two_stores_take_turns_over_many_segments(tmp_path: Path) -> None:
    one, other = (Store(tmp_path, SEALER, segment_bytes=2000) for _ in range(2))
    for number in range(60):
        (one, other)[number % 2].commit([entry(number)], 2)

    assert ids(tmp_path) == [f"id-{number}" for number in range(60)]
    assert len(list((tmp_path / "entries").glob("*.log"))) > 5
    assert [each.sequence for _, each in sealed_openings(tmp_path, read_mark(tmp_path))] == [
        *range(60)
    ]
    one.close()
    other.close()


@pytest.mark.parametrize("seed", range(40))
def test_a_power_loss_at_any_step_loses_nothing_acknowledged(tmp_path: Path, seed: int) -> None:
    """Twice per log: what comes after a loss must survive the next one too."""
    chance, acknowledged, number = random.Random(seed), [], 0
    for _ in range(2):
        disk, left = FailingDisk(), chance.randint(3, 45)

        def count_down(what: str, path: Path) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise PowerLoss

        disk.before = count_down
        store = Store(tmp_path / "audit", SEALER, files=disk, segment_bytes=1500)
        with suppress(PowerLoss):
            while True:
                batch = [entry(number + n) for n in range(chance.randint(1, 3))]
                number += len(batch)
                store.commit(batch, 2)
                acknowledged += [each.entry_id for each in batch]
        disk.lose_power(chance)

    after = Store(tmp_path / "audit", SEALER, segment_bytes=1500)
    after.commit([entry(number)], 2)
    after.close()
    found = ids(tmp_path / "audit")
    assert [each for each in found if each in set(acknowledged)] == acknowledged
    assert found[-1] == f"id-{number}"
    assert [each["sequence"] for each in entries_in(tmp_path / "audit")] == [*range(len(found))]


@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_each_crash_point_keeps_what_was_acknowledged(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path, SEALER)
    store.commit([entry(0)], 2)

    def end(visited: str) -> None:
        if visited == name:
            raise PowerLoss

    crashpoints.arm(end)
    try:
        with pytest.raises(PowerLoss):
            store.commit([entry(1)], 2)
    finally:
        crashpoints.arm(None)

    after = Store(tmp_path, SEALER)
    after.commit([entry(2)], 2)
    assert ids(tmp_path) in (["id-0", "id-2"], ["id-0", "id-1", "id-2"])


@pytest.mark.parametrize(("what", "code"), [("write", errno.ENOSPC), ("sync", errno.EIO)])
@pytest.mark.parametrize("folder", ["entries", "openings"])
def test_a_disk_that_fails_fails_the_entry_and_recovers_by_itself(
    tmp_path: Path, what: str, code: int, folder: str
) -> None:
    disk = FailingDisk()
    store = Store(tmp_path, SEALER, files=disk)
    store.commit([entry(0)], 2)

    def fail(step: str, path: Path) -> None:
        if (step, path.parent.name) == (what, folder):
            raise OSError(code, "the disk fails")

    disk.before = fail
    for _ in range(3):
        with pytest.raises(OSError, match="the disk fails"):
            store.commit([entry(1)], 2)
    assert ids(tmp_path) == ["id-0"]
    disk.before = lambda _what, _path: None
    store.commit([entry(2)], 2)

    assert ids(tmp_path)[0] == "id-0"
    assert ids(tmp_path)[-1] == "id-2"
    assert set(ids(tmp_path)) <= {"id-0", "id-1", "id-2"}


@pytest.mark.parametrize("cut", [1, 100, 1000])
def test_a_tail_that_was_acknowledged_and_is_gone_is_damage(tmp_path: Path, cut: int) -> None:
    """F12: nothing is written to a log that lost what it promised."""
    filled(tmp_path, 4, segment_bytes=100_000)
    path, end = tmp_path / entries_file(0), read_mark(tmp_path).end
    path.write_bytes(path.read_bytes()[: end - cut])

    with pytest.raises(Damaged, match="acknowledged"):
        Store(tmp_path, SEALER).commit([entry(9)], 2)
    with pytest.raises(Damaged):
        ids(tmp_path)


def test_a_tail_that_nobody_was_told_of_is_written_over(tmp_path: Path) -> None:
    filled(tmp_path, 4, segment_bytes=100_000)
    end = read_mark(tmp_path).end
    with (tmp_path / entries_file(0)).open("r+b") as file:
        file.seek(end)
        file.write(b"\x00\x00\x01\x00half of an entry")

    filled(tmp_path, 1, start=4)

    assert ids(tmp_path) == [f"id-{number}" for number in range(5)]


@pytest.mark.parametrize("slot", [0, 1])
def test_one_damaged_mark_loses_nothing(tmp_path: Path, slot: int) -> None:
    """F12: a bit flips in either of the two marks."""
    filled(tmp_path, 8, segment_bytes=900)
    content = bytearray((tmp_path / MARK).read_bytes())
    content[slot * SLOT_BYTES + 9] ^= 1
    (tmp_path / MARK).write_bytes(content)

    filled(tmp_path, 1, segment_bytes=900, start=8)

    assert ids(tmp_path) == [f"id-{number}" for number in range(9)]


@pytest.mark.parametrize("content", [b"x" * 1024, None])
def test_a_log_without_a_mark_is_damaged(tmp_path: Path, content: bytes | None) -> None:
    filled(tmp_path, 2)
    (tmp_path / MARK).unlink()
    if content is not None:
        (tmp_path / MARK).write_bytes(content)

    with pytest.raises(Damaged, match="mark"):
        Store(tmp_path, SEALER).commit([entry(2)], 2)


def test_a_flipped_bit_in_an_entry_is_found_when_it_is_read(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    path = tmp_path / entries_file(0)
    content = bytearray(path.read_bytes())
    content[60] ^= 4
    path.write_bytes(content)

    with pytest.raises(Damaged, match="damaged at byte"):
        ids(tmp_path)


def test_nothing_private_is_on_disk(tmp_path: Path) -> None:
    """R-27: neither the log nor the openings hold a name that a byte scan finds."""
    filled(tmp_path, 5)

    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"Jane" not in path.read_bytes()
