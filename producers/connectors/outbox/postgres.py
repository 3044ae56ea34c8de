"""An outbox in PostgreSQL; needs the extra `postgres`.

One relay at a time holds an advisory lock, which goes with its connection. Rows are found by
their state: an id says nothing about when its transaction became visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import psycopg

from producers.connectors.outbox import statements
from producers.connectors.outbox.row import Row
from producers.connectors.outbox.store import BATCH_BYTES, Backlog, Refusal, Settled
from producers.publisher.from_json import JSON_BYTES
from recordbus.errors import Misconfigured, RecordbusError, Retryable

_CONNECT_SECONDS: Final = 10
_CHANNEL: Final = "recordbus_outbox"
_LEASE: Final = (
    "SELECT pg_try_advisory_lock(hashtextextended("
    "'recordbus_outbox/' || 'recordbus_outbox'::regclass::oid::text, 0))"
)
_OURS_TO_MEND: Final = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.InsufficientPrivilege,
)


def _dialect(statement: str) -> str:
    return statement.replace("?", "%s")


_READ: Final = _dialect(
    statements.READ.format(text="payload::text", size="coalesce(octet_length(payload::text), 0)")
)
_AMONG: Final = "= ANY(?)"


class PostgresOutbox:
    """The table `recordbus_outbox` that the connection's search path finds first."""

    wakes = True

    def __init__(self, address: str) -> None:
        """`address` is a connection string; what it lacks comes from libpq's usual places."""
        self._address = address
        self._opened: psycopg.Connection[Any] | None = None
        self._leased = False

    def lease(self) -> bool:
        """Be the one relay of this table; False while another connection is."""
        if not self._leased:
            with self._asked() as database:
                row = database.execute(_LEASE).fetchone()
                self._leased = bool(row and row[0])
        return self._leased

    def read(self, rows: int) -> list[Row]:
        """Give waiting rows by rising id."""
        with self._asked() as database:
            for _ in database.notifies(timeout=0):
                pass  # what was told up to now is seen by the question that follows
            found = database.execute(_READ, (JSON_BYTES, rows, BATCH_BYTES)).fetchall()
        return [Row(*row) for row in found]

    def settle(self, settled: Settled, at: datetime) -> None:
        """Mark rows, all or none."""
        published = _dialect(statements.PUBLISHED.format(among=_AMONG))
        refused = [(at, each.reason, each.detail, each.id) for each in settled.refused]
        with self._asked() as database, database.transaction(), database.cursor() as cursor:
            cursor.execute(published, (at, settled.published))
            if refused:
                cursor.executemany(_dialect(statements.REFUSED), refused)
            if settled.expunged:
                cursor.executemany(_dialect(statements.EXPUNGED), settled.expunged)

    def backlog(self) -> Backlog:
        """Count what waits."""
        with self._asked() as database:
            row = database.execute(statements.BACKLOG).fetchone()
        assert row is not None, "a count is one row"
        return Backlog(*row)

    def trim(self, before: datetime, rows: int) -> int:
        """Delete at most this many published rows settled before an instant."""
        with self._asked() as database:
            return database.execute(_dialect(statements.TRIM), (before, rows)).rowcount

    def refusals(self, rows: int) -> list[Refusal]:
        """Give refused rows, oldest first."""
        with self._asked() as database:
            found = database.execute(_dialect(statements.REFUSALS), (rows,)).fetchall()
        return [Refusal(*row) for row in found]

    def retry(self, ids: Sequence[int]) -> int:
        """Let refused rows wait again."""
        some = _dialect(statements.RETRY_SOME.format(among=_AMONG))
        with self._asked() as database:
            if ids:
                return database.execute(some, (list(ids),)).rowcount
            return database.execute(statements.RETRY).rowcount

    def wait(self, seconds: float) -> None:
        """Return when a transaction that wrote rows has committed, or when the time is up."""
        with self._asked() as database:
            for _ in database.notifies(timeout=seconds, stop_after=1):
                pass

    def close(self) -> None:
        """Let the connection go, and the lease with it."""
        opened, self._opened = self._opened, None
        self._leased = False
        if opened is not None:
            opened.close()

    # --- inside --------------------------------------------------------------------------

    @contextmanager
    def _asked(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            yield self._database()
        except psycopg.Error as error:
            self.close()  # whatever state it is in, the next call begins anew
            raise _explained(error) from error

    def _database(self) -> psycopg.Connection[Any]:
        if self._opened is None:
            self._opened = psycopg.connect(
                self._address,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                application_name="recordbus outbox relay",
            )
            self._opened.execute(f"LISTEN {_CHANNEL}")
        return self._opened


def _explained(error: psycopg.Error) -> RecordbusError:
    """Explain by the kind of error: its text may hold what a row says."""
    kind = type(error).__name__
    if isinstance(error, _OURS_TO_MEND):
        return Misconfigured(
            f"the outbox table cannot be used: {kind}",
            hint="`recordbus publish outbox ddl postgres` prints the statements that make it, and "
            "what its user must be allowed",
        )
    if isinstance(error, psycopg.ProgrammingError):
        return Misconfigured(
            f"the database's address cannot be used: {kind}",
            hint="it is postgresql://user@host/database, or a connection string of libpq",
        )
    return Retryable(f"the database of the outbox is away: {kind}", hint="it is tried again")
