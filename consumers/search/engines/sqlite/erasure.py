"""Takes the last bytes of removed records out of an index file, in bounded pieces.

A commit removes a record's rows. What stays behind for a moment: the pages in the write-ahead
log, and now and then the beginning of a removed word as a signpost between two pages of the
full-text index. `settle` empties the log and merges a full-text index anew while such a signpost
stands in it. What is left to merge is noted in the file, so a crash forgets none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import apsw

from consumers.crashpoints import crashpoint
from consumers.search.engines.sqlite.tables import BUSY_MS, FULL_TEXT_TABLES, rows

SIGNPOST_LENGTH: Final = 6
"""A removed word's beginning of this many characters, or more, is not left as a signpost."""
MERGE_PAGES: Final = 500
LOG_WAIT_MS: Final = 100
"""How long emptying the log waits for readers; then it is tried again at the next call."""
_FILLER = (0, "xs:1")
"""A row no search finds. FTS5 merges nothing while all of an index is one segment, so a second
one is made of it; the row is no record's and stays."""
_FILLER_COLUMN: Final = {"mention_terms": "tokens", "record_words": "filters"}
_STORED_PREFIX = b"0"
"""FTS5 keeps words of its main index under this byte."""

_Signpost = tuple[int, bytes]


class Eraser:
    """Remembers what removals left behind and clears it piece by piece."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._log_is_dirty = True  # a crash may have left anything in the log
        self._signposts: dict[str, set[_Signpost]] = {}
        self.recall()

    def recall(self) -> None:
        """Find again what is left to merge: at the start, and when a transaction failed."""
        steps = rows(self._connection, "SELECT step FROM erasure")
        self._signposts = {step: set(self._all_left_behind(step)) for (step,) in steps}

    def removed(self, texts: Iterable[str]) -> None:
        """Note that these tokens and words leave in the transaction that is open."""
        self._log_is_dirty = True
        gone = {word for text in texts for word in text.split()}
        for table in FULL_TEXT_TABLES:
            found = set(self._left_behind(table, gone))
            if found:
                self._connection.execute("INSERT OR IGNORE INTO erasure VALUES (?)", (table,))
                self._signposts.setdefault(table, set()).update(found)

    def settle(self) -> bool:
        """Do one bounded piece of work; True when nothing is left."""
        for table in tuple(self._signposts)[:1]:
            if self._is_merged(table):
                self._connection.execute("DELETE FROM erasure WHERE step = ?", (table,))
                del self._signposts[table]
        if self._log_is_dirty and not self._signposts:
            self._empty_log()
        return not self._signposts and not self._log_is_dirty

    def _left_behind(self, table: str, gone: Iterable[str]) -> Iterator[_Signpost]:
        """Give the signposts of a full-text index that tell of a word no longer in it."""
        segments = rows(
            self._connection,
            f"SELECT DISTINCT segid FROM {table}_idx",  # noqa: S608 - our own table
        )
        nearest = (
            f"SELECT term FROM {table}_idx WHERE segid = ? AND term <= ? "  # noqa: S608 - ours
            "ORDER BY term DESC LIMIT 1"
        )
        for word in gone:
            stored = _STORED_PREFIX + word.encode()
            least = 1 + SIGNPOST_LENGTH + (word.find(":") + 1)
            for (segment,) in segments:
                for (term,) in rows(self._connection, nearest, (segment, stored)):
                    is_start = len(term) >= least and stored.startswith(term)
                    if is_start and self._is_gone(table, term):
                        yield segment, term

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
        long_ones = rows(
            self._connection,
            f"SELECT segid, term FROM {table}_idx WHERE length(term) > ?",  # noqa: S608 - ours
            (SIGNPOST_LENGTH,),
        )
        return ((segment, term) for segment, term in long_ones if self._is_gone(table, term))

    def _is_merged(self, table: str) -> bool:
        """Merge a bounded part of a full-text index; True when no signpost is left in it."""
        known = self._signposts[table]
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
