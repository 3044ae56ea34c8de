"""Lines of an audit file: only ever appended, and durable before the caller goes on (R-38, R-39).

What is audited and where a line goes besides is the caller's; whoever cannot write one must not do
what it was to tell of.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def append(path: Path, line: bytes) -> None:
    """Append a line with its end, whole or not at all; raises OSError when it is not durable."""
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        end = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError("only a part of the line was written")
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, end)
            raise
    finally:
        os.close(descriptor)
    if is_new:
        _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
