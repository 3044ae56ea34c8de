"""Filling the cache: once, whole, offline after, and mended when it is broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recordbus.errors import Misconfigured, Retryable
from recordbus.local import archives, install, lockfile
from recordbus.local.cache import MANIFEST, ServerFiles
from tests.unit.recordbus.local.conftest import Repository

# jgo leaves the answers it did not use to the garbage collector, which says so when it pleases.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

Install = Callable[..., ServerFiles]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def fill(
    servers_repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Install:
    """Install from the small repository; recording archives is left out."""
    listing = lockfile.render(tuple(servers_repository.files), "small")
    monkeypatch.setattr(lockfile, "text", lambda: listing)
    monkeypatch.setattr(lockfile, "files", lambda: lockfile.parse(listing))
    monkeypatch.setattr(archives, "prepare", lambda files: (files.root / "made.aot").touch())
    monkeypatch.setattr(archives, "are_there", lambda files: (files.root / "made.aot").is_file())

    def run(repository_url: str = servers_repository.address) -> ServerFiles:
        return install.server_files(tmp_path / "cache", repository_url=repository_url)

    return run


def test_the_first_run_fills_the_cache_and_keeps_no_bundle(fill: Install) -> None:
    files = fill()

    assert sorted(path.name for path in files.kafka.iterdir()) == ["first-1.jar", "second-1.jar"]
    assert (files.registry / "lib" / "main" / "library.jar").is_file()
    assert not list(files.root.glob("*.tar.gz"))
    assert install.is_complete(files)


def test_later_runs_need_no_network(fill: Install) -> None:
    assert fill() == fill(NOWHERE)


def test_a_first_run_without_a_network_says_so(fill: Install) -> None:
    with pytest.raises(Retryable, match="connect once"):
        fill(NOWHERE)


def test_an_install_that_was_cut_short_is_finished(fill: Install) -> None:
    with pytest.raises(Retryable):
        fill(NOWHERE)
    files = fill()
    (files.root / MANIFEST).unlink()
    (files.kafka / "second-1.jar").unlink()
    (files.registry / "app" / "app.jar").write_bytes(b"half")

    assert install.is_complete(fill())
    assert (files.registry / "app" / "app.jar").read_bytes() == b"app/app.jar"


@pytest.mark.parametrize("broken", ["kafka/first-1.jar", "registry/lib/main/library.jar"])
def test_a_broken_file_is_mended(fill: Install, broken: str) -> None:
    files = fill()
    whole = (files.root / broken).read_bytes()
    (files.root / broken).write_bytes(b"broken")
    assert not install.is_complete(files)

    assert (fill().root / broken).read_bytes() == whole
    assert install.is_complete(files)


def test_a_broken_cache_without_a_network_is_said_not_used(fill: Install) -> None:
    files = fill()
    (files.kafka / "first-1.jar").unlink()

    with pytest.raises(Retryable, match="not complete in the cache"):
        fill(NOWHERE)


def test_archives_are_made_anew_when_files_were_mended(fill: Install) -> None:
    """They hold the times of the files they were made from, and would be ignored by Java."""
    files = fill()
    (files.root / "made.aot").write_text("recorded from the old files")
    (files.kafka / "first-1.jar").write_bytes(b"broken")

    fill()

    assert (files.root / "made.aot").read_text() == ""


def test_too_little_disk_is_said_before_anything_is_fetched(
    fill: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))

    with pytest.raises(Misconfigured, match="1 MB are free"):
        fill(NOWHERE)
