"""A log in a file between two processes: one writes it, the other may read along.

Messages are numbered after the record that caused them, so that logs of several writers can be
read as one, in the order in which everything came about.
"""

from __future__ import annotations

import marshal
import struct
import time
from collections.abc import Iterator, Sequence
from heapq import merge
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import IO, Final

Said = tuple[int, str, bytes, bytes | None]
"""The number of the record that caused it, topic, key and value."""

_LENGTH: Final = struct.Struct(">Q")
_AT_ONCE: Final = 500
_LOOK_SECONDS: Final = 0.02


class Spool:
    """Writes messages, and at the end of the `with` block that there are no more."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._block: list[Said] = []

    def __enter__(self) -> Spool:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say that this was all, unless something failed."""
        self._flush()
        if kind is None:
            self._file.write(_LENGTH.pack(0))
        self._file.close()

    def add(self, said: Said) -> None:
        """Write one message, soon."""
        self._block.append(said)
        if len(self._block) == _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._block:
            data = marshal.dumps(self._block)
            self._file.write(_LENGTH.pack(len(data)) + data)
            self._file.flush()
            self._block = []


def follow(paths: Sequence[Path]) -> Iterator[Said]:
    """Read logs as one to their ends, waiting for their writers."""
    return merge(*map(_follow, paths), key=itemgetter(0))


def _follow(path: Path) -> Iterator[Said]:
    while not path.exists():
        time.sleep(_LOOK_SECONDS)
    with path.open("rb") as file:
        while length := _LENGTH.unpack(_read(file, _LENGTH.size))[0]:
            yield from marshal.loads(_read(file, length))


def _read(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    while len(data) < size:
        time.sleep(_LOOK_SECONDS)
        data += file.read(size - len(data))
    return data
