"""The scan finds what is there: a test of erasure that looks past things proves nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from aiokafka.record.default_records import (  # type: ignore[import-untyped]
    DefaultRecordBatchBuilder,
)

from tests.e2e.canaries import PART_LENGTH, Canaries, _outside_compression


@pytest.mark.parametrize("at", [0, 4095, 5_000_000, 9_999_000])
def test_a_canary_in_a_file_that_is_mostly_unwritten_is_found(tmp_path: Path, at: int) -> None:
    canaries = Canaries(Random(1))
    planted = canaries.plant("kept").encode()
    with (tmp_path / "00000000000000000000.index").open("wb") as file:
        file.truncate(10_000_000)
        file.seek(at)
        file.write(planted)
    assert canaries.in_directory(tmp_path) == {"00000000000000000000.index": {"kept"}}


def test_a_part_of_a_canary_with_zeros_between_its_letters_is_found(tmp_path: Path) -> None:
    canaries = Canaries(Random(2))
    part = canaries.plant("kept").encode()[3 : 3 + PART_LENGTH]
    (tmp_path / "wide").write_bytes(b"\0".join(bytes([each]) for each in part.upper()))
    assert canaries.in_directory(tmp_path) == {"wide": {"kept"}}


def segment(value: bytes, compression: int) -> bytes:
    """Give a segment of a Kafka log with one message."""
    batch = DefaultRecordBatchBuilder(
        magic=2, compression_type=compression, is_transactional=0, producer_id=-1,
        producer_epoch=-1, base_sequence=-1, batch_size=10_000,
    )  # fmt: skip
    batch.append(0, timestamp=0, key=b"key", value=value, headers=[])
    return bytes(batch.build())


@pytest.mark.parametrize("compression", [0, 1])
@pytest.mark.parametrize(
    "name",
    [
        "records.v1-0/00000000000000000000.log",
        "records.v1-11/00000000000000000007.log.deleted",
        "records.v1-0.0a1b2c-delete/00000000000000000000.log",
    ],
)
def test_a_canary_in_a_log_is_found_compressed_or_not(
    tmp_path: Path, compression: int, name: str
) -> None:
    canaries = Canaries(Random(4))
    value = canaries.plant("kept").encode() + b"a" * 500
    log = segment(b"nothing", compression) + segment(value, compression)
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(log)
    assert canaries.in_directory(tmp_path) == {name: {"kept"}}


@pytest.mark.parametrize("cut", [3, 40])
def test_a_canary_behind_the_last_whole_batch_is_found(tmp_path: Path, cut: int) -> None:
    canaries = Canaries(Random(5))
    name = "records.v1-0/00000000000000000000.log"
    torn = segment(b"x" * 200 + canaries.plant("kept").encode() + b"x" * cut, 0)[: -cut // 2]
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(segment(b"nothing", 1) + torn)
    assert canaries.in_directory(tmp_path) == {name: {"kept"}}


def test_a_log_that_is_not_kafkas_is_read_as_it_is(tmp_path: Path) -> None:
    """R-28: the audit's files have names as Kafka's have."""
    canaries = Canaries(Random(7))
    name = "entries/00000000000000000000.log"
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(b"\x00\x01" * 40 + canaries.plant("kept").encode())
    assert canaries.in_directory(tmp_path) == {name: {"kept"}}


def test_letters_that_only_compression_put_together_are_no_canary(tmp_path: Path) -> None:
    canaries = Canaries(Random(6))
    batch = bytearray(segment(b"nothing" * 20, 1))
    canaries.note(canaries.plant("gone").strip("y"), "gone")
    part = next(iter(canaries.parts))
    found = _with_a_chance_part(batch, part)
    assert canaries.in_bytes(found) == {"gone"}
    assert not any(canaries.in_bytes(each) for each in _outside_compression(found))


def _with_a_chance_part(batch: bytearray, part: bytes) -> bytes:
    batch[70 : 70 + len(part)] = part
    return bytes(batch)


def test_a_file_without_a_canary_is_not_named(tmp_path: Path) -> None:
    canaries = Canaries(Random(3))
    planted = canaries.plant("kept").encode()
    (tmp_path / "empty").touch()
    (tmp_path / "shorter").write_bytes(planted[1:PART_LENGTH])
    assert canaries.in_directory(tmp_path) == {}
