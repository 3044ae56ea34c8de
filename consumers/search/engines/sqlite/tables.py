"""The tables of an index file, and how it is opened.

Invariant: bytes of a removed row do not stay in the file. Plain tables overwrite what they free
(`secure_delete`). The full-text tables note that a row is gone (`contentless_delete`) and lose its
words when their segments are written anew, which `erasure` sees to. That needs SQLite 3.43; an
older library is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import apsw

from consumers.search.engines.sqlite.gaps import PAGE_BYTES
from recordbus.errors import Misconfigured, Retryable

SCHEMA_VERSION: Final = 6
OLDEST_LIBRARY: Final = 3_043_000
ORDINAL_BITS: Final = 20
"""A mention's id is its record's, shifted by so much, plus its place there."""
TYPE_SHIFT: Final = 17
"""Where in its place a mention says what it stands for, so that a search need not look it up."""
BUSY_MS: Final = 5000
MERGE_WIDTH: Final = 8
FEWEST_MERGED: Final = 2
WORDS_BYTES: Final = 8 << 20
"""So much of a transaction's words is sorted in memory before it becomes a segment."""
SIDE_FILES: Final = ("-wal", "-shm")
FULL_TEXT_TABLES: Final = ("mention_terms", "record_words")

_TOKENIZER = "ascii tokenchars '':.-_''"
_TABLES: Final = f"""
CREATE TABLE class (
    id INTEGER PRIMARY KEY, items TEXT NOT NULL UNIQUE, newest_us INTEGER NOT NULL) STRICT;
CREATE TABLE record (
    id INTEGER PRIMARY KEY, record_key BLOB NOT NULL UNIQUE, origin TEXT NOT NULL,
    version INTEGER NOT NULL, record_kind TEXT NOT NULL, department TEXT NOT NULL,
    owner_ori TEXT NOT NULL, occurred_us INTEGER NOT NULL, published_us INTEGER NOT NULL,
    bases TEXT NOT NULL, evidence TEXT NOT NULL, class_id INTEGER NOT NULL,
    log_partition INTEGER NOT NULL, log_offset INTEGER NOT NULL) STRICT;
CREATE TABLE record_text (
    id INTEGER PRIMARY KEY, narrative TEXT NOT NULL, words TEXT NOT NULL) STRICT;
CREATE TABLE mention (
    id INTEGER PRIMARY KEY, type INTEGER NOT NULL,
    born_low INTEGER, born_high INTEGER, age_low INTEGER, age_high INTEGER,
    height_low INTEGER, height_high INTEGER, weight_low INTEGER, weight_high INTEGER,
    plate TEXT, tokens TEXT NOT NULL, shown BLOB NOT NULL, local_id TEXT NOT NULL) STRICT;
CREATE TABLE removed (
    record_key BLOB PRIMARY KEY, origin TEXT NOT NULL, version INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE identity (
    record_key BLOB NOT NULL, local_id TEXT NOT NULL, origin TEXT NOT NULL,
    version INTEGER NOT NULL, kind TEXT, entity ANY, verdicts TEXT,
    PRIMARY KEY (record_key, local_id)) STRICT, WITHOUT ROWID;
CREATE INDEX identity_entity ON identity (entity) WHERE entity IS NOT NULL;
CREATE TABLE tie (
    id INTEGER PRIMARY KEY, record_key BLOB NOT NULL, association_id BLOB NOT NULL,
    origin TEXT NOT NULL,
    version INTEGER NOT NULL, from_local TEXT, to_local TEXT, from_entity ANY, to_entity ANY,
    told BLOB, class_id INTEGER, UNIQUE (record_key, association_id)) STRICT;
CREATE INDEX tie_ended ON tie (association_id) WHERE told IS NULL;
CREATE TABLE default_value (
    value TEXT PRIMARY KEY, origin TEXT NOT NULL, version INTEGER NOT NULL,
    is_default INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE judgement (
    pair TEXT PRIMARY KEY, origin TEXT NOT NULL, version INTEGER NOT NULL,
    told BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE answer (
    record_key BLOB PRIMARY KEY, origin TEXT NOT NULL, version INTEGER NOT NULL,
    told BLOB) STRICT, WITHOUT ROWID;
CREATE TABLE vocabulary (
    word TEXT PRIMARY KEY, uses INTEGER NOT NULL, formal TEXT NOT NULL,
    sound TEXT NOT NULL, other_sound TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX vocabulary_formal ON vocabulary (formal);
CREATE INDEX vocabulary_sound ON vocabulary (sound);
CREATE INDEX vocabulary_other_sound ON vocabulary (other_sound) WHERE other_sound <> '';
CREATE TABLE spoken (
    word TEXT NOT NULL, class_id INTEGER NOT NULL, uses INTEGER NOT NULL,
    PRIMARY KEY (word, class_id)) STRICT, WITHOUT ROWID;
CREATE TABLE progress (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    complete_to_us INTEGER NOT NULL, PRIMARY KEY (topic, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE freshness (
    department TEXT PRIMARY KEY, newest_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE erasure (step TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE mention_terms USING fts5(
    tokens, content='', contentless_delete=1, detail=none, tokenize='{_TOKENIZER}');
CREATE VIRTUAL TABLE record_words USING fts5(
    narrative, words, filters, content='', contentless_delete=1, tokenize='{_TOKENIZER}');
"""
_FULL_TEXT_OPTIONS: Final = (
    ("automerge", MERGE_WIDTH), ("usermerge", FEWEST_MERGED), ("deletemerge", 0),
    ("hashsize", WORDS_BYTES),
)  # fmt: skip


def refuse_old_library(version_number: int) -> None:
    """Raise Misconfigured when this SQLite cannot take deleted text out of its files."""
    if version_number < OLDEST_LIBRARY:
        raise Misconfigured(
            f"SQLite {version_number} leaves deleted text in its files",
            hint="install apsw with SQLite 3.43 or newer: pip install --upgrade apsw",
        )


def open_to_write(path: Path) -> apsw.Connection:
    """Open an index to write, making it first when there is none.

    Raises Misconfigured when the file is of another version or no index.
    """
    refuse_old_library(apsw.SQLITE_VERSION_NUMBER)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    # Only the writer says so: two that turn a new file over at the same time block each other.
    connection.pragma("page_size", PAGE_BYTES)
    connection.pragma("journal_mode", "wal")
    if connection.pragma("user_version") == 0:
        _create(connection)
    _check_version(connection, path)
    connection.pragma("synchronous", "normal")
    connection.pragma("secure_delete", 1)
    connection.pragma("wal_autocheckpoint", 4000)
    connection.pragma("cache_size", -65_536)
    return connection


def open_to_read(path: Path) -> apsw.Connection:
    """Open an index to read; raises Retryable when there is none yet."""
    refuse_old_library(apsw.SQLITE_VERSION_NUMBER)
    if not path.exists():
        raise _absent(path)
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE)
    if connection.pragma("user_version") == 0:  # its writer has not finished making it
        connection.close()
        raise _absent(path)
    _check_version(connection, path)
    connection.pragma("query_only", 1)
    connection.pragma("cache_size", -65_536)
    connection.pragma("mmap_size", 1 << 30)
    return connection


def problems(connection: apsw.Connection) -> list[str]:
    """Check a file, its full-text tables included; give what is wrong, nothing when it is sound."""
    found = [text for (text,) in rows(connection, "PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def rows(
    connection: apsw.Connection, statement: str, values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement and give its rows; the tables say what type each column has."""
    return connection.execute(statement, tuple(values)).fetchall()


def _connect(path: Path, flags: int) -> apsw.Connection:
    try:
        connection = apsw.Connection(str(path), flags=flags)
        connection.set_busy_timeout(BUSY_MS)
        connection.pragma("temp_store", 2)
        connection.pragma("schema_version")  # the first look into the file
    except apsw.CantOpenError as error:
        raise Misconfigured(
            f"the index {path} cannot be opened: {error}", hint="check the path and its rights"
        ) from error
    except apsw.NotADBError as error:
        raise _broken(path) from error
    return connection


def _create(connection: apsw.Connection) -> None:
    with connection:
        connection.execute(_TABLES)
        for table in FULL_TEXT_TABLES:
            for option, value in _FULL_TEXT_OPTIONS:
                connection.execute(
                    f"INSERT INTO {table}({table}, rank) VALUES (?, ?)",  # noqa: S608 - ours
                    (option, value),
                )
        connection.pragma("user_version", SCHEMA_VERSION)


def _check_version(connection: apsw.Connection, path: Path) -> None:
    try:
        version = connection.pragma("user_version")
    except apsw.NotADBError as error:
        raise _broken(path) from error
    if version != SCHEMA_VERSION:
        connection.close()
        raise Misconfigured(
            f"the index {path} has version {version}, this program needs {SCHEMA_VERSION}",
            hint="make it anew from the log: recordbus index rebuild",
        )


def _absent(path: Path) -> Retryable:
    return Retryable(f"there is no index at {path}", hint="start one with: recordbus index run")


def _broken(path: Path) -> Misconfigured:
    return Misconfigured(
        f"{path} is no index", hint="make it anew from the log: recordbus index rebuild"
    )
