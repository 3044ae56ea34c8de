"""Answers by Idempotency-Key: bounded, durable against a killed process, one file.

Invariants: a key is written down with its body's digest before anything is sent, and with its
answer before that is given; digests are keyed, and no content is kept. After a power loss the
last keys may be forgotten, which costs nothing: a repeat sends the same event ids, and the bus
takes the effect once.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from recordbus.clock import Clock
from recordbus.errors import Misconfigured
from recordbus.web.problems import Problem

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE answers(
    id BLOB PRIMARY KEY,
    department TEXT NOT NULL,
    body_digest BLOB NOT NULL,
    at_seconds REAL NOT NULL,
    status INTEGER,              -- null: sent, perhaps; the answer is not known
    answer BLOB
);
CREATE INDEX answers_by_age ON answers(department, at_seconds);
"""
_TIDY_EVERY: Final = 256


class Answer(NamedTuple):
    """What a request was answered with."""

    status: int
    body: bytes


class Remembered:
    """The keys and answers of all departments; one process has the file, any thread may ask."""

    def __init__(
        self, path: Path | None, secret: bytes, clock: Clock, *, hours: float, most: int
    ) -> None:
        """Open the file; raises Misconfigured when another version wrote it, or none can."""
        self._secret = secret[:64]
        self._clock = clock
        self._seconds = hours * 3600
        self._most = most
        self._lock = threading.Lock()
        self._at_work: set[bytes] = set()
        self._until_tidy = _TIDY_EVERY
        self._database = _opened(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Remembered:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def at_work(self, department: str, key: str) -> Iterator[bytes]:
        """Hold a key for one request; raises Problem `key_in_use` while another has it."""
        held = self._digest(department.encode(), key.encode())
        with self._lock:
            if held in self._at_work:
                raise Problem("key_in_use", retry_after_seconds=1)
            self._at_work.add(held)
        try:
            yield held
        finally:
            with self._lock:
                self._at_work.discard(held)

    def begin(self, held: bytes, department: str, body: bytes) -> Answer | None:
        """Give the answer of an earlier request; None when this one has to be carried out.

        The key is written down first. Raises Problem `key_reused` when the body is another one.
        """
        digest = self._digest(body)
        now = self._clock.now().timestamp()
        with self._lock:
            found = self._database.execute(
                "SELECT body_digest, status, answer FROM answers WHERE id = ? AND at_seconds > ?",
                (held, now - self._seconds),
            ).fetchone()
            if found is None:
                self._database.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, NULL, NULL)",
                    (held, department, digest, now),
                )
                self._tidy_now_and_then(department, now)
                return None
        if found[0] != digest:
            raise Problem("key_reused")
        return None if found[1] is None else Answer(found[1], found[2])

    def finish(self, held: bytes, answer: Answer) -> None:
        """Write down what a request is answered with."""
        with self._lock:
            self._database.execute(
                "UPDATE answers SET status = ?, answer = ? WHERE id = ?", (*answer, held)
            )

    def forget(self, held: bytes) -> None:
        """Let go of a key under which nothing was sent: it may be used for a corrected body."""
        with self._lock:
            self._database.execute("DELETE FROM answers WHERE id = ?", (held,))

    def _digest(self, *parts: bytes) -> bytes:
        digest = hashlib.blake2b(key=self._secret, digest_size=16)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()

    def _tidy_now_and_then(self, department: str, now: float) -> None:
        self._until_tidy -= 1
        if self._until_tidy:
            return
        self._until_tidy = _TIDY_EVERY
        self.tidy(department, now)

    def tidy(self, department: str, now: float) -> None:
        """Drop what is too old, and of a department all but the newest; the caller has the lock."""
        self._database.execute("DELETE FROM answers WHERE at_seconds <= ?", (now - self._seconds,))
        self._database.execute(
            "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE department = ?"
            " ORDER BY at_seconds DESC LIMIT -1 OFFSET ?)",
            (department, self._most),
        )


def _opened(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA secure_delete = ON")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    elif version != _VERSION:
        database.close()
        raise Misconfigured(
            f"{path} was written by another version of recordbus (form {version})",
            hint="use that version, or move the file away: repeats are then sent again, once more",
        )
    return database
