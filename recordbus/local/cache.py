"""Where the servers' files are kept, and whether they are still what was put there.

A manifest lists every file with size, digest and modification time. It is written last, so
a cache without one is unfinished. Reading it costs one `stat` a file; only a file whose size
or time changed is hashed again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from recordbus.errors import Misconfigured

CACHE_VARIABLE: Final = "RECORDBUS_CACHE"
MANIFEST: Final = "manifest.json"


class Entry(NamedTuple):
    """What the manifest says about one file."""

    size_bytes: int
    modified_ns: int
    sha256: str


def user_cache() -> Path:
    """Give the cache directory: RECORDBUS_CACHE, else the user's cache directory."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "recordbus"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "recordbus"


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """One version of the servers in the cache; its name follows from the list of files."""

    root: Path

    @property
    def kafka(self) -> Path:
        """Give the directory of Kafka's jars."""
        return self.root / "kafka"

    @property
    def registry(self) -> Path:
        """Give the unpacked registry."""
        return self.root / "registry"

    def manifest(self) -> dict[str, Entry] | None:
        """Read the manifest; None when there is none that can be read."""
        try:
            rows = json.loads((self.root / MANIFEST).read_text(encoding="utf-8"))
            return {name: Entry(*row) for name, row in rows.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return None

    def write_manifest(self, names: list[str]) -> None:
        """Record these files as they are now; replaces the manifest in one step."""
        rows = {name: entry_of(self.root / name) for name in sorted(names)}
        partial = self.root / f"{MANIFEST}.new"
        partial.write_text(json.dumps(rows), encoding="utf-8")
        partial.replace(self.root / MANIFEST)

    def damaged(self, manifest: dict[str, Entry]) -> list[str]:
        """List the files that are missing or no longer what the manifest says."""
        return [name for name, entry in manifest.items() if not _same(self.root / name, entry)]


def entry_of(path: Path) -> Entry:
    """Describe a file as it is now."""
    status = path.stat()
    return Entry(status.st_size, status.st_mtime_ns, sha256_of(path))


def sha256_of(path: Path) -> str:
    """Hash a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _same(path: Path, entry: Entry) -> bool:
    try:
        status = path.stat()
        if status.st_size != entry.size_bytes:
            return False
        return status.st_mtime_ns == entry.modified_ns or sha256_of(path) == entry.sha256
    except OSError:
        return False


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the cache alone; a second first run waits here for the first one."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = (directory / "lock").open("a")
    except OSError as error:
        raise Misconfigured(
            f"the cache directory {directory} cannot be written: {error.strerror}",
            hint=f"set {CACHE_VARIABLE} to a directory of your own",
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
