"""Reads the acknowledged entries of a log, a segment at a time, without stopping its writers.

Invariant: nothing behind the mark is ever given. Who reads needs no lock: what lies before a mark
does not change, and a mark that is being written leaves the other one whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from recordbus.audit.frames import Torn, unframed
from recordbus.audit.layout import ENTRIES, MARK, entries_file
from recordbus.audit.mark import Mark, read_marks
from recordbus.audit.salvage import Damaged


def read_mark(directory: Path) -> Mark:
    """Give how far a log is acknowledged; an absent log has no entries."""
    path = directory / MARK
    if not path.exists():
        if any(directory.joinpath(ENTRIES).glob("*")):
            raise Damaged("the audit has entries but no mark")
        return Mark()
    mark = read_marks(path.read_bytes())
    if mark is None:
        raise Damaged("the audit's mark cannot be read")
    return mark


def segments(directory: Path, mark: Mark) -> list[int]:
    """Give the sequences with which the segments before a mark begin; Damaged when one is away."""
    found = sorted(int(path.stem) for path in directory.joinpath(ENTRIES).glob("*.log"))
    known = [each for each in found if each <= mark.segment]
    if mark.entries and (not known or known[0] != 0 or known[-1] != mark.segment):
        raise Damaged("a segment of the audit is missing")
    return known


def leaves(directory: Path, mark: Mark, start: int = 0) -> Iterator[bytes]:
    """Give the bytes of the entries from `start` on, in order.

    Raises Damaged where an entry is not whole, or where there are more or fewer than the mark says.
    """
    known = segments(directory, mark)
    if start >= mark.entries:
        return
    sequence = known[bisect_right(known, start) - 1]
    for segment in known[bisect_right(known, start) - 1 :]:
        if segment != sequence:
            raise Damaged(f"the audit's segment {segment} does not follow entry {sequence - 1}")
        for data in _of_segment(directory, mark, segment):
            if sequence >= start:
                yield data
            sequence += 1
    if sequence != mark.entries:
        raise Damaged(f"the audit has {sequence} entries where {mark.entries} were acknowledged")


def entry_at(directory: Path, sequence: int) -> bytes | None:
    """Give the bytes of one entry; None when there is none of that sequence."""
    return next(leaves(directory, read_mark(directory), sequence), None)


def decoded(leaf: bytes) -> dict[str, Any]:
    """Give an entry as it stands in the log."""
    told = orjson.loads(leaf)
    if not isinstance(told, dict):
        raise TypeError("an entry is an object")
    return told


def _of_segment(directory: Path, mark: Mark, segment: int) -> Iterator[bytes]:
    content = (directory / entries_file(segment)).read_bytes()
    if segment == mark.segment:
        if len(content) < mark.end:
            raise Damaged(f"the audit's segment {segment} is shorter than was acknowledged")
        content = content[: mark.end]
    try:
        for _, data in unframed(content):
            yield data
    except Torn as torn:
        raise Damaged(f"segment {segment} of the audit is damaged at byte {torn.offset}") from torn
