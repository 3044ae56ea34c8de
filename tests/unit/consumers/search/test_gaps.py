"""What SQLite leaves between a page's cells is found and overwritten, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.search.engines.sqlite.gaps import PAGE_BYTES, Gaps, gap
from consumers.search.engines.sqlite.tables import rows

ROWS = 3000
GONE = [number for number in range(ROWS) if number % 3]


def said(number: int) -> str:
    return f"canary{number:06d}".ljust(20 + number * 7919 % 280, "x")


def moved_and_deleted(path: Path) -> None:
    """Make a file whose rows SQLite moved between pages before they were deleted."""
    connection = apsw.Connection(str(path))
    connection.pragma("secure_delete", 1)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, said TEXT)")
    with connection:
        rows_made = [(number, said(number)) for number in range(ROWS)]
        connection.executemany("INSERT INTO t VALUES (?, ?)", rows_made)
    with connection:
        connection.executemany("DELETE FROM t WHERE id = ?", [(number,) for number in GONE])
    connection.close()


def test_secure_delete_leaves_copies_and_clearing_gaps_takes_them(tmp_path: Path) -> None:
    """R-25: of a removed record no byte is left. If the first assertion fails, SQLite has
    learnt to clean up behind itself, and gaps need no clearing any more."""
    path = tmp_path / "file.sqlite"
    moved_and_deleted(path)
    gone = [f"canary{number:06d}".encode() for number in GONE]
    before = path.read_bytes()
    assert any(each in before for each in gone)

    gaps = Gaps(path)
    cleared = gaps.clear(0, gaps.pages())
    gaps.close()

    assert cleared > 0
    after = path.read_bytes()
    assert not any(each in after for each in gone)
    connection = apsw.Connection(str(path))
    assert connection.pragma("integrity_check") == "ok"
    kept = [(number, said(number)) for number in range(0, ROWS, 3)]
    assert rows(connection, "SELECT * FROM t ORDER BY id") == kept
    connection.close()


def test_a_file_is_cleared_piece_by_piece(tmp_path: Path) -> None:
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    for path in (whole, pieces):
        moved_and_deleted(path)
    every, some = Gaps(whole), Gaps(pieces)

    counts = [some.clear(first, 3) for first in range(0, some.pages(), 3)]

    assert sum(counts) == every.clear(0, every.pages()) > 0
    assert pieces.read_bytes() == whole.read_bytes()
    assert some.clear(0, some.pages()) == 0
    every.close()
    some.close()
    some.close()


@given(st.sampled_from((2, 5, 10, 13)), st.binary(min_size=11, max_size=11), st.booleans())
def test_a_gap_lies_behind_the_header_and_within_the_page(
    kind: int, header: bytes, is_first: bool
) -> None:
    before = bytes(100 if is_first else 0)
    found = gap((before + bytes([kind]) + header).ljust(PAGE_BYTES, b"x"), is_first=is_first)

    if found is not None:
        assert (100 if is_first else 0) + 8 <= found.start <= found.stop <= PAGE_BYTES


@pytest.mark.parametrize("kind", sorted(set(range(256)) - {2, 5, 10, 13}))
def test_a_page_without_cells_has_no_gap(kind: int) -> None:
    assert gap(bytes([kind]) + bytes(PAGE_BYTES - 1)) is None
