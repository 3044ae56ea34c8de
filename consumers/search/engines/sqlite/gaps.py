"""Overwrites what SQLite leaves in the gaps of its pages.

SQLite's secure delete overwrites the rows it deletes, where they are. But when it moves rows to
another page to even them out, it leaves a copy in the page they came from, between the list of
cells and the cells, and deleting the row later does not reach that copy. Nothing ever reads a gap,
so overwriting one changes nothing for anybody, whatever else goes on.
"""

from __future__ import annotations

import os
from pathlib import Path
from struct import Struct
from typing import Final

PAGE_BYTES: Final = 4096
_FILE_HEADER_BYTES: Final = 100
_HEADER_BYTES: Final = {2: 12, 5: 12, 10: 8, 13: 8}
"""The kinds of pages with cells, and how long their headers are. Pages of other kinds begin with
the number of another page, or are empty, so their first byte is none of these."""
_BEGINNING: Final = Struct(">BHHH")
"""Kind of page, first free block, number of cells, and where the cells begin."""
_ZEROS: Final = bytes(PAGE_BYTES)


def gap(page: bytes, *, is_first: bool = False) -> slice | None:
    """Give the part of a page that holds nothing, None for a page without cells."""
    start = _FILE_HEADER_BYTES if is_first else 0
    kind, _, cells, end = _BEGINNING.unpack_from(page, start)
    header = _HEADER_BYTES.get(kind)
    if header is None:
        return None
    begin = start + header + 2 * cells
    return slice(begin, end) if begin <= end <= len(page) else None


class Gaps:
    """The gaps of an index file.

    Of a page that the log or a cache holds too, that copy counts, and comes back: so the caller
    empties the log before a piece and its cache afterwards, and writes nothing in between.
    """

    def __init__(self, path: Path) -> None:
        # Held open beside SQLite's own: closing it would take away SQLite's locks on the file.
        self._file = os.open(path, os.O_RDWR)

    def pages(self) -> int:
        """Give how many pages the file has."""
        return os.fstat(self._file).st_size // PAGE_BYTES

    def clear(self, first: int, count: int) -> int:
        """Overwrite the gaps of some pages, counted from 0; give how many held something."""
        data = os.pread(self._file, count * PAGE_BYTES, first * PAGE_BYTES)
        cleared = 0
        for at in range(0, len(data) - PAGE_BYTES + 1, PAGE_BYTES):
            page = data[at : at + PAGE_BYTES]
            place = gap(page, is_first=first == at == 0)
            if place is not None and not _ZEROS.startswith(page[place]):
                os.pwrite(
                    self._file, bytes(place.stop - place.start),
                    first * PAGE_BYTES + at + place.start,
                )  # fmt: skip
                cleared += 1
        if cleared:
            os.fsync(self._file)
        return cleared

    def close(self) -> None:
        """Let the file go, only once SQLite has; safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
