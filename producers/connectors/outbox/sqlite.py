"""An outbox in a SQLite file, beside the tables of the department's own system.

One relay at a time holds a lock file beside the database; the lock goes with its process. The
form of the file (its journal, its synchronous level) is the department's and stays as it is.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from producers.connectors.outbox import statements
from producers.connectors.outbox.row import Row
from producers.connectors.outbox.store import BATCH_BYTES, Backlog, Refusal, Settled
from producers.publisher.from_json import JSON_BYTES
from recordbus.errors import Misconfigured, RecordbusError, Retryable

_BUSY_SECONDS: Final = 5.0
_AMONG: Final = "IN (SELECT value FROM json_each(?))"
_READ: Final = statements.READ.format(
    text="payload", size="coalesce(length(CAST(payload AS BLOB)), 0)"
)


class SqliteOutbox:
    """The table `recordbus_outbox` of one file."""

    wakes = False

    def __init__(self, path: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path = path
        self._sleep = sleep
        self._lock: int | None = None
        self._opened: sqlite3.Connection | None = None

    def lease(self) -> bool:
        """Be the one relay of this file; False while another process is."""
        if self._lock is not None:
            return True
        self._database()  # a lock file beside a database that is not there would only mislead
        lock = os.open(f"{self._path}-recordbus-relay", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def read(self, rows: int) -> list[Row]:
        """Give waiting rows by rising id."""
        with self._asked() as database:
            found = database.execute(_READ, (JSON_BYTES, rows, BATCH_BYTES)).fetchall()
        return [Row._make((*row[:8], _instant(row[8]))) for row in found]

    def settle(self, settled: Settled, at: datetime) -> None:
        """Mark rows, all or none."""
        moment = _text(at)
        refused = [(moment, each.reason, each.detail, each.id) for each in settled.refused]
        with self._asked() as database, database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                statements.PUBLISHED.format(among=_AMONG), (moment, json.dumps(settled.published))
            )
            database.executemany(statements.REFUSED, refused)
            database.executemany(statements.EXPUNGED, settled.expunged)

    def backlog(self) -> Backlog:
        """Count what waits."""
        with self._asked() as database:
            waiting, oldest, refused = database.execute(statements.BACKLOG).fetchone()
        return Backlog(waiting, _instant(oldest), refused)

    def trim(self, before: datetime, rows: int) -> int:
        """Delete at most this many published rows settled before an instant."""
        with self._asked() as database:
            return database.execute(statements.TRIM, (_text(before), rows)).rowcount

    def refusals(self, rows: int) -> list[Refusal]:
        """Give refused rows, oldest first."""
        with self._asked() as database:
            return [Refusal(*row) for row in database.execute(statements.REFUSALS, (rows,))]

    def retry(self, ids: Sequence[int]) -> int:
        """Let refused rows wait again."""
        with self._asked() as database:
            if not ids:
                return database.execute(statements.RETRY).rowcount
            some = statements.RETRY_SOME.format(among=_AMONG)
            return database.execute(some, (json.dumps(list(ids)),)).rowcount

    def wait(self, seconds: float) -> None:
        """Sleep: nothing tells of new rows, so asking again is all there is."""
        self._sleep(seconds)

    def close(self) -> None:
        """Let the file and its lock go."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # --- inside --------------------------------------------------------------------------

    @contextmanager
    def _asked(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._database()
        except sqlite3.Error as error:
            raise _explained(self._path, error) from error

    def _database(self) -> sqlite3.Connection:
        if self._opened is None:
            if not self._path.is_file():
                raise Misconfigured(
                    f"there is no database {self._path}",
                    hint="name the SQLite file of the department's system; it is never made here",
                )
            database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            database.execute("PRAGMA secure_delete = ON")
            self._opened = database
        return self._opened


def _explained(path: Path, error: sqlite3.Error) -> RecordbusError:
    text = str(error)
    if "no such table" in text or "no such column" in text:
        return Misconfigured(
            f"{path} has no table recordbus_outbox of this form",
            hint="`recordbus publish outbox ddl sqlite` prints the statements that make it",
        )
    if isinstance(error, sqlite3.OperationalError) and "readonly" not in text:
        return Retryable(f"the outbox {path} cannot be used now: {text}", hint="it is tried again")
    return Misconfigured(
        f"the outbox {path} cannot be used: {text}", hint="the relay has to be able to write it"
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _instant(text: Any) -> datetime | None:
    """Read an instant as SQLite's functions write it; without a zone it is in UTC, as theirs."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
