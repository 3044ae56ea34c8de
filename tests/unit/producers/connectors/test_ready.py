"""Row 57: a file that is still being written, or is older than the last one, is not read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from producers.connectors.csv_snapshot.ready import (
    digest_of,
    snapshot_number,
    wait_until_complete,
)
from producers.mapping.spec import Source
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured, Rejected


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calls.csv"
    path.write_text("NO\n1\n")
    return path


def aged(path: Path, seconds: float) -> None:
    now = SystemClock().now().timestamp() - seconds
    os.utime(path, (now, now))


def never(_seconds: float) -> None:
    raise AssertionError("nothing to wait for")


def test_an_old_file_is_complete_at_once(file: Path) -> None:
    aged(file, 60)
    wait_until_complete(file, Source(), SystemClock(), never)


def test_a_fresh_file_is_looked_at_twice(file: Path) -> None:
    waited: list[float] = []
    wait_until_complete(file, Source(), SystemClock(), waited.append)
    assert len(waited) == 1
    assert 0 < waited[0] <= 2.0


def test_a_file_that_grows_meanwhile_is_refused(file: Path) -> None:
    def somebody_writes(_seconds: float) -> None:
        file.write_text("NO\n1\n2\n")

    with pytest.raises(Rejected, match="file_changing"):
        wait_until_complete(file, Source(), SystemClock(), somebody_writes)


def test_a_file_from_the_future_is_looked_at_twice(file: Path) -> None:
    aged(file, -3600)
    waited: list[float] = []
    wait_until_complete(file, Source(), SystemClock(), waited.append)
    assert waited == [2.0]


def test_a_marker_is_waited_for(file: Path) -> None:
    source = Source(ready="marker")
    with pytest.raises(Rejected, match=r"calls\.csv\.done"):
        wait_until_complete(file, source, SystemClock(), never)
    file.with_name("calls.csv.done").touch()
    wait_until_complete(file, source, SystemClock(), never)


def test_a_missing_file_is_the_operators_to_mend(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        wait_until_complete(tmp_path / "none.csv", Source(), SystemClock(), never)


def test_the_number_comes_from_the_path(tmp_path: Path) -> None:
    source = Source(sequence=r"snapshot-(\d+)/")
    assert snapshot_number(tmp_path / "snapshot-0012" / "calls.csv", source) == 12
    assert snapshot_number(tmp_path / "calls.csv", Source()) is None
    with pytest.raises(Rejected, match="older_snapshot"):
        snapshot_number(tmp_path / "calls.csv", source)


def test_digests_tell_files_apart_and_need_the_secret(tmp_path: Path, file: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("NO\n2\n")
    first = digest_of([file], b"a" * 32)
    assert first == digest_of([file], b"a" * 32)
    assert len({first, digest_of([other], b"a" * 32), digest_of([file], b"b" * 32)}) == 3
    assert digest_of([file, other], b"a" * 32) != digest_of([other, file], b"a" * 32)
