"""An index file is opened only when it is one of ours and its library can erase."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.tables import (
    OLDEST_LIBRARY,
    SCHEMA_VERSION,
    refuse_old_library,
)
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.indexer import written_by_us
from recordbus.errors import Misconfigured, Retryable


def test_a_library_that_cannot_erase_is_refused() -> None:
    refuse_old_library(OLDEST_LIBRARY)
    with pytest.raises(Misconfigured, match="leaves deleted text"):
        refuse_old_library(OLDEST_LIBRARY - 1)


def test_an_index_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    SqliteIndex(path).close()
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", SCHEMA_VERSION + 1)
    connection.close()

    for opened in (SqliteIndex, SqliteSearch):
        with pytest.raises(Misconfigured, match="rebuild"):
            opened(path)


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    path.write_bytes(b"this is no database, it only looks like a file of some length\n" * 50)

    for opened in (SqliteIndex, SqliteSearch):
        with pytest.raises(Misconfigured, match="no index"):
            opened(path)


def test_a_search_without_an_index_says_how_to_get_one(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    for content in (None, b""):
        if content is not None:
            path.write_bytes(content)  # as it is while its writer makes it
        with pytest.raises(Retryable, match="recordbus index run"):
            SqliteSearch(path)


def test_an_index_has_one_writer(tmp_path: Path) -> None:
    path = tmp_path / "index" / "records.sqlite"
    with (
        written_by_us(path),
        pytest.raises(Misconfigured, match="another process"),
        written_by_us(path),
    ):
        raise AssertionError("two writers")
    with written_by_us(path):
        assert path.parent.is_dir()


def test_deleted_bytes_are_overwritten(tmp_path: Path) -> None:
    index = SqliteIndex(tmp_path / "records.sqlite")
    connection = index._connection

    assert connection.pragma("secure_delete") == 1
    assert connection.pragma("journal_mode") == "wal"
    for table in ("mention_terms", "record_words"):
        made = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).get
        assert "contentless_delete=1" in made
    index.close()
