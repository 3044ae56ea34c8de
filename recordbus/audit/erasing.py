"""Erases what was asked about somebody from the audit, and leaves every proof as it was (R-27)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from recordbus.audit.files import OsFiles
from recordbus.audit.lock import LockFile
from recordbus.audit.openings import erase, sealed_openings
from recordbus.audit.reader import decoded, leaves, read_mark


def sequences_about(directory: Path, record_key: str) -> set[int]:
    """Give the sequences of the entries whose answers showed a record, in any version."""
    said = record_key.encode()
    found: set[int] = set()
    for sequence, leaf in enumerate(leaves(directory, read_mark(directory))):
        if said in leaf:
            keys = (key.partition("@")[0] for key in decoded(leaf).get("records", ()))
            if any(key == record_key or key.startswith(f"{record_key}.") for key in keys):
                found.add(sequence)
    return found


def erase_openings(
    directory: Path, sequences: Collection[int], patience_seconds: float = 10.0
) -> int:
    """Erase the openings of entries for good; give how many there were, 0 the second time.

    Raises Retryable when the lock is not to be had in time.
    """
    lock, erased = LockFile(directory / "lock"), 0
    try:
        with lock.held(patience_seconds):
            for path, sealed in list(sealed_openings(directory, read_mark(directory))):
                if sealed.sequence in sequences and not sealed.is_erased:
                    erase(OsFiles(), path, sealed)
                    erased += 1
    finally:
        lock.close()
    return erased
