"""What stands behind the mark of a log, after a crash or with a mark that was damaged.

A mark is moved only after its entries are durable, so whatever stands whole behind a mark may have
been acknowledged: it is kept, and written once more, because a disk that failed to sync may have
forgotten it. What is not whole never was acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from recordbus.audit.files import Files
from recordbus.audit.frames import END, HEAD_BYTES, Torn, unframed
from recordbus.audit.layout import entries_file, openings_file
from recordbus.audit.mark import Mark
from recordbus.errors import Retryable

_SEQUENCE_BYTES: Final = 8


class Damaged(Retryable):
    """The log is not what was acknowledged; nothing may be answered until it is restored."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            hint="nothing is answered or sent until the audit's directory is restored from its "
            "copy; `recordbus audit verify` says more",
        )


class Salvage:
    """Looks behind a mark, under the lock that the caller holds."""

    def __init__(
        self, files: Files, directory: Path, handle: Callable[[Path], int], mark: Mark,
        remove: Callable[[Path], None],
    ) -> None:  # fmt: skip
        """Check that all that was acknowledged is there; raises Damaged."""
        self._remove = remove
        self._files = files
        self._directory = directory
        self._handle = handle
        self._mark = mark
        self._check(entries_file(mark.segment), mark.end)
        self._check(openings_file(mark.segment), mark.openings_end)

    def is_clean(self) -> bool:
        """Say whether nothing stands behind the mark."""
        mark = self._mark
        handle = self._handle(entries_file(mark.segment))
        head = self._files.read(handle, len(END), mark.end)
        return not any(head) and not self._has_segment(mark)

    def kept(self) -> Mark:
        """Give the mark over all that stands whole, which is durable then."""
        found = self._of_segment(self._mark)
        while self._has_segment(found):
            following = found._replace(segment=found.entries, end=0, openings_end=0)
            whole = self._of_segment(following)
            if whole.entries == following.entries:
                self._remove(entries_file(following.segment))
                break
            found = whole
        return found._replace(generation=self._mark.generation + 1)

    def _has_segment(self, mark: Mark) -> bool:
        name = entries_file(mark.entries)
        return mark.entries != mark.segment and (self._directory / name).exists()

    def _of_segment(self, mark: Mark) -> Mark:
        entries = self._whole(entries_file(mark.segment), mark.end)
        reached = mark.entries + len(entries)
        openings = [data for data in self._whole(openings_file(mark.segment), mark.openings_end)
                    if int.from_bytes(data[:_SEQUENCE_BYTES]) < reached]  # fmt: skip
        return mark._replace(
            entries=reached,
            end=self._rewritten(entries_file(mark.segment), mark.end, entries),
            openings_end=self._rewritten(openings_file(mark.segment), mark.openings_end, openings),
        )

    def _check(self, name: Path, end: int) -> None:
        size = self._files.size(self._handle(name))
        if size < end:
            raise Damaged(f"{name} has {size} bytes where {end} were acknowledged")

    def _whole(self, name: Path, start: int) -> list[bytes]:
        handle = self._handle(name)
        content = self._files.read(handle, self._files.size(handle) - start, start)
        return whole_before_tear(content)

    def _rewritten(self, name: Path, start: int, frames: list[bytes]) -> int:
        handle = self._handle(name)
        end = start + sum(HEAD_BYTES + len(data) for data in frames)
        if end > start:
            self._files.write(handle, self._files.read(handle, end - start, start), start)
        self._files.write(handle, END, end)
        self._files.sync(handle)
        return end


def whole_before_tear(content: bytes) -> list[bytes]:
    """Give the frames before the first that is not whole."""
    found: list[bytes] = []
    try:
        for _, data in unframed(content):
            found.append(data)
    except Torn:
        pass
    return found
