"""Only the locked bytes get into the cache, and every trouble says what to do."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from recordbus.errors import Misconfigured, Retryable
from recordbus.local import download as download_module
from recordbus.local.download import download, filling
from tests.unit.recordbus.local.conftest import Repository

# jgo leaves the answers it did not use to the garbage collector, which says so when it pleases.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_files_arrive_under_their_own_names_and_progress_is_told(
    repository: Repository, tmp_path: Path
) -> None:
    content = b"x" * 50_000
    file = repository.add("kafka", "big", content)
    told: list[tuple[int, int]] = []

    download(
        [file],
        tmp_path / "cache",
        repository_url=repository.address,
        progress=lambda done, total: told.append((done, total)),
    )

    assert (tmp_path / "cache" / "big-1.jar").read_bytes() == content
    assert told[-1] == (50_000, 50_000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["big-1.jar"]


def test_what_is_there_and_right_is_not_fetched_again(
    repository: Repository, tmp_path: Path
) -> None:
    file = repository.add("kafka", "a", b"content")
    download([file], tmp_path / "cache", repository_url=repository.address)
    repository.place_of(file).unlink()

    download([file], tmp_path / "cache", repository_url=repository.address)

    assert (tmp_path / "cache" / "a-1.jar").read_bytes() == b"content"


def test_what_is_there_and_wrong_is_fetched_again(repository: Repository, tmp_path: Path) -> None:
    file = repository.add("kafka", "a", b"content")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "a-1.jar").write_bytes(b"CONTENT")

    download([file], tmp_path / "cache", repository_url=repository.address)

    assert (tmp_path / "cache" / "a-1.jar").read_bytes() == b"content"


@pytest.mark.parametrize("served", [b"cOntent", b"conten", b""])
def test_other_bytes_than_the_locked_ones_never_get_in(
    repository: Repository, tmp_path: Path, served: bytes
) -> None:
    file = repository.add("kafka", "a", b"content")
    repository.place_of(file).write_bytes(served)

    with pytest.raises(Misconfigured, match="g:a:1 came with other content"):
        download([file], tmp_path / "cache", repository_url=repository.address)

    assert list((tmp_path / "cache").iterdir()) == []


def test_a_file_that_the_repository_lacks_is_misconfigured(
    repository: Repository, tmp_path: Path
) -> None:
    file = repository.add("kafka", "a", b"content")
    repository.place_of(file).unlink()

    with pytest.raises(Misconfigured, match="does not have a server file"):
        download([file], tmp_path / "cache", repository_url=repository.address)


def test_without_a_network_it_says_how_to_go_on(repository: Repository, tmp_path: Path) -> None:
    file = repository.add("kafka", "a", b"content")

    with pytest.raises(Retryable, match="connect once, or copy a filled cache"):
        download([file], tmp_path / "cache", repository_url="http://127.0.0.1:9")

    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "no space is left"),
        (errno.EDQUOT, "no space"),
        (errno.EROFS, "cannot be written"),
    ],
)
def test_trouble_with_the_disk_is_named(tmp_path: Path, number: int, says: str) -> None:
    with pytest.raises(Misconfigured, match=says), filling(tmp_path):
        raise OSError(number, "the disk says no")


def test_a_full_disk_during_a_download_is_named(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = repository.add("kafka", "a", b"content")

    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download_module, "_fetch", full)

    with pytest.raises(Misconfigured, match="RECORDBUS_CACHE"):
        download([file], tmp_path / "cache", repository_url=repository.address)
