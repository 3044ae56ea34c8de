"""The scan finds what is there: a test of erasure that looks past things proves nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.e2e.canaries import PART_LENGTH, Canaries


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


def test_a_file_without_a_canary_is_not_named(tmp_path: Path) -> None:
    canaries = Canaries(Random(3))
    planted = canaries.plant("kept").encode()
    (tmp_path / "empty").touch()
    (tmp_path / "shorter").write_bytes(planted[1:PART_LENGTH])
    assert canaries.in_directory(tmp_path) == {}
