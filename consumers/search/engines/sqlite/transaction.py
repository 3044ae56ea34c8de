"""A writer's transaction on an index file, and what its failures mean to the caller."""

from __future__ import annotations

import apsw

from recordbus.errors import Retryable

WORTH_ANOTHER_TRY = (apsw.FullError, apsw.IOError, apsw.BusyError)
"""What is wrong with the disk or with a neighbour, not with what was to be written."""


class Immediate:
    """A transaction that takes the write lock at its start."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def explained(error: apsw.Error) -> Retryable:
    """Give the error that says what to do about a failed transaction."""
    if isinstance(error, apsw.FullError):
        return Retryable("the index has no room left on its disk", hint="free some space")
    return Retryable(
        f"the index cannot be written now: {type(error).__name__}",
        hint="check its disk; nothing was stored, the same batch is read again",
    )
