"""The log on disk: segments of entries, their openings beside them, and the mark over both.

Invariant: `commit` returns only when openings and then entries are durable. The mark that is moved
over them afterwards tells the next writer what was acknowledged: less than that is damage, and
nothing more is written. What stands whole behind the mark is kept, because a power loss may take
the newest mark; what is not whole was never acknowledged to anybody, and is written over.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from recordbus.audit.crash import crashpoint
from recordbus.audit.encoding import SALT_BYTES, Salt, encoded
from recordbus.audit.entry import Entry, Receipt
from recordbus.audit.files import Files, OsFiles
from recordbus.audit.frames import END, framed
from recordbus.audit.layout import ENTRIES, MARK, entries_file, openings_file
from recordbus.audit.lock import LockFile
from recordbus.audit.mark import MARK_BYTES, Mark, read_marks
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.openings import Sealer
from recordbus.audit.salvage import Damaged, Salvage

SEGMENT_BYTES: Final = 8 * 1024 * 1024
GROWTH_BYTES: Final = 256 * 1024
"""Files grow by this much at once: a write into room that is there is synced twice as fast."""


def random_salt() -> bytes:
    """Give a salt nobody can foretell."""
    return os.urandom(SALT_BYTES)


class _Batch(NamedTuple):
    entries: bytes
    openings: bytes
    receipts: list[Receipt]


class Store:
    """Appends to a log. One thread of a process uses it at a time; processes share the lock."""

    def __init__(
        self, directory: Path, sealer: Sealer, *, files: Files | None = None,
        salt: Salt = random_salt, segment_bytes: int = SEGMENT_BYTES,
    ) -> None:  # fmt: skip
        self.directory = directory
        self._sealer = sealer
        self._files = files or OsFiles()
        self._salt = salt
        self._segment_bytes = segment_bytes
        self._lock = LockFile(directory / "lock")
        self._handles: dict[Path, int] = {}

    def commit(self, entries: Sequence[Entry], patience_seconds: float) -> list[Receipt]:
        """Append entries next to each other and give their receipts once they are durable.

        Raises Retryable when the lock is not to be had in time or the log is damaged, OSError
        when the disk fails; nobody may be told then that they are written.
        """
        with self._lock.held(patience_seconds):
            crashpoint("audit.locked")
            before = self._standing()
            batch = self._encoded(entries, before.entries)
            try:
                self._write(before, batch)
            except OSError:
                self._take_back(before)
                raise
            return batch.receipts

    def close(self) -> None:
        """Let all files go."""
        for handle in self._handles.values():
            self._files.close(handle)
        self._handles.clear()
        self._lock.close()

    def _encoded(self, entries: Sequence[Entry], first: int) -> _Batch:
        receipts, leaves, openings = [], [], []
        for sequence, entry in enumerate(entries, first):
            leaf = encoded(entry, sequence, self._salt)
            leaves.append(framed(leaf.data))
            if leaf.openings:
                openings.append(framed(self._sealer.sealed(sequence, leaf.openings)))
            receipts.append(Receipt(sequence, entry.entry_id, leaf_hash(leaf.data)))
        return _Batch(b"".join(leaves), b"".join(openings), receipts)

    def _write(self, before: Mark, batch: _Batch) -> None:
        start = before
        is_full = before.end and before.end + len(batch.entries) > self._segment_bytes
        if is_full:
            start = before._replace(segment=before.entries, end=0, openings_end=0)
        if batch.openings:
            self._put(openings_file(start.segment), batch.openings, start.openings_end)
            crashpoint("audit.openings_durable")
        self._put(entries_file(start.segment), batch.entries, start.end)
        crashpoint("audit.entries_durable")
        self._move_mark(Mark(
            before.generation + 1, before.entries + len(batch.receipts), start.segment,
            start.end + len(batch.entries), start.openings_end + len(batch.openings),
        ), is_synced=bool(is_full))  # fmt: skip
        crashpoint("audit.marked")

    def _put(self, name: Path, data: bytes, offset: int) -> None:
        """Write data into a file that has room for it, with an end behind it, and wait for it."""
        handle = self._handle(name)
        if offset == 0:
            self._files.truncate(handle, 0)
        size, needed = self._files.size(handle), offset + len(data) + len(END)
        if size < needed:
            grown = -(-needed // GROWTH_BYTES) * GROWTH_BYTES
            self._files.write(handle, bytes(grown - size), size)
        self._files.write(handle, data + END, offset)
        self._files.sync(handle)
        if offset == 0:
            self._files.sync_directory((self.directory / name).parent)

    def _move_mark(self, mark: Mark, *, is_synced: bool) -> None:
        handle = self._handle(MARK)
        self._files.write(handle, mark.encoded(), mark.place)
        if is_synced:
            self._files.sync(handle)
            self._forget_segments_before(mark.segment)

    def _take_back(self, before: Mark) -> None:
        """Let what a failing disk took a part of not be found; a disk that fails may refuse."""
        with suppress(OSError):
            self._files.write(self._handle(entries_file(before.segment)), END, before.end)

    def _standing(self) -> Mark:
        """Give how far the log goes, after looking behind the mark."""
        content = self._files.read(self._handle(MARK), MARK_BYTES, 0)
        if not content.strip(b"\x00"):
            return self._begun()
        mark = read_marks(content)
        if mark is None:
            raise Damaged("the audit's mark cannot be read")
        behind = Salvage(self._files, self.directory, self._handle, mark, self._remove)
        if behind.is_clean():
            return mark
        kept = behind.kept()
        self._move_mark(kept, is_synced=True)
        return kept

    def _begun(self) -> Mark:
        """Make the mark of a new log; a log that lost its mark is none."""
        if any(self.directory.joinpath(ENTRIES).glob("*")):
            raise Damaged("the audit has entries but no mark")
        first, handle = Mark(), self._handle(MARK)
        self._files.write(handle, first.encoded().ljust(MARK_BYTES, b"\x00"), 0)
        self._files.sync(handle)
        self._files.sync_directory(self.directory)
        return first

    def _handle(self, name: Path) -> int:
        if name not in self._handles:
            self._handles[name] = self._files.open(self.directory / name)
        return self._handles[name]

    def _remove(self, name: Path) -> None:
        """Remove the file of a segment that was begun and has no entry."""
        self._files.close(self._handles.pop(name))
        self._files.remove(self.directory / name)

    def _forget_segments_before(self, segment: int) -> None:
        kept = {MARK, entries_file(segment), openings_file(segment)}
        for name in [each for each in self._handles if each not in kept]:
            self._files.close(self._handles.pop(name))
