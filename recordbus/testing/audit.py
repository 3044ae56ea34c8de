"""An audit in memory, for tests of those who write entries; it fails at will."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recordbus.audit.encoding import SALT_BYTES, encoded
from recordbus.audit.entry import Entry, Receipt
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.reader import decoded, leaves, read_mark


def entries_in(directory: Path) -> list[dict[str, Any]]:
    """Give the entries of a log, as they stand in it."""
    mark = read_mark(directory)
    return [decoded(leaf) for leaf in leaves(directory, mark)]


class MemoryAudit:
    """Keeps entries in order; raises `failure` instead, once it is set."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.failure: Exception | None = None

    def append(self, entry: Entry) -> Receipt:
        """Keep an entry, or fail."""
        return self.append_all([entry])[0]

    def append_all(self, entries: Sequence[Entry]) -> list[Receipt]:
        """Keep several entries, or none of them."""
        if self.failure is not None:
            raise self.failure
        return [self._kept(entry) for entry in entries]

    async def append_async(self, entry: Entry) -> Receipt:
        """Keep an entry, or fail."""
        return self.append(entry)

    def _kept(self, entry: Entry) -> Receipt:
        sequence = len(self.entries)
        data = encoded(entry, sequence, lambda: bytes(SALT_BYTES)).data
        self.entries.append(entry)
        return Receipt(sequence, entry.entry_id, leaf_hash(data))
