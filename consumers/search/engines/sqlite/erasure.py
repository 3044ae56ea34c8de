"""Takes the last bytes of removed and corrected records out of an index file, in bounded pieces.

A commit takes a record's rows out of every answer. What stays behind for a while: its words in the
segments of the full-text indexes, which only know that the row is gone, pages in the write-ahead
log, and copies in the gaps of pages. A pass writes the full-text indexes anew without what is gone,
piece by piece while records keep coming, then empties the log and the gaps. What is left to do is
noted in the file, in the transaction that removes, so a crash forgets none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import apsw

from consumers.search.engines.sqlite.gaps import Gaps
from consumers.search.engines.sqlite.rewriting import Rewriting
from consumers.search.engines.sqlite.tables import BUSY_MS, FULL_TEXT_TABLES, rows
from recordbus.crashpoints import crashpoint

FILE: Final = "file"
STEPS: Final = (*FULL_TEXT_TABLES, FILE)
"""A pass ends with the file: writing a full-text index anew leaves copies in gaps too."""
PIECE_PAGES: Final = 4_000
"""A piece looks for gaps in so many pages, or in a fiftieth of a large file."""
MOST_PIECES: Final = 50
SMALL_PAGES: Final = 5_000
"""A file of so many pages is cleared whenever something leaves it."""
REST: Final = 20
"""A pass over a larger file is followed by a rest of so many times its length."""
LONGEST_REST_SECONDS: Final = 120.0
LOG_WAIT_MS: Final = 100
"""How long emptying the log waits for readers; then it is tried again at the next call."""


class Eraser:
    """Remembers what removals left behind and clears it piece by piece."""

    def __init__(
        self, connection: apsw.Connection, gaps: Gaps, monotonic: Callable[[], float]
    ) -> None:
        self._connection, self._gaps, self._monotonic = connection, gaps, monotonic
        self._log_is_dirty = True  # a crash may have left anything in the log
        self._noted: set[str] = set()
        self._came_since: set[str] = set()
        self._left: list[str] = []
        self._rewriting: Rewriting | None = None
        self._next_page = 0
        self._spent_seconds = self._rests_until = 0.0
        self.recall()

    def recall(self) -> None:
        """Find again what is noted in the file: at the start, and when a transaction failed."""
        self._noted = {step for (step,) in rows(self._connection, "SELECT step FROM erasure")}

    def removed(self, tables: Iterable[str]) -> None:
        """Note, in the transaction that is open, that rows leave the file.

        `tables` are the full-text tables that something leaves.
        """
        for step in (*tables, FILE):
            self._came_since.add(step)
            if step not in self._noted:
                self._connection.execute("INSERT OR IGNORE INTO erasure VALUES (?)", (step,))
                self._noted.add(step)

    def settle(self) -> bool:
        """Do one bounded piece of work; True when there is nothing to do for now."""
        if not self._left and self._is_due():
            self._left, self._spent_seconds = [each for each in STEPS if each in self._noted], 0.0
        if self._left:
            self._work(self._left[0])
        elif self._log_is_dirty:
            self._empty_log()
        return not (self._left or self._is_due() or self._log_is_dirty)

    def _is_due(self) -> bool:
        return bool(self._noted) and self._monotonic() >= self._rests_until

    def _work(self, step: str) -> None:
        """Do a piece of a step; go on to the next step when it is done."""
        started = self._monotonic()
        is_done = self._clear_gaps() if step == FILE else self._rewrite(step)
        self._spent_seconds += self._monotonic() - started
        if is_done:
            self._left.pop(0)
            self._forget(step)
            if not self._left and self._gaps.pages() > SMALL_PAGES:
                rest = min(REST * self._spent_seconds, LONGEST_REST_SECONDS)
                self._rests_until = self._monotonic() + rest

    def _forget(self, step: str) -> None:
        """Take a step off the list, unless more left the file since it began."""
        if step not in self._came_since:
            self._connection.execute("DELETE FROM erasure WHERE step = ?", (step,))
            self._noted.discard(step)

    def _rewrite(self, table: str) -> bool:
        """Write a piece of a full-text index anew; True when all of it is."""
        if self._rewriting is None:
            self._came_since.discard(table)
            self._rewriting = Rewriting(self._connection, table)
        if not self._rewriting.go_on():
            return False
        self._rewriting = None
        return True

    def _clear_gaps(self) -> bool:
        """Clear a piece of the file; True when it was the last one."""
        if self._next_page == 0:
            self._came_since.discard(FILE)
        if not self._empty_log():
            return False
        pages = self._gaps.pages()
        count = max(PIECE_PAGES, pages // MOST_PIECES)
        if self._gaps.clear(self._next_page, count):
            self._connection.pragma("shrink_memory")  # what it has in memory is older than the file
        self._next_page = self._next_page + count if self._next_page + count < pages else 0
        return self._next_page == 0

    def _empty_log(self) -> bool:
        """Move the log into the file and cut it to nothing; False when a reader holds this up."""
        self._connection.set_busy_timeout(LOG_WAIT_MS)
        try:
            is_busy = rows(self._connection, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
        except apsw.BusyError:
            return False
        finally:
            self._connection.set_busy_timeout(BUSY_MS)
        if not is_busy:
            self._log_is_dirty = False
            crashpoint("sink.erased")
        return not is_busy
