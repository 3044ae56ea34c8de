"""The part of a log that is under a signed checkpoint, for those who pass on what it says.

Invariant: an entry is given only after the entries up to a checkpoint were hashed on top of all
that was given before, and came to the root that the log's key signed. So whoever reads through
here is a witness too: a log that was rewritten before its reader's place never goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from recordbus.audit.checkpoint import last_checkpoint
from recordbus.audit.findings import Altered
from recordbus.audit.merkle import BLOCK, Frontier, leaf_hash
from recordbus.audit.notes import Checkpoint, VerifierKey, is_signed_by
from recordbus.audit.reader import leaves, read_mark

_AT_ONCE: Final = 16 * BLOCK


class SignedLog:
    """Reads one log behind the public key of its checkpoints."""

    def __init__(self, directory: Path, log_key: VerifierKey) -> None:
        self._directory = directory
        self._log_key = log_key

    @property
    def name(self) -> str:
        """Give the name of the log in its checkpoints."""
        return self._log_key.name

    def appended(self) -> int:
        """Give how many entries there are, signed or not."""
        return read_mark(self._directory).entries

    def covered(self, known: Frontier) -> int:
        """Give how far the log is signed and goes on from what is known; 0 before a checkpoint.

        Raises Altered when the newest checkpoint is not by the log's key, or the log does not
        begin with what is known or does not come to the checkpoint's root.
        """
        checkpoint = self._checkpoint()
        if checkpoint is None:
            if known.size:
                raise Altered("the audit has no checkpoint where its entries were passed on")
            return 0
        if checkpoint.size < known.size:
            raise Altered(f"the audit was rolled back: {checkpoint.size} entries are signed, "
                          f"and {known.size} were passed on")  # fmt: skip
        if self._grown(known, checkpoint.size).root() != checkpoint.root:
            raise Altered(f"the first {checkpoint.size} entries of the audit are not what was "
                          "signed, or not what was passed on")  # fmt: skip
        return checkpoint.size

    def between(self, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes of the entries from `start` on and before `end`; raises Damaged."""
        return islice(leaves(self._directory, read_mark(self._directory), start), end - start)

    def _checkpoint(self) -> Checkpoint | None:
        note = last_checkpoint(self._directory)
        if note is None:
            return None
        if note.checkpoint.origin != self.name or not is_signed_by(note, self._log_key):
            raise Altered("the newest checkpoint of the audit is not signed by the log's key")
        return note.checkpoint

    def _grown(self, known: Frontier, size: int) -> Frontier:
        grown = Frontier.over(known.full)
        entries = self.between(known.size, size)
        while batch := [leaf_hash(leaf) for leaf in islice(entries, _AT_ONCE)]:
            grown.push_all(batch)
        return grown
