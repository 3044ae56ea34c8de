"""A folder that files are dropped into: what every one can do, and the one on this machine."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol

PART: Final = ".part"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class FolderTrouble(Exception):
    """A folder cannot be used now; `code` says why, for people and metrics."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Files(Protocol):
    """A folder that is within reach. All of these raise FolderTrouble."""

    def names(self) -> Iterable[str]:
        """Give the names of what is in it, in no order."""

    def read(self, name: str) -> bytes | None:
        """Give a whole file; None when there is none."""

    def place(self, name: str, content: bytes) -> None:
        """Make a file appear whole and durable under its name, in the place of an older one."""


class Folder(Protocol):
    """A folder that may be out of reach; `place` is the same for the same folder."""

    place: str

    def reach(self) -> AbstractContextManager[Files]:
        """Reach it for the length of a block; raises FolderTrouble, also what the block raises."""


class LocalFolder:
    """A folder on this machine, or mounted; it is made when it is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = str(path.absolute())

    @contextmanager
    def reach(self) -> Iterator[Files]:
        """Reach it, making it first where that is needed."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            yield LocalFiles(self._path)
        except OSError as error:
            raise FolderTrouble(
                "disk_full" if error.errno in _FULL else "folder_unusable"
            ) from error


class LocalFiles:
    """The files of a folder on this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> Iterable[str]:
        """Give the names of what is in it."""
        return [path.name for path in self._path.iterdir()]

    def read(self, name: str) -> bytes | None:
        """Give a whole file."""
        path = self._path / name
        return path.read_bytes() if path.exists() else None

    def place(self, name: str, content: bytes) -> None:
        """Write beside it, sync, rename, and sync the folder."""
        part = self._path / f".{name}{PART}"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._path / name)
        directory = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
