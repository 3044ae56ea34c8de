"""What the differ remembers of a department: one SQLite file of digests, never of content.

Invariants: a record's key and the digest of its row are keyed hashes, so that an expunged
record leaves no trace that anybody could read; sequence numbers only rise; what may have been
sent is written down before it is sent, and counts as sent only after the last acknowledgement.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, NamedTuple

from recordbus.clock import Clock
from recordbus.errors import Misconfigured, Retryable

RecordStatus = Literal["live", "sealed", "withdrawn", "expunged"]

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE records(
    record_key BLOB PRIMARY KEY,
    export TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    row_digest BLOB,              -- null: what the bus holds is not known for certain
    source_seq INTEGER NOT NULL,
    status TEXT NOT NULL,
    notes TEXT                    -- open and closed disputes and reviews, as JSON
) WITHOUT ROWID;
CREATE INDEX records_by_export ON records(export, status);
CREATE TABLE planned(
    record_key BLOB PRIMARY KEY,
    export TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    action TEXT NOT NULL,         -- publish or withdraw
    row_digest BLOB,
    source_seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs(
    export TEXT PRIMARY KEY,
    file_digest BLOB NOT NULL,
    number INTEGER,
    source_seq INTEGER NOT NULL,
    acknowledged_line INTEGER NOT NULL
);
CREATE TABLE snapshots(
    id INTEGER PRIMARY KEY,
    export TEXT NOT NULL,
    file_digest BLOB NOT NULL,
    number INTEGER,
    source_seq INTEGER NOT NULL,
    accepted_at TEXT NOT NULL
);
CREATE TABLE counter(only INTEGER PRIMARY KEY CHECK (only = 1), last_seq INTEGER NOT NULL);
"""


class Known(NamedTuple):
    """What the differ knows of one record."""

    export: str
    record_kind: str
    row_digest: bytes | None
    source_seq: int
    status: RecordStatus
    notes: str | None


class DifferState:
    """The open state file of one department; only one process at a time may have it open."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._clock = clock
        self._lock = None if path is None else _locked(path)
        try:
            self.database = _opened(path)
        except BaseException:
            self._unlock()
            raise

    def __enter__(self) -> DifferState:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let others have it."""
        self.database.close()
        self._unlock()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Make all changes inside durable together, or none of them."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield self.database
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def next_sequence(self) -> int:
        """Take the next sequence number, durably unless inside a transaction.

        The first one is the time in seconds: a department whose state was lost goes on above
        everything that it ever sent.
        """
        row = self.database.execute("SELECT last_seq FROM counter").fetchone()
        number = row[0] + 1 if row else int(self._clock.now().timestamp())
        self.database.execute("INSERT OR REPLACE INTO counter VALUES (1, ?)", (number,))
        return number

    def known(self, record_key: bytes) -> Known | None:
        """Give what is known of a record, or None."""
        row = self.database.execute(
            "SELECT export, record_kind, row_digest, source_seq, status, notes"
            " FROM records WHERE record_key = ?",
            (record_key,),
        ).fetchone()
        return Known(*row) if row else None

    def put(self, record_key: bytes, known: Known) -> None:
        """Write down what is known of a record."""
        self.database.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", (record_key, *known)
        )

    def drop_planned(self, record_key: bytes) -> int | None:
        """Take a record out of an unfinished run; gives the sequence it may have been sent with."""
        row = self.database.execute(
            "DELETE FROM planned WHERE record_key = ? RETURNING source_seq", (record_key,)
        ).fetchone()
        return row[0] if row else None

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _opened(path: Path | None) -> sqlite3.Connection:
    database = sqlite3.connect(path or ":memory:", isolation_level=None)
    database.execute("PRAGMA secure_delete = ON")
    database.execute("PRAGMA journal_mode = TRUNCATE")
    database.execute("PRAGMA synchronous = FULL")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    elif version != _VERSION:
        database.close()
        raise Misconfigured(
            f"{path} was written by another version of recordbus (form {version})",
            hint="use that version, or move the file away: everything is then published again",
        )
    return database


def _locked(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise Retryable(
            f"another process is publishing with {path}",
            hint="wait until it has ended; one department publishes its snapshots one by one",
        ) from None
    return lock
