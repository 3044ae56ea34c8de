"""State in RocksDB: for values larger than memory, and for a start that reads back little.

Values and the changelog offset go into one write batch. The write-ahead log is not synced: after
a power loss RocksDB comes back as of an earlier batch, which the changelog brings up to date.

RocksDB keeps what was overwritten or removed until it happens to compact. An expunged record has to
leave the disk, so a thread beside the worker rewrites the files of partitions that changed.
"""

from __future__ import annotations

import shutil
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rocksdict import Options, Rdict, WriteBatch

from recordbus.errors import Misconfigured
from recordbus.logs import logger
from streams.runtime.store import Changes

_RESUME_KEY: Final = b"\x00resume"
_OFFSET: Final = struct.Struct(">q")
_MEMTABLE_BYTES: Final = 16 << 20
_LOG_FILES_KEPT: Final = 2

_log = logger(__name__)


class RocksPartition:
    """The values of one partition in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._db = _open(directory)
        self.get = self._db.get
        self._in_use = threading.Lock()  # no files are closed while they are rewritten
        self._is_open = True
        self._has_changed = False

    def apply(self, changes: Changes, resume_offset: int) -> None:
        """Set these values (None removes) and the changelog offset to restore from."""
        batch = WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_RESUME_KEY, _OFFSET.pack(resume_offset))
        self._db.write(batch)
        self._has_changed = True

    def erase(self) -> None:
        """Rewrite the files so that only present values are in them; any thread may call.

        It takes about 4 seconds a gigabyte, and holds up nobody but `wipe` and `close`.
        """
        with self._in_use:
            if self._is_open and self._has_changed:
                self._has_changed = False
                self._db.flush(wait=True)
                self._db.compact_range(None, None)

    def resume_offset(self) -> int | None:
        """Give the changelog offset to restore from; None when nothing was ever applied."""
        packed = self._db.get(_RESUME_KEY)
        return None if packed is None else int(_OFFSET.unpack(packed)[0])

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Walk all values, in no order."""
        for key, value in self._db.items():
            if isinstance(key, bytes) and key != _RESUME_KEY:
                yield key, value

    def wipe(self) -> None:
        """Forget everything, as if new; the files go too."""
        self.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        self._db = _open(self._directory)
        self.get = self._db.get
        self._is_open = True

    def close(self) -> None:
        """Flush and release the directory."""
        with self._in_use:
            self._is_open = False
            self._db.close()


class RocksStore:
    """The partitions that this worker holds, one directory each below `directory`.

    With `erase_seconds`, what was overwritten or removed leaves the disk that often.
    """

    def __init__(self, directory: Path, erase_seconds: float | None = None) -> None:
        self._directory = directory
        self._partitions: dict[int, RocksPartition] = {}
        self._closing = threading.Event()
        if erase_seconds is not None:
            threading.Thread(
                target=self._erase, args=(erase_seconds,), name="erase", daemon=True
            ).start()

    def partition(self, partition: int) -> RocksPartition:
        """Open a partition, new or as it was left."""
        if partition not in self._partitions:
            self._partitions[partition] = RocksPartition(self._directory / str(partition))
        return self._partitions[partition]

    def keep_only(self, partitions: frozenset[int]) -> None:
        """Close the partitions that are not among these; their files stay, and are caught up."""
        for partition in self._partitions.keys() - partitions:
            self._partitions.pop(partition).close()

    def close(self) -> None:
        """Release all directories."""
        self._closing.set()
        self.keep_only(frozenset())

    def _erase(self, every_seconds: float) -> None:
        while not self._closing.wait(every_seconds):
            for partition in list(self._partitions.values()):
                try:
                    partition.erase()
                except Exception as error:  # noqa: BLE001 - the next round tries again
                    _log.warning("state files could not be rewritten", exc_info=error)


def _open(directory: Path) -> Rdict:
    directory.mkdir(parents=True, exist_ok=True)
    try:
        return Rdict(str(directory), options=_options())
    except Exception as error:
        if "lock" in str(error).lower():
            raise Misconfigured(
                f"the state directory {directory} is in use by another worker",
                hint="give each worker its own RECORDBUS_STAGE__STATE_DIRECTORY",
            ) from error
        _log.warning("state unreadable, restoring it", path=str(directory), exc_info=error)
    shutil.rmtree(directory)  # everything in it is in the changelog, too
    directory.mkdir(parents=True)
    return Rdict(str(directory), options=_options())


def _options() -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(_MEMTABLE_BYTES)
    options.set_max_write_buffer_number(2)
    options.set_keep_log_file_num(_LOG_FILES_KEPT)
    return options
