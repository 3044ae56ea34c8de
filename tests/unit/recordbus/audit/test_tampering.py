"""Six thousand random tamperings, each by somebody who recomputes every hash: all found (R-40).

Whoever tampers may write everything in the log's directory: entries, openings, marks, tiles. They
do not have the log's signing key, except in the fork, where only a witness is left to notice.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from recordbus.audit.checkpoint import make_checkpoint
from recordbus.audit.findings import Altered
from recordbus.audit.frames import framed
from recordbus.audit.layout import CHECKPOINT, ENTRIES, MARK, PUBLIC, entries_file
from recordbus.audit.mark import MARK_BYTES, Mark
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.notes import LOG_KEY, Checkpoint, key_of, signed
from recordbus.audit.proofs import root_at
from recordbus.audit.reader import leaves, read_mark
from recordbus.audit.source import DirectorySource
from recordbus.audit.tiles import extend, hashes_of, in_directory
from recordbus.audit.verify import Report, stored_checkpoints, verify
from recordbus.audit.witness import last_seen, witness
from tests.unit.recordbus.audit.conftest import KEY, ORIGIN, filled

LOG = key_of(ORIGIN, LOG_KEY, KEY)
TRIALS = 1000
Tamper = Callable[[list[bytes], random.Random], list[bytes]]


def rewrite(directory: Path, entries: list[bytes]) -> None:
    """Store other entries as a log of its own making: numbered, framed, marked, with its tiles."""
    told = [orjson.dumps(orjson.loads(leaf) | {"sequence": place}, option=orjson.OPT_SORT_KEYS)
            for place, leaf in enumerate(entries)]  # fmt: skip
    for path in (directory / ENTRIES).glob("*.log"):
        path.unlink()
    content = b"".join(map(framed, told))
    (directory / entries_file(0)).write_bytes(content)
    mark = Mark(9, len(told), 0, len(content), 0)
    slots = mark.encoded() if mark.place == 0 else bytes(mark.place) + mark.encoded()
    (directory / MARK).write_bytes(slots.ljust(MARK_BYTES, b"\x00"))
    shutil.rmtree(directory / PUBLIC / "tiles", ignore_errors=True)
    extend(directory, 0, [leaf_hash(leaf) for leaf in told])


def edit(entries: list[bytes], chance: random.Random) -> list[bytes]:
    place = chance.randrange(len(entries))
    told = orjson.loads(entries[place])
    field = chance.choice(["requester", "purpose", "case_number", "outcome", "at"])
    told[field] = f"{told[field]}{chance.randrange(10)}"
    return [*entries[:place], orjson.dumps(told, option=orjson.OPT_SORT_KEYS),
            *entries[place + 1 :]]  # fmt: skip


def delete(entries: list[bytes], chance: random.Random) -> list[bytes]:
    place = chance.randrange(len(entries))
    return entries[:place] + entries[place + 1 :]


def insert(entries: list[bytes], chance: random.Random) -> list[bytes]:
    place = chance.randrange(len(entries))
    other = chance.choice([each for each in entries if each != entries[place]])
    return [*entries[:place], other, *entries[place:]]


def swap(entries: list[bytes], chance: random.Random) -> list[bytes]:
    one, other = chance.sample(range(len(entries)), 2)
    swapped = list(entries)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


def cut(entries: list[bytes], chance: random.Random) -> list[bytes]:
    return entries[: chance.randrange(len(entries))]


class Original:
    """A log with a checkpoint, and copies of it to tamper with."""

    def __init__(self, root: Path, count: int) -> None:
        self.directory = root / "original"
        filled(self.directory, count)
        make_checkpoint(self.directory, ORIGIN, KEY)
        self.entries = list(leaves(self.directory, read_mark(self.directory)))
        self._copy = root / "copy"

    def copy(self) -> Path:
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(self.directory, self._copy)
        return self._copy


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about durability, and 6,000 rewritings would wait for it."""
    monkeypatch.setattr("recordbus.audit.files.os.fsync", lambda _handle: None)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    return Original(tmp_path_factory.mktemp("tampering"), 13)


def verified(directory: Path) -> Report:
    return verify(directory, LOG, (), stored_checkpoints(directory))


def test_what_nobody_touched_is_sound(original: Original) -> None:
    found = verified(original.copy())

    assert found.is_sound
    assert (found.entries, found.covered) == (13, 13)
    assert found.root == make_checkpoint(original.directory, ORIGIN, KEY).checkpoint.root


@pytest.mark.parametrize("tamper", [edit, delete, insert, swap, cut])
def test_every_tampering_by_who_recomputes_all_hashes_is_found(
    original: Original, tamper: Tamper
) -> None:
    directory, missed = original.copy(), 0
    for seed in range(TRIALS):
        rewrite(directory, tamper(original.entries, random.Random(seed)))
        missed += verified(directory).is_sound
        if seed % 100 == 0:  # the signer finds it too, and signs nothing
            with pytest.raises(Altered):
                make_checkpoint(directory, ORIGIN, KEY)

    assert missed == 0


def test_every_fork_is_refused_by_a_witness_even_with_the_logs_own_key(
    original: Original, tmp_path: Path
) -> None:
    """The store rewritten, every hash recomputed, a new checkpoint signed: a perfect other log."""
    state = tmp_path / "witness"
    witness(DirectorySource(original.directory / PUBLIC), LOG, state, "w.example", KEY, 1)
    seen, directory, missed = last_seen(state), original.copy(), 0
    for seed in range(TRIALS):
        chance = random.Random(seed)
        forked = chance.choice([edit, delete, insert, swap, cut])(original.entries, chance)
        forked += [original.entries[0]] * chance.randrange(4)
        rewrite(directory, forked)
        size = len(forked)
        root = root_at(hashes_of(in_directory(directory)), size)
        shutil.rmtree(directory / PUBLIC / "checkpoints", ignore_errors=True)
        (directory / CHECKPOINT).write_text(signed(Checkpoint(ORIGIN, size, root), KEY).text)
        if seed % 100 == 0:
            assert verified(directory).is_sound  # nothing in the directory tells
        try:
            witness(DirectorySource(directory / PUBLIC), LOG, state, "w.example", KEY, 2)
            missed += 1
        except Altered:
            pass
        given = verify(directory, LOG, (), [("witness", state.read_text())])
        missed += given.is_sound

    assert missed == 0
    assert last_seen(state) == seen


@pytest.mark.parametrize("seed", range(100))
def test_every_changed_byte_of_the_log_is_found(original: Original, seed: int) -> None:
    """F12: one bit, or a stretch of it, anywhere in the acknowledged entries."""
    chance, directory = random.Random(seed), original.copy()
    mark = read_mark(directory)
    path = chance.choice(sorted((directory / ENTRIES).glob("*.log")))
    content = bytearray(path.read_bytes())
    end = mark.end if int(path.stem) == mark.segment else len(content.rstrip(b"\x00"))
    place = chance.randrange(end)
    content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(content)

    assert not verified(directory).is_sound
