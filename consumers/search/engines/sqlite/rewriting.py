"""Writes a full-text index anew without what is gone from it, in bounded pieces.

FTS5 forgets the words of a row that is gone when it merges the segment they stand in. One merge of
everything there is when it begins will do; what comes meanwhile lies in newer segments.
"""

from __future__ import annotations

from typing import Final

import apsw

from consumers.search.engines.sqlite.structure import STRUCTURE_ROW, Segment, segments
from consumers.search.engines.sqlite.tables import MERGE_WIDTH, rows

PIECE_PAGES: Final = 100
"""A piece writes about so many pages: ten to fifty milliseconds."""
MOST_PIECES: Final = 100
"""There are no more pieces than this; those of a large index are larger."""


class Rewriting:
    """One full-text table on its way to a single segment."""

    def __init__(self, connection: apsw.Connection, table: str) -> None:
        self._connection, self._table = connection, table
        before = self._segments()
        self._newest = max((segment.newest_origin for segment in before), default=0)
        self._piece = max(PIECE_PAGES, sum(each.pages for each in before) // MOST_PIECES)
        self._has_begun = False
        self._merge_by_itself(0)

    def go_on(self) -> bool:
        """Do a piece; True when all that was there at the beginning has become one segment.

        Beginning takes all segments into one merge. FTS5 goes on with that by itself as long as
        it is one of several; otherwise it is begun again.
        """
        is_going_on = self._has_begun and self._merge(self._piece)
        if not is_going_on:
            self._merge(-self._piece)
            self._has_begun = True
        if sum(segment.origin <= self._newest for segment in self._segments()) > 1:
            return False
        self._merge_by_itself(MERGE_WIDTH)
        return True

    def _merge_by_itself(self, width: int) -> None:
        """Tell FTS5 at how many segments of a level commits merge them, or (0) that none does.

        Or else commits would take over the large merge, in larger pieces, and be late. Should the
        process end meanwhile, the rewriting is still noted, and the next one sees to it.
        """
        self._connection.execute(
            f"INSERT INTO {self._table}({self._table}, rank) "  # noqa: S608 - our table
            "VALUES ('automerge', ?)",
            (width,),
        )

    def _merge(self, pages: int) -> bool:
        """Merge some pages, anew when negative; False when there was nothing to merge."""
        before = self._connection.total_changes()
        self._connection.execute(
            f"INSERT INTO {self._table}({self._table}, rank) "  # noqa: S608 - our table
            "VALUES ('merge', ?)",
            (pages,),
        )
        return self._connection.total_changes() - before > 1

    def _segments(self) -> list[Segment]:
        found = rows(
            self._connection,
            f"SELECT block FROM {self._table}_data WHERE id = ?",  # noqa: S608 - our table
            (STRUCTURE_ROW,),
        )
        return segments(found[0][0])
