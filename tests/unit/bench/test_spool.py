"""Logs in files between the processes of a bench: nothing lost, one order, writers awaited."""

from __future__ import annotations

import threading
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.growth.spool import Said, Spool, follow

NUMBERS = st.lists(st.integers(0, 50), max_size=1200).map(sorted)


def write(path: Path, speaker: str, numbers: list[int]) -> list[Said]:
    said: list[Said] = [
        (number, speaker, b"%d" % at, None if at % 7 == 0 else b"x" * (at % 90))
        for at, number in enumerate(numbers)
    ]
    with Spool(path) as spool:
        for each in said:
            spool.add(each)
    return said


@given(NUMBERS, NUMBERS)
def test_two_logs_are_read_as_one_by_what_caused_their_messages(
    first: list[int], second: list[int]
) -> None:
    with TemporaryDirectory() as directory:
        paths = [Path(directory) / name for name in ("first.log", "second.log")]
        said = write(paths[0], "first", first) + write(paths[1], "second", second)

        heard = list(follow(paths))

    assert heard == sorted(said, key=itemgetter(0)), "who speaks first of a record is heard first"


def test_who_reads_along_waits_for_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "late.log"
    writer = threading.Thread(target=write, args=(path, "late", list(range(1500))))
    reading = follow([path])

    writer.start()
    heard = [number for number, *_ in reading]
    writer.join()

    assert heard == list(range(1500))


def break_off(path: Path) -> None:
    with Spool(path) as spool:
        spool.add((0, "t", b"0", None))
        spool.add((1 // 0, "t", b"1", None))


def test_a_writer_that_failed_says_no_end(tmp_path: Path) -> None:
    path = tmp_path / "broken.log"
    with pytest.raises(ZeroDivisionError):
        break_off(path)
    whole = tmp_path / "whole.log"
    write(whole, "t", [0])

    assert whole.read_bytes().startswith(path.read_bytes())
    assert len(whole.read_bytes()) > len(path.read_bytes())
