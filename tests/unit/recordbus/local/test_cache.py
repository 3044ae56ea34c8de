"""The cache knows its own damage."""

from __future__ import annotations

import os
from multiprocessing import get_context
from pathlib import Path

import pytest

from recordbus.errors import Misconfigured
from recordbus.local import cache as cache_module
from recordbus.local.cache import MANIFEST, ServerFiles, locked, user_cache


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    found = ServerFiles(tmp_path)
    found.kafka.mkdir()
    for name in ("a.jar", "b.jar"):
        (found.kafka / name).write_bytes(b"content of " + name.encode())
    found.write_manifest(["kafka/a.jar", "kafka/b.jar"])
    return found


def damaged(files: ServerFiles) -> list[str]:
    manifest = files.manifest()
    assert manifest is not None
    return files.damaged(manifest)


def test_what_was_put_there_is_whole(files: ServerFiles) -> None:
    assert damaged(files) == []


def test_a_missing_a_shorter_and_an_altered_file_are_found(files: ServerFiles) -> None:
    (files.kafka / "a.jar").unlink()
    assert damaged(files) == ["kafka/a.jar"]

    (files.kafka / "b.jar").write_bytes(b"short")
    assert damaged(files) == ["kafka/a.jar", "kafka/b.jar"]


def test_other_bytes_of_the_same_size_are_found(files: ServerFiles) -> None:
    (files.kafka / "a.jar").write_bytes(b"CONTENT of a.jar")

    assert damaged(files) == ["kafka/a.jar"]


def test_a_copy_with_another_time_is_whole(files: ServerFiles) -> None:
    os.utime(files.kafka / "a.jar", (1, 1))

    assert damaged(files) == []


def test_a_whole_cache_is_not_hashed(files: ServerFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "sha256_of", lambda path: pytest.fail("hashed a file"))

    assert damaged(files) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": [1]}'])
def test_a_manifest_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)

    assert not ServerFiles(tmp_path).manifest()


def test_the_cache_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDBUS_CACHE", "/somewhere")
    assert user_cache() == Path("/somewhere")

    monkeypatch.delenv("RECORDBUS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert user_cache() == Path("/xdg/recordbus")


def test_a_directory_that_cannot_be_made_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Misconfigured, match="RECORDBUS_CACHE"), locked(tmp_path / "file" / "cache"):
        pytest.fail("the lock was taken")


def test_two_first_runs_wait_for_each_other(tmp_path: Path) -> None:
    context = get_context("spawn")
    parent, child = context.Pipe()
    with locked(tmp_path):
        other = context.Process(target=_take_lock, args=(tmp_path, child))
        other.start()
        assert parent.poll(30)
        assert parent.recv() == "waiting"
        assert not parent.poll(0.2)
    assert parent.poll(30)
    assert parent.recv() == "has it"
    other.join(30)
    other.close()


def _take_lock(directory: Path, told: object) -> None:
    told.send("waiting")  # type: ignore[attr-defined]
    with locked(directory):
        told.send("has it")  # type: ignore[attr-defined]
