"""Compares a scanned snapshot with what was accepted last, inside the state's database.

The first pass over a file fills a temporary table with keys and digests; everything after that
is a question to it. Nothing here sends or decides: `limits` holds, `run` sends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from producers.connectors.csv_snapshot.scan import Scanned

VERSION_STEPS: Final = 64
"""A department's own version number is multiplied by this, which leaves room between two of its
versions for what the connector itself has to say: a withdrawal, a dispute, a corrected mapping."""

_LUMP: Final = 5000
_TABLES: Final = """
CREATE TEMP TABLE IF NOT EXISTS seen(
    record_key BLOB, row_digest BLOB, first_line INTEGER, sequence INTEGER,
    PRIMARY KEY(record_key, row_digest)
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS present(record_key BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS conflicts(record_key BLOB PRIMARY KEY) WITHOUT ROWID;
DELETE FROM seen; DELETE FROM present; DELETE FROM conflicts;
"""
# What is to be published, with its sequence: %s is the run's own number.
_CHANGED: Final = f"""
FROM seen s LEFT JOIN records r ON r.record_key = s.record_key
WHERE s.record_key NOT IN (SELECT record_key FROM conflicts)
  AND (r.record_key IS NULL OR r.status = 'withdrawn'
       OR (r.status = 'live' AND r.row_digest IS NOT s.row_digest))
  AND (s.sequence IS NULL OR r.record_key IS NULL OR s.sequence >= r.source_seq / {VERSION_STEPS})
"""  # noqa: S608 - no input in it
_VANISHED: Final = """
FROM records r
WHERE r.export = ? AND r.status = 'live'
  AND r.record_key NOT IN (SELECT record_key FROM seen)
  AND r.record_key NOT IN (SELECT record_key FROM present)
"""


class Place(NamedTuple):
    """What the first pass says about a row; `source_seq` and `notes` count if it is planned."""

    is_duplicate: bool
    is_conflict: bool = False
    is_planned: bool = False
    status: str | None = None
    is_stale: bool = False
    source_seq: int = 0
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """How a snapshot differs from the one accepted last, in rows and records."""

    rows: int
    live_before: int
    changed: int
    vanished: int
    unplaced: int


def compare(
    database: sqlite3.Connection, export: str, rows: Iterable[Scanned], *, complete: bool
) -> Difference:
    """Take a snapshot's rows in and say how it differs; `complete` rows may be withdrawn."""
    database.executescript(_TABLES)
    read, unplaced = _take_in(database, rows)
    database.execute(
        "INSERT INTO conflicts SELECT record_key FROM seen GROUP BY record_key HAVING count(*) > 1"
    )
    return Difference(
        rows=read,
        live_before=_count(
            database, "FROM records WHERE export = ? AND status = 'live'", (export,)
        ),
        changed=_count(database, _CHANGED, ()),
        vanished=_count(database, _VANISHED, (export,)) if complete else 0,
        unplaced=unplaced,
    )


def plan(
    database: sqlite3.Connection, export: str, kind: str, source_seq: int, *, withdraw: bool
) -> None:
    """Write down everything that is about to be sent, inside the caller's transaction."""
    database.execute(
        "INSERT INTO planned SELECT s.record_key, ?, ?, 'publish', s.row_digest,"
        f" max(coalesce(s.sequence * {VERSION_STEPS}, ?), coalesce(r.source_seq, 0) + 1)"
        f" {_CHANGED}",
        (export, kind, source_seq),
    )
    if withdraw:
        database.execute(
            "INSERT INTO planned SELECT r.record_key, r.export, r.record_kind, 'withdraw', NULL,"
            f" max(r.source_seq + 1, CASE WHEN ? THEN 0 ELSE ? END) {_VANISHED}",
            (_has_own_sequence(database), source_seq, export),
        )


_PLACES: Final = f"""
SELECT s.first_line, s.record_key, s.row_digest,
       c.record_key IS NOT NULL, p.record_key IS NOT NULL, r.status,
       coalesce(s.sequence < r.source_seq / {VERSION_STEPS}, 0)
         AND r.row_digest IS NOT s.row_digest,
       coalesce(p.source_seq, 0), r.notes
FROM seen s
LEFT JOIN conflicts c ON c.record_key = s.record_key
LEFT JOIN records r ON r.record_key = s.record_key
LEFT JOIN planned p ON p.record_key = s.record_key AND p.action = 'publish'
ORDER BY s.first_line
"""  # noqa: S608 - no input in it


class Places:
    """Goes along with the second pass over the file, row by row, and knows each row's place.

    One ordered query beside the file instead of a look-up for every row.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._found = database.execute(_PLACES)
        self._next = self._found.fetchone()

    def of(self, row: Scanned) -> Place | None:
        """Give the place of the next sound row; None when the file is not what it was."""
        expected = self._next
        if expected is not None and expected[0] == row.line:
            if expected[1] != row.record_key or expected[2] != row.digest:
                return None
            self._next = self._found.fetchone()
            return Place(False, *expected[3:])
        seen = "FROM seen WHERE record_key = ? AND row_digest = ? AND first_line < ?"
        known = _count(self._database, seen, (row.record_key, row.digest, row.line))
        return Place(is_duplicate=True) if known else None

    def close(self) -> None:
        """End the query."""
        self._found.close()


def planned_withdrawals(database: sqlite3.Connection, export: str) -> list[tuple[bytes, str, int]]:
    """Give key, kind and sequence of every record that is about to be withdrawn."""
    return database.execute(
        "SELECT record_key, record_kind, source_seq FROM planned"
        " WHERE export = ? AND action = 'withdraw' ORDER BY record_key",
        (export,),
    ).fetchall()


def _take_in(database: sqlite3.Connection, rows: Iterable[Scanned]) -> tuple[int, int]:
    read = unplaced = 0
    waiting = iter(rows)
    while lump := list(islice(waiting, _LUMP)):
        read += len(lump)
        database.execute("BEGIN")
        database.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)",
            ((r.record_key, r.digest, r.line, r.sequence) for r in lump if r.fault is None),
        )
        for row in lump:
            if row.fault is not None:
                unplaced += not _mark_present(database, row.record_key)
        database.execute("COMMIT")
    return read, unplaced


def _mark_present(database: sqlite3.Connection, record_key: bytes | None) -> bool:
    """Note that a faulty row is there; False when it cannot be told which record it is."""
    if record_key is None or not _count(
        database, "FROM records WHERE record_key = ?", (record_key,)
    ):
        return False
    database.execute("INSERT OR IGNORE INTO present VALUES (?)", (record_key,))
    return True


def _has_own_sequence(database: sqlite3.Connection) -> bool:
    return bool(_count(database, "FROM seen WHERE sequence IS NOT NULL", ()))


def _count(database: sqlite3.Connection, query: str, values: tuple[object, ...]) -> int:
    return int(database.execute(f"SELECT count(*) {query}", values).fetchone()[0])
