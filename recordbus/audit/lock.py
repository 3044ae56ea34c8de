"""The one writer at a time: a lock that several processes share, with an end to the patience.

Invariant: whoever cannot have the lock in time gets an error, never a turn without it. A process
that ends, however it ends, gives the lock back; one that is stopped keeps it, and its number
stands in the file for whoever has to look after it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from recordbus.errors import Retryable

_FIRST_PAUSE: Final = 0.0002
_LONGEST_PAUSE: Final = 0.002


class LockFile:
    """A lock in a file; one object of it is for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @contextmanager
    def held(self, patience_seconds: float) -> Iterator[None]:
        """Hold the lock for a block; raises Retryable, naming who has it, when time is up."""
        descriptor = self._opened()
        self._acquire(descriptor, time.monotonic() + patience_seconds)
        try:
            os.pwrite(descriptor, f"{os.getpid():<20}\n".encode(), 0)
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let the file go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
        return self._descriptor

    def _acquire(self, descriptor: int, deadline: float) -> None:
        pause = _FIRST_PAUSE
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._is_held(descriptor)
            time.sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _is_held(self, descriptor: int) -> Retryable:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
        return Retryable(
            f"another process holds the audit's lock: process {holder}",
            hint="nothing is answered or sent until it goes on or ends",
        )
