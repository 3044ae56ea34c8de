"""Keeps what was received: the newest message of each subject, and the ids of seven days.

Invariant: what is answered with 2xx is on disk first, and a message that comes twice counts once.
What is retracted leaves the file; its number stays, so that an older message cannot bring it back.
"""

from __future__ import annotations

import sqlite3
from enum import Enum
from pathlib import Path
from typing import Final

from consumers.feeds.receiver.file import opened, transaction
from consumers.feeds.receiver.message import Message
from consumers.feeds.receiver.owed import Owed
from recordbus.errors import Misconfigured

REMEMBERED_SECONDS: Final = 7 * 86_400
_PUT: Final = (
    "INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE "
    "SET sequence = excluded.sequence, body = excluded.body"
)


class Taken(Enum):
    """What became of a message that was believed."""

    NEW = "new"
    REPEAT = "repeat"
    """Its id was here before: nothing is done twice."""
    OLDER = "older"
    """A newer message of its subject was here first: nothing is brought back."""


class Inbox:
    """One file of received messages. For one thread."""

    def __init__(self, path: Path, *, notes_receipts: bool = False) -> None:
        """Open the file, making it when there is none; raises Misconfigured.

        `notes_receipts` says that the receipts which messages ask for are noted as owed.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._database = opened(path)
            self._owed = Owed(self._database) if notes_receipts else None
        except sqlite3.DatabaseError as error:
            raise Misconfigured(
                f"{path} is no file of received messages: {type(error).__name__}",
                hint="give another folder, or move that file away",
            ) from error

    def take(self, message: Message, at_seconds: float) -> Taken:
        """Take a message in, durably; raises sqlite3.Error when it cannot be kept."""
        with transaction(self._database):
            if self._owed is not None:
                self._owed.owe(message, at_seconds)
            taken = self._placed(message, at_seconds)
        if taken is Taken.NEW and message.is_retraction:
            self._execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else what it erases stands in there
        return taken

    def held(self) -> dict[str, bytes]:
        """Give the newest message of each subject that is held, by subject."""
        sql = "SELECT subject, body FROM newest WHERE body IS NOT NULL ORDER BY subject"
        return dict(self._execute(sql).fetchall())

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._database.close()

    def _placed(self, message: Message, at_seconds: float) -> Taken:
        self._execute("DELETE FROM seen WHERE at_seconds < ?", at_seconds - REMEMBERED_SECONDS)
        known = "SELECT 1 FROM seen WHERE message_id = ?"
        if self._execute(known, message.message_id).fetchone():
            return Taken.REPEAT
        self._execute("INSERT INTO seen VALUES (?, ?)", message.message_id, at_seconds)
        number = "SELECT sequence FROM newest WHERE subject = ?"
        found = self._execute(number, message.subject).fetchone()
        if found is not None and found[0] >= message.sequence:
            return Taken.OLDER
        body = None if message.is_retraction else message.body
        self._execute(_PUT, message.subject, message.sequence, body)
        return Taken.NEW

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._database.execute(statement, values)
