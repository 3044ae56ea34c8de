"""How an FTS5 index lies on disk is read as SQLite writes it."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.search.engines.sqlite.structure import STRUCTURE_ROW, Segment, segments
from consumers.search.engines.sqlite.tables import rows

HEAD = b"\x00\x00\x00\x01\xff\x00\x00\x01"


def varint(number: int) -> bytes:
    """Write one as SQLite does."""
    if number >> 56:
        rest, last = number >> 8, bytes([number & 0xFF])
        return bytes(0x80 | (rest >> 7 * n & 0x7F) for n in reversed(range(8))) + last
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(0x80 | number & 0x7F)
    return bytes(reversed(parts))


@given(st.lists(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**60)))))
def test_every_structure_is_read_as_it_was_written(levels: list[list[tuple[int, int]]]) -> None:
    numbers = [len(levels), sum(map(len, levels)), 7]
    for level in levels:
        numbers += [0, len(level)]
        for origin, pages in level:
            numbers += [1, 1, pages, origin, origin, 0, 0, 0]
    data = HEAD + b"".join(map(varint, numbers))

    wanted = [Segment(origin, origin, pages) for level in levels for origin, pages in level]
    assert segments(data) == wanted


def test_the_structure_of_a_real_index_is_read() -> None:
    connection = apsw.Connection("")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(w, content='', contentless_delete=1)")
    for number in range(3):
        connection.execute("INSERT INTO t(rowid, w) VALUES (?, 'a b c')", (number,))

    found = structure(connection)

    assert [(each.origin, each.newest_origin) for each in found] == [(1, 1), (2, 2), (3, 3)]
    assert all(each.pages == 1 for each in found)
    connection.execute("INSERT INTO t(t) VALUES ('optimize')")
    (merged,) = structure(connection)
    assert (merged.origin, merged.newest_origin) == (1, 3)


def test_a_table_without_origins_is_refused() -> None:
    connection = apsw.Connection("")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(w, content='')")
    connection.execute("INSERT INTO t(rowid, w) VALUES (1, 'a')")

    with pytest.raises(ValueError, match="no origins"):
        structure(connection)


def structure(connection: apsw.Connection) -> list[Segment]:
    found = rows(connection, "SELECT block FROM t_data WHERE id = ?", (STRUCTURE_ROW,))
    return segments(found[0][0])
