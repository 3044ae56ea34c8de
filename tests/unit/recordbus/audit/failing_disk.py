"""A disk in memory that forgets what was not synced, fills up, and fails at will.

What is written stands in the file at once, as in the page cache. At a power loss a file is what it
was at its last sync, with any part of the later writes, in the order they came, the last one torn.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from recordbus.audit.files import OsFiles


class PowerLoss(BaseException):
    """The machine is off; nobody may catch this and go on."""


class FailingDisk(OsFiles):
    """Real files, whose unsynced writes are remembered so that they can be lost."""

    def __init__(self) -> None:
        self.before: Callable[[str, Path], None] = lambda _what, _path: None
        self._paths: dict[int, Path] = {}
        self._synced: dict[Path, bytes] = {}
        self._pending: dict[Path, list[tuple[int, bytes] | int]] = {}

    def open(self, path: Path) -> int:
        self.before("open", path)
        handle = super().open(path)
        self._paths[handle] = path
        self._synced.setdefault(path, path.read_bytes())
        self._pending.setdefault(path, [])
        return handle

    def write(self, handle: int, data: bytes, offset: int) -> None:
        path = self._paths[handle]
        self.before("write", path)
        self._pending.setdefault(path, []).append((offset, data))
        super().write(handle, data, offset)

    def truncate(self, handle: int, size: int) -> None:
        path = self._paths[handle]
        self.before("truncate", path)
        self._pending.setdefault(path, []).append(size)
        super().truncate(handle, size)

    def sync(self, handle: int) -> None:
        path = self._paths[handle]
        self.before("sync", path)
        self._synced[path] = path.read_bytes()
        self._pending.pop(path, None)

    def remove(self, path: Path) -> None:
        self.before("remove", path)
        super().remove(path)
        self._synced.pop(path)
        self._pending.pop(path, None)

    def lose_power(self, chance: random.Random) -> None:
        """Leave on disk what was synced and an arbitrary part of what was not."""
        for path, pending in self._pending.items():
            content = bytearray(self._synced[path])
            kept = pending[: chance.randint(0, len(pending))]
            for place, change in enumerate(kept):
                if isinstance(change, int):
                    del content[change:]
                    continue
                offset, data = change
                if place == len(kept) - 1 and len(data) != 512:  # a sector is written or not
                    data = data[: chance.randint(0, len(data))]
                content.extend(bytes(max(0, offset + len(data) - len(content))))
                content[offset : offset + len(data)] = data
            path.write_bytes(bytes(content))
        self._pending.clear()
