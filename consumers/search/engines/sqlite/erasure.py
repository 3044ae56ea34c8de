"""Takes the last bytes of removed records out of an index file, in bounded pieces.

A commit removes a record's rows. What stays behind for a moment: the pages in the write-ahead
log, and now and then the beginning of a removed word as a signpost between two pages of the
full-text index. `settle` empties the log and merges a full-text index anew while such a signpost
stands in it. What is left to merge is noted in the file, so a crash forgets none of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import apsw

from consumers.crashpoints import crashpoint
from consumers.search.engines.sqlite.tables import BUSY_MS, FULL_TEXT_TABLES, rows

SIGNPOST_LENGTH: Final = 6
"""A removed word's beginning of this many characters, or more, is not left as a signpost."""
MERGE_PAGES: Final = 500
CALLS_BETWEEN_LOOKS: Final = 8
"""One look through a full-text index serves all removals of so many calls of `settle`."""
LOG_WAIT_MS: Final = 100
"""How long emptying the log waits for readers; then it is tried again at the next call."""
_FILLER = (0, "xs:1")
"""A row no search finds. FTS5 merges nothing while all of an index is one segment, so a second
one is made of it; the row is no record's and stays."""
_FILLER_COLUMN: Final = {"mention_terms": "tokens", "record_words": "filters"}

_Signpost = tuple[int, bytes]


class Eraser:
    """Remembers what removals left behind and clears it piece by piece.

    A removal notes, in its own transaction, that the full-text indexes are to be looked through.
    The look itself waits for a few calls of `settle`, so that one look serves many removals.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._log_is_dirty = True  # a crash may have left anything in the log
        self._noted: set[str] = set()
        self._signposts: dict[str, set[_Signpost]] = {}
        self._gone: set[str] = set()
        self._calls_until_look = CALLS_BETWEEN_LOOKS
        self.recall()

    def recall(self) -> None:
        """Find again what is left to merge: at the start, and when a transaction failed."""
        self._noted = {step for (step,) in rows(self._connection, "SELECT step FROM erasure")}
        self._signposts = {step: set(self._all_left_behind(step)) for step in self._noted}

    def removed(self, texts: Iterable[str]) -> None:
        """Note that these tokens and words leave in the transaction that is open."""
        self._log_is_dirty = True
        for text in texts:
            self._gone.update(text.split())
        for table in FULL_TEXT_TABLES:
            if table not in self._noted:
                self._connection.execute("INSERT OR IGNORE INTO erasure VALUES (?)", (table,))
                self._noted.add(table)

    def settle(self) -> bool:
        """Do one bounded piece of work; True when nothing is left."""
        if self._gone:
            self._look_around()
        elif self._noted:
            self._clear(next(iter(sorted(self._noted))))
        elif self._log_is_dirty:
            self._empty_log()
        return not (self._gone or self._noted or self._log_is_dirty)

    def _look_around(self) -> None:
        """Find the signposts that tell of what is gone, once enough calls have passed."""
        self._calls_until_look -= 1
        if self._calls_until_look > 0:
            return
        self._calls_until_look = CALLS_BETWEEN_LOOKS
        gone = sorted(word.encode() for word in self._gone)
        for table in FULL_TEXT_TABLES:
            self._signposts.setdefault(table, set()).update(self._left_behind(table, gone))
        self._gone.clear()

    def _clear(self, table: str) -> None:
        """Merge a piece of a full-text index, and forget it once no signpost is left in it."""
        if self._is_merged(table):
            self._connection.execute("DELETE FROM erasure WHERE step = ?", (table,))
            self._signposts.pop(table, None)
            self._noted.discard(table)

    def _left_behind(self, table: str, gone: Sequence[bytes]) -> Iterator[_Signpost]:
        """Give the signposts of a full-text index that tell of a word no longer in it.

        `gone` is sorted: the first word from a signpost on is the only one to compare it with.
        """
        for segment, term in self._long_signposts(table):
            start = term[1:]
            at = bisect_left(gone, start)
            if at < len(gone) and gone[at].startswith(start) and self._is_gone(table, term):
                yield segment, term

    def _long_signposts(self, table: str) -> list[tuple[int, bytes]]:
        found = rows(
            self._connection,
            f"SELECT segid, term FROM {table}_idx WHERE length(term) > ?",  # noqa: S608 - ours
            (SIGNPOST_LENGTH,),
        )
        return [
            (segment, term)
            for segment, term in found
            if len(term) >= 1 + SIGNPOST_LENGTH + (term.find(b":", 1) if b":" in term else 0)
        ]

    def _is_gone(self, table: str, term: bytes) -> bool:
        """Tell whether no word in the index begins so; if one does, the signpost tells of that."""
        start = term[1:].decode(errors="ignore")
        return not rows(
            self._connection,
            f"SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT 1",  # noqa: S608 - our table
            (f'"{start}" *',),
        )

    def _all_left_behind(self, table: str) -> Iterator[_Signpost]:
        """Give every signpost of a full-text index that tells of no word in it."""
        return (each for each in self._long_signposts(table) if self._is_gone(table, each[1]))

    def _is_merged(self, table: str) -> bool:
        """Merge a bounded part of a full-text index; True when no signpost is left in it."""
        known = self._signposts.get(table, set())
        if known:
            self._merge(table)
        for signpost in tuple(known):
            if not rows(
                self._connection,
                f"SELECT 1 FROM {table}_idx WHERE segid = ? AND term = ?",  # noqa: S608 - ours
                signpost,
            ):
                known.discard(signpost)
        return not known

    def _merge(self, table: str) -> None:
        """Merge some pages of a full-text index, towards one segment."""
        self._log_is_dirty = True
        column = _FILLER_COLUMN[table]
        segments = rows(
            self._connection,
            f"SELECT count(DISTINCT segid) FROM {table}_idx",  # noqa: S608 - our table
        )
        if segments[0][0] == 1:
            self._connection.execute(
                f"INSERT INTO {table}(rowid, {column}) VALUES (?, ?)",  # noqa: S608 - ours
                _FILLER,
            )
        self._connection.execute(
            f"INSERT INTO {table}({table}, rank) VALUES ('merge', ?)",  # noqa: S608 - our table
            (-MERGE_PAGES,),
        )

    def _empty_log(self) -> None:
        """Move the log into the file and cut it to nothing; a reader may hold this up."""
        self._connection.set_busy_timeout(LOG_WAIT_MS)
        try:
            is_busy = rows(self._connection, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
        except apsw.BusyError:
            return
        finally:
            self._connection.set_busy_timeout(BUSY_MS)
        if not is_busy:
            self._log_is_dirty = False
            crashpoint("sink.erased")
