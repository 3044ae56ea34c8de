"""The few things the log asks of a disk, so that tests can put a failing one in its place.

Invariant: a write either writes everything or raises; what `sync` returned for survives a power
loss as far as the disk keeps its word.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


class Files(Protocol):
    """A disk. Every method raises OSError when the disk cannot."""

    def open(self, path: Path) -> int:
        """Open a file for reading and writing, made empty where there is none; give its handle."""

    def close(self, handle: int) -> None:
        """Let a handle go."""

    def size(self, handle: int) -> int:
        """Give how many bytes a file has."""

    def read(self, handle: int, length: int, offset: int) -> bytes:
        """Give up to `length` bytes from an offset."""

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all of some bytes at an offset."""

    def sync(self, handle: int) -> None:
        """Wait until the file is on the disk."""

    def truncate(self, handle: int, size: int) -> None:
        """Cut a file off after some bytes."""

    def remove(self, path: Path) -> None:
        """Remove a file for good."""

    def sync_directory(self, directory: Path) -> None:
        """Wait until the names in a directory are on the disk."""


class OsFiles:
    """The operating system's files; only their owner may read them."""

    def open(self, path: Path) -> int:
        """Open a file, and its directory, made where there are none."""
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)

    def close(self, handle: int) -> None:
        """Let a handle go."""
        os.close(handle)

    def size(self, handle: int) -> int:
        """Give how many bytes a file has."""
        return os.fstat(handle).st_size

    def read(self, handle: int, length: int, offset: int) -> bytes:
        """Give up to `length` bytes from an offset."""
        return os.pread(handle, length, offset)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all of some bytes at an offset; a disk that takes only a part is asked again."""
        left = memoryview(data)
        while left:
            written = os.pwrite(handle, left, offset)
            left, offset = left[written:], offset + written

    def sync(self, handle: int) -> None:
        """Wait until the file's content and size are on the disk."""
        os.fdatasync(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut a file off after some bytes."""
        os.ftruncate(handle, size)

    def remove(self, path: Path) -> None:
        """Remove a file, and wait until its name is gone from the disk."""
        path.unlink()
        self.sync_directory(path.parent)

    def sync_directory(self, directory: Path) -> None:
        """Wait until the names in a directory are on the disk."""
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def opened(files: Files, path: Path) -> Iterator[int]:
    """Open a file for as long as the block lasts."""
    handle = files.open(path)
    try:
        yield handle
    finally:
        files.close(handle)


def replace_file(path: Path, content: bytes, *, is_durable: bool = True) -> None:
    """Put new content in place of a file, whole or not at all; durable unless it can be derived."""
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        if is_durable:
            os.fsync(handle)
    made.rename(path)
    if is_durable:
        OsFiles().sync_directory(path.parent)
